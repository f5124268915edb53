package sim

import (
	"github.com/tasksupervisor/tasksupervisor/core"
	"github.com/tasksupervisor/tasksupervisor/sim/internal/draw"
)

// resume has the supervisor at the top go on from the state that the world begins with.
func (s *Simulation) resume() {
	from, p := s.world.Resumes, &s.plan.supervisors[0]
	names := make(map[core.TaskID]string, len(from.Tasks))
	for _, r := range from.Tasks {
		g := p.first
		for s.plan.groups[g].tasks.Name != r.Of {
			g++
		}
		names[r.Task] = r.Of
		s.takeUp(r.Task, g)
	}
	if node := &s.nodes[0]; node.recorder != nil {
		for _, r := range from.Tasks {
			node.recorder.Bind(r.Of, r.Task)
		}
	}
	for _, w := range s.nodes[0].watchers {
		if resumer, ok := w.(Resumer); ok {
			resumer.Resume(from.Machine, func(id core.TaskID) string { return names[id] })
		}
	}
	s.rearm(0)
	s.tellDifferences()
	s.prepare()
	if from.Machine.Phase() == core.PhaseCreated {
		s.feed(0, core.Event{Kind: core.EventStart}, "")
	}
}

// tellDifferences gives the supervisor the policies and limits of the world that are not those of the state.
func (s *Simulation) tellDifferences() {
	from, p := s.world.Resumes, &s.plan.supervisors[0]
	for _, r := range from.Tasks {
		status, _ := from.Machine.Status(r.Task)
		policy, _ := from.Machine.Policy(status.Policy)
		if id := s.nodes[0].tasks[r.Task.Slot()].policy; p.policies[id] != policy {
			s.feed(0, core.Event{Kind: core.EventPolicy, Task: r.Task, Policy: id}, "")
		}
	}
	if limits := s.world.Config.Limits; limits != from.Machine.Config().Limits {
		s.feed(0, core.Event{Kind: core.EventLimits, Limits: s.nodes[0].defineLimits(limits)}, "")
	}
}

// takeUp takes up a task of a group, and its runs that are alive.
func (s *Simulation) takeUp(id core.TaskID, g int) {
	group, node := &s.plan.groups[g], &s.nodes[0]
	status, _ := node.machine.Status(id)
	index := node.added[g-s.plan.supervisors[0].first]
	node.adding = taskState{
		seed: draw.Mix(group.seed ^ uint64(index)), group: int32(g), index: int32(index), current: none, policy: group.policy,
		inherited: [2]core.Run{status.Fenced},
	}
	s.register(0, id)
	if status.Fenced != 0 {
		s.takeUpRun(id, status.Fenced, true)
	}
	if !status.Live {
		return
	}
	asked := status.Status == core.StatusStopping || status.Status == core.StatusAbandoned
	number := s.takeUpRun(id, status.Run, asked)
	task, policy := &s.nodes[0].tasks[id.Slot()], &s.plan.supervisors[0].policies[group.policy]
	task.current = number
	task.abandoned = status.Status == core.StatusAbandoned
	task.replaces = task.abandoned && policy.OnAbandon == core.AbandonReplace
	s.pending[number].ready = status.Status != core.StatusStarting && !status.Unready
	s.startSignals(number, policy)
	if status.Probing {
		s.probe(0, &core.Action{Kind: core.ActionProbe, Task: id, Run: status.Run, Until: status.Until})
	}
}

// takeUpRun takes up a run that is alive, and that was asked to stop or was not.
func (s *Simulation) takeUpRun(id core.TaskID, run core.Run, asked bool) uint32 {
	task := &s.nodes[0].tasks[id.Slot()]
	group := &s.plan.groups[task.group]
	number, it := s.newPending()
	*it = pending{
		kind: pendingRun, task: id, run: run, group: task.group, signaler: none, hangs: core.Never,
		seed: draw.Mix(task.seed ^ uint64(run)*draw.Golden), script: &group.usual, began: s.now, asked: asked, resumed: true,
	}
	r := &s.draws
	r.Seed(it.seed, it.seed)
	lasts := s.chooseScript(group, task, it, r)
	if asked {
		lasts = min(lasts, it.stops)
	}
	s.queue.set(number, s.later(lasts), s.tie())
	return number
}

// define makes a policy known to the supervisor, right before it is given to a task.
func (n *node) define(policy *core.Policy) core.PolicyID {
	define := n.machine.Define
	if n.recorder != nil {
		define = n.recorder.Define
	}
	id, err := define(*policy)
	if err != nil {
		panic(err) // the world was validated
	}
	return id
}
