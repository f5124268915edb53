package core_test

import (
	"maps"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/core"
)

// nth returns one of very many policies.
func nth(n int) core.Policy {
	p := core.DefaultPolicy()
	p.BaseDelay, p.StopTimeout = core.Duration(1+n%1000), core.Duration(n/1000)
	return p
}

func define(t *testing.T, machine *core.Machine, p core.Policy) core.PolicyID {
	t.Helper()
	id, err := machine.Define(p)
	require.NoError(t, err)
	return id
}

func refusal(actions []core.Action) core.Refusal {
	if len(actions) > 0 && actions[0].Kind == core.ActionReject {
		return actions[0].Refusal
	}
	return core.RefusalNone
}

// A policy is known while a task has it, and for so many later ones that come to be idle; no id comes again.
func TestPoliciesAreForgotten(t *testing.T) {
	machine := newMachine(t, core.Config{Policies: []core.Policy{nth(0), nth(1), nth(0)}})
	require.Equal(t, core.PolicyID(0), define(t, machine, nth(0)), "the first of two that are equal")
	kept, first := define(t, machine, nth(2)), define(t, machine, nth(3))
	task := machine.Step(nil, core.Event{Kind: core.EventAdd, Policy: kept})[0].Task
	require.True(t, machine.PolicyInUse(0), "it is in the configuration")
	require.True(t, machine.PolicyInUse(kept))
	require.False(t, machine.PolicyInUse(first))
	require.False(t, machine.PolicyInUse(99))

	for n := 4; n < 3+core.IdleDefinitions; n++ {
		define(t, machine, nth(n))
	}
	require.Equal(t, first, define(t, machine, nth(3)), "as many are idle as can be, and now it is the last to be forgotten")
	require.Equal(t, core.RefusalNone, refusal(machine.Step(nil, core.Event{Kind: core.EventPolicy, Task: task, Policy: first})))
	_, known := machine.Policy(kept)
	require.True(t, known, "it is idle now")
	require.Equal(t, kept+2, define(t, machine, nth(4)), "it was the oldest")
	require.Equal(t, core.RefusalNone, refusal(machine.Step(nil, core.Event{Kind: core.EventPolicy, Task: task, Policy: kept})))
	define(t, machine, nth(1000))
	_, known = machine.Policy(kept + 2)
	require.True(t, known, "to be defined again makes it the newest")
	_, known = machine.Policy(kept + 3)
	require.False(t, known, "it was the oldest then")

	digest := machine.Digest()
	for _, event := range []core.Event{
		{Kind: core.EventPolicy, Task: task, Policy: kept + 3}, {Kind: core.EventAdd, Policy: kept + 3}, {Kind: core.EventAdd, Policy: 1 << 32},
	} {
		require.Equal(t, core.RefusalUnknownPolicy, refusal(machine.Step(nil, event)))
	}
	require.Equal(t, digest, machine.Digest())
	require.Greater(t, define(t, machine, nth(5)), kept+core.IdleDefinitions, "it has another id now")
	require.Len(t, maps.Collect(machine.Policies()), 3+1+core.IdleDefinitions)
	require.NoError(t, machine.Check())
	require.Equal(t, []core.Policy{nth(0), nth(1), nth(0)}, machine.Config().Policies)
}

// To define what is in use changes nothing.
func TestDefinitionsInUseChangeNothing(t *testing.T) {
	machine := newMachine(t, core.Config{})
	policy := define(t, machine, nth(1))
	machine.Step(nil, core.Event{Kind: core.EventAdd, Policy: policy})
	limits := core.Limits{ShutdownTimeout: 5}
	id, err := machine.DefineLimits(limits)
	require.NoError(t, err)
	require.False(t, machine.LimitsInUse(id))
	machine.Step(nil, core.Event{Kind: core.EventLimits, Limits: id})
	require.True(t, machine.LimitsInUse(id))
	digest := machine.Digest()
	require.Equal(t, policy, define(t, machine, nth(1)))
	require.Zero(t, define(t, machine, core.DefaultPolicy()))
	again, err := machine.DefineLimits(limits)
	require.NoError(t, err)
	require.Equal(t, id, again)
	require.Equal(t, digest, machine.Digest())
}

// The same for limits.
func TestLimitsAreForgotten(t *testing.T) {
	machine := newMachine(t, core.Config{})
	nth := func(n int) core.Limits { return core.Limits{ShutdownTimeout: core.Duration(n)} }
	var ids []core.LimitsID
	for n := range 3 * core.IdleDefinitions {
		id, err := machine.DefineLimits(nth(n))
		require.NoError(t, err)
		require.Equal(t, core.LimitsID(n), id)
		require.Empty(t, machine.Step(nil, core.Event{Kind: core.EventLimits, Limits: id}))
		require.Equal(t, nth(n), machine.Config().Limits)
		ids = append(ids, id)
	}
	last := len(ids) - 1
	for n, id := range ids {
		_, known := machine.Limits(id)
		require.Equal(t, n == 0 || n >= last-core.IdleDefinitions, known, "%d", n)
		require.Equal(t, n == 0 || n == last, machine.LimitsInUse(id))
	}
	require.Len(t, maps.Collect(machine.AllLimits()), 2+core.IdleDefinitions)
	require.Equal(t, core.RefusalUnknownLimits, refusal(machine.Step(nil, core.Event{Kind: core.EventLimits, Limits: ids[1]})))
	require.NoError(t, machine.Check())
}

