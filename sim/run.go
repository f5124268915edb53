package sim

import (
	"strconv"

	"github.com/tasksupervisor/tasksupervisor/core"
)

// idleMax is how many runs of a task in a row may take no time: for time to go on, the next one takes a nanosecond.
const idleMax = 16

// start starts a run.
func (s *Simulation) start(n uint32, a *core.Action) {
	book := &s.nodes[n].tasks[a.Task.Slot()]
	group := &s.plan.groups[book.group]
	policy := s.policy(n, book)
	if book.current != noItem && book.current != s.reporting {
		if !book.abandoned || !book.replaces {
			s.fail(n, "world", errOverlap)
		}
		s.result.Coverage.Replaced++
	}
	s.result.Starts++
	if a.Run > 1 {
		s.result.Restarts++
	}
	number, it := s.newItem()
	*it = item{
		kind: itemRun, node: n, task: a.Task, run: a.Run, group: book.group, voice: noItem, hangs: core.Never,
		seed: mix(book.seed ^ uint64(a.Run)*golden), course: &group.usual, began: s.now,
	}
	book.current, book.abandoned = number, false
	if group.below != 0 {
		s.startBelow(number, group, book)
	} else {
		s.startRun(number, n, group, book, a)
	}
	if it = &s.items[number]; s.phase == phaseSafety && it.course.Hangs.isSet() {
		var r Random
		r.seed(it.seed, golden)
		it.hangs = s.later(it.course.Hangs.draw(&r))
	}
	s.giveVoice(number, policy)
}

// policy is the policy that a task has at present.
func (s *Simulation) policy(n uint32, book *taskBook) *core.Policy {
	return &s.plan.supervisors[s.nodes[n].plan].policies[book.policy]
}

// startRun starts a run that is no supervisor.
func (s *Simulation) startRun(number, n uint32, group *groupPlan, book *taskBook, a *core.Action) {
	it := &s.items[number]
	if s.phase != phaseSafety {
		it.stops, it.exit = s.plan.grace, core.ExitOK
		return // it lasts until it is asked to stop
	}
	r := &s.draws
	r.source.Seed(it.seed, it.seed)
	lasts := s.intention(group, book, it, r)
	if len(group.outages) > 0 || group.needs >= 0 {
		lasts = s.hamper(group, book, it, lasts, r)
	}
	if lasts > 0 {
		book.idle = 0
	} else if book.idle++; book.idle > idleMax {
		lasts, book.idle = 1, 0
	}
	if len(s.faults[ExactExit]) > 0 {
		lasts = s.exactLength(n, a, lasts)
	}
	s.queue.set(number, s.later(lasts), s.tie())
}

// intention decides what a run will do when nothing happens to it.
func (s *Simulation) intention(group *groupPlan, book *taskBook, it *item, r *Random) core.Duration {
	t := group.tasks
	switch {
	case t.Model != nil:
		run := t.Model(Start{Index: int(book.index), Run: it.run, At: s.now, Random: r})
		if run.Told != nil || run.Signals != (Signals{}) {
			course := run
			it.course = &course
		}
		return it.follow(&run, r)
	case int(it.run) <= len(t.Script):
		s.result.Coverage.Scripted++
		it.course = &t.Script[it.run-1]
		return it.follow(&t.Script[it.run-1], r)
	}
	lasts := core.Forever
	if t.Lasts.isSet() {
		lasts = t.Lasts.draw(r)
	}
	it.exit = t.Ends.draw(r)
	it.stops = t.Stops.draw(r)
	if r.Chance(t.Deaf) {
		it.stops = core.Forever
		s.result.Coverage.Deaf++
	}
	return lasts
}

// follow takes over what a run is to do, and returns how long it is to last.
func (it *item) follow(run *Course, r *Random) core.Duration {
	it.exit = run.Ends
	if it.exit == core.ExitNone {
		it.exit = core.ExitError
	}
	it.stops = run.Stops.draw(r)
	if !run.Lasts.isSet() {
		return core.Forever
	}
	return run.Lasts.draw(r)
}

// stop asks a run to stop.
func (s *Simulation) stop(n uint32, a *core.Action) {
	number := s.nodes[n].tasks[a.Task.Slot()].current
	if number == noItem || s.items[number].run != a.Run {
		s.fail(n, "world", errNoRun)
		return
	}
	it := &s.items[number]
	it.asked = true
	if number == s.reporting {
		return
	}
	switch it.kind {
	case itemSupervisor:
		s.queue.set(number, s.now, s.tie())
		return
	case itemRun:
	case itemReport, itemEnding:
		return // it has ended already
	case itemFree, itemVoice, itemMessage, itemAppointment:
		panic("sim: this is no run")
	}
	at := s.later(it.stops)
	if s.phase == phaseSafety && s.unlucky(it) {
		s.queue.set(number, s.later(it.stops), s.tie())
	} else if at < s.queue.due(number) {
		s.queue.set(number, at, s.tie())
	}
}

// startBelow starts a run that is a supervisor.
func (s *Simulation) startBelow(number uint32, group *groupPlan, book *taskBook) {
	it := &s.items[number]
	it.kind = itemSupervisor
	var path string
	if s.options.Record != nil || s.options.Watchers != nil {
		if above := s.nodes[it.node].path; above != "" {
			path = above + "/"
		}
		path += taskName(group, int(book.index)) + "#" + strconv.FormatUint(uint64(it.run), 10)
	}
	below := s.newNode(group.below, path, number)
	s.items[number].below = below
	s.queue.set(number, s.now, s.tie())
}
