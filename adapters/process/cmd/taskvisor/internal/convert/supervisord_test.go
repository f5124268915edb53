package convert_test

import (
	"os/user"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/adapters/process/cmd/taskvisor/internal/assemble"
	"github.com/tasksupervisor/tasksupervisor/adapters/process/cmd/taskvisor/internal/convert"
	"github.com/tasksupervisor/tasksupervisor/adapters/process/cmd/taskvisor/internal/taskfile"
	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
)

func supervisord(t *testing.T, text string, others ...string) (*convert.Result, *assemble.Tree) {
	t.Helper()
	return converted(t, "supervisord.conf", text, others...)
}

// A program that keeps ending within startsecs is tried startretries times more; one that stays up has them all again.
func TestSupervisordRestarts(t *testing.T) {
	_, tree := supervisord(t, `
[program:usual]
command=x
[program:unexpected]
command=x
autorestart=unexpected
exitcodes=0,2,7
startsecs=10
startretries=5
[program:always]
command=x
autorestart=true
startsecs=4
[program:never]
command=x
autorestart=false
[program:atonce]
command=x
startsecs=0
`)
	usual := policy(t, tree, "usual")
	require.Equal(t, supervisor.RestartOnFailure, usual.Restart)
	require.EqualValues(t, 3, usual.MaxAttempts)
	require.Equal(t, time.Second, usual.StableAfter)
	require.Equal(t, time.Second, usual.BaseDelay*time.Duration(usual.Factor), "the first delay")

	unexpected := policy(t, tree, "unexpected")
	require.EqualValues(t, 5, unexpected.MaxAttempts)
	require.Equal(t, 10*time.Second, unexpected.StableAfter)
	require.Equal(t, []int{2, 7}, task(t, tree, "unexpected").Success)

	always := policy(t, tree, "always")
	require.Equal(t, supervisor.RestartAlways, always.Restart)
	require.Equal(t, 4*time.Second, always.MinUptime, "an end before it is a failure, whatever its code")
	require.Equal(t, 4*time.Second, always.StableAfter)

	require.Equal(t, supervisor.RestartNever, policy(t, tree, "never").Restart)
	require.Zero(t, policy(t, tree, "atonce").StableAfter, "any run has all tries again")
}

func TestSupervisordStops(t *testing.T) {
	result, tree := supervisord(t, `
[program:a]
command=x
stopsignal=quit
stopwaitsecs=90
[program:b]
command=x
stopsignal=SIGUSR1
[program:c]
command=x
stopsignal=2
[program:d]
command=x
stopsignal=TERM
[program:e]
command=x
stopsignal=STOP
[program:f]
command=x
stopasgroup=false
[program:g]
command=x
stopasgroup=true
[program:h]
command=x
stopwaitsecs=0
`)
	require.EqualValues(t, time.Second, *task(t, tree, "h").StopTimeout, "supervisord looks once a second")
	require.Equal(t, taskfile.Signal("QUIT"), task(t, tree, "a").StopSignal)
	require.EqualValues(t, 90*time.Second, *task(t, tree, "a").StopTimeout)
	require.Equal(t, taskfile.Signal("USR1"), task(t, tree, "b").StopSignal)
	require.Equal(t, taskfile.Signal("INT"), task(t, tree, "c").StopSignal)
	require.Empty(t, task(t, tree, "d").StopSignal)
	is, _ := verdict(t, result, "[program:e] stopsignal")
	require.Equal(t, convert.Refused, is)
	require.Nil(t, task(t, tree, "a").StopMainOnly, "it is not written")
	require.True(t, *task(t, tree, "f").StopMainOnly)
	require.Nil(t, task(t, tree, "g").StopMainOnly)
}

