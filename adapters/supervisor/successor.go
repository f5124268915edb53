package supervisor

import (
	"slices"

	"github.com/tasksupervisor/tasksupervisor/core"
	"github.com/tasksupervisor/tasksupervisor/core/scenario"
)

// A supervisor that is run again gives its tasks to a new machine. For many tasks that takes a while, in which no other call
// should wait for it. So the machine is made beforehand, by a supervisor that nothing else refers to, from a few tasks at a time. If
// something happens to the tasks meanwhile, that was in vain, and they are given to a new machine while the others wait.

// successor is a machine that is ready to take over.
type successor struct {
	engine   engine
	revision uint64 // of the supervisor whose tasks it has
	tasks    []*member
	ids      []core.TaskID   // of the tasks; 0 for one that was to be removed, and is
	policies []core.PolicyID // of the tasks
	slots    int             // how many the tasks' ids have
}

// makeSuccessor makes the machine for another session. It returns nil if there is no need to, or it was in vain.
func (s *Supervisor) makeSuccessor(session *session) *successor {
	s.mu.Lock()
	if s.session == nil || s.running() || s.fault != nil || s.heir || session.watching.recording != nil ||
		len(s.registry.byName) <= deedsAtATime {
		s.mu.Unlock()
		return nil
	}
	maker := &Supervisor{
		settings: s.settings, registry: registry{byName: make(map[string]*member, len(s.registry.byName))}, watching: new(watching), renewing: true,
		gated: s.gated,
	}
	next := &successor{revision: s.revision, tasks: s.registry.tasks(s.engine.machine)}
	s.mu.Unlock()
	if maker.newMachine() != nil {
		return nil
	}
	copies := make([]member, len(next.tasks))
	policies := make([]core.Policy, deedsAtATime)
	for first := 0; first < len(copies); first += deedsAtATime {
		few := copies[first:min(first+deedsAtATime, len(copies))]
		if !s.copyTasks(few, policies, next.tasks[first:], next.revision) {
			return nil
		}
		for i := range few {
			if maker.register(&few[i], policies[i]) != nil {
				return nil
			}
		}
	}
	for i := range copies {
		maker.sayAgain(&copies[i])
	}
	if maker.fault != nil {
		return nil
	}
	for i := range copies {
		next.ids, next.policies = append(next.ids, copies[i].id), append(next.policies, copies[i].policy)
	}
	next.engine, next.slots = maker.engine, len(maker.registry.slots)
	return next
}

// copyTasks copies of some tasks what a new machine is told. It fails if something has happened since a revision.
func (s *Supervisor) copyTasks(copies []member, policies []core.Policy, tasks []*member, revision uint64) (ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.revision != revision {
		return false
	}
	for i := range copies {
		m := tasks[i]
		copies[i] = member{name: m.name, task: m.task, beside: m.beside, rarities: none, said: m.said}
		if alive := m.alive(); len(alive)+len(m.inherits)+len(m.needs) > 0 {
			rare := copies[i].rare()
			rare.needs, rare.left, rare.inherits = m.needs, slices.Clone(alive), slices.Clone(m.inherits)
		}
		policies[i] = s.policyOf(m)
	}
	return true
}

// succeed gives the tasks to a machine that was made for them.
func (s *Supervisor) succeed(next *successor, later Instant, watching *watching, head scenario.Head) {
	s.engine.reset(next.engine.machine)
	s.record(watching, head)
	s.engine.hasHealthChecks = s.engine.hasHealthChecks || next.engine.hasHealthChecks
	s.registry.slots = make([]*member, next.slots)
	for i, m := range next.tasks {
		m.beginAnew(later)
		s.beginGate(m)
		m.hasPolicy(next.policies[i])
		m.id = next.ids[i]
		if m.id == 0 {
			s.registry.orphan(m)
		} else {
			s.registry.slots[m.id.Slot()] = m
			s.engine.followNeeds(m)
			s.engine.name(watching, m.name, m.id)
		}
		m.changed.fire()
	}
	s.changed.fire()
	s.reshaped.fire()
}
