package process

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/tasksupervisor/tasksupervisor/adapters/process/internal/ports"
	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
)

// Command says what a task starts, and how that is stopped, found to be ready and listened to. Only Args or Shell is needed;
// the zero of every other field is its default.
type Command struct {
	// Args are the program and its arguments. A program without a slash is looked for in PATH, that of the command's own
	// environment; a relative path with a slash begins at Dir.
	Args []string

	// Shell is a line for /bin/sh -c instead. A line that is a plain command is given to the shell with exec before it, so that no
	// shell stands between the supervisor and the program.
	Shell string

	// Dir is where the command runs. Default: the directory of this process.
	Dir string

	// Env has more variables, each as NAME=value. They win over those that are inherited, later ones over earlier ones.
	Env []string

	// ClearEnv has the command inherit no variables: it has those of Env, and those that this package sets, only.
	ClearEnv bool

	// User runs the command as another user, by name or number, perhaps with a group: "www-data", "1000", "www-data:adm". Without
	// a group it has all groups of the user. HOME, USER and LOGNAME are set unless Env does. Only root can do that.
	User string

	// TTY gives the command a terminal of its own: it prints lines when they are whole and in colours, as it would to a person.
	// Standard output and error are one stream then. An interactive shell ignores SIGTERM: let StopSignal be SIGHUP.
	TTY bool

	// Rows and Columns are the size of the terminal. Default 24 and 80. See [Attachment.Resize].
	Rows, Columns uint16

	// Stdin keeps a pipe to standard input open, for [Task.Attach]. Default: the command reads from /dev/null.
	Stdin bool

	// StopSignal is what the processes of a run get first when it has to stop, and what is left behind. Default SIGTERM.
	StopSignal syscall.Signal

	// StopMainOnly has the command alone get StopSignal, because it stops what it has started in its own way. What is left when it has
	// ended gets the signal then. Default: all processes of a run get it at the same time, as after Ctrl-C in a terminal.
	StopMainOnly bool

	// StopTimeout is how long after that whatever is still alive gets SIGKILL. supervisor.Forever: never. Default 10 s. SIGKILL
	// comes earlier if the supervisor has less time: shortly before its own stop timeout or shutdown timeout, see
	// supervisor.GracePeriod.
	StopTimeout time.Duration

	// LeftoverTimeout is the same for what a command leaves behind that has ended by itself: these processes get StopSignal, and
	// SIGKILL so much later. supervisor.Forever: never. Default 5 s.
	LeftoverTimeout time.Duration

	// ReloadSignal is what [Task.Reload] sends to the command. Default SIGHUP.
	ReloadSignal syscall.Signal

	// Success are exit codes that are good ends, besides 0. Default: none.
	Success []int

	// Done are exit codes with which the command says that its work is done: it is not started again, whatever the policy. Fatal
	// are those with which it says that starting it again is of no use: its supervisor stops. See supervisor.Done and
	// supervisor.Fatal. Default: none.
	Done, Fatal []int

	// Ready is how a run is found to be ready, see [Check]. Default nil: it is ready as soon as it has been started.
	Ready Check

	// ReadyInterval is how often Ready is asked, if it is one that asks. Default 100 ms.
	ReadyInterval time.Duration

	// StartTimeout is how long a run may take to be ready. supervisor.Forever: as long as it likes. Default 90 s.
	StartTimeout time.Duration

	// Probe is asked at an interval while a run is healthy, see supervisor.WithProbe. Default nil: it is not.
	Probe Check

	// ProbeInterval is from one answer to the next probe, and ProbeTimeout how long one may take. Default 10 s and 5 s.
	ProbeInterval, ProbeTimeout time.Duration

	// ProbeFailures is how many probes in a row fail before the run is stopped as failed. Default 3.
	ProbeFailures uint8

	// Watchdog is how often a run has to send WATCHDOG=1 by the notify protocol while it is healthy. It has WATCHDOG_USEC in its
	// environment. A command has a Watchdog or a Probe, not both. Default 0: it need not.
	Watchdog time.Duration

	// Notify gives the command a socket of the notify protocol of systemd (NOTIFY_SOCKET), also if neither Ready nor Watchdog
	// needs it.
	Notify bool

	// Listen are addresses that must be free before the command is started: ports, hosts with ports, and paths of unix sockets, such as
	// "8080", "localhost:6379", "udp://:53" or "/run/web.sock". While one is in use the task is held, and its status says by whom: see
	// [InUseError]. A port alone is free if nothing listens at it at any address of the machine. One that others share by SO_REUSEPORT
	// is in use: do not list what the command is going to share. The file of a socket that nothing listens at is not in the way.
	Listen []string

	// Output is what becomes of what the command prints.
	Output Output
}

