package main

import (
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
	"github.com/tasksupervisor/tasksupervisor/internal/bubble"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

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
		{[]string{"now"}, 2, "takes no arguments"},
	} {
		var stdout, stderr bytes.Buffer
		exitCode := run(t.Context(), test.args, listenSilently, strings.NewReader(""), &stdout, &stderr)
		require.Equal(t, test.exitCode, exitCode, test.args)
		require.Contains(t, stderr.String(), test.stderr, test.args)
		require.Empty(t, stdout.String(), test.args)
	}
}

func TestRunEndsWithAReport(t *testing.T) {
	bubble.Run(t, func(t *testing.T) {
		var stdout, stderr bytes.Buffer
		require.Zero(t, run(t.Context(), []string{"-for", "1ns"}, listenSilently, strings.NewReader(""), &stdout, &stderr))
		require.Empty(t, stderr.String())
		require.Contains(t, stdout.String(), "shop: halted")
	})
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

// silent is a listener that nobody calls.
type silent struct {
	closed chan struct{}
	once   sync.Once
}

func listenSilently(_, _ string) (net.Listener, error) {
	return &silent{closed: make(chan struct{})}, nil
}

func (s *silent) Accept() (net.Conn, error) {
	<-s.closed
	return nil, net.ErrClosed
}

func (s *silent) Close() error {
	s.once.Do(func() { close(s.closed) })
	return nil
}

func (s *silent) Addr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 80} }

// perform runs the demo for some virtual time and returns what it printed.
func perform(t *testing.T, set settings, typed []step, live bool) (text string, err error) {
	t.Helper()
	var out bytes.Buffer
	bubble.Run(t, func(t *testing.T) {
		set.listen = listenSilently
		err = supervise(t.Context(), set, &typist{steps: typed}, &screen{out: &out, live: live})
		time.Sleep(time.Minute) // what was left behind ends
	})
	return out.String(), err
}

// about returns the lines about tasks, between two seconds of the first minute, with the second and single spaces.
func about(text string, from, to string, paths ...string) []string {
	var lines []string
	for line := range strings.Lines(text) {
		words := strings.Fields(line)
		if len(words) < 2 || !slices.Contains(paths, words[1]) {
			continue
		}
		_, words[0], _ = strings.Cut(words[0], ":")
		_, words[0], _ = strings.Cut(words[0], ":")
		if from <= words[0] && words[0] < to {
			lines = append(lines, strings.Join(words, " "))
		}
	}
	return lines
}

