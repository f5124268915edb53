package sim

import "github.com/tasksupervisor/tasksupervisor/core"

// outage is the state of an outage.
type outage struct {
	active bool
	until  core.Instant
	salt   uint64 // draws who suffers
}

// strikeOutage begins an outage or ends it, and returns when it goes on.
func (s *Simulation) strikeOutage(i int, r *Random) core.Instant {
	state, p := &s.outages[i], &s.plan.outages[i]
	if state.active {
		state.active = false
		if !p.Every.isSet() {
			return core.Never
		}
		return s.later(p.Every.draw(r))
	}
	*state = outage{active: true, until: s.later(p.Lasts.draw(r)), salt: r.Uint64()}
	if p.fault == faultKinds {
		s.result.Coverage.Outages++
	} else {
		s.result.Coverage.Faults[p.fault]++
	}
	for number := range s.items {
		s.takeDown(uint32(number), i)
	}
	return state.until
}

// takeDown has a live run end by an outage that begins, if it suffers from it.
func (s *Simulation) takeDown(number uint32, i int) {
	it := &s.items[number]
	if it.kind != itemRun || it.asked || !s.suffers(it.group, i) {
		return
	}
	book := &s.nodes[it.node].tasks[it.task.Slot()]
	state, p := &s.outages[i], &s.plan.outages[i]
	if !state.hits(book.seed, p.Share) {
		return
	}
	var r Random
	r.seed(it.seed, state.salt)
	at := s.later(p.Notice.draw(&r))
	if at <= state.until && at < s.queue.due(number) {
		it.exit = p.Ends.draw(&r)
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

// hits tells whether a task is among those that suffer.
func (o *outage) hits(seed uint64, share core.Fraction) bool {
	if share.Den == 0 {
		return true
	}
	var r Random
	r.seed(seed, o.salt)
	return r.Chance(share)
}

// hamper shortens a run that is started in an outage, or without a task that it needs.
func (s *Simulation) hamper(group *groupPlan, book *taskBook, it *item, lasts core.Duration, r *Random) core.Duration {
	for _, i := range group.outages {
		state, p := &s.outages[i], &s.plan.outages[i]
		if !state.active || !state.hits(book.seed, p.Share) {
			continue
		}
		fails := p.Fails.draw(r)
		if fails < lasts && s.later(fails) < state.until {
			lasts, it.exit = fails, p.Ends.draw(r)
			s.result.Coverage.TakenDown++
		}
	}
	if group.needs >= 0 && !s.isUp(it.node, group.needs, int(book.index)) {
		if fails := group.tasks.Fails.draw(r); fails < lasts {
			lasts, it.exit = fails, core.ExitError
			s.result.Coverage.Missed++
		}
	}
	return lasts
}

// isUp tells whether the task of a group that a task of that index needs is there, with a run that was not asked to
// stop.
func (s *Simulation) isUp(n uint32, needed, index int) bool {
	node := &s.nodes[n]
	g := needed - s.plan.supervisors[node.plan].first
	members := node.members[g]
	if len(members) == 0 {
		return false
	}
	book := &node.tasks[members[index%len(members)].Slot()]
	return book.current != noItem && !s.items[book.current].asked
}

// lose has those runs end that need the task whose run has ended.
func (s *Simulation) lose(ended *item) {
	node := &s.nodes[ended.node]
	first := s.plan.supervisors[node.plan].first
	needed := node.members[int(ended.group)-first]
	for _, g := range s.plan.groups[ended.group].neededBy {
		for _, id := range node.members[g-first] {
			book := &node.tasks[id.Slot()]
			if book.current == noItem || needed[int(book.index)%len(needed)] != ended.task {
				continue
			}
			it := &s.items[book.current]
			if it.kind != itemRun || it.asked {
				continue
			}
			var r Random
			r.seed(it.seed, uint64(ended.run))
			at := s.later(s.plan.groups[g].tasks.Notice.draw(&r))
			if at < s.queue.due(book.current) {
				it.exit = core.ExitError
				s.queue.set(book.current, at, s.tie())
				s.result.Coverage.Missed++
			}
		}
	}
}
