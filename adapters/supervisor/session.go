package supervisor

import (
	"context"
	"runtime"

	"github.com/tasksupervisor/tasksupervisor/clock"
	"github.com/tasksupervisor/tasksupervisor/core"
	"github.com/tasksupervisor/tasksupervisor/core/scenario"
)

// session is one Run of a supervisor.
//
// It goes through three stages, in this order. The machine runs; then it has halted, or failed: over is set, and verdict
// says why. When the loop has then taken in the runs that ended meanwhile, err is set, finished too, and done is closed;
// from then on a run that was left behind reports its end to the machine itself. In the end told is closed. Only the latest session of a supervisor
// can be anything but finished, and while it is not, there is no other.
type session struct {
	supervisor *Supervisor
	parent     *run // in which the supervisor runs; nil for the root of a tree
	path       string
	clock      clock.Clock
	source     clock.Source
	values     context.Context // the parent of the runs' contexts: it has values and no end
	wake       <-chan struct{} // the source's
	wakeup     chan struct{}   // wakes the loop
	asked      chan struct{}   // the loop receives from it, whatever it does, to show that it is there
	watching   *watching       // who is told of what is decided
	audience   *audience       // of the whole tree
	done       chan struct{}   // closed when err is final
	warned     chan struct{}   // closed when the warnings are logged
	round      *round          // of the root's Run that this one belongs to
	told       chan struct{}   // closed when the audience has been told everything, or is waited for no longer. Then Run returns
	exits      exits           // runs that have ended, for the loop

	// Guarded by the supervisor's mu.
	batch     []*run            // room for runs that have ended
	readiness treeReadiness     // of the supervisor, if it is a task
	shutdown  error             // why runs are stopped by a shutdown
	tooMany   *TooManyDeadError // set if that began the halt
	escalated *EscalatedError   // set if that began the halt
	over      bool              // the machine has halted, or failed
	verdict   error             // why
	cause     StopCause         // why the machine halts or has halted
	err       error             // the result of Run
	finished  bool              // err is final
}

// begin opens a session and starts the tasks.
func (s *Supervisor) begin(ctx context.Context) (*session, error) {
	if err := s.usable(ctx); err != nil {
		return nil, err
	}
	parent := runOf(ctx)
	session := &session{
		supervisor: s,
		parent:     parent,
		path:       s.settings.name,
		clock:      s.settings.clock,
		values:     context.WithoutCancel(ctx),
		wakeup:     make(chan struct{}, 1),
		asked:      make(chan struct{}),
		done:       make(chan struct{}),
		warned:     make(chan struct{}),
		told:       make(chan struct{}),
		watching:   s.own,
		audience:   new(audience),
		batch:      make([]*run, 0, 64),
		exits:      exits{asleep: true}, // the loop begins by waiting
		shutdown:   ErrShutdown,
		round:      new(round),
	}
	if parent != nil {
		session.round = parent.session.round
		if err := s.mayRunIn(parent); err != nil {
			return nil, err
		}
		session.path = join(parent.path(), s.settings.name)
		if session.isTask() {
			session.path = parent.path()
			session.readiness.begin(parent.session.supervisor.awaitsReadiness(parent))
		}
		if session.clock == nil {
			session.clock = parent.session.clock
		}
		session.watching = s.own.under(parent.session.watching, &s.settings)
		session.audience = parent.session.audience
	}
	if session.clock == nil {
		session.clock = clock.System{}
	}
	session.source = session.clock.NewSource()
	session.wake = session.source.Wake()
	if session.isTask() {
		s.takeOver(parent)
	}
	for {
		first := core.Event{Kind: core.EventStart}
		if ctx.Err() != nil {
			first.Kind = core.EventShutdown
			session.shutdown = &causedShutdown{soundCause(ctx)}
		}
		err := s.open(session, first, s.makeSuccessor(session))
		if err == nil {
			break
		}
		if err == ErrAlreadyRunning {
			err = s.awaitEarlier(ctx, parent)
		}
		if err != nil {
			return nil, err
		}
	}
	if parent != nil {
		parent.session.supervisor.adopt(parent.member, s)
	}
	return session, nil
}

// isTask reports whether the supervisor is the task whose run it runs in: the value that was added, or the one that was made
// for the run. Then it speaks for that run. If some other task runs it, that task speaks for itself.
func (s *session) isTask() bool { return s.parent != nil && s.parent.is == s.supervisor }

// open makes a session the current one, unless there is one.
func (s *Supervisor) open(session *session, event core.Event, next *successor) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.running() {
		return ErrAlreadyRunning
	}
	first := s.session == nil
	s.sessions++
	if err := s.renewFor(session, next); err != nil {
		return err
	}
	s.moveTo(session)
	s.session, s.watching = session, session.watching
	session.audience.add(session, s.own)
	if s.own.flight != nil && s.own.flight.dumps != nil {
		s.own.flight.dumps.listen(session)
	}
	s.reshaped.fire()
	s.handle(input{Event: event})
	s.logWarnings(session, first)
	return nil
}

// running reports whether there is a session that is not finished.
func (s *Supervisor) running() bool { return s.session != nil && !s.session.finished }

