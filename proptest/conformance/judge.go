package conformance

import (
	"errors"
	"slices"
	"strings"

	"github.com/tasksupervisor/tasksupervisor/core"
)

// verdict compares what was seen of a runtime in one scenario with what it recorded.
type verdict struct {
	*evidence
	*account
	results  *results
	hosts    []*recordedRun // the runs of tasks that are supervisors
	pairs    []pair         // of runs that began in this life
	outlived []pair         // of runs that began in an earlier one
	children []*verdict     // of the supervisors that are tasks, each of all its lives
}

// pair is a run as the world saw it and as the machine did. One of them is nil where the two differ.
type pair struct {
	observed *observedRun
	recorded *recordedRun
}

// judge looks at all duties. All goroutines of the scenario are over, or stuck for good.
func (f *findings) judge(e *evidence) {
	e.mu.Lock()
	defer e.mu.Unlock()
	j := &verdict{evidence: e, results: f.results}
	j.answers()
	j.leaks()
	parts, err := e.split()
	if j.check(DutyReplay, err == nil, e.over, "%v", err); err != nil {
		return
	}
	var lives []*verdict
	for _, part := range parts {
		life := &verdict{evidence: part, results: f.results}
		life.account, err = read(part, f.invariants)
		if j.check(DutyReplay, err == nil, part.over, "%v", err); err != nil {
			return
		}
		life.match()
		if len(lives) > 0 {
			life.again(lives)
		}
		life.judge()
		lives = append(lives, life)
		j.pairs = append(j.pairs, life.pairs...)
	}
	for _, s := range e.subtrees {
		j.children = append(j.children, f.judgeSubtree(s, lives))
	}
	for _, life := range lives {
		j.hosts = append(j.hosts, life.hosts...)
	}
	j.oneRun()
	j.copies()
	j.reports()
}

// judge looks at the duties that are those of one life.
func (j *verdict) judge() {
	j.starts()
	j.contexts()
	j.stops()
	j.order()
	j.ends()
	j.strays()
	j.readiness()
	j.beats()
	j.probes()
	j.needs()
	j.instants()
	j.ticks()
	j.outcomes()
	j.names()
	j.waited()
	j.refusals()
	j.statuses()
	j.shutdowns()
	j.halts()
	j.culprits()
	if j.inside == nil { // else observers tell of all lives
		j.observers()
	}
}

func (j *verdict) check(duty Duty, kept bool, at core.Instant, format string, args ...any) {
	j.results.check(duty, kept, j.scenario, at, format, args...)
}

// match finds the pairs: by task and number, and in the order of their starts where a name was used again.
func (j *verdict) match() {
	type key struct {
		task string
		run  core.Run
	}
	waiting := make(map[key][]*observedRun)
	for _, l := range j.observedRuns {
		k := key{l.task, l.run}
		waiting[k] = append(waiting[k], l)
	}
	for _, r := range j.runs {
		if j.hasInside(r.task) {
			j.hosts = append(j.hosts, r)
			continue
		}
		k := key{r.task, r.run}
		p := pair{recorded: r}
		if lives := waiting[k]; len(lives) > 0 {
			p.observed, waiting[k] = lives[0], lives[1:]
		}
		j.pairs = append(j.pairs, p)
	}
	for _, l := range j.observedRuns {
		if slices.Contains(waiting[key{l.task, l.run}], l) {
			j.pairs = append(j.pairs, pair{observed: l})
		}
	}
}

// matched returns the pairs that are two.
func (j *verdict) matched() []pair {
	return slices.DeleteFunc(slices.Clone(j.pairs), func(p pair) bool { return p.observed == nil || p.recorded == nil })
}

func (j *verdict) answers() {
	for _, c := range j.calls {
		kept := c.answered == c.at
		if !c.waits && (!kept || c.stuck) {
			j.check(DutyAnswers, kept, c.at, "%s %s was answered at %v", c.op, c.task, c.answered)
		}
	}
}

func (j *verdict) leaks() {
	j.check(DutyLeaks, len(j.leaked) == 0, j.over, "left running:\n%s", strings.Join(j.leaked, "\n"))
}

// instants looks at when events are said to have happened. A beat, and the tick of a deadline, may be told of a little
// later. Before the start, time need not pass.
func (j *verdict) instants() {
	for _, s := range j.steps {
		switch {
		case s.early:
		case s.event.Kind == core.EventTick, s.event.Kind == core.EventBeat:
			j.check(DutyInstants, s.at <= s.seen, s.seen, "%v of %s came before its time, %v", s.event.Kind, s.task, s.at)
		default:
			j.check(DutyInstants, s.at == s.seen, s.seen, "%v of %s was taken to be of %v", s.event.Kind, s.task, s.at)
		}
	}
}

func (j *verdict) ticks() {
	for _, s := range j.steps {
		for _, a := range s.actions {
			late := a.At-j.offset != s.seen && !s.early && a.Kind != core.ActionReject
			switch {
			case late:
				j.check(DutyTicks, false, s.seen, "%v of %s was due at %v", a.Kind, j.account.names[a.Task], a.At-j.offset)
			case a.Why == core.ReasonBackoff, a.Why == core.ReasonStopTimeout, a.Why == core.ReasonShutdownTimeout:
				j.check(DutyTicks, true, s.seen, "")
			}
		}
	}
	due, ok := j.machine.NextDeadline()
	missed := ok && due-j.offset < j.over
	j.check(DutyTicks, !missed, j.over, "nothing has happened at the deadline %v", due-j.offset)
}

func (j *verdict) names() {
	for _, a := range j.adds {
		j.check(DutyNames, !a.taken, a.at, "%s was added while there was a task of that name", a.task)
	}
}

