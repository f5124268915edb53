package web

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
)

// What a page keeps of the past, at most.
const (
	decisionsOfATask = 50     // the latest of each task
	decisionsInAll   = 20_000 // the latest of all tasks, about 3 MB
	tasksRemembered  = 20_000 // tasks of which anything is kept
	errorKept        = 200    // bytes of the error of a decision
	sparkMinutes     = 60     // restarts are counted by the minute
)

// history is what a page has seen of a tree: the latest decisions about each task, and its restarts by the minute. It is bounded
// for each task and altogether: what is oldest goes first, and is counted.
type history struct {
	mu      sync.Mutex
	began   time.Time
	seq     uint64 // counts the decisions
	tasks   map[string]*past
	latest  *past // the task that anything was seen of last: the end of a ring through all tasks
	log     decisionLog
	lost    uint64 // transitions that the observer was too slow for
	dropped uint64 // decisions that were forgotten because there were too many in all
	changed func() // is called when there is something new, without mu
}

// past is what is known of one task.
type past struct {
	path         string
	first, last  int32 // its decisions, in the log; -1: none
	kept         int
	forgotten    uint64 // decisions that had to go
	minutes      [sparkMinutes]uint16
	minute       int64  // the minute that the last element counts, since 1970
	started      bool   // a start of it was seen since it was added
	restarts     uint64 // in all
	older, newer *past  // by when anything was last seen of them
}

// decision is what is kept of a transition.
type decision struct {
	seq      uint64
	date     time.Time
	at       supervisor.Instant
	until    supervisor.Instant
	err      string
	kind     supervisor.ActionKind
	from, to supervisor.Status
	why      supervisor.Reason
	exit     supervisor.ExitKind
	restart  bool
	run      supervisor.RunNumber
	attempts uint32
	failures uint32
	down     time.Duration

	older, newer int32 // of all tasks
	next         int32 // of the same task
	of           *past
}

func newHistory(changed func()) *history {
	return &history{began: time.Now(), tasks: make(map[string]*past), log: decisionLog{first: -1, last: -1, free: -1}, changed: changed}
}

// observe is told of every transition of the tree.
func (h *history) observe(t supervisor.Transition) {
	if h.take(&t) {
		h.changed()
	}
}

func (h *history) take(t *supervisor.Transition) (news bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.lost += t.Lost
	switch {
	case t.Why == supervisor.ReasonNone && t.Kind != supervisor.ActionHalt:
		return true // it only says what was lost
	case t.Kind == supervisor.ActionProbe:
		return t.Lost > 0 // there may be many, and they say little
	}
	date := t.Date
	if date.IsZero() {
		date = time.Now()
	}
	of := h.of(t.Path())
	restart := of.restarted(t)
	if restart {
		of.count(date)
	}
	text := errorOf(t.Err)
	if len(text) > errorKept {
		text = strings.ToValidUTF8(text[:errorKept], "") + "…"
	}
	if of.last >= 0 && h.log.all[of.last].err == text {
		text = h.log.all[of.last].err // failures of one kind share their text
	}
	h.seq++
	h.dropped += h.log.add(of, decision{
		seq: h.seq, date: date, at: t.At, until: t.Until, err: text, kind: t.Kind, from: t.From, to: t.To, why: t.Why, exit: t.Exit,
		restart: restart, run: t.Run, attempts: t.Attempts, failures: t.Failures, down: t.Down,
	})
	return true
}

// of returns what is known of a task, which becomes the latest of all tasks.
func (h *history) of(path string) *past {
	task := h.tasks[path]
	switch {
	case task == h.latest && task != nil:
		return task
	case task != nil:
		task.leave()
	case len(h.tasks) >= tasksRemembered:
		h.forget(h.latest.newer) // the ring's other end
		fallthrough
	default:
		task = &past{path: path, first: -1, last: -1}
		h.tasks[path] = task
	}
	if h.latest == nil {
		task.older, task.newer = task, task
	} else {
		task.older, task.newer = h.latest, h.latest.newer
		task.older.newer, task.newer.older = task, task
	}
	h.latest = task
	return task
}

func (p *past) leave() { p.older.newer, p.newer.older = p.newer, p.older }

