package conformance

import (
	"errors"

	"github.com/tasksupervisor/tasksupervisor/core"
)

// shutdowns looks at whether the first who asked for a shutdown was heard at once.
func (j *verdict) shutdowns() {
	if j.shutdownAt >= j.haltingAt && j.machine.HaltReason() != core.ReasonShutdown {
		return // it came too late to matter
	}
	j.check(DutyShutdown, j.shutdownAt == j.haltingAt, j.shutdownAt, "the shutdown began at %v", j.haltingAt)
}

func (j *verdict) halts() {
	if j.haltedAt == core.Never {
		j.check(DutyHalt, false, j.over, "the supervisor never halted: %v", j.machine.Phase())
		return
	}
	for _, w := range j.waits {
		due := max(w.at, j.haltedAt)
		j.check(DutyHalt, w.returned == due, due, "Wait, called at %v, returned at %v", w.at, w.returned)
		if w.returned == core.Never {
			continue
		}
		first := j.waits[0]
		j.check(DutyHalt, w.err == nil == (first.err == nil) && w.why == first.why, due, "Wait returned %v and %v", first.err, w.err)
		switch why := j.halt.Why; why {
		case core.ReasonTooManyDead, core.ReasonEscalated, core.ReasonIntensity:
			j.check(DutyHalt, w.why == why, due, "Wait returned %v (%v) for %v", w.err, w.why, why)
		case core.ReasonShutdown:
			j.check(DutyHalt, w.err == nil || j.halt.LeftBehind > 0 || len(j.subtrees) > 0 && len(first.report.Left) > 0, due, "Wait returned %v for a shutdown that was asked for", w.err)
		default: // to be told of, if at all, in the runtime's own way
		}
	}
	for _, p := range j.matched() {
		if p.observed.ended > j.haltedAt {
			j.check(DutyHalt, p.recorded.abandoned <= j.haltedAt, j.haltedAt, "run %d of %s was alive and not abandoned", p.recorded.run, p.recorded.task)
		}
	}
}

// culprits looks at whom the errors of Wait are about.
func (j *verdict) culprits() {
	task, known := j.account.names[j.halt.Task]
	if j.haltedAt == core.Never || !known || j.account.forgotten[j.halt.Task] {
		return
	}
	for _, w := range j.waits {
		if w.returned == core.Never {
			continue
		}
		kept := w.culprit == culprit{task, j.halt.Run}
		j.check(DutyCulprits, kept, w.returned, "the halt is about run %d of %s, and told to be about %v: %v",
			j.halt.Run, task, w.culprit, w.err)
		for _, p := range j.matched() {
			if l := p.observed; p.recorded.id == j.halt.Task && p.recorded.run == j.halt.Run && (l.how == core.ExitError || l.how == core.ExitFatal) {
				j.check(DutyCulprits, p.recorded.stopped != core.Never || errors.Is(w.err, l.failure), w.returned,
					"the error of run %d of %s is not in %v", l.run, l.task, w.err)
			}
		}
	}
}

// reports compares the accounts given when Wait returned, and that given at the end, with what was seen.
func (j *verdict) reports() {
	for _, w := range j.waits {
		if w.returned != core.Never {
			j.report(w.report, w.returned)
		}
	}
	j.report(j.last, j.over)
}

// report compares one account. What happened at its very instant may be in it or not.
func (j *verdict) report(got Report, at core.Instant) {
	var before, until Report // what happened before that instant, and until it
	alive, gone := make(map[LeftRun]bool), make(map[LeftRun]bool)
	for _, l := range j.lasting("") {
		count(l.started, at, &before.Started, &until.Started)
		count(l.ended, at, &before.Ended, &until.Ended)
		count(l.abandoned, at, &before.Abandoned, &until.Abandoned)
		if l.started > at {
			continue
		}
		alive[l.id] = alive[l.id] || l.ended > at && l.abandoned < at
		gone[l.id] = l.ended < at || l.abandoned > at // of runs of that name and number, the latest counts
	}
	countNested(j.evidence, at, &until)
	within := before.Started <= got.Started && got.Started <= until.Started &&
		before.Ended <= got.Ended && got.Ended <= until.Ended &&
		before.Abandoned <= got.Abandoned && got.Abandoned <= until.Abandoned
	j.check(j.accounting(), within, at, "the report says %+v; going by what was seen it is at least %+v and at most %+v", got, before, until)
	for _, left := range got.Left {
		end, known := gone[left]
		j.check(j.accounting(), known && !end, at, "run %d of %s is reported as left behind, and is not", left.Run, left.Task)
		delete(alive, left)
	}
	for left, missing := range alive {
		if missing {
			j.check(j.accounting(), false, at, "run %d of %s is left behind, and is not reported", left.Run, left.Task)
		}
	}
}

// lasted is how long one run did, and from when on it was abandoned.
type lasted struct {
	id                        LeftRun
	started, ended, abandoned core.Instant
}

// lasting returns that of all runs, of the supervisors that are tasks too.
func (j *verdict) lasting(path string) (all []lasted) {
	for _, p := range j.matched() {
		all = append(all, lasted{LeftRun{path + p.recorded.task, p.recorded.run}, p.observed.started, p.observed.ended, p.recorded.abandoned})
	}
	for _, r := range j.hosts {
		l := lasted{LeftRun{path + r.task, r.run}, r.started, core.Never, r.abandoned}
		if len(r.exits) > 0 {
			l.ended = r.exits[0].at
		}
		all = append(all, l)
	}
	for i, child := range j.children {
		all = append(all, child.lasting(path+j.subtrees[i].task+"/")...)
	}
	return all
}

// accounting is the duty of the account.
func (j *verdict) accounting() Duty {
	if len(j.subtrees) > 0 {
		return DutyTree
	}
	return DutyReport
}

// countNested counts the runs of the runtimes that ran in runs. A runtime may know of them, and need not.
func countNested(e *evidence, at core.Instant, until *Report) {
	var unknown uint64
	for _, nested := range e.nested {
		for _, l := range nested.observedRuns {
			count(l.started, at, &unknown, &until.Started)
			count(l.ended, at, &unknown, &until.Ended)
		}
		countNested(nested, at, until)
	}
}

func count(when, at core.Instant, before, until *uint64) {
	if when < at {
		*before++
	}
	if when <= at {
		*until++
	}
}