// statuses compares what was answered with what the replayed machine says.
func (j *verdict) statuses() {
	for i, p := range j.queries {
		want := j.expected[i]
		switch {
		case p.err != nil && p.at >= j.haltedAt:
			// It may have been removed since.
		case (p.err == nil) != want.known:
			j.check(DutyStatus, false, p.at, "%s: known: %t, not %t", p.task, p.err == nil, want.known)
		case !want.known:
			j.check(DutyRefusals, p.refusal == core.RefusalUnknownTask, p.at, "status %s was refused for %v: %v", p.task, p.refusal, p.err)
		default:
			settled := want.status
			if now := p.at + j.offset; settled.ClearsAt != core.Never && settled.ClearsAt <= now {
				settled.Attempts, settled.ClearsAt = 0, core.Never
			}
			if want.status.Status == core.StatusHealthy && p.status.Until > settled.Until {
				settled.Until = p.status.Until // a beat that the machine was not told of
			}
			if p.status.Task == 0 {
				want.status, settled = withoutIDs(want.status), withoutIDs(settled)
			}
			kept := p.status.TaskStatus == want.status || p.status.TaskStatus == settled
			j.check(DutyStatus, kept, p.at, "%s:\n%+v, not\n%+v", p.task, p.status.TaskStatus, want.status)
			if kept {
				j.ending(p)
			}
		}
	}
}

// withoutIDs returns a status without what only the machine knows.
func withoutIDs(status core.TaskStatus) core.TaskStatus {
	status.Task, status.Need, status.Policy, status.Key, status.Delay = 0, 0, 0, 0, 0
	return status
}

// ending looks at how the latest run of a task ended.
func (j *verdict) ending(p query) {
	if p.status.LastExit == core.ExitNone && p.status.Run <= 1 && p.status.Status <= core.StatusHealthy {
		j.check(DutyEndings, p.status.Ending == Ending{}, p.at, "no run of %s has ended, and one is told to have: %+v", p.task, p.status.Ending)
		return
	}
	var latest *observedRun
	for _, pair := range j.matched() {
		l := pair.observed
		if l.task == p.task && l.died != 0 && l.died <= p.order && pair.recorded.stopped == core.Never && (latest == nil || l.died > latest.died) {
			latest = l
		}
	}
	if latest == nil || latest.how != p.status.LastExit && p.status.LastExit != core.ExitTooQuick {
		return // it was another's, or DutyExits finds it
	}
	got, how := p.status.Ending, latest.how
	if p.status.LastExit == core.ExitTooQuick && how == core.ExitOK {
		how = core.ExitTooQuick
	}
	switch how {
	case core.ExitOK:
		j.check(DutyEndings, got == Ending{}, p.at, "a good end of %s is told as %+v", p.task, got)
	case core.ExitError, core.ExitFatal:
		j.check(DutyEndings, errors.Is(got.Err, latest.failure), p.at, "the error of %s is told as %+v", p.task, got)
	case core.ExitPanic:
		kept := got.Err != nil && got.Value == any(latest.failure) && strings.Contains(got.Stack, "panicAsScripted")
		j.check(DutyEndings, kept, p.at, "the panic of %s is told as %+v", p.task, got)
	case core.ExitGoexit:
		kept := got.Err != nil && got.Value == nil && strings.Contains(got.Stack, "goexitAsScripted")
		j.check(DutyEndings, kept, p.at, "the Goexit of %s is told as %+v", p.task, got)
	case core.ExitTooQuick: // a failure, and a good end
		kept := got.Value == nil && got.Stack == "" && !errors.As(got.Err, new(*runError))
		j.check(DutyEndings, kept, p.at, "a good end of %s that was too quick is told as %+v", p.task, got)
	case core.ExitNone, core.ExitDone, core.ExitStartTimeout, core.ExitWatchdog, core.ExitStopped, core.ExitLost:
	}
}

// observers compares what was observed with what was decided.
func (j *verdict) observers() {
	for _, c := range j.calls {
		if j.disturbed && !c.waits {
			j.check(DutyObservers, c.answered == c.at, c.at, "%s %s waited for an observer, until %v", c.op, c.task, c.answered)
		}
	}
	var decided []observation
	for _, s := range j.steps {
		for _, a := range s.actions {
			renewal := s.early && j.current > 0 // of tasks that are known
			if a.Kind != core.ActionReject && !renewal {
				decided = append(decided, observation{task: j.account.names[a.Task], action: a})
			}
		}
	}
	got, want := essential(j.observed), essential(decided)
	if len(j.subtrees) > 0 { // what is left behind below can be counted in
		withoutLeft(got)
		withoutLeft(want)
	}
	for i := range max(len(got), len(want)) {
		var g, w observation
		if i < len(got) {
			g = got[i]
		}
		if i < len(want) {
			w = want[i]
		}
		j.check(DutyObservers, g == w, w.action.At-j.offset, "observed was\n%+v, not\n%+v", g, w)
		if g != w {
			return
		}
	}
}

// withoutLeft leaves out how many runs a halt leaves behind.
func withoutLeft(all []observation) {
	for i := range all {
		if all[i].action.Kind == core.ActionHalt {
			all[i].action.LeftBehind = 0
		}
	}
}

// essential leaves out what need not be observed: the id of the task, and that a task is forgotten after the halt, of
// which the machine need not be told.
func essential(all []observation) []observation {
	var kept []observation
	halted := false
	for _, o := range all {
		if halted && o.action.Kind == core.ActionForget {
			continue
		}
		halted = halted || o.action.Kind == core.ActionHalt
		o.action.Task, o.life = 0, 0
		kept = append(kept, o)
	}
	return kept
}
