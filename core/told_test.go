package core_test

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/core"
)

// Every change is told by an action, a pending stop too: who hears the actions alone knows of every task its status,
// whether a stop is pending, and what is intended with it.
func TestActionsTellEveryChange(t *testing.T) {
	pending, followed := 0, map[core.Intent]int{}
	eachHistory(t, nil, func(t *testing.T, _ *rand.Rand, h *history) {
		machine := h.machine(t)
		known := listener{}
		for i, event := range h.events {
			machine.Step(nil, event)
			for _, action := range h.actions[i] {
				known.hear(t, &action)
			}
			require.Len(t, known, machine.Counts().Total)
			for status := range machine.Tasks() {
				heard := known[status.Task]
				require.Equal(t, status.Status, heard.status, "%v after %+v", status.Task, h.actions[i])
				if status.Intent == core.IntentRetire { // that depends on the policy, of which actions say nothing
					require.Contains(t, []core.Intent{core.IntentStartAgain, core.IntentRetry}, heard.intent)
				} else {
					require.Equal(t, status.Intent, heard.intent, "%v after %+v", status.Task, h.actions[i])
				}
				followed[status.Intent]++
				if stopPending(heard.status, heard.intent) {
					pending++
				}
			}
		}
	})
	require.NotZero(t, pending)
	for intent := range core.ValuesFrom(core.IntentRestart) {
		require.NotZero(t, followed[intent], "%v", intent)
	}
}

// listener is what the actions so far have told of each task.
type listener map[core.TaskID]heard

type heard struct {
	status core.Status
	intent core.Intent
}

func (l listener) hear(t *testing.T, a *core.Action) {
	t.Helper()
	if a.Kind == core.ActionReject || a.Kind == core.ActionHalt {
		return
	}
	before := l[a.Task]
	require.Equal(t, before.status, a.From, "%+v", a)
	after := heard{a.To, intentAfter(before.intent, a)}
	if after.status == core.StatusNone {
		delete(l, a.Task)
	} else {
		l[a.Task] = after
	}
}

// intentAfter reads from an action what is intended with a task that it concerns.
func intentAfter(before core.Intent, a *core.Action) core.Intent {
	switch {
	case a.To == core.StatusStopping, a.To == core.StatusAbandoned:
	case (a.To == core.StatusHealthy || a.To == core.StatusStarting) && a.Kind != core.ActionStart: // a stop may be pending
	default:
		return core.IntentNone
	}
	switch a.Why {
	case core.ReasonRestarted:
		return core.IntentRestart
	case core.ReasonKilled:
		return core.IntentKill
	case core.ReasonRemoved:
		return core.IntentRemove
	case core.ReasonSuspended:
		return core.IntentSuspend
	case core.ReasonResumed, core.ReasonSibling, core.ReasonDependency:
		return core.IntentStartAgain
	case core.ReasonSupervisorStop:
		return core.IntentHalt
	case core.ReasonStartTimeout, core.ReasonWatchdog:
		hangs := a.Kind == core.ActionStop
		if hangs && (before == core.IntentNone || before == core.IntentStartAgain) {
			return core.IntentRetry
		}
	}
	return before
}

// stopPending reports whether a task runs that is to be stopped.
func stopPending(status core.Status, intent core.Intent) bool {
	return intent != core.IntentNone && (status == core.StatusHealthy || status == core.StatusStarting)
}
