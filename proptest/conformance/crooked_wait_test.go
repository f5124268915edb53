package conformance

import (
	"errors"
	"slices"

	"github.com/tasksupervisor/tasksupervisor/core"
)

var errCrookedLeft = errors.New("a run is left behind")

// crookedWait is a call that waits.
type crookedWait struct {
	task   *crookedTask
	come   func() bool
	answer chan error
}

func (c *crooked) RemoveWait(name string) error {
	return c.await(name, core.EventRemove, func(t *crookedTask, _ core.Run) bool {
		return c.tasks[t.id] == nil || c.defect == answersAtOnce
	})
}

func (c *crooked) KillWait(name string) error {
	return c.await(name, core.EventKill, func(t *crookedTask, run core.Run) bool {
		if c.defect == answersNextRun {
			return len(t.live) == 0
		}
		return t.live[run] == nil
	})
}

func (c *crooked) await(name string, kind core.EventKind, come func(*crookedTask, core.Run) bool) error {
	w := &crookedWait{answer: make(chan error, 1)}
	err := c.do(func() error {
		t := c.names[name]
		if err := c.about(name, core.Event{Kind: kind}); err != nil {
			return err
		}
		run := t.latest
		w.task, w.come = t, func() bool { return come(t, run) }
		c.waits = append(c.waits, w)
		return nil
	})
	if err != nil {
		return err
	}
	select {
	case err := <-w.answer:
		return err
	case <-c.closed:
		return errCrookedClosed
	}
}

func (c *crooked) answerWaits() {
	c.waits = slices.DeleteFunc(c.waits, func(w *crookedWait) bool {
		switch {
		case w.come():
			w.answer <- nil
		case c.givesUp(w.task):
			w.answer <- errCrookedLeft
		default:
			return false
		}
		return true
	})
}

// givesUp reports whether a task has only runs that were abandoned.
func (c *crooked) givesUp(t *crookedTask) bool {
	abandoned := 0
	for _, r := range t.live {
		if r.abandoned {
			abandoned++
		}
	}
	switch c.defect {
	case neverGivesUp:
		return false
	case givesUpBesideOlder:
		return abandoned > 0
	default:
		return abandoned > 0 && abandoned == len(t.live)
	}
}
