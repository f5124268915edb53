package supervisor

import "slices"

// A supervisor that runs in a run of another finds that run in its context, and has itself adopted by the run's
// supervisor. So it does not matter how it comes to run there: as the task itself, made by a factory or called by a
// task's own code.
//
// Locks are taken from the root down, and never the other way.

// adopt notes that a supervisor runs in a run of the member.
func (s *Supervisor) adopt(m *member, child *Supervisor) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !slices.Contains(m.nested, child) {
		m.dropNested()
		m.nested = append(m.nested, child)
	}
}

// dropNested drops the nested supervisors in which nothing is alive. Their runs count as the member's from now on.
func (m *member) dropNested() {
	m.nested = slices.DeleteFunc(m.nested, func(child *Supervisor) bool {
		counts, alive := child.total()
		if !alive {
			m.runs.add(counts)
		}
		return !alive
	})
}

// total counts the supervisor's runs and those of all that ran in them. alive reports whether any of it can still change.
func (s *Supervisor) total() (counts RunCounts, alive bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	counts, nested := s.registry.count()
	alive = s.running() || s.registry.alive > 0
	for _, child := range nested {
		inner, innerAlive := child.total()
		counts.add(inner)
		alive = alive || innerAlive
	}
	return counts, alive
}
