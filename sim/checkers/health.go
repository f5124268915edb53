package checkers

import (
	"fmt"

	"github.com/tasksupervisor/tasksupervisor/core"
	"github.com/tasksupervisor/tasksupervisor/sim/spec"
)

// Health checks invariant 9 for the timers of tasks that run: a start timeout, a missed beat, a probe and its timeout come
// exactly at their instant, counted from the start of the run or from its latest sign of life, and as many failed probes in
// a row as the policy says are a miss.
type Health struct {
	tasks   perTask[health]
	checked int
}

type health struct {
	status  core.Status
	due     core.Instant
	probing bool
	silent  bool // its silence was reported
	misses  uint8
}

// Name implements Checker.
func (c *Health) Name() string {
	return "invariant 9: start timeouts, missed beats and probes fire at their instant"
}

// Checked counts the timers of tasks that run, whether they fired or were put off.
func (c *Health) Checked() int { return c.checked }

// Concerns implements [Selective].
func (c *Health) Concerns() (check, end Scope) {
	return everything, Scope{Events: []core.EventKind{core.EventBeat, core.EventProbe}}
}

// Begin implements Checker.
func (c *Health) Begin(t *Trace, _ *core.Machine) {
	c.tasks.reset()
	for i := range t.Tasks {
		task := &t.Tasks[i]
		*c.tasks.of(task.Task) = health{task.Status, task.Until, task.Probing, task.Silent, task.Misses}
	}
}

// Check implements Checker.
func (c *Health) Check(t *Trace, s *Step, i int) error {
	a := &s.Actions[i]
	if !concerns(a) {
		return nil
	}
	task := c.tasks.of(a.Task)
	if runs(a.From) || runs(a.To) {
		p := t.Policy(s.Task)
		if err := c.check(&s.Event, a, task, p); err != nil {
			return fmt.Errorf("task %v, %v to %v at %v, %v: %w", a.Task, a.From, a.To, a.At, a.Why, err)
		}
	}
	if !runs(a.To) {
		*task = health{}
	}
	task.status, task.due = a.To, a.Until
	if a.Kind == core.ActionForget {
		c.tasks.forget(a.Task)
	}
	return nil
}

// check checks an action of a task that runs, or comes to.
func (c *Health) check(ev *core.Event, a *core.Action, task *health, p *core.Policy) error {
	began := a.To != a.From || a.Why == core.ReasonPolicy
	if began && a.From == core.StatusCreated || a.To == core.StatusHealthy && a.From == core.StatusStarting {
		c.checked++
	}
	var err error
	until := task.due
	switch {
	case a.Why == core.ReasonStartTimeout && a.From == core.StatusStarting:
		return c.fired(a, task.due)
	case a.Why == core.ReasonProbe:
		err = c.fired(a, task.due)
		if task.probing || a.Kind != core.ActionProbe || p.Probe.Interval == 0 {
			return fmt.Errorf("it is %v, and whether a probe was under way is %v", a.Kind, task.probing)
		}
		task.probing, until = true, spec.After(a.At, p.Probe.Timeout)
	case a.Why == core.ReasonProbeFailed:
		err = c.failed(ev, a, task)
		if task.misses >= p.Probe.Failures {
			return fmt.Errorf("%d probes have failed in a row, and %d are a miss", task.misses, p.Probe.Failures)
		}
		until = beats(p, a.At)
	case a.Why == core.ReasonWatchdog && a.From == core.StatusHealthy:
		answered := task.answered(ev, a)
		if err = c.missed(ev, a, task, p); a.Kind == core.ActionStop {
			return err
		}
		task.misses, until = 0, core.Never // a silence is reported once
		if answered {
			until = beats(p, a.At)
		} else {
			task.silent, task.probing = true, p.Watchdog == 0
		}
	case !runs(a.To):
		return nil
	case began:
		*task = health{}
		until = begins(p, a)
	}
	if err == nil && a.Until != until {
		err = fmt.Errorf("its timer is due at %v, and should be at %v", a.Until, until)
	}
	return err
}

