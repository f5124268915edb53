package core_test

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/core"
)

// history is a configuration and what happened to a machine made from it.
type history struct {
	config  core.Config
	events  []core.Event
	actions [][]core.Action // what each event gave
	final   *core.Machine
}

// seeds are how many histories each property looks at.
const seeds = 300

// steps is how many events a history has.
const steps = 120

// eachHistory runs a test on many histories, each generated from its own seed.
func eachHistory(t *testing.T, restrict func(*core.Config), test func(t *testing.T, random *rand.Rand, h *history)) {
	t.Helper()
	for seed := range uint64(seeds) {
		random := rand.New(rand.NewPCG(seed, 0))
		config := randomConfig(random)
		if restrict != nil {
			restrict(&config)
		}
		test(t, random, generate(t, random, config))
		if t.Failed() {
			t.Fatalf("seed %d", seed)
		}
	}
}

// generate makes up a history. Whatever it draws is an event, if only one that is rejected.
func generate(t *testing.T, random *rand.Rand, config core.Config) *history {
	t.Helper()
	h := &history{config: config, final: newMachine(t, config)}
	world := world{random: random, machine: h.final, policies: len(config.Policies)}
	for range steps {
		event := world.next()
		actions := h.final.Step(nil, event)
		world.learn(actions)
		h.events = append(h.events, event)
		h.actions = append(h.actions, actions)
	}
	return h
}

