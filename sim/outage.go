package sim

import (
	"github.com/tasksupervisor/tasksupervisor/core"
	"github.com/tasksupervisor/tasksupervisor/sim/workload"
)

// outage is the state of an outage.
type outage struct {
	active bool
	until  core.Instant
	salt   uint64 // draws which tasks suffer
}

// toggleOutage begins an outage or ends it, and returns when it goes on.
func (s *Simulation) toggleOutage(i int, r *workload.Random) core.Instant {
	state, p := &s.outages[i], &s.plan.outages[i]
	if state.active {
		state.active = false
		if !p.Every.IsSet() {
			return core.Never
		}
		return s.later(p.Every.Draw(r))
	}
	*state = outage{active: true, until: s.later(p.Lasts.Draw(r)), salt: r.Uint64()}
	if p.fault == workload.FaultKindCount {
		s.result.Coverage.Outages++
	} else {
		s.result.Coverage.Faults[p.fault]++
	}
	for number := range s.pending {
		s.endInOutage(uint32(number), i)
	}
	return state.until
}

// endInOutage ends a live run because of an outage that begins, if its task suffers from it.
func (s *Simulation) endInOutage(number uint32, i int) {
	it := &s.pending[number]
	if it.kind != pendingRun || it.asked || !s.suffers(it.group, i) {
		return
	}
	task := &s.nodes[it.node].tasks[it.task.Slot()]
	state, p := &s.outages[i], &s.plan.outages[i]
	if !state.hits(task.seed, p.Share) {
		return
	}
	var r workload.Random
	r.Stream(it.seed, state.salt)
	at := s.later(p.Notice.Draw(&r))
	if at <= state.until && at < s.queue.due(number) {
		it.exit = p.Ends.Draw(&r)
		s.queue.set(number, at, s.tie())
		s.result.Coverage.TakenDown++
	}
}

func (s *Simulation) suffers(group int32, i int) bool {
	for _, other := range s.plan.groups[group].outages {
		if other == i {
			return true
		}
	}
	return false
}

// hits reports whether a task is among those that suffer.
func (o *outage) hits(seed uint64, share core.Fraction) bool {
	if share.Den == 0 {
		return true
	}
	var r workload.Random
	r.Stream(seed, o.salt)
	return r.Chance(share)
}

// cutShort shortens a run that is started in an outage, or without a task that it needs.
func (s *Simulation) cutShort(group *groupPlan, task *taskState, it *pending, lasts core.Duration, r *workload.Random) core.Duration {
	for _, i := range group.outages {
		state, p := &s.outages[i], &s.plan.outages[i]
		if !state.active || !state.hits(task.seed, p.Share) {
			continue
		}
		fails := p.Fails.Draw(r)
		if fails < lasts && s.later(fails) < state.until {
			lasts, it.exit = fails, p.Ends.Draw(r)
			s.result.Coverage.TakenDown++
		}
	}
	if group.needs >= 0 && !s.isUp(it.node, group.needs, int(task.index)) {
		if fails := group.tasks.Fails.Draw(r); fails < lasts {
			lasts, it.exit = fails, core.ExitError
			s.result.Coverage.Missed++
		}
	}
	return lasts
}

// isUp reports whether the task of a group that a task of that index needs has a live run that was not asked to stop.
func (s *Simulation) isUp(n uint32, needed, index int) bool {
	node := &s.nodes[n]
	g := needed - s.plan.supervisors[node.plan].first
	members := node.members[g]
	if len(members) == 0 {
		return false
	}
	task := &node.tasks[members[index%len(members)].Slot()]
	return task.current != none && !s.pending[task.current].asked
}

// failDependents ends the runs that need the task whose run has ended.
func (s *Simulation) failDependents(ended *pending) {
	node := &s.nodes[ended.node]
	first := s.plan.supervisors[node.plan].first
	needed := node.members[int(ended.group)-first]
	for _, g := range s.plan.groups[ended.group].neededBy {
		for _, id := range node.members[g-first] {
			task := &node.tasks[id.Slot()]
			if task.current == none || needed[int(task.index)%len(needed)] != ended.task {
				continue
			}
			it := &s.pending[task.current]
			if it.kind != pendingRun || it.asked {
				continue
			}
			var r workload.Random
			r.Stream(it.seed, uint64(ended.run))
			at := s.later(s.plan.groups[g].tasks.Notice.Draw(&r))
			if at < s.queue.due(task.current) {
				it.exit = core.ExitError
				s.queue.set(task.current, at, s.tie())
				s.result.Coverage.Missed++
			}
		}
	}
}
