package checkers

import "github.com/tasksupervisor/tasksupervisor/core"

// runs are the runs of one task that are alive, as a driver sees it: started, and not yet reported as ended.
type runs struct {
	latest    core.Run // the latest run there was
	alive     bool     // it is alive
	asked     bool     // it was asked to stop
	abandoned bool     // it was abandoned
	older     core.Run // an older one that is alive as well; 0 if there is none
}

func (r *runs) has(run core.Run) bool {
	return run != 0 && (r.alive && run == r.latest || run == r.older)
}

func (r *runs) count() int {
	n := 0
	if r.alive {
		n++
	}
	if r.older != 0 {
		n++
	}
	return n
}

// ended takes note of the end of a run.
func (r *runs) ended(run core.Run) {
	if run == r.latest {
		r.alive = false
	}
	if run == r.older {
		r.older = 0
	}
}

// replaced tells whether an action leaves an abandoned run alone that is still alive.
func (r *runs) replaced(a core.Action) bool {
	return a.From == core.StatusAbandoned && a.To != a.From && a.To != core.StatusNone && r.alive
}

// decided takes note of an action that is not a rejection.
func (r *runs) decided(a core.Action) {
	if r.replaced(a) {
		r.older, r.alive, r.asked, r.abandoned = r.latest, false, false, false
	}
	switch a.Kind {
	case core.ActionStart:
		r.latest, r.alive, r.asked, r.abandoned = a.Run, true, false, false
	case core.ActionStop:
		r.asked = true
	case core.ActionAbandon:
		r.abandoned = true
	case core.ActionTransition, core.ActionAdd, core.ActionProbe, core.ActionForget, core.ActionReject, core.ActionHalt:
	}
}

// beginRuns takes the runs from the state of a machine.
func beginRuns(p *perTask[runs], m *core.Machine) {
	p.reset()
	for s := range m.Tasks() {
		*p.of(s.Task) = runs{
			latest:    s.Run,
			alive:     s.Live,
			asked:     s.Live && (s.Status == core.StatusStopping || s.Status == core.StatusAbandoned),
			abandoned: s.Live && s.Status == core.StatusAbandoned,
			older:     s.Fenced,
		}
	}
}
