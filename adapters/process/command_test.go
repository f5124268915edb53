//go:build unix

package process

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
)

// faults returns the fields that are wrong with a command, in order.
func faults(t *testing.T, c Command) []string {
	t.Helper()
	_, err := newTask(&fakeKeeper{}, c)
	var fields []string
	var list func(err error)
	list = func(err error) {
		if wrong, ok := err.(*CommandError); ok {
			require.True(t, strings.HasPrefix(wrong.Error(), "command: "+wrong.Field+" "), wrong.Error())
			fields = append(fields, wrong.Field)
		} else if joined, ok := err.(interface{ Unwrap() []error }); ok {
			for _, part := range joined.Unwrap() {
				list(part)
			}
		} else {
			require.NoError(t, err)
		}
	}
	list(err)
	return fields
}

func TestCommandsThatAreWrong(t *testing.T) {
	args := []string{"true"}
	for _, test := range []struct {
		command Command
		fields  []string
	}{
		{Command{}, []string{"Args"}},
		{Command{Shell: "  "}, []string{"Args"}},
		{Command{Args: []string{""}}, []string{"Args"}},
		{Command{Args: args, Shell: "true"}, []string{"Shell"}},
		{Command{Args: []string{"a\x00"}}, []string{"Args"}},
		{Command{Shell: "a\x00"}, []string{"Shell"}},
		{Command{Args: args, Dir: "\x00", Env: []string{"A=\x00"}}, []string{"Dir", "Env"}},
		{Command{Args: args, Env: []string{"A", "=B", "C="}}, []string{"Env", "Env"}},
		{Command{Args: args, User: "no-such-user"}, []string{"User"}},
		{Command{Args: args, User: "0:no-group-of-this-name"}, []string{"User"}},
		{Command{Args: args, StopTimeout: -1, LeftoverTimeout: -1, ReadyInterval: -1, StartTimeout: -1, ProbeInterval: -1, ProbeTimeout: -1, Watchdog: -1},
			[]string{"StopTimeout", "LeftoverTimeout", "ReadyInterval", "StartTimeout", "ProbeInterval", "ProbeTimeout", "Watchdog"}},
		{Command{Args: args, StopSignal: 65, ReloadSignal: -1}, []string{"StopSignal", "ReloadSignal"}},
		{Command{Args: args, Success: []int{256}, Done: []int{-1}}, []string{"Success", "Done"}},
		{Command{Args: args, Success: []int{1, 1}, Done: []int{1}, Fatal: []int{2}}, []string{"Done"}},
		{Command{Args: args, Probe: Port(":80"), Watchdog: time.Second}, []string{"Watchdog"}},
		{Command{Args: args, Ready: Port("80"), Probe: Prints("x")}, []string{"Ready", "Probe"}},
		{Command{Args: args, Probe: Notified()}, []string{"Probe"}},
		{Command{Args: args, Output: Output{Buffer: -1, MaxLine: 15, Tail: -1}}, []string{"Output.Buffer", "Output.MaxLine", "Output.Tail"}},
		{Command{Args: args, Ready: HTTP("localhost")}, []string{"Ready"}},
		{Command{Args: args, Ready: HTTP("ftp://localhost/")}, []string{"Ready"}},
		{Command{Args: args, Ready: HTTP("http://%zz/")}, []string{"Ready"}},
		{Command{Args: args, Ready: HTTPCheck{URL: "http://localhost/", Status: []int{20}}}, []string{"Ready"}},
		{Command{Args: args, Ready: HTTPCheck{URL: "http://localhost/", Method: "G T"}}, []string{"Ready"}},
		{Command{Args: args, Ready: File("")}, []string{"Ready"}},
		{Command{Args: args, Ready: Exec()}, []string{"Ready"}},
		{Command{Args: args, Ready: Prints("(")}, []string{"Ready"}},
		{Command{Args: args, StopTimeout: supervisor.Forever, Ready: Prints("x"), Probe: Port("[::1]:80"), User: "0"}, nil},
	} {
		require.Equal(t, test.fields, faults(t, test.command), "%+v", test.command)
	}
}

// What a caller does with its slices afterwards changes no command.
func TestCommandIsACopy(t *testing.T) {
	args := []string{"true"}
	task, err := newTask(&fakeKeeper{}, Command{Args: args})
	require.NoError(t, err)
	args[0] = "false"
	require.Equal(t, []string{"true"}, task.Command().Args)
}

