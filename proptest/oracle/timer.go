package oracle

import (
	"cmp"
	"slices"

	"github.com/tasksupervisor/tasksupervisor/core"
	"github.com/tasksupervisor/tasksupervisor/sim/spec"
)

// alarm is when something is due, if it is. One that is set beyond all time is set, and never goes off.
type alarm struct {
	set bool
	at  core.Instant
}

// past returns what an alarm is that went off now.
func (o *Oracle) past() alarm { return alarm{true, o.now} }

// alarmIn returns an alarm that is set to go off after a duration. Forever is no duration.
func (o *Oracle) alarmIn(d core.Duration) alarm {
	return alarm{d != core.Forever, spec.After(o.now, d)}
}

// shown returns the instant that is told: Never for an alarm that does not go off.
func (a alarm) shown() core.Instant {
	if !a.set {
		return core.Never
	}
	return a.at
}

// fires reports whether the alarm goes off at an instant or before.
func (a alarm) fires(by core.Instant) bool { return a.set && a.at <= by && a.at != core.Never }

// timer is something that is due at an instant.
type timer struct {
	at   core.Instant
	rank int   // at one instant: the tasks first, then the restart rate, the health check, and the end of the shutdown
	task *task // rank 0 only
}

const (
	rankTask = iota
	rankRate
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
		o.reconcile()
	}
}

// timers lists all timers in the order in which they fire.
func (o *Oracle) timers() []timer {
	var timers []timer
	for _, t := range o.tasks {
		timers = append(timers, timer{at: t.alarm.shown(), rank: rankTask, task: t})
	}
	timers = append(timers,
		timer{at: o.healthCheck.shown(), rank: rankHealthCheck}, timer{at: o.shutdownEnd.shown(), rank: rankShutdownEnd})
	if len(o.waiting()) > 0 {
		timers = append(timers, timer{at: o.rateFreeAt(), rank: rankRate})
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
	case rankRate:
		o.startWithinRate(o.waiting()[0])
	case rankHealthCheck:
		o.healthCheck = alarm{}
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
		t.signs = append(t.signs, keptSilent)
		o.miss(t)
	case t.status == core.StatusHealthy && t.awaited():
		t.signs = append(t.signs, keptSilent)
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
	case spec.Returns(t.intent) && o.makeRoom(t):
		o.carryOutIntent(t, core.ExitNone)
	}
}