func TestScript(t *testing.T) {
	text, err := perform(t, settings{length: 44 * time.Second}, nil, false)
	require.NoError(t, err)

	require.Equal(t, []string{
		"04.000 shop/stock/counter healthy -> failed failure, run 1, restart 1 once the others have stopped: connection lost",
		"04.000 shop/stock/writer healthy -> stopping sibling, run 1",
		"04.500 shop/stock/writer stopping -> created start-again, run 1",
		"04.500 shop/stock/reader healthy -> stopping sibling, run 1",
		"04.700 shop/stock/reader stopping -> created start-again, run 1",
		"04.700 shop/stock/counter failed -> failed delay-begins, run 1, restart 1 in 1s",
		"05.700 shop/stock/counter failed -> created backoff, run 1",
		"05.700 shop/stock/reader created -> healthy start-again, run 2",
		"05.700 shop/stock/counter created -> healthy backoff, run 2",
		"05.700 shop/stock/writer created -> healthy start-again, run 2",
	}, about(text, "04", "08", "shop/stock/reader", "shop/stock/counter", "shop/stock/writer"), "one-for-all")

	storage := []string{"shop/storage/database", "shop/storage/index", "shop/storage/search"}
	require.Equal(t, []string{
		"08.000 shop/storage/index healthy -> failed failure, run 1, restart 1 once the others have stopped: connection lost",
		"08.000 shop/storage/search healthy -> stopping sibling, run 1",
		"08.200 shop/storage/search stopping -> created start-again, run 1",
		"08.200 shop/storage/index failed -> failed delay-begins, run 1, restart 1 in 1s",
		"09.200 shop/storage/index failed -> created backoff, run 1",
		"09.200 shop/storage/index created -> starting backoff, run 2",
		"09.800 shop/storage/index starting -> healthy ready, run 2",
		"09.800 shop/storage/search created -> starting start-again, run 2",
		"10.200 shop/storage/search starting -> healthy ready, run 2",
	}, about(text, "08", "13", storage...), "rest-for-one, with readiness")

	require.Equal(t, []string{
		"14.800 shop/payments/ledger healthy -> stopping watchdog, run 1: the run missed a heartbeat",
		"14.800 shop/payments/ledger stopping -> failed failure, run 1, restart 1 in 1s: the run missed a heartbeat",
		"15.800 shop/payments/ledger failed -> healthy backoff, run 2",
	}, about(text, "13", "18", "shop/payments/ledger"), "the watchdog")

	require.Equal(t, []string{
		`18.400 shop/storage healthy -> failed failure, run 1, restart 1 once the others have stopped: task "database", run 1, cannot continue: fatal: disk full`,
		"18.400 shop/mail healthy -> stopping dependency, run 1",
		"18.400 shop/web healthy -> stopping dependency, run 1",
		"18.400 shop/web stopping -> created start-again, run 1",
		"18.800 shop/mail stopping -> created start-again, run 1",
		"18.800 shop/storage failed -> failed delay-begins, run 1, restart 1 in 1s",
		"19.800 shop/storage failed -> starting backoff, run 2",
		"21.600 shop/storage starting -> healthy ready, run 2",
		"21.600 shop/web created -> starting start-again, run 2",
		"21.600 shop/mail created -> healthy start-again, run 2",
		"21.600 shop/web starting -> healthy ready, run 2",
	}, withoutHalt(about(text, "18", "24", "shop/storage", "shop/payments", "shop/web", "shop/mail")),
		"a dependency goes and comes back with those bound to it")

	require.Equal(t, []string{
		`26.100 shop/payments/bank healthy -> failed failure, run 1, restart 1 in 2s: task "line-1", run 2, failed, which exceeds 2 failures within 10s: connection lost`,
		"28.100 shop/payments/bank failed -> healthy backoff, run 2",
		`32.100 shop/payments/bank healthy -> failed failure, run 2, restart 2 in 4s: task "line-1", run 3, failed, which exceeds 2 failures within 10s: connection lost`,
		"36.100 shop/payments/bank failed -> healthy backoff, run 3",
	}, withoutHalt(about(text, "24", "41", "shop/payments/bank")), "an escalation restarts the subtree, with backoff")
	require.Equal(t, []string{
		"26.000 shop/payments/bank/line-2 healthy -> stopping supervisor-stop, run 2",
		"26.100 shop/payments/bank/line-2 stopping -> halted supervisor-stop, run 2",
		"28.100 shop/payments/bank/line-2 created -> healthy supervisor-start, run 1",
	}, about(text, "26", "30", "shop/payments/bank/line-2"))

	require.Equal(t, []string{
		"41.000 shop/mail healthy -> stopping dependency, run 2",
		"41.400 shop/mail stopping -> created start-again, run 2",
		"41.400 shop/storage healthy -> stopping restarted, run 2",
		"42.100 shop/storage stopping -> starting restarted, run 3",
		"43.900 shop/storage starting -> healthy ready, run 3",
		"43.900 shop/mail created -> healthy start-again, run 3",
	}, withoutHalt(about(text, "41", "44", "shop/storage", "shop/mail")), "a subtree is restarted")
}

// withoutHalt drops the lines that nested supervisors print, which may come before or after those of their parent.
func withoutHalt(lines []string) []string {
	return slices.DeleteFunc(lines, func(line string) bool { return strings.Contains(line, " halted: ") })
}

