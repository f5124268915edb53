package core_test

import (
	"math/rand/v2"

	"github.com/tasksupervisor/tasksupervisor/core"
)

// world draws events that a driver of the machine could give it, careless ones included.
type world struct {
	random   *rand.Rand
	machine  *core.Machine
	policies int
	limits   int
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
		event.Policy = w.policy()
		event.Suspended = w.chance(8)
		event.Held = w.chance(12)
		if w.chance(6) {
			event.Run = core.Run(w.random.Uint32N(4))
			event.Fenced = core.Run(w.random.Uint32N(4))
		}
		if w.chance(100) {
			event.Run = 1 << (62 + core.Run(w.random.Uint32N(2)))
		}
	case core.EventExit:
		event.Run = w.run(event.Task)
		event.Exit = core.ExitOK + core.ExitKind(w.random.IntN(4))
		switch {
		case w.chance(15):
			event.Exit = core.ExitKind(w.random.IntN(13))
		case w.chance(8):
			event.Exit = core.ExitLost
		}
	case core.EventReady, core.EventUnready:
		event.Run = w.run(event.Task)
	case core.EventBeat:
		event.Run = w.run(event.Task)
		if w.chance(2) {
			event.Within = core.Duration(w.random.Int64N(3e9))
		}
	case core.EventProbe:
		event.Run = w.run(event.Task)
		event.Exit = core.ExitOK + core.ExitKind(w.random.IntN(2))
		if w.chance(20) {
			event.Exit = core.ExitPanic
		}
	case core.EventNeed:
		event.Other = w.task()
		if event.Other > event.Task && !w.chance(5) {
			event.Task, event.Other = event.Other, event.Task
		}
		event.Bound = w.chance(2)
	case core.EventPolicy:
		event.Policy = w.policy()
	case core.EventLimits:
		event.Task = 0
		event.Limits = core.LimitsID(w.random.IntN(w.limits + 1))
	case core.EventTick, core.EventStart, core.EventShutdown:
		event.Task = 0
	case core.EventRemove, core.EventRestart, core.EventKill, core.EventSuspend, core.EventResume, core.EventHold, core.EventRelease:
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
	case choice < 3 && ok:
		return deadline + core.Instant(w.random.IntN(3)) - 1
	case choice < 6:
		return now
	case choice == 6:
		return now - core.Instant(w.random.Int64N(5e9))
	default:
		return now + core.Instant(w.random.Int64N(3e9))
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

// policy is sometimes one that does not exist.
func (w *world) policy() core.PolicyID {
	if w.chance(50) {
		return core.PolicyID(w.policies)
	}
	return core.PolicyID(w.random.IntN(w.policies))
}

func (w *world) kind() core.EventKind {
	if w.machine.Phase() == core.PhaseCreated && w.chance(3) {
		return core.EventStart
	}
	if len(w.tasks) < 3 && !w.chance(3) {
		return core.EventAdd
	}
	choice := w.random.IntN(1045)
	for _, draw := range [...]struct {
		kind   core.EventKind
		weight int
	}{
		{core.EventExit, 320},
		{core.EventTick, 110},
		{core.EventAdd, 90},
		{core.EventRestart, 60},
		{core.EventKill, 50},
		{core.EventRemove, 60},
		{core.EventReady, 80},
		{core.EventUnready, 30},
		{core.EventBeat, 30},
		{core.EventProbe, 40},
		{core.EventNeed, 40},
		{core.EventSuspend, 25},
		{core.EventResume, 20},
		{core.EventPolicy, 15},
		{core.EventLimits, 12},
		{core.EventShutdown, 4},
		{core.EventStart, 5},
		{core.EventHold, 20},
		{core.EventRelease, 25},
	} {
		if choice -= draw.weight; choice < 0 {
			return draw.kind
		}
	}
	return core.EventKind(w.random.IntN(256))
}

// randomConfig draws a valid configuration in which limits are near.
func randomConfig(random *rand.Rand) core.Config {
	limits := randomLimits(random)
	config := core.Config{
		Seed:      random.Uint64(),
		Strategy:  core.Strategy(random.IntN(3)),
		Limits:    core.Limits{DeadThreshold: limits.DeadThreshold, Intensity: limits.Intensity, RestartRate: limits.RestartRate, AutoShutdown: limits.AutoShutdown, ShutdownTimeout: limits.ShutdownTimeout},
		StopOrder: core.StopOrder(random.IntN(3)),
	}
	if random.IntN(3) == 0 {
		config.HealthCheckInterval = core.Duration(1 + random.Int64N(1e9))
	}
	if random.IntN(4) == 0 {
		config.MaxTasks = 1 + random.Uint32N(8)
	}
	for range 1 + random.IntN(4) {
		config.Policies = append(config.Policies, randomPolicy(random))
	}
	return config
}

func randomLimits(random *rand.Rand) core.Limits {
	limits := core.Limits{AutoShutdown: core.AutoShutdown(max(0, random.IntN(10)-7))}
	if random.IntN(3) == 0 {
		limits.DeadThreshold = core.Fraction{Num: 1 + random.Uint32N(3), Den: 4}
	}
	if random.IntN(3) == 0 {
		limits.Intensity = core.Rate{Count: random.Uint32N(8), Per: core.Duration(1 + random.Int64N(4e9))}
	}
	if random.IntN(3) == 0 {
		limits.RestartRate = core.Rate{Count: 1 + random.Uint32N(3), Per: core.Duration(1 + random.Int64N(4e9))}
	}
	if random.IntN(3) == 0 {
		limits.ShutdownTimeout = core.Duration(1 + random.Int64N(5e9))
	}
	return limits
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
	policy.HungStopTimeout = pick(0, 0, 0, 1, 1e9, core.Forever)
	policy.MinUptime = pick(0, 0, 1, 1e9, core.Forever)
	policy.OnAbandon = core.OnAbandon(random.IntN(3))
	if policy.OnAbandon == core.AbandonEscalate && random.IntN(4) != 0 {
		policy.OnAbandon = core.AbandonReplace
	}
	if random.IntN(8) == 0 {
		policy.OnExhausted = core.ExhaustedEscalate
	}
	policy.Readiness = random.IntN(3) == 0
	policy.StartTimeout = pick(core.Forever, 0, 1, 1e9, 3e9)
	switch random.IntN(4) {
	case 0:
		policy.Watchdog = pick(1e9, 2e9)
	case 1:
		policy.Probe = core.Probe{
			Interval: pick(1e8, 1e9, 2e9), Timeout: pick(0, 1e9, core.Forever), Failures: uint8(1 + random.IntN(3)),
		}
	}
	policy.OnMiss = core.OnMiss(max(0, random.IntN(4)-2))
	policy.Significant = random.IntN(2) == 0
	return policy
}
