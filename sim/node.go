package sim

import (
	"errors"
	"strconv"

	"github.com/tasksupervisor/tasksupervisor/core"
	"github.com/tasksupervisor/tasksupervisor/core/scenario"
	"github.com/tasksupervisor/tasksupervisor/sim/checkers"
	"github.com/tasksupervisor/tasksupervisor/sim/internal/draw"
	"github.com/tasksupervisor/tasksupervisor/sim/workload"
)

// node is one supervisor in the world: its machine, and what a driver has to remember.
type node struct {
	machine  *core.Machine
	recorder *scenario.Recorder
	suite    *checkers.Suite // nil if the invariants are not checked
	watchers []Watcher
	watched  bool
	used     bool
	resumed  bool   // it did not begin as a new one: its machine has other ids for the policies of the plan
	ended    bool   // its end was reported to the one above it
	life     uint32 // how many supervisors had this place before
	plan     int
	self     uint32 // the pending run that it is to the supervisor above, or none
	former   place  // the supervisor that the run before was, if that left runs behind
	heir     place  // the one for which this one is the former
	path     string
	deadline core.Instant // what the wake-up is for
	tasks    []taskState  // by slot
	members  [][]core.TaskID
	added    []int         // by group: how many tasks were ever added
	gone     []core.TaskID // some that are forgotten
	adding   taskState
}

// place names a supervisor. Places are used again, each time in another life; 0 is that of the root, and no other's.
type place struct{ node, life uint32 }

// taskState is what the driver remembers of a task.
type taskState struct {
	child     place // the supervisor that its latest run is, or was
	seed      uint64
	group     int32
	index     int32
	current   uint32 // its latest run while that is alive, or none
	idle      uint32 // how many runs in a row took no time
	policy    core.PolicyID
	inherited [2]core.Run // runs of an earlier life that it was added with; 0: none
	abandoned bool        // that run was abandoned
	replaces  bool        // and since then, a policy has let another one start beside it
}

// inherits reports whether the task was added with a run of an earlier life. Its own have other numbers.
func (t *taskState) inherits(run core.Run) bool {
	return run == t.inherited[0] || run == t.inherited[1]
}

var (
	errDueTimer = errors.New("a timer that is due was not fired")
	errOverlap  = errors.New("a run was started while another one is alive")
	errNoRun    = errors.New("a run was asked to stop that is not alive")
	errEndless  = errors.New("there is no end of events though nothing happens any more")
	errRestored = errors.New("the state is not the same after it was saved and restored")
)

// newNode returns a supervisor with its tasks still to be added.
func (s *Simulation) newNode(plan int, path string, self uint32) uint32 {
	var n uint32
	if last := len(s.freeNodes) - 1; last >= 0 {
		n = s.freeNodes[last]
		s.freeNodes = s.freeNodes[:last]
	} else {
		n = uint32(len(s.nodes))
		s.nodes = append(s.nodes, node{machine: new(core.Machine)})
	}
	p := &s.plan.supervisors[plan]
	old := &s.nodes[n]
	groups := p.end - p.first
	fresh := node{
		machine:  old.machine,
		used:     true,
		life:     old.life,
		plan:     plan,
		self:     self,
		path:     path,
		deadline: core.Never,
		tasks:    old.tasks[:0],
		members:  resized(old.members, groups),
		added:    resized(old.added, groups),
		gone:     old.gone[:0],
	}
	for g := range groups {
		fresh.members[g] = fresh.members[g][:0]
		fresh.added[g] = 0
	}
	fresh.machine.CopyFrom(p.machine)
	if plan == 0 && s.world.Resumes != nil {
		fresh.machine.CopyFrom(s.world.Resumes.Machine)
		fresh.resumed = true
	}
	s.equip(&fresh)
	s.nodes[n] = fresh
	s.result.Coverage.supervisor(p.depth, p.strategy)
	return n
}

func resized[T any](slice []T, length int) []T {
	for len(slice) < length {
		var zero T
		slice = append(slice, zero)
	}
	return slice[:length]
}

