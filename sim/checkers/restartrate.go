package checkers

import (
	"fmt"
	"iter"
	"slices"

	"github.com/tasksupervisor/tasksupervisor/core"
	"github.com/tasksupervisor/tasksupervisor/sim/spec"
)

// RestartRate checks invariant 10: no window ever holds more restarts after a delay than the restart rate allows; those that
// find no room wait, and go on in the order in which their delays had passed (at one instant in declared order), each at the
// first instant with room for it.
type RestartRate struct {
	restarts spec.Window
	queue    []waiter     // the tasks that wait, the next first
	turn     core.Instant // when anything last changed about whose turn it is
	limited  bool         // in the current step the limits of its event are in force
	checked  int
	ties     int
}

// waiter is a task that waits for the restart rate since its restart delay had passed.
type waiter struct {
	since core.Instant
	known bool // false if that was before the trace began: then since is when that was
	task  core.TaskID
}

// before reports whether a waiter goes on before another.
func (w waiter) before(other waiter) bool {
	switch {
	case !w.known: // it began to wait at that instant, too, or earlier
		return other.known && w.since < other.since
	case !other.known:
		return false
	case w.since != other.since:
		return w.since < other.since
	}
	return w.task < other.task
}

// Name implements Checker.
func (c *RestartRate) Name() string {
	return "invariant 10: no window holds more delayed restarts than the restart rate allows"
}

// Checked counts the restarts after a delay while there was a restart rate.
func (c *RestartRate) Checked() int { return c.checked }

// Rare implements [Rare].
func (c *RestartRate) Rare() iter.Seq2[string, int] {
	return inOrder([]string{"a tie for the restart rate"}, []int{c.ties})
}

// Concerns implements [Selective].
func (c *RestartRate) Concerns() (check, end Scope) {
	return Scope{From: []core.Status{core.StatusFailed}}, everything
}

// Begin implements Checker.
func (c *RestartRate) Begin(t *Trace, m *core.Machine) {
	*c = RestartRate{restarts: spec.Window{Rate: t.Config.RestartRate, Instants: c.restarts.Instants[:0]}, queue: c.queue[:0], turn: t.Now, checked: c.checked, ties: c.ties}
	for at := range m.Restarts() {
		c.restarts.Record(at)
	}
	for i := range t.Tasks {
		if t.Tasks[i].Wait == core.WaitRestartRate {
			c.queue = append(c.queue, waiter{since: t.Now, task: t.Tasks[i].Task})
		}
	}
}

// Check implements Checker.
func (c *RestartRate) Check(_ *Trace, s *Step, i int) error {
	a := &s.Actions[i]
	if a.From != core.StatusFailed || !concerns(a) {
		return nil
	}
	place := slices.IndexFunc(c.queue, func(w waiter) bool { return w.task == a.Task })
	if s.accepted(core.EventLimits) && !c.limited && a.At == s.Machine.Now() && place >= 0 && a.Why == core.ReasonBackoff &&
		a.At != max(c.turn, c.restarts.Free()) {
		c.limit(s) // the limits there were do not explain it
	}
	switch {
	case a.Why == core.ReasonRestartRate:
		return c.waits(a, place)
	case a.Why == core.ReasonBackoff && a.To != a.From:
		return c.goesOn(a, place)
	case a.To != a.From && place >= 0: // an operator command
		c.queue = slices.Delete(c.queue, place, place+1)
	}
	return nil
}

// End implements Checker.
func (c *RestartRate) End(t *Trace, s *Step) error {
	if s.accepted(core.EventLimits) && !c.limited {
		c.limit(s)
	}
	c.limited = false
	if c.restarts.Rate.Per == 0 && len(c.queue) == 0 {
		return nil
	}
	for i := range s.Actions {
		if !s.last(i) {
			continue
		}
		id := s.Actions[i].Task
		waits := slices.ContainsFunc(c.queue, func(w waiter) bool { return w.task == id })
		if told, ok := s.told(i); ok && (told.Wait == core.WaitRestartRate) != waits {
			return fmt.Errorf("task %v says it waits for %v, and whether it is for the restart rate is %v", id, told.Wait, waits)
		}
	}
	if len(c.queue) == 0 || t.Phase != core.PhaseRunning {
		return nil
	}
	if next, _ := s.Machine.NextDeadline(); c.restarts.Free() < next {
		return fmt.Errorf("it is %v, task %v waits for the restart rate, which has room at %v, and the next deadline is %v",
			t.Now, c.queue[0].task, c.restarts.Free(), next)
	}
	return nil
}

// limit puts the limits of the event in force.
func (c *RestartRate) limit(s *Step) {
	limits, _ := s.Machine.Limits(s.Event.Limits)
	c.restarts.Limit(limits.RestartRate)
	c.turn, c.limited = s.Machine.Now(), true
}

// waits checks that a task has to wait. place is its place in the queue, -1 if it did not wait before.
func (c *RestartRate) waits(a *core.Action, place int) error {
	c.checked++
	if place >= 0 || a.Until != core.Never {
		return fmt.Errorf("task %v waits for the restart rate until %v, and did so before: %v", a.Task, a.Until, place >= 0)
	}
	if len(c.queue) == 0 && !c.restarts.Full(a.At) {
		return fmt.Errorf("task %v waits for the restart rate at %v, and it has room", a.Task, a.At)
	}
	w := waiter{a.At, true, a.Task}
	last := len(c.queue)
	for last > 0 && w.before(c.queue[last-1]) {
		last--
	}
	c.queue = slices.Insert(c.queue, last, w)
	c.turn = a.At
	return nil
}

// goesOn checks that a task may go on whose restart delay has passed. place is its place in the queue, -1 if it never waited.
func (c *RestartRate) goesOn(a *core.Action, place int) error {
	if c.restarts.Rate.Per > 0 || place >= 0 {
		c.checked++
	}
	if c.restarts.Full(a.At) {
		return fmt.Errorf("task %v goes on at %v, which is restart %d within %v",
			a.Task, a.At, c.restarts.Count(a.At)+1, c.restarts.Rate.Per)
	}
	if len(c.queue) > 0 && (place < 0 || c.queue[0].before(c.queue[place])) {
		return fmt.Errorf("task %v goes on at %v, before task %v, which waits for the restart rate", a.Task, a.At, c.queue[0].task)
	}
	if due := max(c.turn, c.restarts.Free()); place >= 0 && a.At != due {
		return fmt.Errorf("task %v goes on at %v, and the restart rate has room for it at %v", a.Task, a.At, due)
	}
	if place >= 0 {
		since := c.queue[place].since
		c.queue = slices.Delete(c.queue, place, place+1)
		if len(c.queue) > 0 && c.queue[0].known && c.queue[0].since == since {
			c.ties++
		}
	}
	c.turn = a.At
	c.restarts.Record(a.At)
	return nil
}
