package supervisor

import (
	"context"
	"sync"

	"github.com/tasksupervisor/tasksupervisor/core"
)

// Transition is one decision of a supervisor: a change of a task's status, or the end of the supervisor.
type Transition struct {
	Seq        uint64     // counts the supervisor's transitions from 1
	Lost       uint64     // how many transitions the observer has lost just before this one
	Supervisor string     // the supervisor's path, see Report.Path
	Task       string     // the task's name; "" if it concerns the supervisor as a whole
	At         Instant    // the instant of the decision, of the supervisor's clock
	Kind       ActionKind // what the supervisor did about it
	From, To   Status     // the task's status before and after
	Why        Reason     // what led to it
	Run        RunNumber  // the run it concerns
	Exit       ExitKind   // how the run ended, if it follows from an end
	Attempts   uint32     // the task's restarts in a row, after the decision
	Until      Instant    // when the status ends by itself, see TaskStatus. Failed: the exact next start. Else Never
	LeftBehind uint32     // ActionHalt: how many runs are left behind
	// Err is the run's error, missed beat or failed probe; of the halt, why the supervisor stopped. Of a supervisor that is
	// abandoned it is a [*LeftBehindError] that says which of its tasks are stuck.
	Err        error
	FailedStop bool // the run ended with Err while it was being stopped, which is no failure: see FailedStop

	halting bool // of a death: the supervisor is stopping, for that or anyway
}

// ObserverReport counts what became of an observer's transitions.
type ObserverReport struct {
	Delivered uint64 // transitions it has been given
	Lost      uint64 // transitions it was too slow for
	Panics    uint64 // of its calls that panicked or ended their goroutine
	LastPanic error  // the *PanicError or *GoexitError of the latest of these
}

// Drain waits until every observer has been given all transitions so far and the recording is written (see
// [WithRecorder]), for this supervisor and all below it. If ctx ends first, it returns the cause of that. A program that
// ends after Run calls it so that the last lines are written. Observers must not call it: they would wait for themselves.
func (s *Supervisor) Drain(ctx context.Context) error {
	if err := s.usable(ctx); err != nil {
		return err
	}
	var drained []<-chan struct{}
	for _, s := range s.andBelow(nil) {
		if s.events != nil {
			drained = append(drained, s.events.drained())
		}
		if s.engine.recording != nil {
			drained = append(drained, s.engine.recording.drained())
		}
		if warned := s.warned(); warned != nil {
			drained = append(drained, warned)
		}
	}
	for _, drained := range drained {
		select {
		case <-drained:
		case <-ctx.Done():
			return soundCause(ctx)
		}
	}
	return nil
}

// publish tells the observers of a decision. It is called with mu held.
func (s *Supervisor) publish(a *core.Action, m *member, ended *run, failedStop bool) {
	e := Transition{
		Supervisor: s.path(),
		At:         a.At, Kind: a.Kind, From: a.From, To: a.To, Why: a.Why, Run: a.Run, Exit: a.Exit,
		Attempts: a.Attempts, Until: a.Until, LeftBehind: a.LeftBehind, FailedStop: failedStop,
		halting: a.To == StatusDead && s.engine.machine.HaltReason() != ReasonNone,
	}
	if m != nil {
		e.Task = m.name
	}
	switch {
	case a.Kind == ActionHalt:
		e.Err = s.session.verdict
	case a.Kind == ActionAbandon:
		if left := m.leftBehind(nil, s); len(left[len(left)-1].Stuck) > 0 {
			e.Err = &LeftBehindError{left[len(left)-1:]}
		}
	case m != nil:
		e.Err = errOf(a, m, ended)
	}
	s.events.publish(e)
}

// errOf returns the error that an action about a task follows from, if any.
func errOf(a *core.Action, m *member, ended *run) error {
	switch {
	case a.Exit == ExitStartTimeout, a.Exit == ExitWatchdog:
		return m.lastErr
	case a.Exit != ExitNone && ended != nil && ended.member == m:
		return ended.err
	case a.Why == ReasonWatchdog && m.current != nil:
		return m.current.missCause()
	case a.Why == ReasonProbeFailed && m.current != nil:
		return m.current.health.Load().err
	case a.Why == ReasonStartTimeout:
		return ErrStartTimeout
	}
	return nil
}

