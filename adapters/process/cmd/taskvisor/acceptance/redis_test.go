//go:build system

package acceptance_test

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"github.com/tasksupervisor/tasksupervisor/core"
	"github.com/tasksupervisor/tasksupervisor/core/scenario"
)

var (
	kills = flag.Int("kills", 20, "how often redis is killed")
	lines = flag.Int("lines", 1000, "how many lines each of a hundred tasks prints")
	seed  = flag.Uint64("seed", 1, "what the instants are drawn from at which it is killed")
)

// pair is a redis-server and an nginx in one file, nginx bound to redis. Redis runs under a lock, which two at a time cannot
// have, and on a port, which two at a time cannot have. Before it becomes nginx, nginx asks redis for a PING, and writes down when
// it did, and the answer.
const pair = `
[tasks.redis]
exec = ["flock", "--nonblock", "--conflict-exit-code", "99", "--no-fork", "{dir}/redis.lock", "redis-server", "--bind", "127.0.0.1", "--port", "{redis}", "--pidfile", "{dir}/redis.pid", "--save", "", "--dir", "{dir}"]
ready = { port = "127.0.0.1:{redis}", interval = "10ms" }
base_delay = "50ms"
max_delay = "400ms"
jitter = 0.5
stable_after = "300ms"

[tasks.nginx]
command = """
echo $(date +%s%N) $(redis-cli -p {redis} ping 2>&1) >> {dir}/pings
exec nginx -p {dir} -c {dir}/nginx.conf"""
bound_to = ["redis"]
ready = { port = "127.0.0.1:{nginx}", interval = "10ms" }
`

const nginxConf = `
daemon off;
pid {dir}/nginx.pid;
error_log stderr notice;
worker_processes 1;
events {}
http {
	access_log off;
	client_body_temp_path {dir}/body; proxy_temp_path {dir}/proxy; fastcgi_temp_path {dir}/fastcgi; uwsgi_temp_path {dir}/uwsgi; scgi_temp_path {dir}/scgi;
	server { listen 127.0.0.1:{nginx}; return 200 "pong\n"; }
}
`

// Redis is killed again and again, at random instants. It comes back when the recording says, never beside another; nginx goes and
// comes with it; and the recording replays.
func TestSystemRedisAndNginx(t *testing.T) {
	t.Parallel()
	t.Logf("%d kills, seed %d", *kills, *seed)
	directory := t.TempDir()
	fill := strings.NewReplacer("{dir}", directory, "{redis}", freePort(t), "{nginx}", freePort(t))
	write(t, directory, "nginx.conf", fill.Replace(nginxConf))
	write(t, directory, "tasks.toml", fill.Replace(pair))
	recording := filepath.Join(directory, "recording")
	v := start(t, directory, "--record", recording)
	v.awaitUp("redis", "nginx")

	var lives []life
	for random := rand.New(rand.NewPCG(*seed, 0)); len(lives) < *kills; {
		now := awaitLife(t, v, len(lives)+1)
		<-time.After(time.Duration(random.Int64N(int64(500 * time.Millisecond))))
		pidFile(t, directory, lives, now)
		now.killed = time.Now()
		require.NoError(t, syscall.Kill(now.pid, syscall.SIGKILL))
		lives = append(lives, now)
	}
	lives = append(lives, awaitLife(t, v, len(lives)+1))
	v.awaitUp("redis", "nginx")
	require.Equal(t, fmt.Sprint(lives[*kills].pid), strings.TrimSpace(read(t, directory, "redis.pid")), "the pid file is that of the one that runs")
	v.signal(syscall.SIGTERM)
	v.ended()

	out, err := exec.Command(tasksim, "replay", recording).CombinedOutput()
	require.NoError(t, err, string(out))
	out, err = exec.Command(tasksim, "check", recording).CombinedOutput()
	require.NoError(t, err, string(out))

	told := recorded(t, recording, "redis")
	require.Len(t, told, *kills+1, "it has only ever ended because it was killed: there was never another that had its port or its lock")
	comeBack(t, lives, told)
	require.NotContains(t, v.said(), "Address already in use")
	asked(t, read(t, directory, "pings"), lives, told)
}

// pidFile checks that the pid file is that of the life that there is now, or of the one before if this one has yet to write it.
func pidFile(t *testing.T, directory string, before []life, now life) {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(directory, "redis.pid"))
	if errors.Is(err, fs.ErrNotExist) && len(before) == 0 {
		return
	}
	require.NoError(t, err)
	pid := strings.TrimSpace(string(content))
	known := []string{"", fmt.Sprint(now.pid)} // it is empty while it is written
	if len(before) > 0 {
		known = append(known, fmt.Sprint(before[len(before)-1].pid))
	}
	require.Contains(t, known, pid)
}

// life is one life of redis, as the machine shows it.
type life struct {
	pid             int
	started, killed time.Time
}

