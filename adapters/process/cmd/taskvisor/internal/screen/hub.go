package screen

import (
	"context"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/tasksupervisor/tasksupervisor/adapters/process"
)

// Hub is where the lines of all tasks come together: it keeps the last ones, and passes each on to the printer, to log files, and to
// those who follow. All methods can be called from anywhere.
type Hub struct {
	mu        sync.Mutex
	seq       uint64
	sinks     map[string]*Sink
	followers []*Follower
}

// What is kept of each task.
const (
	keptLines = 1000
	keptBytes = 1 << 20
)

// Entry is a line of a task, with its place among the lines of all tasks.
type Entry struct {
	Seq  uint64
	Task string
	Line process.Line
}

// Sink takes the lines of one task.
type Sink struct {
	hub  *Hub
	task string

	// The hub's mu guards these.
	kept  []Entry
	bytes int

	mu     sync.Mutex
	source *Source
	log    *LogWriter
}

// NewHub returns a hub without tasks.
func NewHub() *Hub { return &Hub{sinks: make(map[string]*Sink)} }

// Sink returns what takes the lines of a task, and passes them on from now on to a source of a printer and to a log file. Either may be
// nil. For each task there is one: it keeps its lines when it is asked for again, and closes the log file that it had.
func (h *Hub) Sink(task string, source *Source, log *LogWriter) *Sink {
	h.mu.Lock()
	s := h.sinks[task]
	if s == nil {
		s = &Sink{hub: h, task: task}
		h.sinks[task] = s
	}
	h.mu.Unlock()
	s.passOn(source, log)
	return s
}

// Tasks returns the names of all tasks, sorted.
func (h *Hub) Tasks() []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Sorted(maps.Keys(h.sinks))
}

// Remove forgets a task, and closes its log file.
func (h *Hub) Remove(task string) {
	h.mu.Lock()
	s := h.sinks[task]
	delete(h.sinks, task)
	h.mu.Unlock()
	if s != nil {
		s.passOn(nil, nil)
	}
}

// Close closes all log files.
func (h *Hub) Close() {
	h.mu.Lock()
	sinks := make([]*Sink, 0, len(h.sinks))
	for _, s := range h.sinks {
		sinks = append(sinks, s)
	}
	h.mu.Unlock()
	for _, s := range sinks {
		s.passOn(nil, nil)
	}
}

// passOn changes where lines are passed on to.
func (s *Sink) passOn(source *Source, log *LogWriter) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.log != nil && s.log != log {
		_ = s.log.Close()
	}
	s.source, s.log = source, log
}

// Line takes a line. It waits while the printer does.
func (s *Sink) Line(line process.Line) {
	s.hub.add(s, line)
	s.mu.Lock()
	source := s.source
	if s.log != nil {
		s.log.Print(line)
	}
	s.mu.Unlock()
	if source != nil {
		source.Print(line)
	}
}

// add keeps a line, and gives it to those who follow.
func (h *Hub) add(s *Sink, line process.Line) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.seq++
	entry := Entry{Seq: h.seq, Task: s.task, Line: line}
	s.kept = append(s.kept, entry)
	s.bytes += len(line.Text)
	drop := 0
	for len(s.kept)-drop > keptLines || s.bytes > keptBytes && len(s.kept)-drop > 1 {
		s.bytes -= len(s.kept[drop].Line.Text)
		s.kept[drop] = Entry{}
		drop++
	}
	s.kept = s.kept[drop:] // append copies what is left when there is no room behind it
	for _, f := range h.followers {
		if among(s.task, f.tasks) {
			f.add(entry)
		}
	}
}

// Tail returns the last n lines of some tasks, or of all if none is named, in their order. A group stands for all tasks in it.
func (h *Hub) Tail(n int, tasks ...string) []Entry {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.tail(n, tasks)
}

func (h *Hub) tail(n int, tasks []string) []Entry {
	var all []Entry
	for task, s := range h.sinks {
		if among(task, tasks) {
			all = append(all, s.kept[max(0, len(s.kept)-max(0, n)):]...)
		}
	}
	slices.SortFunc(all, func(a, b Entry) int { return int(int64(a.Seq) - int64(b.Seq)) })
	return all[max(0, len(all)-max(0, n)):]
}

// among reports whether a task is one of several, or in a group that is.
func among(task string, several []string) bool {
	return len(several) == 0 || slices.ContainsFunc(several, func(one string) bool { return task == one || strings.HasPrefix(task, one+"/") })
}

// Follower is given lines as they come. It needs [Follower.Close].
type Follower struct {
	hub   *Hub
	tasks []string

	mu      sync.Mutex
	waiting []Entry
	bytes   int
	lost    int
	news    chan struct{} // has room for one
}

// mostWaiting is how many bytes wait for one who follows. What comes beyond that is left out, and counted.
const mostWaiting = 1 << 20

// Follow returns the last n lines of some tasks, or of all if none is named, and what is given all that come after them.
func (h *Hub) Follow(n int, tasks ...string) ([]Entry, *Follower) {
	h.mu.Lock()
	defer h.mu.Unlock()
	f := &Follower{hub: h, tasks: tasks, news: make(chan struct{}, 1)}
	h.followers = append(h.followers, f)
	return h.tail(n, tasks), f
}

// Close ends the following.
func (f *Follower) Close() {
	f.hub.mu.Lock()
	defer f.hub.mu.Unlock()
	f.hub.followers = slices.DeleteFunc(f.hub.followers, func(other *Follower) bool { return other == f })
}

func (f *Follower) add(entry Entry) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.lost > 0 || f.bytes > mostWaiting {
		f.lost++
		return
	}
	f.waiting = append(f.waiting, entry)
	f.bytes += len(entry.Line.Text) + 64
	select {
	case f.news <- struct{}{}:
	default:
	}
}

// Next waits for lines, and returns them, and how many were left out after them because they were not asked for in time.
func (f *Follower) Next(ctx context.Context) (entries []Entry, lost int, err error) {
	for {
		f.mu.Lock()
		entries, lost = f.waiting, f.lost
		f.waiting, f.bytes, f.lost = nil, 0, 0
		f.mu.Unlock()
		if len(entries) > 0 || lost > 0 {
			return entries, lost, nil
		}
		select {
		case <-f.news:
		case <-ctx.Done():
			return nil, 0, context.Cause(ctx)
		}
	}
}
