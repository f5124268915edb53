package process

import (
	"os"
	"slices"
	"strconv"
	"strings"
)

// ours are variables that are about this process, or set for each run, and that no command inherits.
var ours = []string{
	"NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID", "LISTEN_FDS", "LISTEN_PID", "LISTEN_FDNAMES", "MAINPID",
}

// environment returns the variables of a run: what is inherited, what the user has, what the run has, and what the command sets.
func (c *Command) environment(socket string) ([]string, error) {
	var env []string
	if !c.ClearEnv {
		env = slices.DeleteFunc(os.Environ(), func(variable string) bool {
			name, _, _ := strings.Cut(variable, "=")
			return slices.Contains(ours, name)
		})
	}
	if c.User != "" {
		who, err := lookupUser(c.User)
		if err != nil {
			return nil, &StartError{Command: c.String(), Reason: "its user is unknown", Err: err}
		}
		env = append(env, "HOME="+who.home, "USER="+who.name, "LOGNAME="+who.name)
	}
	if socket != "" {
		env = append(env, "NOTIFY_SOCKET="+socket)
		if c.Watchdog > 0 {
			env = append(env, "WATCHDOG_USEC="+strconv.FormatInt(c.Watchdog.Microseconds(), 10))
		}
	}
	if c.Dir != "" {
		env = append(env, "PWD="+absolute(c.Dir))
	}
	if c.TTY {
		if _, ok := lookup(append(slices.Clone(env), c.Env...), "TERM"); !ok {
			env = append(env, "TERM=xterm-256color")
		}
	}
	return unique(append(env, c.Env...)), nil
}

// unique drops variables that are set again later.
func unique(env []string) []string {
	last := make(map[string]int, len(env))
	for i, variable := range env {
		name, _, _ := strings.Cut(variable, "=")
		last[name] = i
	}
	var kept []string
	for i, variable := range env {
		if name, _, _ := strings.Cut(variable, "="); last[name] == i {
			kept = append(kept, variable)
		}
	}
	return kept
}

// lookup returns the value of a variable.
func lookup(env []string, name string) (value string, ok bool) {
	for _, variable := range env {
		if n, v, _ := strings.Cut(variable, "="); n == name {
			value, ok = v, true
		}
	}
	return value, ok
}
