package supervisor_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
	"github.com/tasksupervisor/tasksupervisor/core/scenario"
)

// dump returns what the flight recorder of a supervisor keeps, played.
func dump(t *testing.T, sup *supervisor.Supervisor) []*scenario.Scenario {
	t.Helper()
	var text bytes.Buffer
	require.NoError(t, sup.DumpRecording(&text))
	parts, _ := playAll(t, text.String())
	return parts
}

// requireDigest checks that a part ends by asking for the digest of a supervisor's machine: it has been played, so the machine
// that it describes is the one that ran.
func requireDigest(t *testing.T, part *scenario.Scenario) {
	t.Helper()
	require.NotEmpty(t, part.Statements)
	last, ok := part.Statements[len(part.Statements)-1].(*scenario.Expect)
	require.True(t, ok, "%s", part)
	require.Equal(t, scenario.QueryDigest, last.Query)
	require.NotEmpty(t, last.Answer)
}

func TestAFlightRecorderKeepsWhatHappened(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		sup := newSupervisor(t, supervisor.WithName("shop"), supervisor.WithFlightRecorder(supervisor.FlightRecorder{}),
			supervisor.WithBackoff(supervisor.Backoff{Jitter: 0.5}))
		add(t, sup, "before", new(fails))
		start(t, sup)
		add(t, sup, "healthy", supervisor.TaskFunc(untilStopped), supervisor.WithStopTimeout(time.Minute))
		add(t, sup, "done", &completes{after: time.Second})
		wait(time.Minute)
		require.NoError(t, sup.Restart("healthy"))
		require.NoError(t, sup.SetPolicy("healthy", supervisor.WithMaxAttempts(7)))
		require.NoError(t, sup.SetLimits(supervisor.WithRestartRate(3, time.Second)))
		require.NoError(t, sup.Remove("done"))
		require.Error(t, sup.Kill("done"))
		wait(time.Minute)

		parts := dump(t, sup)
		require.Len(t, parts, 1)
		require.Equal(t, "shop", parts[0].Head.Of)
		require.EqualValues(t, 1, parts[0].Head.Run)
		require.False(t, parts[0].Head.Origin.IsZero())
		require.Empty(t, parts[0].Snapshot, "nothing was too old")
		requireDigest(t, parts[0])
		text := parts[0].String()
		for _, word := range []string{" add before ", " add healthy", " restart healthy", "reject unknown-task", "define p2 jitter=1/2 attempts=7", "limits l1 "} {
			require.Contains(t, text, word)
		}
		stop(t, sup)
		require.Contains(t, dump(t, sup)[0].String(), "halt shutdown")
	})
}

// What is too old is dropped, and a snapshot is in its place, with the names of the tasks.
func TestAFlightRecorderForgets(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		sup := newSupervisor(t, supervisor.WithFlightRecorder(supervisor.FlightRecorder{MinAge: time.Minute}))
		start(t, sup)
		add(t, sup, "forgotten", supervisor.TaskFunc(untilStopped))
		require.NoError(t, sup.Remove("forgotten"))
		add(t, sup, "odd name", supervisor.TaskFunc(func(context.Context) error {
			time.Sleep(10 * time.Second)
			return errors.New("again")
		}), supervisor.WithMaxAttempts(supervisor.Unlimited), supervisor.WithBackoff(supervisor.Backoff{Base: time.Second, Max: time.Second}))
		wait(time.Hour)

		parts := dump(t, sup)
		require.Len(t, parts, 1)
		require.NotEmpty(t, parts[0].Snapshot)
		requireDigest(t, parts[0])
		text := parts[0].String()
		require.Contains(t, text, `task "odd name" @`)
		require.NotContains(t, text, "forgotten")
		require.Contains(t, text, "at 59m")
		require.Contains(t, text, "at 58m5", "a minute at least")
		require.NotContains(t, text, "at 57m", "and not much more")
	})
}

