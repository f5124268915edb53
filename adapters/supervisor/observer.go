package supervisor

import (
	"log/slog"
	"reflect"
	"runtime"
	"slices"
	"sync"
	"time"
)

// observer has somebody told of transitions, one at a time, by a goroutine that runs only while there is something to
// deliver.
//
// It keeps a bounded number of those that have not been delivered. If there are more, it loses the oldest of the lowest
// level, and says how many.
type observer struct {
	tell    func(t Transition, lost lostByLevel) // of a transition, and of what was lost since it was last called
	enabled func(slog.Level) bool                // which levels it wants; nil: all. It is the user's code
	logs    bool                                 // it is a logger
	atMost  time.Duration                        // for how long a decision waits until it has been told; 0: not at all

	mu       sync.Mutex
	limit    int
	waiting  [levels]ring
	pending  int         // how many wait, in all rings
	next     uint64      // the number of the next transition
	told     uint64      // the number of the latest that was taken. Those before it are delivered, or lost and that is told
	lost     lostByLevel // not told yet
	running  bool
	busy     bool // a transition is being delivered
	late     bool // a decision did not wait to the end, so others do not wait until it has been told everything
	unwanted [levels]bool
	asked    time.Time // when unwanted was last found out
	stats    ObserverReport
	drains   []drain
	owes     bool // it holds something back that it has to tell
	overdue  bool // and should now
}

// levels is how many levels transitions have, and lostByLevel counts: Debug, Info, Warn and Error.
const levels = 4

type lostByLevel [levels]uint64

func levelIndex(l slog.Level) int {
	return int(l-slog.LevelDebug) / int(slog.LevelInfo-slog.LevelDebug)
}

func levelAt(index int) slog.Level {
	return slog.LevelDebug + slog.Level(index)*(slog.LevelInfo-slog.LevelDebug)
}

// askAgain is after how long an observer is asked again whether it wants a level that it did not want.
const askAgain = time.Second

// drain is somebody's wait until all up to a transition is delivered or lost.
type drain struct {
	next uint64 // the number of the next transition after those
	over chan struct{}
}

// plainly tells of transitions without what is for loggers, so that they can be printed and compared.
func plainly(observe func(Transition)) func(Transition, lostByLevel) {
	return func(t Transition, _ lostByLevel) {
		t.ctx, t.ill = nil, illness{}
		observe(t)
	}
}

func newObserver(limit int, tell func(Transition, lostByLevel)) *observer {
	return &observer{tell: tell, limit: limit, next: 1}
}

// offer has a transition delivered. It calls nothing of the user's.
func (o *observer) offer(t *Transition, level int) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.unwanted[level] && time.Since(o.asked) < askAgain {
		return
	}
	o.keep(t, level)
	o.run()
}

// run has everything delivered. It is called with mu held.
func (o *observer) run() {
	if !o.running {
		o.running = true
		go o.deliver()
	}
}

// owe records that what was told last is held back, and has to be told after some time, or when somebody waits for it. Then tell is
// called with a transition without a number.
func (o *observer) owe(atMost time.Duration) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if !o.owes {
		o.owes = true
		time.AfterFunc(atMost, o.fallDue)
	}
}

func (o *observer) fallDue() {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.owes {
		o.overdue = true
		o.run()
	}
}

// settles reports whether what is held back is to be told now.
func (o *observer) settles() bool {
	ends := func(d drain) bool { return d.next <= o.told+1 }
	if !o.owes || !o.overdue && !slices.ContainsFunc(o.drains, ends) {
		return false
	}
	o.owes, o.overdue = false, false
	return true
}

// keep keeps a transition, and makes room for it.
func (o *observer) keep(t *Transition, level int) {
	number := o.next
	o.next++
	if o.pending == o.limit {
		lowest := 0
		for o.waiting[lowest].n == 0 {
			lowest++
		}
		if lowest > level {
			o.lose(level)
			return
		}
		o.waiting[lowest].pop()
		o.pending--
		o.lose(lowest)
	}
	o.pending++
	o.waiting[level].push(t).Seq = number
}

func (o *observer) lose(level int) {
	o.lost[level]++
	o.stats.Lost++
	if levelAt(level) == slog.LevelError {
		o.stats.LostErrors++
	}
}

// deliver delivers all there is. If the observer ends the goroutine, another one goes on.
func (o *observer) deliver() {
	returned := false
	defer func() {
		if !returned {
			go o.deliver()
		}
	}()
	o.ask()
	for {
		t, lost, ok := o.take()
		if !ok {
			break
		}
		o.call(t, lost)
	}
	returned = true
}