func TestCommandAsALine(t *testing.T) {
	require.Equal(t, "echo 'a b' '' 'it'\\''s' --x=1", Command{Args: []string{"echo", "a b", "", "it's", "--x=1"}}.String())
	require.Equal(t, "echo | cat", Command{Shell: "echo | cat"}.String())
}

// A line that is a plain command is executed in place of the shell, and no other is.
func TestShellLines(t *testing.T) {
	path := []string{"PATH=/usr/bin:/bin"}
	for line, want := range map[string]string{
		"sleep 60":                   "exec sleep 60",
		"  sleep 60  ":               "exec sleep 60",
		"/bin/sleep 60":              "exec /bin/sleep 60",
		"sleep --x=1 a,b a@b:c +1 %": "exec sleep --x=1 a,b a@b:c +1 %",
		"PORT=1 sleep 60":            "",
		"sleep $N":                   "",
		"sleep 1; sleep 2":           "",
		"sleep 1 && sleep 2":         "",
		"sleep 1 &":                  "",
		"sleep 1 | cat":              "",
		"sleep 1 > file":             "",
		"sleep '1'":                  "",
		"sleep 1\nsleep 2":           "",
		"sleep *":                    "",
		"sleep ~":                    "",
		"sleep {1,2}":                "",
		"# sleep":                    "",
		"exec sleep 60":              "",
		"cd /tmp":                    "",
		"test -f x":                  "",
		"no-such-program":            "",
		"./no-such-program":          "",
	} {
		if want == "" {
			want = line
		}
		require.Equal(t, want, (&Command{Shell: line}).shellLine(path), line)
	}
}

// Where a program is looked for: in the PATH of the command, or from its directory.
func TestProgramsAreFound(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string, mode os.FileMode) string {
		path := filepath.Join(dir, name)
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o700))
		require.NoError(t, os.WriteFile(path, []byte(text), mode))
		return path
	}
	mine := write("bin/mine", "#!/bin/sh\n", 0o700)
	text := write("bin/text", "text", 0o600)
	for _, test := range []struct {
		program, dir, path, want, fails string
	}{
		{"mine", "", dir + "/bin", mine, ""},
		{"mine", dir, "bin", mine, ""},
		{"./mine", dir + "/bin", "", mine, ""},
		{"bin/mine", dir, "", mine, ""},
		{mine, "", "", mine, ""},
		{"mine", "", "/usr/bin:" + dir, "", "there is no program mine in /usr/bin:" + dir},
		{"mine", "", "/usr/bin:" + strings.Repeat("/bin:", 20), "", "there is no program mine in PATH"},
		{"text", "", dir + "/bin", "", text + " is not executable: permission denied"},
		{"../bin", dir + "/bin", "", "", "is a directory"},
		{dir + "/none", "", "", "", "there is no program " + dir + "/none"},
		{mine + "/below", "", "", "", "its program cannot be used"},
		{"a b", "", "/bin", "", "there is no program 'a b' in /bin"},
	} {
		c := Command{Args: []string{test.program}, Dir: test.dir}
		got, err := c.find(test.program, []string{"PATH=" + test.path})
		if test.fails != "" {
			require.ErrorContains(t, err, test.fails)
			require.ErrorAs(t, err, new(*StartError))
			require.NotContains(t, err.Error(), "file does not exist", "it is said already")
			continue
		}
		require.NoError(t, err)
		require.Equal(t, test.want, got)
	}
}

// What the system says about a program that was found is explained.
func TestStartErrors(t *testing.T) {
	dir := t.TempDir()
	script := filepath.Join(dir, "script")
	require.NoError(t, os.WriteFile(script, []byte("#! /no/such/interpreter -x\n"), 0o700))
	c := Command{Args: []string{script}}
	for err, says := range map[error]string{
		syscall.ENOENT:  "needs /no/such/interpreter, which does not exist",
		syscall.ENOEXEC: "is neither a program of this machine nor a script that begins with #!",
		syscall.EACCES:  "permission is denied",
		syscall.EPERM:   "permission is denied",
		syscall.E2BIG:   "its arguments and environment are too long",
		syscall.EAGAIN:  "there are too many processes",
		syscall.ETXTBSY: "is being written to",
		syscall.EIO:     "the system refuses it",
	} {
		told := c.notStarted(script, err)
		require.ErrorIs(t, told, err)
		require.ErrorAs(t, told, new(*StartError))
		require.ErrorContains(t, told, says)
	}
	require.ErrorContains(t, c.notStarted("/bin/true", syscall.ENOENT), "needs an interpreter or a loader that does not exist")
	already := &StartError{Command: "x", Reason: "y", Err: os.ErrNotExist}
	require.Equal(t, error(already), c.notStarted(script, already))
}

