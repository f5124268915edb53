package session

import (
	"fmt"
	"strings"
	"time"

	"github.com/tasksupervisor/tasksupervisor/adapters/process/cmd/taskvisor/internal/screen"
	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
)

// shownWaits is how many tasks are named.
const shownWaits = 4

// waitsOf says which tasks run while all is to stop: those that are stopping, with their process and how long it is until they are killed,
// and how many have yet to be asked to, because others stop before them.
func waitsOf(tree []supervisor.TreeNode, pid func(path string) int) string {
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
				named = append(named, waitOf(node, pid))
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

func waitOf(node *supervisor.TreeNode, pid func(path string) int) string {
	var about []string
	if pid != nil {
		if number := pid(node.Path); number > 0 {
			about = append(about, fmt.Sprintf("pid %d", number))
		}
	}
	if node.Until != supervisor.Never {
		about = append(about, "SIGKILL in "+screen.Duration(killIn(node)))
	}
	if len(about) == 0 {
		return node.Path
	}
	return node.Path + " (" + strings.Join(about, ", ") + ")"
}

// killIn returns how long it is until a task's processes are killed: supervisor.GracePeriod ends a tenth of the stop timeout before
// that does, or a second if that is less.
func killIn(node *supervisor.TreeNode) time.Duration {
	timeout, left := time.Duration(node.Until-node.Since), time.Duration(node.Until-node.At)
	left -= min(timeout/10, time.Second)
	if left > time.Second {
		return left.Round(time.Second)
	}
	return max(0, left)
}