// equip gives a supervisor its watchers and its recorder.
func (s *Simulation) equip(n *node) {
	if s.options.watchers != nil {
		n.watchers = append(n.watchers, s.options.watchers(n.path)...)
	}
	if s.options.record != nil {
		if w := s.options.record(n.path); w != nil {
			n.recorder = scenario.NewRecorder(w, n.machine)
		}
	}
	if !s.options.unchecked {
		n.suite = s.suites.take(s.plan.tasks)
		n.suite.Begin(n.machine)
	}
	n.watched = n.suite != nil || len(n.watchers) > 0
}

// defineLimits makes limits known to the supervisor, right before it is given them.
func (n *node) defineLimits(limits core.Limits) core.LimitsID {
	define := n.machine.DefineLimits
	if n.recorder != nil {
		define = n.recorder.DefineLimits
	}
	id, err := define(limits)
	if err != nil {
		panic(err) // the world was validated
	}
	return id
}

// begin adds a supervisor's tasks and starts it.
func (s *Simulation) begin(n uint32) {
	if s.nodes[n].resumed {
		s.resume()
		return
	}
	p := &s.plan.supervisors[s.nodes[n].plan]
	for g := p.first; g < p.end; g++ {
		if s.plan.groups[g].tasks.Later {
			continue
		}
		for range max(1, s.plan.groups[g].tasks.Count) {
			s.add(n, g, addition{})
		}
	}
	if n == 0 {
		s.prepare()
	}
	s.feed(n, core.Event{Kind: core.EventStart}, "")
}

// addition is what an operator says about the tasks that are added.
type addition struct {
	policy    core.PolicyID
	given     bool // the policy is theirs, in place of the group's
	suspended bool
	held      bool
}

// add adds the next task of a group.
func (s *Simulation) add(n uint32, g int, how addition) {
	group, node := &s.plan.groups[g], &s.nodes[n]
	first := s.plan.supervisors[node.plan].first
	index := node.added[g-first]
	seed := draw.Mix(group.seed ^ uint64(index))
	if node.self != none {
		seed = draw.Mix(seed ^ s.pending[node.self].seed)
	}
	node.adding = taskState{seed: seed, group: int32(g), index: int32(index), current: none, policy: group.policy}
	if how.given {
		node.adding.policy = how.policy
	}
	if s.phase != phaseSafety {
		node.adding.policy = s.plan.supervisors[node.plan].quiescent[node.adding.policy]
	}
	declares := group.tasks.Declares != workload.DeclareNothing
	key := uint32(seed)
	if index < len(group.tasks.Keys) {
		key = group.tasks.Keys[index]
	}
	var name string
	if node.recorder != nil || len(node.watchers) > 0 {
		name = taskName(group, index)
	}
	added := node.added[g-first]
	ev := core.Event{Kind: core.EventAdd, Policy: node.adding.policy, Key: key, Suspended: declares || how.suspended, Held: how.held}
	ev.Run, ev.Fenced = s.leftBehind(node.former, int32(g), int32(index))
	node.adding.inherited = [2]core.Run{ev.Run, ev.Fenced}
	if ev.Run+ev.Fenced > 0 {
		s.result.Coverage.LeftBehind++
	}
	s.feed(n, ev, name)
	if node = &s.nodes[n]; declares && node.added[g-first] > added {
		s.declare(n, g, index, how.suspended)
	}
}

// declare tells a supervisor what the task needs that was added last, and lets it start, unless it is to be suspended.
func (s *Simulation) declare(n uint32, g, index int, suspended bool) {
	group, node := &s.plan.groups[g], &s.nodes[n]
	first := s.plan.supervisors[node.plan].first
	members := node.members[g-first]
	id := members[len(members)-1]
	if needed := node.members[group.needs-first]; len(needed) > 0 {
		other := needed[index%len(needed)]
		s.result.Coverage.Declared++
		s.feed(n, core.Event{Kind: core.EventNeed, Task: id, Other: other, Bound: group.tasks.Declares == workload.DeclareBound}, "")
	}
	if !suspended {
		s.feed(n, core.Event{Kind: core.EventResume, Task: id}, "")
	}
}