// replay gives the same events to a fresh machine and returns what each gave, and the machine.
func (h *history) replay(t *testing.T, change func(core.Event) core.Event) ([][]core.Action, *core.Machine) {
	t.Helper()
	machine := newMachine(t, h.config)
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

// world draws events that a driver of the machine could give it, careless ones included.
type world struct {
	random   *rand.Rand
	machine  *core.Machine
	policies int
	tasks    []core.TaskID // all that were ever added
}

func (w *world) learn(actions []core.Action) {
	for _, action := range actions {
		if action.Kind == core.ActionAdd {
			w.tasks = append(w.tasks, action.Task)
		}
	}
}

func (w *world) next() core.Event {
	event := core.Event{At: w.instant(), Task: w.task(), Kind: w.kind()}
	switch event.Kind {
	case core.EventAdd:
		event.Task = 0
		event.Key = w.random.Uint32N(4)
		event.Policy = core.PolicyID(w.random.IntN(w.policies))
		if w.chance(50) {
			event.Policy = core.PolicyID(w.policies)
		}
	case core.EventExit:
		event.Run = w.run(event.Task)
		event.Exit = core.ExitOK + core.ExitKind(w.random.IntN(4))
		if w.chance(50) {
			event.Exit = core.ExitKind(w.random.IntN(10))
		}
	case core.EventTick, core.EventStart, core.EventShutdown:
		event.Task = 0
	case core.EventRemove, core.EventRestart, core.EventKill:
	default:
		event.Task = 0
	}
	return event
}

// chance is true once in n times.
func (w *world) chance(n int) bool { return w.random.IntN(n) == 0 }

// instant is mostly the next deadline, or a nanosecond beside it, or a short while from now.
func (w *world) instant() core.Instant {
	now := w.machine.Now()
	if len(w.tasks) == 0 && w.machine.Phase() == core.PhaseCreated {
		now = 0
	}
	deadline, ok := w.machine.NextDeadline()
	switch choice := w.random.IntN(10); {
	case choice < 4 && ok:
		return deadline + core.Instant(w.random.IntN(3)) - 1
	case choice < 6:
		return now
	case choice == 6:
		return now - core.Instant(w.random.Int64N(5e9))
	default:
		return now + core.Instant(w.random.Int64N(4e9))
	}
}

// task is mostly one of the latest tasks, and sometimes one that never was.
func (w *world) task() core.TaskID {
	if len(w.tasks) == 0 || w.chance(60) {
		return core.TaskID(w.random.Uint64N(1 << 27))
	}
	from := 0
	if !w.chance(8) {
		from = max(0, len(w.tasks)-5)
	}
	return w.tasks[from+w.random.IntN(len(w.tasks)-from)]
}

// run is mostly the live run of the task, or the one that was abandoned.
func (w *world) run(task core.TaskID) core.Run {
	status, _ := w.machine.Status(task)
	switch {
	case w.chance(15):
		return core.Run(w.random.Uint32N(4))
	case status.Fenced != 0 && w.chance(2):
		return status.Fenced
	default:
		return status.Run
	}
}

func (w *world) kind() core.EventKind {
	if w.machine.Phase() == core.PhaseCreated && w.chance(3) {
		return core.EventStart
	}
	switch choice := w.random.IntN(1000); {
	case choice < 450:
		return core.EventExit
	case choice < 600:
		return core.EventTick
	case choice < 750 || len(w.tasks) < 3:
		return core.EventAdd
	case choice < 850:
		return core.EventRestart
	case choice < 920:
		return core.EventKill
	case choice < 980:
		return core.EventRemove
	case choice < 985:
		return core.EventShutdown
	case choice < 993:
		return core.EventStart
	default:
		return core.EventKind(w.random.IntN(256))
	}
}

// randomConfig draws a valid configuration in which limits are near.
func randomConfig(random *rand.Rand) core.Config {
	config := core.Config{
		Seed:         random.Uint64(),
		AutoShutdown: core.AutoShutdown(max(0, random.IntN(8)-5)),
		StopOrder:    core.StopOrder(random.IntN(2)),
	}
	if random.IntN(2) == 0 {
		config.DeadThreshold = core.Fraction{Num: 1 + random.Uint32N(3), Den: 4}
	}
	if random.IntN(3) == 0 {
		config.ShutdownTimeout = core.Duration(1 + random.Int64N(5e9))
	}
	if random.IntN(3) == 0 {
		config.HealthCheckInterval = core.Duration(1 + random.Int64N(1e9))
	}
	if random.IntN(4) == 0 {
		config.MaxTasks = 1 + random.Uint32N(8)
	}
	for range 1 + random.IntN(3) {
		config.Policies = append(config.Policies, randomPolicy(random))
	}
	return config
}

func randomPolicy(random *rand.Rand) core.Policy {
	pick := func(durations ...core.Duration) core.Duration { return durations[random.IntN(len(durations))] }
	policy := core.DefaultPolicy()
	policy.Restart = core.Restart(max(0, random.IntN(5)-2))
	policy.BaseDelay = pick(0, 1, 1e6, 1e9)
	policy.Factor = 1 + random.Uint32N(3)
	policy.MaxExponent = random.Uint32N(6)
	policy.MaxDelay = pick(core.Forever, 0, 3e9)
	policy.MaxAttempts = random.Uint32N(5)
	if random.IntN(3) == 0 {
		policy.MaxAttempts = core.Unlimited
	}
	if random.IntN(2) == 0 {
		policy.Jitter = core.Fraction{Num: 1 + random.Uint32N(3), Den: 3}
	}
	policy.StableAfter = pick(core.Forever, 0, 1, 1e9, 3e9)
	policy.StopTimeout = pick(core.Forever, 0, 1, 1e9, 2e9)
	policy.OnAbandon = core.OnAbandon(random.IntN(3))
	if policy.OnAbandon == core.AbandonEscalate && random.IntN(4) != 0 {
		policy.OnAbandon = core.AbandonReplace
	}
	policy.Significant = random.IntN(2) == 0
	return policy
}

// The properties would show little on histories in which little happens.
func TestHistoriesShowEverything(t *testing.T) {
	reasons := map[core.Reason]int{}
	events := 0
	eachHistory(t, nil, func(t *testing.T, _ *rand.Rand, h *history) {
		for _, actions := range h.actions {
			for _, action := range actions {
				reasons[action.Why]++
			}
			events++
		}
	})
	require.Equal(t, seeds*steps, events)
	for reason := core.ReasonAdded; isNamed(reason.String()); reason++ {
		require.GreaterOrEqual(t, reasons[reason], 5, "%v", reason)
	}
}
