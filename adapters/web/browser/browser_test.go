//go:build system

// These tests drive a real browser. They count, and measure processor time and distances between two events by one clock; where they
// wait, it is for what has to come.
package browser

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
	"github.com/tasksupervisor/tasksupervisor/adapters/web"
)

// browser is one browser for all tests, which is what takes time to start.
var browser context.Context

func TestMain(m *testing.M) {
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.Flag("host-resolver-rules", "MAP *.test 127.0.0.1"),
		chromedp.WindowSize(1280, 800),
	)
	if os.Getuid() == 0 {
		options = append(options, chromedp.NoSandbox)
	}
	allocator, cancel := chromedp.NewExecAllocator(context.Background(), options...)
	tab, end := chromedp.NewContext(allocator)
	if err := chromedp.Do(tab); err != nil {
		fmt.Fprintln(os.Stderr, "no browser:", err)
		os.Exit(1)
	}
	browser = tab
	code := m.Run()
	end()
	cancel()
	os.Exit(code)
}

// patience is how long a test waits for what has to come. It is no measure of anything.
const patience = 30 * time.Second

// tab is a tab of the browser.
type tab struct {
	context.Context
	t *testing.T

	mu       sync.Mutex
	problems []string
}

// newTab opens a tab. Whatever the browser complains of until the test ends is a failure of the test. What it complains of
// afterwards is that its server goes away.
func newTab(t *testing.T) *tab {
	t.Helper()
	one := &tab{t: t}
	ctx, cancel := chromedp.NewContext(browser, chromedp.WithListener(func(event any) {
		switch e := event.(type) {
		case *runtime.EventExceptionThrown:
			one.complain(fmt.Sprintf("%+v", e.ExceptionDetails))
		case *runtime.EventConsoleAPICalled:
			one.complain(fmt.Sprint("console: ", e.Type))
		case *log.EventEntryAdded: // what breaks a security policy is here, too
			one.complain(fmt.Sprint(e.Entry.Source, " ", e.Entry.Level, ": ", e.Entry.Text, " ", e.Entry.URL))
		}
	}))
	one.Context = ctx
	t.Cleanup(func() {
		cancel()
		one.mu.Lock()
		defer one.mu.Unlock()
		require.Empty(t, one.problems)
	})
	require.NoError(t, chromedp.Do(ctx)) // opens the tab, which lives as long as the context of that call
	one.do(command(log.Enable, cdp.Empty{}), command(runtime.Enable, cdp.Empty{}))
	return one
}

// command makes a step of a command of the browser's protocol.
func command[P, R any](c cdp.Command[P, R], params P) chromedp.Action[chromedp.Void] {
	return chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
		_, err := cdp.Call(ctx, target, c, params)
		return err
	})
}

func (b *tab) complain(text string) {
	if b.t.Context().Err() != nil {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.problems = append(b.problems, text)
}

// forgive takes back complaints that a test has provoked.
func (b *tab) forgive(part string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	var rest []string
	for _, problem := range b.problems {
		if !strings.Contains(problem, part) {
			rest = append(rest, problem)
		}
	}
	b.problems = rest
}

func (b *tab) do(steps ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b, patience)
	defer cancel()
	require.NoError(b.t, chromedp.Do(ctx, steps...))
}

// load loads a page, and waits until it is there.
func (b *tab) load(address string) {
	b.t.Helper()
	b.do(command(page.Navigate, page.NavigateParams{URL: address}))
	b.until(`document.readyState === "complete" && location.href !== "about:blank"`)
}

// open opens a page, and waits until it is live.
func (b *tab) open(address string) {
	b.t.Helper()
	b.load(address)
	b.until(`document.getElementById("live").textContent === "Live."`)
}

// until waits until an expression is true.
func (b *tab) until(expression string) {
	b.t.Helper()
	deadline := time.Now().Add(patience)
	for {
		holds, err := chromedp.Run(b, chromedp.Evaluate[bool]("Boolean("+expression+")"))
		if err == nil && holds {
			return
		}
		if time.Now().After(deadline) {
			text, _ := chromedp.Run(b, chromedp.Evaluate[string](`document.body.innerText`))
			require.FailNow(b.t, "not so: "+expression, "%v\n%s", err, text)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// eval evaluates an expression.
func eval[T any](b *tab, expression string) T {
	b.t.Helper()
	value, err := chromedp.Run(b, chromedp.Evaluate[T](expression))
	require.NoError(b.t, err)
	return value
}

// text returns the text of an element.
func (b *tab) text(selector string) string {
	b.t.Helper()
	return eval[string](b, fmt.Sprintf("document.querySelector(%q).textContent", selector))
}

var errRefused = errors.New("dial tcp 10.0.0.7:5432: connect: connection refused")

var untilStopped = supervisor.TaskFunc(func(ctx context.Context) error {
	<-ctx.Done()
	return context.Cause(ctx)
})

// failing is a task that is well for a while, and then fails.
func failing(after time.Duration, err error) supervisor.Task {
	return supervisor.TaskFunc(func(ctx context.Context) error {
		select {
		case <-time.After(after):
			return err
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	})
}

// serve runs a supervisor and shows it below a prefix, until the test ends.
func serve(t *testing.T, sup *supervisor.Supervisor, options ...web.Option) (address string) {
	t.Helper()
	return serveWith(t, sup, func(shown http.Handler) http.Handler { return shown }, options...)
}

func serveWith(t *testing.T, sup *supervisor.Supervisor, around func(http.Handler) http.Handler, options ...web.Option) (address string) {
	t.Helper()
	shown := web.New(sup, options...)
	require.NoError(t, sup.Start(context.Background()))
	mux := http.NewServeMux()
	mux.Handle("/debug/tasks/", around(shown))
	server := httptest.NewServer(mux)
	t.Cleanup(func() {
		require.NoError(t, server.Config.Shutdown(context.Background()), "streams do not hold it up")
		server.Close()
		shown.Close()
		require.NoError(t, sup.Shutdown(context.Background()))
	})
	return server.URL + "/debug/tasks/"
}

func newSupervisor(t *testing.T, options ...supervisor.Option) *supervisor.Supervisor {
	t.Helper()
	sup, err := supervisor.New(options...)
	require.NoError(t, err)
	return sup
}
