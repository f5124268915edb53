package checkers

import (
	"container/heap"

	"github.com/tasksupervisor/tasksupervisor/core"
)

// deadlines are the timers of the tasks, as told by the actions.
type deadlines struct {
	tasks perTask[deadline]
	queue deadlineQueue // holds outdated entries as well
}

type deadline struct {
	at    core.Instant
	armed bool
}

type queued struct {
	at core.Instant
	id core.TaskID
}

func (d *deadlines) begin(m *core.Machine) {
	d.tasks.reset()
	d.queue = d.queue[:0]
	for s := range m.Tasks() {
		if waits(s.Status) {
			d.arm(s.Task, s.Until)
		}
	}
}

// of returns when the timer of a task is due; Never if it has none.
func (d *deadlines) of(id core.TaskID) core.Instant {
	if timer, ok := d.tasks.find(id); ok && timer.armed {
		return timer.at
	}
	return core.Never
}

// decided takes note of an action that is not a rejection.
func (d *deadlines) decided(a core.Action) {
	switch {
	case a.Kind == core.ActionHalt:
	case a.Kind == core.ActionForget:
		d.tasks.forget(a.Task)
	case !waits(a.To):
		d.tasks.of(a.Task).armed = false
	case a.From != a.To:
		d.arm(a.Task, a.Until)
	}
}

func (d *deadlines) arm(id core.TaskID, at core.Instant) {
	*d.tasks.of(id) = deadline{at: at, armed: at != core.Never}
	if at != core.Never {
		heap.Push(&d.queue, queued{at, id})
	}
}

// earliest returns the timer that is due first; ok is false if there is none.
func (d *deadlines) earliest() (first queued, ok bool) {
	for len(d.queue) > 0 {
		if first = d.queue[0]; d.of(first.id) == first.at {
			return first, true
		}
		heap.Pop(&d.queue)
	}
	return queued{}, false
}

type deadlineQueue []queued

func (q deadlineQueue) Len() int           { return len(q) }
func (q deadlineQueue) Less(i, j int) bool { return q[i].at < q[j].at }
func (q deadlineQueue) Swap(i, j int)      { q[i], q[j] = q[j], q[i] }
func (q *deadlineQueue) Push(x any)        { *q = append(*q, x.(queued)) }
func (q *deadlineQueue) Pop() any {
	last := (*q)[len(*q)-1]
	*q = (*q)[:len(*q)-1]
	return last
}
