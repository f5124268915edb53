package web_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
	"github.com/tasksupervisor/tasksupervisor/adapters/web"
	"github.com/tasksupervisor/tasksupervisor/internal/bubble"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// untilStopped is a task that is well.
var untilStopped = supervisor.TaskFunc(func(ctx context.Context) error {
	<-ctx.Done()
	return context.Cause(ctx)
})

var errRefused = errors.New("connection refused")

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

func newSupervisor(t *testing.T, options ...supervisor.Option) *supervisor.Supervisor {
	t.Helper()
	sup, err := supervisor.New(options...)
	require.NoError(t, err)
	return sup
}

// start runs a supervisor until the test ends, and waits until nothing moves.
func start(t *testing.T, sup *supervisor.Supervisor) {
	t.Helper()
	require.NoError(t, sup.Start(t.Context()))
	synctest.Wait()
}

// wait lets time pass, and waits until nothing moves.
func wait(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

func stop(t *testing.T, sup *supervisor.Supervisor) {
	t.Helper()
	require.NoError(t, sup.Shutdown(context.Background()))
}

// ask asks a handler, as a client on this machine would.
func ask(t *testing.T, handler http.Handler, method, target string, change ...func(*http.Request)) *httptest.ResponseRecorder {
	t.Helper()
	request := httptest.NewRequest(method, target, nil)
	for _, change := range change {
		change(request)
	}
	answer := httptest.NewRecorder()
	handler.ServeHTTP(answer, request)
	return answer
}

// get returns the text that a handler answers.
func get(t *testing.T, handler http.Handler, target string) string {
	t.Helper()
	answer := ask(t, handler, http.MethodGet, target)
	require.Equal(t, http.StatusOK, answer.Code, answer.Body.String())
	return answer.Body.String()
}

func header(name, value string) func(*http.Request) {
	return func(r *http.Request) { r.Header.Set(name, value) }
}

// form makes a request one that posts a form.
func form(values string) func(*http.Request) {
	return func(r *http.Request) {
		r.Body = io.NopCloser(strings.NewReader(values))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
}

func inBubble(t *testing.T, test func(t *testing.T)) {
	t.Helper()
	bubble.Run(t, test)
}

func newPage(t *testing.T, sup *supervisor.Supervisor, options ...web.Option) *web.Page {
	t.Helper()
	page := web.New(sup, options...)
	t.Cleanup(page.Close)
	return page
}
