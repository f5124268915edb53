//go:build linux

package leash

import (
	"context"
	"crypto/rand"
	"os"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/adapters/process/internal/leaks"
)

// A stop reaches all that a run has started, by whatever way it was left: but without a control group, not what has left its
// environment, its session and its parent.
func TestStopLeavesNothing(t *testing.T) {
	forEachLeak(t, func(t *testing.T, l *Leash, kind leaks.Kind, cgroup bool) {
		g, mark := leak(t, l, kind)
		require.NoError(t, g.Signal(syscall.SIGTERM))
		switch kind {
		case leaks.Relay: // what it was sent to may have passed on already
			patience, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
			defer cancel()
			if g.Empty(patience) != nil {
				require.NoError(t, g.Kill())
			}
		case leaks.Deaf, leaks.Storm:
			if kind == leaks.Deaf { // its parent is not
				<-g.Ended()
			}
			over, cancel := context.WithCancel(t.Context())
			cancel()
			require.ErrorIs(t, g.Empty(over), context.Canceled)
			require.NotEmpty(t, leaks.Survivors(mark))
			require.NoError(t, g.Kill())
		default: // all of it ends by SIGTERM
		}
		g.reap(t)
		requireSurvivors(t, mark, kind == leaks.Daemon && !cgroup)
	})
}

func TestKillLeavesNothing(t *testing.T) {
	forEachLeak(t, func(t *testing.T, l *Leash, kind leaks.Kind, cgroup bool) {
		g, mark := leak(t, l, kind)
		require.NoError(t, g.Kill())
		require.Equal(t, syscall.SIGKILL, g.reap(t).Signal)
		requireSurvivors(t, mark, kind == leaks.Daemon && !cgroup)
	})
}

// When the leader is killed by something else, what it leaves is found by its token or session. What has neither is no longer
// below it either.
func TestEndOfLeaderLeavesNothing(t *testing.T) {
	forEachLeak(t, func(t *testing.T, l *Leash, kind leaks.Kind, cgroup bool) {
		g, mark := leak(t, l, kind)
		require.NoError(t, syscall.Kill(g.PID(), syscall.SIGKILL))
		<-g.Ended()
		lost := !cgroup && (kind == leaks.Daemon || kind == leaks.Cleared)
		left, err := g.Alive()
		require.NoError(t, err)
		require.Equal(t, kind != leaks.Storm && !lost, left > 0)
		require.NoError(t, g.Kill())
		g.reap(t)
		requireSurvivors(t, mark, lost)
	})
}

// forEachLeak runs a test for all ways to leak, with and without control groups.
func forEachLeak(t *testing.T, test func(t *testing.T, l *Leash, kind leaks.Kind, cgroup bool)) {
	for name, cgroup := range map[string]bool{"group": false, "cgroup": true} {
		t.Run(name, func(t *testing.T) {
			l := leashOf(t, Config{Name: "test", Cgroup: cgroup})
			if _, why := l.Cgroup(); cgroup && why != nil {
				t.Skip(why)
			}
			for _, kind := range leaks.Kinds() {
				t.Run(string(kind), func(t *testing.T) { test(t, l, kind, cgroup) })
			}
		})
	}
}

// leak starts a program that leaks, and waits until it has.
func leak(t *testing.T, l *Leash, kind leaks.Kind) (g *started, mark string) {
	mark = newMark()
	g = startWith(t, l, append([]string{"test"}, leaks.Args(kind, mark)...), os.Environ())
	g.expect(t, "leaked")
	return g, mark
}

func newMark() string { return "mark-" + strings.ToLower(rand.Text()) }

// requireSurvivors requires that something of a mark is alive, and ends it; or that nothing is.
func requireSurvivors(t *testing.T, mark string, some bool) {
	t.Helper()
	alive := leaks.Survivors(mark)
	if !some {
		require.Empty(t, alive)
		return
	}
	require.NotEmpty(t, alive)
	for _, survivor := range slices.Clone(alive) {
		pid, _, _ := strings.Cut(survivor, " ")
		require.NoError(t, syscall.Kill(atoi(pid), syscall.SIGKILL))
	}
}