// A supervisor that has one task at a time, each with a policy of its own, can go on for ever: nothing grows with the past.
// Here it does so for a century, in which a task is added every three minutes, fails, is given other policies, and is removed,
// limits are changed, and calls are refused. The machine is as large at the end as after the first hour.
func TestACenturyOfChangesInFlatMemory(t *testing.T) {
	const century = 100 * 365 * 24 * 3600 * core.Duration(1e9)
	rounds := 600_000 // about two million steps
	if testing.Short() {
		rounds = 20_000
	}
	pause := century / core.Duration(rounds)
	machine := newMachine(t, core.Config{Limits: core.Limits{Intensity: core.Rate{Count: 100, Per: 1e9}}})
	machine.Step(nil, core.Event{Kind: core.EventStart})
	var actions []core.Action
	at := core.Instant(0)
	step := func(ev core.Event) []core.Action {
		ev.At = at
		actions = machine.Step(actions[:0], ev)
		return actions
	}
	var snapshot []byte
	size, slots := 0, 0
	for round := range rounds {
		at += core.Instant(pause)
		task := step(core.Event{Kind: core.EventAdd, Policy: define(t, machine, nth(round))})[0].Task
		slots = max(slots, 1+task.Slot())
		step(core.Event{Kind: core.EventExit, Task: task, Run: 1, Exit: core.ExitError})
		step(core.Event{Kind: core.EventPolicy, Task: task, Policy: define(t, machine, nth(round+500))})
		id, err := machine.DefineLimits(core.Limits{ShutdownTimeout: core.Duration(round), Intensity: core.Rate{Count: 100, Per: 1e9}})
		require.NoError(t, err)
		step(core.Event{Kind: core.EventLimits, Limits: id})
		for _, refused := range []core.Event{{Kind: core.EventAdd, Policy: 1 << 50}, {Kind: core.EventRestart, Task: task - 1<<24}} {
			if refusal(step(refused)) == core.RefusalNone {
				t.Fatal("it should be refused")
			}
		}
		step(core.Event{Kind: core.EventRemove, Task: task})
		if round == 1000 || round == rounds-1 {
			snapshot, err = machine.AppendBinary(snapshot[:0])
			require.NoError(t, err)
			require.NoError(t, machine.Check())
			if size == 0 {
				size = len(snapshot)
			}
		}
	}
	require.Zero(t, machine.Counts().Total)
	require.Equal(t, 1, slots)
	require.LessOrEqual(t, len(snapshot), size+size/10, "a few numbers have become longer")
	require.Len(t, maps.Collect(machine.Policies()), 1+core.IdleDefinitions)
	require.Len(t, maps.Collect(machine.AllLimits()), 2+core.IdleDefinitions)

	// The memory that it has got is enough for what is to come.
	round := rounds
	require.Zero(t, testing.AllocsPerRun(1000, func() {
		round++
		at += core.Instant(pause)
		id, _ := machine.Define(nth(round))
		task := step(core.Event{Kind: core.EventAdd, Policy: id})[0].Task
		step(core.Event{Kind: core.EventExit, Task: task, Run: 1, Exit: core.ExitError})
		id, _ = machine.Define(nth(round + 500))
		step(core.Event{Kind: core.EventPolicy, Task: task, Policy: id})
		step(core.Event{Kind: core.EventRemove, Task: task})
	}))
}

// What is defined, idle and held survives a snapshot, whichever slots it is in, and the original and what was restored go on
// alike.
func TestDefinitionsSurviveASnapshot(t *testing.T) {
	machine := newMachine(t, core.Config{})
	var tasks []core.TaskID
	for n := range 300 {
		id := define(t, machine, nth(n))
		if n%2 == 0 {
			tasks = append(tasks, machine.Step(nil, core.Event{Kind: core.EventAdd, Policy: id})[0].Task)
		}
		if n%5 == 0 {
			machine.Step(nil, core.Event{Kind: core.EventRemove, Task: tasks[len(tasks)/2]})
		}
	}
	snapshot, err := machine.MarshalBinary()
	require.NoError(t, err)
	restored := new(core.Machine)
	require.NoError(t, restored.UnmarshalBinary(snapshot))
	for n := range 200 {
		require.Equal(t, define(t, machine, nth(10*n)), define(t, restored, nth(10*n)))
		ev := core.Event{Kind: core.EventRemove, Task: tasks[n%len(tasks)]}
		require.Equal(t, machine.Step(nil, ev), restored.Step(nil, ev))
		require.Equal(t, machine.Digest(), restored.Digest())
		require.NoError(t, restored.Check())
	}
	require.Equal(t, maps.Collect(machine.Policies()), maps.Collect(restored.Policies()))
	require.Equal(t, slices.Collect(machine.Tasks()), slices.Collect(restored.Tasks()))
}
