//go:build linux

package leash

import (
	"crypto/rand"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/adapters/process/internal/leaks"
	"github.com/tasksupervisor/tasksupervisor/adapters/process/internal/procfs"
)

// What a former life has left is ended by the next, and by no other program. Without a control group that is what has its token, or is
// in a session with such.
func TestSweep(t *testing.T) {
	forEachLeak(t, func(t *testing.T, _ *Leash, kind leaks.Kind, cgroup bool) {
		mark, pid := formerLife(t, kind, cgroup)
		strangers, err := leashOf(t, Config{Name: "stranger", Cgroup: cgroup}).Sweep(t.Context(), time.Minute)
		require.NoError(t, err)
		require.Empty(t, strangers)
		require.NotEmpty(t, leaks.Survivors(mark))

		grace := time.Minute
		if kind == leaks.Deaf || kind == leaks.Storm || kind == leaks.Relay {
			grace = 50 * time.Millisecond
		}
		former := leashOf(t, Config{Name: formerName, Cgroup: cgroup})
		left, err := former.Sweep(t.Context(), grace)
		require.NoError(t, err)
		at := slices.IndexFunc(left, func(l Leftover) bool { return l.PID == pid })
		require.GreaterOrEqual(t, at, 0)
		require.Equal(t, "a task/of it", left[at].Task)
		require.Contains(t, left[at].Command, mark)
		requireSurvivors(t, mark, !cgroup && kind == leaks.Daemon)
		left, err = former.Sweep(t.Context(), grace)
		require.NoError(t, err)
		require.Empty(t, left)
	})
}

// An empty control group of a life that is over is removed by the next life of any program. One that is not empty stays.
func TestSweepRemovesEmptyControlGroups(t *testing.T) {
	stranger := leashOf(t, Config{Name: "stranger", Cgroup: true})
	if _, why := stranger.Cgroup(); why != nil {
		t.Skip(why) // as in forEachLeak
	}
	_, leader := formerLife(t, leaks.Child, true)
	dir := filepath.Join(filepath.Dir(stranger.cgroups.dir), filepath.Base(filepath.Dir(stranger.census.proc.Cgroup(leader))))
	_, err := stranger.Sweep(t.Context(), time.Minute)
	require.NoError(t, err)
	require.DirExists(t, dir)
	require.NoError(t, KillCgroup(dir))
	for events := ""; !strings.Contains(events, "populated 0"); {
		text, err := os.ReadFile(filepath.Join(dir, "cgroup.events"))
		if err != nil {
			break // another program has removed it
		}
		events = string(text)
	}
	_, err = stranger.Sweep(t.Context(), time.Minute)
	require.NoError(t, err)
	require.NoDirExists(t, dir)
}

// A process of a supervisor that is alive is left alone, even if its name is the same.
func TestSweepLeavesTheLivingAlone(t *testing.T) {
	for _, cgroup := range []bool{false, true} {
		one, other := leashOf(t, Config{Name: "same", Cgroup: cgroup}), leashOf(t, Config{Name: "same", Cgroup: cgroup})
		g, _ := leak(t, one, leaks.Orphan)
		left, err := other.Sweep(t.Context(), time.Minute)
		require.NoError(t, err)
		require.Empty(t, left)
		alive, err := g.Alive()
		require.NoError(t, err)
		require.Equal(t, 2, alive)
	}
}

func TestLives(t *testing.T) {
	l := newLeash(t)
	proc := l.census.proc
	parsed, ok := parseLife(token(l.life.String(), "a/task, or so", 7))
	require.True(t, ok)
	require.Equal(t, l.life, parsed)
	require.False(t, l.life.over(l.life, proc))

	ended := exec.Command("/bin/true")
	require.NoError(t, ended.Start())
	child, err := proc.Stat(ended.Process.Pid)
	require.NoError(t, err)
	alive := stat(t, proc, sleeper(t))

	of := func(pid int, start uint64) life {
		return life{name: "x", namespace: l.life.namespace, pid: pid, start: start, nonce: "n"}
	}
	require.True(t, l.life.over(of(l.life.pid, l.life.start), proc), "this process, before it executed itself anew")
	require.False(t, l.life.over(of(alive.PID, alive.Start), proc))
	require.True(t, l.life.over(of(alive.PID, alive.Start-1), proc), "another process with its number")
	require.NoError(t, waitForZombie(l, ended.Process.Pid))
	require.True(t, l.life.over(of(child.PID, child.Start), proc), "a zombie")
	require.NoError(t, ended.Wait())
	require.True(t, l.life.over(of(child.PID, child.Start), proc))
	elsewhere := of(child.PID, child.Start)
	elsewhere.namespace++
	require.False(t, l.life.over(elsewhere, proc), "of a namespace where numbers mean something else")

	for _, text := range []string{"", "x", "x@1-2-3", "x@a-2-3-n", "x@1-b-3-n", "x@1-2-c-n", "x@1-2-3-n-n"} {
		_, ok := parseLife(text)
		require.False(t, ok, text)
	}
}

