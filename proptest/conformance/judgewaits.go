package conformance

import (
	"slices"

	"github.com/tasksupervisor/tasksupervisor/core"
)

// waited looks at when those were answered who removed or killed a task and waited.
func (j *verdict) waited() {
	for _, c := range j.calls {
		if !c.waits || c.refusal != core.RefusalNone || c.at >= j.haltedAt {
			continue
		}
		i := slices.IndexFunc(j.steps, func(s step) bool {
			return s.event.Kind.String() == c.op && s.task == c.task && s.at == c.at && !s.refused
		})
		if i < 0 {
			continue // DutyCalls finds it
		}
		runs := j.aliveAt(j.steps[i].event.Task, c.at)
		done, over := j.removedAt(j.steps[i].event.Task), leftOnly(runs, c.at)
		if c.op == core.EventKill.String() {
			if done = c.at; len(runs) > 0 {
				done = runs[len(runs)-1].observed.ended
			}
		}
		due := min(done, over)
		j.check(DutyWaits, c.answered == due, due, "%s %s was waited for since %v, and answered at %v: %v",
			c.op, c.task, c.at, c.answered, c.err)
		if done != over && c.answered == due {
			j.check(DutyWaits, (c.err == nil) == (done < over), due, "%s %s was done at %v, given up at %v, and answered by: %v",
				c.op, c.task, done, over, c.err)
		}
	}
}

// aliveAt returns the runs that a task had at an instant, in the order of their starts.
func (j *verdict) aliveAt(id core.TaskID, at core.Instant) []pair {
	return slices.DeleteFunc(j.matched(), func(p pair) bool {
		return p.recorded.id != id || p.recorded.started > at || p.observed.ended <= at
	})
}

// removedAt returns when a task was forgotten; Never if it was not.
func (j *verdict) removedAt(id core.TaskID) core.Instant {
	for _, s := range j.steps {
		for _, a := range s.actions {
			if a.Kind == core.ActionForget && a.Task == id {
				return a.At - j.offset
			}
		}
	}
	return core.Never
}

// leftOnly returns from when on, since an instant, only abandoned runs are left of some; Never if there is no such time.
func leftOnly(runs []pair, since core.Instant) core.Instant {
	given := since
	for _, p := range runs {
		given = max(given, min(p.recorded.abandoned, p.observed.ended))
	}
	for _, p := range runs {
		if p.recorded.abandoned <= given && given < p.observed.ended {
			return given
		}
	}
	return core.Never
}

// copies looks at what each run was made from.
func (j *verdict) copies() {
	runs := make(map[*made]int)
	for _, p := range j.matched() {
		if l := p.observed; l.copy != nil {
			runs[l.copy]++
			j.check(DutyCopies, runs[l.copy] == 1, l.started, "run %d of %s has the copy of another run", l.run, l.task)
			j.check(DutyCopies, l.copy.at == l.started, l.started, "the copy of run %d of %s was made at %v", l.run, l.task, l.copy.at)
		}
	}
	for _, m := range j.made {
		j.check(DutyCopies, runs[m] > 0, m.at, "a copy of %s was made, and no run has it", m.task)
	}
}
