package report

import (
	"cmp"

	"github.com/tasksupervisor/tasksupervisor/core"
)

// Mark is something that concerns a supervisor as a whole, such as its start and its halt, or a command that an operator
// gave it.
type Mark struct {
	At   core.Instant
	Text string // such as "start", "halt: shutdown" or "kill pool/shard-3"

	// Command is the operator command, or EventTick if it is none. What a supervisor is told before its start is none: it
	// has no mark. Nor is a shutdown, which need not be an operator's doing.
	Command core.EventKind

	// Lane is the name of the lane of the task that a command is about, if it is about one.
	Lane string

	order int
}

// markEvent adds a mark for an event that was accepted, if it is to have one.
func (w *watcher) markEvent(m *core.Machine, ev *core.Event, name string, actions []core.Action) {
	adding := w.adding
	w.adding = 0
	if rejected(actions) {
		return
	}
	if ev.Kind == core.EventStart || ev.Kind == core.EventShutdown {
		w.mark(Mark{At: ev.At, Text: ev.Kind.String()})
		return
	}
	// What a new task needs is told, and the task resumed, right behind its addition, of which it is a part.
	partOf := adding != 0 && ev.Task == adding && (ev.Kind == core.EventNeed || ev.Kind == core.EventResume)
	if ev.Kind == core.EventNeed && partOf {
		w.adding = adding
	}
	if !isCommand(ev.Kind) || partOf || m.Phase() == core.PhaseCreated {
		return
	}
	mark := Mark{At: ev.At, Text: ev.Kind.String(), Command: ev.Kind}
	switch ev.Kind {
	case core.EventLimits:
		w.mark(mark)
		return
	case core.EventAdd:
		if ev.Suspended {
			w.adding = actions[0].Task
		}
		w.enter(actions[0].Task, cmp.Or(name, actions[0].Task.String()))
		mark.Lane = w.names[actions[0].Task]
	default:
		mark.Lane = w.lane(ev.Task).Name
	}
	mark.Text += " " + mark.Lane
	if ev.Kind == core.EventNeed {
		mark.Text += " " + w.lane(ev.Other).Name
	}
	w.timeline.add(mark)
}

// mark adds a mark that concerns the supervisor.
func (w *watcher) mark(mark Mark) {
	if w.path != "" {
		mark.Text = w.path + ": " + mark.Text
	}
	w.timeline.add(mark)
}

func (t *Timeline) add(mark Mark) {
	t.order++
	mark.order = t.order
	t.Marks = append(t.Marks, mark)
}

// isCommand reports whether such an event is an operator command, or may be one.
func isCommand(kind core.EventKind) bool {
	switch kind {
	case core.EventAdd, core.EventRemove, core.EventRestart, core.EventKill, core.EventNeed, core.EventSuspend,
		core.EventResume, core.EventPolicy, core.EventLimits, core.EventShutdown, core.EventHold, core.EventRelease:
		return true
	case core.EventTick, core.EventStart, core.EventExit, core.EventReady, core.EventBeat, core.EventProbe, core.EventUnready:
	}
	return false
}

func rejected(actions []core.Action) bool {
	for i := range actions {
		if actions[i].Kind == core.ActionReject {
			return true
		}
	}
	return false
}
