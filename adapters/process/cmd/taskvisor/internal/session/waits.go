package session

import (
	"fmt"
	"strings"

	"github.com/tasksupervisor/tasksupervisor/adapters/process/cmd/taskvisor/internal/control"
	"github.com/tasksupervisor/tasksupervisor/adapters/process/cmd/taskvisor/internal/screen"
	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
)

// shownWaits is how many tasks are named.
const shownWaits = 4

// waits says which tasks run while all is to stop: those that are stopping, with their process and how long it is until they are killed,
// and how many have yet to be asked to, because others stop before them.
func (s *Session) waits() string {
	tree := s.Supervisor.Tree()
	var named []string
	stopping, later := 0, 0
	for i := range tree {
		node := &tree[i]
		switch {
		case node.Inside != nil, !node.Live:
		case node.Status != supervisor.StatusStopping:
			later++
		default:
			if stopping++; stopping <= shownWaits {
				named = append(named, s.waitOf(node))
			}
		}
	}
	if stopping > shownWaits {
		named = append(named, fmt.Sprintf("%d others", stopping-shownWaits))
	}
	text := strings.Join(named, ", ")
	switch {
	case later == 0:
	case text == "":
		text = fmt.Sprintf("%d to be stopped", later)
	default:
		text += fmt.Sprintf("; %d more after that", later)
	}
	return text
}

func (s *Session) waitOf(node *supervisor.TreeNode) string {
	var about []string
	if s.PID != nil {
		if number := s.PID(node.Path); number > 0 {
			about = append(about, fmt.Sprintf("pid %d", number))
		}
	}
	if left, killed := control.KillIn(&node.TaskStatus, s.Reserve); killed {
		about = append(about, "SIGKILL in "+screen.Duration(left))
	}
	if len(about) == 0 {
		return node.Path
	}
	return node.Path + " (" + strings.Join(about, ", ") + ")"
}
