package web

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"time"
	"weak"
)

// live looks at the tree while there are streams, once for all of them: when something has happened, at most every lookEvery, and
// every lookAnyway if nothing has. Its goroutine runs only while there are streams.
type live struct {
	page *Page

	mu       sync.Mutex
	streams  map[*stream]bool
	order    uint64        // of the stream that came last
	news     chan struct{} // holds an element if something has happened
	quit     chan struct{} // closed when there is no stream any more; nil: there is none
	snapshot *snapshot     // the latest
	next     chan struct{} // closed when there is another
}

// stream is one client that listens.
type stream struct {
	server  *http.Server
	browser string // whatever the client calls itself; "": no one knows
	order   uint64
	end     context.CancelCauseFunc
}

var (
	errCrowded  = errors.New("crowded")   // the browser has too many streams
	errShutdown = errors.New("shut down") // the server shuts down, or the page was closed
	errTime     = errors.New("time")      // it has lasted long enough
)

// changed is called when something has happened.
func (l *live) changed() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.quit != nil {
		l.poke()
	}
}

// enter begins a stream; ok is false if there are too many. Of one browser the oldest has to go.
func (l *live) enter(s *stream, limited bool) (ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if limited && s.browser != "" {
		var oldest *stream
		n := 0
		for other := range l.streams {
			if other.browser != s.browser {
				continue
			}
			n++
			if oldest == nil || other.order < oldest.order {
				oldest = other
			}
		}
		if n >= streamsOfOne {
			delete(l.streams, oldest)
			oldest.end(errCrowded)
		}
	}
	if len(l.streams) >= streamsAtAll {
		return false
	}
	if l.streams == nil {
		l.streams = make(map[*stream]bool)
	}
	l.order++
	s.order = l.order
	l.streams[s] = true
	if l.quit == nil {
		l.quit, l.news, l.next = make(chan struct{}), make(chan struct{}, 1), make(chan struct{})
		l.snapshot = nil
		go l.run(l.news, l.quit)
	}
	l.poke() // whoever comes does not wait for something to happen
	return true
}

// poke has the tree looked at. It is called with mu held.
func (l *live) poke() {
	select {
	case l.news <- struct{}{}:
	default:
	}
}

func (l *live) leave(s *stream) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.streams, s)
	if len(l.streams) == 0 && l.quit != nil {
		close(l.quit)
		l.quit = nil
	}
}

// endAll ends the streams of a server; nil: all.
func (l *live) endAll(server *http.Server) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for s := range l.streams {
		if server == nil || s.server == server {
			s.end(errShutdown)
		}
	}
}

// run looks again and again, until there are no streams.
func (l *live) run(news, quit chan struct{}) {
	timer := time.NewTimer(lookAnyway)
	defer timer.Stop()
	for {
		select {
		case <-news:
		case <-timer.C:
		case <-quit:
			return
		}
		l.show(l.page.look(), quit)
		timer.Reset(lookEvery)
		select {
		case <-timer.C:
		case <-quit:
			return
		}
		timer.Reset(lookAnyway - lookEvery)
	}
}

// show hands a snapshot to the streams, unless others have taken their place.
func (l *live) show(s *snapshot, quit chan struct{}) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.quit != quit {
		return
	}
	l.snapshot = s
	close(l.next)
	l.next = make(chan struct{})
}

// latest returns the latest snapshot, and a channel that is closed when there is another.
func (l *live) latest() (*snapshot, <-chan struct{}) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.snapshot, l.next
}

// watchServer has the streams of a server end when that shuts down: it waits for them otherwise. It returns the server, and whether
// that has begun to.
func (p *Page) watchServer(r *http.Request) (server *http.Server, down bool) {
	server, _ = r.Context().Value(http.ServerContextKey).(*http.Server)
	if server == nil {
		return nil, false
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	key := weak.Make(server)
	down, known := p.servers[key]
	if !known {
		p.servers[key] = false
		runtime.AddCleanup(server, p.forgetServer, key)
		server.RegisterOnShutdown(func() {
			p.mu.Lock()
			p.servers[key] = true
			p.mu.Unlock()
			p.live.endAll(server)
		})
	}
	return server, down
}

func (p *Page) forgetServer(key weak.Pointer[http.Server]) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.servers, key)
}

