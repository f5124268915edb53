package web_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
	"github.com/tasksupervisor/tasksupervisor/adapters/web"
	"github.com/tasksupervisor/tasksupervisor/internal/pipes"
)

// listener is a client of a stream, in a bubble.
type listener struct {
	header http.Header
	end    context.CancelFunc
	done   chan struct{}

	mu     sync.Mutex
	code   int
	events []event
	beats  int
	text   string
}

// event is one that a server has sent.
type event struct {
	at             time.Time
	name, id, data string
}

func (l *listener) Header() http.Header { return l.header }
func (l *listener) Flush()              {}
func (l *listener) WriteHeader(code int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.code = code
}

func (l *listener) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.text += string(p)
	for {
		block, rest, whole := strings.Cut(l.text, "\n\n")
		if !whole {
			return len(p), nil
		}
		l.text = rest
		e := event{at: time.Now()}
		for line := range strings.SplitSeq(block, "\n") {
			name, value, _ := strings.Cut(line, ": ")
			switch name {
			case "event":
				e.name = value
			case "id":
				e.id = value
			case "data":
				e.data = value
			case "":
				l.beats++
			}
		}
		if e.name != "" {
			l.events = append(l.events, e)
		}
	}
}

func (l *listener) all() []event {
	l.mu.Lock()
	defer l.mu.Unlock()
	return append([]event(nil), l.events...)
}

// listen opens a stream.
func listen(t *testing.T, handler http.Handler, target string, change ...func(*http.Request)) *listener {
	t.Helper()
	ctx, end := context.WithCancel(t.Context())
	l := &listener{header: http.Header{}, end: end, done: make(chan struct{})}
	request := httptest.NewRequest(http.MethodGet, target, nil).WithContext(ctx)
	for _, change := range change {
		change(request)
	}
	go func() {
		defer close(l.done)
		handler.ServeHTTP(l, request)
	}()
	wait(0)
	return l
}

func (l *listener) close() {
	l.end()
	<-l.done
}

// shown is a page as a script would have it: what it was sent, taken together.
type shown struct {
	Last  string            `json:"last"`
	Order []string          `json:"order"`
	Parts map[string]string `json:"parts"`
	Rows  map[string]string `json:"rows"`
}

func (l *listener) shows(t *testing.T) (page shown) {
	t.Helper()
	page.Parts, page.Rows = map[string]string{}, map[string]string{}
	for _, e := range l.all() {
		if e.name != "change" {
			continue
		}
		var c shown
		require.NoError(t, json.Unmarshal([]byte(e.data), &c))
		if c.Order != nil {
			page.Order = c.Order
		}
		for key, text := range c.Parts {
			page.Parts[key] = text
		}
		for key, text := range c.Rows {
			page.Rows[key] = text
		}
		page.Last = c.Last
		require.Equal(t, e.id, c.Last)
	}
	return page
}

// stormy is a tree in which 200 things happen in a second.
func stormy(t *testing.T) *supervisor.Supervisor {
	t.Helper()
	var all []supervisor.Option
	for i := range 20 {
		all = append(all, supervisor.WithTask(fmt.Sprint("task-", i), failing(200*time.Millisecond, errRefused),
			supervisor.WithBackoff(supervisor.Backoff{Base: 10 * time.Millisecond, Factor: 1}), supervisor.WithMaxAttempts(supervisor.Unlimited)))
	}
	return newSupervisor(t, all...)
}

// However much happens, a client is told four times a second at most, and in the end shows what there is.
func TestAStreamTellsFourTimesASecondAtMost(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		sup := stormy(t)
		page := newPage(t, sup)
		l := listen(t, page, "/events?for=tasks&view=list")
		start(t, sup)
		wait(10 * time.Second)
		events := l.all()
		require.Greater(t, len(events), 30)
		require.LessOrEqual(t, len(events), 42)
		for i := 1; i < len(events); i++ {
			require.GreaterOrEqual(t, events[i].at.Sub(events[i-1].at), 250*time.Millisecond)
		}
		stop(t, sup)
		wait(time.Second)
		last := l.shows(t)
		require.Contains(t, last.Parts["sentence"], "The supervisor has stopped")
		require.Len(t, last.Order, 20)
		for _, row := range last.Rows {
			require.Contains(t, row, "halted")
		}
		l.close()
	})
}

