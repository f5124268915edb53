package conformance

import (
	"slices"

	"github.com/tasksupervisor/tasksupervisor/core"
)

// strays looks for what was told of runs that never were.
func (j *verdict) strays() {
	for _, s := range j.account.strays {
		duty := DutyReady
		switch s.event.Kind {
		case core.EventUnready:
			duty = DutyUnready
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

// beats looks at what became of runs whose beats are watched, by what they said.
func (j *verdict) beats() {
	for _, p := range j.matched() {
		over := min(p.recorded.stopped, p.observed.ended, j.over)
		for i, w := range p.recorded.watches {
			end := over
			if i+1 < len(p.recorded.watches) {
				end = p.recorded.watches[i+1].since
			}
			if w.within == 0 {
				continue
			}
			soonest, latest := p.observed.beats(w)
			if w.missed {
				j.check(DutyBeats, end >= soonest, end, "run %d of %s missed a beat that had come in time", p.recorded.run, p.recorded.task)
			}
			j.check(DutyBeats, end <= latest, end, "run %d of %s had not beaten in time, by %v, and that went unnoticed",
				p.recorded.run, p.recorded.task, latest)
		}
	}
}

// beats returns when the next beat is missed. A runtime need not tell the machine of a beat until it would be missed,
// and it need not remember when that was: then it is taken to be as of then, as it may be with those before the watch.
func (l *observedRun) beats(w watch) (soonest, latest core.Instant) {
	soonest, latest = core.Never, core.Never
	if !w.silent {
		soonest, latest = later(w.since, w.within), later(later(w.since, w.within), w.within)
	}
	for _, s := range l.said {
		if s.word != wordAlive || s.at < w.since || s.at > latest {
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

// probePair is one call of a probe, and what it answers: the ActionProbe that it was made for, and those that came while
// it had not returned, if nothing else was made for them.
type probePair struct {
	made *probeCall
	due  []*recordedProbe
}

// probes compares the probes that were asked for with those that were made, and their answers with what was told.
func (j *verdict) probes() {
	type key struct {
		task string
		run  core.Run
		at   core.Instant
	}
	made := make(map[key][]*probeCall)
	for _, a := range j.probeCalls {
		k := key{a.task, a.run, a.at}
		made[k] = append(made[k], a)
	}
	for _, p := range j.matched() {
		var calls []*probePair
		for _, due := range p.recorded.probes {
			k := key{p.recorded.task, p.recorded.run, due.at}
			n := len(calls)
			switch {
			case len(made[k]) > 0:
				calls = append(calls, &probePair{made[k][0], []*recordedProbe{due}})
				made[k] = made[k][1:]
			case n > 0 && calls[n-1].made.answered >= due.at:
				calls[n-1].due = append(calls[n-1].due, due)
			default:
				j.check(DutyProbes, false, due.at, "run %d of %s was not probed", p.recorded.run, p.recorded.task)
			}
		}
		j.answersToProbes(p, calls)
	}
	for k, rest := range made {
		j.check(DutyProbes, len(rest) == 0, k.at, "run %d of %s was probed, and nothing had asked for it", k.run, k.task)
	}
}

// answersToProbes looks at the answers. Each is to be told, and not when it can be taken for another one. If the machine
// has lost interest, it need not be; nor if the run was probed again since, unless the machine waits for nothing else.
func (j *verdict) answersToProbes(p pair, calls []*probePair) {
	told := slices.Clone(p.recorded.answers)
	for n, call := range calls {
		at, how := call.made.answered, core.ExitOK
		if at == core.Never {
			continue
		}
		if call.made.how != core.ExitOK {
			how = core.ExitError
		}
		late := n+1 < len(calls) && calls[n+1].made.at < at
		i := slices.IndexFunc(told, func(r report) bool {
			return r.seen == at && r.event.Exit == how && (r.refused || !late)
		})
		lost := min(p.recorded.stopped, p.observed.ended)
		for k, due := range call.due {
			wanted := !late && due.at <= at && at < min(due.until, due.void, lost) && (k == 0 || due.until == core.Never)
			j.check(DutyProbes, i >= 0 || !wanted, at, "run %d of %s answered a probe (%v), and that was not told",
				p.recorded.run, p.recorded.task, how)
		}
		if i >= 0 {
			told = slices.Delete(told, i, i+1)
		}
	}
	for _, r := range told {
		j.check(DutyProbes, false, r.seen, "what was told is no answer of run %d of %s, or came too late: %v",
			p.recorded.run, p.recorded.task, r.event.Exit)
	}
}