// CommandError says what is wrong with a command.
type CommandError struct {
	Field  string // the field of Command
	Reason string
	Err    error // what the reason is from, or nil
}

func (e *CommandError) Error() string {
	text := "command: " + e.Field + " " + e.Reason
	if e.Err != nil {
		text += ": " + e.Err.Error()
	}
	return text
}

// Unwrap returns Err.
func (e *CommandError) Unwrap() error { return e.Err }

// The defaults of a [Command].
const (
	DefaultStopTimeout     = 10 * time.Second
	DefaultLeftoverTimeout = 5 * time.Second
	DefaultReadyInterval   = 100 * time.Millisecond
	DefaultStartTimeout    = 90 * time.Second
	DefaultProbeInterval   = 10 * time.Second
	DefaultProbeTimeout    = 5 * time.Second
	DefaultProbeFailures   = 3
)

// KillTime is what [Task.Options] adds to [Command].StopTimeout for the stop timeout of the supervisor: in it, the system ends
// what has got SIGKILL. A process with much memory needs a while for that.
const KillTime = 5 * time.Second

// completed returns the command with its defaults, or everything that is wrong with it.
func (c Command) completed() (Command, error) {
	if err := c.check(); err != nil {
		return Command{}, err
	}
	c.Args, c.Env, c.Listen = slices.Clone(c.Args), slices.Clone(c.Env), slices.Clone(c.Listen)
	c.Success, c.Done, c.Fatal = slices.Clone(c.Success), slices.Clone(c.Done), slices.Clone(c.Fatal)
	c.Rows, c.Columns = cmp.Or(c.Rows, 24), cmp.Or(c.Columns, 80)
	c.StopSignal = cmp.Or(c.StopSignal, syscall.SIGTERM)
	c.StopTimeout = cmp.Or(c.StopTimeout, DefaultStopTimeout)
	c.LeftoverTimeout = cmp.Or(c.LeftoverTimeout, DefaultLeftoverTimeout)
	c.ReloadSignal = cmp.Or(c.ReloadSignal, syscall.SIGHUP)
	c.ReadyInterval = cmp.Or(c.ReadyInterval, DefaultReadyInterval)
	c.StartTimeout = cmp.Or(c.StartTimeout, DefaultStartTimeout)
	c.ProbeInterval = cmp.Or(c.ProbeInterval, DefaultProbeInterval)
	c.ProbeTimeout = cmp.Or(c.ProbeTimeout, DefaultProbeTimeout)
	c.ProbeFailures = cmp.Or(c.ProbeFailures, DefaultProbeFailures)
	c.Output = c.Output.completed()
	return c, nil
}

// check returns everything that is wrong with the command, joined.
func (c *Command) check() error {
	var wrong []error
	bad := func(field, reason string) { wrong = append(wrong, &CommandError{Field: field, Reason: reason}) }
	switch {
	case len(c.Args) > 0 && c.Shell != "":
		bad("Shell", "cannot be given with Args")
	case len(c.Args) == 0 && strings.TrimSpace(c.Shell) == "":
		bad("Args", "is empty, and so is Shell")
	case len(c.Args) > 0 && c.Args[0] == "":
		bad("Args", "begins with an empty program")
	}
	for _, text := range []struct{ field, text string }{
		{"Args", strings.Join(c.Args, "")}, {"Shell", c.Shell}, {"Dir", c.Dir}, {"Env", strings.Join(c.Env, "")},
	} {
		if strings.ContainsRune(text.text, 0) {
			bad(text.field, "contains a NUL character")
		}
	}
	for _, variable := range c.Env {
		if name, _, ok := strings.Cut(variable, "="); !ok || name == "" {
			bad("Env", fmt.Sprintf("has %q, which is not NAME=value", variable))
		}
	}
	for _, d := range []struct {
		field string
		d     time.Duration
	}{
		{"StopTimeout", c.StopTimeout}, {"LeftoverTimeout", c.LeftoverTimeout}, {"ReadyInterval", c.ReadyInterval},
		{"StartTimeout", c.StartTimeout}, {"ProbeInterval", c.ProbeInterval}, {"ProbeTimeout", c.ProbeTimeout}, {"Watchdog", c.Watchdog},
	} {
		if d.d < 0 {
			bad(d.field, "is negative")
		}
	}
	for _, s := range []struct {
		field  string
		signal syscall.Signal
	}{{"StopSignal", c.StopSignal}, {"ReloadSignal", c.ReloadSignal}} {
		if s.signal < 0 || s.signal > maxSignal {
			bad(s.field, fmt.Sprintf("is %d, which is not a signal", int(s.signal)))
		}
	}
	seen := map[int]string{}
	for _, list := range []struct {
		field string
		codes []int
	}{{"Success", c.Success}, {"Done", c.Done}, {"Fatal", c.Fatal}} {
		for _, code := range list.codes {
			switch before, ok := seen[code]; {
			case code < 0 || code > 255:
				bad(list.field, fmt.Sprintf("has %d, which is not an exit code", code))
			case ok && before != list.field:
				bad(list.field, fmt.Sprintf("has %d, and so has %s", code, before))
			}
			seen[code] = list.field
		}
	}
	for _, address := range c.Listen {
		if _, err := ports.Parse(address); err != nil {
			bad("Listen", fmt.Sprintf("has %q, which %v", address, err))
		}
	}
	if c.Probe != nil && c.Watchdog > 0 {
		bad("Watchdog", "cannot be given with Probe")
	}
	wrong = append(wrong, c.checkChecks()...)
	wrong = append(wrong, c.Output.check()...)
	if err := c.checkSurroundings(); err != nil {
		wrong = append(wrong, err)
	}
	if len(wrong) == 1 {
		return wrong[0]
	}
	return errors.Join(wrong...)
}

