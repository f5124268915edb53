package supervisor

import (
	"fmt"
	"slices"
	"strings"
)

// TreeNode is one task of a tree of supervisors, see [Supervisor.Tree].
type TreeNode struct {
	Path       string      // the names from the root supervisor down to the task, separated by slashes
	Depth      int         // 0 for a task of the supervisor that was asked, 1 for one of a supervisor below it, and so on
	Supervisor *Supervisor // whose task it is
	Inside     *Supervisor // the supervisor that the task is or runs, whose tasks follow; nil if there is none, of several the latest
	Phase      Phase       // of the supervisor inside
	Strategy   Strategy    // of the supervisor inside
	StopOrder  StopOrder   // of the supervisor inside
	Totals     Totals      // what has happened to the task since it was added
	TaskStatus
}

// String explains the status in one line, indented by the depth.
func (n TreeNode) String() string {
	text := strings.Repeat("  ", n.Depth) + n.TaskStatus.String()
	if n.Inside != nil {
		text += fmt.Sprintf(" [supervisor %v", n.Phase)
		if n.Strategy != OneForOne {
			text += ", " + n.Strategy.String()
		}
		text += "]"
	}
	return text
}

// Tree returns the status of every task of the whole tree, in the order in which the tasks were added. The tasks of a nested
// supervisor follow the task that is, or runs, that supervisor. Each supervisor's part is of one instant. It
// never waits for a task.
func (s *Supervisor) Tree() []TreeNode {
	if s.made() != nil {
		return nil
	}
	return s.appendTree(nil, s.Path(), 0)
}

// appendTree appends the tasks, and those of the supervisors in them. The path comes from above, because a supervisor that
// never ran does not know it.
func (s *Supervisor) appendTree(dst []TreeNode, path string, depth int) []TreeNode {
	statuses, totals, inside := s.treeHere()
	dst = slices.Grow(dst, len(statuses))
	for i, status := range statuses {
		node := TreeNode{Path: join(path, status.Name), Depth: depth, Supervisor: s, Totals: totals[i], TaskStatus: status}
		first := len(dst)
		dst = append(dst, node)
		for _, in := range inside[i] {
			dst[first].Inside, dst[first].Phase = in.supervisor, in.supervisor.Phase()
			dst[first].Strategy, dst[first].StopOrder = in.supervisor.Strategy(), in.supervisor.StopOrder()
			dst = in.supervisor.appendTree(dst, join(node.Path, in.name), depth+1)
		}
	}
	return dst
}

// treeHere returns the statuses and totals of the tasks, and the supervisors in them by index.
func (s *Supervisor) treeHere() (statuses []TaskStatus, totals []Totals, inside map[int][]insideTask) {
	s.mu.Lock()
	defer s.mu.Unlock()
	statuses = s.appendStatuses(nil)
	totals = make([]Totals, len(statuses))
	inside = make(map[int][]insideTask)
	for i := range statuses {
		m := s.registry.byName[statuses[i].Name]
		totals[i] = m.totals(statuses[i].At)
		if in := m.inside(); in != nil {
			inside[i] = in
		}
	}
	return statuses, totals, inside
}

// insideTask is a supervisor in a task. It is the task itself, or else has a name of its own below the task's, which may be
// empty.
type insideTask struct {
	supervisor *Supervisor
	name       string
}

// inside returns the supervisor that the task is, or that was made for its latest run, or else those that its code runs, the
// latest last.
func (m *member) inside() (in []insideTask) {
	if child, ok := m.task.(*Supervisor); ok {
		return []insideTask{{child, ""}}
	}
	for _, place := range slices.Backward(m.nested) {
		switch child, running, ok := place.stays(); {
		case !ok:
		case place.asTask:
			return []insideTask{{child, ""}}
		case running || len(in) == 0:
			in = append(in, insideTask{child, child.settings.name})
		}
	}
	slices.Reverse(in)
	return in
}

// andBelow appends the supervisor and all those in its tasks, down to the leaves.
func (s *Supervisor) andBelow(dst []*Supervisor) []*Supervisor {
	dst = append(dst, s)
	for _, child := range s.below() {
		dst = child.andBelow(dst)
	}
	return dst
}

// below returns the supervisors that the tasks are, or have in them.
func (s *Supervisor) below() (children []*Supervisor) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, m := range s.members() {
		is, _ := m.task.(*Supervisor)
		if is != nil {
			children = append(children, is)
		}
		for _, place := range m.nested {
			if child, _, ok := place.stays(); ok && child != is {
				children = append(children, child)
			}
		}
	}
	return children
}

// locate finds the supervisor to which a path leads, and what that calls the task at the path's end. A path may begin
// with the supervisor's own. If it leads nowhere, the name is one that does not exist.
func (s *Supervisor) locate(path string) (at *Supervisor, name string) {
	if !strings.Contains(path, "/") {
		return s, path
	}
	at, name, found := s.find(path)
	if rest, ok := strings.CutPrefix(path, s.Path()+"/"); ok && !found {
		at, name, _ = s.find(rest)
	}
	return at, name
}

// find is locate for paths from here.
func (s *Supervisor) find(path string) (at *Supervisor, name string, found bool) {
	for {
		first, rest, deeper := strings.Cut(path, "/")
		if !deeper {
			return s, path, s.has(path)
		}
		child, rest := s.enter(first, rest)
		if child == nil {
			return s, path, false
		}
		s, path = child, rest
	}
}

func (s *Supervisor) has(name string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.registry.byName[name] != nil
}

// enter returns the supervisor inside a task to which the rest of a path leads, and what is left of the path there. One that
// the task's code runs under a name of its own goes before those without; of several the latest.
func (s *Supervisor) enter(name, path string) (child *Supervisor, rest string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	m := s.registry.byName[name]
	if m == nil {
		return nil, ""
	}
	for _, in := range m.inside() {
		if in.name == "" {
			if child == nil || rest == path {
				child, rest = in.supervisor, path
			}
		} else if below, ok := strings.CutPrefix(path, in.name+"/"); ok {
			child, rest = in.supervisor, below
		}
	}
	return child, rest
}
