package checkers

import (
	"github.com/tasksupervisor/tasksupervisor/core"
	"github.com/tasksupervisor/tasksupervisor/sim/spec"
)

// Step is one step of a trace.
type Step struct {
	Machine *core.Machine // after the step
	Event   core.Event
	Actions []core.Action

	Rejected bool         // the event was rejected,
	Refusal  core.Refusal // and why
	End      int          // the first action that followed from the end of a run that the event reported, or -1
	Restart  int          // the first action that shows what an operator's restart did; len(Actions) if none does, -1 if there was none
	Lived    bool         // the run that the event is about was its task's latest one before the step, alive and attended

	// Task is, for each action, the status of the task it is about as it was before that action; an empty one if there is no such
	// task.
	Task *core.TaskStatus

	// From End on: what the run was that ended.
	Latest bool // its task's latest one
	Fenced bool // one that was left behind

	answers []answer // of the machine, by action
}

// answer is what the machine answers, after a step, when it is asked for the status of a task.
type answer struct {
	asked, known bool
	status       core.TaskStatus
}

// begin reads a step of a trace that has not taken it in.
func (s *Step) begin(t *Trace, m *core.Machine, ev core.Event, actions []core.Action) {
	task := t.Task(ev.Task)
	*s = Step{Machine: m, Event: ev, Actions: actions, Lived: lives(task, ev.Run), answers: s.answers[:0]}
	for i := range actions {
		if actions[i].Kind == core.ActionReject {
			s.Rejected, s.Refusal = true, actions[i].Refusal
			break
		}
	}
	s.End, s.Restart = s.end(), s.restart()
}

// told returns what the machine says, after the step, of the task that an action is about.
func (s *Step) told(i int) (status *core.TaskStatus, known bool) {
	for len(s.answers) <= i {
		s.answers = append(s.answers, answer{})
	}
	a := &s.answers[i]
	if !a.asked {
		a.asked = true
		a.status, a.known = s.Machine.Status(s.Actions[i].Task)
	}
	return &a.status, a.known
}

// lives reports whether a run is its task's latest one, alive and attended.
func lives(task *core.TaskStatus, run core.Run) bool {
	return task.Live && run == task.Run && spec.Attended(task)
}

// accepted reports whether the event is of this kind and was not rejected.
func (s *Step) accepted(kind core.EventKind) bool { return s.Event.Kind == kind && !s.Rejected }

// given reports whether an action says that its task was given another policy.
func (s *Step) given(a *core.Action) bool {
	return a.Why == core.ReasonPolicy && s.Event.Kind == core.EventPolicy && a.Task == s.Event.Task
}

// end returns the index of the first action that followed from the end of a run which the event reported: the actions before
// it are those of timers. It is -1 if the event reported none or was rejected.
func (s *Step) end() int {
	if s.Event.Kind != core.EventExit {
		return -1
	}
	for i := range s.Actions {
		a := &s.Actions[i]
		// Out of Abandoned the first to tell is a late exit. Any other is of a run that failed before and was just replaced.
		replaced := a.From == core.StatusAbandoned && a.Why != core.ReasonLateExit
		if a.Task == s.Event.Task && a.Exit != core.ExitNone && !replaced {
			return i
		}
	}
	return -1
}

// restart returns the index of the first action that shows what an operator's restart did.
func (s *Step) restart() int {
	if !s.accepted(core.EventRestart) {
		return -1
	}
	silent := len(s.Actions)
	for i := range s.Actions {
		a := &s.Actions[i]
		switch {
		case a.Task != s.Event.Task:
		case a.Why == core.ReasonRestarted && (a.From != core.StatusCreated || a.Kind == core.ActionTransition):
			return i
		case a.From == core.StatusCreated && a.Why != core.ReasonSupervisorStop:
			silent = i // it waited for its turn, and may start now
		case a.To == core.StatusCreated, a.To == core.StatusHalted:
			silent = len(s.Actions) // what went before was not the command's doing: the task would have run
		}
	}
	return silent
}

// last reports whether an action is the last in a row about its task.
func (s *Step) last(i int) bool {
	return concerns(&s.Actions[i]) && !(i+1 < len(s.Actions) && s.Actions[i+1].Task == s.Actions[i].Task)
}

// urgent reports whether an action asks a run to stop without regard to others: it hangs, or is not waited for any more.
func (s *Step) urgent(i int) bool {
	a := &s.Actions[i]
	if a.Kind != core.ActionStop {
		return false
	}
	late := i+1 < len(s.Actions) && s.Actions[i+1].Task == a.Task && s.Actions[i+1].Why == core.ReasonShutdownTimeout
	return late || hangs(a)
}

// hangs reports whether an action asks a run to stop because it hangs.
func hangs(a *core.Action) bool {
	return a.Kind == core.ActionStop && (a.Why == core.ReasonStartTimeout || a.Why == core.ReasonWatchdog)
}

// fires reports whether an action is the first that follows from a timer of its task. A failed probe can be told by an event,
// too.
func fires(a *core.Action) bool {
	switch a.Why {
	case core.ReasonBackoff, core.ReasonRestartRate:
		return a.From == core.StatusFailed
	case core.ReasonStopTimeout, core.ReasonStartTimeout, core.ReasonWatchdog, core.ReasonProbe, core.ReasonProbeFailed:
		return a.From != core.StatusCreated // where it is why the task waited
	default:
		return false
	}
}

// runs reports whether a status is one of a run that was not asked to stop.
func runs(status core.Status) bool { return spec.Running(&core.TaskStatus{Status: status}) }

// timed reports whether a status can have a timer.
func timed(status core.Status) bool {
	return runs(status) || status == core.StatusFailed || status == core.StatusStopping
}

// halts reports whether an action belongs to the halt of the supervisor.
func halts(a *core.Action) bool {
	return a.Kind == core.ActionHalt || a.Why == core.ReasonSupervisorStop
}

// asked returns the delay that a run asked for, of an action with which that can begin, or 0.
func (s *Step) asked(t *Trace, a *core.Action) core.Duration {
	if a.Why == core.ReasonDelayBegins {
		return t.Task(a.Task).Delay
	}
	if s.End >= 0 && a == &s.Actions[s.End] && a.Why == core.ReasonFailure && a.Exit == s.Event.Exit && spec.Asks(a.Exit) {
		return max(s.Event.Delay, 0)
	}
	return 0
}

// concerns reports whether an action is about one task, and decides something.
func concerns(a *core.Action) bool { return a.Kind != core.ActionReject && a.Kind != core.ActionHalt }

// stopsForOthers reports whether a stop for this reason is for the sake of other tasks or of the supervisor.
func stopsForOthers(why core.Reason) bool {
	return why == core.ReasonSibling || why == core.ReasonDependency || why == core.ReasonSupervisorStop
}
