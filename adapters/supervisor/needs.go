package supervisor

import (
	"slices"

	"github.com/tasksupervisor/tasksupervisor/core"
)

// need is one task that another needs.
type need struct {
	name  string
	bound bool
	both  bool // WithNeeds and WithBoundTo name it
}

// Need is one task that another needs, see [Supervisor.Needs].
type Need struct {
	Task  string `json:"task"`            // the name of the other task
	Bound bool   `json:"bound,omitempty"` // the one that needs goes down and comes back with the one that is needed, see WithBoundTo
}

// Needs returns what a task needs (see [WithNeeds] and [WithBoundTo]), in the order in which that was said, and which tasks need
// it, in the order in which they were added. Both are tasks of its own supervisor. What a strategy makes tasks wait for is not
// among them. It looks at every task of that supervisor.
//
// The error is a [*TaskError] that wraps [ErrUnknownTask].
func (s *Supervisor) Needs(path string) (needs, neededBy []Need, err error) {
	err = s.about("needs of", path, func(at *Supervisor, name string) error {
		at.mu.Lock()
		defer at.mu.Unlock()
		m := at.registry.byName[name]
		if m == nil {
			return ErrUnknownTask
		}
		for _, need := range m.needs {
			needs = append(needs, Need{need.name, need.bound})
		}
		for _, other := range at.registry.tasks(at.trusted()) {
			if i := slices.IndexFunc(other.needs, func(n need) bool { return n.name == name }); i >= 0 {
				neededBy = append(neededBy, Need{other.name, other.needs[i].bound})
			}
		}
		return nil
	})
	return needs, neededBy, err
}

// addListed adds the tasks given to New. The error is a *TaskError.
func (s *Supervisor) addListed(tasks []listed) (err error) {
	members, names := make([]*member, len(tasks)), make(map[string]*member, len(tasks))
	policies := make(map[*member]core.Policy, len(tasks))
	defer func() {
		for _, m := range names {
			if err != nil {
				m.disown()
			}
		}
	}()
	for i, listed := range tasks {
		m, policy, err := s.newMember(listed.name, listed.task, listed.options)
		if err == nil && names[listed.name] != nil {
			err = ErrDuplicateName
		}
		if err != nil {
			return &TaskError{"add", listed.name, err}
		}
		members[i], names[listed.name], policies[m] = m, m, policy
	}
	members, err = sorted(members, names)
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, m := range members {
		err := s.claim(m)
		if err == nil {
			err = s.register(m, policies[m])
		}
		if err != nil {
			return &TaskError{"add", m.name, err}
		}
	}
	return nil
}

// declareNeeds tells the machine what a task needs that was added suspended, and lets it start. All of this is of the instant
// in which the task was added, so nothing can come between.
func (s *Supervisor) declareNeeds(m *member) {
	defer s.guard()
	for _, need := range m.needs {
		s.mustFeed(input{Event: core.Event{
			Kind: core.EventNeed, Task: m.id, Other: s.registry.byName[need.name].id, Bound: need.bound,
		}})
	}
	s.engine.followNeeds(m)
	if m.said.state != saidSuspended {
		s.declaring = true
		s.mustFeed(input{Event: core.Event{Kind: core.EventResume, Task: m.id}})
		s.declaring = false
	}
}

// mustFeed feeds an event that the machine cannot refuse.
func (s *Supervisor) mustFeed(in input) {
	in.At = s.engine.machine.Now()
	if refusal := s.feed(in); refusal != core.RefusalNone {
		panic(refusalError(refusal))
	}
}

// unmet says why the task cannot have its needs, or returns nil.
func (s *Supervisor) unmet(m *member) error {
	for _, need := range m.needs {
		other := s.registry.byName[need.name]
		if need.name == m.name {
			return &CycleError{[]string{m.name, m.name}}
		}
		if other == nil {
			return &UnknownNeedError{m.name, need.name}
		}
		if status, _ := s.engine.machine.Status(other.id); status.Intent == IntentRemove {
			return &TaskError{"need", need.name, ErrBeingRemoved}
		}
	}
	return nil
}

// neededBy returns the first task that needs the member, or nil.
func (s *Supervisor) neededBy(m *member) *member {
	for _, other := range s.registry.tasks(s.trusted()) {
		if slices.ContainsFunc(other.needs, func(n need) bool { return n.name == m.name }) {
			return other
		}
	}
	return nil
}

// sorted returns the members in the order in which they are, except that one which others need goes before the first of
// those. The error is a *TaskError.
func sorted(members []*member, names map[string]*member) ([]*member, error) {
	done := make([]*member, 0, len(members))
	seen := make(map[*member]bool, len(members)) // true when all it needs is done
	var path []string
	var visit func(m *member) error
	visit = func(m *member) error {
		path = append(path, m.name)
		if over, known := seen[m]; known && !over {
			return &CycleError{slices.Clone(path[slices.Index(path, m.name):])}
		} else if !known {
			seen[m] = false
			for _, need := range m.needs {
				other := names[need.name]
				if other == nil {
					return &UnknownNeedError{m.name, need.name}
				}
				if err := visit(other); err != nil {
					return err
				}
			}
			seen[m] = true
			done = append(done, m)
		}
		path = path[:len(path)-1]
		return nil
	}
	for _, m := range members {
		if err := visit(m); err != nil {
			return nil, &TaskError{"add", m.name, err}
		}
	}
	return done, nil
}
