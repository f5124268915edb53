package proptest

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/core"
	"github.com/tasksupervisor/tasksupervisor/core/scenario"
)

// A case written as a scenario, read again and played gives what the oracle decides for the case: a failure that is
// pasted is the failure that was found.
func TestScenarioOfACasePlays(t *testing.T) {
	Check(t, Cases(), func(c Case, _ *rand.Rand) error {
		text := c.Scenario().Append(nil)
		read, err := scenario.Parse(text)
		if err != nil {
			return err
		}
		if again := read.Append(nil); !slices.Equal(text, again) {
			return fmt.Errorf("written, read and written again:\n%s", again)
		}
		m, err := read.Play()
		if err != nil {
			return err
		}
		original := machine(c)
		for _, ev := range c.Events {
			original.Step(nil, ev)
		}
		if m.Digest() != original.Digest() {
			return fmt.Errorf("the scenario leads to another digest than the case")
		}
		return nil
	})
}

// A minimal case has nothing that could be left out, and its tasks are still the ones that were meant.
func TestMinimize(t *testing.T) {
	secondTaskDies := func(c Case) bool {
		m := machine(c)
		for _, ev := range c.Events {
			for _, a := range m.Step(nil, ev) {
				if a.Why == core.ReasonExhausted && a.Run == 2 {
					return true
				}
			}
		}
		return false
	}
	policies := []core.Policy{core.DefaultPolicy(), core.DefaultPolicy()}
	policies[1].MaxAttempts = 1
	policies[1].Significant = false
	const first, second = core.TaskID(1 << 24), core.TaskID(2<<24 | 1)
	c := Case{
		Config: core.Config{Policies: policies, Seed: 7, StopOrder: core.StopReverse},
		Events: []core.Event{
			{Kind: core.EventAdd},
			{Kind: core.EventAdd, Policy: 1},
			{Kind: core.EventStart},
			{Kind: core.EventExit, Task: first, Run: 1, Exit: core.ExitOK},
			{Kind: core.EventExit, Task: second, Run: 1, Exit: core.ExitError},
			{Kind: core.EventTick, At: 5e9},
			{Kind: core.EventExit, Task: second, Run: 2, Exit: core.ExitPanic, At: 6e9},
			{Kind: core.EventShutdown, At: 7e9},
		},
	}
	require.True(t, secondTaskDies(c))

	smallest := Minimize(c, secondTaskDies)

	policies[1] = core.DefaultPolicy()
	policies[1].MaxAttempts = 1
	require.Equal(t, Case{
		Config: core.Config{Policies: policies},
		Events: []core.Event{
			{Kind: core.EventAdd, Policy: 1},
			{Kind: core.EventStart},
			{Kind: core.EventExit, Task: first, Run: 1, Exit: core.ExitError},
			{Kind: core.EventExit, Task: first, Run: 2, Exit: core.ExitPanic, At: 6e9},
		},
	}, smallest)
}
