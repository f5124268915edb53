package checkers_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/core"
	"github.com/tasksupervisor/tasksupervisor/sim/checkers"
)

const (
	first  core.TaskID = 1 << 24
	second core.TaskID = 2<<24 | 1
)

func at(seconds int, ev core.Event) core.Event {
	ev.At = core.Instant(seconds) * core.Instant(time.Second)
	return ev
}

func add() core.Event                                { return core.Event{Kind: core.EventAdd} }
func start() core.Event                              { return core.Event{Kind: core.EventStart} }
func tick() core.Event                               { return core.Event{Kind: core.EventTick} }
func down() core.Event                               { return core.Event{Kind: core.EventShutdown} }
func kill(id core.TaskID) core.Event                 { return core.Event{Kind: core.EventKill, Task: id} }
func restart(id core.TaskID) core.Event              { return core.Event{Kind: core.EventRestart, Task: id} }
func remove(id core.TaskID) core.Event               { return core.Event{Kind: core.EventRemove, Task: id} }
func fail(id core.TaskID, run core.Run) core.Event   { return exit(id, run, core.ExitError) }
func finish(id core.TaskID, run core.Run) core.Event { return exit(id, run, core.ExitOK) }
func exit(id core.TaskID, run core.Run, how core.ExitKind) core.Event {
	return core.Event{Kind: core.EventExit, Task: id, Run: run, Exit: how}
}

// forgery is a trace whose last step is not what the machine decided.
type forgery struct {
	name    string
	config  core.Config
	checker checkers.Checker
	events  []core.Event
	forge   func(actions []core.Action) []core.Action // of the last step
	problem string
	actual  *core.Config // what the machine has in truth; nil: config
}

// Each checker catches a violation of its invariant: a forged last step after a true beginning.
func TestCheckersCatchForgeries(t *testing.T) {
	for _, f := range forgeries() {
		t.Run(f.name, func(t *testing.T) {
			m, err := core.New(f.config)
			require.NoError(t, err)
			suite := checkers.NewSuite(f.checker)
			suite.Begin(m)
			if f.actual != nil {
				m, err = core.New(*f.actual)
				require.NoError(t, err)
			}
			for i, ev := range f.events {
				actions := m.Step(nil, ev)
				if i < len(f.events)-1 {
					require.NoError(t, suite.Observe(m, ev, actions))
					continue
				}
				err := suite.Observe(m, ev, f.forge(actions))
				var violation *checkers.Violation
				require.ErrorAs(t, err, &violation)
				require.Equal(t, f.checker.Name(), violation.Invariant)
				require.Equal(t, ev, violation.Event)
				require.ErrorContains(t, violation.Problem, f.problem)
			}
		})
	}
}

// change returns a forgery of one action.
func change(i int, forge func(a *core.Action)) func([]core.Action) []core.Action {
	return func(actions []core.Action) []core.Action {
		forge(&actions[i])
		return actions
	}
}

func truth(actions []core.Action) []core.Action { return actions }

func nothing([]core.Action) []core.Action { return nil }

// twice repeats the last action.
func twice(actions []core.Action) []core.Action { return append(actions, actions[len(actions)-1]) }

// startsToo adds the start of a run.
func startsToo(id core.TaskID, run core.Run, from core.Status, why core.Reason) func([]core.Action) []core.Action {
	return func(actions []core.Action) []core.Action {
		return append(actions, core.Action{
			At: actions[0].At, Until: core.Never, Task: id, Run: run, Kind: core.ActionStart, From: from, To: core.StatusHealthy, Why: why,
		})
	}
}
