package conformance

import (
	"slices"

	"github.com/tasksupervisor/tasksupervisor/core"
)

// strays looks for what was told of runs that never were.
func (j *judgement) strays() {
	for _, s := range j.account.strays {
		duty := DutyReady
		switch s.event.Kind {
		case core.EventBeat:
			duty = DutyBeats
		case core.EventProbe:
			duty = DutyProbes
		case core.EventExit:
			duty = DutyEnds
		default:
		}
		j.check(duty, false, s.seen, "%v of run %d of task %v (%s), which never was", s.event.Kind, s.event.Run, s.event.Task, s.task)
	}
}

// readiness compares what runs said with what was told of it.
func (j *judgement) readiness() {
	for _, p := range j.matched() {
		l, r := p.life, p.run
		said := make(map[core.Instant]int)
		first := core.Never
		for _, s := range l.said {
			if s.ready {
				said[s.at]++
				first = min(first, s.at)
			}
		}
		heard := false
		for _, told := range r.readies {
			said[told.seen]--
			heard = heard || told.seen == first && !told.refused
			j.check(DutyReady, said[told.seen] >= 0, told.seen, "run %d of %s was told to be ready, and had not said so", r.run, r.task)
		}
		if r.readiness && first != core.Never && r.healthy >= first && r.stopped > first && r.abandoned > first {
			j.check(DutyReady, heard, first, "run %d of %s said that it was ready, and that was not told", r.run, r.task)
		}
	}
}

// beats looks at what became of runs whose beats are watched, by what they said.
func (j *judgement) beats() {
	for _, p := range j.matched() {
		over := min(p.run.stopped, p.life.ended, j.over)
		for i, w := range p.run.watches {
			end := over
			if i+1 < len(p.run.watches) {
				end = p.run.watches[i+1].since
			}
			if w.within == 0 {
				continue
			}
			soonest, latest := p.life.beats(w)
			if w.missed {
				j.check(DutyBeats, end >= soonest, end, "run %d of %s missed a beat that had come in time", p.run.run, p.run.task)
			}
			j.check(DutyBeats, end <= latest, end, "run %d of %s had not beaten in time, by %v, and nobody noticed",
				p.run.run, p.run.task, latest)
		}
	}
}

// beats returns when the next beat is missed. A runtime need not tell the machine of a beat until it would be missed,
// and it need not remember when that was: then it is taken to be as of then, as it may be with those before the watch.
func (l *life) beats(w watch) (soonest, latest core.Instant) {
	soonest, latest = later(w.since, w.within), later(later(w.since, w.within), w.within)
	for _, s := range l.said {
		if s.ready || s.at < w.since || s.at > latest {
			continue
		}
		first, last := later(s.at, w.within), later(later(s.at, w.within), w.within)
		if s.within != 0 {
			first = later(s.at, s.within)
			last = first
		}
		if s.at > w.since && s.at < soonest { // it came in time, for sure
			soonest, latest = first, last
		} else {
			soonest, latest = min(soonest, first), max(latest, last)
		}
	}
	return soonest, latest
}

// probes compares the probes that were asked for with those that were made, and their answers with what was told.
func (j *judgement) probes() {
	type key struct {
		task string
		run  core.Run
		at   core.Instant
	}
	made := make(map[key][]*asking)
	for _, a := range j.askings {
		k := key{a.task, a.run, a.at}
		made[k] = append(made[k], a)
	}
	for _, p := range j.matched() {
		for _, asked := range p.run.probes {
			k := key{p.run.task, p.run.run, asked.at}
			j.check(DutyProbes, len(made[k]) > 0 || j.probing(k.task, k.run, k.at), asked.at,
				"run %d of %s was not probed", p.run.run, p.run.task)
			if len(made[k]) > 0 {
				asked.made, made[k] = made[k][0], made[k][1:]
			}
		}
		j.answersToProbes(p)
	}
	for k, rest := range made {
		j.check(DutyProbes, len(rest) == 0, k.at, "run %d of %s was probed, and nothing had asked for it", k.run, k.task)
	}
}

// probing tells whether a probe of a run was made before and has not returned.
func (j *judgement) probing(task string, run core.Run, at core.Instant) bool {
	return slices.ContainsFunc(j.askings, func(a *asking) bool {
		return a.task == task && a.run == run && a.at < at && a.answered >= at
	})
}

// answersToProbes looks at the answers. Those that the machine has lost interest in may be told of, for it rejects them;
// but not if it is interested in another.
func (j *judgement) answersToProbes(p pair) {
	told := slices.Clone(p.run.answers)
	for _, asked := range p.run.probes {
		if asked.made == nil || asked.made.answered == core.Never {
			continue
		}
		at, how := asked.made.answered, core.ExitOK
		if asked.made.how != core.ExitOK {
			how = core.ExitError
		}
		i := slices.IndexFunc(told, func(r report) bool {
			return r.seen == at && r.event.Exit == how && at <= asked.until && (at <= asked.void || r.refused)
		})
		lost := min(asked.until, asked.void, p.run.stopped, p.life.ended)
		j.check(DutyProbes, i >= 0 || at >= lost, at, "run %d of %s answered a probe (%v), and that was not told",
			p.run.run, p.run.task, how)
		if i >= 0 {
			told = slices.Delete(told, i, i+1)
		}
	}
	for _, r := range told {
		j.check(DutyProbes, false, r.seen, "what was told is no answer of run %d of %s, or came too late: %v",
			p.run.run, p.run.task, r.event.Exit)
	}
}
