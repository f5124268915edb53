package goroutine

import "slices"

// A supervisor that runs in a run of another finds that run in its context, and has itself adopted by the run's
// supervisor. So it does not matter how it comes to run there: as the task itself, made by a factory or called by a
// task's own code.
//
// Locks are taken from the root down, and never the other way.

// adopt takes note of a supervisor that runs in a run of the member.
func (s *Supervisor) adopt(m *member, child *Supervisor) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !slices.Contains(m.nested, child) {
		m.release()
		m.nested = append(m.nested, child)
	}
}

// release drops the nested supervisors in which nothing is alive. Their runs count as the member's from now on.
func (m *member) release() {
	m.nested = slices.DeleteFunc(m.nested, func(child *Supervisor) bool {
		counts, alive := child.total()
		if !alive {
			m.runs.add(counts)
		}
		return !alive
	})
}

// settle drops the removed tasks in whose nested supervisors nothing is alive. It is called with mu held.
func (s *Supervisor) settle() {
	s.orphans = slices.DeleteFunc(s.orphans, func(m *member) bool {
		m.release()
		if len(m.nested) == 0 {
			s.removed.add(m.runs)
		}
		return len(m.nested) == 0
	})
}

// total counts the supervisor's runs and those of all that ran in them. alive tells whether any of it can still change.
func (s *Supervisor) total() (counts RunCounts, alive bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	counts, alive = s.removed, s.running || s.alive > 0
	for _, members := range [][]*member{s.orphans, s.inOrder()} {
		for _, m := range members {
			counts.add(m.runs)
			for _, child := range m.nested {
				inner, innerAlive := child.total()
				counts.add(inner)
				alive = alive || innerAlive
			}
		}
	}
	return counts, alive
}