// ask finds out which levels the observer wants. If that fails, it wants all, for ever.
func (o *observer) ask() {
	enabled := o.enabled
	if enabled == nil {
		return
	}
	o.enabled = nil
	var unwanted [levels]bool
	for i := range unwanted {
		unwanted[i] = !o.wants(enabled, levelAt(i))
	}
	o.enabled = enabled
	o.mu.Lock()
	defer o.mu.Unlock()
	o.unwanted, o.asked = unwanted, time.Now()
}

func (o *observer) wants(enabled func(slog.Level) bool, level slog.Level) (wants bool) {
	defer func() {
		if value := recover(); value != nil {
			wants = true
			o.countPanic(unreturned(value))
		}
	}()
	return enabled(level)
}

// call calls the user's code. It is found on the stack, see isObserving.
//
//go:noinline
func (o *observer) call(t Transition, lost lostByLevel) {
	returned := false
	defer func() {
		if !returned {
			o.countPanic(unreturned(recover()))
		}
	}()
	o.tell(t, lost)
	returned = true
}

func (o *observer) countPanic(err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.stats.Panics++
	o.stats.LastPanic = err
}

// take returns the next transition, and what was lost since it was last called; ok is false, and the observer not running
// any more, if there is nothing to tell.
func (o *observer) take() (t Transition, lost lostByLevel, ok bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.busy {
		o.busy = false
		o.stats.Delivered++
	}
	if o.settles() {
		return Transition{Until: Never}, lostByLevel{}, true
	}
	o.endDrains()
	if first := o.first(); first != nil {
		t = first.pop()
		o.pending--
		o.busy = true
	} else if o.told+1 < o.next { // the latest ones are lost
		t = Transition{Seq: o.next, Until: Never}
		o.next++
	} else {
		o.running, o.late = false, false
		return Transition{}, lostByLevel{}, false
	}
	t.Lost = t.Seq - o.told - 1
	o.told = t.Seq
	if t.Lost > 0 {
		lost, o.lost = o.lost, lostByLevel{}
	}
	return t, lost, true
}

// first returns the ring that has the oldest transition, or nil if there is none.
func (o *observer) first() *ring {
	var first *ring
	for i := range o.waiting {
		if r := &o.waiting[i]; r.n > 0 && (first == nil || r.oldest().Seq < first.oldest().Seq) {
			first = r
		}
	}
	return first
}

// drained returns a channel that is closed when all transitions so far are delivered or lost, and the losses are told.
func (o *observer) drained() <-chan struct{} {
	o.mu.Lock()
	defer o.mu.Unlock()
	d := drain{o.next, make(chan struct{})}
	if !o.running && !o.owes {
		close(d.over)
		return d.over
	}
	o.drains = append(o.drains, d)
	o.run()
	return d.over
}

// endDrains ends the waits for what is delivered, or lost and that is told.
func (o *observer) endDrains() {
	o.drains = slices.DeleteFunc(o.drains, func(d drain) bool {
		over := d.next <= o.told+1
		if over {
			close(d.over)
		}
		return over
	})
}

func (o *observer) isIdle() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return !o.running && !o.owes
}

func (o *observer) report() ObserverReport {
	o.mu.Lock()
	defer o.mu.Unlock()
	report := o.stats
	report.Pending = uint64(o.pending)
	if o.busy {
		report.Pending++
	}
	return report
}

// callEntry is where the code of observer.call begins.
var callEntry = runtime.FuncForPC(reflect.ValueOf((*observer).call).Pointer()).Entry()

// isObserving reports whether the caller is being called by an observer, of whichever supervisor. Then it must not wait for
// observers.
func isObserving() bool {
	stack := make([]uintptr, 64)
	n := runtime.Callers(2, stack)
	for n == len(stack) {
		stack = make([]uintptr, 2*n)
		n = runtime.Callers(2, stack)
	}
	frames := runtime.CallersFrames(stack[:n])
	for more := n > 0; more; {
		var frame runtime.Frame
		frame, more = frames.Next()
		if frame.Entry == callEntry {
			return true
		}
	}
	return false
}

// ring is a queue that grows as needed.
type ring struct {
	items []Transition
	head  int
	n     int
}

func (r *ring) oldest() *Transition { return &r.items[r.head] }

// push appends a copy, and returns that.
func (r *ring) push(t *Transition) *Transition {
	if r.n == len(r.items) {
		items := make([]Transition, max(16, 2*len(r.items)))
		copy(items[copy(items, r.items[r.head:]):], r.items[:r.head])
		r.items, r.head = items, 0
	}
	at := &r.items[(r.head+r.n)%len(r.items)]
	*at = *t
	r.n++
	return at
}

func (r *ring) pop() Transition {
	t := r.items[r.head]
	r.items[r.head] = Transition{}
	r.head = (r.head + 1) % len(r.items)
	r.n--
	if r.n == 0 && len(r.items) > 1024 { // a burst is over
		r.items, r.head = nil, 0
	}
	return t
}
