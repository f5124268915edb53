package supervisor

import (
	"slices"

	"github.com/tasksupervisor/tasksupervisor/core"
)

// The functions of this file feed events to the machine and carry out its decisions. They are called with mu held.

// input is an event, with what this package has to know about it and the machine does not.
type input struct {
	core.Event
	ended  *run    // EventExit: the run that ended
	entry  *member // EventAdd: the task that is added
	beside *beside // EventPolicy: what the task gets along with the policy
	quiet  bool    // EventPolicy, EventHold and EventRelease: observers are not told
}

// handle gives the machine an event, which gets its instant here, and carries out what follows. It returns why the event
// was refused, or RefusalNone.
func (s *Supervisor) handle(in input) core.Refusal {
	in.At = s.readClock()
	return s.handleNow(in)
}

// readClock returns the instant of the events that are handled next; 0 outside of sessions.
func (s *Supervisor) readClock() core.Instant {
	if s.fault != nil {
		return 0
	}
	defer s.guard()
	return s.now()
}

// bringUp makes the machine fire what is due, and returns the present.
func (s *Supervisor) bringUp() (now core.Instant) {
	now = s.readClock()
	if s.fault == nil {
		defer s.guard()
		s.beginStop(now)
		s.catchUp(now)
	}
	return now
}

// handleNow is handle of an event that has its instant, the present.
func (s *Supervisor) handleNow(in input) core.Refusal {
	if s.fault != nil {
		return core.RefusalNone
	}
	defer s.guard()
	s.revision++
	if s.session != nil {
		s.beginStop(in.At)
		s.catchUp(in.At)
		s.tellRecoveries(in.At)
		s.lookAtGates(in.At)
	}
	return s.feed(in)
}

// catchUp makes the machine fire its timers up to an instant, one instant after the other, because beats that it does not
// know of yet may move them.
func (s *Supervisor) catchUp(by core.Instant) {
	for s.engine.hasHealthChecks {
		at, tasks, due := s.engine.dueBy(by)
		if !due {
			return
		}
		for _, id := range tasks {
			if r := s.registry.of(id).current; r != nil && r.beats() {
				s.deliverBeat(r, at)
			}
		}
		if _, _, due := s.engine.dueBy(at); due {
			s.feed(input{Event: core.Event{At: at, Kind: core.EventTick}})
		}
	}
}

// feed gives the machine an event that has its instant, and carries out what follows.
//
// The clock is armed before anything else happens: then a test that learns what was decided can move its clock on.
func (s *Supervisor) feed(in input) (refusal core.Refusal) {
	actions := s.engine.step(in)
	var culprit *member
	if s.session != nil {
		s.engine.arm(s.session.source)
		culprit = s.noteHaltBegins(actions)
	}
	if len(actions) > deedsAtATime {
		s.mu.expect(len(actions))
	}
	for i := range actions {
		if actions[i].Kind == core.ActionReject {
			refusal = actions[i].Refusal
		} else {
			s.carryOut(&actions[i], in)
		}
	}
	if culprit != nil {
		s.session.cause.Err = culprit.lastErr // of the run that has just ended
	}
	if s.session != nil {
		s.session.readiness.decide(s.engine.machine)
	}
	if s.gated && s.session != nil && !s.renewing {
		s.tendGates(in.Kind, actions)
	}
	s.engine.trim()
	return refusal
}

