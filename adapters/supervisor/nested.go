package supervisor

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
	if slices.Contains(s.nested[m], child) {
		return
	}
	s.release(m)
	if s.nested == nil {
		s.nested = make(map[*member][]*Supervisor)
	}
	s.nested[m] = append(s.nested[m], child)
}

// release drops the member's nested supervisors in which nothing is alive. Their runs count as the member's from now
// on. It returns how many are kept.
func (s *Supervisor) release(m *member) (kept int) {
	children := slices.DeleteFunc(s.nested[m], func(child *Supervisor) bool {
		counts, alive := child.total()
		if !alive {
			m.runs.add(counts)
		}
		return !alive
	})
	if len(children) == 0 {
		delete(s.nested, m)
	} else {
		s.nested[m] = children
	}
	return len(children)
}

// dropOrphans drops the removed tasks in whose nested supervisors nothing is alive. It is called with mu held.
func (s *Supervisor) dropOrphans() {
	s.orphans = slices.DeleteFunc(s.orphans, func(m *member) bool {
		if s.release(m) > 0 || len(m.late) > 0 {
			return false
		}
		s.removed.add(m.runs)
		return true
	})
}

// total counts the supervisor's runs and those of all that ran in them. alive tells whether any of it can still change.
func (s *Supervisor) total() (counts RunCounts, alive bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	counts, alive = s.removed, s.running || s.alive > 0
	for _, m := range s.members {
		counts.add(m.runs)
	}
	for _, m := range s.orphans {
		counts.add(m.runs)
	}
	for _, children := range s.nested {
		for _, child := range children {
			inner, innerAlive := child.total()
			counts.add(inner)
			alive = alive || innerAlive
		}
	}
	return counts, alive
}
