package conformance

import (
	"errors"
	"slices"
	"strings"

	"github.com/tasksupervisor/tasksupervisor/core"
)

// judgement compares what was seen of a runtime in one scenario with what it recorded.
type judgement struct {
	*evidence
	*account
	ledger *ledger
	pairs  []pair
}

// pair is a run as the world saw it and as the machine did. One of them is nil where the two differ.
type pair struct {
	life *life
	run  *recordedRun
}

// judge looks at all duties. All goroutines of the scenario are over, or stuck for good.
func (f *findings) judge(e *evidence) {
	e.mu.Lock()
	defer e.mu.Unlock()
	j := &judgement{evidence: e, ledger: f.ledger}
	j.answers()
	j.leaks()
	account, err := read(e, f.invariants)
	j.check(DutyReplay, err == nil, e.over, "%v", err)
	if err != nil {
		return
	}
	j.account = account
	j.match()
	j.starts()
	j.oneRun()
	j.contexts()
	j.stops()
	j.stopOrder()
	j.ends()
	j.ticks()
	j.outcomes()
	j.names()
	j.refusals()
	j.statuses()
	j.shutdowns()
	j.halts()
	j.reports()
	j.observers()
}

func (j *judgement) check(duty Duty, kept bool, at core.Instant, format string, args ...any) {
	j.ledger.check(duty, kept, j.scenario, at, format, args...)
}

// match finds the pairs: by task and number, and in the order of their starts where a name was used again.
func (j *judgement) match() {
	type key struct {
		task string
		run  core.Run
	}
	waiting := make(map[key][]*life)
	for _, l := range j.lives {
		k := key{l.task, l.run}
		waiting[k] = append(waiting[k], l)
	}
	for _, r := range j.runs {
		k := key{r.task, r.run}
		p := pair{run: r}
		if lives := waiting[k]; len(lives) > 0 {
			p.life, waiting[k] = lives[0], lives[1:]
		}
		j.pairs = append(j.pairs, p)
	}
	for _, l := range j.lives {
		if slices.Contains(waiting[key{l.task, l.run}], l) {
			j.pairs = append(j.pairs, pair{life: l})
		}
	}
}

// matched returns the pairs that are two.
func (j *judgement) matched() []pair {
	return slices.DeleteFunc(slices.Clone(j.pairs), func(p pair) bool { return p.life == nil || p.run == nil })
}

func (j *judgement) answers() {
	for _, c := range j.calls {
		kept := c.answered == c.at
		if !kept || c.stuck {
			j.check(DutyAnswers, kept, c.at, "%s %s was answered at %v", c.op, c.task, c.answered)
		}
	}
}

func (j *judgement) leaks() {
	j.check(DutyLeaks, len(j.leaked) == 0, j.over, "left running:\n%s", strings.Join(j.leaked, "\n"))
}

func (j *judgement) ticks() {
	for _, s := range j.steps {
		for _, a := range s.actions {
			late := a.At != s.event.At && !s.early
			switch {
			case late:
				j.check(DutyTicks, false, s.at, "%v of %s was due at %v", a.Kind, j.account.names[a.Task], a.At-j.offset)
			case a.Why == core.ReasonBackoff, a.Why == core.ReasonStopTimeout, a.Why == core.ReasonShutdownTimeout:
				j.check(DutyTicks, true, s.at, "")
			}
		}
	}
	due, ok := j.machine.NextDeadline()
	missed := ok && due-j.offset < j.over
	j.check(DutyTicks, !missed, j.over, "nothing has happened at the deadline %v", due-j.offset)
}

// outcomes compares the accepted calls with the accepted events.
func (j *judgement) outcomes() {
	type key struct {
		op, task string
		at       core.Instant
	}
	surplus := make(map[key]int) // of calls over events
	for _, c := range j.calls {
		if k := (key{c.op, c.task, c.at}); c.err == nil && c.answered != core.Never && j.counts(c.op, c.at) {
			if c.early {
				k.at = 0
			}
			surplus[k]++
		}
	}
	for _, s := range j.steps {
		k := key{s.event.Kind.String(), s.task, s.at}
		if s.early {
			k.at = 0
		}
		if !s.refused && j.counts(k.op, k.at) {
			surplus[k]--
		}
	}
	for k, n := range surplus {
		j.check(DutyCalls, n <= 0, k.at, "%s %s was accepted, and no such event was", k.op, k.task)
		j.check(DutyCalls, n >= 0, k.at, "%s %s was an accepted event, and no such call was accepted", k.op, k.task)
	}
}

// counts tells whether a call is to be an event. To remove tasks of a supervisor that has stopped is not.
func (j *judgement) counts(op string, at core.Instant) bool {
	switch op {
	case core.EventRemove.String():
		return at < j.haltedAt
	case core.EventStart.String(), core.EventAdd.String(), core.EventRestart.String(), core.EventKill.String():
		return true
	}
	return false
}

