package sim

import (
	"github.com/tasksupervisor/tasksupervisor/core"
	"github.com/tasksupervisor/tasksupervisor/sim/workload"
)

// outage is the state of an outage.
type outage struct {
	active bool
	from   core.Instant // by the clock of the supervisors
	until  core.Instant
	salt   uint64 // draws which tasks suffer
}

// toggleOutage begins an outage or ends it, and returns when it goes on.
func (s *Simulation) toggleOutage(i int, r *workload.Random) core.Instant {
	state, p := &s.outages[i], &s.plan.outages[i]
	if state.active {
		s.endOutage(i)
		if !p.Every.IsSet() {
			return core.Never
		}
		return s.later(p.Every.Draw(r))
	}
	*state = outage{active: true, from: s.reading(), until: s.later(p.Lasts.Draw(r)), salt: r.Uint64()}
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

// endOutage ends an outage, and shows it.
func (s *Simulation) endOutage(i int) {
	s.outages[i].active = false
	if s.options.outages != nil {
		p := &s.plan.outages[i]
		s.options.outages(Outage{Of: p.Of, Share: p.Share, From: s.outages[i].from, To: s.reading(), Storm: p.fault})
	}
}

// endOutages ends the outages that are under way.
func (s *Simulation) endOutages() {
	for i := range s.outages {
		if s.outages[i].active {
			s.endOutage(i)
		}
	}
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
		it.asks = p.Asks.Draw(&r)
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

// failInOutage shortens a run that is started in an outage.
func (s *Simulation) failInOutage(group *groupPlan, task *taskState, it *pending, lasts core.Duration, r *workload.Random) core.Duration {
	for _, i := range group.outages {
		state, p := &s.outages[i], &s.plan.outages[i]
		if !state.active || !state.hits(task.seed, p.Share) {
			continue
		}
		fails := p.Fails.Draw(r)
		if fails < lasts && s.later(fails) < state.until {
			lasts, it.exit = fails, p.Ends.Draw(r)
			it.asks = p.Asks.Draw(r)
			s.result.Coverage.TakenDown++
		}
	}
	return lasts
}
