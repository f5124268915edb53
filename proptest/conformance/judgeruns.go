package conformance

import (
	"github.com/tasksupervisor/tasksupervisor/core"
)

func (j *verdict) starts() {
	for _, p := range j.pairs {
		switch {
		case p.observed == nil:
			j.check(DutyStarts, false, p.recorded.started, "run %d of %s was not started", p.recorded.run, p.recorded.task)
		case p.recorded == nil:
			j.check(DutyStarts, false, p.observed.started, "a run of %s was started as number %d, which nothing asked for",
				p.observed.task, p.observed.run)
		default:
			j.check(DutyStarts, true, p.observed.started, "")
			j.check(DutyStartInstants, p.observed.started == p.recorded.started, p.observed.started,
				"run %d of %s was to start at %v", p.recorded.run, p.recorded.task, p.recorded.started)
		}
	}
}

// oneRun looks for runs that were alive when a later one of the task began. Which one is later is a matter of when they
// were to start: a run that is abandoned and replaced in one instant may well begin after the other.
func (j *verdict) oneRun() {
	earlier := make(map[string][]pair)
	for _, p := range j.matched() {
		for _, e := range earlier[p.observed.task] {
			gone := e.observed.died != 0 && e.observed.died < p.observed.born
			replaced := e.recorded.replaceable && e.recorded.abandoned <= p.recorded.started
			j.check(DutyOneRun, gone || replaced, p.observed.started, "run %d of %s began while run %d, since %v, was alive",
				p.observed.run, p.observed.task, e.observed.run, e.observed.started)
		}
		earlier[p.observed.task] = append(earlier[p.observed.task], p)
	}
}

func (j *verdict) contexts() {
	for _, p := range j.matched() {
		l := p.observed
		j.check(DutyContexts, !l.over || p.recorded.stopped == l.started, l.started,
			"the context of run %d of %s had ended by its start", l.run, l.task)
		j.check(DutyContexts, !l.reused, l.started, "the context of run %d of %s is not its own", l.run, l.task)
		j.check(DutyContexts, !l.outlived, l.ended, "the context of run %d of %s had not ended when the run had", l.run, l.task)
		j.check(DutyValues, l.valued, l.started, "the context of run %d of %s has not the values given to Start", l.run, l.task)
		j.check(DutyValues, !l.deadline, l.started, "the context of run %d of %s has a deadline", l.run, l.task)
	}
	if !j.cancelled {
		return
	}
	for _, p := range j.matched() {
		if l := p.observed; l.started < j.shutdownAt && l.ended > j.shutdownAt {
			j.check(DutyValues, l.asked != j.shutdownAt || p.recorded.stopped == l.asked, j.shutdownAt,
				"run %d of %s was stopped by the end of the context given to Start", l.run, l.task)
		}
	}
}

func (j *verdict) stops() {
	for _, p := range j.matched() {
		l, r := p.observed, p.recorded
		unseen := l.asked == core.Never && l.ended <= r.stopped // it ended first, or in the same instant
		if !unseen || l.asked != core.Never {
			j.check(DutyStops, l.asked == r.stopped, min(l.asked, r.stopped),
				"run %d of %s was to be asked to stop at %v, and was at %v: %v", r.run, r.task, r.stopped, l.asked, l.cause)
		}
		if l.asked != core.Never && r.stopped != core.Never {
			j.check(DutyCauses, l.why == r.why, l.asked,
				"run %d of %s was asked to stop for %v, and was told %v: %v", r.run, r.task, r.why, l.why, l.cause)
		}
	}
}

// ends compares the ends with what was reported of them.
func (j *verdict) ends() {
	for _, p := range j.pairs {
		switch {
		case p.observed == nil:
			j.check(DutyEnds, len(p.recorded.exits) == 0, p.recorded.started, "an end of run %d of %s was reported, and it never was",
				p.recorded.run, p.recorded.task)
		case p.recorded != nil:
			j.end(p.observed, p.recorded)
		}
	}
	for _, s := range j.steps {
		if s.event.Kind == core.EventExit && s.refused {
			j.check(DutyEnds, false, s.at, "an end of run %d of task %v (%s) was reported and rejected", s.event.Run, s.event.Task, s.task)
		}
	}
}

func (j *verdict) end(l *observedRun, r *recordedRun) {
	duty := DutyEnds
	if r.abandoned <= l.ended && r.abandoned != core.Never {
		duty = DutyLateEnds
	}
	if l.ended == core.Never {
		j.check(duty, len(r.exits) == 0, j.over, "an end of run %d of %s was reported, and it is alive", r.run, r.task)
		return
	}
	if l.ended >= j.life.over && len(r.exits) == 0 {
		return // it outlived the life, and is the next one's affair
	}
	j.check(duty, len(r.exits) == 1, l.ended, "the end of run %d of %s was reported %d times", r.run, r.task, len(r.exits))
	for _, told := range r.exits {
		j.check(DutyInstants, told.at == l.ended, l.ended, "the end of run %d of %s was reported as of %v", r.run, r.task, told.at)
		how := DutyExits
		switch {
		case l.how.Verdict():
			how = DutyVerdicts
		case l.how == core.ExitLost:
			how = DutyLosses
		}
		j.check(how, told.event.Exit == l.how, l.ended, "run %d of %s ended by %v, reported as %v",
			r.run, r.task, l.how, told.event.Exit)
		if told.event.Exit.Failure() && l.asked == core.Never {
			j.check(DutyDelays, max(told.event.Delay, 0) == max(l.delay, 0), l.ended, "run %d of %s asked for a delay of %v, and was reported with %v",
				r.run, r.task, l.delay, told.event.Delay)
		}
		if r.abandoned < l.ended {
			j.check(DutyLateEnds, told.late, l.ended, "the end of run %d of %s was reported before it was abandoned", r.run, r.task)
		}
	}
}