func TestShutdownStopsTheTreeInOrder(t *testing.T) {
	text, err := perform(t, settings{length: 3 * time.Second, calm: true}, nil, false)
	require.NoError(t, err)
	require.Equal(t, []string{
		"03.000 shop/mail healthy -> stopping supervisor-stop, run 1",
		"03.400 shop/mail stopping -> halted supervisor-stop, run 1",
		"03.400 shop/storage healthy -> stopping supervisor-stop, run 1",
		"04.100 shop/storage stopping -> halted supervisor-stop, run 1",
	}, withoutHalt(about(text, "03", "05", "shop/mail", "shop/storage")), "what others need goes last")
	_, report, _ := strings.Cut(text, "TASK")
	require.Regexp(t, `shop/payments/bank/line-2 +halted +1 +1 +0`, report)
	require.Contains(t, report, "shop: halted, 15 runs started, 15 ended\n")
}

func TestTypedCommands(t *testing.T) {
	text, err := perform(t, settings{length: 40 * time.Second, calm: true}, []step{
		{after: 550 * time.Millisecond}, // Enter
		{3 * time.Second, "suspend", "stock/reader", ""},
		{time.Second, "resume", "shop/stock/reader", ""},
		{time.Second, "kill", "mail", ""},
		{time.Second, "restart", "mail", ""},
		{time.Second, "panic", "storage/search", ""},
		{time.Second, "finish", "payments/bank/line-1", ""},
		{time.Second, "jam", "payments/bank/line-2", ""},
		{time.Second, "restart", "payments/bank/line-2", ""},
		{4 * time.Second, "remove", "web", ""},
		{time.Second, "fail", "web", ""},
		{time.Second, "fail", "payments/bank/line-1", ""},
		{time.Second, "restart", "nobody", ""},
		{time.Second, "dance", "mail", ""},
		{time.Second, "dance", "", ""},
		{time.Second, "one", "two three", ""},
		{time.Second, "help", "", ""},
	}, false)
	require.NoError(t, err)

	require.Regexp(t, `(?m)^TASK +STATUS +RUN +RESTARTS +WHY$`, text)
	require.Regexp(t, `(?m)^stock +healthy +1 +0 +supervisor-start$`, text)
	require.Regexp(t, `(?m)^storage +starting +1 +0 +supervisor-start$`, text)
	require.Regexp(t, `(?m)^  index +created +0 +0 +supervisor-start, waits for its turn$`, text)
	require.Regexp(t, `(?m)^    line-1 +created +0 +0 +added, waits for its supervisor$`, text)
	require.Regexp(t, `(?m)^web +created +0 +0 +supervisor-start, waits for storage$`, text)

	for _, line := range []string{
		"03.550 shop/stock/reader healthy -> stopping suspended, run 1",
		"03.750 shop/stock/reader stopping -> created suspended, run 1",
		"04.550 shop/stock/reader created -> healthy resumed, run 2",
		"05.950 shop/mail stopping -> dead killed, run 1",
		"06.550 shop/mail dead -> healthy restarted, run 2",
		"07.550 shop/storage/search healthy -> failed failure, run 1, restart 1 in 1s: panic: one too many",
		"08.550 shop/payments/bank/line-1 healthy -> completed completed, run 1: done",
		"13.550 shop/payments/bank/line-2 stopping -> abandoned stop-timeout, run 1",
		"18.550 shop/payments/bank/line-2 abandoned -> healthy restarted, run 2",
		"14.550 shop/web stopping -> none removed, run 1",
	} {
		path := strings.Fields(line)[1]
		require.Contains(t, about(text, "00", "40", path), line)
	}
	require.Contains(t, text, `fail task "web": there is no such task`)
	require.Contains(t, text, `fail task "payments/bank/line-1": the task is not running`)
	require.Contains(t, text, `restart task "nobody": there is no such task`)
	require.Contains(t, text, `dance task "mail": there is no such command`)
	require.Equal(t, 4, strings.Count(text, usage), "at the start, for two lines that are none, and for help")
	require.Equal(t, 3, strings.Count(text, words), "with the commands, but for the line that is too long")
}

