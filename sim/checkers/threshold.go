package checkers

import (
	"fmt"
	"math/bits"

	"github.com/tasksupervisor/tasksupervisor/core"
)

// Threshold checks invariant 7: when more than the allowed share of the tasks is dead, the supervisor halts at the
// very event that made it so, or with a health check interval at the check that is next; once, and for no less.
type Threshold struct {
	allowed  core.Fraction
	grid     grid
	running  bool
	statuses perTask[core.Status]
	dead     uint64 // killed, exhausted, abandoned and so on
	total    uint64
	over     bool
	since    core.Instant // over: when it became so
	reason   core.Reason  // why the supervisor halts, once it does
	checked  int
}

// Name implements Checker.
func (c *Threshold) Name() string { return "invariant 7: the dead threshold halts when crossed, once" }

// Checked counts how often the share of dead tasks went above what is allowed.
func (c *Threshold) Checked() int { return c.checked }

// Begin implements Checker.
func (c *Threshold) Begin(m *core.Machine) {
	c.allowed = m.Config().DeadThreshold
	c.grid.begin(m)
	c.running = m.Phase() == core.PhaseRunning
	c.statuses.reset()
	c.dead, c.total, c.over = 0, 0, false
	c.reason = m.HaltReason()
	for s := range m.Tasks() {
		c.count(s.Task, s.Status)
	}
	c.look(m.Now())
}

// Observe implements Checker.
func (c *Threshold) Observe(m *core.Machine, ev core.Event, actions []core.Action) error {
	was := c.reason
	c.reason = m.HaltReason()
	if was != core.ReasonNone {
		if was != c.reason {
			return fmt.Errorf("the supervisor halts for %v, and then for %v", was, c.reason)
		}
		return nil
	}
	if heeded(core.EventStart, ev, actions) {
		c.running = true
		c.grid.start, c.grid.known = m.Now(), true
	}
	began := c.follow(actions)
	if limits := (core.Limits{}); !c.begun(m, began) && changed(m, ev, actions, &limits) {
		c.allowed = limits.DeadThreshold
		c.look(m.Now())
	}
	switch {
	case !c.grid.known:
		return nil
	case c.reason == core.ReasonTooManyDead:
		return c.halted(m.Now(), began)
	case c.reason == core.ReasonNone && c.due(m.Now()):
		return fmt.Errorf("%d of %d tasks are dead since %v, and the supervisor runs on", c.dead, c.total, c.since)
	default:
		return nil
	}
}

// begun tells whether the supervisor began to halt by the limits that were in force before the step.
func (c *Threshold) begun(m *core.Machine, began *core.Action) bool {
	if began != nil {
		return c.due(began.At)
	}
	return c.due(m.Now())
}

// follow counts along with the actions until the supervisor begins to halt. It returns the first action that shows
// that it has begun: it may begin earlier than it shows, as when all it has to do is wait for tasks to stop.
func (c *Threshold) follow(actions []core.Action) *core.Action {
	for i, a := range actions {
		switch {
		case a.Kind == core.ActionReject:
			continue
		case halts(a):
			return &actions[i]
		case c.due(a.At):
			continue // it has begun
		case a.Kind == core.ActionForget:
			c.total--
			c.move(a.Task, core.StatusNone)
			c.statuses.forget(a.Task)
		default:
			c.count(a.Task, a.To)
		}
		if !replaced(a, actions[i+1:]) { // abandoned and replaced in one go, it was never dead
			c.look(a.At)
		}
	}
	return nil
}

// replaced tells whether what follows the abandonment of a run is that its task goes on without it.
func replaced(a core.Action, rest []core.Action) bool {
	if a.Kind != core.ActionAbandon || len(rest) == 0 {
		return false
	}
	next := rest[0]
	return next.Task == a.Task && next.At == a.At && next.From == core.StatusAbandoned && next.To != core.StatusNone && !isDead(next.To)
}

// count takes note of a task's status.
func (c *Threshold) count(id core.TaskID, to core.Status) {
	if _, known := c.statuses.find(id); !known {
		c.total++
	}
	c.move(id, to)
}

func (c *Threshold) move(id core.TaskID, to core.Status) {
	status := c.statuses.of(id)
	if isDead(*status) {
		c.dead--
	}
	if isDead(to) {
		c.dead++
	}
	*status = to
}

func isDead(s core.Status) bool { return s == core.StatusDead || s == core.StatusAbandoned }

// look compares the share of dead tasks with what is allowed.
func (c *Threshold) look(at core.Instant) {
	was := c.over
	leftHigh, left := bits.Mul64(c.dead, uint64(c.allowed.Den))
	rightHigh, right := bits.Mul64(c.total, uint64(c.allowed.Num))
	c.over = leftHigh > rightHigh || leftHigh == rightHigh && left > right
	if c.over && !was {
		c.checked++
		c.since = at
	}
}

// due tells whether the supervisor has to begin to halt at an instant or before, going by what is over now.
func (c *Threshold) due(at core.Instant) bool {
	if !c.over || !c.running || !c.grid.known {
		return false
	}
	when := c.when()
	return when <= at && (when != core.Never || c.grid.interval == 0) // a check that is due at Never is never
}

// when is the instant at which what is over now halts the supervisor.
func (c *Threshold) when() core.Instant {
	since := max(c.since, c.grid.start)
	if c.grid.interval == 0 {
		return since
	}
	return c.grid.decided(c.grid.next(since))
}

// halted looks at a step in which the supervisor began to halt because of too many dead tasks.
func (c *Threshold) halted(now core.Instant, began *core.Action) error {
	switch {
	case !c.over:
		return fmt.Errorf("the supervisor halts while %d of %d tasks are dead, and %d/%d are allowed",
			c.dead, c.total, c.allowed.Num, c.allowed.Den)
	case !c.due(now) || began != nil && !c.due(began.At):
		return fmt.Errorf("too many tasks are dead since %v, and the supervisor halts before %v", c.since, c.when())
	case began != nil && began.At > c.when() && sweeps(*began):
		return fmt.Errorf("too many tasks are dead since %v, and the supervisor halts at %v, not at %v", c.since, began.At, c.when())
	default:
		return nil
	}
}

// sweeps tells whether an action is one of those with which every halt begins: what waits to start is dead, and
// restarts that were asked for are called off.
func sweeps(a core.Action) bool {
	return a.From == core.StatusCreated || a.From == core.StatusFailed || a.Kind == core.ActionTransition && a.From == a.To
}