// renewFor gets the machine ready for a session: a new one, unless this is the first, and recorded, if it is to be. A machine
// that exists already and has to be recorded from now on is replaced, too, where that makes no difference, because its
// recording would otherwise begin with a snapshot.
func (s *Supervisor) renewFor(session *session, next *successor) error {
	head, newly := session.head(s.sessions), session.watching.recordersBeside(s.own)
	switch {
	case s.session != nil, s.fault != nil, s.heir, newly.records() && s.isFresh():
		return s.renew(session.source.Now(), session.watching, head, next)
	case newly.records():
		s.record(newly, head)
		for _, m := range s.registry.tasks(s.engine.machine) {
			s.engine.name(newly, m.name, m.id)
		}
	}
	s.engine.setHead(head)
	return nil
}

// record has the machine recorded from now on.
func (s *Supervisor) record(to *watching, head scenario.Head) {
	s.engine.record(to, head, func(look func()) {
		s.mu.Lock()
		defer s.mu.Unlock()
		look()
	})
}

// isFresh reports whether nothing has happened to the tasks but that they were added.
func (s *Supervisor) isFresh() bool {
	for status := range s.engine.machine.Tasks() {
		if status.Status != StatusCreated {
			return false
		}
	}
	return true
}

// head says what the recording of the session is of.
func (s *session) head(number uint64) scenario.Head {
	head := scenario.Head{Of: s.path, Run: RunNumber(number)}
	if s.isTask() {
		head.Run = s.parent.number
	}
	head.Origin, _ = clock.Date(s.source, 0)
	return head
}

// renew gives the tasks to a new machine, in the order in which they were added. now is the instant from which that counts: the
// new session has an origin of its own.
func (s *Supervisor) renew(now Instant, watching *watching, head scenario.Head, next *successor) error {
	later := Instant(0)
	if s.fault == nil { // else it may have been the clock's
		later = now - s.now()
	}
	if next != nil && next.revision == s.revision {
		s.session = nil
		s.succeed(next, later, watching, head)
		return nil
	}
	tasks, before := s.registry.tasks(s.trusted()), s.engine.machine
	s.session, s.fault, s.heir, s.registry.slots = nil, nil, false, nil
	if err := s.newMachine(); err != nil {
		return err
	}
	s.record(watching, head)
	s.renewing = true // what is added again is no news
	defer func() { s.renewing = false }()
	for _, m := range tasks {
		m.beginAnew(later)
		if err := s.register(m, m.policyIn(before)); err != nil {
			return err
		}
	}
	for _, m := range tasks { // when all needs are known
		s.sayAgain(m)
	}
	return nil
}

// sayAgain tells a new machine what an operator has said about a task.
func (s *Supervisor) sayAgain(m *member) {
	if kind, ok := m.said.again(); ok {
		s.handle(input{Event: core.Event{Kind: kind, Task: m.id}})
	}
}

// serve is the supervisor's own loop: it does what is due, and ends the session when that is over.
func (s *Supervisor) serve(ctx context.Context, session *session) error {
	stop := context.AfterFunc(ctx, func() { s.interrupt(session, soundCause(ctx)) })
	defer stop()
	for {
		select {
		case <-session.wake:
			s.tick()
		case <-session.wakeup:
		case <-session.asked:
		case <-session.readiness.changed:
			s.tellReadiness(session)
		}
		for asleep := false; !asleep; {
			select {
			case <-session.asked:
			default:
			}
			found, over := s.drainExits(session)
			if over {
				err := s.finish(session)
				session.settle()
				return err
			}
			if found {
				runtime.Gosched() // a run that ends at once spares both sides a wake-up
			} else {
				asleep = session.exits.sleep()
			}
		}
	}
}

func (s *Supervisor) tick() {
	s.mu.Lock()
	defer s.mu.UnlockInLoop()
	s.engine.armed = Never // the wake-up has used it up
	s.handle(input{Event: core.Event{Kind: core.EventTick}})
}

// interrupt shuts the supervisor down because the context of Run is over.
func (s *Supervisor) interrupt(session *session, cause error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.session != session {
		return
	}
	s.askToStop(session, &causedShutdown{cause})
}

// drainExits deals with the runs that have ended, some at a time so that others get their turn.
func (s *Supervisor) drainExits(session *session) (found, over bool) {
	for more := true; more; {
		s.mu.Lock()
		more = s.feedExits(session)
		found = found || len(session.batch) > 0
		over = session.over
		s.mu.UnlockInLoop()
	}
	return found, over
}

func (s *Supervisor) finish(session *session) error {
	below := s.lossesBelow(session.round)
	left := s.leftBehind()
	s.mu.Lock()
	defer s.mu.Unlock()
	for !session.exits.endLoop() {
		s.feedExits(session)
	}
	session.err = s.result(session, below, left)
	session.finished = true
	if s.engine.track != nil {
		s.engine.track.End()
	}
	session.dump()
	s.reshaped.fire()
	s.changed.fire()
	close(session.done)
	return session.err
}

// end notes that the machine has halted, or failed.
func (s *session) end() {
	s.over = true
	s.wakeUp()
}

func (s *session) wakeUp() {
	select {
	case s.wakeup <- struct{}{}:
	default:
	}
}
