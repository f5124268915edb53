//go:build system

package acceptance_test

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// ways are the ways in which the leaker leaks, and what it then leaves to be found.
var ways = []struct{ name, does string }{
	{"plain", "a child"},
	{"group", "a child in a group of its own"},
	{"session", "a child in a session of its own"},
	{"daemon", "a double fork: its parent has ended, its session is its own"},
	{"ignores", "a child that ignores TERM, HUP and INT"},
	{"stdout", "a child that holds the standard output"},
	{"forks", "a child that starts others, ever faster while it is stopped"},
	{"foreign", "`vfork` and `exec` of a program that knows nothing of it"},
	{"clear", "a child without environment, in a session of its own"},
	{"stopped", "a child stopped by SIGSTOP"},
	{"everything", "a double fork, its session its own, without environment, that ignores TERM"},
}

// ending is a way in which what is supervised is to end.
type ending string

const (
	stopped        ending = "stop"
	restarted      ending = "restart"
	terminated     ending = "TERM"
	killed         ending = "kill -9"
	terminalClosed ending = "terminal"
)

var endings = []ending{stopped, restarted, terminated, killed, terminalClosed}

// cells has, for each way and each ending, how many processes were left.
type cells map[string]map[ending]int

// impossible is in the cell of an ending that a supervisor does not have.
const impossible = -1

// running is a supervisor that runs all ways to leak, to be ended in one way.
type running struct {
	supervisor
	ending    ending
	directory string
	pid       int // of what was started, unless that was in a terminal
}

// launch starts a supervisor, in a session of its own or in a terminal, and waits until all leaks are complete.
func launch(t *testing.T, s supervisor, terminals *tmux, ending ending) *running {
	t.Helper()
	r := &running{supervisor: s, ending: ending, directory: filepath.Join(t.TempDir(), strings.ReplaceAll(string(ending), " ", "-"))}
	for _, way := range ways {
		require.NoError(t, os.MkdirAll(filepath.Join(r.directory, way.name), 0o755))
	}
	t.Cleanup(func() { exterminate(t, r.directory) })
	command := s.prepare(t, r.directory)
	if ending == terminalClosed {
		terminals.open(r.session(), "ACCEPTANCE="+r.directory, command)
		return r
	}
	log, err := os.Create(filepath.Join(r.directory, "log"))
	require.NoError(t, err)
	c := exec.Command(command[0], command[1:]...)
	c.Env = append(os.Environ(), "ACCEPTANCE="+r.directory)
	c.Stdout, c.Stderr = log, log
	c.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	require.NoError(t, errors.Join(c.Start(), log.Close()))
	r.pid = c.Process.Pid
	go func() { _ = c.Wait() }()
	return r
}

func (r *running) session() string { return r.name }

// complete reports whether all leaks of a life are complete.
func (r *running) complete(life int) bool {
	return !slices.ContainsFunc(ways, func(way struct{ name, does string }) bool {
		_, err := os.Stat(filepath.Join(r.directory, way.name, fmt.Sprint("ready-", life)))
		return err != nil
	})
}

// possible reports whether a supervisor has a command for an ending.
func (s supervisor) possible(ending ending) bool {
	return (ending != stopped || s.stop != nil) && (ending != restarted || s.restart != nil)
}

// end does what ends it. The command that it returns has yet to end.
func (r *running) end(t *testing.T, terminals *tmux) (command *exec.Cmd) {
	t.Helper()
	var args []string
	switch r.ending {
	case stopped:
		args = r.stop(r.directory)
	case restarted:
		args = r.restart(r.directory)
	case terminated:
		require.NoError(t, syscall.Kill(r.pid, syscall.SIGTERM))
	case killed:
		require.NoError(t, syscall.Kill(r.pid, syscall.SIGKILL))
	case terminalClosed:
		terminals.close(r.session())
	}
	if len(args) == 0 {
		return nil
	}
	command = exec.Command(args[0], args[1:]...)
	command.Env = append(os.Environ(), "ACCEPTANCE="+r.directory)
	require.NoError(t, command.Start())
	return command
}

