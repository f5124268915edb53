package explore

import (
	"iter"
	"slices"

	"github.com/tasksupervisor/tasksupervisor/core"
	"github.com/tasksupervisor/tasksupervisor/sim/spec"
)

// history is what a machine's future depends on and the machine does not tell: the tasks that wait for the restart rate, in
// the order in which they came.
type history struct {
	tasks [TasksMax]core.TaskID
	count int
}

// after returns the history that follows a step.
func (h history) after(actions []core.Action) history {
	for i := range actions {
		a := &actions[i]
		switch {
		case a.Why == core.ReasonRestartRate && a.From == core.StatusFailed:
			h.tasks[h.count] = a.Task
			h.count++
		case a.From == core.StatusFailed && a.To != core.StatusFailed:
			h.drop(a.Task)
		}
	}
	return h
}

func (h *history) drop(id core.TaskID) {
	if i := slices.Index(h.tasks[:h.count], id); i >= 0 {
		copy(h.tasks[i:], h.tasks[i+1:h.count])
		h.count--
		h.tasks[h.count] = 0
	}
}

// place returns the place of a task in the queue, counted from 1.
func (h *history) place(id core.TaskID) int { return 1 + slices.Index(h.tasks[:], id) }

// window holds the latest instants of what a rate counts, the oldest first.
type window struct {
	instants [CountMax]core.Instant
	count    int
}

func (w *window) list() []core.Instant { return w.instants[:w.count] }

// read takes the instants that a machine tells.
func (w *window) read(instants iter.Seq[core.Instant]) {
	*w = window{}
	for at := range instants {
		w.instants[w.count] = at
		w.count++
	}
}

// freeAt returns the instant at which a full window has room again, if it is later than now.
func (w *window) freeAt(now core.Instant, rate core.Rate) (at core.Instant, ok bool) {
	if rate.Count == 0 {
		return 0, false
	}
	full := spec.Window{Rate: rate, Instants: w.list()}
	at = full.Free()
	return at, at > now
}

func rejected(actions []core.Action) bool {
	for i := range actions {
		if actions[i].Kind == core.ActionReject {
			return true
		}
	}
	return false
}
