package sim

import (
	"github.com/tasksupervisor/tasksupervisor/core"
	"github.com/tasksupervisor/tasksupervisor/sim/workload"
)

// failWithoutNeed shortens a run that is started without the task that it needs.
func (s *Simulation) failWithoutNeed(group *groupPlan, task *taskState, it *pending, lasts core.Duration, r *workload.Random) core.Duration {
	if group.needs < 0 || s.isUp(it.node, group.needs, int(task.index)) {
		return lasts
	}
	if fails := group.tasks.Fails.Draw(r); fails < lasts {
		lasts, it.exit, it.asks = fails, core.ExitError, 0
		s.result.Coverage.Missed++
	}
	return lasts
}

// isUp reports whether the task of a group that a task of that index needs is there: it has a live run that is ready and
// was not asked to stop, or it has completed.
func (s *Simulation) isUp(n uint32, needed, index int) bool {
	node := &s.nodes[n]
	members := node.members[needed-s.plan.supervisors[node.plan].first]
	if len(members) == 0 {
		return false
	}
	id := members[index%len(members)]
	if number := node.tasks[id.Slot()].current; number != none && number != s.reporting {
		it := &s.pending[number]
		return it.ready && !it.asked && (it.kind == pendingRun || it.kind == pendingSupervisor)
	}
	return node.completed(id)
}

func (n *node) completed(id core.TaskID) bool {
	status, known := n.machine.Status(id)
	return known && status.Status == core.StatusCompleted
}

// dependentsOf returns the runs that lose the task they need with the run that has ended. Ask before the
// supervisor hears of that end, and the answer is good until the next question.
func (s *Simulation) dependentsOf(ended *pending) []uint32 {
	group := &s.plan.groups[ended.group]
	if s.phase != phaseSafety || len(group.neededBy) == 0 || !ended.ready {
		return nil
	}
	node := &s.nodes[ended.node]
	first := s.plan.supervisors[node.plan].first
	needed := node.members[int(ended.group)-first]
	if len(needed) == 0 {
		return nil // it was forgotten while this run, which was abandoned, went on
	}
	// A run that has taken the place of an abandoned one is what later runs depend on.
	before := core.Never
	if latest := node.tasks[ended.task.Slot()].current; latest != none && s.pending[latest].run != ended.run {
		before = s.pending[latest].began
	}
	s.dependents = s.dependents[:0]
	for _, g := range group.neededBy {
		for _, id := range node.members[g-first] {
			task := &node.tasks[id.Slot()]
			if task.current == none || needed[int(task.index)%len(needed)] != ended.task {
				continue
			}
			if it := &s.pending[task.current]; it.kind == pendingRun && it.began < before {
				s.dependents = append(s.dependents, task.current)
			}
		}
	}
	return s.dependents
}

// failDependents ends the runs that have lost the task they need, unless it has done for good what they needed it for.
func (s *Simulation) failDependents(ended *pending, dependents []uint32) {
	if len(dependents) == 0 || s.nodes[ended.node].completed(ended.task) {
		return
	}
	for _, number := range dependents {
		it := &s.pending[number]
		if it.asked {
			continue
		}
		var r workload.Random
		r.Stream(it.seed, uint64(ended.run))
		at := s.later(s.plan.groups[it.group].tasks.Notice.Draw(&r))
		if at < s.queue.due(number) {
			it.exit, it.asks = core.ExitError, 0
			s.queue.set(number, at, s.tie())
			s.result.Coverage.Missed++
		}
	}
}