// left counts the processes that are left of each way to leak; of a restart, those of the life before.
func (r *running) left(all []process) map[string]int {
	left := map[string]int{}
	for life, alive := range lives(all, r.directory) {
		way, file := filepath.Split(life)
		if r.ending != restarted || file == "run-1" {
			left[filepath.Clean(way)] += len(alive)
		}
	}
	return left
}

// leaks runs a supervisor once for each ending, all at once, ends them, and returns what is left after a time.
func leaks(t *testing.T, s supervisor, after time.Duration) cells {
	t.Helper()
	terminals := newTmux(t)
	var all []*running
	for _, ending := range endings {
		if s.possible(ending) {
			all = append(all, launch(t, s, terminals, ending))
		}
	}
	for _, r := range all {
		await(t, fmt.Sprintf("%s (%s) runs all leakers", s.name, r.ending), func() bool { return r.complete(1) })
	}
	found := survey()
	for _, r := range all {
		alive := lives(found, r.directory)
		for _, way := range ways {
			life := way.name + "/run-1"
			require.GreaterOrEqual(t, len(alive[life]), 2, "of %s, for %s, there must be a leader and what it leaks", life, s.name)
			require.True(t, held(t, filepath.Join(r.directory, life)))
		}
	}
	var commands []*exec.Cmd
	for _, r := range all {
		if command := r.end(t, terminals); command != nil {
			commands = append(commands, command)
		}
	}
	for _, command := range commands {
		_ = command.Wait() // the others' say that a service has not stopped in time
	}
	<-time.After(after)
	return count(t, all)
}

// count counts what is left now.
func count(t *testing.T, all []*running) cells {
	t.Helper()
	table := cells{}
	for _, way := range ways {
		table[way.name] = map[ending]int{}
		for _, ending := range endings {
			table[way.name][ending] = impossible
		}
	}
	found := survey()
	for _, r := range all {
		left := r.left(found)
		for _, way := range ways {
			table[way.name][r.ending] = left[way.name]
		}
	}
	return table
}

// some is from how many processes on their exact number says nothing: it depends on when they are counted.
const some = 4

func (c cells) cell(way string) string {
	var text []string
	for _, ending := range endings {
		switch left := c[way][ending]; {
		case left == impossible:
			text = append(text, "–")
		case left >= some:
			text = append(text, "many")
		default:
			text = append(text, fmt.Sprint(left))
		}
	}
	return strings.Join(text, " ")
}

// score says in how many cases something is left, and of how many.
func (c cells) score() string {
	leaking, possible := 0, 0
	for _, of := range c {
		for _, left := range of {
			if left != impossible {
				possible++
			}
			if left > 0 {
				leaking++
			}
		}
	}
	return fmt.Sprintf("%d of %d", leaking, possible)
}

// table is a table of what some supervisors left, in Markdown.
func table(names []string, measured map[string]cells) string {
	var b strings.Builder
	fmt.Fprintf(&b, "| what the task leaves behind | %s |\n|%s\n", strings.Join(names, " | "), strings.Repeat(" --- |", len(names)+1))
	for _, way := range ways {
		fmt.Fprintf(&b, "| %s |", way.does)
		for _, name := range names {
			fmt.Fprintf(&b, " %s |", measured[name].cell(way.name))
		}
		fmt.Fprintln(&b)
	}
	fmt.Fprint(&b, "| cases in which something is left |")
	for _, name := range names {
		fmt.Fprintf(&b, " %s |", measured[name].score())
	}
	return b.String() + "\n"
}

func TestSystemLeaks(t *testing.T) {
	var lock sync.Mutex
	measured := map[string]cells{}
	t.Run("of", func(t *testing.T) {
		for _, s := range []supervisor{foreman, supervisord, runit} {
			t.Run(s.name, func(t *testing.T) {
				t.Parallel()
				left := leaks(t, s, 5*time.Second)
				require.Positive(t, left["session"][killed], "what is left is found")
				lock.Lock()
				defer lock.Unlock()
				measured[s.name] = left
			})
		}
	})
	t.Logf("%s\n%s", versions(), table([]string{"foreman", "supervisord", "runit"}, measured))
}