// begins returns when the timer of a status that begins is due.
func begins(p *core.Policy, a *core.Action) core.Instant {
	if a.To == core.StatusStarting {
		return spec.After(a.At, p.StartTimeout)
	}
	return beats(p, a.At)
}

// beats returns by when a run must beat that gave a sign of life at an instant, or when it is probed.
func beats(p *core.Policy, at core.Instant) core.Instant {
	switch {
	case p.Watchdog > 0:
		return spec.After(at, p.Watchdog)
	case p.Probe.Interval > 0:
		return spec.After(at, p.Probe.Interval)
	default:
		return core.Never
	}
}

// fired checks that an action comes when its timer is due.
func (c *Health) fired(a *core.Action, due core.Instant) error {
	c.checked++
	if a.At != due {
		return fmt.Errorf("its timer was due at %v", due)
	}
	return nil
}

// failed checks a failed probe: an answer says so, or none has come in time.
func (c *Health) failed(ev *core.Event, a *core.Action, task *health) error {
	if !task.probing {
		return fmt.Errorf("no probe was under way")
	}
	answered := task.answered(ev, a)
	task.probing = false
	task.misses++
	if answered {
		c.checked++
		return nil
	}
	return c.fired(a, task.due)
}

// answered reports whether an action follows from a bad answer to a probe.
func (h *health) answered(ev *core.Event, a *core.Action) bool {
	return ev.Kind == core.EventProbe && ev.Task == a.Task && ev.Exit == core.ExitError && ev.Run == a.Run && (a.At < h.due || h.due == core.Never)
}

// missed checks a miss: a beat that did not come, or the last of too many failed probes.
func (c *Health) missed(ev *core.Event, a *core.Action, task *health, p *core.Policy) error {
	if stops := a.Kind == core.ActionStop; stops != (p.OnMiss == core.MissRestart) {
		return fmt.Errorf("the policy says %v, and what follows is %v", p.OnMiss, a.Kind)
	}
	if p.Watchdog > 0 {
		return c.fired(a, task.due)
	}
	err := c.failed(ev, a, task)
	if task.misses < p.Probe.Failures {
		return fmt.Errorf("only %d probes have failed in a row, and %d are a miss", task.misses, p.Probe.Failures)
	}
	return err
}

// End implements Checker. It looks at a sign of life that moved a timer without an action, and checks where to.
func (c *Health) End(t *Trace, s *Step) error {
	ev := &s.Event
	if ev.Kind != core.EventBeat && ev.Kind != core.EventProbe {
		return nil
	}
	task, known := c.tasks.find(ev.Task)
	if !known || s.Rejected && s.Refusal != core.RefusalStaleProbe {
		return nil
	}
	p := t.PolicyOf(ev.Task)
	switch {
	case s.Rejected:
		if task.probing {
			return fmt.Errorf("task %v is being probed, and the answer is rejected", ev.Task)
		}
	case ev.Kind == core.EventProbe && (ev.Exit == core.ExitOK || task.silent):
		if !task.probing {
			return fmt.Errorf("task %v is not being probed, and an answer is accepted", ev.Task)
		}
		*task = health{status: task.status, due: beats(p, t.Now)}
	case ev.Kind == core.EventBeat && task.status == core.StatusHealthy && p.Watchdog > 0:
		task.silent = false
		if task.due = beats(p, t.Now); ev.Within > 0 {
			task.due = spec.After(t.Now, ev.Within)
		}
	}
	c.checked++
	told, _ := s.Machine.Status(ev.Task)
	if told.Until != task.due || told.Misses != task.misses || told.Probing != task.probing || told.Silent != task.silent {
		return fmt.Errorf("task %v after a %v: its timer is due at %v with %d misses (probing: %v), and should be at %v with %d (%v)",
			ev.Task, ev.Kind, told.Until, told.Misses, told.Probing, task.due, task.misses, task.probing)
	}
	return nil
}
