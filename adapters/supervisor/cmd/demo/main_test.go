package main

import (
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
	"github.com/tasksupervisor/tasksupervisor/core/scenario"
	"github.com/tasksupervisor/tasksupervisor/internal/bubble"
)

// asDemo makes the test binary the demo.
const asDemo = "DEMO_AS_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(asDemo) != "" {
		main()
	}
	goleak.VerifyTestMain(m)
}

func TestUsage(t *testing.T) {
	for _, test := range []struct {
		args     []string
		exitCode int
		stderr   string
	}{
		{[]string{"-h"}, 0, "Usage of demo"},
		{[]string{"-nonsense"}, 2, "flag provided but not defined: -nonsense"},
		{[]string{"-for", "soon"}, 2, "invalid value \"soon\""},
		{[]string{"-for", "3"}, 2, "did you mean 3s?"},
		{[]string{"-for", "-1s"}, 2, "must not be negative"},
		{[]string{"-recording", t.TempDir()}, 1, "is a directory"},
		{[]string{"now"}, 2, "takes no arguments"},
	} {
		exitCode, stdout, stderr := start(t, test.args...)
		require.Equal(t, test.exitCode, exitCode, test.args)
		require.Contains(t, stderr, test.stderr, test.args)
		require.Empty(t, stdout, test.args)
	}
}

func TestRunEndsWithAReportAndARecording(t *testing.T) {
	path := filepath.Join(t.TempDir(), "demo.recording")
	var printed string
	bubble.Run(t, func(t *testing.T) {
		_, stdout, _ := start(t, "-for", "10s", "-recording", path)
		printed = stdout
	})
	require.Regexp(t, `(?m)^down, all tasks +(\S+) +\S+ \(-\d\d %\)$`, shell(t, replays(t, printed)[1]), "with a shorter delay")

	bubble.Run(t, func(t *testing.T) {
		exitCode, stdout, stderr := start(t, "-for", "18s", "-recording", path)
		require.Zero(t, exitCode)
		require.Empty(t, stderr)
		require.Contains(t, stdout, "\nshop: halted, 24 runs started, 24 ended\nAs the tasks saw it: 8 restarts, 0 lost, 0 overlapping\n")
		printed = stdout
	})
	commands := replays(t, printed)
	replayed := shell(t, commands[0])
	require.Equal(t, 6, strings.Count(replayed, ": as recorded: "), replayed)
	require.Regexp(t, `(?m)^gave up +1 +0 \(-100 %\)$`, shell(t, commands[1]), "with one failure more it would not have given up")
}

// replays returns the two commands that are printed at the end.
func replays(t *testing.T, printed string) (commands []string) {
	t.Helper()
	for line := range strings.Lines(strings.ReplaceAll(printed, "\\\n", "")) {
		if command, ok := strings.CutPrefix(line, "  go run "); ok {
			commands = append(commands, "go run "+command)
		}
	}
	require.Len(t, commands, 2)
	return commands
}

// shell carries out a command at the root of the repository.
func shell(t *testing.T, command string) string {
	t.Helper()
	cmd := exec.Command("sh", "-c", command)
	cmd.Dir = "../../../.."
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, string(out))
	return string(out)
}

// Without -recording, the file is a new one.
func TestRecordingsAreNotOverwritten(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	var paths []string
	for range 2 {
		bubble.Run(t, func(t *testing.T) {
			_, stdout, _ := start(t, "-for", "1ns")
			require.NotContains(t, stdout, "what-if", "the bank has never run")
			_, rest, _ := strings.Cut(stdout, "All of it is recorded in ")
			path, _, _ := strings.Cut(rest, ". In the root")
			require.Len(t, recorded(t, path), 3, "shop, stock and storage have begun")
			paths = append(paths, path)
		})
	}
	require.NotEqual(t, paths[0], paths[1])
}

// recorded returns the scenarios of a recording.
func recorded(t *testing.T, path string) []*scenario.Scenario {
	t.Helper()
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	file, err := scenario.ParseAll(text)
	require.NoError(t, err)
	return file.Scenarios
}

// start starts the demo as main does, with nothing typed.
func start(t *testing.T, args ...string) (exitCode int, stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	exitCode = run(t.Context(), context.Background(), args, listenSilently, console{strings.NewReader(""), &out, &errs, nil})
	return exitCode, out.String(), errs.String()
}

// typist types lines, each a while after the one before.
type typist struct {
	steps []step
	line  string
}