// A start that fails is a failure of the run, with nothing left of it.
func TestStartThatFails(t *testing.T) {
	task, err := newTask(&fakeKeeper{refuses: syscall.EAGAIN}, Command{Args: []string{"true"}})
	require.NoError(t, err)
	err = task.Run(t.Context())
	require.EqualError(t, err, "cannot start true: there are too many processes: resource temporarily unavailable")
	require.Zero(t, task.Info().PID)
}

func TestExitErrors(t *testing.T) {
	for _, test := range []struct {
		err  ExitError
		text string
	}{
		{ExitError{Code: 1}, "exit code 1"},
		{ExitError{Code: 1, Tail: []string{"first", " last \t", "", "  "}}, "exit code 1: last"},
		{ExitError{Code: 126}, "exit code 126 (a shell could not execute a program)"},
		{ExitError{Code: 127}, "exit code 127 (a shell could not find a program)"},
		{ExitError{Code: 137}, "exit code 137 (as after SIGKILL)"},
		{ExitError{Code: 255}, "exit code 255"},
		{ExitError{Code: -1, Signal: syscall.SIGSEGV, CoreDumped: true}, "ended by SIGSEGV (core dumped)"},
		{ExitError{Code: -1, Signal: 40}, "ended by signal 40"},
		{ExitError{Code: 1, Tail: []string{strings.Repeat("x", 199) + "üx"}}, "exit code 1: " + strings.Repeat("x", 199) + "..."},
	} {
		require.EqualError(t, &test.err, test.text)
	}
}

// What the supervisor was told for one command does not change with another.
func TestSetCommand(t *testing.T) {
	task, err := newTask(&fakeKeeper{}, Command{Args: []string{"true"}, Ready: Port(":80"), Probe: Port(":80")})
	require.NoError(t, err)
	require.NoError(t, task.SetCommand(Command{Args: []string{"false"}, Ready: HTTP("http://localhost/"), Probe: File("x")}))
	require.Equal(t, "false", task.Command().Args[0])
	for _, c := range []Command{
		{Args: []string{"a"}, Probe: Port(":80")},
		{Args: []string{"a"}, Ready: Prints("x"), Probe: Port(":80")},
		{Args: []string{"a"}, Ready: Port(":80")},
	} {
		err := task.SetCommand(c)
		require.ErrorIs(t, err, ErrOtherShape)
		require.ErrorAs(t, err, new(*CommandError))
	}
	require.Error(t, task.SetCommand(Command{}))
	require.Equal(t, "false", task.Command().Args[0])
}

func TestUsers(t *testing.T) {
	root, err := lookupUser("root")
	require.NoError(t, err)
	require.Zero(t, root.uid)
	require.Equal(t, "/root", root.home)
	require.Contains(t, root.groups, uint32(0))
	same, err := lookupUser("0:0")
	require.NoError(t, err)
	require.Equal(t, []uint32{0}, same.groups)
	unknown, err := lookupUser("4000000000:4000000001")
	require.NoError(t, err)
	require.Equal(t, uint32(4000000000), unknown.uid)
	require.Equal(t, uint32(4000000001), unknown.gid)
	for _, wrong := range []string{"no-such-user", "root:no-such-group", "4294967296", "-1", ":"} {
		_, err := lookupUser(wrong)
		require.Error(t, err, wrong)
	}
}

// A terminal's colours, cursor movements and titles are no part of a text.
func TestPlainText(t *testing.T) {
	for text, want := range map[string]string{
		"plain":                                    "plain",
		"\x1b[1;32mready\x1b[0m":                   "ready",
		"\x1b[2K\x1b[1Gready":                      "ready",
		"\x1b]0;a title\x07ready":                  "ready",
		"\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\": "link",
		"\x1bMready":                               "ready",
		"a\x1b":                                    "a\x1b",
	} {
		require.Equal(t, want, string(plain([]byte(text))), "%q", text)
	}
}

func TestUnsupportedIsTold(t *testing.T) {
	err := (&CommandError{Field: "Ready", Reason: "needs the notify protocol", Err: errors.ErrUnsupported})
	require.EqualError(t, err, "command: Ready needs the notify protocol: unsupported operation")
	require.ErrorIs(t, err, errors.ErrUnsupported)
}
