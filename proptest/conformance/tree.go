package conformance

import (
	"slices"
	"sync"

	"github.com/tasksupervisor/tasksupervisor/core"
	"github.com/tasksupervisor/tasksupervisor/core/scenario"
)

// subtree is a supervisor that is a task of another, or one after the other that were made for the runs of such a task.
type subtree struct {
	task  string
	nth   int    // how many had that name before it
	moved string // the task that it is since; "" if it is that one still
	ready bool   // it is to be ready when its tasks are

	mu   sync.Mutex
	made []*harness
}

// latest returns the one that was made last; nil if none was.
func (s *subtree) latest() *harness {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.made) == 0 {
		return nil
	}
	return s.made[len(s.made)-1]
}

// hasInside reports whether a task is a supervisor.
func (e *evidence) hasInside(task string) bool {
	return slices.ContainsFunc(e.subtrees, func(s *subtree) bool { return task == s.task || task == s.moved })
}

// andInside returns what was seen of a supervisor, and of those that are tasks in it.
func (e *evidence) andInside() []*evidence {
	all := []*evidence{e}
	for _, s := range e.subtrees {
		for _, inner := range s.made {
			all = append(all, inner.evidence.andInside()...)
		}
	}
	return all
}

// addTree adds a supervisor as a task. Its lives begin and end inside the runtime.
func (h *harness) addTree(name string, policy core.Policy, test testCase) *subtree {
	s := h.subtree(name, policy)
	_ = h.addTask(name, Task{Policy: policy, Nested: h.sprout(s, test)})
	return s
}

// move adds a supervisor as another task. It has been removed before.
func (h *harness) move(s *subtree, name string, policy core.Policy) {
	s.moved = name
	_ = h.addTask(name, Task{Policy: policy, Nested: s.latest().runtime})
}

// subtree is one that is to be added.
func (h *harness) subtree(name string, policy core.Policy) *subtree {
	s := &subtree{task: name, ready: policy.Readiness}
	for _, other := range h.subtrees {
		if other.task == name {
			s.nth++
		}
	}
	h.subtrees = append(h.subtrees, s)
	return s
}

// addTreeMaker adds a task for each run of which a supervisor is made.
func (h *harness) addTreeMaker(name string, policy core.Policy, test testCase) *subtree {
	s := h.subtree(name, policy)
	_ = h.addTask(name, Task{Policy: policy, Nest: func() Runtime { return h.sprout(s, test) }})
	return s
}

// sprout opens a runtime that is to be a task. It may be called by any goroutine.
func (h *harness) sprout(s *subtree, test testCase) Runtime {
	inner := &harness{results: h.results, suite: h.suite, world: h.world, source: h.source, release: h.release, moment: h.moment}
	inner.evidence = &evidence{
		scenario: h.scenario + ", " + s.task, config: test.config, doneSeen: make(map[<-chan struct{}]bool), order: h.evidence.order,
		parent: h.evidence.parent, inside: s,
	}
	inner.cancel = func(error) {}
	inner.recording.now = h.now
	if err := inner.openRuntime(test); err != nil {
		panic(err)
	}
	test.play(inner)
	s.mu.Lock()
	s.made = append(s.made, inner)
	s.mu.Unlock()
	return inner.runtime
}

// sow adds a task before the supervisor has begun. It may be called by any goroutine.
func (h *harness) sow(name string, task Task, list ...script) {
	h.names = append(h.names, name)
	task.Body = h.body(name, inTurn(list...))
	_ = h.call(adding(name, task), func() error { return h.runtime.Add(name, task) })
}

// graft does so with a supervisor.
func (h *harness) graft(name string, policy core.Policy, test testCase) {
	h.names = append(h.names, name)
	task := Task{Policy: policy, Nested: h.sprout(h.subtree(name, policy), test)}
	_ = h.call(adding(name, task), func() error { return h.runtime.Add(name, task) })
}

// runsIn returns the runs of the task, in the lives of the supervisor above.
func (s *subtree) runsIn(above []*verdict) (runs []*recordedRun) {
	for _, life := range above {
		nth := make(map[core.TaskID]int)
		for _, add := range life.adds {
			if add.task == s.task {
				nth[add.id] = len(nth)
			}
		}
		for _, r := range life.hosts {
			if r.task == s.task && (nth[r.id] == s.nth || len(above) > 1) || r.task == s.moved {
				runs = append(runs, r)
			}
		}
	}
	return runs
}

// lives returns the lives of the supervisors, in order. The recordings say when they began.
func (s *subtree) lives() (lives []*evidence, err error) {
	for number, h := range s.made {
		parts, err := h.evidence.livesWithin()
		if err != nil {
			return nil, err
		}
		if number > 0 && len(parts) > 0 {
			parts[0].succeed()
		}
		lives = append(lives, parts...)
	}
	for number, life := range lives {
		life.current = number
		if number+1 < len(lives) {
			life.life.over = lives[number+1].bornAt
		}
	}
	return lives, nil
}

// succeed has a life go on with that of another supervisor. What was called before its start says which tasks it is made with.
func (e *evidence) succeed() {
	e.declared = []*call{}
	e.calls = slices.DeleteFunc(e.calls, func(c *call) bool {
		if c.early && c.op == core.EventAdd.String() && c.accepted() {
			e.declared = append(e.declared, c)
		}
		return c.early
	})
}

// livesWithin takes apart what was seen in the lives of a supervisor that nothing but the runtime starts. A scenario without a start is no
// life: what was called in it belongs to the next one.
func (e *evidence) livesWithin() (lives []*evidence, err error) {
	heads, first := e.recording.heads(), 0
	for i, head := range heads {
		end := len(e.recording.wrote)
		if i+1 < len(heads) {
			end = heads[i+1]
		}
		text := e.recording.between(head, end)
		s, err := scenario.Parse(text)
		if err != nil {
			return nil, err
		}
		started := startOf(s)
		if started == nil {
			continue
		}
		part := &evidence{
			scenario: e.scenario, config: e.config, inside: e.inside, subtrees: e.subtrees,
			life: life{shutdownAt: core.Never, over: e.over}, disturbed: e.disturbed,
		}
		part.recording.text, part.recording.wrote = text, e.recording.wrote[head:end]
		part.bornAt = part.recording.wrote[started.Line-1]
		for _, c := range e.calls {
			if c.lines > first && (c.lines <= end || i+1 == len(heads)) || first == 0 && c.lines == 0 {
				own := *c
				own.early = c.lines < head+started.Line
				part.calls = append(part.calls, &own)
			}
		}
		for _, q := range e.queries {
			if q.lines > head && (q.lines <= end || i+1 == len(heads)) {
				q.lines -= head
				part.queries = append(part.queries, q)
			}
		}
		lives = append(lives, part)
		first = end
	}
	e.runsAmong(lives)
	return lives, nil
}

// runsAmong gives each run to the life in which it began.
func (e *evidence) runsAmong(lives []*evidence) {
	for _, l := range e.observedRuns {
		for _, life := range slices.Backward(lives) {
			if life.bornAt <= l.started {
				life.observedRuns = append(life.observedRuns, l)
				break
			}
		}
	}
}
