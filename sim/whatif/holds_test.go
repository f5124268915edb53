package whatif_test

import (
	"bytes"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/core"
	"github.com/tasksupervisor/tasksupervisor/core/scenario"
	"github.com/tasksupervisor/tasksupervisor/sim/whatif"
)

// gated records a task whose driver holds it while it runs, and asks a gate before each start: it runs for five seconds at a time, and
// its gate is shut for a time after its second run.
func gated(t *testing.T, shut core.Duration) *scenario.Scenario {
	t.Helper()
	policy := core.DefaultPolicy()
	policy.BaseDelay, policy.MaxAttempts, policy.Factor = 10*time.Second, core.Unlimited, 1
	machine, err := core.New(core.Config{Policies: []core.Policy{policy}})
	require.NoError(t, err)
	var text bytes.Buffer
	recorder := scenario.NewRecorder(&text, machine)
	actions := recorder.Add(nil, "web", core.Event{Kind: core.EventAdd, Held: true})
	web, now := actions[0].Task, core.Instant(0)
	step := func(ev core.Event) { recorder.Step(nil, ev) }
	step(core.Event{Kind: core.EventStart})
	for run := range core.Run(6) {
		if run == 2 {
			now += core.Instant(shut)
		}
		step(core.Event{At: now, Kind: core.EventRelease, Task: web})
		step(core.Event{At: now, Kind: core.EventHold, Task: web})
		now += core.Instant(5 * time.Second)
		step(core.Event{At: now, Kind: core.EventExit, Task: web, Run: run + 1, Exit: core.ExitError})
		now += core.Instant(10 * time.Second)
		step(core.Event{At: now, Kind: core.EventTick})
	}
	s, err := scenario.Parse(text.Bytes())
	require.NoError(t, err)
	return s
}

// A hold that was said beforehand, and for which the task did not wait, keeps it from nothing under another policy.
func TestAHoldForWhichATaskDidNotWait(t *testing.T) {
	outcomes, err := whatif.Replay(gated(t, 0), []whatif.Case{
		{Name: "as it is"},
		{Name: "sooner", Policy: func(p *core.Policy) { p.BaseDelay = time.Second }},
	})
	require.NoError(t, err)
	require.Equal(t, 5, outcomes[0].Restarts)
	require.Equal(t, 60*time.Second, outcomes[0].Down)
	require.Greater(t, outcomes[1].Restarts, 10)
	require.Less(t, outcomes[1].Down, 20*time.Second)
}

// One for which it waited keeps it from starting for as long, and not before.
func TestAHoldForWhichATaskWaited(t *testing.T) {
	const shut = 30 * time.Second
	outcomes, err := whatif.Replay(gated(t, shut), []whatif.Case{
		{Name: "as it is"},
		{Name: "sooner", Policy: func(p *core.Policy) { p.BaseDelay = time.Second }},
	})
	require.NoError(t, err)
	require.Equal(t, 5, outcomes[0].Restarts)
	require.Equal(t, 60*time.Second+shut, outcomes[0].Down)
	require.Greater(t, outcomes[1].Down, shut-6*time.Second)
	require.Less(t, outcomes[1].Down, shut+20*time.Second)
}
