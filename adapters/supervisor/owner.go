package supervisor

import "sync"

// owner is the task that a supervisor is. Unlike its place, which it gets when it runs, it is its owner's from Add to
// Remove, and no other's meanwhile: so a supervisor that was added is in one tree, once.
type owner struct {
	supervisor *Supervisor
	name       string
	member     *member
}

// owners guards the owners of all supervisors. No other lock is taken while it is held.
var owners sync.Mutex

// claim makes a task that is a supervisor the property of this one. The error is a *TreeError.
func (s *Supervisor) claim(m *member) error {
	child, ok := m.task.(*Supervisor)
	if !ok {
		return nil
	}
	owners.Lock()
	defer owners.Unlock()
	if child.owner != nil || s.within(child) {
		return &TreeError{Has: child.ownPath(), Wanted: join(s.ownPath(), m.name), Inside: s.within(child)}
	}
	child.owner = &owner{s, m.name, m}
	return nil
}

// disown gives up a task that was claimed.
func (m *member) disown() {
	if child, ok := m.task.(*Supervisor); ok {
		owners.Lock()
		defer owners.Unlock()
		if child.owner != nil && child.owner.member == m {
			child.owner = nil
		}
	}
}

// within reports whether the supervisor is another one, or in its tree.
func (s *Supervisor) within(other *Supervisor) bool {
	for s != other && s.owner != nil {
		s = s.owner.supervisor
	}
	return s == other
}

// ownPath returns the names of the owners down to the supervisor. Unlike Path it does not depend on any Run.
func (s *Supervisor) ownPath() string {
	if s.owner == nil {
		return s.settings.name
	}
	return join(s.owner.supervisor.ownPath(), s.owner.name)
}

// mayRunIn says why the supervisor cannot run in a run: because it is a task elsewhere, or because that run is in
// one of its own. The error is a *TreeError.
func (s *Supervisor) mayRunIn(r *run) error {
	for in := r; in != nil; in = in.session.parent {
		if in.session.supervisor == s {
			return &TreeError{Has: in.session.path, Wanted: r.path(), Inside: true}
		}
	}
	owners.Lock()
	defer owners.Unlock()
	if s.owner == nil || s.owner.member == r.member && r.is == s {
		return nil
	}
	return &TreeError{Has: s.ownPath(), Wanted: r.path()}
}