func (t *typist) Read(p []byte) (int, error) {
	if t.line == "" {
		if len(t.steps) == 0 {
			return 0, io.EOF
		}
		time.Sleep(t.steps[0].after)
		t.line = t.steps[0].word + " " + t.steps[0].path + "\n"
		t.steps = t.steps[1:]
	}
	n := copy(p, t.line)
	t.line = t.line[n:]
	return n, nil
}

// silent is a listener that no client calls.
type silent struct{ brokenOff chan struct{} }

func listenSilently(_, _ string) (net.Listener, error) {
	return &silent{brokenOff: make(chan struct{}, 1)}, nil
}

func (s *silent) Accept() (net.Conn, error) {
	<-s.brokenOff
	return nil, os.ErrDeadlineExceeded
}

// SetDeadline breaks an Accept off, or lets the next one wait.
func (s *silent) SetDeadline(t time.Time) error {
	select {
	case <-s.brokenOff:
	default:
	}
	if !t.IsZero() {
		s.brokenOff <- struct{}{}
	}
	return nil
}

func (s *silent) Close() error { return nil }

func (s *silent) Addr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 80} }

// perform runs the demo for some virtual time and returns what it printed.
func perform(t *testing.T, length time.Duration, set settings, typed []step) (text string, err error) {
	t.Helper()
	var out bytes.Buffer
	bubble.Run(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), length)
		defer cancel()
		p := rehearse(set, &out)
		err = inLines(ctx, context.Background(), p, console{stdin: &typist{steps: typed}})
		time.Sleep(time.Minute) // what was left behind ends
		p.report(&out)
	})
	return out.String(), err
}

// rehearse returns a play without a network.
func rehearse(set settings, out io.Writer) *play {
	set.listener, _ = listenSilently("", "")
	set.recording = io.Discard
	return newPlay(set, out)
}

// about returns the lines about tasks, between two instants of the first hour, with minute and second and single spaces.
func about(text string, from, to string, paths ...string) []string {
	var lines []string
	for line := range strings.Lines(text) {
		words := strings.Fields(line)
		if len(words) < 2 || !slices.Contains(paths, words[1]) {
			continue
		}
		_, words[0], _ = strings.Cut(words[0], ":")
		if from <= words[0] && words[0] < to {
			lines = append(lines, strings.Join(words, " "))
		}
	}
	return lines
}

