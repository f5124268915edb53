package oracle

import (
	"cmp"
	"slices"

	"github.com/tasksupervisor/tasksupervisor/core"
)

// waiting returns the tasks that wait for the restart rate, first those whose delay passed first.
func (o *Oracle) waiting() []*task {
	tasks := o.those(func(t *task) bool { return t.rateWaiting() })
	slices.SortStableFunc(tasks, func(a, b *task) int { return cmp.Compare(a.passed.at, b.passed.at) })
	return tasks
}

// rateFreeAt returns when the restart rate lets the next task restart: now, or when the oldest of a full window leaves it.
func (o *Oracle) rateFreeAt() core.Instant { return max(o.now, o.restarts.Free()) }

// delayPassed starts t, or has it wait until the restart rate lets it.
func (o *Oracle) delayPassed(t *task) {
	if len(o.waiting()) > 0 || o.rateFreeAt() > o.now {
		t.passed = o.past()
		t.alarm = alarm{}
		o.tell(core.ActionTransition, t, t.status, core.ReasonRestartRate, core.ExitNone)
		return
	}
	o.startWithinRate(t)
}

// startWithinRate starts t, which counts.
func (o *Oracle) startWithinRate(t *task) {
	o.restarts.Record(o.now)
	o.startOrWait(t, core.ReasonBackoff, core.ExitNone)
}