// A supervisor that /proc hides is alive. Only what no signal reaches has ended.
func TestHiddenSupervisorIsNotOver(t *testing.T) {
	l := newLeash(t)
	pid := sleeper(t)
	other := life{name: l.life.name, namespace: l.life.namespace, pid: pid, start: stat(t, l.census.proc, pid).Start, nonce: "n"}
	hidden := newFakeProc(t, 1<<22).FS // which shows no other
	require.False(t, l.life.over(other, hidden))
	other.pid = 1 << 22
	require.True(t, l.life.over(other, l.census.proc))
}

// sleeper starts a process that does nothing.
func sleeper(t *testing.T) (pid int) {
	t.Helper()
	cmd := exec.Command("sleep", "600")
	require.NoError(t, cmd.Start())
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	return cmd.Process.Pid
}

func stat(t *testing.T, proc procfs.FS, pid int) procfs.Process {
	t.Helper()
	p, err := proc.Stat(pid)
	require.NoError(t, err)
	return p
}

func waitForZombie(l *Leash, pid int) error {
	for {
		if p, err := l.census.proc.Stat(pid); err != nil || !p.Alive() {
			return err
		}
	}
}

// A run of a supervisor that is itself part of a run has the tokens of both, and so is reached through either.
func TestTokensOfNestedRuns(t *testing.T) {
	t.Setenv(Variable, "outer@1-2-3-n/task/1")
	require.Equal(t, "outer@1-2-3-n/task/1,inner/x/2", tokens("inner/x/2"))
	require.Equal(t, []string{Variable + "=b", "A=1"}, withTokens([]string{Variable + "=a", "A=1"}, "b"))
	for _, token := range []string{"outer@1-2-3-n/task/1", "inner/x/2"} {
		has, last := hasToken(tokens("inner/x/2"), token)
		require.True(t, has)
		require.Equal(t, "inner/x/2", last)
	}
	has, _ := hasToken(tokens("inner/x/2"), "inner/x/20")
	require.False(t, has)
}

// formerName is the name of former lives. No other run of these tests has it: it would sweep away what is looked for here.
var formerName = "former-" + strings.ToLower(rand.Text())

// formerLife has a supervisor of that name start a run that leaks, and be killed. It returns the number of the run's leader.
func formerLife(t *testing.T, kind leaks.Kind, cgroup bool) (mark string, leader int) {
	t.Helper()
	mark = newMark()
	path, err := os.Executable()
	require.NoError(t, err)
	cmd := exec.Command(path)
	cmd.Env = append(os.Environ(), fmt.Sprintf("%s=life %s of-%s %t %s", as, kind, mark, cgroup, formerName))
	cmd.Stderr = os.Stderr
	output, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	_, err = fmt.Fscanf(output, "leaked %d\n", &leader)
	require.NoError(t, err)
	require.NoError(t, cmd.Process.Kill())
	_, err = cmd.Process.Wait()
	require.NoError(t, err)
	require.NoError(t, output.Close()) // or the garbage collector would, in the middle of a test that counts what is open
	return mark, leader
}

// live is such a supervisor.
func live(args []string) {
	l, err := New(Config{Name: args[3], Cgroup: args[2] == "true"})
	if err != nil {
		panic(err)
	}
	path, err := os.Executable()
	if err != nil {
		panic(err)
	}
	kind, mark := leaks.Kind(args[0]), args[1][len("of-"):]
	read, write, err := os.Pipe()
	if err != nil {
		panic(err)
	}
	g, err := l.Start(Spec{
		Task: "a task/of it", Path: path, Args: append([]string{path}, leaks.Args(kind, mark)...), Env: os.Environ(),
		Files: []*os.File{nil, write, os.Stderr},
	})
	if err != nil {
		panic(err)
	}
	line := make([]byte, 7)
	if _, err := io.ReadFull(read, line); err != nil {
		panic(err)
	}
	say("leaked", g.PID())
	forever()
}
