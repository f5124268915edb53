package explore

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/core"
)

// Where a rule is left to apply, the settlement says so. Each case is a state that no machine should ever be in, and the same
// state put right.
func TestSettlementFindsWhatIsLeftToDo(t *testing.T) {
	up := core.TaskStatus{Status: core.StatusHealthy}
	starting := core.TaskStatus{Status: core.StatusStarting}
	dead := core.TaskStatus{Status: core.StatusDead}
	stopping := core.TaskStatus{Status: core.StatusStopping, Intent: core.IntentKill}
	marked := core.TaskStatus{Status: core.StatusHealthy, Intent: core.IntentStartAgain}
	held := core.TaskStatus{Status: core.StatusFailed, Wait: core.WaitOthersStopped}
	delayed := core.TaskStatus{Status: core.StatusFailed, Wait: core.WaitDelay}
	turn := core.TaskStatus{Status: core.StatusCreated, Wait: core.WaitTurn}
	suspended := core.TaskStatus{Status: core.StatusCreated, Wait: core.WaitSuspended, Suspended: true}
	missing := core.TaskStatus{Status: core.StatusCreated, Wait: core.WaitNeed, Need: 1}
	wrong := core.TaskStatus{Status: core.StatusCreated, Wait: core.WaitNeed, Need: 2}
	all := settlement{ordered: true, reverse: true}
	rest := settlement{ordered: true, reverse: true, rest: true}
	together := settlement{ordered: true}
	for _, test := range []struct {
		problem   string
		rules     settlement
		kind      edge // of the last task to the first
		bad, good []core.TaskStatus
	}{
		{"is bound to a task that is down, and is not to be stopped", settlement{}, edgeBound, tasks(dead, up), tasks(up, up)},
		{"is to be stopped, could be, and is not", settlement{}, edgeNeed, tasks(marked, up), tasks(marked, stopping)},
		{"is to be stopped, could be, and is not", all, edgeNone, tasks(marked, up), tasks(marked, stopping)},
		{"is to be stopped, could be, and is not", together, edgeNone, tasks(marked, stopping), tasks(up, stopping)},
		{"waits for quiet, and it is quiet", settlement{}, edgeNeed, tasks(held, up, up), tasks(held, up, stopping)},
		{"waits for quiet, and it is quiet", all, edgeNone, tasks(held, dead), tasks(held, stopping)},
		{"could start, and waits", settlement{}, edgeNeed, tasks(up, turn), tasks(dead, missing)},
		{"could start, and waits", all, edgeNone, tasks(up, turn, up), tasks(up, turn, delayed)},
		{"could start, and waits", rest, edgeNone, tasks(up, turn, delayed), tasks(delayed, turn, up)},
		{"could start, and waits", rest, edgeNone, tasks(up, turn, starting), tasks(starting, turn, up)},
		{"could start, and waits", rest, edgeNone, tasks(up, turn, up), tasks(up, turn, stopping)},
		{"waits for need #0, and says for need #0", settlement{}, edgeNeed, tasks(dead, wrong), tasks(dead, missing)},
		{"waits for turn #0, and says for suspended #0", rest, edgeNone, tasks(starting, resumed(suspended)), tasks(starting, suspended)},
	} {
		require.Equal(t, test.problem, firstProblem(test.rules, test.kind, test.bad))
		require.Empty(t, firstProblem(test.rules, test.kind, test.good), test.problem)
	}
}

func tasks(list ...core.TaskStatus) []core.TaskStatus { return list }

// resumed returns the status of a task that says it is suspended, and is not.
func resumed(t core.TaskStatus) core.TaskStatus {
	t.Suspended = false
	return t
}

// firstProblem numbers the tasks from 1 and looks at all of them.
func firstProblem(s settlement, kind edge, list []core.TaskStatus) string {
	s.phase, s.tasks = core.PhaseRunning, append([]core.TaskStatus{}, list...)
	s.edges[len(list)-1][0] = kind
	for i := range s.tasks {
		s.tasks[i].Task = core.TaskID(i + 1)
	}
	for i := range s.tasks {
		if problem := s.problem(i); problem != "" {
			return problem
		}
	}
	return ""
}
