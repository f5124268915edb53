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
	held   bool
	killed bool
	going  bool // it is being removed

	spoken  bool // asleep and killed are what an operator has said
	changed bool // and so is the policy
	placed  bool // and held is what the driver has said
}

// memory is the duty of what is said to outlive a life.
func (j *verdict) memory() Duty {
	if j.inside != nil {
		return DutyTree
	}
	return DutyAgain
}

// heritage is the duty of what runs are left to outlive a life.
func (j *verdict) heritage() Duty {
	if j.inside != nil {
		return DutyTree
	}
	return DutyLeft
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
	if j.check(j.memory(), slices.Equal(got, want), at, "the tasks are %q, not %q", got, want); !slices.Equal(got, want) {
		return
	}
	j.check(j.memory(), j.limits == limits, at, "the limits are %s, not %s", j.limits, limits)
	for i, t := range tasks {
		b := j.before[i]
		j.check(j.memory(), b.policy == t.policy, at, "the policy of %s is %s, not %s", t.task, b.policy, t.policy)
		j.check(j.memory(), sameBonds(b.needs, t.needs), at, "%s needs %v, not %v", t.task, b.needs, t.needs)
		j.check(j.memory(), b.status.Suspended == t.asleep, at, "%s is suspended: %t, not %t", t.task, b.status.Suspended, t.asleep)
		j.check(j.memory(), b.status.Held == t.held, at, "%s is held: %t, not %t", t.task, b.status.Held, t.held)
		j.check(j.memory(), b.status.Killed() == t.killed, at, "%s is killed: %t, not %t", t.task, b.status.Killed(), t.killed)
		removed := b.status.Intent == core.IntentRemove
		j.check(j.memory(), removed == t.going, at, "%s is being removed: %t, not %t", t.task, removed, t.going)
		fresh := b.status.Attempts == 0 && b.status.LastExit == core.ExitNone && (b.status.Run == 0 || b.status.Fenced != 0)
		j.check(j.memory(), fresh, at, "%s has something of an earlier run: %+v", t.task, b.status)
	}
	j.left(before, tasks)
}

// said returns what was said before a life, in the order in which the tasks were added, and the limits.
func (j *verdict) said(before []*verdict) (tasks []*told, limits string) {
	limits = given(j.config.Limits)
	for _, life := range append(slices.Clone(before), j) {
		tasks = life.takenOver(tasks)
		if life == j {
			break
		}
		for _, c := range life.calls {
			if !c.accepted() {
				continue
			}
			if c.op == core.EventLimits.String() {
				limits = c.given
			}
			if c.op == core.EventAdd.String() {
				tasks = slices.DeleteFunc(tasks, func(t *told) bool { return t.task == c.task }) // it had been removed
				tasks = append(tasks, &told{task: c.task, policy: c.given, needs: c.needs, asleep: c.asleep, held: c.held})
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

// takenOver returns what the tasks of a supervisor were told that was made to go on with the life of another, in which they have these.
func (j *verdict) takenOver(tasks []*told) []*told {
	if j.declared == nil {
		return tasks
	}
	var own []*told
	for _, c := range j.declared {
		t := &told{task: c.task, policy: c.given, needs: c.needs, asleep: c.asleep, held: c.held}
		for _, o := range tasks {
			if o.task == t.task && o.spoken {
				t.asleep, t.killed, t.spoken = o.asleep, o.killed, true
			}
			if o.task == t.task && o.placed {
				t.held, t.placed = o.held, true
			}
			if o.task == t.task && o.changed {
				t.policy, t.changed = o.policy, true
			}
		}
		own = append(own, t)
	}
	return own
}

// hear takes in an accepted call about the task.
func (t *told) hear(c *call) {
	switch c.op {
	case core.EventRemove.String():
		t.going, t.asleep, t.killed, t.spoken = true, false, false, false // that is about one task of one supervisor
	case core.EventSuspend.String():
		t.asleep, t.spoken = true, true
	case core.EventResume.String(), core.EventRestart.String():
		t.asleep, t.killed, t.spoken = false, false, true
	case core.EventKill.String():
		t.asleep, t.killed, t.spoken = false, true, true
	case core.EventHold.String(), core.EventRelease.String():
		t.held, t.placed = c.op == core.EventHold.String(), true
	case core.EventPolicy.String():
		t.policy, t.changed = c.given, true
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
		j.check(j.heritage(), slices.Equal(got, want), j.began, "runs %v of %s are alive, and the machine was told of %v", want, t.task, got)
		for _, r := range j.inherited {
			i := slices.IndexFunc(alive, func(l *observedRun) bool { return r.task == t.task && l.run == r.run })
			if i < 0 {
				continue
			}
			l, ends := alive[i], 1
			if l.ended >= j.life.over {
				ends = 0
				if j.inside != nil {
					ends = len(r.exits[:min(len(r.exits), 1)]) // a supervisor that another has taken over from can be told, and need not
				}
			}
			j.check(j.heritage(), len(r.exits) == ends, min(l.ended, j.life.over), "the end of run %d of %s, which an earlier life left behind, was reported %d times, not %d",
				r.run, r.task, len(r.exits), ends)
			for _, told := range r.exits {
				j.check(j.heritage(), told.at == l.ended, l.ended, "the end of run %d of %s was reported as of %v", r.run, r.task, told.at)
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
