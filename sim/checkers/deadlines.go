package checkers

import "github.com/tasksupervisor/tasksupervisor/core"

// deadlines are the timers of the tasks, as told by the actions.
type deadlines struct{ tasks perTask[deadline] }

type deadline struct {
	at    core.Instant
	armed bool
}

func (d *deadlines) begin(m *core.Machine) {
	d.tasks.reset()
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

// decided takes note of an action that is not a rejection, and tells whether it armed a timer.
func (d *deadlines) decided(a core.Action) bool {
	switch {
	case a.Kind == core.ActionHalt:
	case a.Kind == core.ActionForget:
		d.tasks.forget(a.Task)
	case !waits(a.To):
		d.tasks.of(a.Task).armed = false
	case a.From != a.To:
		return d.arm(a.Task, a.Until)
	}
	return false
}

func (d *deadlines) arm(id core.TaskID, at core.Instant) bool {
	*d.tasks.of(id) = deadline{at: at, armed: at != core.Never}
	return at != core.Never
}

// queue holds the timers of the tasks, the earliest first. It is a binary heap that may hold outdated entries too.
type queue struct {
	deadlines
	entries []queued
}

type queued struct {
	at core.Instant
	id core.TaskID
}

func (q *queue) begin(m *core.Machine) {
	q.deadlines.begin(m)
	q.entries = q.entries[:0]
	for s := range m.Tasks() {
		if at := q.of(s.Task); at != core.Never {
			q.push(queued{at, s.Task})
		}
	}
}

// decided takes note of an action that is not a rejection.
func (q *queue) decided(a core.Action) {
	if q.deadlines.decided(a) {
		q.push(queued{a.Until, a.Task})
	}
}

// earliest returns the timer that is due first; ok is false if there is none.
func (q *queue) earliest() (first queued, ok bool) {
	for len(q.entries) > 0 {
		if first = q.entries[0]; q.of(first.id) == first.at {
			return first, true
		}
		q.pop()
	}
	return queued{}, false
}

func (q *queue) push(entry queued) {
	q.entries = append(q.entries, entry)
	i := len(q.entries) - 1
	for parent := (i - 1) / 2; i > 0 && entry.at < q.entries[parent].at; parent = (i - 1) / 2 {
		q.entries[i] = q.entries[parent]
		i = parent
	}
	q.entries[i] = entry
}

func (q *queue) pop() {
	last := len(q.entries) - 1
	entry := q.entries[last]
	q.entries = q.entries[:last]
	if last == 0 {
		return
	}
	i := 0
	for {
		child := 2*i + 1
		if child+1 < last && q.entries[child+1].at < q.entries[child].at {
			child++
		}
		if child >= last || entry.at <= q.entries[child].at {
			break
		}
		q.entries[i] = q.entries[child]
		i = child
	}
	q.entries[i] = entry
}
