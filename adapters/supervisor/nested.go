package supervisor

import "slices"

// A supervisor that runs in a run of another finds that run in its context, and has itself adopted by the run's
// supervisor. So it does not matter how it comes to run there: as the task itself, made by a factory or called by a
// task's own code.
//
// It has one place at a time, that of its latest Run. So the places of all supervisors form trees, whatever runs what in
// the course of time; counting and listing go down these trees.
//
// Locks are taken from the root down, and never the other way.

// place is where a supervisor runs, or ran last: in runs of a member. Its fields but the first two, which do not change,
// are guarded by the mu of the supervisor in it.
type place struct {
	inside *Supervisor
	member *member
	asTask bool      // the supervisor is the member's task, or was made for a run of it
	before RunCounts // what the supervisor had run before it came here
	left   bool      // it runs elsewhere now
	here   RunCounts // what it ran here, once it has left
}

// moveTo gives the supervisor its place in the run of a new session. What of its runs is alive moves along with it. It is
// called with mu held.
func (s *Supervisor) moveTo(session *session) {
	var to *member
	if session.parent != nil {
		to = session.parent.member
	}
	switch {
	case s.place == nil && to == nil:
		return
	case s.place != nil && s.place.member == to:
		s.place.asTask = session.isTask()
		return
	}
	counts, _ := s.totalHere()
	counts.Started = counts.Ended
	if old := s.place; old != nil {
		old.left, old.here = true, counts.less(old.before)
	}
	s.place = nil
	if to != nil {
		s.place = &place{inside: s, member: to, asTask: session.isTask(), before: counts}
	}
}

// adopt enters the place of a supervisor that has begun to run in a run of the member.
func (s *Supervisor) adopt(m *member, child *Supervisor) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if place := child.placeIn(m); place != nil && !slices.Contains(m.nested, place) {
		m.dropNested()
		m.rare().nested = append(m.nested, place)
	}
	s.reshaped.fire()
	s.changed.fire()
}

// placeIn returns the supervisor's place if that is in runs of the member, or nil.
func (s *Supervisor) placeIn(m *member) *place {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.place == nil || s.place.member != m {
		return nil
	}
	return s.place
}

// dropNested drops the nested supervisors in which nothing is alive. Their runs count as the member's from now on.
func (m *member) dropNested() {
	if len(m.nested) == 0 {
		return
	}
	m.nested = slices.DeleteFunc(m.nested, func(p *place) bool {
		counts, alive := p.total()
		if alive {
			return false
		}
		m.rare().runs.add(counts)
		if failed := p.inside.latestFailedStop(); failed != nil {
			m.innerStop = failed
		}
		p.drop(counts)
		return true
	})
}

// drop records that what was run here so far has been counted elsewhere.
func (p *place) drop(counted RunCounts) {
	s := p.inside
	s.mu.Lock()
	defer s.mu.Unlock()
	p.before.add(counted)
}

// total counts the runs of the supervisor and of all that ran in it, as far as they belong to the place. alive reports
// whether any of it can still change.
func (p *place) total() (counts RunCounts, alive bool) {
	s := p.inside
	s.mu.Lock()
	defer s.mu.Unlock()
	if p.left {
		return p.here, false
	}
	counts, alive = s.totalHere()
	return counts.less(p.before), alive
}

// totalHere counts the supervisor's runs since it was made, and those of all that ran in them. It is called with mu held.
func (s *Supervisor) totalHere() (counts RunCounts, alive bool) {
	counts, nested := s.registry.count()
	alive = s.running() || s.registry.alive > 0
	for _, p := range nested {
		inner, innerAlive := p.total()
		counts.add(inner)
		alive = alive || innerAlive
	}
	return counts, alive
}

// stays returns the supervisor, unless it has left the place.
func (p *place) stays() (s *Supervisor, running, ok bool) {
	s = p.inside
	s.mu.Lock()
	defer s.mu.Unlock()
	return s, s.running(), !p.left
}
