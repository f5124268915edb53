//go:build system && unix

package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// shape is a Procfile, and what is done with it.
type shape struct {
	procfile  func(line func(name string) string) string
	env       string   // of the file .env
	arguments []string // of foreman and of taskvisor
	enter     []string // the processes that come, some of them several times
	ends      string   // the name of the one that ends all
	end       func(p *puppet)
	bothCodes int               // the exit code of both; taskvisor's if foreman's is another
	foreman   *int              // its exit code, where it is another
	differs   map[string]string // variables that differ on purpose, with what foreman makes of them
}

func exits(code int) func(*puppet) { return func(p *puppet) { p.exit(code) } }

func killed(p *puppet) {
	_ = syscall.Kill(p.pid, syscall.SIGKILL)
	p.ends()
}

func code(n int) *int { return &n }

// A Procfile of each shape is run by foreman and by taskvisor: the same processes come, in the same folder, with the same
// environment and ports, and both end with the same exit code. Where they differ on purpose, both are asserted.
func TestSystemProcfilesBesideForeman(t *testing.T) {
	for name, shape := range map[string]shape{
		"two processes": {
			procfile: func(line func(string) string) string {
				return "web: exec " + line("web") + "\nworker: exec " + line("worker") + "\n"
			},
			enter: []string{"web", "worker"}, ends: "web", end: exits(0),
		},
		"comments and other lines": {
			procfile: func(line func(string) string) string {
				return "# the shop\n\nweb:exec " + line("web") + "\n  indented: nothing\nno colon\nwork-er_2:   exec " + line("worker") + "\r\n"
			},
			enter: []string{"web", "worker"}, ends: "worker", end: exits(3), bothCodes: 3,
		},
		"variables of .env": {
			procfile: func(line func(string) string) string { return "web: exec " + line("web") + "\n" },
			env:      "PLAIN=a b\nSINGLE='c $HOME'\nDOUBLE=\"e \\\"f\\\"\"\nEMPTY=\n\nURL=http://x/?a=b&c=d\n",
			enter:    []string{"web"}, ends: "web", end: exits(0),
		},
		"a port of .env": {
			procfile: func(line func(string) string) string {
				return "web: exec " + line("web") + "\nworker: exec " + line("worker") + "\nclock: exec " + line("clock") + "\n"
			},
			env: "PORT=7000\n", enter: []string{"web", "worker", "clock"}, ends: "clock", end: exits(1), bothCodes: 1,
		},
		"a port of the command line": {
			procfile: func(line func(string) string) string {
				return "web: exec " + line("web") + "\nworker: exec " + line("worker") + "\n"
			},
			arguments: []string{"-p", "6100"}, enter: []string{"web", "worker"}, ends: "web", end: exits(0),
		},
		"a formation": {
			procfile: func(line func(string) string) string {
				return "web: exec " + line("web") + "\nworker: exec " + line("worker") + "\nclock: exec " + line("clock") + "\n"
			},
			arguments: []string{"-m", "web=3,worker=2"}, enter: []string{"web", "web", "web", "worker", "worker"}, ends: "worker", end: exits(4), bothCodes: 4,
		},
		"a line for a shell": {
			procfile: func(line func(string) string) string {
				return "web: true && WHERE=$PORT NAME=\"$PS x\" exec " + line("web") + " || false\n"
			},
			enter: []string{"web"}, ends: "web", end: exits(5), bothCodes: 5,
		},
		"a shell that waits": {
			procfile: func(line func(string) string) string {
				return "web: " + line("web") + "; exit 9\nworker: exec " + line("worker") + "\n"
			},
			enter: []string{"web", "worker"}, ends: "web", end: exits(0), bothCodes: 9,
		},
		"no such program": {
			procfile: func(line func(string) string) string {
				return "web: exec " + line("web") + "\nwrong: exec no-such-program\n"
			},
			bothCodes: 127,
		},
		"ended by a signal": { // foreman has no code for it, and ends well
			procfile: func(line func(string) string) string { return "web: exec " + line("web") + "\n" },
			enter:    []string{"web"}, ends: "web", end: killed, bothCodes: 128 + int(syscall.SIGKILL), foreman: code(0),
		},
		"comments and export in .env": { // to foreman a comment is part of the value, and a line with export is nothing
			procfile: func(line func(string) string) string { return "web: exec " + line("web") + "\n" },
			env:      "export EXPORTED=yes\nLEVEL=3 # of five\n",
			enter:    []string{"web"}, ends: "web", end: exits(0),
			differs: map[string]string{"EXPORTED": "", "LEVEL": "3 # of five"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			beside, beForeman := played(t, shape, foreman)
			ours, code := played(t, shape, taskvisor)
			want := shape.bothCodes
			require.Equal(t, want, code, "taskvisor")
			if shape.foreman != nil {
				want = *shape.foreman
			}
			require.Equal(t, want, beForeman, "foreman")
			require.Len(t, ours, len(beside))
			for i := range beside {
				for variable, foremans := range shape.differs {
					require.Equal(t, foremans, beside[i].env[variable], variable)
					require.NotEqual(t, foremans, ours[i].env[variable], variable)
					delete(beside[i].env, variable)
					delete(ours[i].env, variable)
				}
				require.Equal(t, beside[i], ours[i])
			}
		})
	}
}

