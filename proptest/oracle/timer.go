package oracle

import (
	"cmp"
	"slices"

	"github.com/tasksupervisor/tasksupervisor/core"
)

// timer is something that is due at an instant.
type timer struct {
	at   core.Instant
	rank int   // at one instant: the tasks first, then the budget, the health check, and the end of the shutdown
	task *task // rank 0 only
}

const (
	rankTask = iota
	rankBudget
	rankHealthCheck
	rankShutdownEnd
)

// fireUntil fires every timer due at or before an instant, the earliest first; what one of them arms takes part.
func (o *Oracle) fireUntil(at core.Instant) {
	for {
		timers := o.timers()
		if len(timers) == 0 || timers[0].at > at {
			return
		}
		o.now = max(o.now, timers[0].at)
		o.fire(timers[0])
		o.settle()
	}
}

// timers lists all timers in the order in which they fire.
func (o *Oracle) timers() []timer {
	var timers []timer
	for _, t := range o.tasks {
		timers = append(timers, timer{at: t.until, rank: rankTask, task: t})
	}
	timers = append(timers, timer{at: o.healthCheck, rank: rankHealthCheck}, timer{at: o.shutdownEnd, rank: rankShutdownEnd})
	if len(o.waiting()) > 0 {
		timers = append(timers, timer{at: o.roomAt(), rank: rankBudget})
	}
	timers = slices.DeleteFunc(timers, func(t timer) bool { return t.at == core.Never })
	slices.SortFunc(timers, func(a, b timer) int {
		order := cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(a.rank, b.rank))
		if order == 0 {
			order = cmp.Compare(a.task.id, b.task.id)
		}
		return order
	})
	return timers
}

func (o *Oracle) fire(due timer) {
	switch due.rank {
	case rankBudget:
		o.comeBack(o.waiting()[0])
	case rankHealthCheck:
		o.healthCheck = core.Never
		o.beginHalting(core.ReasonTooManyDead, nil)
	case rankShutdownEnd:
		o.endShutdown()
	default:
		o.fireTask(due.task)
	}
}

// fireTask does what the timer of t's status is for.
func (o *Oracle) fireTask(t *task) {
	switch {
	case t.status == core.StatusStarting:
		o.failWhileRunning(t, core.ExitStartTimeout, core.ReasonStartTimeout)
	case t.status == core.StatusHealthy && o.policyOf(t).Watchdog > 0:
		o.miss(t)
	case t.status == core.StatusHealthy && t.probing:
		o.probeFailed(t)
	case t.status == core.StatusHealthy:
		o.probe(t)
	case t.status == core.StatusFailed:
		o.delayPassed(t)
	default:
		o.stopTimedOut(t)
	}
}

// stopTimedOut gives up waiting for t's run, and does what the policy says then.
func (o *Oracle) stopTimedOut(t *task) {
	o.abandon(t, core.ReasonStopTimeout)
	switch {
	case o.phase != core.PhaseRunning:
	case o.policyOf(t).OnAbandon == core.AbandonEscalate:
		o.beginHalting(core.ReasonEscalated, t)
	case t.returns() && o.makeRoom(t):
		o.fulfil(t, core.ExitNone)
	}
}
