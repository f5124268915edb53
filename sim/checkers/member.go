package checkers

import "github.com/tasksupervisor/tasksupervisor/core"

// member is what a group knows of a task.
type member struct {
	intent
	status core.Status
	held   bool // Failed: its restart delay has not begun
}

// kinds is a set of facts about a task.
type kinds uint8

const (
	waiting  kinds = 1 << iota // it waits for its start, and nobody keeps it from it
	starting                   // its run is not ready
	live                       // it has a run that was not abandoned
	marked                     // its run will be asked to stop when those are gone that are to go before it
	leaving                    // it is on its way to stop
	failed                     // it has failed, and is to be restarted
	held                       // its restart delay has not begun
)

func (t *member) kinds() kinds {
	k := kinds(0)
	switch t.status {
	case core.StatusCreated:
		if !t.suspended {
			return waiting
		}
	case core.StatusFailed:
		if t.held {
			return failed | held
		}
		return failed
	case core.StatusStopping:
		return live | leaving
	case core.StatusStarting, core.StatusHealthy:
		k = live
		if t.status == core.StatusStarting {
			k |= starting
		}
		if t.word != core.IntentNone {
			k |= marked | leaving
		}
	default:
	}
	return k
}

func (t *member) is(k kinds) bool { return t.kinds()&k != 0 }

func (t *member) running() bool { return isRunning(t.status) }

// isUp tells whether the task is what those that need it wait for.
func (t *member) isUp() bool {
	return t.status == core.StatusHealthy && t.word == core.IntentNone || t.status == core.StatusCompleted
}