func TestStoryboard(t *testing.T) {
	text, err := perform(t, 110*time.Second, settings{}, nil)
	require.NoError(t, err)

	require.Equal(t, []string{
		"00:03.000 shop/stock/counter healthy -> failed failure, run 1, restart 1 once the others have stopped: connection lost",
		"00:03.000 shop/stock/writer healthy -> stopping sibling, run 1",
		"00:03.500 shop/stock/writer stopping -> created start-again, run 1",
		"00:03.500 shop/stock/reader healthy -> stopping sibling, run 1",
		"00:03.800 shop/stock/reader stopping -> created start-again, run 1",
		"00:03.800 shop/stock/counter failed -> failed delay-begins, run 1, restart 1 in 2s",
		"00:05.800 shop/stock/counter failed -> created backoff, run 1",
		"00:05.800 shop/stock/reader created -> starting start-again, run 2",
		"00:06.100 shop/stock/reader starting -> healthy ready, run 2",
		"00:06.100 shop/stock/counter created -> starting backoff, run 2",
		"00:06.400 shop/stock/counter starting -> healthy ready, run 2",
		"00:06.400 shop/stock/writer created -> starting start-again, run 2",
		"00:06.700 shop/stock/writer starting -> healthy ready, run 2",
	}, about(text, "00:03", "00:09", "shop/stock/reader", "shop/stock/counter", "shop/stock/writer"), "one-for-all")

	require.Equal(t, []string{
		"00:10.800 shop/payments/ledger healthy -> stopping watchdog, run 1: the run missed a heartbeat",
		"00:10.800 shop/payments/ledger stopping -> failed failure, run 1, restart 1 in 1s: the run missed a heartbeat",
		"00:11.800 shop/payments/ledger failed -> healthy backoff, run 2",
	}, about(text, "00:09", "00:20", "shop/payments/ledger"), "the watchdog")

	require.Equal(t, []string{
		`00:14.600 shop/payments/bank healthy -> failed failure, run 1, restart 1 in 2s: task "line-1", run 2, failed, which exceeds 2 failures within 10s: connection lost`,
		"00:16.600 shop/payments/bank failed -> healthy backoff, run 2",
	}, withoutHalt(about(text, "00:12", "00:20", "shop/payments/bank")), "an escalation restarts the subtree")
	require.Equal(t, []string{
		"00:14.500 shop/payments/bank/line-2 healthy -> stopping supervisor-stop, run 2",
		"00:14.600 shop/payments/bank/line-2 stopping -> halted supervisor-stop, run 2",
		"00:16.600 shop/payments/bank/line-2 created -> healthy supervisor-start, run 1",
	}, about(text, "00:14", "00:20", "shop/payments/bank/line-2"))

	storage := []string{"shop/storage/database", "shop/storage/index", "shop/storage/search"}
	require.Equal(t, []string{
		"00:35.000 shop/storage/index healthy -> failed failure, run 1, restart 1 once the others have stopped: connection lost",
		"00:35.000 shop/storage/search healthy -> stopping sibling, run 1",
		"00:35.200 shop/storage/search stopping -> created start-again, run 1",
		"00:35.200 shop/storage/index failed -> failed delay-begins, run 1, restart 1 in 1s",
		"00:36.200 shop/storage/index failed -> created backoff, run 1",
		"00:36.200 shop/storage/index created -> starting backoff, run 2",
		"00:36.800 shop/storage/index starting -> healthy ready, run 2",
		"00:36.800 shop/storage/search created -> starting start-again, run 2",
		"00:37.200 shop/storage/search starting -> healthy ready, run 2",
	}, about(text, "00:20", "00:44", storage...), "rest-for-one, with readiness")

	require.Equal(t, []string{
		`00:44.400 shop/storage healthy -> failed failure, run 1, restart 1 once the others have stopped: task "database", run 1, cannot continue: fatal: disk full`,
		"00:44.400 shop/mail healthy -> stopping dependency, run 1",
		"00:44.400 shop/web healthy -> stopping dependency, run 1",
		"00:44.400 shop/web stopping -> created start-again, run 1",
		"00:44.800 shop/mail stopping -> created start-again, run 1",
		"00:44.800 shop/storage failed -> failed delay-begins, run 1, restart 1 in 1s",
		"00:45.800 shop/storage failed -> starting backoff, run 2",
		"00:47.600 shop/storage starting -> healthy ready, run 2",
		"00:47.600 shop/web created -> starting start-again, run 2",
		"00:47.600 shop/mail created -> healthy start-again, run 2",
		"00:47.600 shop/web starting -> healthy ready, run 2",
	}, withoutHalt(about(text, "00:44", "00:53", "shop/storage", "shop/payments", "shop/web", "shop/mail")),
		"a dependency goes and comes back with those bound to it")

	require.Equal(t, []string{
		"00:53.000 shop/mail healthy -> failed failure, run 2, restart 1 in 1s: panic: one too many",
		"00:54.000 shop/mail failed -> healthy backoff, run 3",
	}, about(text, "00:53", "01:00", "shop/mail"), "a panic")

	require.Equal(t, []string{
		"01:01.800 shop/payments/ledger healthy -> stopping watchdog, run 2: the run missed a heartbeat",
		"01:04.800 shop/payments/ledger stopping -> abandoned stop-timeout, run 2",
		"01:09.800 shop/payments/ledger abandoned -> failed failure, run 2, restart 1 in 1s: the run missed a heartbeat",
		"01:10.800 shop/payments/ledger failed -> healthy backoff, run 3",
	}, about(text, "01:00", "01:14", "shop/payments/ledger"), "a run that is left behind")

	require.Equal(t, []string{
		"01:14.000 shop/mail healthy -> stopping dependency, run 3",
		"01:14.400 shop/mail stopping -> created start-again, run 3",
		"01:14.400 shop/storage healthy -> stopping restarted, run 2",
		"01:15.100 shop/storage stopping -> starting restarted, run 3",
		"01:16.900 shop/storage starting -> healthy ready, run 3",
		"01:16.900 shop/mail created -> healthy start-again, run 4",
	}, withoutHalt(about(text, "01:14", "01:23", "shop/storage", "shop/mail")), "a subtree is restarted")

	require.Contains(t, text, "00:01:38.000  # counter fails once more", "it goes round in a circle")
	require.Contains(t, text, "As the tasks saw it: 26 restarts, 0 lost, 0 overlapping")
}