// A run that is left behind is reported, and no success.
func TestLeftBehind(t *testing.T) {
	text, err := perform(t, settings{length: 5 * time.Second, calm: true}, []step{{2 * time.Second, "jam", "mail", ""}}, false)
	var left *supervisor.LeftBehindError
	require.ErrorAs(t, err, &left)
	require.Contains(t, text, "1 run was left behind: shop/mail run 1 (stop-timeout)")
}

// A failure of the root ends the demo.
func TestFatal(t *testing.T) {
	_, err := perform(t, settings{calm: true}, []step{{2 * time.Second, "fatal", "mail", ""}}, false)
	var escalated *supervisor.EscalatedError
	require.ErrorAs(t, err, &escalated)
	require.Equal(t, "mail", escalated.Task)
}

func TestPicture(t *testing.T) {
	text, err := perform(t, settings{length: 4250 * time.Millisecond}, []step{{after: time.Second}}, true)
	require.NoError(t, err)
	require.True(t, strings.HasPrefix(text, enter+"\x1b[19;r"+prompt), "the lines are below 15 tasks")
	picture, lines, found := strings.Cut(text, leave)
	require.True(t, found)
	require.Equal(t, 2, strings.Count(picture, prompt), "the second one after Enter")
	require.Contains(t, picture, yellow+"web                created      0        0  supervisor-start, waits for storage"+reset)
	require.Contains(t, picture, reset+"web                healthy      1        0  ready"+reset)
	require.Contains(t, picture, yellow+"  counter          failed       1        1  failure, waits for the others to stop: connection lost"+reset)
	require.Contains(t, picture, toLastRow+"00:00:04.000  > fail stock/counter"+clearRow+backAgain)
	require.NotContains(t, lines, "\x1b", "the shutdown and the report are plain lines")
	require.Contains(t, lines, "shop/storage               healthy   -> stopping  supervisor-stop, run 1")
	require.Contains(t, lines, "shop: halted")
}

func TestPageShowsTheTree(t *testing.T) {
	shop := newShop(func(supervisor.Transition) {}, new(mishaps), supervisor.TaskFunc(func(context.Context) error { return nil }))
	answer := httptest.NewRecorder()
	page(shop).ServeHTTP(answer, httptest.NewRequest(http.MethodGet, "/", nil))
	lines := strings.Split(answer.Body.String(), "\n")
	require.Len(t, lines, 15+1)
	require.Equal(t, "stock: created (added) [supervisor created]", lines[0])
	require.Equal(t, "  reader: created (added)", lines[1])
}

// A web server that cannot listen has failed, and is tried again where it was to be.
func TestWebsiteIsFoundWhereItWas(t *testing.T) {
	var addresses []string
	bubble.Run(t, func(t *testing.T) {
		site := &website{mishaps: new(mishaps), say: func(string, ...any) {}}
		site.set.address = "127.0.0.1:0"
		site.set.listen = func(network, address string) (net.Listener, error) {
			addresses = append(addresses, address)
			if len(addresses) == 2 {
				return nil, net.ErrClosed
			}
			return listenSilently(network, address)
		}
		sup, err := supervisor.New(supervisor.WithTask("web", site))
		require.NoError(t, err)
		require.NoError(t, sup.Start(t.Context()))
		synctest.Wait()
		require.NoError(t, sup.Restart("web"))
		synctest.Wait()
		status, err := sup.Status("web")
		require.NoError(t, err)
		require.ErrorIs(t, status.LastError, net.ErrClosed)
		time.Sleep(2 * time.Second)
		require.NoError(t, sup.Shutdown(context.Background()))
	})
	require.Equal(t, []string{"127.0.0.1:0", "127.0.0.1:80", "127.0.0.1:80"}, addresses)
}