// forget forgets a task, of which nothing was seen for the longest time.
func (h *history) forget(task *past) {
	for task.kept > 0 {
		h.log.dropFirst(task)
		h.dropped++
	}
	task.leave()
	delete(h.tasks, task.path)
}

// restarted reports whether a transition is a restart. The number of the run does not say it: in each life of a supervisor the runs
// of its tasks begin at 1. It only helps where the page has not seen the first start.
func (p *past) restarted(t *supervisor.Transition) bool {
	if t.Kind == supervisor.ActionForget {
		p.started = false // another task may get the name
	}
	if t.Kind != supervisor.ActionStart {
		return false
	}
	again := p.started || t.Run > 1
	p.started = true
	return again
}

// count counts a restart.
func (p *past) count(date time.Time) {
	p.restarts++
	p.moveTo(date)
	if at := len(p.minutes) - 1 - int(p.minute-minuteOf(date)); at >= 0 && p.minutes[at] < 1<<16-1 {
		p.minutes[at]++
	}
}

// moveTo makes the last minute that of the date, unless it is later.
func (p *past) moveTo(date time.Time) {
	passed := minuteOf(date) - p.minute
	if passed <= 0 {
		return
	}
	p.minute += passed
	n := int(min(passed, sparkMinutes))
	copy(p.minutes[:], p.minutes[n:])
	clear(p.minutes[sparkMinutes-n:])
}

func minuteOf(date time.Time) int64 { return date.Unix() / 60 }

// glance is what the views need to know of the past of a task.
type glance struct {
	minutes   [sparkMinutes]uint16
	lastHour  int
	decisions []decision // oldest first
	forgotten uint64     // older ones
	began     float64    // since when anything is known, in seconds since 1970
}

// glance returns what is known of a task. decisions may be reused.
func (h *history) glance(path string, now time.Time, decisions []decision) (seen glance) {
	h.mu.Lock()
	defer h.mu.Unlock()
	seen.decisions, seen.began = decisions[:0], seconds(h.began)
	task := h.tasks[path]
	if task == nil {
		return seen
	}
	task.moveTo(now)
	seen.minutes, seen.forgotten = task.minutes, task.forgotten
	for _, n := range task.minutes {
		seen.lastHour += int(n)
	}
	for i := task.first; i >= 0; i = h.log.all[i].next {
		seen.decisions = append(seen.decisions, h.log.all[i])
	}
	return seen
}

// lastHour returns how often each task was restarted in the last hour, for those that were.
func (h *history) lastHour(now time.Time) map[string]int {
	h.mu.Lock()
	defer h.mu.Unlock()
	restarts := make(map[string]int)
	for path, task := range h.tasks {
		if task.restarts == 0 {
			continue
		}
		task.moveTo(now)
		for _, n := range task.minutes {
			restarts[path] += int(n)
		}
	}
	return restarts
}

// since returns the decisions after a number, oldest first, at most so many, and the number of the latest of all. lost is how many
// are not known any more, or were too many.
func (h *history) since(seq uint64, most int) (decisions []decision, now, lost uint64) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if seq > h.seq { // of another page, before the process was started anew
		seq = 0
	}
	for i := h.log.last; i >= 0 && h.log.all[i].seq > seq && len(decisions) < most; i = h.log.all[i].older {
		decisions = append(decisions, h.log.all[i])
	}
	slices.Reverse(decisions)
	return decisions, h.seq, h.seq - seq - uint64(len(decisions))
}

// kept is what a page says of its own memory.
type kept struct {
	Since   time.Time
	Lost    uint64 // transitions
	Dropped uint64 // decisions
	seq     uint64 // of the latest decision
}

// When returns since when the page has seen what happened.
func (k kept) When() string { return k.Since.Format("2006-01-02 15:04:05 MST") }

func (h *history) kept() kept {
	h.mu.Lock()
	defer h.mu.Unlock()
	return kept{h.began, h.lost, h.dropped, h.seq}
}

// errorOf returns the text of an error, whatever its methods do.
func errorOf(err error) string {
	if err == nil {
		return ""
	}
	return fmt.Sprint(err)
}
