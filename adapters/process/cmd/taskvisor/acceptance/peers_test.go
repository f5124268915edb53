//go:build system

package acceptance_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// supervisor is a program that runs others.
type supervisor struct {
	name string
	// prepare writes what it needs into a directory, and returns the command that starts it: one task for each way to leak.
	prepare func(t *testing.T, directory string) []string
	// control returns the commands that stop and restart all tasks; none, if there are no such commands.
	stop, restart func(directory string) []string

	holder  string        // what it says that processes are held by
	guarded bool          // what is started is a guard, and what supervises is its child
	within  time.Duration // when nothing is to be left; 0: it is one of the others
}

// leak is the command line of a leaker.
func leak(directory, way string) []string {
	return []string{leaker, way, filepath.Join(directory, way)}
}

// Each of the others has the options with which it leaves the least behind, and a second from TERM to KILL where that can be said.

var foreman = supervisor{
	name: "foreman",
	prepare: func(t *testing.T, directory string) []string {
		var procfile strings.Builder
		for _, way := range ways {
			fmt.Fprintf(&procfile, "%s: %s\n", way.name, strings.Join(leak(directory, way.name), " "))
		}
		write(t, directory, "Procfile", procfile.String())
		return []string{"foreman", "start", "-t", "1", "-f", filepath.Join(directory, "Procfile"), "-d", directory}
	},
}

var supervisord = supervisor{
	name: "supervisord",
	prepare: func(t *testing.T, directory string) []string {
		var conf strings.Builder
		user := ""
		if os.Getuid() == 0 {
			user = "user = root\n" // or it warns
		}
		fmt.Fprintf(&conf, `[supervisord]
nodaemon = true
%[2]slogfile = /dev/null
logfile_maxbytes = 0
pidfile = %[1]s/supervisord.pid
[unix_http_server]
file = %[1]s/socket
[rpcinterface:supervisor]
supervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface
[supervisorctl]
serverurl = unix://%[1]s/socket
`, directory, user)
		for _, way := range ways {
			fmt.Fprintf(&conf, "[program:%s]\ncommand = %s\nstartsecs = 0\nautorestart = true\nstopwaitsecs = 1\n"+
				"stopasgroup = true\nkillasgroup = true\nstdout_logfile = %[3]s/%[1]s.log\nredirect_stderr = true\n",
				way.name, strings.Join(leak(directory, way.name), " "), directory)
		}
		write(t, directory, "supervisord.conf", conf.String())
		return []string{"supervisord", "-c", filepath.Join(directory, "supervisord.conf")}
	},
	stop:    supervisorctl("stop"),
	restart: supervisorctl("restart"),
}

func supervisorctl(verb string) func(directory string) []string {
	return func(directory string) []string {
		return []string{"supervisorctl", "-c", filepath.Join(directory, "supervisord.conf"), verb, "all"}
	}
}

var runit = supervisor{
	name: "runit",
	prepare: func(t *testing.T, directory string) []string {
		for _, way := range ways {
			run := "#!/bin/sh\nexec " + strings.Join(leak(directory, way.name), " ") + "\n"
			write(t, directory, filepath.Join("services", way.name, "run"), run)
		}
		return []string{"runsvdir", "-P", filepath.Join(directory, "services")}
	},
	stop:    sv("force-stop"),
	restart: sv("force-restart"),
}

func sv(verb string) func(directory string) []string {
	return func(directory string) []string {
		command := []string{"sv", "-w", "1", verb}
		for _, way := range ways {
			command = append(command, filepath.Join(directory, "services", way.name))
		}
		return command
	}
}

// write writes a file that can be executed, and its directory.
func write(t *testing.T, directory, name, content string) {
	t.Helper()
	path := filepath.Join(directory, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o755); err != nil {
		t.Fatal(err)
	}
}

// The peers are those that the table was made with.
func versions() string {
	out, err := exec.Command("dpkg-query", "-W", "-f", "${Package} ${Version}\n", "ruby-foreman", "supervisor", "runit").Output()
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(out))
}