// succeed has a new supervisor wait for the runs that the one before it in the life of a task has left behind.
func (s *Simulation) succeed(task *taskState, below uint32) {
	heir := place{below, s.nodes[below].life}
	if former := task.child; s.exists(former) {
		s.nodes[below].former, s.nodes[former.node].heir = former, heir
	}
	task.child = heir
}

func (s *Simulation) exists(p place) bool {
	return p.node != 0 && s.nodes[p.node].used && s.nodes[p.node].life == p.life
}

// leftBehind returns the runs of a task that a former supervisor left behind and that are alive, 0 for none.
func (s *Simulation) leftBehind(former place, group, index int32) (newest, older core.Run) {
	if !s.exists(former) {
		return 0, 0
	}
	status, _ := s.nodes[former.node].machine.Status(s.nodes[former.node].member(group, index))
	if status.Live {
		newest = status.Run
	}
	return newest, status.Fenced
}

// member returns the task that is the one of that index in a group, or 0 if there is none.
func (n *node) member(group, index int32) core.TaskID {
	for _, members := range n.members {
		for _, id := range members {
			if task := &n.tasks[id.Slot()]; task.group == group && task.index == index {
				return id
			}
		}
	}
	return 0
}

func taskName(g *groupPlan, index int) string {
	if index == 0 && g.tasks.Count <= 1 {
		return g.tasks.Name
	}
	return g.tasks.Name + "-" + strconv.Itoa(index+1)
}

// carryOut carries out one action.
func (s *Simulation) carryOut(n uint32, a *core.Action) {
	s.result.Coverage.action(a)
	switch a.Kind {
	case core.ActionTransition:
		if a.To == core.StatusFailed && a.Until != core.Never {
			s.stopInBackoff(n, a)
		}
		if a.Why == core.ReasonPolicy {
			task := &s.nodes[n].tasks[a.Task.Slot()]
			task.policy = s.givenPolicy
			task.replaces = task.replaces || s.policy(n, task).OnAbandon == core.AbandonReplace
		}
	case core.ActionAdd:
		s.register(n, a.Task)
	case core.ActionStart:
		s.start(n, a)
	case core.ActionStop:
		s.stop(n, a)
	case core.ActionAbandon:
		task := &s.nodes[n].tasks[a.Task.Slot()]
		task.abandoned, task.replaces = true, s.policy(n, task).OnAbandon == core.AbandonReplace
	case core.ActionProbe:
		s.probe(n, a)
	case core.ActionForget:
		s.deregister(n, a.Task)
	case core.ActionHalt:
		s.halted(n, a)
	case core.ActionReject:
	}
}

// register keeps a new task.
func (s *Simulation) register(n uint32, id core.TaskID) {
	node := &s.nodes[n]
	node.tasks = resized(node.tasks, max(len(node.tasks), id.Slot()+1))
	node.tasks[id.Slot()] = node.adding
	g := int(node.adding.group) - s.plan.supervisors[node.plan].first
	node.added[g]++
	node.members[g] = append(node.members[g], id)
}

// deregister drops a forgotten task.
func (s *Simulation) deregister(n uint32, id core.TaskID) {
	node := &s.nodes[n]
	g := int(node.tasks[id.Slot()].group) - s.plan.supervisors[node.plan].first
	members := node.members[g]
	for i := range members {
		if members[i] == id {
			node.members[g] = append(members[:i], members[i+1:]...)
			break
		}
	}
	if len(node.gone) < 8 {
		node.gone = append(node.gone, id)
	} else {
		node.gone[id%8] = id
	}
}

// halted reports the end of a supervisor to the one above it.
func (s *Simulation) halted(n uint32, a *core.Action) {
	self := s.nodes[n].self
	if self == none {
		s.windDown()
		return
	}
	it := &s.pending[self]
	it.kind = pendingHalt
	it.exit = core.ExitError
	if a.Why == core.ReasonShutdown || a.Why == core.ReasonAllEnded || a.Why == core.ReasonAnyEnded {
		it.exit = core.ExitOK
	}
	s.queue.set(self, s.now, s.tie())
}