// carryOut does what an action asks for, and informs observers and waiting calls.
func (s *Supervisor) carryOut(a *core.Action, in input) {
	m := s.memberOf(a, in)
	if a.Exit != ExitNone && in.ended != nil && in.ended.member == m {
		s.detach(m, in.ended, a.Exit) // only now: timers due before the end have fired first, and can be about this very run
	}
	failedStop := s.noteFailedStop(m, a, in.ended)
	if a.Why == ReasonPolicy {
		m.hasPolicy(in.Policy)
		m.beside = in.beside
		m.askReadiness()
	}
	if m != nil && m.current != nil {
		if a.From == StatusAbandoned && a.To != StatusAbandoned {
			m.rare().left, m.current = append(m.left, m.current), nil // it is alive, and the task continues without it
		} else if s.engine.hasHealthChecks {
			m.current.watchProbe(a)
			m.current.watchBeats(a)
		}
	}
	switch a.Kind {
	case ActionStart:
		s.start(m, a)
	case ActionStop:
		s.stop(m, a)
	case ActionAbandon:
		s.abandon(m, a)
	case ActionProbe:
		s.probe(m.current)
	case ActionForget:
		s.leaveGate(m)
		s.registry.forget(m)
	case ActionHalt:
		s.noteHalt(a.Why)
	case ActionTransition:
		if a.From == StatusStarting && a.To == StatusHealthy {
			s.stats.ReadyDurations.add(a.At - m.current.started)
		}
	case ActionAdd, core.ActionReject:
	}
	if m != nil {
		s.follow(m, a)
	}
	s.noteEscalation(m, a)
	if s.session != nil {
		s.session.readiness.observe(m, a, s.engine.machine)
	}
	if m != nil {
		m.changed.fire()
	}
	s.changed.fire()
	if a.Kind == ActionAdd || a.Kind == ActionForget || a.Kind == ActionHalt {
		s.reshaped.fire()
	}
	if !s.watching.unobserved() && !s.renewing && !(in.quiet && isQuiet(a.Why)) {
		s.publish(a, m, in.ended, failedStop)
	}
}

// isQuiet reports whether observers are not told of what happens for a reason, if its event is quiet.
func isQuiet(why Reason) bool {
	return why == ReasonPolicy || why == ReasonHeld || why == ReasonReleased
}

// memberOf returns the task that an action is about, or nil. One that is being added is entered here.
func (s *Supervisor) memberOf(a *core.Action, in input) *member {
	switch {
	case a.Kind == ActionAdd:
		s.registry.enter(in.entry, a.Task)
		return in.entry
	case a.Task != 0:
		return s.registry.of(a.Task)
	}
	return nil
}

// start starts a run.
func (s *Supervisor) start(m *member, a *core.Action) {
	r := &run{session: s.session, member: m, number: a.Run, started: a.At, origin: origin{a.Why, m.lastExit, a.Attempts, m.lastErr}}
	r.behind, r.crash = s.session.values, m.crash
	m.current = r
	m.countStart(a.Why)
	m.started++
	s.registry.alive++
	if s.engine.hasHealthChecks {
		r.watchBeats(a)
	}
	s.mu.launch(r)
	if a.To == StatusStarting && m.readiness.check != nil {
		s.mu.launch(&readinessSearch{readinessProbe: m.readiness, run: r})
	}
}

// stop asks a run to stop. If it is stopped for its failure, that is the task's last error from now on.
func (s *Supervisor) stop(m *member, a *core.Action) {
	why := a.Why
	cause := m.current.stopCause(why)
	if why.Hangs() {
		status, _ := s.engine.machine.Status(m.id)
		if status.LastExit == ExitStartTimeout || status.LastExit == ExitWatchdog {
			m.lastErr = cause
		}
	}
	m.current.hung, m.current.stopped, m.current.asked = why.Hangs(), why, a.At
	if health := m.current.health.Load(); health != nil && health.asking != nil {
		health.asking.drop(s.engine.machine.Now())
	}
	s.mu.stop(m.current, cause)
}

// abandon notes that a run is abandoned.
func (s *Supervisor) abandon(m *member, a *core.Action) {
	r := m.current
	r.abandoned, r.why, r.abandonedAt = true, a.Why, a.At
	m.rare().runs.Abandoned++
	s.stats.RunsAbandoned++
}

