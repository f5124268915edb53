package httptask_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/adapters/httptask"
	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
	"github.com/tasksupervisor/tasksupervisor/internal/bubble"
	"github.com/tasksupervisor/tasksupervisor/internal/pipes"
)

// The seven situations in which a task can be.

func TestStart(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		w := supervise(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			info, _ := supervisor.Current(r.Context())
			_, _ = io.WriteString(w, info.Path)
		}))
		answer, err := w.get("/")
		require.NoError(t, err)
		require.Equal(t, "http", answer, "requests know their run")
		w.requireStatus(t, supervisor.StatusHealthy)
	})
}

func TestFailure(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		closed := make(chan error, 1)
		w := supervise(t, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			<-r.Context().Done()
			closed <- context.Cause(r.Context())
		}))
		go func() { _, _ = w.get("/") }()
		bubble.Pass(0)
		broken := errors.New("too many open files")
		w.listener.Fail(broken)
		bubble.Pass(0)
		w.requireStatus(t, supervisor.StatusFailed)
		require.Equal(t, broken, w.status(t).LastError, "it is returned as it is")
		require.Equal(t, broken, <-closed, "what was open is closed")
	})
}

func TestFailureToListen(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer func() { _ = taken.Close() }()
	task := httptask.ListenAndServe(func() *http.Server { return &http.Server{Addr: taken.Addr().String(), Handler: hello} })
	err = task.Run(t.Context())
	var failed *net.OpError
	require.ErrorAs(t, err, &failed)
	require.Equal(t, "listen", failed.Op)
}

func TestRestart(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		w := supervise(t, hello)
		for run := range 3 {
			w.requireAnswer(t)
			require.EqualValues(t, run+1, w.status(t).Run)
			require.Equal(t, run+1, w.made, "each run has a server of its own")
			require.NoError(t, w.sup.Restart("http"))
			bubble.Pass(time.Second)
		}
		w.requireAnswer(t)
	})
}

func TestReady(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		open := make(chan struct{})
		listener := pipes.New()
		defer func() { _ = listener.Close() }()
		sup := start(t, httptask.Serve(listener, func() *http.Server {
			<-open
			return &http.Server{Handler: hello}
		}), supervisor.WithReadiness(true))
		bubble.Pass(time.Minute)
		w := &world{sup: sup}
		w.requireStatus(t, supervisor.StatusStarting)
		close(open)
		bubble.Pass(0)
		w.requireStatus(t, supervisor.StatusHealthy)
	})
}

// What was accepted is answered, and who connects later is served by the next run.
func TestStopInTime(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		w := supervise(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			select {
			case <-time.After(8 * time.Second):
				_, _ = io.WriteString(w, "hello")
			case <-r.Context().Done():
				w.WriteHeader(http.StatusServiceUnavailable)
			}
		}))
		answered := make(chan error)
		go func() {
			_, err := w.get("/")
			answered <- err
		}()
		bubble.Pass(0)
		require.NoError(t, w.sup.Kill("http"))
		bubble.Pass(0)
		w.requireStatus(t, supervisor.StatusStopping)
		require.NoError(t, <-answered)
		bubble.Pass(time.Second) // Shutdown looks twice a second
		w.requireStatus(t, supervisor.StatusDead)
		report := w.sup.Report()
		require.Zero(t, report.Runs.Abandoned)
		require.Empty(t, report.FailedStops)

		late := make(chan error)
		go func() {
			_, err := w.get("/")
			late <- err
		}()
		bubble.Pass(time.Minute)
		require.NoError(t, w.sup.Restart("http"))
		require.NoError(t, <-late, "it has waited for the next run")
	})
}

// A request that takes too long is broken off before the run is abandoned, and reported.
func TestStopTooLate(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		causes := make(chan error, 2)
		var answered sync.WaitGroup
		answered.Add(2)
		w := supervise(t, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			<-r.Context().Done()
			causes <- context.Cause(r.Context())
			answered.Wait() // one that returned now might still answer
		}))
		broken := make(chan error, 2)
		for range 2 {
			go func() {
				defer answered.Done()
				_, err := w.get("/")
				broken <- err
			}()
		}
		bubble.Pass(0)
		require.NoError(t, w.sup.Kill("http"))
		bubble.Pass(9*time.Second - 1)
		w.requireStatus(t, supervisor.StatusStopping)
		require.Empty(t, causes)
		bubble.Pass(1)
		w.requireStatus(t, supervisor.StatusDead)
		for range 2 {
			require.Error(t, <-broken)
			require.ErrorIs(t, <-causes, supervisor.ErrKilled)
		}
		var drain *httptask.DrainError
		require.ErrorAs(t, w.status(t).LastError, &drain)
		require.Equal(t, 2, drain.Requests)
		require.EqualError(t, drain, "2 requests were not answered in time: the time that the run has to stop is nearly over")
		require.Len(t, w.sup.Report().FailedStops, 1)
		require.Zero(t, w.sup.Report().Runs.Abandoned)
	})
}

// A handler that is deaf keeps its run from ending: no other run overlaps it.
func TestStopTooLateForADeafHandler(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		release := make(chan struct{})
		w := supervise(t, http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-release }))
		go func() { _, _ = w.get("/") }()
		bubble.Pass(0)
		require.NoError(t, w.sup.Restart("http"))
		bubble.Pass(10 * time.Second)
		w.requireStatus(t, supervisor.StatusAbandoned)
		require.Equal(t, 1, w.made)
		close(release)
		bubble.Pass(time.Second)
		w.requireStatus(t, supervisor.StatusHealthy)
		require.Equal(t, 2, w.made)
	})
}

func TestPanic(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		listener, calls := pipes.New(), 0
		defer func() { _ = listener.Close() }()
		w := &world{listener: listener, client: listener.Client(t)}
		w.sup = start(t, httptask.Serve(listener, func() *http.Server {
			switch calls++; calls {
			case 1:
				panic("it panicked")
			case 2:
				return &http.Server{ConnContext: func(context.Context, net.Conn) context.Context { panic("it panicked again") }}
			}
			return &http.Server{Handler: hello}
		}))
		bubble.Pass(0)
		var panicked *supervisor.PanicError
		require.ErrorAs(t, w.status(t).LastError, &panicked)
		require.Equal(t, "it panicked", panicked.Value)
		bubble.Pass(2 * time.Second)
		w.client.Timeout = time.Second // net/http forgets a connection that such a function is called for
		_, err := w.get("/")
		require.Error(t, err)
		bubble.Pass(0)
		require.ErrorAs(t, w.status(t).LastError, &panicked)
		require.Equal(t, "it panicked again", panicked.Value)
		bubble.Pass(4 * time.Second)
		w.requireAnswer(t)
		w.requireStatus(t, supervisor.StatusHealthy)
	})
}

// net/http recovers the panics of handlers: they cost their request, and no run.
func TestPanicOfAHandler(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		w := supervise(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/panic" {
				panic(http.ErrAbortHandler)
			}
			hello(w, r)
		}))
		_, err := w.get("/panic")
		require.Error(t, err)
		w.requireAnswer(t)
		require.EqualValues(t, 1, w.status(t).Run)
	})
}
