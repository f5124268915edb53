package convert_test

import (
	"fmt"
	"os"
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

// compose converts processes.
func compose(t *testing.T, text string, others ...string) (*convert.Result, *assemble.Tree) {
	t.Helper()
	return converted(t, "process-compose.yaml", text, others...)
}

func policy(t *testing.T, tree *assemble.Tree, path string) supervisor.Policy {
	t.Helper()
	p, err := tree.Root.Policy(path)
	require.NoError(t, err)
	return p
}

func TestProcessComposeRestarts(t *testing.T) {
	_, tree := compose(t, `
processes:
  never: {command: x}
  "no": {command: x, availability: {restart: "no"}}
  always: {command: x, availability: {restart: always, backoff_seconds: 3}}
  failure: {command: x, availability: {restart: on_failure, max_restarts: 4}}
  exits: {command: x, availability: {restart: exit_on_failure}}
  late: {command: x, availability: {restart: always, backoff_seconds: 120}}
`)
	late := policy(t, tree, "late")
	require.Equal(t, []time.Duration{2 * time.Minute, 2 * time.Minute}, []time.Duration{late.BaseDelay, late.MaxDelay})
	require.Equal(t, supervisor.RestartNever, policy(t, tree, "never").Restart)
	require.Equal(t, supervisor.RestartNever, policy(t, tree, "no").Restart)

	always := policy(t, tree, "always")
	require.Equal(t, supervisor.RestartAlways, always.Restart)
	require.Equal(t, 3*time.Second, always.BaseDelay)
	require.EqualValues(t, 1, always.Factor, "all delays are the same")
	require.Zero(t, always.Jitter.Num)
	require.EqualValues(t, supervisor.Unlimited, always.MaxAttempts)

	failure := policy(t, tree, "failure")
	require.Equal(t, supervisor.RestartOnFailure, failure.Restart)
	require.EqualValues(t, 4, failure.MaxAttempts)
	require.Equal(t, time.Minute, failure.MaxDelay, "as tasks have it unless their file says otherwise")

	exits := policy(t, tree, "exits")
	require.Equal(t, supervisor.RestartOnFailure, exits.Restart, "a good end completes it")
	require.Zero(t, exits.MaxAttempts)
	require.Equal(t, supervisor.ExhaustedEscalate, exits.OnExhausted, "a failure ends all")
}

// process-compose ends when all its processes have ended, or with the end of one that says so.
func TestProcessComposeEnds(t *testing.T) {
	_, tree := compose(t, "processes:\n  a: {command: x}\n  b: {command: x, disabled: true}\n  c: {command: x, is_foreground: true}\n")
	require.Equal(t, supervisor.AutoShutdownAll, tree.Root.Limits().AutoShutdown)
	require.True(t, policy(t, tree, "a").Significant)
	require.False(t, policy(t, tree, "b").Significant, "it may never be started")
	require.True(t, *task(t, tree, "b").Suspended)
	require.True(t, *task(t, tree, "c").Suspended)

	_, tree = compose(t, "processes:\n  test: {command: x, availability: {exit_on_end: true}}\n  db: {command: x}\n  spare: {command: x, disabled: true}\n")
	require.Equal(t, supervisor.AutoShutdownAny, tree.Root.Limits().AutoShutdown)
	require.True(t, policy(t, tree, "test").Significant)
	require.False(t, policy(t, tree, "db").Significant)
	require.False(t, policy(t, tree, "spare").Significant)
}

func TestProcessComposeDependencies(t *testing.T) {
	result, tree := compose(t, `
processes:
  web:
    command: x
    depends_on:
      db: {condition: process_healthy}
      cache: {condition: process_log_ready}
      migrate: {condition: process_completed_successfully}
      seed: {condition: process_completed}
      mail: {condition: process_started}
      plain:
      gone: {condition: process_started}
  db: {command: x, readiness_probe: {http_get: {port: "8080", path: /up}, period_seconds: 2, failure_threshold: 300}}
  cache: {command: x, ready_log_line: "a (b)"}
  migrate: {command: x}
  seed: {command: x}
  mail: {command: x}
  plain: {command: x}
  early: {command: x, depends_on: {migrate: {condition: process_started}, db: {condition: process_started}}}
  late: {command: x, depends_on: {db: {condition: process_completed_successfully}}}
  hopes: {command: x, depends_on: {mail: {condition: process_healthy}, live: {condition: process_healthy}, quiet: {condition: process_log_ready}}}
  live: {command: x, liveness_probe: {exec: {command: x}}}
  quiet: {command: x, ready_log_line: ""}
  patient: {command: x, depends_on: {quiet: {condition: process_completed_successfully}}}
`)
	require.True(t, *task(t, tree, "quiet").Ready.End, "an empty line is none")
	require.Equal(t, []string{"db", "cache", "migrate", "seed", "mail", "plain"}, task(t, tree, "web").Needs)
	db := task(t, tree, "db")
	require.Equal(t, "http://127.0.0.1:8080/up", db.Ready.HTTP)
	require.Equal(t, []int{200}, db.Ready.Status)
	require.Equal(t, 601*time.Second, policy(t, tree, "db").StartTimeout, "300 questions every 2 s, and the last may take 1 s")
	require.Equal(t, supervisor.Probe{Interval: 2 * time.Second, Timeout: time.Second, Failures: 255}, policy(t, tree, "db").Probe)
	require.Equal(t, `a \(b\)`, task(t, tree, "cache").Ready.Line, "it is a text, and no regular expression")
	for _, name := range []string{"migrate", "seed"} {
		require.True(t, *task(t, tree, name).Ready.End, name)
		require.EqualValues(t, supervisor.Forever, policy(t, tree, name).StartTimeout, name)
	}
	require.Nil(t, task(t, tree, "mail").Ready)

	for key, want := range map[string]convert.Verdict{
		"web.depends_on.db.condition": convert.Carried, "web.depends_on.cache.condition": convert.Carried,
		"web.depends_on.migrate.condition": convert.Carried, "web.depends_on.seed.condition": convert.Changed,
		"web.depends_on.mail.condition": convert.Carried, "web.depends_on.plain": convert.Carried,
		"web.depends_on.gone.condition": convert.Refused, "early.depends_on.migrate.condition": convert.Changed,
		"early.depends_on.db.condition": convert.Changed, "late.depends_on.db.condition": convert.Changed,
		"db.readiness_probe.failure_threshold": convert.Changed, "hopes.depends_on.mail.condition": convert.Changed,
		"hopes.depends_on.live.condition": convert.Changed, "hopes.depends_on.quiet.condition": convert.Changed,
		"patient.depends_on.quiet.condition": convert.Carried,
	} {
		is, why := verdict(t, result, "processes."+key)
		require.Equal(t, want, is, "%s: %s", key, why)
	}
}

// A task that has ended keeps nothing up, so what waited for its end needs what it needed: or the database would stop before the web.
func TestProcessComposeNeedsBehindTheEnd(t *testing.T) {
	_, tree := compose(t, `
processes:
  web: {command: x, depends_on: {seed: {condition: process_completed_successfully}, cache: {condition: process_started}}}
  seed: {command: x, depends_on: {migrate: {condition: process_completed_successfully}, cache: {condition: process_started}}}
  migrate: {command: x, depends_on: {db: {condition: process_healthy}}}
  cache: {command: x, depends_on: {disk: {condition: process_started}}}
  db: {command: x, ready_log_line: up}
  disk: {command: x}
`)
	require.Equal(t, []string{"seed", "cache", "migrate", "db"}, task(t, tree, "web").Needs)
	require.Equal(t, []string{"migrate", "cache", "db"}, task(t, tree, "seed").Needs)
	require.Equal(t, []string{"disk"}, task(t, tree, "cache").Needs)
}

func TestProcessComposeReplicas(t *testing.T) {
	_, tree := compose(t, `
processes:
  web:
    command: 'web {{.PC_REPLICA_NUM}} {{.KIND}}'
    vars: {KIND: blue}
    replicas: 12
    log_location: web.log
    log_configuration: {rotation: {max_size_mb: 3, max_backups: 2}}
  all: {command: x, depends_on: {web: {condition: process_started}}}
  one: {command: x, depends_on: {web-3: {condition: process_started}}}
  padded: {command: x, depends_on: {web-11: {condition: process_started}, web-03: {condition: process_started}}}
vars: {KIND: green}
`)
	require.Equal(t, "web 3 blue", task(t, tree, "web-03").Command)
	require.Equal(t, []taskfile.Variable{{Name: "PC_REPLICA_NUM", Value: "11"}}, task(t, tree, "web-11").Env)
	require.Len(t, task(t, tree, "all").Needs, 12)
	require.Equal(t, []string{"web-03"}, task(t, tree, "one").Needs)
	require.Equal(t, []string{"web-11", "web-03"}, task(t, tree, "padded").Needs)
	output := task(t, tree, "web-07").Output
	require.Equal(t, "web.log.7", filepath.Base(output.Log))
	require.Equal(t, "3MiB", output.MaxSize.String())
	require.Equal(t, 2, *output.Keep)
}

// The log of a process is rotated as it says itself: what the project says is for its own log.
func TestProcessComposeLogs(t *testing.T) {
	result, tree := compose(t, `
log_configuration: {rotation: {max_size_mb: 7, max_backups: 9}}
processes:
  plain: {command: x, log_location: plain.log}
  rotated: {command: x, log_location: rotated.log, log_configuration: {rotation: {max_size_mb: 3, max_backups: 2}}}
  all: {command: x, log_location: all.log, log_configuration: {rotation: {max_size_mb: 0, max_backups: 0}}}
  some: {command: x, log_location: some.log, log_configuration: {rotation: {compress: true}}}
  none: {command: x, log_configuration: {rotation: {max_size_mb: 3}}}
`)
	require.Equal(t, taskfile.Output{Log: filepath.Join(tree.File().Dir, "plain.log")}, *task(t, tree, "plain").Output)
	for path, want := range map[string]string{"rotated": "3MiB 2", "all": "100MiB 100", "some": "100MiB 100"} {
		is := task(t, tree, path).Output
		require.Equal(t, want, fmt.Sprint(is.MaxSize, " ", *is.Keep), path)
	}
	require.Nil(t, task(t, tree, "none").Output)
	for key, want := range map[string]convert.Verdict{
		"log_configuration.rotation.max_size_mb": convert.Refused, "log_configuration.rotation.max_backups": convert.Refused,
		"processes.plain.log_location": convert.Changed, "processes.rotated.log_configuration.rotation.max_backups": convert.Carried,
		"processes.all.log_configuration.rotation.max_backups": convert.Changed, "processes.none.log_configuration.rotation.max_size_mb": convert.Refused,
	} {
		is, why := verdict(t, result, key)
		require.Equal(t, want, is, "%s: %s", key, why)
	}
	_, why := verdict(t, result, "processes.some.log_location")
	require.Contains(t, why, "keeps all")
}

func TestProcessComposeCommands(t *testing.T) {
	result, tree := compose(t, `
env_cmds: {REV: "git rev-parse HEAD", UNUSED: uptime}
processes:
  line: {command: 'echo $HOME $$ ${REV} $(date)'}
  lines:
    command: |
      echo "a"
      echo 'b'
  words: {entrypoint: [printf, '%s', "$NAME"], environment: [NAME=x]}
  both: {command: x, entrypoint: [y]}
  raw: {command: 'echo {{.X}}', is_template_disabled: yes}
  root: {command: ls /root, is_elevated: true}
  rooted: {entrypoint: [ls, /root], is_elevated: true}
  bash: {command: '[[ a == b ]] || diff <(a) <(b)'}
  test: {command: x, liveness_probe: {exec: {command: "source it's"}}}
`)
	require.Equal(t, "REV=$(git rev-parse HEAD); export REV\necho $HOME $ ${REV} $(date)", task(t, tree, "line").Command)
	require.Equal(t, "echo \"a\"\necho 'b'", task(t, tree, "lines").Command)
	require.Equal(t, []string{"printf", "%s", os.Getenv("NAME")}, task(t, tree, "words").Exec, "there is no shell to replace it later")
	require.Equal(t, "x", task(t, tree, "both").Command)
	require.Equal(t, "echo {{.X}}", task(t, tree, "raw").Command)
	require.Equal(t, "sudo ls /root", task(t, tree, "root").Command)
	require.True(t, *task(t, tree, "root").TTY)
	require.Equal(t, []string{"sudo", "ls", "/root"}, task(t, tree, "rooted").Exec)
	require.Equal(t, []string{"bash", "-c", "[[ a == b ]] || diff <(a) <(b)"}, task(t, tree, "bash").Exec)
	require.Equal(t, `bash -c 'source it'\''s'`, task(t, tree, "test").Health.Command)
	is, _ := verdict(t, result, "processes.both.entrypoint")
	require.Equal(t, convert.Refused, is)

	_, tree = compose(t, "shell: {shell_command: sh}\nprocesses: {a: {command: '[[ a ]]'}}\n")
	require.Equal(t, "[[ a ]]", task(t, tree, "a").Command)
	_, tree = compose(t, "shell: {shell_command: python3, shell_argument: -m}\nprocesses: {http: {command: http.server 8000}}\n")
	require.Equal(t, []string{"python3", "-m", "http.server 8000"}, task(t, tree, "http").Exec)
}

// What process-compose replaces in its file before it reads it is replaced by what it is now.
func TestProcessComposeVariables(t *testing.T) {
	t.Setenv("PLACE", "/srv")
	t.Setenv("EMPTY", "")
	t.Setenv("WINS", "shell")
	require.NoError(t, os.Unsetenv("UNSET"))
	result, tree := compose(t, `
processes:
  a:
    command: x
    working_dir: ${PLACE}/a
    availability: {restart: always, backoff_seconds: "${WAIT:-7}"}
    environment:
      - A=$PLACE
      - B=${UNSET}
      - C=${EMPTY:-filled}
      - D=${EMPTY-kept}
      - E=${PLACE:+there}
      - F=$$PLACE
      - G=$WINS
      - H=${PLACE^^}
`, ".env", "WINS=file\n")
	a := task(t, tree, "a")
	require.Equal(t, "/srv/a", a.Dir)
	require.Equal(t, 7*time.Second, policy(t, tree, "a").BaseDelay)
	is := map[string]string{}
	for _, v := range a.Env {
		is[v.Name] = v.Value
	}
	require.Equal(t, map[string]string{
		"A": "/srv", "B": "", "C": "filled", "D": "", "E": "there", "F": "$PLACE", "G": "file", "H": "${PLACE^^}", "WINS": "file",
	}, is)
	verdictOf, why := verdict(t, result, "processes.a.environment")
	require.Equal(t, convert.Changed, verdictOf)
	require.Contains(t, why, "B with UNSET as it is now; not set: UNSET")
	require.Contains(t, why, "H left as it is: ${PLACE^^}")

	_, tree = compose(t, "disable_env_expansion: true\nprocesses:\n  a: {command: 'echo $$', environment: ['A=$PLACE']}\n")
	require.Equal(t, "echo $$", task(t, tree, "a").Command)
	require.Equal(t, []taskfile.Variable{{Name: "A", Value: "$PLACE"}}, task(t, tree, "a").Env)
}

func TestProcessComposeEnvironmentFiles(t *testing.T) {
	result, tree := compose(t, `
environment: [LEVEL=global, G=1]
processes:
  with: {command: x, environment: [LEVEL=own]}
  without: {command: x, is_dotenv_disabled: true}
  file: {command: x, working_dir: sub, env_file: own.env}
`, ".env", "LEVEL=dotenv\nD=1\nG=dotenv\n", "sub/own.env", "O=1\nG=file\n")
	names := func(path string) (names []string) {
		for _, v := range task(t, tree, path).Env {
			names = append(names, v.String())
		}
		return names
	}
	require.ElementsMatch(t, []string{"LEVEL=own", "G=1", "D=1"}, names("with"))
	require.ElementsMatch(t, []string{"LEVEL=global", "G=1"}, names("without"))
	require.ElementsMatch(t, []string{"LEVEL=global", "O=1", "G=file", "D=1"}, names("file"), "its file wins over the project, and this over .env")
	require.Contains(t, string(result.Text), "# Variables of .env win over those that taskvisor is started with")
}

func TestProcessComposeStops(t *testing.T) {
	result, tree := compose(t, `
processes:
  a: {command: x, shutdown: {signal: 2, timeout_seconds: 90, parent_only: no}}
  b: {command: x, shutdown: {signal: 15, command: y, send_keys: q}, is_tty: on}
  c: {command: x, shutdown: {signal: 99}}
  d: {command: x, shutdown: {signal: 20, parent_only: true}}
  e: {command: x, shutdown: {timeout_seconds: 0}}
`)
	require.Nil(t, task(t, tree, "e").StopTimeout)
	require.Equal(t, taskfile.Signal("INT"), task(t, tree, "a").StopSignal)
	require.EqualValues(t, 90*time.Second, *task(t, tree, "a").StopTimeout)
	require.Empty(t, task(t, tree, "b").StopSignal)
	require.Empty(t, task(t, tree, "c").StopSignal)
	require.Nil(t, task(t, tree, "a").StopMainOnly)
	require.True(t, *task(t, tree, "d").StopMainOnly)
	for key, want := range map[string]convert.Verdict{
		"a.shutdown.parent_only": convert.Carried, "b.shutdown.signal": convert.Carried, "b.shutdown.command": convert.Refused,
		"b.shutdown.send_keys": convert.Refused, "c.shutdown.signal": convert.Carried, "d.shutdown.signal": convert.Refused,
		"d.shutdown.parent_only": convert.Carried,
	} {
		is, why := verdict(t, result, "processes."+key)
		require.Equal(t, want, is, "%s: %s", key, why)
	}
	require.Contains(t, string(result.Text), "# shutdown.command: y\n")
}

func TestProcessComposeProbes(t *testing.T) {
	result, tree := compose(t, `
processes:
  exec: {command: x, working_dir: w, readiness_probe: {exec: {command: "test -e it's || true", working_dir: "/a b"}, initial_delay_seconds: 4, timeout_seconds: 2}}
  live: {command: x, liveness_probe: {exec: {command: check}, period_seconds: 0, failure_threshold: 5}}
  header: {command: x, liveness_probe: {http_get: {host: h, scheme: HTTPS, headers: {A: "b c"}, status_code: 201}}}
  both: {command: x, readiness_probe: {http_get: {port: 80}}, liveness_probe: {http_get: {port: 81}}}
  beside: {command: x, working_dir: a/b, liveness_probe: {exec: {command: check, working_dir: a/c}}}
  away: {command: x, working_dir: /a, liveness_probe: {exec: {command: check, working_dir: c}}}
`)
	require.Equal(t, "cd ../c && check", task(t, tree, "beside").Health.Command, "both begin where process-compose was started")
	require.Equal(t, "cd "+filepath.Join(tree.File().Dir, "c")+" && check", task(t, tree, "away").Health.Command)
	exec := task(t, tree, "exec")
	require.Equal(t, "cd '/a b' && { test -e it's || true\n}", exec.Ready.Command)
	require.Equal(t, 36*time.Second, policy(t, tree, "exec").StartTimeout)
	require.Equal(t, supervisor.Probe{Interval: 10 * time.Second, Timeout: 2 * time.Second, Failures: 3}, policy(t, tree, "exec").Probe)
	require.Equal(t, "check", task(t, tree, "live").Health.Command)
	require.Equal(t, supervisor.Probe{Interval: 10 * time.Second, Timeout: time.Second, Failures: 5}, policy(t, tree, "live").Probe)
	require.Equal(t, `test "$(curl -s -o /dev/null -w '%{http_code}' -H 'A: b c' https://h/)" = 201`, task(t, tree, "header").Health.Command)
	require.Equal(t, "http://127.0.0.1:80/", task(t, tree, "both").Health.HTTP)
	is, _ := verdict(t, result, "processes.both.liveness_probe")
	require.Equal(t, convert.Refused, is)
}

// A project, and processes, can extend others.
func TestProcessComposeExtends(t *testing.T) {
	result, tree := compose(t, `
extends: shared/base.yaml
processes:
  web: {extends: common, environment: [B=2, C=3], availability: {max_restarts: 3}}
  api: {extends: web, command: api, replicas: 2}
  db: {working_dir: there}
`, "shared/base.yaml", `
processes:
  common: {command: run, environment: [A=1, B=1], availability: {restart: always, backoff_seconds: 2}, working_dir: code}
  db: {command: postgres}
  plain: {command: plain}
`)
	web := task(t, tree, "web")
	require.Equal(t, "run", web.Command)
	require.Equal(t, "shared/code", filepath.Join(filepath.Base(filepath.Dir(web.Dir)), filepath.Base(web.Dir)))
	require.Equal(t, []taskfile.Variable{{Name: "A", Value: "1"}, {Name: "B", Value: "2"}, {Name: "C", Value: "3"}}, web.Env)
	require.Equal(t, 2*time.Second, policy(t, tree, "web").BaseDelay)
	require.EqualValues(t, 3, policy(t, tree, "web").MaxAttempts)
	require.Equal(t, "api", task(t, tree, "api-1").Command)
	require.EqualValues(t, 3, policy(t, tree, "api-0").MaxAttempts)
	require.Equal(t, "there", filepath.Base(task(t, tree, "db").Dir))
	require.Equal(t, "shared", filepath.Base(task(t, tree, "plain").Dir), "it runs where its file is")
	_, why := verdict(t, result, "processes.web.extends")
	require.Contains(t, why, "common")

	require.Contains(t, fails(t, "c.yaml", "processes:\n  a: {extends: b}\n  b: {extends: a}\n"), "processes extend each other: a -> b -> a")
	require.Contains(t, fails(t, "c.yaml", "processes:\n  a: {extends: b}\n"), `c.yaml:2:7: processes.a.extends: there is no process "b"`)
	require.Contains(t, fails(t, "c.yaml", "extends: c.yaml\n"), "the file extends itself")
	require.Contains(t, fails(t, "c.yaml", "extends: d.yaml\n"), "d.yaml: no such file")
}

// Aliases and merge keys are what they stand for.
func TestProcessComposeAnchors(t *testing.T) {
	_, tree := compose(t, `
x-common: &common
  command: run
  availability: &always {restart: always}
processes:
  a: *common
  b:
    <<: *common
    command: other
  c:
    command: third
    availability: *always
`)
	require.Equal(t, "run", task(t, tree, "a").Command)
	require.Equal(t, "other", task(t, tree, "b").Command)
	for _, name := range []string{"a", "b", "c"} {
		require.Equal(t, supervisor.RestartAlways, policy(t, tree, name).Restart, name)
	}
	require.Contains(t, fails(t, "c.yaml", "processes:\n  a: *nothing\n"), "nothing")
	laughs := "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
	for _, n := range []string{"1", "2", "3", "4", "5", "6"} {
		before := "*a" + string(n[0]-1)
		laughs += "a" + n + ": &a" + n + " [" + strings.Repeat(before+", ", 9) + before + "]\n"
	}
	require.Contains(t, fails(t, "c.yaml", laughs), "are its aliases meant?")
}

func TestProcessComposeUnknownKeys(t *testing.T) {
	result, _ := compose(t, `
versin: 1
processes:
  a:
    command: x
    depend_on: {b: {condition: process_started}}
    availability: {restarts: always}
    x-mine: {anything: [1]}
`)
	for key, want := range map[string]string{
		"versin":                            `did you mean "version"?`,
		"processes.a.depend_on":             `did you mean "depends_on"?`,
		"processes.a.availability.restarts": `did you mean "restart"?`,
	} {
		is, why := verdict(t, result, key)
		require.Equal(t, convert.Unknown, is, key)
		require.Contains(t, why, want)
	}
	require.Equal(t, 3, result.Count(convert.Unknown))
	is, _ := verdict(t, result, "processes.a.x-mine")
	require.Equal(t, convert.Refused, is)
}

func TestProcessComposeMistakes(t *testing.T) {
	for text, want := range map[string]string{
		"":                      "the file is not a mapping",
		"a: [":                  "c.yaml:1:4: ",
		"- a":                   "c.yaml:1:1: the file is not a mapping",
		"processes: {}\n":       "the file has no processes",
		"processes:\n  a:\n":    "c.yaml:2:3: processes.a: has nothing to run",
		"processes:\n  a: {}\n": "processes.a: has neither command nor entrypoint",
		"processes:\n  a: {command: x, availability: {restart: maybe}}\n":                           `c.yaml:2:34: processes.a.availability.restart: "maybe" must be always, on_failure, exit_on_failure or no`,
		"processes:\n  a: {command: x, replicas: many}\n":                                           `"many" must be a whole number`,
		"processes:\n  a: {command: x, replicas: 100000}\n":                                         "100000 are more tasks than 1000",
		"processes:\n  a: {command: x, disabled: perhaps}\n":                                        `"perhaps" must be true or false`,
		"processes:\n  a: {command: x, success_exit_codes: [256]}\n":                                `"256" must be a code from 0 to 255`,
		"processes:\n  a: {command: x, environment: [A]}\n":                                         `"A" is not NAME=value`,
		"processes:\n  a: {command: '{{.A'}\n":                                                      "processes.a.command: template",
		"processes:\n  a: {command: x, depends_on: {b: {condition: up}}}\n  b: {command: x}\n":      `"up" must be process_started`,
		"processes:\n  a: {command: x, readiness_probe: {}}\n":                                      "a probe must have exec or http_get",
		"processes:\n  a: {command: x, ready_log_line: y, readiness_probe: {exec: {command: z}}}\n": "either ready_log_line or readiness_probe",
		"processes:\n  a: {command: x}\n---\nprocesses:\n  b: {command: y}\n":                       "a second document",
		"processes:\n  a: {command: [x]}\n":                                                         "must be a line for the shell",
		"processes:\n  a/b: {command: x}\n":                                                         `c.yaml:2:3: processes.a/b: the name of a task cannot have a slash: rename "a/b" first`,
		"processes:\n  a: {command: x, depends_on: {a: {condition: process_started}}}\n":            "c.yaml:2:32: processes.a.depends_on.a: processes depend on each other: a -> a",
		"processes:\n  a: {command: x, replicas: 2}\n  a-1: {command: y}\n":                         `there would be two tasks "a-1": the other is of a`,
		"processes: [a]\n": "processes: must be a mapping",
		"processes:\n  a: {command: x, availability: {backoff_seconds: {}}, shutdown: {signal: -}}\n": "must be one value",
	} {
		require.Contains(t, fails(t, "c.yaml", text), want, text)
	}
}
