package checkers

import (
	"fmt"
	"math"

	"github.com/tasksupervisor/tasksupervisor/core"
	"github.com/tasksupervisor/tasksupervisor/sim/spec"
)

// Acceptance checks one half of invariant 14: the machine rejects an event only for a reason that is true, and so
// accepts every legal one; and it does not kill what has ended. See [Rejections] for the other half.
type Acceptance struct{ checked int }

// Name implements Checker.
func (c *Acceptance) Name() string { return "invariant 14: only impossible events are rejected" }

// Checked counts the rejections.
func (c *Acceptance) Checked() int { return c.checked }

// Concerns implements [Selective].
func (c *Acceptance) Concerns() (check, end Scope) {
	return Scope{Actions: []core.ActionKind{core.ActionReject}, Why: []core.Reason{core.ReasonKilled, core.ReasonSuspended}}, Scope{}
}

// Begin implements Checker.
func (c *Acceptance) Begin(*Trace, *core.Machine) {}

// Check implements Checker. A rejected event changes nothing, so the reason has to be true of the machine still.
func (c *Acceptance) Check(t *Trace, s *Step, i int) error {
	a, m := &s.Actions[i], s.Machine
	if (a.Why == core.ReasonKilled || a.Why == core.ReasonSuspended) && over(m, s.Task) {
		return fmt.Errorf("task %v is %v, and it is %v already", a.Task, a.Why, a.From)
	}
	if a.Kind != core.ActionReject {
		return nil
	}
	c.checked++
	if i != len(s.Actions)-1 {
		return fmt.Errorf("%v follows a rejection", s.Actions[i+1].Kind)
	}
	status, _ := m.Status(s.Event.Task)
	if a.At != m.Now() || a.From != status.Status || a.To != status.Status {
		return fmt.Errorf("the rejection is of %v and goes from %v to %v; it is %v, and the task is %v",
			a.At, a.From, a.To, m.Now(), status.Status)
	}
	if !justified(t, m, s.Event, a.Refusal) {
		return fmt.Errorf("the event is rejected for %v, which is not so", a.Refusal)
	}
	return nil
}

// End implements Checker.
func (c *Acceptance) End(*Trace, *Step) error { return nil }

// justified reports whether the machine is in a state in which an event may be rejected for this refusal.
func justified(t *Trace, m *core.Machine, ev core.Event, refusal core.Refusal) bool {
	task, known := m.Status(ev.Task)
	other, otherKnown := m.Status(ev.Other)
	need := ev.Kind == core.EventNeed
	switch refusal {
	case core.RefusalUnknownEvent:
		return ev.Kind > core.EventRelease
	case core.RefusalUnknownTask:
		return (aboutTask(ev.Kind) || aboutRun(ev.Kind)) && !known || need && !otherKnown
	case core.RefusalUnknownPolicy:
		_, defined := m.Policy(ev.Policy)
		return (ev.Kind == core.EventAdd || ev.Kind == core.EventPolicy) && !defined
	case core.RefusalUnknownLimits:
		_, defined := m.Limits(ev.Limits)
		return ev.Kind == core.EventLimits && !defined
	case core.RefusalUnknownRun:
		return ev.Kind == core.EventAdd && max(ev.Run, ev.Fenced) > math.MaxInt64
	case core.RefusalUnknownExit:
		return ev.Kind == core.EventExit && !spec.CanEnd(ev.Exit) ||
			ev.Kind == core.EventProbe && ev.Exit != core.ExitOK && ev.Exit != core.ExitError
	case core.RefusalStaleRun:
		left := ev.Run != 0 && ev.Run == task.Fenced || task.Live && ev.Run == task.Run
		return aboutRun(ev.Kind) && known && !lives(&task, ev.Run) && !(ev.Kind == core.EventExit && left)
	case core.RefusalStaleProbe:
		return ev.Kind == core.EventProbe && known && !task.Probing
	case core.RefusalAlreadyStarted:
		return ev.Kind == core.EventStart && m.Phase() == core.PhaseRunning
	case core.RefusalAlreadyEnded:
		return (ev.Kind == core.EventKill || ev.Kind == core.EventSuspend) && over(m, &task)
	case core.RefusalBeingRemoved:
		return aboutTask(ev.Kind) && task.Intent == core.IntentRemove || need && other.Intent == core.IntentRemove
	case core.RefusalNotSuspended:
		return ev.Kind == core.EventResume && known && !task.Suspended
	case core.RefusalNeeded:
		return ev.Kind == core.EventRemove && len(t.Needs.Dependents(ev.Task)) > 0
	case core.RefusalNeedsLaterTask:
		return need && ev.Other >= ev.Task
	case core.RefusalTooManyTasks:
		return ev.Kind == core.EventAdd && uint32(m.Counts().Total) >= t.Config.MaxTasks
	case core.RefusalShuttingDown:
		return (ev.Kind == core.EventStart || ev.Kind == core.EventShutdown) && m.Phase() == core.PhaseHalting
	case core.RefusalSupervisorDone:
		return (ev.Kind == core.EventStart || ev.Kind == core.EventShutdown) && m.Phase() == core.PhaseHalted
	default:
		return false
	}
}

// over reports whether a task has ended, by the phase that the machine is in: what begins a halt in the same step need not be
// told, and to kill or suspend what has ended begins none.
func over(m *core.Machine, task *core.TaskStatus) bool {
	now := spec.Supervisor{Phase: m.Phase()}
	return now.Over(task)
}

// aboutTask reports whether an event is a command about one task, of an operator or of the driver.
func aboutTask(kind core.EventKind) bool {
	switch kind {
	case core.EventRemove, core.EventRestart, core.EventKill, core.EventNeed, core.EventSuspend, core.EventResume, core.EventPolicy,
		core.EventHold, core.EventRelease:
		return true
	default:
		return false
	}
}

// aboutRun reports whether an event tells of a run.
func aboutRun(kind core.EventKind) bool {
	switch kind {
	case core.EventExit, core.EventReady, core.EventBeat, core.EventProbe, core.EventUnready:
		return true
	default:
		return false
	}
}
