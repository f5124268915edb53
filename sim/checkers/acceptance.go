package checkers

import (
	"fmt"

	"github.com/tasksupervisor/tasksupervisor/core"
)

// Acceptance checks one half of invariant 14: the machine rejects an event only for a reason that is true, and so
// accepts every legal one; and it does not kill what has ended. See [Rejections] for the other half.
type Acceptance struct {
	cfg     core.Config
	checked int
}

// Name implements Checker.
func (c *Acceptance) Name() string { return "invariant 14: only what cannot be is rejected" }

// Checked counts the rejections.
func (c *Acceptance) Checked() int { return c.checked }

// Begin implements Checker.
func (c *Acceptance) Begin(m *core.Machine) { c.cfg = m.Config() }

// Observe implements Checker. A rejected event changes nothing, so the reason has to be true of the machine still.
func (c *Acceptance) Observe(m *core.Machine, ev core.Event, actions []core.Action) error {
	for i, a := range actions {
		if a.Why == core.ReasonKilled && (a.From == core.StatusCompleted || a.From == core.StatusDead) {
			return fmt.Errorf("task %v is killed, and it is %v already", a.Task, a.From)
		}
		if a.Kind != core.ActionReject {
			continue
		}
		c.checked++
		if i != len(actions)-1 {
			return fmt.Errorf("%v follows a rejection", actions[i+1].Kind)
		}
		status, _ := m.Status(ev.Task)
		if a.At != m.Now() || a.From != status.Status || a.To != status.Status {
			return fmt.Errorf("the rejection is of %v and goes from %v to %v; it is %v, and the task is %v",
				a.At, a.From, a.To, m.Now(), status.Status)
		}
		if !c.justified(m, ev, a.Why) {
			return fmt.Errorf("the event is rejected for %v, which is not so", a.Why)
		}
	}
	return nil
}

// justified tells whether the machine is in a state in which an event may be rejected for this reason.
func (c *Acceptance) justified(m *core.Machine, ev core.Event, why core.Reason) bool {
	task, known := m.Status(ev.Task)
	oneTask := ev.Kind == core.EventRemove || ev.Kind == core.EventRestart || ev.Kind == core.EventKill
	operator := oneTask || ev.Kind == core.EventAdd || ev.Kind == core.EventStart || ev.Kind == core.EventShutdown
	switch why {
	case core.ReasonUnknownEvent:
		return ev.Kind > core.EventShutdown
	case core.ReasonUnknownTask:
		return (oneTask || ev.Kind == core.EventExit) && !known
	case core.ReasonUnknownPolicy:
		_, defined := m.Policy(ev.Policy)
		return ev.Kind == core.EventAdd && !defined
	case core.ReasonUnknownExit:
		return ev.Kind == core.EventExit && (ev.Exit < core.ExitOK || ev.Exit > core.ExitGoexit)
	case core.ReasonStaleRun:
		current := task.Live && ev.Run == task.Run
		return ev.Kind == core.EventExit && known && !current && (ev.Run == 0 || ev.Run != task.Fenced)
	case core.ReasonAlreadyStarted:
		return ev.Kind == core.EventStart && m.Phase() == core.PhaseRunning
	case core.ReasonAlreadyEnded:
		return ev.Kind == core.EventKill && (task.Status == core.StatusCompleted || task.Status == core.StatusDead)
	case core.ReasonBeingRemoved:
		return oneTask && task.Intent == core.IntentRemove
	case core.ReasonTooManyTasks:
		return ev.Kind == core.EventAdd && uint32(m.Counts().Total) >= c.cfg.MaxTasks
	case core.ReasonShuttingDown:
		return operator && m.Phase() == core.PhaseHalting
	case core.ReasonSupervisorDone:
		return operator && m.Phase() == core.PhaseHalted
	default:
		return false
	}
}