func TestTheFlightRecorderOfATree(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		root := newSupervisor(t, supervisor.WithName("root"), supervisor.WithFlightRecorder(supervisor.FlightRecorder{}))
		made := 0
		add(t, root, "mail", supervisor.Factory(func() supervisor.Task {
			made++
			sup := newSupervisor(t, supervisor.WithIntensity(1, time.Minute), supervisor.WithBaseDelay(time.Second))
			add(t, sup, "queue", new(fails))
			return sup
		}))
		apart := newSupervisor(t, supervisor.WithFlightRecorder(supervisor.FlightRecorder{}))
		add(t, apart, "secret", new(fails))
		add(t, root, "apart", apart)
		start(t, root)
		wait(time.Minute)

		parts := dump(t, root)
		require.Greater(t, made, 2)
		require.Len(t, parts, 1+made, "each life of each supervisor, those that are over too")
		runs := 0
		for _, part := range parts {
			requireDigest(t, part)
			require.NotContains(t, part.String(), "secret")
			if part.Head.Of == "root/mail" {
				runs++
				require.EqualValues(t, runs, part.Head.Run)
				require.Contains(t, part.String(), "add queue")
			}
		}
		require.Equal(t, made, runs)
		for _, part := range dump(t, apart) {
			require.Equal(t, "root/apart", part.Head.Of)
			require.Contains(t, part.String(), "secret")
		}
		stop(t, root)
	})
}

// Lives of supervisors that ended long ago are forgotten.
func TestAFlightRecorderForgetsWhatHasEnded(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		root := newSupervisor(t, supervisor.WithName("root"), supervisor.WithFlightRecorder(supervisor.FlightRecorder{MinAge: time.Minute}))
		add(t, root, "mail", supervisor.Factory(func() supervisor.Task {
			sup := newSupervisor(t, supervisor.WithIntensity(1, time.Minute), supervisor.WithBaseDelay(time.Second))
			add(t, sup, "queue", new(fails))
			return sup
		}), supervisor.WithMaxAttempts(supervisor.Unlimited), supervisor.WithBackoff(supervisor.Backoff{Base: time.Second, Factor: 1}))
		start(t, root)
		wait(time.Hour)
		require.Greater(t, root.Report().Runs.Started, uint64(2000))
		require.Less(t, len(dump(t, root)), 100)
	})
}

// What the flight recorder of a tree keeps is what its recorder writes, and what follows from something stands behind that, also
// where both were at one instant.
func TestTheFlightRecorderOfATreeIsInOrder(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		var text, flight bytes.Buffer
		root := newSupervisor(t, supervisor.WithName("root"), supervisor.WithRecorder(&text),
			supervisor.WithFlightRecorder(supervisor.FlightRecorder{}))
		below := newSupervisor(t, supervisor.WithIntensity(2, time.Minute))
		add(t, below, "one", new(fails))
		add(t, below, "two", new(fails), supervisor.WithNeeds("one"))
		add(t, root, "below", below)
		add(t, root, "other", new(fails))
		start(t, root)
		wait(time.Minute)
		stop(t, root)
		require.NoError(t, root.DumpRecording(&flight))

		recorded, _ := playAll(t, text.String())
		kept, _ := playAll(t, flight.String())
		require.Equal(t, len(recorded), len(kept))
		require.Greater(t, len(kept), 3)
		for i, part := range kept {
			requireDigest(t, part)
			part.Statements = part.Statements[:len(part.Statements)-1]
			require.Equal(t, recorded[i].String(), part.String())
		}
		place := func(format string, args ...any) int {
			line := fmt.Sprintf(format, args...)
			at := strings.Index(flight.String(), line)
			require.GreaterOrEqual(t, at, 0, line)
			return at
		}
		for run := 1; run < len(kept)-1; run++ {
			started, begun := place("start below#%d ", run), place("of=root/below run=%d ", run)
			halt := regexp.MustCompile(`halt (one|two)#\d+ intensity`).FindStringIndex(flight.String()[begun:])
			require.NotNil(t, halt)
			halts, ended := begun+halt[0], place("exit below#%d ", run)
			require.IsIncreasing(t, []int{started, begun, halts, ended})
		}
	})
}

func TestADumpNeedsAFlightRecorder(t *testing.T) {
	require.ErrorIs(t, newSupervisor(t).DumpRecording(io.Discard), supervisor.ErrNotRecording)
	require.ErrorIs(t, new(supervisor.Supervisor).DumpRecording(io.Discard), supervisor.ErrNotMade)
	broken := errors.New("the disk is full")
	sup := newSupervisor(t, supervisor.WithFlightRecorder(supervisor.FlightRecorder{}))
	add(t, sup, "task", new(fails))
	require.ErrorIs(t, sup.DumpRecording(&badWriter{calls: 1, fail: func([]byte) (int, error) { return 0, broken }}), broken)
}
