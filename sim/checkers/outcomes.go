package checkers

import (
	"errors"
	"fmt"

	"github.com/tasksupervisor/tasksupervisor/core"
	"github.com/tasksupervisor/tasksupervisor/sim/spec"
)

// Outcomes checks invariant 17, what policies and limits say in plain words: which ends lead to a restart, that no end is
// passed over, that a task whose policy says so escalates, and that the end of significant tasks shuts the supervisor down,
// not before and not later.
type Outcomes struct {
	significant int         // tasks
	ended       int         // of these, Completed or Dead
	began       bool        // the supervisor began to halt before this step or in it
	owed        core.TaskID // its run ended by itself in this step, and nothing has followed yet
	checked     int
}

// Name implements Checker.
func (c *Outcomes) Name() string {
	return "invariant 17: what follows an end is what the policy says"
}

// Checked counts the ends of runs that a policy decided about.
func (c *Outcomes) Checked() int { return c.checked }

// Concerns implements [Selective].
func (c *Outcomes) Concerns() (check, end Scope) {
	return everything, everything
}

// Begin implements Checker.
func (c *Outcomes) Begin(t *Trace, _ *core.Machine) {
	*c = Outcomes{began: t.Phase >= core.PhaseHalting, checked: c.checked}
	for i := range t.Tasks {
		c.count(t.Policy(&t.Tasks[i]), t.Tasks[i].Status, 1)
	}
}

// Check implements Checker.
func (c *Outcomes) Check(t *Trace, s *Step, i int) error {
	a := &s.Actions[i]
	if halts(a) && !c.began {
		c.began = true
		if err := c.early(t, s); err != nil {
			return err
		}
	}
	if !concerns(a) {
		return nil
	}
	task := s.Task
	p := t.Policy(task)
	if a.Kind == core.ActionAdd {
		added, _ := s.Machine.Policy(s.Event.Policy)
		p = &added
	}
	if i == s.End && s.byItself(task) {
		c.owed = a.Task
	}
	if a.Task == c.owed && settles(a, s.Machine.Phase()) {
		c.owed = 0
	}
	if decided, allowed := outcome(a, p); decided {
		c.checked++
		if !allowed {
			return fmt.Errorf("%v of task %v (%v) after %v is not what its policy says", a.Why, a.Task, p.Restart, a.Exit)
		}
	}
	if escalates(a, p) && s.Machine.Phase() == core.PhaseRunning {
		return fmt.Errorf("%v of task %v is to escalate, and the supervisor runs on", a.Why, a.Task)
	}
	before := p
	if s.given(a) {
		before = &t.old
	}
	c.count(before, task.Status, -1)
	c.count(p, a.To, 1)
	return nil
}

// End implements Checker.
func (c *Outcomes) End(t *Trace, s *Step) error {
	if id := c.owed; id != 0 {
		c.owed = 0
		return fmt.Errorf("run %d of task %v ended by itself (%v), and no restart, completion, death or halt follows: it is %v",
			s.Event.Run, id, s.Event.Exit, t.Task(id).Status)
	}
	if t.Phase == core.PhaseRunning && spec.EnoughEnded(t.Config.AutoShutdown, c.significant, c.ended) != core.ReasonNone {
		return errors.New("the supervisor runs on though enough significant tasks have ended")
	}
	if t.Phase >= core.PhaseHalting && !c.began {
		c.began = true
		return c.early(t, s)
	}
	return nil
}

// early looks at a halt for the end of significant tasks when it begins, or as soon as it shows.
func (c *Outcomes) early(t *Trace, s *Step) error {
	why := s.Machine.HaltReason()
	enough := spec.EnoughEnded(t.Config.AutoShutdown, c.significant, c.ended) == why
	if s.accepted(core.EventLimits) { // it halts just before them, or for them
		limits, _ := s.Machine.Limits(s.Event.Limits)
		enough = enough || spec.EnoughEnded(limits.AutoShutdown, c.significant, c.ended) == why
	}
	if (why == core.ReasonAllEnded || why == core.ReasonAnyEnded) && !enough {
		return errors.New("the supervisor halts though not enough significant tasks have ended")
	}
	return nil
}

// count adds a task to the counts, or takes it from them.
func (c *Outcomes) count(p *core.Policy, status core.Status, n int) {
	if !p.Significant || status == core.StatusNone {
		return
	}
	c.significant += n
	if spec.Ended(status) {
		c.ended += n
	}
}

// byItself reports whether the latest run of the task ended in this step of its own accord: no operator command meant it to
// end, and if it was asked to stop, then because it hung. What was in store for it because of other tasks does not matter.
func (s *Step) byItself(task *core.TaskStatus) bool {
	switch {
	case !s.Latest:
		return false
	case runs(task.Status):
		return task.Intent == core.IntentNone || spec.Together(task.Intent)
	}
	return task.Intent == core.IntentRetry && task.Fenced == 0
}

// settles reports whether an action deals with an end as such: the task is to be restarted, has completed, is dead, or is
// halted with its supervisor.
func settles(a *core.Action, phase core.Phase) bool {
	switch a.To {
	case core.StatusFailed, core.StatusCompleted, core.StatusDead:
		return a.From != a.To
	case core.StatusHalted:
		return phase >= core.PhaseHalting
	default:
		return false
	}
}

// outcome reports whether an action is what became of an end, and if so whether the policy allows it.
func outcome(a *core.Action, p *core.Policy) (decided, allowed bool) {
	restarts := p.Restart != core.RestartNever && spec.Failure(a.Exit)
	switch a.Why {
	case core.ReasonFailure, core.ReasonIntensity:
		return a.From != a.To, restarts
	case core.ReasonRepeat:
		return a.From != a.To, p.Restart == core.RestartAlways && a.Exit == core.ExitOK
	case core.ReasonLost:
		return a.From != a.To, p.Restart != core.RestartNever && spec.Lost(a.Exit)
	case core.ReasonExhausted:
		return a.Kind == core.ActionTransition && a.From != core.StatusCreated, restarts && p.MaxAttempts != core.Unlimited
	case core.ReasonNotRestartable:
		// One that was stopped with its siblings may have been given another policy since, or wait for an older run.
		retired := a.From == core.StatusStopping || a.From == core.StatusAbandoned
		return true, p.Restart == core.RestartNever && (spec.Failure(a.Exit) || spec.Lost(a.Exit)) || retired
	case core.ReasonFatal:
		return true, a.Exit == core.ExitFatal
	case core.ReasonCompleted:
		return true, a.Exit == core.ExitOK || a.Exit == core.ExitDone
	}
	return false, true
}

// escalates reports whether an action must halt the supervisor.
func escalates(a *core.Action, p *core.Policy) bool {
	switch a.Why {
	case core.ReasonStopTimeout:
		return p.OnAbandon == core.AbandonEscalate
	case core.ReasonExhausted:
		return p.OnExhausted == core.ExhaustedEscalate && a.Exit != core.ExitNone
	case core.ReasonFatal, core.ReasonIntensity:
		return true
	}
	return false
}