// supervisord starts in the order of priorities, and stops in the reverse order, one group after the other.
func TestSupervisordOrder(t *testing.T) {
	_, tree := supervisord(t, `
[program:web]
command=x
priority=20
[program:db]
command=x
priority=10
[program:late]
command=x
[program:a]
command=x
[program:b]
command=x
priority=5
[group:workers]
programs=a,b
priority=15
`)
	var names []string
	for _, m := range tree.File().Members() {
		names = append(names, m.Name())
	}
	require.Equal(t, []string{"db", "workers", "web", "late"}, names)
	require.Equal(t, supervisor.StopReverse, tree.File().StopOrder.StopOrder())
	paths, _ := tree.File().All()
	require.Equal(t, []string{"db", "workers/b", "workers/a", "web", "late"}, paths)

	_, tree = supervisord(t, "[program:b]\ncommand=x\n[program:a]\ncommand=x\n")
	require.Equal(t, supervisor.StopByStrategy, tree.File().StopOrder.StopOrder(), "no order was asked for")
}

func TestSupervisordProcesses(t *testing.T) {
	t.Setenv("WHO", "50% of all")
	_, tree := supervisord(t, `
[supervisord]
environment=SHARED="1",HOME="/srv"
[program:web]
command=%(here)s/web --n=%(process_num)03d --short=%(program_name).2s --of=%(numprocs)s "a b" 'c "d"' e\ f %(ENV_WHO)s 100%% %(ENV_PORT)s
process_name=%(program_name)s-%(process_num)d
numprocs=2
numprocs_start=8
environment=PORT="80%(process_num)02d",KEY='a,b',PLAIN=x/y:z
directory=/srv/%(group_name)s
[program:odd]
command=odd
process_name=other
[DEFAULT]
umask=077
`)
	paths, _ := tree.File().All()
	require.Equal(t, []string{"odd/other", "web/web-8", "web/web-9"}, paths)
	web := task(t, tree, "web/web-9")
	require.Equal(t, []string{"sh", "-c", `umask 077; exec "$@"`, "sh"}, web.Exec[:4])
	require.True(t, strings.HasSuffix(web.Exec[4], "/web"))
	require.Equal(t, []string{"--n=009", "--short=we", "--of=2", "a b", `c "d"`, "e f", "50%", "of", "all", "100%", "8009"}, web.Exec[5:])
	require.Equal(t, "/srv/web", web.Dir)
	require.Equal(t, []taskfile.Variable{
		{Name: "SHARED", Value: "1"}, {Name: "HOME", Value: "/srv"}, {Name: "PORT", Value: "8009"}, {Name: "KEY", Value: "a,b"},
		{Name: "PLAIN", Value: "x/y:z"},
	}, web.Env)
}

func TestSupervisordLogs(t *testing.T) {
	me, err := user.Current()
	require.NoError(t, err)
	t.Setenv("HOME", "/home/ada")
	result, tree := supervisord(t, strings.ReplaceAll(`
[program:a]
command=x
stdout_logfile=/var/log/a.log
stderr_logfile=/var/log/a.err
[program:b]
command=x
redirect_stderr=true
stdout_logfile=/var/log/%(program_name)s.log
stderr_logfile=/var/log/b.err
stdout_logfile_maxbytes=5KB
stdout_logfile_backups=0
[program:c]
command=x
stdout_logfile=/dev/stdout
stdout_logfile_maxbytes=0
[program:d]
command=x
stderr_logfile=/var/log/d.err
stderr_logfile_maxbytes=0
[program:e]
command=x
stdout_logfile=~/e.log
[program:f]
command=x
stdout_logfile=~ME/f.log
[program:g]
command=x
stdout_logfile=~no such user/g.log
[supervisord]
directory=~
`, "~ME", "~"+me.Username))
	for path, log := range map[string]string{"e": "/home/ada/e.log", "f": me.HomeDir + "/f.log", "g": filepath.Join(tree.File().Dir, "~no such user/g.log")} {
		require.Equal(t, log, task(t, tree, path).Output.Log, path)
	}
	require.Equal(t, "/home/ada", task(t, tree, "e").Dir)
	for key, want := range map[string]convert.Verdict{
		"[program:a] stdout_logfile": convert.Changed, "[program:a] stderr_logfile": convert.Changed,
		"[program:b] stdout_logfile": convert.Carried, "[program:d] stderr_logfile": convert.Changed,
	} {
		is, why := verdict(t, result, key)
		require.Equal(t, want, is, "%s: %s", key, why)
	}
	a := task(t, tree, "a").Output
	require.Equal(t, "/var/log/a.log", a.Log)
	require.Equal(t, "50MiB", a.MaxSize.String())
	require.Equal(t, 10, *a.Keep)
	b := task(t, tree, "b").Output
	require.Equal(t, "/var/log/b.log", b.Log)
	require.Equal(t, "5KiB", b.MaxSize.String())
	require.Zero(t, *b.Keep)
	require.Nil(t, task(t, tree, "c").Output)
	require.Equal(t, "/var/log/d.err", task(t, tree, "d").Output.Log)
	require.Nil(t, task(t, tree, "d").Output.MaxSize)
}

