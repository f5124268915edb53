package supervisor

import (
	"context"
	"errors"
	"runtime"
	"slices"

	"github.com/tasksupervisor/tasksupervisor/clock"
	"github.com/tasksupervisor/tasksupervisor/core"
)

// session is one Run of a supervisor.
type session struct {
	supervisor  *Supervisor
	path        string
	clock       clock.Clock
	source      clock.Source
	values      context.Context // the parent of the runs' contexts: it has values and no end
	wake        <-chan struct{} // the source's
	wakeup      chan struct{}   // has the loop look around
	done        chan struct{}   // closed when err is final
	becameReady chan struct{}   // closed when the supervisor is ready; nil if nobody wants to know

	// Guarded by the supervisor's mu.
	toldReady bool              // ready is closed
	over      bool              // the machine has halted, or failed
	shutdown  error             // why runs are stopped by a shutdown
	tooMany   *TooManyDeadError // set if that began the halt
	escalated *EscalatedError   // set if that began the halt
	verdict   error             // why it halted
	err       error             // the result of Run
}

// begin opens a session and starts the tasks.
func (s *Supervisor) begin(ctx context.Context) (*session, error) {
	if ctx == nil {
		return nil, ErrNilContext
	}
	parent := runOf(ctx)
	session := &session{
		supervisor: s,
		path:       s.settings.name,
		clock:      s.settings.clock,
		values:     context.WithoutCancel(ctx),
		wakeup:     make(chan struct{}, 1),
		done:       make(chan struct{}),
		shutdown:   ErrShutdown,
	}
	if parent != nil {
		if parent.session.supervisor.starting(parent) {
			session.becameReady = make(chan struct{})
		}
		session.path = parent.path()
		if session.clock == nil {
			session.clock = parent.session.clock
		}
	}
	if session.clock == nil {
		session.clock = clock.System{}
	}
	session.source = session.clock.NewSource()
	session.wake = session.source.Wake()
	first := core.Event{Kind: core.EventStart}
	if ctx.Err() != nil {
		first.Kind = core.EventShutdown
		session.shutdown = &causedShutdown{context.Cause(ctx)}
	}
	if err := s.open(session, first); err != nil {
		return nil, err
	}
	if parent != nil {
		parent.session.supervisor.adopt(parent.member, s)
	}
	return session, nil
}

// open makes a session the current one, unless there is one.
func (s *Supervisor) open(session *session, first core.Event) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.running:
		return ErrAlreadyRunning
	case s.alive > 0:
		var left []LeftBehindRun
		for _, m := range s.allMembers() {
			left = m.leftBehind(left, s)
		}
		return &LeftBehindError{left}
	}
	if s.session != nil || s.fault != nil {
		if err := s.renew(); err != nil {
			return err
		}
	}
	s.session, s.running, s.path, s.armed = session, true, session.path, Never
	s.exits.beginLoop()
	s.handle(first, nil, nil)
	return nil
}

// renew gives the tasks of earlier sessions to a new machine, in the order in which they were added.
func (s *Supervisor) renew() error {
	members := s.allMembers()[len(s.orphans):]
	s.session, s.fault, s.slots = nil, nil, nil
	if err := s.newMachine(); err != nil {
		return err
	}
	s.renewing = true // what is added again is no news
	defer func() { s.renewing = false }()
	for _, m := range members {
		m.lastErr = nil
		if err := s.register(m); err != nil {
			return err
		}
	}
	return nil
}

// serve is the supervisor's own loop: it does what is due, and ends the session when that is over.
func (s *Supervisor) serve(ctx context.Context, session *session) error {
	stop := context.AfterFunc(ctx, func() { s.interrupt(session, context.Cause(ctx)) })
	defer stop()
	ready := session.becameReady
	for {
		select {
		case <-session.wake:
			s.tick()
		case <-session.wakeup:
		case <-ready:
			ready = nil
			Ready(ctx)
		}
		for asleep := false; !asleep; {
			found, over := s.drainExits(session)
			if over {
				return s.finish(session)
			}
			if found {
				runtime.Gosched() // a run that ends at once spares both sides a wake-up
			} else {
				asleep = s.exits.sleep()
			}
		}
	}
}

func (s *Supervisor) tick() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.armed = Never // the wake-up has used it up
	s.handle(core.Event{Kind: core.EventTick}, nil, nil)
}

// interrupt shuts the supervisor down because the context of Run is over.
func (s *Supervisor) interrupt(session *session, cause error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.session != session {
		return
	}
	if s.phase() == PhaseRunning {
		session.shutdown = &causedShutdown{cause}
	}
	s.handle(core.Event{Kind: core.EventShutdown}, nil, nil)
}

// drainExits deals with the runs that have ended, some at a time so that others get their turn.
func (s *Supervisor) drainExits(session *session) (found, over bool) {
	for more := true; more; {
		s.mu.Lock()
		more = s.takeExits()
		found = found || len(s.batch) > 0
		over = session.over
		s.mu.Unlock()
	}
	return found, over
}

func (s *Supervisor) finish(session *session) error {
	left := s.leftBehind()
	s.mu.Lock()
	defer s.mu.Unlock()
	for !s.exits.endLoop() {
		s.takeExits()
	}
	session.err = session.verdict
	if len(left) > 0 {
		var leftBehind error = &LeftBehindError{left}
		if session.err == nil {
			session.err = leftBehind
		} else {
			session.err = errors.Join(session.err, leftBehind)
		}
	}
	s.running = false
	close(session.done)
	return session.err
}

// noteHalt takes note of why the machine has halted. Everything that Run waits for is over.
func (s *Supervisor) noteHalt(why Reason) {
	session := s.session
	switch {
	case session.tooMany != nil:
		session.verdict = session.tooMany
	case session.escalated != nil:
		session.verdict = session.escalated
	case why == ReasonAllEnded || why == ReasonAnyEnded:
		if dead := s.failedTasks(); len(dead) > 0 {
			session.verdict = &DeadTasksError{dead}
		}
	}
	session.source.Arm(Never, false)
	session.end()
}

// noteThreshold takes note of the share of dead tasks at the moment when it became too large: of the actions that tell of
// it, those from the first stop on follow from the halt.
func (s *session) noteThreshold(machine *core.Machine, actions []core.Action) {
	counts := machine.Counts()
	dead, total := counts.Dead+counts.Abandoned, counts.Total
	follows := func(a core.Action) bool { return a.Why == ReasonSupervisorStop || a.Kind == ActionHalt }
	if first := slices.IndexFunc(actions, follows); first >= 0 {
		for _, a := range actions[first:] {
			dead -= countsAsDead(a.To) - countsAsDead(a.From)
			if a.Kind == ActionForget {
				total++
			}
		}
	}
	s.tooMany = &TooManyDeadError{Dead: dead, Total: total, Threshold: machine.Config().DeadThreshold}
}

func countsAsDead(status Status) int {
	if status == StatusDead || status == StatusAbandoned {
		return 1
	}
	return 0
}

// failedTasks returns the significant tasks that are dead because they failed, not because anybody wanted it so.
func (s *Supervisor) failedTasks() []TaskError {
	var failed []TaskError
	for status := range s.machine.Tasks() {
		policy, _ := s.machine.Policy(status.Policy)
		why := status.Why
		if policy.Significant && status.Status == StatusDead && status.LastExit != ExitStopped &&
			(why == ReasonExhausted || why == ReasonNotRestartable) {
			m := s.slots[status.Task.Slot()]
			failed = append(failed, TaskError{"run", m.name, m.lastErr})
		}
	}
	return failed
}

// end says that the machine has halted, or failed.
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
