package conformance

import (
	"slices"

	"github.com/tasksupervisor/tasksupervisor/core"
)

// startOrder looks at what was going on when each run started.
func (j *judgement) startOrder() {
	ordered := j.config.Strategy != core.OneForOne
	pairs := j.matched()
	for _, p := range pairs {
		at := p.life.started
		for _, need := range j.needsOf(p.run.id) {
			j.check(DutyStartOrder, isUp(pairs, need.id, at), at, "run %d of %s started when %s, which it needs, was not up",
				p.life.run, p.life.task, j.account.names[need.id])
		}
		for _, other := range pairs {
			if !ordered || other.run.id == p.run.id || !other.alive(at) {
				continue
			}
			j.check(DutyStartOrder, !other.leaving(at), at, "run %d of %s started when run %d of %s was being stopped",
				p.life.run, p.life.task, other.life.run, other.life.task)
			j.check(DutyStartOrder, other.run.id > p.run.id || other.ready(at), at,
				"run %d of %s started when run %d of %s was not ready", p.life.run, p.life.task, other.life.run, other.life.task)
		}
	}
}

// stopOrder looks at what was going on when each run was asked to stop. An overall deadline, and a run that is found
// out, wait for nobody.
func (j *judgement) stopOrder() {
	pairs := j.matched()
	for _, p := range pairs {
		at, why := p.life.asked, p.run.why
		if at == core.Never || p.run.stopped == p.run.abandoned || why.Hangs() {
			continue
		}
		reverse := j.reverse(why)
		for _, other := range pairs {
			bound, needs := j.bound(other.run.id, p.run.id)
			first := other.run.order != 0 && other.run.order < p.run.order // it was asked to stop before
			switch {
			case other.gone() <= at || other.life.started >= at:
				j.check(DutyStopOrder, true, at, "")
			case needs:
				j.check(DutyStopOrder, !first && !bound, at, "%s was asked to stop before %s, which needs it, was gone",
					p.life.task, other.life.task)
			case reverse && other.run.id > p.run.id:
				j.check(DutyStopOrder, !first, at, "%s was asked to stop before %s, asked at %v, was gone",
					p.life.task, other.life.task, other.life.asked)
			}
		}
	}
}

// reverse reports whether those that are stopped for a reason are stopped one by one.
func (j *judgement) reverse(why core.Reason) bool {
	ordered := j.config.Strategy != core.OneForOne
	if j.config.StopOrder == core.StopTogether || j.config.StopOrder == core.StopByStrategy && !ordered {
		return false
	}
	return why == core.ReasonSupervisorStop || ordered && (why == core.ReasonSibling || why == core.ReasonDependency)
}

// needsOf returns what a task needs.
func (j *judgement) needsOf(id core.TaskID) []need {
	for _, add := range j.adds {
		if add.id == id {
			return add.needs
		}
	}
	return nil
}

// bound reports whether a task needs another, and whether it is bound to it.
func (j *judgement) bound(id, other core.TaskID) (bound, needs bool) {
	for _, need := range j.needsOf(id) {
		if need.id == other {
			return need.bound, true
		}
	}
	return false, false
}

// isUp reports whether a task's latest run was up at an instant, or whichever was the latest within that instant.
func isUp(pairs []pair, id core.TaskID, at core.Instant) bool {
	var latest core.Run
	for _, p := range pairs {
		if p.run.id == id && p.run.started < at {
			latest = max(latest, p.run.run)
		}
	}
	return slices.ContainsFunc(pairs, func(p pair) bool {
		return p.run.id == id && p.run.run >= latest && p.run.started <= at && p.up(at)
	})
}

// gone is when nobody had to wait for the run any more.
func (p *pair) gone() core.Instant { return min(p.life.ended, p.run.abandoned) }

// alive reports whether the run had started before an instant and was not gone at it.
func (p *pair) alive(at core.Instant) bool { return p.life.started < at && p.gone() > at }

func (p *pair) leaving(at core.Instant) bool { return p.life.asked < at }

// ready reports whether the run has said that it is ready, if it was to.
func (p *pair) ready(at core.Instant) bool {
	if !p.run.readiness || p.run.repolicied && p.run.healthy <= at {
		return true
	}
	for _, said := range p.life.said {
		if said.ready {
			return said.at <= at
		}
	}
	return false
}

// up reports whether the run was going well at an instant, or had ended well by then.
func (p *pair) up(at core.Instant) bool {
	well := p.life.asked == core.Never && (p.life.how == core.ExitOK || p.life.how == core.ExitDone)
	if p.life.ended <= at && well {
		return true
	}
	return p.life.ended >= at && p.ready(at) && (!p.leaving(at) || p.life.ended == at)
}
