package supervisor

import (
	"fmt"
	"slices"
	"strings"
)

// TreeNode is one task of a tree of supervisors, see [Supervisor.Tree].
type TreeNode struct {
	Path   string      // the names from the root supervisor down to the task, separated by slashes
	Depth  int         // 0 for a task of the supervisor that was asked, 1 for one of a supervisor below it, and so on
	Inside *Supervisor // the supervisor that the task is or has in it, whose tasks follow; nil if there is none
	Phase  Phase       // of that supervisor
	TaskStatus
}

// String explains the status in one line, indented by the depth.
func (n TreeNode) String() string {
	text := strings.Repeat("  ", n.Depth) + n.TaskStatus.String()
	if n.Inside != nil {
		text += fmt.Sprintf(" [supervisor %v]", n.Phase)
	}
	return text
}

// Tree returns the status of every task of the whole tree, in the order in which the tasks were added. The tasks of a nested
// supervisor follow the task that is, or runs, that supervisor. Each supervisor's part is of one instant. It
// never waits for a task.
func (s *Supervisor) Tree() []TreeNode { return s.appendTree(nil, s.Path(), nil) }

// appendTree appends the tasks, and those of supervisors in them other than the ones above, because a supervisor can be
// added to itself, though it will not run there. The path comes from above, because a supervisor that never ran does not
// know it.
func (s *Supervisor) appendTree(dst []TreeNode, path string, above []*Supervisor) []TreeNode {
	statuses, inside := s.treeHere()
	above = append(above, s)
	for i, status := range statuses {
		node := TreeNode{Path: join(path, status.Name), Depth: len(above) - 1, TaskStatus: status}
		if child := inside[i]; child == nil || slices.Contains(above, child) {
			dst = append(dst, node)
		} else {
			node.Inside, node.Phase = child, child.Phase()
			dst = child.appendTree(append(dst, node), node.Path, above)
		}
	}
	return dst
}

// treeHere returns the statuses of the tasks, and the supervisors in them by index.
func (s *Supervisor) treeHere() (statuses []TaskStatus, inside map[int]*Supervisor) {
	s.mu.Lock()
	defer s.mu.Unlock()
	statuses = s.appendStatuses(nil)
	inside = make(map[int]*Supervisor)
	for i := range statuses {
		if child := s.inside(s.registry.byName[statuses[i].Name]); child != nil {
			inside[i] = child
		}
	}
	return statuses, inside
}

// inside returns the supervisor that the member is, or else the latest that began to run in a run of it, or nil.
func (s *Supervisor) inside(m *member) *Supervisor {
	if child, ok := m.task.(*Supervisor); ok {
		return child
	}
	if children := m.nested; len(children) > 0 {
		return children[len(children)-1]
	}
	return nil
}

// andBelow appends the supervisor and all those in its tasks, down to the leaves.
func (s *Supervisor) andBelow(dst []*Supervisor) []*Supervisor {
	if slices.Contains(dst, s) {
		return dst
	}
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
		if child, ok := m.task.(*Supervisor); ok {
			children = append(children, child)
		}
		children = append(children, m.nested...)
	}
	return children
}

// locate finds the supervisor to which a path leads, and what that calls the task at the path's end. A path may begin
// with the supervisor's own. If it leads nowhere, the name is one that does not exist.
func (s *Supervisor) locate(path string) (at *Supervisor, name string) {
	if strings.IndexByte(path, '/') < 0 {
		return s, path
	}
	at, name, found := s.find(path)
	if rest, ok := strings.CutPrefix(path, s.Path()+"/"); ok && !found {
		at, name, _ = s.find(rest)
	}
	return at, name
}

// find is locate for paths from here. Where names have slashes in them, the whole of what is left comes first, then the
// shortest name that leads on.
func (s *Supervisor) find(path string) (at *Supervisor, name string, found bool) {
	child, rest, here := s.descend(path)
	if child == nil {
		return s, path, here
	}
	return child.find(rest)
}

// descend returns the supervisor inside the first task of a path and the rest of the path, unless the path leads to a task
// here, or nowhere.
func (s *Supervisor) descend(path string) (child *Supervisor, rest string, here bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.registry.byName[path] != nil {
		return nil, "", true
	}
	for i := range len(path) {
		if path[i] != '/' {
			continue
		}
		if m := s.registry.byName[path[:i]]; m != nil {
			if child := s.inside(m); child != nil {
				return child, path[i+1:], false
			}
		}
	}
	return nil, "", false
}