// An event is told at once if nothing was told just before.
func TestAStreamTellsAtOnce(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		sup := newSupervisor(t, supervisor.WithTask("task", untilStopped), supervisor.WithTask("other", untilStopped))
		page := newPage(t, sup)
		start(t, sup)
		l := listen(t, page, "/events?for=tasks")
		wait(61 * time.Second)
		before, now := len(l.all()), time.Now()
		require.NoError(t, sup.Restart("task"))
		wait(400 * time.Millisecond)
		events := l.all()[before:]
		require.NotEmpty(t, events)
		require.Equal(t, now, events[0].at)
		var rows shown
		require.NoError(t, json.Unmarshal([]byte(events[len(events)-1].data), &rows))
		require.NotContains(t, rows.Rows, "other", "only what has changed is sent")
		require.Contains(t, l.shows(t).Rows["task"], `class="run">2</td>`)
		l.close()
		stop(t, sup)
	})
}

// While nothing happens, a stream says only that it is there, and what does not move is not sent again.
func TestAQuietStream(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		sup := newSupervisor(t, supervisor.WithTask("task", untilStopped), supervisor.WithTask("suspended", untilStopped, supervisor.WithSuspended(true)))
		page := newPage(t, sup)
		start(t, sup)
		wait(time.Hour)
		l := listen(t, page, "/events?for=tasks")
		wait(29 * time.Second)
		require.Len(t, l.all(), 1)
		require.Equal(t, 5, l.beats)
		l.close()
		stop(t, sup)
	})
}

// A client that comes back is sent all if anything has happened since, and nothing if not.
func TestAClientThatComesBackIsSentWhatItLacks(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		sup := newSupervisor(t, supervisor.WithTask("task", untilStopped))
		page := newPage(t, sup)
		start(t, sup)
		l := listen(t, page, "/events?for=tasks")
		last := l.shows(t).Last
		l.close()
		wait(time.Minute)

		l = listen(t, page, "/events?for=tasks", header("Last-Event-ID", last))
		wait(time.Second)
		require.Empty(t, l.all())
		l.close()
		require.NoError(t, sup.Restart("task"))
		wait(0)
		for _, come := range []*listener{
			listen(t, page, "/events?for=tasks", header("Last-Event-ID", last)),
			listen(t, page, "/events?for=tasks&last="+last),
			listen(t, page, "/events?for=tasks&last=other.1"), // of another process
			listen(t, page, "/events?for=tasks&last=nonsense"),
			listen(t, page, "/events?for=task&path=task"),
		} {
			wait(time.Second)
			require.Len(t, come.all(), 1)
			come.close()
		}
		stop(t, sup)
	})
}

// The page of a task is told what concerns it.
func TestTheStreamOfATask(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		sup := newSupervisor(t, supervisor.WithTask("task", failing(time.Minute, errRefused)))
		page := newPage(t, sup, web.WithControls(nil))
		start(t, sup)
		l := listen(t, page, "/events?for=task&path=task")
		wait(61 * time.Second)
		require.Contains(t, l.shows(t).Parts["task-error"], "connection refused")
		require.Contains(t, l.shows(t).Parts["task-now"], "starts in")
		require.NoError(t, sup.Remove("task"))
		wait(time.Second)
		require.Contains(t, l.shows(t).Parts["task-now"], "There is no task of this path")
		l.close()
		stop(t, sup)
	})
}

// Decisions can be followed by a program, without a gap.
func TestDecisionsCanBeFollowed(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		sup := newSupervisor(t, supervisor.WithTask("task", failing(time.Second, errRefused), supervisor.ForService()))
		page := newPage(t, sup)
		start(t, sup)
		type told struct {
			Lost      uint64 `json:"lost"`
			Decisions []struct {
				ID   uint64 `json:"id"`
				Path string `json:"path"`
				To   string `json:"to"`
			} `json:"decisions"`
		}
		read := func(l *listener) (ids []uint64, lost uint64, last string) {
			for _, e := range l.all() {
				require.Equal(t, "decisions", e.name)
				var d told
				require.NoError(t, json.Unmarshal([]byte(e.data), &d))
				for _, one := range d.Decisions {
					ids = append(ids, one.ID)
				}
				lost, last = lost+d.Lost, e.id
			}
			return ids, lost, last
		}
		l := listen(t, page, "/events")
		wait(10 * time.Second)
		ids, lost, last := read(l)
		l.close()
		require.NotEmpty(t, ids)
		require.Zero(t, lost)
		require.EqualValues(t, 2, ids[0], "from when it came on")
		wait(10 * time.Minute)
		l = listen(t, page, "/events", header("Last-Event-ID", last))
		more, lost, _ := read(l)
		l.close()
		require.Zero(t, lost)
		require.Equal(t, ids[len(ids)-1]+1, more[0])
		for i := 1; i < len(more); i++ {
			require.Equal(t, more[i-1]+1, more[i])
		}
		wait(24 * time.Hour)
		l = listen(t, page, "/events", header("Last-Event-ID", last))
		rest, lost, _ := read(l)
		l.close()
		require.Positive(t, lost, "what is not known any more is told")
		require.EqualValues(t, rest[len(rest)-1], ids[len(ids)-1]+lost+uint64(len(rest)))
		stop(t, sup)
	})
}

