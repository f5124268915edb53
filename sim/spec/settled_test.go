package spec_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/core"
	"github.com/tasksupervisor/tasksupervisor/sim/spec"
)

type edge int

const (
	none edge = iota
	needs
	bound
)

// Where a rule is left to apply, LeftToDo says so. Each case is a state in which no machine may be, and the same state put
// right.
func TestLeftToDo(t *testing.T) {
	up := core.TaskStatus{Status: core.StatusHealthy}
	starting := core.TaskStatus{Status: core.StatusStarting}
	dead := core.TaskStatus{Status: core.StatusDead}
	stopping := core.TaskStatus{Status: core.StatusStopping, Intent: core.IntentKill}
	pending := core.TaskStatus{Status: core.StatusHealthy, Intent: core.IntentStartAgain}
	failed := core.TaskStatus{Status: core.StatusFailed, Wait: core.WaitOthersStopped}
	delayed := core.TaskStatus{Status: core.StatusFailed, Wait: core.WaitDelay}
	turn := core.TaskStatus{Status: core.StatusCreated, Wait: core.WaitTurn}
	suspended := core.TaskStatus{Status: core.StatusCreated, Wait: core.WaitSuspended, Suspended: true}
	resumed := core.TaskStatus{Status: core.StatusCreated, Wait: core.WaitSuspended}
	unmet := core.TaskStatus{Status: core.StatusCreated, Wait: core.WaitNeed, Need: id(0)}
	wrong := core.TaskStatus{Status: core.StatusCreated, Wait: core.WaitNeed, Need: id(1)}
	one, all, rest := core.Config{}, core.Config{Strategy: core.OneForAll}, core.Config{Strategy: core.RestForOne}
	together := core.Config{Strategy: core.OneForAll, StopOrder: core.StopTogether}
	for _, test := range []struct {
		problem   string
		config    core.Config
		edge      edge // of the last task to the first
		bad, good []core.TaskStatus
	}{
		{"runs on, and is bound to task #1, which is down", one, bound, tasks(dead, up), tasks(up, up)},
		{"has a stop pending that nothing blocks, and is not asked to stop", one, needs, tasks(pending, up), tasks(pending, stopping)},
		{"has a stop pending that nothing blocks, and is not asked to stop", all, none, tasks(pending, up), tasks(pending, stopping)},
		{"has a stop pending that nothing blocks, and is not asked to stop", together, none, tasks(pending, stopping), tasks(up, stopping)},
		{"waits for others to stop, and none is left", one, needs, tasks(failed, up, up), tasks(failed, up, stopping)},
		{"waits for others to stop, and none is left", all, none, tasks(failed, dead), tasks(failed, stopping)},
		{"can start, and waits", one, needs, tasks(up, turn), tasks(dead, unmet)},
		{"can start, and waits", all, none, tasks(up, turn, up), tasks(up, turn, delayed)},
		{"can start, and waits", rest, none, tasks(up, turn, delayed), tasks(delayed, turn, up)},
		{"can start, and waits", rest, none, tasks(up, turn, starting), tasks(starting, turn, up)},
		{"can start, and waits", rest, none, tasks(up, turn, up), tasks(up, turn, stopping)},
		{"waits for need #1, and says for need #2", one, needs, tasks(dead, wrong), tasks(dead, unmet)},
		{"waits for turn #0, and says for suspended #0", rest, none, tasks(starting, resumed), tasks(starting, suspended)},
	} {
		require.Equal(t, test.problem, firstProblem(test.config, test.edge, test.bad))
		require.Empty(t, firstProblem(test.config, test.edge, test.good), test.problem)
	}
}

func tasks(list ...core.TaskStatus) []core.TaskStatus { return list }

// id returns the id of the task at an index.
func id(i int) core.TaskID { return core.TaskID((i+1)<<24 | i) }

// firstProblem numbers the tasks and looks at all of them.
func firstProblem(cfg core.Config, last edge, list []core.TaskStatus) string {
	s := spec.Supervisor{Config: cfg, Phase: core.PhaseRunning, Tasks: append([]core.TaskStatus{}, list...)}
	for i := range s.Tasks {
		s.Tasks[i].Task = id(i)
	}
	if last != none {
		s.Needs.Connect(id(len(list)-1), id(0), last == bound)
	}
	for i := range s.Tasks {
		if problem := s.LeftToDo(&s.Tasks[i]); problem != "" {
			return problem
		}
	}
	return ""
}
