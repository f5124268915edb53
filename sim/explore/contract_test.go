package explore

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/core"
)

// The contract clauses below are tested with every event in every state of some models. They compare it with the transition
// that an exploration takes, which has to be one that does not believe in them.

// exploreWith explores with one more invariant, which reports whether it had anything to check.
func exploreWith(t *testing.T, name string, check func(*Transition) (checked bool, err error)) {
	for _, model := range []string{
		"one-always", "two", "replace", "threshold-zero", "reverse", "watchdog", "probe", "policies", "all-suspend",
		"all-ready", "rest-rate", "needs-all",
	} {
		t.Run(model, func(t *testing.T) {
			count := 0
			result, err := Run(namedModel(t, model), Options{MaxStates: statesMax(), Thorough: true, Invariants: []Invariant{{name, func(tr *Transition) error {
				checked, err := check(tr)
				if checked {
					count++
				}
				return err
			}}}})
			require.NoError(t, err)
			if result.Violation != nil {
				require.Fail(t, result.Violation.Error(), "%s", result.Violation.Scenario)
			}
			require.Greater(t, count, result.Transitions/30)
		})
	}
}

// sameStep compares a transition with what another way to the same end gave.
func sameStep(tr *Transition, actions []core.Action, m *core.Machine) error {
	if !slices.Equal(actions, tr.Actions) {
		return fmt.Errorf("actions are %v, not %v", actions, tr.Actions)
	}
	if m.Digest() != tr.After.Digest() {
		return errors.New("the state is another one")
	}
	return nil
}

func TestD2PastCountsAsNowInEveryState(t *testing.T) {
	var fork core.Machine
	var actions []core.Action
	exploreWith(t, "D2", func(tr *Transition) (bool, error) {
		if tr.Event.At != tr.Before.Now() {
			return false, nil
		}
		event := tr.Event
		event.At -= 5
		fork.CopyFrom(tr.Before)
		actions = fork.Step(actions[:0], event)
		return true, sameStep(tr, actions, &fork)
	})
}

func TestD3TimersFireFirstInEveryState(t *testing.T) {
	var fork core.Machine
	var actions []core.Action
	exploreWith(t, "D3", func(tr *Transition) (bool, error) {
		deadline, ok := tr.Before.NextDeadline()
		if !ok || deadline > tr.Event.At || tr.Event.Kind == core.EventTick {
			return false, nil
		}
		fork.CopyFrom(tr.Before)
		actions = actions[:0]
		for ok && deadline <= tr.Event.At {
			actions = fork.Step(actions, core.Event{Kind: core.EventTick, At: deadline})
			deadline, ok = fork.NextDeadline()
		}
		actions = fork.Step(actions, tr.Event)
		return true, sameStep(tr, actions, &fork)
	})
}

func TestD4TickRefinementInEveryState(t *testing.T) {
	var fork core.Machine
	var actions []core.Action
	exploreWith(t, "D4", func(tr *Transition) (bool, error) {
		if tr.Event.At <= tr.Before.Now() {
			return false, nil
		}
		fork.CopyFrom(tr.Before)
		actions = fork.Step(actions[:0], core.Event{Kind: core.EventTick, At: tr.Event.At - 1})
		actions = fork.Step(actions, core.Event{Kind: core.EventTick, At: tr.Event.At})
		actions = fork.Step(actions, tr.Event)
		return true, sameStep(tr, actions, &fork)
	})
}

func TestD7RestoredMachineContinuesInEveryState(t *testing.T) {
	var restored core.Machine
	var snapshot []byte
	var actions []core.Action
	exploreWith(t, "D7", func(tr *Transition) (bool, error) {
		if tr.Event.Kind != core.EventExit || tr.Event.Exit != core.ExitError {
			return false, nil
		}
		snapshot, _ = tr.Before.AppendBinary(snapshot[:0])
		if err := restored.UnmarshalBinary(snapshot); err != nil {
			return true, err
		}
		actions = restored.Step(actions[:0], tr.Event)
		return true, sameStep(tr, actions, &restored)
	})
}