// Of one browser the oldest stream has to go, because a browser has few connections by HTTP/1. It is told why, and polls.
func TestABrowserHasFourStreams(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		sup := newSupervisor(t, supervisor.WithTask("task", untilStopped))
		page := newPage(t, sup)
		start(t, sup)
		other := listen(t, page, "/events?for=tasks&browser=other")
		var tabs []*listener
		for range 7 {
			tabs = append(tabs, listen(t, page, "/events?for=tasks&browser=mine"))
			wait(time.Second)
		}
		for i, tab := range tabs {
			last := tab.all()[len(tab.all())-1]
			if i < 3 {
				<-tab.done
				require.Equal(t, "bye", last.name)
				require.Equal(t, "crowded", last.data)
				require.Contains(t, get(t, page, "/view?for=tasks&browser=mine"), `"rows"`)
			} else {
				require.Equal(t, "change", last.name)
				tab.close()
			}
		}
		require.Equal(t, "change", other.all()[len(other.all())-1].name)
		other.close()
		fast := func(r *http.Request) { r.ProtoMajor = 2 }
		tabs = nil
		for range 64 { // by HTTP/2 there is no such limit, but there is one in all
			tabs = append(tabs, listen(t, page, "/events?for=tasks&browser=mine", fast))
		}
		late := listen(t, page, "/events?for=tasks", fast)
		<-late.done
		require.Equal(t, http.StatusServiceUnavailable, late.code)
		require.Equal(t, "2", late.header.Get("Retry-After"))
		for _, tab := range tabs {
			tab.close()
		}
		stop(t, sup)
	})
}

// A stream ends after a while, so that none lasts for ever; and all end with the page.
func TestStreamsEnd(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		sup := newSupervisor(t, supervisor.WithTask("task", untilStopped))
		page := newPage(t, sup)
		start(t, sup)
		l := listen(t, page, "/events?for=tasks")
		wait(5 * time.Minute)
		<-l.done
		require.Equal(t, "time", l.all()[len(l.all())-1].data)
		l = listen(t, page, "/events?for=tasks")
		page.Close()
		<-l.done
		require.Equal(t, "shut down", l.all()[len(l.all())-1].data)
		stop(t, sup)
	})
}

// While no one looks, a page has no goroutine, and nothing wakes up: goleak sees the one, and the bubble the other.
func TestNothingRunsWhileNoOneLooks(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		sup := newSupervisor(t, supervisor.WithTask("task", untilStopped))
		page := newPage(t, sup)
		start(t, sup)
		l := listen(t, page, "/events?for=tasks")
		l.close()
		require.Zero(t, page.Looks())
		stop(t, sup)
	})
}

// A client that takes nothing in is cut off, and holds up nothing.
func TestAClientThatIsStuckIsCutOff(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		sup := stormy(t)
		page := newPage(t, sup)
		start(t, sup)
		stuck := &stuckListener{header: http.Header{}}
		done := make(chan struct{})
		go func() {
			defer close(done)
			page.ServeHTTP(stuck, httptest.NewRequest(http.MethodGet, "/events?for=tasks", nil))
		}()
		l := listen(t, page, "/events?for=tasks")
		wait(5 * time.Second)
		require.Greater(t, len(l.all()), 15)
		l.close()
		<-done
		stop(t, sup)
	})
}

// stuckListener is a connection whose other side reads nothing: a write ends at its deadline.
type stuckListener struct {
	header   http.Header
	deadline time.Time
}

func (s *stuckListener) Header() http.Header { return s.header }
func (s *stuckListener) WriteHeader(int)     {}
func (s *stuckListener) Flush()              {}
func (s *stuckListener) SetWriteDeadline(at time.Time) error {
	s.deadline = at
	return nil
}

func (s *stuckListener) Write([]byte) (int, error) {
	time.Sleep(time.Until(s.deadline))
	return 0, context.DeadlineExceeded
}

