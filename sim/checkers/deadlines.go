package checkers

import "github.com/tasksupervisor/tasksupervisor/core"

// deadlines are the timers of the tasks, as told by the actions.
type deadlines struct{ tasks perTask[deadline] }

type deadline struct {
	at    core.Instant
	armed bool
	put   bool // the budget has put off what was due
}

func (d *deadlines) begin(m *core.Machine) {
	d.tasks.reset()
	for s := range m.Tasks() {
		d.arm(s.Task, s.Until)
		d.tasks.of(s.Task).put = s.Wait == core.WaitRestartRate
	}
}

// of returns when the timer of a task is due; Never if it has none.
func (d *deadlines) of(id core.TaskID) core.Instant {
	if timer, ok := d.tasks.find(id); ok && timer.armed {
		return timer.at
	}
	return core.Never
}

// due tells whether an action comes when what it tells of is due, as far as that is up to the task's timer: a task that the
// budget has put off waits for the supervisor.
func (d *deadlines) due(a core.Action) bool {
	timer, ok := d.tasks.find(a.Task)
	return ok && (timer.armed && a.At == timer.at || timer.put && a.Why == core.ReasonBackoff)
}

// decided takes note of an action that is not a rejection, and tells whether it armed a timer.
func (d *deadlines) decided(a core.Action) bool {
	switch {
	case a.Kind == core.ActionHalt:
	case a.Kind == core.ActionForget:
		d.tasks.forget(a.Task)
	case a.From != a.To || a.Until != d.of(a.Task):
		timer := d.arm(a.Task, a.Until)
		d.tasks.of(a.Task).put = a.Why == core.ReasonRestartRate
		return timer
	}
	return false
}

// heard takes note of an event that moved a timer without an action: a sign of life. It returns the task, or 0.
func (d *deadlines) heard(m *core.Machine, ev core.Event, actions []core.Action) core.TaskID {
	if !heeded(core.EventBeat, ev, actions) && !heeded(core.EventProbe, ev, actions) {
		return 0
	}
	s, _ := m.Status(ev.Task)
	if s.Until == d.of(ev.Task) || !d.arm(ev.Task, s.Until) {
		return 0
	}
	return ev.Task
}

func (d *deadlines) arm(id core.TaskID, at core.Instant) bool {
	timer := d.tasks.of(id)
	timer.at, timer.armed = at, at != core.Never
	return timer.armed
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

// heard takes note of an event that moved a timer without an action.
func (q *queue) heard(m *core.Machine, ev core.Event, actions []core.Action) {
	if id := q.deadlines.heard(m, ev, actions); id != 0 {
		q.push(queued{q.of(id), id})
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
