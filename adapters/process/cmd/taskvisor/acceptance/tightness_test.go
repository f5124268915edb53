//go:build system

package acceptance_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// The columns of ours.
const (
	cgroupTight = "taskvisor, control group"
	guardTight  = "taskvisor, guard"
	groupTight  = "taskvisor, process group"
)

// tightnesses returns taskvisor as it holds processes by what there may be.
func tightnesses() []supervisor {
	ours := func(name, hold, holder string) supervisor {
		return supervisor{
			name: name, holder: holder, within: 2 * time.Second, guarded: hold != "group",
			prepare: func(t *testing.T, directory string) []string {
				t.Helper()
				var file strings.Builder
				fmt.Fprint(&file, "[defaults]\nstop_timeout = \"500ms\"\n")
				for _, way := range ways {
					words := strings.Join(leak(directory, way.name), `", "`)
					fmt.Fprintf(&file, "[tasks.%s]\nexec = [\"%s\"]\n", way.name, words)
				}
				write(t, directory, "tasks.toml", file.String())
				return append(ourCommand(directory, "run"), "--hold", hold)
			},
			stop:    func(directory string) []string { return ourCommand(directory, "stop") },
			restart: func(directory string) []string { return ourCommand(directory, "restart") },
		}
	}
	return []supervisor{ours(cgroupTight, "cgroup", "control group"), ours(guardTight, "guard", "guard"), ours(groupTight, "group", "process group")}
}

// ourCommand is a command line of taskvisor about the file in a directory.
func ourCommand(directory, verb string) []string {
	command := []string{taskvisor, verb, "-f", filepath.Join(directory, "tasks.toml")}
	if verb != "run" {
		for _, way := range ways {
			command = append(command, way.name)
		}
	}
	return command
}

// reached reports whether nothing may be left of a way to leak, as docs/processes.md has it. What has cleared its environment, left
// its session and lost its parent is found by a control group, or by the guard in the end; and where there is no guard, nothing
// is left to do anything about a supervisor that was killed.
func (s supervisor) reached(way string, ending ending) bool {
	switch {
	case s.name == cgroupTight:
		return true
	case s.name == guardTight:
		return way != "everything" || ending != stopped && ending != restarted
	default:
		return way != "everything" && ending != killed
	}
}

// tidy checks what there is to see of ours besides: where it has ended, nothing of it is left either; where it has not, no
// zombie is a child of it, and what was restarted runs.
func (r *running) tidy(t *testing.T) {
	t.Helper()
	if !r.guarded && r.ending != stopped && r.ending != restarted {
		return // what may be left was counted
	}
	if r.ending != stopped && r.ending != restarted {
		for _, p := range survey() {
			require.False(t, p.state != 'Z' && p.pid != os.Getpid() && p.shows(r.directory), "left by %s: %v", r.ending, p)
		}
		return
	}
	ours := []int{r.pid, r.supervising(t)}
	await(t, "no zombie is a child of ours", func() bool {
		all := survey()
		for _, pid := range ours {
			if _, zombies := children(all, pid); len(zombies) > 0 {
				return false
			}
		}
		return true
	})
	if r.ending == restarted {
		await(t, "what was restarted leaks again", func() bool { return r.complete(2) })
	}
}