// The file is read as Python's ConfigParser reads it.
func TestSupervisordFile(t *testing.T) {
	result, tree := supervisord(t, strings.ReplaceAll(`; a comment
# another
[include]
files = conf.d/*b.conf conf.d/[.a]*.conf  ; two

[program:web]
Command: web   ; the rest is a comment
  --port 80;81
  # not this

  --quiet
command2 = no
[program:web]
autostart = no
stopwaitsecs = 5
stopwaitsecs = 6
`, "\n", "\r\n"), "conf.d/b.conf", "[program:b]\ncommand=%(here)s/b\n[include]\nfiles=nothing\n", "conf.d/a.conf", "[program:a]\ncommand=a#b\n", "conf.d/.hidden.conf", "[program:hidden]\ncommand=x\n")
	require.Equal(t, []string{"web", "--port", "80;81", "--quiet"}, task(t, tree, "web").Exec)
	require.True(t, *task(t, tree, "web").Suspended)
	require.EqualValues(t, 6*time.Second, *task(t, tree, "web").StopTimeout)
	require.True(t, strings.HasSuffix(task(t, tree, "b").Exec[0], "conf.d/b"), "here is where that file is")
	require.Equal(t, []string{"a#b"}, task(t, tree, "a").Exec)
	is, why := verdict(t, result, "[program:web] command2")
	require.Equal(t, convert.Unknown, is)
	require.Contains(t, why, `did you mean "command"?`)
	require.Equal(t, 1, result.Count(convert.Unknown))
	paths, _ := tree.File().All()
	require.NotContains(t, paths, "hidden", "no pattern means it")
}

func TestSupervisordUnknownSections(t *testing.T) {
	result, _ := supervisord(t, "[programme:x]\ncommand=x\n[program:y]\ncommand=y\n[rpcinterface:mine]\nsupervisor.rpcinterface_factory=m:m\nretries=1\n")
	is, _ := verdict(t, result, "[programme:x]")
	require.Equal(t, convert.Unknown, is)
	is, _ = verdict(t, result, "[programme:x] command")
	require.Equal(t, convert.Unknown, is)
	is, _ = verdict(t, result, "[rpcinterface:mine] retries")
	require.Equal(t, convert.Refused, is, "what a plugin is told is its own affair")

	result, _ = supervisord(t, "[program:x]\ncommand=x\n[DEFAULT]\nuser=me\nstdout_syslog=true\nstdout_logfile_backups=3\nusr=you\n")
	for key, want := range map[string]convert.Verdict{
		"user": convert.Changed, "stdout_syslog": convert.Refused, "stdout_logfile_backups": convert.Refused, "usr": convert.Unknown,
	} {
		is, why := verdict(t, result, "[DEFAULT] "+key)
		require.Equal(t, want, is, "%s: %s", key, why)
		require.NotContains(t, why, "nothing was made of it", key)
	}
}

