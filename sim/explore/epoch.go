package explore

import (
	"slices"

	"github.com/tasksupervisor/tasksupervisor/core"
)

// epoch holds what a machine's future depends on of its past, and what it does not tell.
type epoch struct {
	started  core.Instant  // when the supervisor started: where the grid of health checks begins
	shutdown core.Instant  // when its shutdown has taken too long, or Never
	limits   core.LimitsID // those in force
	crashes  window        // what the restart intensity counts
	restarts window        // what the restart budget counts
	queue    queue         // who waits for the restart budget
}

// window holds the latest instants of what a rate counts, the oldest first.
type window struct {
	instants [CountMax]core.Instant
	count    int
}

func (w *window) list() []core.Instant { return w.instants[:w.count] }

// record counts one more.
func (w *window) record(at core.Instant, rate core.Rate) {
	if rate.Count > 0 {
		w.keep(rate.Count - 1)
		w.instants[w.count] = at
		w.count++
	}
}

// keep forgets all but the latest n.
func (w *window) keep(n uint32) {
	if spare := w.count - int(n); spare > 0 {
		copy(w.instants[:], w.instants[spare:w.count])
		w.count = int(n)
		clear(w.instants[w.count:])
	}
}

// freeAt returns the instant at which a full window has room again, if it is later than now.
func (w *window) freeAt(now core.Instant, rate core.Rate) (at core.Instant, ok bool) {
	if rate.Count == 0 || w.count < int(rate.Count) {
		return 0, false
	}
	at = w.instants[0] + core.Instant(rate.Per)
	return at, at > now
}

// chronicler derives epochs from what machines are told and decide.
type chronicler struct {
	limits  []core.Limits // by id
	spare   core.Machine
	actions []core.Action
}

// after returns the epoch that follows a transition.
func (c *chronicler) after(t *Transition, was epoch) epoch {
	ticked := len(t.Actions)
	limits := t.Event.Kind == core.EventLimits && !rejected(t.Actions)
	if limits {
		// What timers do first is counted by the limits there were.
		c.spare.CopyFrom(t.Before)
		c.actions = c.spare.Step(c.actions[:0], core.Event{Kind: core.EventTick, At: t.Event.At})
		ticked = len(c.actions)
	}
	c.count(&was, t.Actions[:ticked])
	if limits {
		was.limits = t.Event.Limits
		was.crashes.keep(c.limits[was.limits].Intensity.Count)
		was.restarts.keep(c.limits[was.limits].RestartRate.Count)
		c.count(&was, t.Actions[ticked:])
	}
	before, after := t.Before.Phase(), t.After.Phase()
	if before == core.PhaseCreated && after == core.PhaseRunning {
		was.started = t.After.Now()
	}
	if before != after && after == core.PhaseHalting {
		was.shutdown = later(c.haltingSince(t), c.limits[was.limits].ShutdownTimeout)
	}
	return was
}

// count adds to windows and queue what the actions tell of.
func (c *chronicler) count(e *epoch, actions []core.Action) {
	limits := &c.limits[e.limits]
	for i := range actions {
		a := &actions[i]
		switch {
		case a.Why == core.ReasonFailure:
			e.crashes.record(a.At, limits.Intensity)
		case a.Why == core.ReasonRestartRate:
			e.queue.push(a.Task)
		case a.From == core.StatusFailed && a.To != core.StatusFailed:
			e.queue.drop(a.Task)
			if a.Why == core.ReasonBackoff {
				e.restarts.record(a.At, limits.RestartRate)
			}
		}
	}
}

// haltingSince returns at which instant of a step the machine began to halt: it may have been at a deadline before
// the event's own instant.
func (c *chronicler) haltingSince(t *Transition) core.Instant {
	c.spare.CopyFrom(t.Before)
	for {
		deadline, ok := c.spare.NextDeadline()
		if !ok || deadline > t.Event.At {
			return t.After.Now()
		}
		c.spare.Step(nil, core.Event{Kind: core.EventTick, At: deadline})
		if c.spare.Phase() == core.PhaseHalting {
			return deadline
		}
	}
}

func rejected(actions []core.Action) bool {
	for i := range actions {
		if actions[i].Kind == core.ActionReject {
			return true
		}
	}
	return false
}

// later returns the instant after a timeout that may be none.
func later(at core.Instant, timeout core.Duration) core.Instant {
	if timeout == 0 || timeout == core.Forever {
		return core.Never
	}
	return at + core.Instant(timeout)
}

// queue holds tasks in the order in which they came.
type queue struct {
	tasks [TasksMax]core.TaskID
	count int
}

func (q *queue) push(id core.TaskID) {
	q.tasks[q.count] = id
	q.count++
}

func (q *queue) drop(id core.TaskID) {
	if i := slices.Index(q.tasks[:q.count], id); i >= 0 {
		copy(q.tasks[i:], q.tasks[i+1:q.count])
		q.count--
		q.tasks[q.count] = 0
	}
}
