package core_test

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/core"
)

// history is a configuration and what happened to a machine made from it.
type history struct {
	config  core.Config
	limits  []core.Limits // defined before anything happens
	events  []core.Event
	actions [][]core.Action // what each event gave
	final   *core.Machine
}

// seeds are how many histories each property looks at.
const seeds = 300

// steps is how many events a history has.
const steps = 120

// eachHistory runs a test on many histories, each generated from its own seed.
func eachHistory(t *testing.T, restrict func(*history), test func(t *testing.T, random *rand.Rand, h *history)) {
	t.Helper()
	for seed := range uint64(seeds) {
		random := rand.New(rand.NewPCG(seed, 0))
		test(t, random, newHistory(t, random, restrict))
		if t.Failed() {
			t.Fatalf("seed %d", seed)
		}
	}
}

// newHistory makes up a history.
func newHistory(t *testing.T, random *rand.Rand, restrict func(*history)) *history {
	t.Helper()
	h := &history{config: randomConfig(random), limits: []core.Limits{randomLimits(random), randomLimits(random)}}
	if restrict != nil {
		restrict(h)
	}
	h.happen(t, random)
	return h
}

// happen makes up what happens. Whatever it draws is an event, if only one that is rejected.
func (h *history) happen(t *testing.T, random *rand.Rand) {
	t.Helper()
	h.final = h.machine(t)
	world := world{random: random, machine: h.final, policies: len(h.config.Policies), limits: len(h.limits) + 1}
	for range steps {
		event := world.next()
		actions := h.final.Step(nil, event)
		world.learn(actions)
		h.events = append(h.events, event)
		h.actions = append(h.actions, actions)
	}
}

// machine returns a machine to which nothing has happened.
func (h *history) machine(t testing.TB) *core.Machine {
	t.Helper()
	machine := newMachine(t, h.config)
	for _, limits := range h.limits {
		_, err := machine.DefineLimits(limits)
		require.NoError(t, err)
	}
	return machine
}

// replay gives the same events to a fresh machine and returns what each gave, and the machine.
func (h *history) replay(t *testing.T, change func(core.Event) core.Event) ([][]core.Action, *core.Machine) {
	t.Helper()
	machine := h.machine(t)
	var actions [][]core.Action
	for _, event := range h.events {
		actions = append(actions, machine.Step(nil, change(event)))
	}
	return actions, machine
}

func newMachine(t testing.TB, config core.Config) *core.Machine {
	t.Helper()
	machine, err := core.New(config)
	require.NoError(t, err)
	return machine
}

// The properties would show little on histories in which little happens. Histories are drawn until each thing has
// happened a few times; the bound is many times what that takes, so that no change of a draw makes this a matter of luck.
func TestHistoriesShowEverything(t *testing.T) {
	const few, most = 5, 20 * seeds
	s := shown{reasons: map[core.Reason]int{}, waits: map[core.Wait]int{}, intents: map[core.Intent]int{}}
	seed := uint64(0)
	for ; seed < most && (seed%100 > 0 || seed == 0 || len(s.missing(few)) > 0); seed++ {
		s.note(t, newHistory(t, rand.New(rand.NewPCG(seed, 0)), nil))
	}
	require.Empty(t, s.missing(few), "what %d histories show less than %d times", most, few)
	t.Logf("%d histories show everything", seed)
}

// shown counts what happens in histories.
type shown struct {
	reasons map[core.Reason]int
	waits   map[core.Wait]int
	intents map[core.Intent]int
}

func (s *shown) note(t *testing.T, h *history) {
	t.Helper()
	machine := h.machine(t)
	for i, actions := range h.actions {
		for _, action := range actions {
			s.reasons[action.Why]++
		}
		machine.Step(nil, h.events[i])
		for status := range machine.Tasks() {
			s.waits[status.Wait]++
			s.intents[status.Intent]++
		}
	}
}

// missing names what was shown less than a few times.
func (s *shown) missing(few int) []string {
	var missing []string
	for wait := range core.ValuesFrom(core.WaitNone) {
		if s.waits[wait] < few {
			missing = append(missing, "wait "+wait.String())
		}
	}
	for intent := range core.ValuesFrom(core.IntentNone) {
		if s.intents[intent] < few {
			missing = append(missing, "intent "+intent.String())
		}
	}
	for reason := range core.ValuesFrom(core.ReasonAdded) {
		if s.reasons[reason] < few {
			missing = append(missing, "reason "+reason.String())
		}
	}
	return missing
}

// Where a timer lies depends on the past, and no decision depends on that: neither with timers in leaves, nor in a machine that
// was restored or copied and has laid them out anew.
func TestLayoutOfTimersIsInvisible(t *testing.T) {
	const tasks = 5000
	f := newFleet(t, tasks)
	for range 3 * tasks {
		f.step()
	}
	snapshot, err := f.machine.AppendBinary(nil)
	require.NoError(t, err)
	var restored, copied core.Machine
	require.NoError(t, restored.UnmarshalBinary(snapshot))
	copied.CopyFrom(f.machine)
	twins := []*fleet{f}
	for _, machine := range []*core.Machine{&restored, &copied} {
		twins = append(twins, &fleet{machine: machine, pending: slices.Clone(f.pending), next: f.next})
	}
	last := core.Instant(0)
	for range 3 * tasks {
		for _, twin := range twins {
			twin.step()
			require.Equal(t, f.actions, twin.actions)
		}
		for _, action := range f.actions {
			require.GreaterOrEqual(t, action.At, last)
			last = action.At
		}
	}
	for _, twin := range twins {
		require.NoError(t, twin.machine.Check())
		require.Equal(t, f.machine.Digest(), twin.machine.Digest())
	}
}
