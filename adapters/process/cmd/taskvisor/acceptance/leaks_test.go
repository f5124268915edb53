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

// supervising returns the process that supervises: what was started, or its child if that is its guard.
func (r *running) supervising(t *testing.T) int {
	t.Helper()
	if !r.guarded {
		return r.pid
	}
	return guarded(t, r.pid)
}

// launch starts a supervisor, in a session of its own or in a terminal, and waits until all leaks are complete.
func launch(t *testing.T, s supervisor, terminals *tmux, ending ending) *running {
	t.Helper()
	r := &running{supervisor: s, ending: ending, directory: filepath.Join(t.TempDir(), strings.ReplaceAll(string(ending), " ", "-"))}
	for _, way := range ways {
		require.NoError(t, os.MkdirAll(filepath.Join(r.directory, way.name), 0o755))
	}
	t.Cleanup(func() {
		if log, err := os.ReadFile(filepath.Join(r.directory, "log")); err == nil && t.Failed() {
			t.Logf("%s (%s) said:\n%s", s.name, ending, log)
		}
		exterminate(t, r.directory)
	})
	command := s.prepare(t, r.directory)
	if ending == terminalClosed {
		terminals.open(r.session(), r.variables(), command)
		return r
	}
	log, err := os.Create(filepath.Join(r.directory, "log"))
	require.NoError(t, err)
	c := exec.Command(command[0], command[1:]...)
	c.Env = append(os.Environ(), r.variables()...)
	c.Stdout, c.Stderr = log, log
	c.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	require.NoError(t, errors.Join(c.Start(), log.Close()))
	r.pid = c.Process.Pid
	go func() { _ = c.Wait() }()
	return r
}

func (r *running) session() string { return r.name }

// variables are what it has in its environment besides, and all that it starts.
func (r *running) variables() []string { return []string{"ACCEPTANCE=" + r.directory} }

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
		require.NoError(t, syscall.Kill(r.supervising(t), syscall.SIGKILL))
	case terminalClosed:
		terminals.close(r.session())
	}
	if len(args) == 0 {
		return nil
	}
	command = exec.Command(args[0], args[1:]...)
	command.Env = append(os.Environ(), r.variables()...)
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

// leaks runs a supervisor once for each ending, all at once, ends them, and returns what is left in the end.
func leaks(t *testing.T, s supervisor) (all []*running, left cells) {
	t.Helper()
	terminals := newTmux(t)
	for _, ending := range endings {
		if s.possible(ending) {
			all = append(all, launch(t, s, terminals, ending))
		}
	}
	for _, r := range all {
		await(t, fmt.Sprintf("%s (%s) runs all leakers", s.name, r.ending), func() bool { return r.complete(1) })
	}
	await(t, s.name+" has, of each leak, a leader and what that has leaked", func() bool {
		found := survey() // in which one that executes a program just now has neither arguments nor environment
		return !slices.ContainsFunc(all, func(r *running) bool {
			alive := lives(found, r.directory)
			return slices.ContainsFunc(ways, func(way struct{ name, does string }) bool { return len(alive[way.name+"/run-1"]) < 2 })
		})
	})
	for _, r := range all {
		for _, way := range ways {
			require.True(t, held(t, filepath.Join(r.directory, way.name, "run-1")))
		}
	}
	from := time.Now()
	var commands []*exec.Cmd
	for _, r := range all {
		if command := r.end(t, terminals); command != nil {
			commands = append(commands, command)
		}
	}
	returned := func() {
		for _, command := range commands {
			_ = command.Wait() // some say that a service has not stopped in time
		}
	}
	if s.within > 0 { // it is not waited for what the commands have to say
		defer returned()
	} else {
		returned()
	}
	return all, s.settled(t, all, from)
}

// patience is how long the others have from when the command that stops has returned. We have two seconds from when it is given.
const patience = 5 * time.Second

// settled returns what is left when the time for it is over, or earlier if that is no more than what may be.
func (s supervisor) settled(t *testing.T, all []*running, from time.Time) (left cells) {
	t.Helper()
	end := time.Now().Add(patience)
	for {
		left = count(t, all)
		now := time.Now()
		if s.within > 0 {
			end = from.Add(min(limit, atMost(s.within, from, now)))
		}
		if s.clean(left) || now.After(end) {
			t.Logf("%s: after %v, something is left in %s cases", s.name, now.Sub(from).Round(time.Millisecond), left.score())
			return left
		}
		time.Sleep(50 * time.Millisecond)
	}
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
const some = 3

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

// clean reports whether nothing is left but what may be.
func (s supervisor) clean(left cells) bool {
	for way, of := range left {
		for ending, n := range of {
			if n > 0 && (s.within == 0 || s.reached(way, ending)) {
				return false
			}
		}
	}
	return true
}

// leaking returns in how many cases something is left.
func (c cells) leaking() (sum int) {
	for _, of := range c {
		for _, left := range of {
			if left > 0 {
				sum++
			}
		}
	}
	return sum
}

// score says in how many cases something is left, and of how many.
func (c cells) score() string {
	possible := 0
	for _, of := range c {
		for _, left := range of {
			if left != impossible {
				possible++
			}
		}
	}
	return fmt.Sprintf("%d of %d", c.leaking(), possible)
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

// A program that leaks in eleven ways, and five ways to end what runs it: of ours nothing is left after two seconds. Three others are
// measured in the same run.
func TestSystemLeaks(t *testing.T) {
	var lock sync.Mutex
	measured := map[string]cells{}
	measure := func(t *testing.T, s supervisor) ([]*running, cells) {
		t.Helper()
		all, left := leaks(t, s)
		lock.Lock()
		defer lock.Unlock()
		measured[s.name] = left
		return all, left
	}
	t.Run("of", func(t *testing.T) {
		for _, s := range []supervisor{foreman, supervisord, runit} {
			t.Run(s.name, func(t *testing.T) {
				t.Parallel()
				_, left := measure(t, s)
				require.Positive(t, left["session"][killed], "what is left is found")
			})
		}
		for _, s := range tightnesses() {
			t.Run(s.name, func(t *testing.T) {
				t.Parallel()
				all, left := measure(t, s)
				if !strings.Contains(read(t, all[0].directory, "log"), "held by "+s.holder) {
					require.NotZero(t, os.Getuid(), "root has a control group")
					t.Logf("%s is not measured: without root there is none that can be written to", s.name)
					lock.Lock()
					defer lock.Unlock()
					delete(measured, s.name)
					return
				}
				for _, way := range ways {
					for _, ending := range endings {
						if s.reached(way.name, ending) {
							require.Zero(t, left[way.name][ending], "%s, by %s", way.name, ending)
						} else {
							require.Positive(t, left[way.name][ending], "%s, by %s: the manual says so", way.name, ending)
						}
					}
				}
				for _, r := range all {
					r.tidy(t)
				}
			})
		}
	})
	ours := table([]string{cgroupTight, guardTight, groupTight}, measured)
	theirs := table([]string{guardTight, "foreman", "supervisord", "runit"}, measured)
	t.Logf("%s\n\n%s\n%s", versions(), ours, theirs)
	if !t.Failed() && len(measured) == 6 { // or -run has chosen some
		documented(t, ours, theirs)
	}
}