// observerQueue keeps the latest transitions for the observers. An observer has a goroutine only while there is something
// to deliver.
type observerQueue struct {
	mu      sync.Mutex
	ring    []Transition // the event with number n is at n % len(ring)
	limit   int          // how long the ring may grow
	next    uint64       // the number of the next event
	readers []*reader
	drains  []drain
}

type reader struct {
	queue   *observerQueue
	observe func(Transition)

	// Guarded by queue.mu.
	next    uint64 // the number of the next event to deliver
	done    uint64 // the number of the next event after those whose delivery is over
	running bool
	stats   ObserverReport
}

type drain struct {
	next uint64 // done when no reader's done is below this
	over chan struct{}
}

func newObserverQueue(observers []func(Transition), limit int) *observerQueue {
	q := &observerQueue{limit: limit, next: 1, ring: make([]Transition, min(limit, 16))}
	for _, observe := range observers {
		q.readers = append(q.readers, &reader{queue: q, observe: observe, next: 1, done: 1})
	}
	return q
}

func (q *observerQueue) publish(e Transition) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.makeRoom()
	e.Seq = q.next
	q.ring[e.Seq%uint64(len(q.ring))] = e
	q.next++
	for _, r := range q.readers {
		if !r.running {
			r.running = true
			go r.deliver()
		}
	}
}

// makeRoom doubles a ring that is about to lose an event, as far as it may grow.
func (q *observerQueue) makeRoom() {
	size := uint64(len(q.ring))
	if len(q.ring) == q.limit || q.next <= q.slowest()+size-1 {
		return
	}
	ring := make([]Transition, min(2*len(q.ring), q.limit))
	for n := q.next - min(q.next-1, size); n < q.next; n++ {
		ring[n%uint64(len(ring))] = q.ring[n%size]
	}
	q.ring = ring
}

// slowest returns the number of the oldest event that an observer has still to be given.
func (q *observerQueue) slowest() uint64 {
	slowest := q.next
	for _, r := range q.readers {
		slowest = min(slowest, r.next)
	}
	return slowest
}

// deliver gives the observer all there is. An observer that ends its goroutine is given the rest in another one.
func (r *reader) deliver() {
	returned := false
	defer func() {
		if !returned {
			go r.deliver()
		}
	}()
	for {
		e, ok := r.take()
		if !ok {
			break
		}
		r.call(e)
	}
	returned = true
}

func (r *reader) call(e Transition) {
	returned := false
	defer func() {
		if returned {
			return
		}
		err := unreturned(recover())
		r.queue.mu.Lock()
		defer r.queue.mu.Unlock()
		r.stats.Panics++
		r.stats.LastPanic = err
	}()
	r.observe(e)
	returned = true
}

// take returns the next event; ok is false, and the reader not running any more, if there is none.
func (r *reader) take() (e Transition, ok bool) {
	q := r.queue
	q.mu.Lock()
	defer q.mu.Unlock()
	r.done = r.next
	q.endDrains()
	if r.next == q.next {
		r.running = false
		return Transition{}, false
	}
	lost := uint64(0)
	if size := uint64(len(q.ring)); q.next-r.next > size {
		lost = q.next - r.next - size
	}
	r.next += lost
	e = q.ring[r.next%uint64(len(q.ring))]
	e.Lost = lost
	r.next++
	r.stats.Lost += lost
	r.stats.Delivered++
	return e, true
}

// drained returns a channel that is closed when all events so far are delivered.
func (q *observerQueue) drained() <-chan struct{} {
	q.mu.Lock()
	defer q.mu.Unlock()
	d := drain{q.next, make(chan struct{})}
	q.drains = append(q.drains, d)
	q.endDrains()
	return d.over
}

func (q *observerQueue) endDrains() {
	if len(q.drains) == 0 {
		return
	}
	done := q.next
	for _, r := range q.readers {
		done = min(done, r.done)
	}
	kept := q.drains[:0]
	for _, d := range q.drains {
		if d.next <= done {
			close(d.over)
		} else {
			kept = append(kept, d)
		}
	}
	q.drains = kept
}

func (q *observerQueue) reports() []ObserverReport {
	q.mu.Lock()
	defer q.mu.Unlock()
	reports := make([]ObserverReport, len(q.readers))
	for i, r := range q.readers {
		reports[i] = r.stats
	}
	return reports
}