// A server that shuts down waits for no stream, without anything done for that; and neither its ReadTimeout nor its WriteTimeout
// cuts one off.
func TestShutdownOfAServerIsNotHeldUp(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		sup := newSupervisor(t, supervisor.WithTask("task", untilStopped))
		start(t, sup)
		page, listener := newPage(t, sup), pipes.New()
		server := &http.Server{Handler: page, ReadTimeout: time.Second, WriteTimeout: time.Second}
		served := make(chan error, 1)
		go func() { served <- server.Serve(listener) }()
		answer, err := listener.Client(t).Get("http://localhost/events?for=tasks")
		require.NoError(t, err)
		defer func() { require.NoError(t, answer.Body.Close()) }()
		text := make([]byte, 1<<20)
		read := func(what string) {
			t.Helper()
			for all := ""; !strings.Contains(all, what); {
				n, err := answer.Body.Read(text)
				all += string(text[:n])
				if !strings.Contains(all, what) {
					require.NoError(t, err, all)
				}
			}
		}
		read("event: change")
		for range 3 {
			time.Sleep(2 * time.Second) // in which the timeouts pass
			require.NoError(t, sup.Restart("task"))
			read("event: change")
		}
		stopped := make(chan error, 1)
		began := time.Now()
		go func() { stopped <- server.Shutdown(context.Background()) }()
		read("shut down")
		_, err = io.Copy(io.Discard, answer.Body) // or else the end would not get through
		require.NoError(t, err)
		require.NoError(t, <-stopped)
		require.Less(t, time.Since(began), time.Second)
		require.ErrorIs(t, <-served, http.ErrServerClosed)
		stop(t, sup)
	})
}

// Where there can be no stream, the answer says so, and is no stream.
func TestAWriterThatCannotFlush(t *testing.T) {
	page := newPage(t, newSupervisor(t))
	answer := httptest.NewRecorder()
	plain := struct{ http.ResponseWriter }{answer}
	page.ServeHTTP(plain, httptest.NewRequest(http.MethodGet, "/events?for=tasks", nil))
	require.Equal(t, http.StatusNotImplemented, answer.Code)
	require.Equal(t, "text/plain; charset=utf-8", answer.Header().Get("Content-Type"))
}

// A stream that is asked for when the server has begun to shut down is refused: it would hold that up.
func TestNoStreamBeginsDuringAShutdown(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		page := newPage(t, newSupervisor(t))
		server := &http.Server{Handler: page}
		by := func(r *http.Request) {
			*r = *r.WithContext(context.WithValue(r.Context(), http.ServerContextKey, server))
		}
		require.Equal(t, 200, ask(t, page, http.MethodGet, "/", by).Code)
		require.NoError(t, server.Shutdown(t.Context()))
		wait(0) // what is registered is called in a goroutine
		require.Equal(t, http.StatusServiceUnavailable, ask(t, page, http.MethodGet, "/events", by, over).Code)
		require.Equal(t, 200, ask(t, page, http.MethodGet, "/", by).Code)
	})
}

// The rows that go are told, also when none is left.
func TestTheLastRowGoes(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		sup := newSupervisor(t, supervisor.WithTask("task", untilStopped))
		start(t, sup)
		page := newPage(t, sup)
		require.Contains(t, get(t, page, "/view?for=tasks&find=none"), `"order": []`, "a client may have shown others before")
		require.Contains(t, get(t, page, "/view?for=task&path=task"), `"order": null`, "a page without rows")

		l := listen(t, page, "/events?for=tasks")
		wait(time.Second)
		require.NoError(t, sup.Remove("task"))
		wait(time.Second)
		events := l.all()
		require.Contains(t, events[0].data, `"order":["task"]`)
		require.Contains(t, events[len(events)-1].data, `"order":[]`)
		l.close()
		stop(t, sup)
	})
}

// A task that serves the page makes a server for each run. The page forgets those that are no more.
func TestServersAreForgotten(t *testing.T) {
	page := newPage(t, newSupervisor(t))
	for range 10 {
		server := &http.Server{Handler: page}
		require.Equal(t, 200, ask(t, page, http.MethodGet, "/", func(r *http.Request) {
			*r = *r.WithContext(context.WithValue(r.Context(), http.ServerContextKey, server))
		}).Code)
	}
	for page.Servers() > 0 { // what is left of a server is cleaned up in a goroutine
		runtime.GC()
	}
}