// awaitLife waits for a life of redis, by its number.
func awaitLife(t *testing.T, v *instance, run int) (l life) {
	t.Helper()
	await(t, fmt.Sprintf("redis begins its life %d", run), func() bool {
		is := v.tasks()["redis"]
		l.pid = is.PID
		return l.pid != 0 && is.Run == uint64(run)
	})
	l.started = startOf(t, l.pid)
	return l
}

// run is one life of redis, as the recording has it.
type run struct {
	due     time.Time // when it was to start
	started time.Time // when the supervisor was there to start it
	ready   time.Time
	ended   time.Time
}

// recorded returns the runs of a task.
func recorded(t *testing.T, recording, task string) (runs []run) {
	t.Helper()
	file, err := scenario.ParseAll([]byte(read(t, recording)))
	require.NoError(t, err)
	require.Len(t, file.Scenarios, 1)
	player, err := scenario.NewPlayer(file.Scenarios[0])
	require.NoError(t, err)
	date := func(at core.Instant) time.Time { return file.Scenarios[0].Head.Origin.Add(time.Duration(at)) }
	for player.Next() {
		if _, isEvent := player.Statement().(*scenario.Event); !isEvent {
			continue
		}
		for _, a := range player.Actions() {
			if player.Name(a.Task) != task {
				continue
			}
			switch {
			case a.Kind == core.ActionStart:
				runs = append(runs, run{due: date(a.At), started: date(player.Event().At)})
			case a.To == core.StatusHealthy && a.From == core.StatusStarting:
				runs[len(runs)-1].ready = date(a.At)
			case a.Exit != core.ExitNone:
				runs[len(runs)-1].ended = date(a.At)
			}
		}
	}
	require.NoError(t, player.Err())
	return runs
}

// comeBack checks that the real lives are those of the recording: none began before it was due, and nine in ten began within 50 ms of
// that, and of how late the machine was meanwhile.
func comeBack(t *testing.T, lives []life, told []run) {
	t.Helper()
	const bound = 50 * time.Millisecond
	var late []time.Duration
	beyond := 0
	for i, real := range lives {
		is := told[i]
		require.False(t, real.started.Before(is.due.Add(-tick)), "life %d began at %v and was due at %v", i+1, real.started, is.due)
		if i > 0 {
			require.True(t, real.started.Add(tick).After(lives[i-1].killed), "never two at a time")
		}
		late = append(late, real.started.Sub(is.due))
		if real.started.Sub(is.due) > tick+atMost(bound, is.due, real.started) {
			beyond++
		}
	}
	slices.Sort(late)
	t.Logf("starts after they were due: half within %v, nine in ten within %v, all within %v", late[len(late)/2], late[len(late)*9/10], late[len(late)-1])
	require.LessOrEqual(t, beyond, len(lives)/10, late)
}

// asked checks what nginx was answered each time before it began: a PONG, unless redis had been killed since it was ready.
func asked(t *testing.T, pings string, lives []life, told []run) {
	t.Helper()
	began := strings.Split(strings.TrimSpace(pings), "\n")
	pongs := 0
	for _, line := range began {
		when, answer, _ := strings.Cut(line, " ")
		if answer == "PONG" {
			pongs++
			continue
		}
		at := nanoseconds(t, when)
		killed := slices.ContainsFunc(lives, func(l life) bool {
			i := slices.Index(lives, l)
			return !told[i].ready.IsZero() && told[i].ready.Before(at) && !l.killed.IsZero() && l.killed.Before(at) &&
				(i+1 == len(lives) || at.Before(lives[i+1].started.Add(tick)))
		})
		require.True(t, killed, "redis did not answer nginx: %s", line)
	}
	t.Logf("nginx began %d times; redis answered %d times, and had been killed just before in the others", len(began), pongs)
	require.Greater(t, pongs, len(began)/2)
}

func nanoseconds(t *testing.T, text string) time.Time {
	t.Helper()
	n, err := strconv.ParseInt(text, 10, 64)
	require.NoError(t, err)
	return time.Unix(0, n)
}

// startOf returns when a process began, to a hundredth of a second.
func startOf(t *testing.T, pid int) time.Time {
	t.Helper()
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	require.NoError(t, err)
	fields := strings.Fields(string(stat[bytes.LastIndexByte(stat, ')')+1:]))
	ticks, err := strconv.ParseInt(fields[19], 10, 64)
	require.NoError(t, err)
	var sinceBoot unix.Timespec
	require.NoError(t, unix.ClockGettime(unix.CLOCK_BOOTTIME, &sinceBoot))
	return time.Now().Add(time.Duration(ticks)*tick - time.Duration(sinceBoot.Nano()))
}

// tick is the unit of times in /proc.
const tick = 10 * time.Millisecond

// freePort returns a port that is free now.
func freePort(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer func() { _ = listener.Close() }()
	_, port, err := net.SplitHostPort(listener.Addr().String())
	require.NoError(t, err)
	return port
}
