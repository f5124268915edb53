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
		ended := a.From == core.StatusCompleted || a.From == core.StatusDead
		if ended && (a.Why == core.ReasonKilled || a.Why == core.ReasonSuspended) {
			return fmt.Errorf("task %v is %v, and it is %v already", a.Task, a.Why, a.From)
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
		if !c.justified(m, ev, a.Refusal) {
			return fmt.Errorf("the event is rejected for %v, which is not so", a.Refusal)
		}
	}
	return nil
}

// justified tells whether the machine is in a state in which an event may be rejected for this refusal.
func (c *Acceptance) justified(m *core.Machine, ev core.Event, refusal core.Refusal) bool {
	task, known := m.Status(ev.Task)
	other, otherKnown := m.Status(ev.Other)
	need := ev.Kind == core.EventNeed
	switch refusal {
	case core.RefusalUnknownEvent:
		return ev.Kind > core.EventShutdown
	case core.RefusalUnknownTask:
		return (aboutTask(ev.Kind) || aboutRun(ev.Kind)) && !known || need && !otherKnown
	case core.RefusalUnknownPolicy:
		_, defined := m.Policy(ev.Policy)
		return (ev.Kind == core.EventAdd || ev.Kind == core.EventPolicy) && !defined
	case core.RefusalUnknownLimits:
		_, defined := m.Limits(ev.Limits)
		return ev.Kind == core.EventLimits && !defined
	case core.RefusalUnknownExit:
		return ev.Kind == core.EventExit && (ev.Exit < core.ExitOK || ev.Exit > core.ExitFatal) ||
			ev.Kind == core.EventProbe && ev.Exit != core.ExitOK && ev.Exit != core.ExitError
	case core.RefusalStaleRun:
		fenced := ev.Kind == core.EventExit && ev.Run != 0 && ev.Run == task.Fenced
		return aboutRun(ev.Kind) && known && !(task.Live && ev.Run == task.Run) && !fenced
	case core.RefusalStaleProbe:
		return ev.Kind == core.EventProbe && known && !task.Probing
	case core.RefusalAlreadyStarted:
		return ev.Kind == core.EventStart && m.Phase() == core.PhaseRunning
	case core.RefusalAlreadyEnded:
		ended := task.Status == core.StatusCompleted || task.Status == core.StatusDead
		return (ev.Kind == core.EventKill || ev.Kind == core.EventSuspend) && ended
	case core.RefusalBeingRemoved:
		return aboutTask(ev.Kind) && task.Intent == core.IntentRemove || need && other.Intent == core.IntentRemove
	case core.RefusalNotSuspended:
		return ev.Kind == core.EventResume && known && !task.Suspended
	case core.RefusalNeeded:
		return ev.Kind == core.EventRemove && known && needed(m, ev.Task)
	case core.RefusalNeedsLaterTask:
		return need && ev.Other >= ev.Task
	case core.RefusalTooManyTasks:
		return ev.Kind == core.EventAdd && uint32(m.Counts().Total) >= c.cfg.MaxTasks
	case core.RefusalShuttingDown:
		return !aboutRun(ev.Kind) && ev.Kind != core.EventTick && m.Phase() == core.PhaseHalting
	case core.RefusalSupervisorDone:
		return !aboutRun(ev.Kind) && ev.Kind != core.EventTick && m.Phase() == core.PhaseHalted
	default:
		return false
	}
}

// aboutTask tells whether an event is an operator's word about one task.
func aboutTask(kind core.EventKind) bool {
	switch kind {
	case core.EventRemove, core.EventRestart, core.EventKill, core.EventNeed, core.EventSuspend, core.EventResume, core.EventPolicy:
		return true
	default:
		return false
	}
}

// aboutRun tells whether an event tells of a run.
func aboutRun(kind core.EventKind) bool {
	switch kind {
	case core.EventExit, core.EventReady, core.EventBeat, core.EventProbe:
		return true
	default:
		return false
	}
}

// needed tells whether any task needs this one.
func needed(m *core.Machine, id core.TaskID) bool {
	for s := range m.Tasks() {
		for other := range m.Needs(s.Task) {
			if other == id {
				return true
			}
		}
	}
	return false
}
