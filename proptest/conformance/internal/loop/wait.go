package loop

import (
	"slices"

	"github.com/tasksupervisor/tasksupervisor/core"
)

// wait is a call that waits for what it has led to.
type wait struct {
	task   *task
	come   func() bool
	answer chan error
}

// RemoveWait removes a task, and waits until its name is free.
func (l *Loop) RemoveWait(name string) error {
	return l.await(name, core.Event{Kind: core.EventRemove}, func(t *task, _ *run) bool { return l.tasks[t.id] == nil })
}

// KillWait kills a task, and waits until the run that it had has ended.
func (l *Loop) KillWait(name string) error {
	return l.await(name, core.Event{Kind: core.EventKill}, func(t *task, r *run) bool { return r == nil || t.live[r.number] == nil })
}

// await tells the machine something about a task, and waits until it has come to what that is for. The error is ErrLeft if it may
// never do so, because only abandoned runs are left.
func (l *Loop) await(name string, ev core.Event, come func(*task, *run) bool) error {
	w := &wait{answer: make(chan error, 1)}
	err := l.do(func() error {
		t := l.names[name]
		if err := l.about(name, ev); err != nil {
			return err
		}
		r := t.latest
		w.task, w.come = t, func() bool { return come(t, r) }
		l.waits = append(l.waits, w)
		return nil
	})
	if err != nil {
		return err
	}
	select {
	case err := <-w.answer:
		return err
	case <-l.closed:
		return ErrClosed
	}
}

// answerWaits answers the calls whose waiting is over. The loop does so after all that it does.
func (l *Loop) answerWaits() {
	l.waits = slices.DeleteFunc(l.waits, func(w *wait) bool {
		switch {
		case w.come():
			w.answer <- nil
		case w.task.isLeft():
			w.answer <- ErrLeft
		default:
			return false
		}
		return true
	})
}

// isLeft reports whether the task has runs, all of which were abandoned.
func (t *task) isLeft() bool {
	for _, r := range t.live {
		if !r.abandoned {
			return false
		}
	}
	return len(t.live) > 0
}
