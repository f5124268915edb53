package supervisor

import "github.com/tasksupervisor/tasksupervisor/core"

// treeReadiness is whether a supervisor that is a task is ready, for the supervisor above to know. It is guarded by the
// supervisor's mu.
//
// It becomes ready when all its tasks are up. After that only a task whose run takes its readiness back takes back the
// supervisor's; failures and restarts do not, because a supervisor is there to deal with them. It is ready again when each
// of those tasks is up again, or is not to come up any more: so a run that takes its readiness back and then fails keeps it
// back until its task is up.
type treeReadiness struct {
	changed  chan struct{} // holds an element if the loop has to tell the supervisor above; nil: the supervisor is no task
	says     saying
	reached  bool                 // all its tasks were up at one time
	withheld map[*member]struct{} // tasks whose runs took their readiness back, and that are not up again
}

// saying is what a supervisor has the one above know of its readiness.
type saying uint8

const (
	saysNothing saying = iota
	saysReady
	saysNotReady
)

// begin begins with a supervisor that is a task. If nothing waits for it to become ready, it is.
func (r *treeReadiness) begin(awaited bool) {
	r.changed = make(chan struct{}, 1)
	if !awaited {
		r.reached, r.says = true, saysReady
	}
}

// observe takes in what an action means for one of the tasks.
func (r *treeReadiness) observe(m *member, a *core.Action, machine *core.Machine) {
	switch {
	case r.changed == nil || m == nil:
	case a.Why == ReasonUnready:
		if r.withheld == nil {
			r.withheld = make(map[*member]struct{})
		}
		r.withheld[m] = struct{}{}
	case len(r.withheld) > 0 && !withholds(m, machine):
		delete(r.withheld, m)
	}
}

// withholds reports whether a task whose run took its readiness back keeps back that of its supervisor.
func withholds(m *member, machine *core.Machine) bool {
	status, _ := machine.Status(m.id)
	switch status.Status {
	case StatusStarting, StatusStopping, StatusFailed, StatusAbandoned:
		return true
	case StatusHealthy:
		return status.Unready
	case StatusCreated:
		return !status.Suspended
	case StatusDead:
		return status.Why != ReasonKilled
	case StatusNone, StatusCompleted, StatusHalted:
	}
	return false // StatusNone: it was removed
}

// decide finds out what to say after a step.
//
// Tasks that are only created count as up, unless one is held: where nothing starts, stops, or waits for its restart, they are
// suspended, or wait for one that is. Those that an operator killed count as up, too: they are not to come up.
func (r *treeReadiness) decide(machine *core.Machine) {
	if r.changed == nil || machine.Phase() != PhaseRunning || r.says == saysReady && len(r.withheld) == 0 {
		return
	}
	counts := machine.Counts()
	settled := counts.Starting+counts.Stopping+counts.Failed+counts.Abandoned == 0 && (counts.Created == 0 || !someHeld(machine))
	if settled && r.onlyCreated(machine) {
		clear(r.withheld)
	}
	switch {
	case len(r.withheld) > 0:
		r.say(saysNotReady)
	case r.reached, settled && (counts.Dead == 0 || onlyKilled(machine)):
		r.reached = true
		r.say(saysReady)
	}
}

// onlyCreated reports whether all tasks that withhold their readiness have no run and are not to have one soon.
func (r *treeReadiness) onlyCreated(machine *core.Machine) bool {
	for m := range r.withheld {
		if status, _ := machine.Status(m.id); status.Status != StatusCreated {
			return false
		}
	}
	return true
}

// someHeld reports whether a task would start if it were not held.
func someHeld(machine *core.Machine) bool {
	for status := range machine.Tasks() {
		if status.Wait == WaitHeld {
			return true
		}
	}
	return false
}

// onlyKilled reports whether all dead tasks were killed by an operator.
func onlyKilled(machine *core.Machine) bool {
	for status := range machine.Tasks() {
		if status.Status == StatusDead && status.Why != ReasonKilled {
			return false
		}
	}
	return true
}

func (r *treeReadiness) say(what saying) {
	if r.says == what {
		return
	}
	r.says = what
	r.tell()
}

// tell has the loop tell the supervisor above.
func (r *treeReadiness) tell() {
	select {
	case r.changed <- struct{}{}:
	default: // the loop has yet to look, or the supervisor is no task
	}
}

// askReadiness has the supervisor that the task is say again that it is not ready: that counted for nothing as long as the task
// had no readiness. It is called with the mu of the supervisor above held.
func (m *member) askReadiness() {
	for _, in := range m.inside() {
		in.supervisor.repeatNotReady()
	}
}

func (s *Supervisor) repeatNotReady() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.running() && s.session.readiness.says == saysNotReady {
		s.session.readiness.tell()
	}
}

// tellReadiness tells the supervisor above whether this one is ready. It is called by the loop, without mu.
func (s *Supervisor) tellReadiness(session *session) {
	s.mu.Lock()
	says := session.readiness.says
	s.mu.Unlock()
	above := session.parent.session.supervisor
	if says == saysReady {
		above.runReady(session.parent)
	} else {
		above.runNotReady(session.parent)
	}
}