// runEnded brings the end of a run to the machine. It is called by the run, without mu.
func (s *Supervisor) runEnded(r *run) {
	switch wake, ok := r.session.exits.add(r); {
	case !ok:
		s.mu.Lock()
		defer s.mu.Unlock()
		s.feedExit(r, s.readClock())
	case wake:
		r.session.wakeUp()
	}
}

// feedExits feeds the ends of some runs; more reports whether there may be others.
func (s *Supervisor) feedExits(session *session) (more bool) {
	session.batch = session.exits.take(session.batch[:0])
	now := s.readClock() // after which they are told of all at once, so one instant is as good for all as one for each
	for i, r := range session.batch {
		s.feedExit(r, now)
		session.batch[i] = nil
	}
	return len(session.batch) == cap(session.batch)
}

// feedExit tells the machine that a run has ended.
func (s *Supervisor) feedExit(r *run, now core.Instant) {
	r.over = true
	s.registry.alive--
	r.member.ended++
	refusal := s.handleNow(input{
		Event: core.Event{At: now, Kind: core.EventExit, Task: r.member.id, Run: r.number, Exit: r.exit, Delay: r.delay},
		ended: r,
	})
	if refusal != core.RefusalNone {
		s.fail(refusalError(refusal)) // the machine accepts the end of every run that it started
	}
	s.detach(r.member, r, r.exit) // where handle, after a fault, did not
	r.member.changed.fire()
	s.changed.fire()
	if s.fault != nil && r.fails {
		s.keepFailedStop(r.member, r, r.stopped)
	}
	if r.heir != nil {
		s.mu.launch(&legacyEnd{r.heir, r, s.engine.machine.Now()})
	}
}

// detach separates a run that has ended from its task, which keeps how it ended. If the run was stopped because it failed, lastErr is
// already set.
func (s *Supervisor) detach(m *member, r *run, exit ExitKind) {
	switch r {
	case m.current:
		m.current = nil
		m.countExit(exit)
		s.stats.countEnd(r, s.engine.machine.Now())
		m.lastExit = exit
		if exit == ExitTooQuick {
			r.err, r.fails = ErrTooQuick, true
		}
		m.failed = r.fails || exit == ExitStartTimeout || exit == ExitWatchdog
		if exit != ExitStartTimeout && exit != ExitWatchdog {
			m.lastErr = r.err
		}
	default:
		if i := slices.Index(m.left, r); i >= 0 {
			m.left = slices.Delete(m.left, i, i+1)
			m.countLateExit(r)
			s.stats.countEnd(r, s.engine.machine.Now())
		}
	}
	if health := r.health.Load(); health != nil {
		for _, probe := range []*probe{health.going, health.asking} {
			if probe != nil {
				probe.drop(s.engine.machine.Now())
			}
		}
	}
}

// guard turns a panic into a fault of the supervisor.
func (s *Supervisor) guard() {
	if value := recover(); value != nil {
		s.fail(value)
	}
}

// fail stops a supervisor whose own state can no longer be trusted: nothing is started, every run is asked to stop, and
// nothing is waited for.
func (s *Supervisor) fail(value any) {
	if s.fault != nil {
		return
	}
	s.revision++
	s.fault = &FaultError{Value: value, Stack: callers(0)}
	s.engine.fail()
	for _, m := range s.registry.all(nil) {
		for _, r := range m.alive() {
			s.mu.stop(r, s.fault)
		}
		if m.keeper != nil {
			s.withdraw(m)
		}
		m.changed.fire()
	}
	s.changed.fire()
	s.reshaped.fire()
	s.registry.allUp(s.engine.machine.Now())
	if s.session == nil || s.session.over {
		return
	}
	s.session.verdict = s.fault
	s.session.cause = StopCause{Err: s.fault}
	s.session.end()
	s.forgetTroubles()
	s.watching.publish(&Transition{Supervisor: s.session.path, Kind: ActionHalt, Until: Never, Err: s.fault, ctx: s.session.values}, &s.mu)
}
