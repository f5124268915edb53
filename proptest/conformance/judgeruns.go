package conformance

import (
	"github.com/tasksupervisor/tasksupervisor/core"
)

func (j *judgement) starts() {
	for _, p := range j.pairs {
		switch {
		case p.life == nil:
			j.check(DutyStarts, false, p.run.started, "run %d of %s was not started", p.run.run, p.run.task)
		case p.run == nil:
			j.check(DutyStarts, false, p.life.started, "a run of %s was started as number %d, which nothing asked for",
				p.life.task, p.life.run)
		default:
			j.check(DutyStarts, true, p.life.started, "")
			j.check(DutyStartInstants, p.life.started == p.run.started, p.life.started,
				"run %d of %s was to start at %v", p.run.run, p.run.task, p.run.started)
		}
	}
}

// oneRun looks for runs that were alive when a later one of the task began. Which one is later is a matter of when they
// were to start: a run that is abandoned and replaced in one instant may well begin after the other.
func (j *judgement) oneRun() {
	earlier := make(map[string][]pair)
	for _, p := range j.matched() {
		for _, e := range earlier[p.life.task] {
			gone := e.life.died != 0 && e.life.died < p.life.born
			replaced := e.run.replaceable && e.run.abandoned <= p.run.started
			j.check(DutyOneRun, gone || replaced, p.life.started, "run %d of %s began while run %d, since %v, was alive",
				p.life.run, p.life.task, e.life.run, e.life.started)
		}
		earlier[p.life.task] = append(earlier[p.life.task], p)
	}
}

func (j *judgement) contexts() {
	for _, p := range j.matched() {
		l := p.life
		j.check(DutyContexts, !l.over || p.run.stopped == l.started, l.started,
			"the context of run %d of %s had ended by its start", l.run, l.task)
		j.check(DutyContexts, !l.reused, l.started, "the context of run %d of %s is not its own", l.run, l.task)
		j.check(DutyValues, l.valued, l.started, "the context of run %d of %s has not the values given to Start", l.run, l.task)
		j.check(DutyValues, !l.deadline, l.started, "the context of run %d of %s has a deadline", l.run, l.task)
	}
	if !j.cancelled {
		return
	}
	for _, p := range j.matched() {
		if l := p.life; l.started < j.shutdownAt && l.ended > j.shutdownAt {
			j.check(DutyValues, l.asked != j.shutdownAt || p.run.stopped == l.asked, j.shutdownAt,
				"run %d of %s was stopped by the end of the context given to Start", l.run, l.task)
		}
	}
}

func (j *judgement) stops() {
	for _, p := range j.matched() {
		l, r := p.life, p.run
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
func (j *judgement) ends() {
	for _, p := range j.pairs {
		switch {
		case p.life == nil:
			j.check(DutyEnds, len(p.run.exits) == 0, p.run.started, "an end of run %d of %s was reported, and it never was",
				p.run.run, p.run.task)
		case p.run != nil:
			j.end(p.life, p.run)
		}
	}
	for _, s := range j.steps {
		if s.event.Kind == core.EventExit && s.refused {
			j.check(DutyEnds, false, s.at, "an end of run %d of task %v (%s) was reported and rejected", s.event.Run, s.event.Task, s.task)
		}
	}
}

func (j *judgement) end(l *life, r *recordedRun) {
	duty := DutyEnds
	if r.abandoned <= l.ended && r.abandoned != core.Never {
		duty = DutyLateEnds
	}
	if l.ended == core.Never {
		j.check(duty, len(r.exits) == 0, j.over, "an end of run %d of %s was reported, and it is alive", r.run, r.task)
		return
	}
	j.check(duty, len(r.exits) == 1, l.ended, "the end of run %d of %s was reported %d times", r.run, r.task, len(r.exits))
	for _, told := range r.exits {
		j.check(DutyInstants, told.at == l.ended, l.ended, "the end of run %d of %s was reported as of %v", r.run, r.task, told.at)
		how := DutyExits
		if l.how.Verdict() {
			how = DutyVerdicts
		}
		j.check(how, told.event.Exit == l.how, l.ended, "run %d of %s ended by %v, reported as %v",
			r.run, r.task, l.how, told.event.Exit)
		if r.abandoned < l.ended {
			j.check(DutyLateEnds, told.late, l.ended, "the end of run %d of %s was reported before it was abandoned", r.run, r.task)
		}
	}
}