func (j *judgement) names() {
	for _, a := range j.adds {
		j.check(DutyNames, !a.taken, a.at, "%s was added while there was a task of that name", a.task)
	}
}

// refusals looks at who was refused, as far as that is clear without knowing the order of calls at the same instant.
func (j *judgement) refusals() {
	for _, c := range j.calls {
		if !j.counts(c.op, min(c.at, j.haltedAt)) || c.op == core.EventStart.String() || c.answered == core.Never {
			continue
		}
		if c.err == nil {
			if c.at > j.haltingAt && !c.early {
				j.check(DutyRefusals, false, c.at, "%s %s was accepted though the supervisor stops", c.op, c.task)
			}
			continue
		}
		j.check(DutyRefusals, j.plausible(c), c.at, "%s %s was refused for %v: %v", c.op, c.task, c.why, c.err)
	}
}

// plausible tells whether a call can have been refused for its reason.
func (j *judgement) plausible(c *call) bool {
	switch c.why {
	case core.ReasonUnknownTask:
		return c.op != core.EventAdd.String()
	case core.ReasonBeingRemoved:
		return c.op != core.EventAdd.String() && c.at <= j.haltingAt
	case core.ReasonAlreadyEnded:
		return c.op == core.EventKill.String()
	case core.ReasonShuttingDown:
		return c.at >= j.haltingAt && c.at <= j.haltedAt
	case core.ReasonSupervisorDone:
		return c.at >= j.haltedAt
	default:
		return c.op == core.EventAdd.String() // the name is taken, or the policy invalid
	}
}

// statuses compares what was answered with what the replayed machine says.
func (j *judgement) statuses() {
	for i, p := range j.probes {
		want := j.expected[i]
		switch {
		case p.err != nil && p.at >= j.haltedAt:
			// It may have been removed since.
		case (p.err == nil) != want.known:
			j.check(DutyStatus, false, p.at, "%s: known: %t, not %t", p.task, p.err == nil, want.known)
		case !want.known:
			j.check(DutyRefusals, p.why == core.ReasonUnknownTask, p.at, "status %s was refused for %v: %v", p.task, p.why, p.err)
		default:
			settled := want.status
			if now := p.at + j.offset; settled.ClearsAt != core.Never && settled.ClearsAt <= now {
				settled.Attempts, settled.ClearsAt = 0, core.Never
			}
			kept := p.status.TaskStatus == want.status || p.status.TaskStatus == settled
			j.check(DutyStatus, kept, p.at, "%s:\n%+v, not\n%+v", p.task, p.status.TaskStatus, want.status)
			if kept {
				j.ending(p)
			}
		}
	}
}

// ending looks at how the latest run of a task ended.
func (j *judgement) ending(p probe) {
	var latest *life
	for _, pair := range j.matched() {
		l := pair.life
		if l.task == p.task && l.died != 0 && l.died <= p.order && pair.run.stopped == core.Never && (latest == nil || l.died > latest.died) {
			latest = l
		}
	}
	if latest == nil || latest.how != p.status.LastExit {
		return // it was another's, or DutyExits finds it
	}
	got := p.status.Ending
	switch latest.how {
	case core.ExitOK:
		j.check(DutyEndings, got == Ending{}, p.at, "a good end of %s is told as %+v", p.task, got)
	case core.ExitError:
		j.check(DutyEndings, errors.Is(got.Err, latest.failure), p.at, "the error of %s is told as %+v", p.task, got)
	case core.ExitPanic:
		kept := got.Err != nil && got.Value == any(latest.failure) && strings.Contains(got.Stack, "panicAsScripted")
		j.check(DutyEndings, kept, p.at, "the panic of %s is told as %+v", p.task, got)
	case core.ExitGoexit:
		kept := got.Err != nil && got.Value == nil && strings.Contains(got.Stack, "goexitAsScripted")
		j.check(DutyEndings, kept, p.at, "the Goexit of %s is told as %+v", p.task, got)
	case core.ExitNone, core.ExitStartTimeout, core.ExitWatchdog, core.ExitStopped:
	}
}

// observers compares what was observed with what was decided.
func (j *judgement) observers() {
	for _, c := range j.calls {
		if j.disturbed {
			j.check(DutyObservers, c.answered == c.at, c.at, "%s %s waited for an observer, until %v", c.op, c.task, c.answered)
		}
	}
	var decided []observation
	for _, s := range j.steps {
		for _, a := range s.actions {
			if a.Kind != core.ActionReject {
				decided = append(decided, observation{j.account.names[a.Task], a})
			}
		}
	}
	got, want := essential(j.observed), essential(decided)
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
		o.action.Task = 0
		kept = append(kept, o)
	}
	return kept
}
