package checkers_test

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/core"
	"github.com/tasksupervisor/tasksupervisor/sim/checkers"
)

// What a machine decides violates no invariant, whatever it is told, and wherever the checkers begin to watch.
func TestCheckersAcceptWhatMachinesDecide(t *testing.T) {
	suite := checkers.NewSuite(append(checkers.All(), checkers.Audits(7)...)...)
	for seed := range uint64(1000) {
		world := newWorld(t, seed)
		begin := 0
		if seed%4 == 0 {
			begin = world.random.IntN(60)
		}
		for step := range 120 {
			if step == begin {
				suite.Begin(world.machine)
			}
			ev := world.event()
			actions := world.machine.Step(nil, ev)
			world.take(actions)
			if step < begin {
				continue
			}
			if err := suite.Observe(world.machine, ev, actions); err != nil {
				require.NoError(t, err, "seed %d, step %d: %+v\nactions: %+v", seed, step, ev, actions)
			}
		}
	}
	require.Empty(t, suite.Vacuous())
	for _, checker := range suite.Checkers() {
		t.Log(checker.Checked(), checker.Name())
	}
}

// world draws events that make sense more often than not.
type world struct {
	random  *rand.Rand
	machine *core.Machine
	now     core.Instant
	tasks   []core.TaskID
}

func newWorld(t *testing.T, seed uint64) *world {
	w := &world{random: rand.New(rand.NewPCG(seed, 4)), now: 100}
	cfg := core.Config{
		Seed:                seed,
		Limits:              core.Limits{DeadThreshold: core.Fraction{Num: w.below(3), Den: 3}, Intensity: core.Rate{Count: w.below(9), Per: w.length(20)}, RestartRate: core.Rate{Count: 1 + w.below(2), Per: w.length(20)}, ShutdownTimeout: w.rarely(w.length(30))},
		Strategy:            core.Strategy(w.below(3)),
		StopOrder:           core.StopOrder(w.below(3)),
		HealthCheckInterval: w.rarely(w.length(10)),
		MaxTasks:            8,
	}
	if w.below(3) == 0 {
		cfg.DeadThreshold = core.Fraction{}
	}
	if w.below(2) == 0 {
		cfg.Intensity = core.Rate{}
	}
	if w.below(2) == 0 {
		cfg.RestartRate = core.Rate{}
	}
	if w.below(6) == 0 {
		cfg.AutoShutdown = core.AutoShutdown(w.below(3))
	}
	for range 4 {
		cfg.Policies = append(cfg.Policies, w.policy())
	}
	m, err := core.New(cfg)
	require.NoError(t, err)
	w.machine = m
	for range 3 {
		_, err := m.DefineLimits(core.Limits{
			DeadThreshold: core.Fraction{Num: 1 + w.below(2), Den: 2},
			Intensity:     core.Rate{Count: w.below(9), Per: w.length(20)},
			RestartRate:   core.Rate{Count: 1 + w.below(2), Per: w.length(20)},
		})
		require.NoError(t, err)
	}
	return w
}

func (w *world) policy() core.Policy {
	p := core.DefaultPolicy()
	p.Restart = core.Restart(w.below(8) % 3 * w.below(2))
	p.BaseDelay, p.MaxExponent = w.length(5)-1, w.below(3)
	p.Jitter = core.Fraction{Num: w.below(2), Den: 2}
	p.MaxAttempts = 1 + w.below(6)
	p.StableAfter = w.length(20) - 1
	p.StopTimeout = w.length(8) - 1
	p.StartTimeout = w.length(20) - 1
	p.OnAbandon = core.OnAbandon(w.below(5) % 3)
	p.OnExhausted = core.OnExhausted(w.below(8) / 7)
	p.OnMiss = core.OnMiss(w.below(2))
	p.Readiness = w.below(2) == 0
	p.Significant = w.below(3) > 0
	switch w.below(4) {
	case 0:
		p.Watchdog = w.length(20)
	case 1:
		p.Probe = core.Probe{Interval: w.length(10), Timeout: w.length(6) - 1, Failures: uint8(1 + w.below(3))}
	}
	return p
}

// event draws what happens next.
func (w *world) event() core.Event {
	ev := core.Event{At: w.now, Task: w.task(), Other: w.task(), Bound: w.below(2) == 0, Suspended: w.below(5) == 0}
	if w.below(4) > 0 {
		ev.Task, ev.Other = max(ev.Task, ev.Other), min(ev.Task, ev.Other)
	}
	ev.Policy, ev.Limits = core.PolicyID(w.below(4)), core.LimitsID(w.below(4))
	switch w.below(3) {
	case 0:
		w.now += core.Instant(w.below(4))
	case 1:
		if next, ok := w.machine.NextDeadline(); ok {
			w.now = max(w.now, next)
		}
	}
	if w.below(20) == 0 {
		w.now += core.Instant(w.below(40))
	}
	ev.At = w.now
	status, _ := w.machine.Status(ev.Task)
	ev.Run = status.Run
	if w.below(8) == 0 {
		ev.Run = status.Fenced
	}
	if w.machine.Phase() == core.PhaseCreated {
		ev.Kind = [...]core.EventKind{core.EventAdd, core.EventAdd, core.EventNeed, core.EventNeed, core.EventKill, core.EventStart}[w.below(6)]
		return ev
	}
	switch n := w.below(100); {
	case n < 25:
		ev.Kind, ev.Exit = core.EventExit, core.ExitKind(1+w.below(4))
	case n < 28:
		ev.Kind, ev.Exit = core.EventExit, core.ExitKind(w.below(8))
	case n < 45:
		ev.Kind = core.EventReady
	case n < 55:
		ev.Kind, ev.Within = core.EventBeat, w.rarely(w.length(10))
	case n < 65:
		ev.Kind, ev.Exit = core.EventProbe, core.ExitOK+core.ExitKind(w.below(2))
	case n < 70:
		ev.Kind = core.EventTick
	case n < 73:
		ev.Kind = core.EventAdd
	case n == 99:
		ev.Kind = core.EventKind(w.below(20))
	default:
		ev.Kind = [...]core.EventKind{
			core.EventRemove, core.EventRestart, core.EventKill, core.EventNeed, core.EventSuspend, core.EventResume, core.EventPolicy,
			core.EventLimits, core.EventRestart, core.EventResume, core.EventNeed, core.EventStart,
		}[w.below(12)]
	}
	return ev
}

// take notes tasks that come and go.
func (w *world) take(actions []core.Action) {
	for _, a := range actions {
		if a.Kind == core.ActionAdd {
			w.tasks = append(w.tasks, a.Task)
		}
	}
}

func (w *world) task() core.TaskID {
	if len(w.tasks) == 0 {
		return 0
	}
	return w.tasks[w.random.IntN(len(w.tasks))]
}

func (w *world) below(n uint32) uint32 { return w.random.Uint32N(n) }

// length is a duration from 1 to n.
func (w *world) length(n uint32) core.Duration { return core.Duration(1 + w.below(n)) }

func (w *world) rarely(d core.Duration) core.Duration {
	if w.below(4) > 0 {
		return 0
	}
	return d
}
