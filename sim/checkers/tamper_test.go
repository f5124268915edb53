package checkers_test

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/core"
	"github.com/tasksupervisor/tasksupervisor/sim/checkers"
)

const (
	first  core.TaskID = 1 << 24
	second core.TaskID = 2<<24 | 1
	third  core.TaskID = 3<<24 | 2
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
func lose(id core.TaskID, run core.Run) core.Event   { return exit(id, run, core.ExitLost) }
func hold(id core.TaskID) core.Event                 { return core.Event{Kind: core.EventHold, Task: id} }
func suspend(id core.TaskID) core.Event              { return core.Event{Kind: core.EventSuspend, Task: id} }
func resume(id core.TaskID) core.Event               { return core.Event{Kind: core.EventResume, Task: id} }
func limit(to core.LimitsID) core.Event              { return core.Event{Kind: core.EventLimits, Limits: to} }
func addAs(p core.PolicyID) core.Event               { return core.Event{Kind: core.EventAdd, Policy: p} }
func policy(id core.TaskID, to core.PolicyID) core.Event {
	return core.Event{Kind: core.EventPolicy, Task: id, Policy: to}
}
func need(id, other core.TaskID, bound bool) core.Event {
	return core.Event{Kind: core.EventNeed, Task: id, Other: other, Bound: bound}
}
func isReady(id core.TaskID, run core.Run) core.Event {
	return core.Event{Kind: core.EventReady, Task: id, Run: run}
}
func unready(id core.TaskID, run core.Run) core.Event {
	return core.Event{Kind: core.EventUnready, Task: id, Run: run}
}
func beat(id core.TaskID, run core.Run, within core.Duration) core.Event {
	return core.Event{Kind: core.EventBeat, Task: id, Run: run, Within: within}
}
func probed(id core.TaskID, run core.Run, how core.ExitKind) core.Event {
	return core.Event{Kind: core.EventProbe, Task: id, Run: run, Exit: how}
}
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
	secret  *secret
}

// secret is what a checker is lied to about.
type secret struct {
	config *core.Config // what the machine has; nil: what the checker is told
	told   *core.Event  // what the machine is told last; nil: what the checker is
}

func told(ev core.Event) *secret { return &secret{told: &ev} }

// running are two tasks of the first policy, started.
var running = []core.Event{add(), add(), start()}

func after(events ...core.Event) []core.Event { return slices.Concat(running, events) }

// tight are limits that every machine here knows by the id 1. By the id 2 it knows none, if it has others.
var tight = core.Limits{
	DeadThreshold: core.Fraction{Num: 1, Den: 4},
	Intensity:     core.Rate{Count: 1, Per: 10 * time.Second},
	RestartRate:   core.Rate{Count: 1, Per: 10 * time.Second},
}

// Each checker catches a violation of its invariant: a forged last step after a true beginning.
func TestCheckersCatchForgeries(t *testing.T) {
	for _, f := range forgeries() {
		t.Run(f.name, func(t *testing.T) {
			m := supervisor(t, f.config)
			suite := checkers.NewSuite(f.checker)
			suite.Begin(m)
			if f.secret != nil && f.secret.config != nil {
				m = supervisor(t, *f.secret.config)
			}
			last := len(f.events) - 1
			for _, ev := range f.events[:last] {
				require.NoError(t, suite.Observe(m, ev, m.Step(nil, ev)))
			}
			ev := f.events[last]
			told := ev
			if f.secret != nil && f.secret.told != nil {
				told = *f.secret.told
			}
			err := suite.Observe(m, ev, f.forge(m.Step(nil, told)))
			var violation *checkers.Violation
			require.ErrorAs(t, err, &violation)
			require.Equal(t, f.checker.Name(), violation.Invariant)
			require.Equal(t, ev, violation.Event)
			require.ErrorContains(t, violation.Problem, f.problem)
		})
	}
}

func supervisor(t *testing.T, cfg core.Config) *core.Machine {
	m, err := core.New(cfg)
	require.NoError(t, err)
	for _, limits := range []core.Limits{tight, {}} {
		_, err = m.DefineLimits(limits)
		require.NoError(t, err)
	}
	return m
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

// without leaves out the actions of a kind.
func without(kind core.ActionKind) func([]core.Action) []core.Action {
	return func(actions []core.Action) []core.Action {
		return slices.DeleteFunc(actions, func(a core.Action) bool { return a.Kind == kind })
	}
}

// short leaves out the last actions.
func short(n int) func([]core.Action) []core.Action {
	return func(actions []core.Action) []core.Action { return actions[:len(actions)-n] }
}

// swapped exchanges two actions.
func swapped(i, j int) func([]core.Action) []core.Action {
	return func(actions []core.Action) []core.Action {
		actions[i], actions[j] = actions[j], actions[i]
		return actions
	}
}

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