// Whoever gives commands is not interrupted, and the storyboard goes on when they have had enough.
func TestTheStoryboardWaits(t *testing.T) {
	text, err := perform(t, 30*time.Second, settings{}, []step{{4 * time.Second, "fail", "mail", caption{}}, {5 * time.Second, "fail", "mail", caption{}}})
	require.NoError(t, err)
	require.Contains(t, text, "00:00:03.000  > fail stock/counter")
	require.Equal(t, 1, strings.Count(text, "# ledger hangs"))
	require.Contains(t, text, "00:00:24.000  # ledger hangs", "15 s after the last command, which came right before this would have")
}

// withoutHalt drops the lines that nested supervisors print, which may come before or after those of their parent.
func withoutHalt(lines []string) []string {
	return slices.DeleteFunc(lines, func(line string) bool { return strings.Contains(line, " halted: ") })
}

func TestShutdownStopsTheTreeInOrder(t *testing.T) {
	text, err := perform(t, 3*time.Second, settings{calm: true}, nil)
	require.NoError(t, err)
	require.Equal(t, []string{
		"00:03.000 shop/mail healthy -> stopping supervisor-stop, run 1",
		"00:03.400 shop/mail stopping -> halted supervisor-stop, run 1",
		"00:03.400 shop/storage healthy -> stopping supervisor-stop, run 1",
		"00:04.100 shop/storage stopping -> halted supervisor-stop, run 1",
	}, withoutHalt(about(text, "00:03", "00:05", "shop/mail", "shop/storage")), "what others need goes last")
	_, report, _ := strings.Cut(text, "TASK")
	require.Regexp(t, `shop/payments/bank/line-2 +halted +1 +1 +0`, report)
	require.Contains(t, report, "shop: halted, 15 runs started, 15 ended\n")
}

func TestTypedCommands(t *testing.T) {
	text, err := perform(t, 40*time.Second, settings{calm: true}, []step{
		{after: 550 * time.Millisecond}, // Enter
		{3 * time.Second, "suspend", "stock/reader", caption{}},
		{time.Second, "resume", "shop/stock/reader", caption{}},
		{time.Second, "kill", "mail", caption{}},
		{time.Second, "restart", "mail", caption{}},
		{time.Second, "panic", "storage/search", caption{}},
		{time.Second, "finish", "payments/bank/line-1", caption{}},
		{time.Second, "jam", "payments/bank/line-2", caption{}},
		{time.Second, "restart", "payments/bank/line-2", caption{}},
		{4 * time.Second, "remove", "web", caption{}},
		{time.Second, "fail", "web", caption{}},
		{time.Second, "fail", "payments/bank/line-1", caption{}},
		{time.Second, "restart", "unknown", caption{}},
		{time.Second, "dance", "mail", caption{}},
		{time.Second, "dance", "", caption{}},
		{time.Second, "one", "two three", caption{}},
		{time.Second, "help", "", caption{}},
	})
	require.NoError(t, err)

	require.Regexp(t, `(?m)^TASK +STATUS +RUN +RESTARTS +WHY$`, text)
	require.Regexp(t, `(?m)^stock +starting +1 +0 +supervisor-start$`, text)
	require.Regexp(t, `(?m)^storage +starting +1 +0 +supervisor-start$`, text)
	require.Regexp(t, `(?m)^  index +created +0 +0 +supervisor-start, waits for its turn$`, text)
	require.Regexp(t, `(?m)^    line-1 +created +0 +0 +added, waits for its supervisor$`, text)
	require.Regexp(t, `(?m)^web +created +0 +0 +supervisor-start, waits for storage$`, text)

	for _, line := range []string{
		"00:03.550 shop/stock/reader healthy -> stopping suspended, run 1",
		"00:03.850 shop/stock/reader stopping -> created suspended, run 1",
		"00:04.550 shop/stock/reader created -> starting resumed, run 2",
		"00:05.950 shop/mail stopping -> dead killed, run 1",
		"00:06.550 shop/mail dead -> healthy restarted, run 2",
		"00:07.550 shop/storage/search healthy -> failed failure, run 1, restart 1 in 1s: panic: one too many",
		"00:08.550 shop/payments/bank/line-1 healthy -> completed completed, run 1: done",
		"00:13.550 shop/payments/bank/line-2 stopping -> abandoned stop-timeout, run 1",
		"00:18.550 shop/payments/bank/line-2 abandoned -> healthy restarted, run 2",
		"00:14.550 shop/web stopping -> none removed, run 1",
	} {
		path := strings.Fields(line)[1]
		require.Contains(t, about(text, "00:00", "00:40", path), line)
	}
	require.Contains(t, text, `fail task "web": there is no such task`)
	require.Contains(t, text, `fail task "payments/bank/line-1": the task is not running`)
	require.Contains(t, text, `restart task "unknown": there is no such task`)
	require.Contains(t, text, `dance task "mail": there is no such command`)
	require.Equal(t, 5, strings.Count(text, usage), "at the start, when the turn comes, for two lines that are none, and for help")
	require.Equal(t, 3, strings.Count(text, words), "with the commands, but for the line that is too long")
}

