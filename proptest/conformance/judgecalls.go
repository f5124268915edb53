package conformance

import (
	"slices"

	"github.com/tasksupervisor/tasksupervisor/core"
)

// asked is what accepted calls and accepted events have in common.
type asked struct {
	op, task, given string
	asleep          bool // the task is added suspended
	held            bool // and held
	at              core.Instant
}

// outcomes compares the accepted calls with the accepted events.
func (j *verdict) outcomes() {
	surplus := make(map[asked]int) // of calls over events
	for _, c := range j.calls {
		if c.accepted() && j.counts(c.op, c.at) {
			surplus[asked{c.op, c.task, c.given, c.asleep, c.held, instantOf(c.early, c.at)}]++
		}
	}
	for _, s := range j.steps {
		renewal := s.early && j.current > 0
		if op := s.event.Kind.String(); !s.refused && !renewal && j.counts(op, s.at) {
			add := s.event.Kind == core.EventAdd
			surplus[asked{op, s.task, s.given, add && s.event.Suspended, add && s.event.Held, instantOf(s.early, s.at)}]--
		}
	}
	settleResumed(surplus)
	for k, n := range surplus {
		duty := DutyCalls
		switch k.op {
		case core.EventSuspend.String(), core.EventResume.String():
			duty = DutySuspensions
		case core.EventHold.String(), core.EventRelease.String():
			duty = DutyHolds
		case core.EventPolicy.String(), core.EventLimits.String():
			duty = DutyChanges
		}
		j.check(duty, n <= 0, k.at, "%s %s %s was accepted, and no such event was", k.op, k.task, k.given)
		j.check(duty, n >= 0, k.at, "%s %s %s was an accepted event, and no such call was accepted", k.op, k.task, k.given)
	}
}

// accepted reports whether a call was. One that waits may not have returned, and then returns an error that is no refusal.
func (c *call) accepted() bool {
	if c.waits {
		return c.err == nil || c.refusal == core.RefusalNone
	}
	return c.err == nil && c.answered != core.Never
}

// instantOf is an instant as far as it is known: the clock of the runtime is not, before its start.
func instantOf(early bool, at core.Instant) core.Instant {
	if early {
		return 0
	}
	return at
}

// settleResumed takes adds of tasks that were resumed in the same instant for adds of tasks that were not suspended.
func settleResumed(surplus map[asked]int) {
	for k := range surplus {
		asleep, resumed := k, asked{op: core.EventResume.String(), task: k.task, at: k.at}
		asleep.asleep = true
		for k.op == core.EventAdd.String() && !k.asleep && surplus[k] > 0 && surplus[asleep] < 0 && surplus[resumed] < 0 {
			surplus[k]--
			surplus[asleep]++
			surplus[resumed]++
		}
	}
}

// counts reports whether a call is to be an event. To remove tasks of a supervisor that has stopped is not.
func (j *verdict) counts(op string, at core.Instant) bool {
	switch op {
	case core.EventRemove.String():
		return at < j.haltedAt
	case core.EventStart.String():
		return j.inside == nil // else the runtime starts it
	case core.EventAdd.String(), core.EventRestart.String(), core.EventKill.String(),
		core.EventSuspend.String(), core.EventResume.String(), core.EventPolicy.String(), core.EventLimits.String(),
		core.EventHold.String(), core.EventRelease.String():
		return true
	}
	return false
}

// refusals looks at who was refused, as far as that is clear without knowing the order of calls at the same instant.
func (j *verdict) refusals() {
	for _, c := range j.calls {
		if !j.counts(c.op, min(c.at, j.haltedAt)) || c.op == core.EventStart.String() || c.answered == core.Never {
			continue
		}
		if c.err == nil || c.accepted() {
			continue
		}
		j.check(DutyRefusals, j.plausible(c), c.at, "%s %s was refused for %v: %v", c.op, c.task, c.refusal, c.err)
	}
}

// plausible reports whether a call can have been refused for its reason.
func (j *verdict) plausible(c *call) bool {
	add := c.op == core.EventAdd.String()
	switch c.refusal {
	case core.RefusalUnknownTask:
		return !add || len(c.needs) > 0
	case core.RefusalBeingRemoved:
		return add && len(c.needs) > 0 || !add
	case core.RefusalAlreadyEnded:
		return c.op == core.EventKill.String() || c.op == core.EventSuspend.String()
	case core.RefusalNotSuspended:
		return c.op == core.EventResume.String()
	case core.RefusalNeeded:
		return c.op == core.EventRemove.String()
	case core.RefusalShuttingDown:
		return c.at >= j.haltingAt && c.at <= j.haltedAt
	case core.RefusalSupervisorDone:
		return c.at >= j.haltedAt
	default: // the name is taken, the policy or the limits invalid
		return add || c.op == core.EventPolicy.String() || c.op == core.EventLimits.String()
	}
}

// needs looks at whether the machine knows what those tasks need that were added.
func (j *verdict) needs() {
	looked := make(map[*addition]bool)
	for _, c := range j.calls {
		if c.op != core.EventAdd.String() || c.err != nil || c.answered == core.Never || len(c.needs) == 0 {
			continue
		}
		for _, add := range j.adds {
			if add.task != c.task || looked[add] || instantOf(add.early, add.at) != instantOf(c.early, c.at) {
				continue
			}
			looked[add] = true
			j.check(DutyNeeds, add.asleep, add.at, "%s was not suspended until its needs were known", c.task)
			j.check(DutyNeeds, j.sameNeeds(add.needs, c.needs), add.at, "%s needs %v, and the machine was told %v",
				c.task, c.needs, add.needs)
			break
		}
	}
}

// sameNeeds compares them in whatever order.
func (j *verdict) sameNeeds(got []need, want []Need) bool {
	left := slices.Clone(want)
	for _, n := range got {
		i := slices.Index(left, Need{j.account.names[n.id], n.bound})
		if i < 0 {
			return false
		}
		left = slices.Delete(left, i, i+1)
	}
	return len(left) == 0
}
