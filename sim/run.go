package sim

import (
	"strconv"

	"github.com/tasksupervisor/tasksupervisor/core"
	"github.com/tasksupervisor/tasksupervisor/sim/internal/draw"
	"github.com/tasksupervisor/tasksupervisor/sim/workload"
)

// idleMax is how many runs of a task in a row may take no time. The next one takes a nanosecond, so that time goes on.
const idleMax = 16

// start starts a run.
func (s *Simulation) start(n uint32, a *core.Action) {
	task := &s.nodes[n].tasks[a.Task.Slot()]
	group := &s.plan.groups[task.group]
	policy := s.policy(n, task)
	if task.current != none && task.current != s.reporting {
		if !task.abandoned || !task.replaces {
			s.fail(n, "world", errOverlap)
		}
		s.result.Coverage.Replaced++
	}
	s.result.Starts++
	if a.Run > 1 {
		s.result.Restarts++
	}
	number, it := s.newPending()
	*it = pending{
		kind: pendingRun, node: n, task: a.Task, run: a.Run, group: task.group, signaler: none, hangs: core.Never,
		seed: draw.Mix(task.seed ^ uint64(a.Run)*draw.Golden), script: &group.usual, began: s.now, ready: !policy.Readiness,
	}
	task.current, task.abandoned = number, false
	if group.child != 0 {
		s.startChild(number, group, task)
	} else {
		s.startRun(number, n, group, task, a)
	}
	if it = &s.pending[number]; s.phase == phaseSafety && it.script.Hangs.IsSet() {
		var r workload.Random
		r.Stream(it.seed, draw.Golden)
		it.hangs = s.later(it.script.Hangs.Draw(&r))
	}
	s.startSignals(number, policy)
}

// policy returns the policy that a task has at present.
func (s *Simulation) policy(n uint32, task *taskState) *core.Policy {
	return &s.plan.supervisors[s.nodes[n].plan].policies[task.policy]
}

// startRun starts a run that is no supervisor.
func (s *Simulation) startRun(number, n uint32, group *groupPlan, task *taskState, a *core.Action) {
	it := &s.pending[number]
	if s.phase != phaseSafety {
		it.stops, it.exit = s.plan.grace, core.ExitOK
		return // it lasts until it is asked to stop
	}
	r := &s.draws
	r.Seed(it.seed, it.seed)
	lasts := s.chooseScript(group, task, it, r)
	lasts = s.failInOutage(group, task, it, lasts, r)
	lasts = s.failWithoutNeed(group, task, it, lasts, r)
	if lasts > 0 {
		task.idle = 0
	} else if task.idle++; task.idle > idleMax {
		lasts, task.idle = 1, 0
	}
	lasts = s.exactLifetime(n, a, lasts)
	s.queue.set(number, s.later(lasts), s.tie())
}

// chooseScript decides what a run will do if nothing happens to it, and returns its lifetime.
func (s *Simulation) chooseScript(group *groupPlan, task *taskState, it *pending, r *workload.Random) core.Duration {
	t := group.tasks
	switch {
	case t.Model != nil:
		run := t.Model(workload.Start{Index: int(task.index), Run: it.run, At: s.now, Random: r, Resumed: it.resumed})
		if run.Sequence != nil || run.Signals != (workload.Signals{}) {
			script := run
			it.script = &script
		}
		return it.follow(&run, r)
	case int(it.run) <= len(t.Script):
		s.result.Coverage.Scripted++
		it.script = &t.Script[it.run-1]
		return it.follow(&t.Script[it.run-1], r)
	}
	lasts := core.Forever
	if t.Lifetime.IsSet() {
		lasts = t.Lifetime.Draw(r)
	}
	it.exit = t.Ends.Draw(r)
	it.stops = t.Stops.Draw(r)
	if r.Chance(t.IgnoresStop) {
		it.stops = core.Forever
		s.result.Coverage.IgnoredStops++
	}
	it.asks = t.Asks.Draw(r)
	return lasts
}

// follow sets what a run will do to that of a script, and returns its lifetime.
func (it *pending) follow(run *workload.RunScript, r *workload.Random) core.Duration {
	it.exit = run.Ends
	if it.exit == core.ExitNone {
		it.exit = core.ExitError
	}
	it.stops = run.Stops.Draw(r)
	lasts := core.Forever
	if run.Lifetime.IsSet() {
		lasts = run.Lifetime.Draw(r)
	}
	it.asks = run.Asks.Draw(r)
	return lasts
}

// stop asks a run to stop.
func (s *Simulation) stop(n uint32, a *core.Action) {
	number := s.nodes[n].tasks[a.Task.Slot()].current
	if number == none || s.pending[number].run != a.Run {
		s.fail(n, "world", errNoRun)
		return
	}
	it := &s.pending[number]
	it.asked = true
	if number == s.reporting {
		return
	}
	switch it.kind {
	case pendingSupervisor:
		s.queue.set(number, s.now, s.tie())
		return
	case pendingRun:
	case pendingReport, pendingHalt:
		return // it has ended already
	case pendingFree, pendingSignaler, pendingMessage, pendingRecurring:
		panic("sim: not a run")
	}
	at := s.later(it.stops)
	if s.phase == phaseSafety && s.delayStop(it) {
		s.queue.set(number, s.later(it.stops), s.tie())
	} else if at < s.queue.due(number) {
		s.queue.set(number, at, s.tie())
	}
}

// startChild starts a run that is a supervisor.
func (s *Simulation) startChild(number uint32, group *groupPlan, task *taskState) {
	it := s.pending[number]
	s.pending[number].kind = pendingSupervisor
	var path string
	if s.options.record != nil || s.options.watchers != nil {
		if above := s.nodes[it.node].path; above != "" {
			path = above + "/"
		}
		path += taskName(group, int(task.index)) + "#" + strconv.FormatUint(uint64(it.run), 10)
	}
	below := s.newNode(group.child, path, number)
	s.pending[number].child = below
	s.succeed(&s.nodes[it.node].tasks[it.task.Slot()], below)
	s.queue.set(number, s.now, s.tie())
}