// A run that is left behind is reported, and no success.
func TestLeftBehind(t *testing.T) {
	text, err := perform(t, 5*time.Second, settings{calm: true}, []step{{2 * time.Second, "jam", "mail", caption{}}})
	var left *supervisor.LeftBehindError
	require.ErrorAs(t, err, &left)
	require.Contains(t, text, "1 run was left behind: shop/mail run 1 (stop-timeout)")
}

// A failure of the root ends the demo.
func TestFatal(t *testing.T) {
	_, err := perform(t, time.Hour, settings{calm: true}, []step{{2 * time.Second, "fatal", "mail", caption{}}})
	var escalated *supervisor.EscalatedError
	require.ErrorAs(t, err, &escalated)
	require.Equal(t, "mail", escalated.Task)
}

func TestPages(t *testing.T) {
	pages := pages(rehearse(settings{}, io.Discard).shop)
	ask := func(method, path, from string) *httptest.ResponseRecorder {
		path, form, _ := strings.Cut(path, "?")
		answer, request := httptest.NewRecorder(), httptest.NewRequest(method, "http://localhost"+path, strings.NewReader(form))
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		request.RemoteAddr = from
		pages.ServeHTTP(answer, request)
		return answer
	}
	require.Contains(t, ask(http.MethodGet, "/", "127.0.0.1:1").Body.String(), "counter")
	require.Equal(t, http.StatusServiceUnavailable, ask(http.MethodGet, "/readyz", "127.0.0.1:1").Code, "it has not been started")
	const kill = "/act?action=stop&path=mail"
	require.Equal(t, http.StatusForbidden, ask(http.MethodPost, kill, "192.0.2.1:1").Code)
	require.Less(t, ask(http.MethodPost, kill, "[::1]:1").Code, 400)
	require.Less(t, ask(http.MethodPost, "/act?action=restart&path=mail", "[::ffff:127.0.0.1]:1").Code, 400)
}

// The page is where it was, whatever happens to the web server.
func TestThePageSurvivesItsServer(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer func() { _ = listener.Close() }()
	workshop := new(workshop)
	site := newWebsite(listener, workshop)
	sup := must(supervisor.New(supervisor.WithName("shop"), supervisor.WithBaseDelay(0), supervisor.WithTask("web", site, supervisor.WithReadiness(true))))
	site.handler = pages(sup)
	operator := newOperator(sup, workshop, newScreen(io.Discard))
	starts := make(chan supervisor.RunNumber, 10)
	_, err = sup.Observe(func(e supervisor.Transition) {
		if e.Kind == supervisor.ActionStart {
			starts <- e.Run
		}
	})
	require.NoError(t, err)
	require.NoError(t, sup.Start(t.Context()))
	require.Equal(t, supervisor.RunNumber(1), <-starts)
	for i, word := range []string{"", "restart", "fail", "panic"} {
		require.NoError(t, sup.WaitFor(t.Context(), "web", supervisor.UntilReady))
		if word != "" {
			require.NoError(t, operator.do(word, "web"))
		}
		answer, err := http.Get("http://" + listener.Addr().String() + "/tasks.json")
		require.NoError(t, err, word)
		text, err := io.ReadAll(answer.Body)
		require.NoError(t, err)
		require.NoError(t, answer.Body.Close())
		require.Contains(t, string(text), `"path": "shop/web"`, word)
		http.DefaultClient.CloseIdleConnections()
		if word != "" {
			require.Equal(t, supervisor.RunNumber(i+1), <-starts) // what answered may be the run before, which ends
		}
	}
	require.NoError(t, sup.Shutdown(t.Context()))
	require.Empty(t, starts)
}

func TestAddressInUse(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer func() { _ = taken.Close() }()
	var out, errs bytes.Buffer
	exitCode := run(t.Context(), context.Background(), []string{"-listen", taken.Addr().String()}, net.Listen,
		console{strings.NewReader(""), &out, &errs, nil})
	require.Equal(t, exitFailed, exitCode)
	require.Contains(t, errs.String(), taken.Addr().String())
	require.Empty(t, out.String())
}