func TestSupervisordMistakes(t *testing.T) {
	for text, want := range map[string]string{
		"":                                "s.conf:1:1: the file has no programs",
		"command=x\n":                     `s.conf:1:1: "command=x" is before the first [section]`,
		"[program:a]\nx\n":                `s.conf:2:1: "x" is not key=value`,
		"[program:a]\n":                   "s.conf:1:1: [program:a]: has no command",
		"[program:a]\ncommand=\"x\n":      "s.conf:2:1: [program:a] command: a quotation mark is not closed",
		"[program:a]\ncommand=x\\\n":      "it ends with a backslash",
		"[program:a]\ncommand=%(nope)s\n": `[program:a] command: "%(nope)s" has %(nope)s, which is not set`,
		"[program:a]\ncommand=50%\n":      "that is neither %% nor %(name)s",
		"[program:a]\ncommand=%(program_name)d\n":                                                                   `"a" is not a number`,
		"[program:a]\ncommand=x\nautorestart=maybe\n":                                                               `"maybe" must be true, false or unexpected`,
		"[program:a]\ncommand=x\nautostart=maybe\n":                                                                 `"maybe" must be true or false`,
		"[program:a]\ncommand=x\nstartsecs=soon\n":                                                                  `"soon" must be a whole number`,
		"[program:a]\ncommand=x\nnumprocs=2\n":                                                                      "process_name must have %(process_num)",
		"[program:a]\ncommand=x\nnumprocs=5000\n":                                                                   "5000 must be from 1 to 1000",
		"[program:a]\ncommand=x\nexitcodes=0,x\n":                                                                   `"0,x" must be codes from 0 to 255`,
		"[program:a]\ncommand=x\nenvironment=A\n":                                                                   `it is not KEY="value"`,
		"[program:a]\ncommand=x\nenvironment=A=\"x\n":                                                               "a quotation mark is not closed",
		"[program:a]\ncommand=x\numask=9\n":                                                                         `"9" must be an octal number`,
		"[program:a]\ncommand=x\npriority=high\n":                                                                   `"high" must be a whole number`,
		"[program:a]\ncommand=x\nstdout_logfile=x\nstdout_logfile_maxbytes=big\n":                                   `"big" must be a size such as 512KB`,
		"[program:a]\ncommand=x\n[group:g]\nprograms=a,b\n":                                                         `[group:g] programs: there is no program "b"`,
		"[program:a]\ncommand=x\nprocess_name=b/c\n":                                                                "cannot have a slash",
		"[program:]\ncommand=x\n":                                                                                   "a task must have a name",
		"[program:a]\ncommand=x\n[program:b]\ncommand=x\n[group:b]\nprograms=a\n":                                   `the name "b" is taken`,
		"[program:a]\ncommand=x\nprocess_name=n\n[program:b]\ncommand=x\nprocess_name=n\n[group:g]\nprograms=a,b\n": `the group g has another process "n"`,
		"[program:a]\ncommand=x\n[group:g]\n":                                                                       "[group:g]: names no programs",
	} {
		require.Contains(t, fails(t, "s.conf", text), want, text)
	}
}

func TestSupervisordRefusedSections(t *testing.T) {
	result, tree := supervisord(t, `
[program:a]
command=x
[fcgi-program:php]
command=php
socket=tcp://localhost:9000
[eventlistener:mail]
command=mail
events=TICK_5
[group:g]
programs=a,php
`)
	paths, _ := tree.File().All()
	require.Equal(t, []string{"g/a"}, paths)
	for _, key := range []string{"[fcgi-program:php]", "[fcgi-program:php] command", "[eventlistener:mail]", "[eventlistener:mail] events"} {
		is, why := verdict(t, result, key)
		require.Equal(t, convert.Refused, is, key)
		require.NotEmpty(t, why)
	}
	require.Contains(t, string(result.Text), "# The fcgi-program php is refused.\n")
}
