package conformance

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/tasksupervisor/tasksupervisor/core"
)

// told is what a supervisor was told of a task by hand, up to the beginning of a life.
type told struct {
	task   string
	policy string
	needs  []Need
	asleep bool
	killed bool
	going  bool // it is being removed
}

// again compares what a machine is given at the beginning of a life with what was said in the lives before, by whoever called. Nothing
// is lost, and nothing else is known.
func (j *verdict) again(before []*verdict) {
	tasks, limits := j.said(before)
	var want, got []string
	for _, t := range tasks {
		want = append(want, t.task)
	}
	for _, b := range j.before {
		got = append(got, b.task)
	}
	at := j.began
	if j.check(DutyAgain, slices.Equal(got, want), at, "the tasks are %q, not %q", got, want); !slices.Equal(got, want) {
		return
	}
	j.check(DutyAgain, j.limits == limits, at, "the limits are %s, not %s", j.limits, limits)
	for i, t := range tasks {
		b := j.before[i]
		j.check(DutyAgain, b.policy == t.policy, at, "the policy of %s is %s, not %s", t.task, b.policy, t.policy)
		j.check(DutyAgain, sameBonds(b.needs, t.needs), at, "%s needs %v, not %v", t.task, b.needs, t.needs)
		j.check(DutyAgain, b.status.Suspended == t.asleep, at, "%s is suspended: %t, not %t", t.task, b.status.Suspended, t.asleep)
		j.check(DutyAgain, b.status.Killed() == t.killed, at, "%s is killed: %t, not %t", t.task, b.status.Killed(), t.killed)
		removed := b.status.Intent == core.IntentRemove
		j.check(DutyAgain, removed == t.going, at, "%s is being removed: %t, not %t", t.task, removed, t.going)
		fresh := b.status.Attempts == 0 && b.status.LastExit == core.ExitNone && (b.status.Run == 0 || b.status.Fenced != 0)
		j.check(DutyAgain, fresh, at, "%s has something of an earlier run: %+v", t.task, b.status)
	}
	j.left(before, tasks)
}

// said returns what was said before a life, in the order in which the tasks were added, and the limits.
func (j *verdict) said(before []*verdict) (tasks []*told, limits string) {
	limits = given(j.config.Limits)
	for _, life := range before {
		for _, c := range life.calls {
			if !c.accepted() {
				continue
			}
			if c.op == core.EventLimits.String() {
				limits = c.given
			}
			if c.op == core.EventAdd.String() {
				tasks = slices.DeleteFunc(tasks, func(t *told) bool { return t.task == c.task }) // it had been removed
				tasks = append(tasks, &told{task: c.task, policy: c.given, needs: c.needs, asleep: c.asleep})
			}
			for _, t := range tasks {
				if t.task == c.task {
					t.hear(c)
				}
			}
		}
	}
	return slices.DeleteFunc(tasks, func(t *told) bool { return t.going && len(aliveIn(before, t.task, j.began)) == 0 }), limits
}

// hear takes in an accepted call about the task.
func (t *told) hear(c *call) {
	switch c.op {
	case core.EventRemove.String():
		t.going, t.asleep, t.killed = true, false, false
	case core.EventSuspend.String():
		t.asleep = true
	case core.EventResume.String(), core.EventRestart.String():
		t.asleep, t.killed = false, false
	case core.EventKill.String():
		t.asleep, t.killed = false, true
	case core.EventPolicy.String():
		t.policy = c.given
	}
}

// aliveIn returns the runs of a task that began in some lives and are alive at an instant.
func aliveIn(lives []*verdict, task string, at core.Instant) (alive []*observedRun) {
	for _, life := range lives {
		for _, l := range life.observedRuns {
			if l.task == task && l.ended > at {
				alive = append(alive, l)
			}
		}
	}
	return alive
}

// left looks at what the machine is told of the runs that earlier lives left behind: that they are there, and of each end.
func (j *verdict) left(before []*verdict, tasks []*told) {
	for _, t := range tasks {
		alive := aliveIn(before, t.task, j.began)
		var want, got []core.Run
		for _, l := range alive {
			want = append(want, l.run)
		}
		for _, r := range j.inherited {
			if r.task == t.task {
				got = append(got, r.run)
			}
		}
		slices.Sort(want)
		slices.Sort(got)
		if len(got)+len(want) == 0 {
			continue
		}
		j.check(DutyLeft, slices.Equal(got, want), j.began, "runs %v of %s are alive, and the machine was told of %v", want, t.task, got)
		for _, r := range j.inherited {
			i := slices.IndexFunc(alive, func(l *observedRun) bool { return r.task == t.task && l.run == r.run })
			if i < 0 {
				continue
			}
			l, ends := alive[i], 1
			if l.ended >= j.life.over {
				ends = 0
			}
			j.check(DutyLeft, len(r.exits) == ends, min(l.ended, j.life.over), "the end of run %d of %s, which an earlier life left behind, was reported %d times, not %d",
				r.run, r.task, len(r.exits), ends)
			for _, told := range r.exits {
				j.check(DutyLeft, told.at == l.ended, l.ended, "the end of run %d of %s was reported as of %v", r.run, r.task, told.at)
			}
			j.outlived = append(j.outlived, pair{l, r})
		}
	}
}

// sameBonds compares needs in whatever order.
func sameBonds(a, b []Need) bool {
	a, b = slices.Clone(a), slices.Clone(b)
	order := func(x, y Need) int { return cmp.Compare(fmt.Sprint(x), fmt.Sprint(y)) }
	slices.SortFunc(a, order)
	slices.SortFunc(b, order)
	return slices.Equal(a, b)
}