// role is what a process was like.
type role struct {
	name   string
	folder string // below that of the Procfile
	env    map[string]string
}

// played runs a shape with a manager, and returns the processes that have come, and its exit code.
func played(t *testing.T, shape shape, start func(s *stage, shape shape) *exec.Cmd) (roles []role, code int) {
	t.Helper()
	s := newStage(t)
	writeFile(t, filepath.Join(s.folder, "Procfile"), shape.procfile(s.line))
	if shape.env != "" {
		writeFile(t, filepath.Join(s.folder, ".env"), shape.env)
	}
	cmd := start(s, shape)
	out, err := os.Create(filepath.Join(s.folder, "out"))
	require.NoError(t, err)
	defer func() { _ = out.Close() }()
	cmd.Dir, cmd.Stdout, cmd.Stderr = s.folder, out, out
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	require.NoError(t, cmd.Start())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = cmd.Wait() // the state says how
	}()
	t.Cleanup(func() {
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
		<-ended
		if text, err := os.ReadFile(out.Name()); err == nil && t.Failed() {
			t.Logf("%s printed:\n%s", cmd.Path, text)
		}
	})
	var ending *puppet
	for _, name := range shape.enter {
		p := s.enter(name)
		roles = append(roles, role{name, strings.TrimPrefix(p.dir, real(t, s.folder)), own(p.env)})
		if name == shape.ends {
			ending = p
		}
	}
	slices.SortFunc(roles, func(a, b role) int { return strings.Compare(a.name+a.env["PORT"], b.name+b.env["PORT"]) })
	if ending != nil {
		shape.end(ending)
	}
	select {
	case <-ended:
	case <-time.After(patient):
		t.Fatalf("%s does not end", cmd.Path)
	}
	return roles, cmd.ProcessState.ExitCode()
}

func foreman(_ *stage, shape shape) *exec.Cmd {
	cmd := exec.Command("foreman", append([]string{"start"}, shape.arguments...)...)
	cmd.Env = withoutPort()
	return cmd
}

func taskvisor(s *stage, shape shape) *exec.Cmd {
	cmd := exec.Command(self(s.t), append([]string{"run"}, shape.arguments...)...)
	cmd.Env = append(withoutPort(), asTaskvisor+"=1", "TASKSUPERVISOR_GUARD=on")
	return cmd
}

func withoutPort() []string {
	return slices.DeleteFunc(os.Environ(), func(v string) bool { return strings.HasPrefix(v, "PORT=") })
}

func real(t *testing.T, path string) string {
	t.Helper()
	path, err := filepath.EvalSymlinks(path)
	require.NoError(t, err)
	return path
}

// own returns the variables that a process did not inherit from the test, less those that a manager or a shell has for itself.
func own(env []string) map[string]string {
	inherited := os.Environ()
	variables := map[string]string{}
	for _, v := range env {
		name, value, _ := strings.Cut(v, "=")
		itself := strings.HasPrefix(name, "TASKSUPERVISOR_") || strings.HasPrefix(name, "RUBY") || strings.HasPrefix(name, "GEM_") ||
			slices.Contains([]string{"_", "PWD", "OLDPWD", "SHLVL", "FORCE_COLOR", asTaskvisor}, name)
		if !itself && !slices.Contains(inherited, v) {
			variables[name] = value
		}
	}
	return variables
}