// serveEvents serves events as they happen (server-sent events). For a page they are the parts of it that have changed; for others,
// decisions as JSON.
func (p *Page) serveEvents(w http.ResponseWriter, r *http.Request, server *http.Server) {
	h := w.Header()
	h.Set("Content-Type", "text/event-stream")
	h.Set("X-Accel-Buffering", "no") // for proxies that would keep what they get
	if r.Method == http.MethodHead {
		return
	}
	out := http.NewResponseController(w)
	_ = out.SetReadDeadline(time.Time{}) // a server's ReadTimeout is not meant for streams; nor is its WriteTimeout, see send
	ctx, end := context.WithCancelCause(r.Context())
	defer end(nil)
	s := &stream{server: server, browser: r.URL.Query().Get("browser"), end: end}
	if !p.live.enter(s, r.ProtoMajor < 2) {
		h.Set("Retry-After", "2")
		fail(w, r, http.StatusServiceUnavailable, "Too many look already. Ask for \"view\" again and again instead.")
		return
	}
	defer p.live.leave(s)
	var feed feed
	if r.URL.Query().Has("for") {
		feed = p.newViewer(r)
	} else {
		feed = p.newDecisionFeed(r)
	}
	if err := out.Flush(); errors.Is(err, http.ErrNotSupported) {
		fail(w, r, http.StatusNotImplemented, "There are no streams here. Ask for \"view\" again and again instead.")
		return
	}
	over := time.AfterFunc(streamFor, func() { end(errTime) })
	defer over.Stop()

	to := &sender{w: w, out: out}
	if err := to.send("retry: 2000\n\n"); err != nil {
		return
	}
	for {
		snapshot, next := p.live.latest()
		if snapshot != nil {
			name, id, data, err := feed.next(snapshot)
			if err == nil && name != "" {
				err = to.send(fmt.Sprintf("id: %s\nevent: %s\ndata: %s\n\n", id, name, data))
			} else if err == nil && time.Since(to.last) > lookAnyway-time.Second {
				err = to.send(": nothing new\n\n")
			}
			if err != nil {
				return
			}
		}
		select {
		case <-next:
		case <-ctx.Done():
			_ = to.send("event: bye\ndata: " + bye(context.Cause(ctx)) + "\n\n")
			return
		}
	}
}

// bye says to a client why its stream ends.
func bye(cause error) string {
	if errors.Is(cause, errCrowded) || errors.Is(cause, errShutdown) || errors.Is(cause, errTime) {
		return cause.Error()
	}
	return "end"
}

// sender sends events, each in time or not at all.
type sender struct {
	w    http.ResponseWriter
	out  *http.ResponseController
	last time.Time
}

func (s *sender) send(text string) error {
	s.last = time.Now()
	_ = s.out.SetWriteDeadline(s.last.Add(writeWithin)) // where there are no deadlines, the server's WriteTimeout counts
	if _, err := s.w.Write([]byte(text)); err != nil {
		return err
	}
	return s.out.Flush()
}

// feed makes events of snapshots. A name of "" means that there is none.
type feed interface {
	next(s *snapshot) (name, id string, data []byte, err error)
}

// eventID is the id of an event that tells of all decisions up to one.
func (p *Page) eventID(seq uint64) string { return p.boot + "." + strconv.FormatUint(seq, 10) }

// sinceOf returns the number of the decision that a client has seen last; 0 if it has seen none of this page. given reports whether
// it has seen any at all.
func (p *Page) sinceOf(r *http.Request) (seq uint64, given bool) {
	last := r.Header.Get("Last-Event-ID")
	if last == "" {
		last = r.URL.Query().Get("last")
	}
	if last == "" {
		return 0, false
	}
	boot, number, _ := strings.Cut(last, ".")
	seq, err := strconv.ParseUint(number, 10, 64)
	if boot != p.boot || err != nil {
		return 0, true
	}
	return seq, true
}

// decisionFeed tells of decisions, as JSON.
type decisionFeed struct {
	page *Page
	seen uint64
}

// newDecisionFeed begins after the decision that the client has seen last, or else now.
func (p *Page) newDecisionFeed(r *http.Request) *decisionFeed {
	seen, given := p.sinceOf(r)
	if !given {
		seen = p.history.kept().seq
	}
	return &decisionFeed{page: p, seen: seen}
}

// decisionsAtOnce is how many decisions one event has at most.
const decisionsAtOnce = 1000

func (f *decisionFeed) next(*snapshot) (name, id string, data []byte, err error) {
	decisions, now, lost := f.page.history.since(f.seen, decisionsAtOnce)
	if now == f.seen {
		return "", "", nil, nil
	}
	f.seen = now
	event := struct {
		Lost      uint64         `json:"lost,omitempty"`
		Decisions []decisionJSON `json:"decisions"`
	}{lost, make([]decisionJSON, len(decisions))}
	for i := range decisions {
		event.Decisions[i] = decisions[i].json()
	}
	data, err = json.Marshal(event)
	return "decisions", f.page.eventID(now), data, err
}
