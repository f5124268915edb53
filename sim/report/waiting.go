package report

import (
	"slices"

	"github.com/tasksupervisor/tasksupervisor/core"
)

// watch registers a task that may wait for something.
func (w *watcher) watch(id core.TaskID) {
	if !slices.Contains(w.waiting, id) {
		w.waiting = append(w.waiting, id)
	}
}

// watchCreated registers all tasks that the start of the supervisor has left where they were.
func (w *watcher) watchCreated(m *core.Machine) {
	for status := range m.Tasks() {
		if status.Status == core.StatusCreated {
			w.watch(status.Task)
		}
	}
}

// lookAtWaiting notes what waiting tasks wait for. No action reports that, and it changes with other tasks.
func (w *watcher) lookAtWaiting(m *core.Machine) {
	w.waiting = slices.DeleteFunc(w.waiting, func(id core.TaskID) bool {
		status, _ := m.Status(id)
		lane := w.lane(id)
		if status.Wait == core.WaitNone || len(lane.Spans) == 0 {
			return true
		}
		need := ""
		if status.Wait == core.WaitNeed {
			need = w.lane(status.Need).Name
		}
		status.Until = later(status.Until, w.shift)
		lane.wait(later(m.Now(), w.shift), &status, need)
		return status.Status == core.StatusFailed || status.Wait == core.WaitSupervisor // an action or the start tells when that ends
	})
}

// wait begins a new span if the task waits for something else now than when the current one began.
func (l *Lane) wait(now core.Instant, status *core.TaskStatus, need string) {
	span := &l.Spans[len(l.Spans)-1]
	if span.Wait == status.Wait && span.Need == need {
		return
	}
	if span.Wait == core.WaitNone {
		span.Wait, span.Need = status.Wait, need
		return
	}
	next := *span
	l.close(now)
	next.From, next.To, next.Until = now, unfinished, status.Until
	next.Wait, next.Need, next.silent = status.Wait, need, true
	l.Spans = append(l.Spans, next)
}
