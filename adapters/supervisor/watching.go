package supervisor

import (
	"context"
	"slices"
	"sync"
	"time"
)

// watching is who is told of what a supervisor does. It belongs to one Run, and only latecomers change.
//
// A tree is one thing to look at: what a supervisor has no logger or recorder of its own for goes to those of the nearest
// supervisor above that has, and what its own observers are told the observers above are told, too.
type watching struct {
	observers []*observer
	late      []*latecomers // its own, and those of the supervisors above
	recording *recording    // nil: none
	flight    *flight       // nil: none
}

// ownWatching returns what the supervisor watches itself with.
func (s *Supervisor) ownWatching() *watching {
	if s.settings.flight != nil && s.settings.flight.dumps != nil {
		s.settings.flight.dumps.name = s.settings.name
	}
	own := &watching{late: []*latecomers{{}}, recording: s.settings.recording, flight: s.settings.flight}
	for _, made := range s.settings.observers {
		own.observers = append(own.observers, made(s.settings.queue))
	}
	return own
}

// under returns who watches a supervisor that runs below another.
func (w *watching) under(above *watching, s *settings) *watching {
	all := &watching{observers: slices.Clone(w.observers), late: w.late, recording: w.recording, flight: w.flight}
	hasLogger, told := len(s.loggers) > 0, !s.apart
	for _, o := range above.observers {
		if o.logs && !hasLogger || !o.logs && told {
			all.observers = append(all.observers, o)
		}
	}
	if told {
		all.late = slices.Concat(w.late, above.late)
	}
	if !s.recorded {
		all.recording = above.recording
	}
	if all.flight == nil {
		all.flight = above.flight
	}
	return all
}

// recordersBeside returns the recorders that others do not have.
func (w *watching) recordersBeside(others *watching) *watching {
	beside := &watching{}
	if w.recording != others.recording {
		beside.recording = w.recording
	}
	if w.flight != others.flight {
		beside.flight = w.flight
	}
	return beside
}

// records reports whether there are recorders.
func (w *watching) records() bool { return w.recording != nil || w.flight != nil }

// recordingFailure returns why something was not recorded, or nil.
func (w *watching) recordingFailure() error {
	if w.recording != nil {
		if err := w.recording.failure(); err != nil {
			return err
		}
	}
	if w.flight != nil {
		return w.flight.failure()
	}
	return nil
}

// publish has a transition delivered to the observers. Those that have to be told before anything goes on are waited for
// when mu, which is held, is unlocked.
func (w *watching) publish(t *Transition, mu *mutex) {
	level := levelIndex(logLevel(t))
	for _, o := range w.observers {
		o.offer(t, level)
		if o.atMost > 0 {
			mu.await(o)
		}
	}
	for _, late := range w.late {
		for _, o := range late.now() {
			o.offer(t, level)
		}
	}
}

// unobserved reports whether there are no observers; there may be a recording.
func (w *watching) unobserved() bool {
	some := func(late *latecomers) bool { return len(late.now()) > 0 }
	return len(w.observers) == 0 && !slices.ContainsFunc(w.late, some)
}

// each returns the observers, as of now.
func (w *watching) each() []*observer {
	all := w.observers
	for _, late := range w.late {
		all = slices.Concat(all, late.now())
	}
	return all
}

// drained returns channels that are closed when all so far has been told.
func (w *watching) drained() (drained []<-chan struct{}) {
	for _, o := range w.each() {
		drained = append(drained, o.drained())
	}
	if w.recording != nil {
		drained = append(drained, w.recording.drained())
	}
	return drained
}

func (w *watching) isIdle() bool {
	busy := func(o *observer) bool { return !o.isIdle() }
	return !slices.ContainsFunc(w.each(), busy) && (w.recording == nil || w.recording.isIdle()) && (w.flight == nil || w.flight.isIdle())
}

// audience is all who watch supervisors of a tree, for the root to wait for in the end.
type audience struct {
	mu      sync.Mutex
	members []attendance
	ill     illness
	sweep   int // how many members there may be before those are dropped that have been told all there is
}

// illness is what a tree goes through from the first failure of a task until all that have failed have recovered.
type illness struct {
	now      int    // how many tasks are in trouble
	tasks    uint64 // how many times a task got into trouble
	failures uint64
}

// fails records a failure of a task, which was well until then or was not.
func (a *audience) fails(wasWell bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.ill.failures++
	if wasWell {
		a.ill.now++
		a.ill.tasks++
	}
}

// isWell records that so many tasks are in trouble no more. If they were the last, it returns what is over.
func (a *audience) isWell(tasks int) (over illness, all bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.ill.now -= tasks
	if a.ill.now > 0 {
		return illness{}, false
	}
	over, a.ill = a.ill, illness{}
	return over, true
}

// attendance is of those that a supervisor itself has, for one session.
type attendance struct {
	session *session
	own     *watching
}

func (a *audience) add(session *session, own *watching) {
	if own.unobserved() && !own.records() {
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(a.members) >= a.sweep {
		a.members = slices.DeleteFunc(a.members, func(m attendance) bool {
			select {
			case <-m.session.done:
				return m.own.isIdle()
			default:
				return false
			}
		})
		a.sweep = 2*len(a.members) + 8
	}
	a.members = append(a.members, attendance{session, own})
}

func (a *audience) has(session *session) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return slices.ContainsFunc(a.members, func(m attendance) bool { return m.session == session })
}

func (a *audience) drained() (drained []<-chan struct{}) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, m := range a.members {
		drained = append(append(drained, m.session.warned), m.own.drained()...)
		if m.own.flight != nil {
			drained = append(drained, m.own.flight.written()...)
		}
	}
	return drained
}

// settle waits, at the end of a root's session, until all who watch the tree have been told everything. It does not wait for
// longer than is configured, by the real clock: a clock that a test has stopped must not keep a program alive.
func (s *session) settle() {
	defer close(s.told)
	limit := s.supervisor.settings.drainTimeout
	if s.parent != nil || limit <= 0 || isObserving() {
		return
	}
	drained := s.audience.drained()
	if len(drained) == 0 {
		return
	}
	timer := time.NewTimer(limit)
	defer timer.Stop()
	for _, drained := range drained {
		select {
		case <-drained:
		case <-timer.C:
			return
		}
	}
}

// wait waits until the session is over and, unless an observer is waiting, has settled.
func (s *session) wait() {
	<-s.done
	if !isObserving() {
		<-s.told
	}
}

// waitFor waits as wait does. If ctx ends before the session is over, it returns the cause of that.
func (s *session) waitFor(ctx context.Context) error {
	select {
	case <-s.done:
	case <-ctx.Done():
		return soundCause(ctx)
	}
	if !isObserving() {
		select {
		case <-s.told:
		case <-ctx.Done():
		}
	}
	return nil
}

// drained returns channels that are closed when all so far has been told, here and below.
func (s *Supervisor) drained() (drained []<-chan struct{}) {
	var flights []*flight
	for _, s := range s.andBelow(nil) {
		s.mu.Lock()
		watching, session := s.watching, s.session
		s.mu.Unlock()
		drained = append(drained, watching.drained()...)
		if flight := watching.flight; flight != nil && !slices.Contains(flights, flight) {
			flights = append(flights, flight)
			drained = append(drained, flight.written()...)
		}
		if session == nil {
			continue
		}
		drained = append(drained, session.warned)
		if session.parent == nil {
			drained = append(drained, session.audience.drained()...)
		}
	}
	return drained
}
