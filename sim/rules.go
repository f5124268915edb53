package sim

import (
	"errors"

	"github.com/tasksupervisor/tasksupervisor/core"
)

// rules follows what a supervisor's policies and configuration say in plain words, beside the invariants: which ends lead
// to a restart, that an escalating task halts the supervisor, and when the end of significant tasks does.
type rules struct {
	running     bool // the supervisor ran before the current step
	significant int  // significant tasks
	ended       int  // of these, Completed or Dead
}

var (
	errRestart     = errors.New("the policy says something else about a restart after this end")
	errEscalate    = errors.New("a task was to escalate, and the supervisor runs on")
	errEndTooSoon  = errors.New("the supervisor halts though not enough significant tasks have ended")
	errEndTooLate  = errors.New("the supervisor runs on though enough significant tasks have ended")
	errSignificant = errors.New("significant tasks are miscounted")
)

// checkRules looks at a step that a supervisor has taken.
func (s *Simulation) checkRules(n uint32, ev *core.Event) error {
	node := &s.nodes[n]
	r, m := &node.rules, node.machine
	auto := node.autoShutdown
	if ev.Kind == core.EventLimits && !refused(s.actions) {
		node.autoShutdown = m.Config().AutoShutdown
	}
	changing := ev.Kind == core.EventPolicy && !refused(s.actions) // until the action that says so
	halted := false
	for i := range s.actions {
		a := &s.actions[i]
		if !halted && (a.Why == core.ReasonSupervisorStop || a.Kind == core.ActionHalt) {
			halted = true
			why := m.HaltReason()
			ended := why == core.ReasonAllEnded || why == core.ReasonAnyEnded
			if r.running && ended && !r.over(auto) && !r.over(node.autoShutdown) {
				return errEndTooSoon
			}
		}
		if a.Task == 0 || a.Kind == core.ActionReject || a.Kind == core.ActionHalt {
			continue
		}
		policy := s.policy(n, &node.tasks[a.Task.Slot()])
		if changing && a.Task == ev.Task {
			before := &s.plan.supervisors[node.plan].policies[node.previousPolicy]
			if a.Why == core.ReasonPolicy {
				changing = false
				r.change(a, before.Significant, policy.Significant)
				continue
			}
			policy = before
		}
		if !follows(a, policy) {
			return errRestart
		}
		if escalates(a, policy) && m.Phase() == core.PhaseRunning {
			return errEscalate
		}
		if policy.Significant {
			r.move(a.From, a.To)
		}
	}
	r.running = m.Phase() == core.PhaseRunning
	switch {
	case r.ended < 0 || r.ended > r.significant:
		return errSignificant
	case r.running && r.over(node.autoShutdown):
		return errEndTooLate
	}
	return nil
}

// follows tells whether what came of an end is what the policy says.
func follows(a *core.Action, policy *core.Policy) bool {
	switch a.Why {
	case core.ReasonFailure:
		return policy.Restart != core.RestartNever && a.Exit.Failure()
	case core.ReasonRepeat:
		return policy.Restart == core.RestartAlways && a.Exit == core.ExitOK
	case core.ReasonNotRestartable:
		// One that was stopped with its siblings may have been given another policy since, or wait for an older run.
		retired := a.From == core.StatusStopping || a.From == core.StatusAbandoned
		return policy.Restart == core.RestartNever && a.Exit.Failure() || retired
	case core.ReasonExhausted:
		return policy.Restart != core.RestartNever && policy.MaxAttempts != core.Unlimited && a.Exit.Failure()
	case core.ReasonIntensity:
		return policy.Restart != core.RestartNever && a.Exit.Failure()
	case core.ReasonFatal:
		return a.Exit == core.ExitFatal
	case core.ReasonCompleted:
		return a.Exit == core.ExitOK || a.Exit == core.ExitDone
	}
	return true
}

// escalates tells whether an action must halt the supervisor.
func escalates(a *core.Action, policy *core.Policy) bool {
	switch a.Why {
	case core.ReasonStopTimeout:
		return policy.OnAbandon == core.AbandonEscalate
	case core.ReasonExhausted:
		return policy.OnExhausted == core.ExhaustedEscalate
	case core.ReasonFatal, core.ReasonIntensity:
		return true
	}
	return false
}

func refused(actions []core.Action) bool {
	for i := range actions {
		if actions[i].Kind == core.ActionReject {
			return true
		}
	}
	return false
}

// change takes note of a task whose policy changes.
func (r *rules) change(a *core.Action, before, after bool) {
	if before {
		r.move(a.From, core.StatusNone)
	}
	if after {
		r.move(core.StatusNone, a.To)
	}
}

func (r *rules) move(from, to core.Status) {
	if from == core.StatusNone && to != core.StatusNone {
		r.significant++
	}
	if to == core.StatusNone && from != core.StatusNone {
		r.significant--
	}
	if isEnd(from) {
		r.ended--
	}
	if isEnd(to) {
		r.ended++
	}
}

// over tells whether the end of significant tasks ends the supervisor.
func (r *rules) over(auto core.AutoShutdown) bool {
	switch auto {
	case core.AutoShutdownAll:
		return r.significant > 0 && r.ended == r.significant
	case core.AutoShutdownAny:
		return r.ended > 0
	case core.AutoShutdownNever:
	}
	return false
}

func isEnd(status core.Status) bool {
	return status == core.StatusCompleted || status == core.StatusDead
}
