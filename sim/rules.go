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
	errEscalate    = errors.New("a task whose policy says escalate was abandoned, and the supervisor runs on")
	errEndTooSoon  = errors.New("the supervisor halts though not enough significant tasks have ended")
	errEndTooLate  = errors.New("the supervisor runs on though enough significant tasks have ended")
	errSignificant = errors.New("significant tasks are miscounted")
)

// checkRules looks at a step that a supervisor has taken.
func (s *Simulation) checkRules(n uint32) error {
	node := &s.nodes[n]
	r, m := &node.rules, node.machine
	auto := s.plan.supervisors[node.plan].autoShutdown
	halted := false
	for i := range s.actions {
		a := &s.actions[i]
		if !halted && (a.Why == core.ReasonHalted || a.Kind == core.ActionHalt) {
			halted = true
			why := m.HaltReason()
			if r.running && (why == core.ReasonAllEnded || why == core.ReasonAnyEnded) && !r.over(auto) {
				return errEndTooSoon
			}
		}
		if a.Task == 0 || a.Kind == core.ActionReject || a.Kind == core.ActionHalt {
			continue
		}
		policy := &s.plan.groups[node.tasks[a.Task.Slot()].group].tasks.Policy
		if !follows(a, policy) {
			return errRestart
		}
		if a.Why == core.ReasonStopTimeout && policy.OnAbandon == core.AbandonEscalate && m.Phase() == core.PhaseRunning {
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
	case r.running && r.over(auto):
		return errEndTooLate
	}
	return nil
}

// follows tells whether what came of an end is what the policy says.
func follows(a *core.Action, policy *core.Policy) bool {
	switch a.Why {
	case core.ReasonFailure:
		return policy.Restart != core.RestartNever
	case core.ReasonRepeat:
		return policy.Restart == core.RestartAlways && a.Exit == core.ExitOK
	case core.ReasonNotRestartable:
		return policy.Restart == core.RestartNever && a.Exit != core.ExitOK
	case core.ReasonExhausted:
		return policy.Restart != core.RestartNever && policy.MaxAttempts != core.Unlimited
	case core.ReasonCompleted:
		return a.Exit == core.ExitOK
	}
	return true
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
