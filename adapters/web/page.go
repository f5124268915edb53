package web

import (
	"crypto/rand"
	"encoding/hex"
	"net/http"
	"strings"
	"sync"
	"time"
	"weak"

	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
)

// Page is a page that shows a tree of supervisors, live. It is an [http.Handler] for whatever prefix it is mounted at, with or
// without [http.StripPrefix]: what it serves is told by the last part of a path alone, and all its links are relative. The package
// documentation lists what it serves.
//
// A page keeps a bounded history of the tree, and nothing else runs between two looks: while no one looks, it has no goroutine and
// asks the supervisor nothing. All methods can be called from anywhere.
type Page struct {
	sup     *supervisor.Supervisor
	set     settings
	history *history
	boot    string // tells the ids of this page's events from those of one in an earlier process
	stop    func() // ends the observer
	live    live
	csrf    *http.CrossOriginProtection

	mu sync.Mutex

	// Servers that end the streams when they shut down; true: they have begun to. A page outlives the servers of a task that makes one
	// for each run, so it keeps none of them alive, and forgets those that are no more.
	servers map[weak.Pointer[http.Server]]bool
}

// New returns a page that shows the supervisor and all below it. It observes them from now on (see [supervisor.Supervisor.Observe]):
// made before Run it knows all that has happened, made later it says from when on it does. [Page.Close] ends that.
func New(sup *supervisor.Supervisor, options ...Option) *Page {
	var boot [6]byte
	_, _ = rand.Read(boot[:]) // never fails
	p := &Page{
		sup: sup, boot: hex.EncodeToString(boot[:]), csrf: http.NewCrossOriginProtection(),
		servers: make(map[weak.Pointer[http.Server]]bool), set: defaults(sup),
	}
	for _, option := range options {
		if option.apply != nil {
			option.apply(&p.set)
		}
	}
	p.history = newHistory(p.live.changed)
	p.live.page = p
	p.stop, _ = sup.Observe(p.history.observe) // of a supervisor that was not made by New there is nothing to observe
	return p
}

// Close ends all streams, and the observer. The page can still be asked, but learns of no decision any more. It is not needed where
// the page lives as long as its supervisor.
func (p *Page) Close() {
	p.stop()
	p.live.endAll(nil)
}

// ServeHTTP serves the page and all that belongs to it.
func (p *Page) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	server, down := p.watchServer(r)
	p.secure(w.Header())
	if problem := p.set.refusesHost(r); problem != "" {
		fail(w, r, http.StatusForbidden, problem)
		return
	}
	route := lastPart(r.URL.Path)
	if route == "act" && p.set.controls {
		p.serveAct(w, r)
		return
	}
	if !isRead(r.Method) {
		w.Header().Set("Allow", "GET, HEAD")
		fail(w, r, http.StatusMethodNotAllowed, "This page can only be read.")
		return
	}
	switch route {
	case "":
		p.serveOverview(w, r, wantsJSON(r))
	case "tasks.json":
		p.serveOverview(w, r, true)
	case "task":
		p.serveTask(w, r, wantsJSON(r))
	case "task.json":
		p.serveTask(w, r, true)
	case "events":
		if down {
			fail(w, r, http.StatusServiceUnavailable, "The server is shutting down.")
			return
		}
		p.serveEvents(w, r, server)
	case "view":
		p.serveView(w, r)
	case "recording":
		p.serveRecording(w, r)
	default:
		if !serveAsset(w, r, route) {
			fail(w, r, http.StatusNotFound, "There is nothing here.")
		}
	}
}

// lastPart returns what follows the last slash of a path.
func lastPart(path string) string { return path[strings.LastIndexByte(path, '/')+1:] }

func isRead(method string) bool { return method == http.MethodGet || method == http.MethodHead }

// wantsJSON reports whether the client asks for JSON rather than for a page.
func wantsJSON(r *http.Request) bool {
	accept := r.Header.Get("Accept")
	return strings.Contains(accept, "application/json") && !strings.Contains(accept, "text/html")
}

// snapshot is the tree at one time.
type snapshot struct {
	at       time.Time
	phase    supervisor.Phase
	cause    supervisor.StopCause
	stops    bool          // it has been asked to, and goes on for a while
	stopsIn  time.Duration // for so long
	err      error         // of its latest Run
	tree     []supervisor.TreeNode
	below    []int          // of each node, the number of nodes below it
	states   []state        // of each node
	lastHour map[string]int // restarts
	kept     kept
	counts   counts
}

// look looks at the tree.
func (p *Page) look() *snapshot {
	now := time.Now()
	s := &snapshot{at: now, kept: p.history.kept()} // what happens from here on is news
	s.tree = p.sup.Tree()
	s.phase = p.sup.Phase()
	s.stopsIn, s.stops = p.sup.ShutdownIn()
	if s.phase == supervisor.PhaseHalting || s.phase == supervisor.PhaseHalted {
		report := p.sup.Report()
		s.cause, s.err = report.Cause, report.Err
	}
	s.lastHour = p.history.lastHour(now)
	s.below, s.states = make([]int, len(s.tree)), make([]state, len(s.tree))
	down := 0 // what comes before this is in a supervisor that does not run
	for i := range s.tree {
		n := &s.tree[i]
		for j := i + 1; j < len(s.tree) && s.tree[j].Depth > n.Depth; j++ {
			s.below[i]++
		}
		s.states[i] = stateOf(&n.TaskStatus)
		if i < down && s.states[i] == stateDead {
			s.states[i] = stateHalted // its supervisor starts it afresh
		}
		if n.Inside != nil && n.Phase != supervisor.PhaseRunning {
			down = max(down, i+1+s.below[i])
		}
		s.counts.add(n, s.states[i])
	}
	return s
}