// checkChecks says what is wrong with Ready and Probe.
func (c *Command) checkChecks() []error {
	var wrong []error
	for _, f := range []struct {
		field string
		check Check
	}{{"Ready", c.Ready}, {"Probe", c.Probe}} {
		if f.check == nil {
			continue
		}
		if err := f.check.valid(); err != nil {
			wrong = append(wrong, &CommandError{Field: f.field, Reason: "is wrong", Err: err})
		}
		if _, asks := f.check.(asking); !asks && f.field == "Probe" {
			wrong = append(wrong, &CommandError{Field: f.field, Reason: "cannot be " + f.check.String() + ": it cannot be asked"})
		}
	}
	return wrong
}

// checkSurroundings says what is wrong with what the command asks of this machine.
func (c *Command) checkSurroundings() error {
	if c.User != "" {
		if _, err := lookupUser(c.User); err != nil {
			return &CommandError{Field: "User", Reason: fmt.Sprintf("is %q", c.User), Err: err}
		}
	}
	if _, told := c.Ready.(notified); (told || c.Notify || c.Watchdog > 0) && !notifySupported {
		field := "Notify"
		switch {
		case told:
			field = "Ready"
		case c.Watchdog > 0:
			field = "Watchdog"
		}
		return &CommandError{Field: field, Reason: "needs the notify protocol", Err: errors.ErrUnsupported}
	}
	return nil
}

// notifies reports whether the command has a socket of the notify protocol.
func (c *Command) notifies() bool {
	_, told := c.Ready.(notified)
	return told || c.Notify || c.Watchdog > 0
}

// String returns the command as a line, for people.
func (c Command) String() string {
	if c.Shell != "" {
		return c.Shell
	}
	words := make([]string, len(c.Args))
	for i, word := range c.Args {
		words[i] = quoted(word)
	}
	return strings.Join(words, " ")
}

// quoted returns a word as a shell would need it.
func quoted(word string) string {
	if word != "" && plainWords(word) && !strings.ContainsAny(word, " \t") {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}

// directory returns where the command runs.
func (c *Command) directory() (string, error) {
	if c.Dir == "" {
		return "", nil
	}
	switch info, err := os.Stat(c.Dir); {
	case err != nil:
		return "", &StartError{Command: c.String(), Reason: "its directory cannot be used", Err: err}
	case !info.IsDir():
		return "", &StartError{Command: c.String(), Reason: "its directory " + c.Dir + " is not a directory", Err: syscall.ENOTDIR}
	}
	return c.Dir, nil
}

// stopOption is the option for the stop timeout of the supervisor.
func (c *Command) stopOption() supervisor.TaskOption {
	return supervisor.WithStopTimeout(withKillTime(c.StopTimeout))
}

// withKillTime adds the time that is kept for the system, to end what was killed.
func withKillTime(d time.Duration) time.Duration {
	if d >= supervisor.Forever-KillTime {
		return supervisor.Forever
	}
	return d + KillTime
}
