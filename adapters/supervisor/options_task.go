package supervisor

import (
	"context"
	"slices"
	"strconv"
	"time"
)

// WithPolicy sets everything that the other task options set, except needs, suspension, holds, gates, readiness probes and crashes. Begin with [DefaultPolicy].
// Options that refine the policy come after it; one before it would be overwritten, which is an error.
func WithPolicy(p Policy) TaskOption {
	return taskOption{
		name: "WithPolicy",
		overwrites: func(earlier string) (advice string) {
			switch earlier {
			case "WithSuspended", "WithHeld", "WithGate":
				return ""
			}
			return "give WithPolicy first"
		},
		apply: func(t *taskSettings) {
			t.policy = p
			t.chosen = chosen{true, true, true, true, true}
			t.deathMeant = true
		},
	}
}

// ForService sets what a task needs that has to stay up whatever happens: any number of restarts in a row, with delays that grow
// to a minute at most and are up to a fifth shorter by chance, so that tasks that fail together do not come back together. A
// run that stays healthy for two minutes begins anew with short delays. Without it a task that cannot work for about a
// minute is dead, and stays down until an operator restarts it.
//
// Given to [New] it holds for all tasks. Options that refine it come after it, in the same call or in that of the task:
//
//	WithBaseDelay(100*time.Millisecond)             the first delay is 200 ms
//	WithBackoff(Backoff{Max: 10 * time.Second})     the longest is 10 s
//	WithMaxAttempts(20)                             there is an end after all
//
// It is the same as WithMaxAttempts(Unlimited), WithBackoff(Backoff{MaxExponent: 32, Max: time.Minute, Jitter: 0.2}) and
// WithStableAfter(2*time.Minute). One of these before it would be overwritten, which is an error.
func ForService() TaskOption {
	return taskOption{
		name: "ForService",
		overwrites: func(earlier string) (advice string) {
			switch earlier {
			case "WithMaxAttempts", "WithBackoff", "WithStableAfter":
				return "give ForService first"
			}
			return ""
		},
		apply: func(t *taskSettings) {
			t.backoff(Backoff{MaxExponent: serviceExponent, Max: serviceDelay, Jitter: serviceJitter})
			t.policy.MaxAttempts, t.policy.StableAfter = Unlimited, 2*time.Minute
			t.deathMeant = true
		},
	}
}

// What ForService sets.
const (
	serviceExponent = 32 // from any base delay to the cap
	serviceDelay    = time.Minute
	serviceJitter   = 0.2
)

// WithRestart says after which ends a task is restarted: [RestartOnFailure] (the default), [RestartAlways] or
// [RestartNever].
func WithRestart(r Restart) TaskOption {
	return taskOption{name: "WithRestart", apply: func(t *taskSettings) { t.policy.Restart = r }}
}

// WithBaseDelay is the short form of [WithBackoff] for the base alone: with the defaults, the first restart in a row
// waits twice the base delay, the second four times as long, and so on up to 32 times. Zero restarts at once. Default 1 s.
// It cannot be combined with WithBackoff.
func WithBaseDelay(d time.Duration) TaskOption {
	return taskOption{
		name: "WithBaseDelay",
		overwrites: func(earlier string) (advice string) {
			if earlier == "WithBackoff" {
				return "give only one of them"
			}
			return ""
		},
		apply: func(t *taskSettings) { t.policy.BaseDelay = d },
	}
}

// Backoff says how long a task waits before it is restarted: the n-th restart in a row waits
//
//	Base * Factor^min(n, MaxExponent)
//
// with n = 1 for the first, but at most Max, less jitter. [WithStableAfter] says when the count begins anew.
//
// A field that is zero stays as it is: at the default given here, at what [New] was given for all tasks or, in
// [Supervisor.SetPolicy], at what the task has. So Backoff{Base: time.Second, Max: time.Minute} leaves the rest alone. For
// no delay at all, use WithBaseDelay(0).
type Backoff struct {
	Base        time.Duration // default 1 s
	Factor      uint32        // default 2; 1 makes every delay the base delay
	MaxExponent uint32        // after how many restarts in a row the delay stops growing; default 5
	Max         time.Duration // the longest delay; default Forever: no cap
	Jitter      float64       // from 0 to 1: shortens each delay by a random part, up to this share of it; default NoJitter
}

// NoJitter as [Backoff.Jitter] turns jitter off, whatever was set before.
const NoJitter = -1

// WithBackoff sets how long a task waits before it is restarted, see [Backoff]. A negative delay, or a jitter that is
// neither from 0 to 1 nor NoJitter, is an error. It cannot be combined with [WithBaseDelay].
func WithBackoff(b Backoff) TaskOption {
	return taskOption{
		name: "WithBackoff",
		overwrites: func(earlier string) (advice string) {
			if earlier == "WithBaseDelay" {
				return "give only one of them"
			}
			return ""
		},
		apply: func(t *taskSettings) { t.backoff(b) },
	}
}

// WithMaxAttempts sets how many restarts in a row a task has. A failure after the last makes it dead (see
// [WithOnExhausted]). Zero allows none, [Unlimited] any number. Default 5.
func WithMaxAttempts(n uint32) TaskOption {
	return taskOption{name: "WithMaxAttempts", apply: func(t *taskSettings) {
		t.policy.MaxAttempts = n
		t.deathMeant = true
	}}
}

// WithStableAfter sets how long a run must be healthy to clear the restarts counted so far. With zero any run clears them,
// with [Forever] none does. Default 80 s.
func WithStableAfter(d time.Duration) TaskOption {
	return taskOption{name: "WithStableAfter", apply: func(t *taskSettings) { t.policy.StableAfter = d }}
}

// WithMinUptime sets how long a run of a task with [RestartAlways] must have been healthy for its good end to be one. A run
// that returns nil sooner has failed with [ErrTooQuick], so that a loop of good ends is counted, slowed down and ended as one
// of failures is. It does not concern [Done]. [Forever]: no good end is one. Default zero: each is.
func WithMinUptime(d time.Duration) TaskOption {
	return taskOption{name: "WithMinUptime", apply: func(t *taskSettings) { t.policy.MinUptime = d }}
}

// WithOnExhausted says what follows when a task has no restart attempts left: [ExhaustedDead] (the default), or
// [ExhaustedEscalate], which stops the supervisor with an [EscalatedError].
func WithOnExhausted(o OnExhausted) TaskOption {
	return taskOption{name: "WithOnExhausted", apply: func(t *taskSettings) {
		t.policy.OnExhausted = o
		t.deathMeant = true
	}}
}

// WithStopTimeout sets how long a run may take to stop once its context is cancelled, before it is abandoned. [Forever]:
// as long as it likes. Default 10 s. For a task that is a [*Supervisor], or makes one for each run, the default is always
// Forever, because its tasks have stop timeouts of their own.
func WithStopTimeout(d time.Duration) TaskOption {
	return taskOption{name: "WithStopTimeout", apply: func(t *taskSettings) {
		t.policy.StopTimeout = d
		t.chosen.stopTimeout = true
	}}
}

// WithHungStopTimeout sets how long a run may take to stop that is stopped because it hangs: it was not ready in time,
// missed a beat or failed its probes. Such a run seldom heeds its context, so this is often shorter than [WithStopTimeout].
// What follows is up to [WithOnAbandon]. [Forever]: as long as it likes. Default zero: WithStopTimeout counts for these runs,
// too.
func WithHungStopTimeout(d time.Duration) TaskOption {
	return taskOption{name: "WithHungStopTimeout", apply: func(t *taskSettings) { t.policy.HungStopTimeout = d }}
}

// WithOnAbandon says what follows when a run is abandoned: [AbandonWait] (the default), [AbandonReplace], or
// [AbandonEscalate], which stops the supervisor with an [EscalatedError].
func WithOnAbandon(o OnAbandon) TaskOption {
	return taskOption{name: "WithOnAbandon", apply: func(t *taskSettings) { t.policy.OnAbandon = o }}
}

// WithReadiness says whether a task calls [Ready] when it is ready. Until then it is [StatusStarting]; tasks that need it
// wait (see [WithNeeds]), and so do those after it where the strategy orders them (see [WithStrategy]). A run that is not
// ready in time (see [WithStartTimeout]) has failed. Default false: a run is healthy as soon as it starts.
//
// A task that is a [*Supervisor] needs no call. It becomes ready when each of its own tasks is healthy or completed, not
// counting those that were killed, are suspended or wait for a suspended one. After that, failures and restarts of its tasks
// do not change its readiness. A task that takes its readiness back ([NotReady]) takes back the supervisor's, until it is up again
// or is not to come up any more. One that runs and is given readiness by SetPolicy is ready, unless a task keeps it back then.
func WithReadiness(readiness bool) TaskOption {
	return taskOption{name: "WithReadiness", apply: func(t *taskSettings) { t.policy.Readiness = readiness }}
}

// WithReadinessProbe has the supervisor find out when a run is ready, for a task that does not call [Ready] itself: while the
// run is starting, the function is called at once and then at the interval, until it returns nil. It implies
// WithReadiness(true). A run that is not ready in time (see [WithStartTimeout]) fails as any other with readiness; its error
// then wraps what the function returned last. A task that calls Ready is ready at once, and is not asked again.
//
// The function runs in a goroutine of its own, one call at a time. Its context is the run's, so [Current] says which run it is
// about, and ends when that has to stop. A panic counts as an answer other than nil. A call that does not return in time
// holds up the next, and one that outlives its run is listed in [Report.Probes]. A task that is a [*Supervisor] has no
// use for the option.
func WithReadinessProbe(check func(ctx context.Context) error, interval time.Duration) TaskOption {
	return taskOption{name: "WithReadinessProbe", apply: func(t *taskSettings) {
		switch {
		case check == nil:
			t.problem("WithReadinessProbe", "has no function")
		case interval <= 0:
			t.problem("WithReadinessProbe", "needs a positive interval")
		default:
			t.readiness, t.policy.Readiness, t.chosen.readiness = readinessProbe{check, interval}, true, true
		}
	}}
}

// WithCrashOnPanic says whether a panic of the task, or of its probe, ends the process, as it would without a supervisor: with
// the stack of the panic and exit code 2. It is for programs that would rather start anew than go on with a state that a
// panic has left half changed. Nothing is stopped in order then, and no last line is written. Default false: a panic
// is a failure of the run.
//
// Given to [New] it holds for the tasks of that supervisor, and not for those of supervisors below it.
func WithCrashOnPanic(crash bool) TaskOption {
	return taskOption{name: "WithCrashOnPanic", apply: func(t *taskSettings) { t.crash = crash }}
}

// WithStartTimeout sets how long a run with readiness may take to be ready. One that takes longer is stopped with
// [ErrStartTimeout], which is a failure like any other. [Forever]: as long as it likes. Default 90 s. For a task that is a
// [*Supervisor], or makes one for each run, the default is always Forever, because its tasks have start timeouts of their own.
func WithStartTimeout(d time.Duration) TaskOption {
	return taskOption{name: "WithStartTimeout", apply: func(t *taskSettings) {
		t.policy.StartTimeout = d
		t.chosen.startTimeout = true
	}}
}

// WithWatchdog requires a task to call [Beat] at least every d while it is healthy. A run that misses a beat is stopped
// with [ErrMissedBeat], which is a failure like any other, or only reported: see [WithOnMiss]. A task that is a
// [*Supervisor] does not beat: giving it the option is an error, and it ignores such a default. Default zero: no watchdog.
func WithWatchdog(d time.Duration) TaskOption {
	return taskOption{name: "WithWatchdog", apply: func(t *taskSettings) {
		t.policy.Watchdog = d
		t.chosen.watchdog = true
	}}
}

// WithProbe sets a function that checks the task at an interval while it is healthy: nil means that the task is well. After
// [Probe].Failures failed probes in a row the run is stopped with a [*ProbeError], which is a failure like any other, or the
// miss is only reported (see [WithOnMiss]). A call that panics, ends its goroutine or takes too long has failed.
//
// The function runs in a goroutine of its own. Its context is derived from the run's, so [Current] says which run it is
// about, and is cancelled with [ErrProbeTimeout] when the probe's timeout has passed. A call that ignores its context is
// listed in [Report.Probes]; until it returns, later probes of the run fail without a call.
//
// A task has probes or a watchdog, not both. A task that is a [*Supervisor] ignores a probe that is a default of its
// parent. The zero Probe means no probes, which is the default.
func WithProbe(check func(ctx context.Context) error, probe Probe) TaskOption {
	return taskOption{name: "WithProbe", apply: func(t *taskSettings) {
		if check == nil && probe != (Probe{}) {
			t.problem("WithProbe", "has no function")
			return
		}
		t.check, t.policy.Probe = check, probe
		t.chosen.probe = true
	}}
}

// WithOnMiss says what follows when a run missed a beat or failed its probes: [MissRestart] (the default), or
// [MissReport], which informs observers and the log, once for each silence, and does nothing else.
func WithOnMiss(o OnMiss) TaskOption {
	return taskOption{name: "WithOnMiss", apply: func(t *taskSettings) { t.policy.OnMiss = o }}
}

// WithNeeds names tasks of the same supervisor that a task needs. It starts when they are up: healthy, or completed. It
// stops before any of them does, and none of them can be removed before it. When one of them fails or is stopped, the task
// keeps running; [WithBoundTo] is for a task that should not. Observers see such a task added, and then resumed. The option
// can be given any number of times, but not to New as a default. Default: none.
func WithNeeds(names ...string) TaskOption {
	return taskOption{apply: func(t *taskSettings) { t.need(names, false) }}
}

// WithBoundTo is [WithNeeds] for a task that cannot run without the tasks it needs: when one of them goes down, the task is
// stopped with [ErrDependency], and started again when they are all up. That is not a failure of the task.
func WithBoundTo(names ...string) TaskOption {
	return taskOption{apply: func(t *taskSettings) { t.need(names, true) }}
}

// WithSuspended says whether a task waits for [Supervisor.Resume] before its first start. Default false.
func WithSuspended(suspended bool) TaskOption {
	return taskOption{name: "WithSuspended", apply: func(t *taskSettings) { t.suspended = suspended }}
}

// WithHeld has a task wait for [Supervisor.Release] before its first start, as [Supervisor.Hold] does; why is for people. Default: it
// is not held.
func WithHeld(why string) TaskOption {
	return taskOption{name: "WithHeld", apply: func(t *taskSettings) { t.held = &HeldError{why} }}
}

// WithGate has a function asked before each start of a task whether what the start needs is there, such as a port or room on a disk.
// The task starts when it returns nil. Until then the task is held (see [WaitHeld]), and the error says why: [TaskStatus.HeldBy], the
// log, the page and [Supervisor.Ready] have it. The function is called when the task waits for nothing else, and again after each retry.
// A restart delay has passed by then, and no attempt is used. Tasks that need this one wait for it, and where a strategy starts tasks
// in order, so do those behind it.
//
// The function runs in a goroutine of its own, one call at a time, with no lock held. Its context has the values of the context given to
// [Supervisor.Run], belongs to no run, and ends with [ErrNotAwaited] when the answer is of no use any more: the task is held, suspended,
// killed or removed, has another gate, or waits for a task that it needs, or the supervisor stops. A call that ignores that is listed
// in [Report.Probes] until it returns, and holds up the next. A panic counts as an answer other than nil. While a call takes longer than
// retry, the task is held by [ErrGateSilent].
//
// An answer holds for one start. If the task does not start because of it, for instance because it is suspended just then, the gate
// is asked again. An operator can hold a task with a gate besides (see [Supervisor.Hold]), but cannot open the gate: [Supervisor.SetPolicy]
// with WithGate(nil, 0) takes it away. retry must be positive. Default: no gate.
func WithGate(check func(ctx context.Context) error, retry time.Duration) TaskOption {
	return taskOption{name: "WithGate", apply: func(t *taskSettings) {
		switch {
		case check == nil && retry == 0:
			t.gate = nil
		case check == nil:
			t.problem("WithGate", "has no function")
		case retry <= 0:
			t.problem("WithGate", "needs a positive time after which it is asked again")
		default:
			t.gate = &gate{check, retry}
		}
	}}
}

// WithSignificant sets whether a task counts for [WithAutoShutdown], and for [Supervisor.Health] and [Supervisor.Ready]. Default
// true.
func WithSignificant(significant bool) TaskOption {
	return taskOption{name: "WithSignificant", apply: func(t *taskSettings) { t.policy.Significant = significant }}
}

func (t *taskSettings) backoff(b Backoff) {
	switch {
	case b.Base < 0:
		t.problem("WithBackoff", "Base is negative")
	case b.Base > 0:
		t.policy.BaseDelay = b.Base
	}
	if b.Factor > 0 {
		t.policy.Factor = b.Factor
	}
	if b.MaxExponent > 0 {
		t.policy.MaxExponent = b.MaxExponent
	}
	switch {
	case b.Max < 0:
		t.problem("WithBackoff", "Max is negative")
	case b.Max > 0:
		t.policy.MaxDelay = b.Max
	}
	switch {
	case b.Jitter == NoJitter:
		t.policy.Jitter = Fraction{}
	case !(b.Jitter >= 0 && b.Jitter <= 1): // NaN is neither
		t.problem("WithBackoff", "Jitter is "+strconv.FormatFloat(b.Jitter, 'g', -1, 64)+": it must be from 0 to 1, or NoJitter")
	case b.Jitter > 0:
		t.policy.Jitter = fractionOf(b.Jitter)
	}
}

func (t *taskSettings) need(names []string, bound bool) {
	for _, name := range names {
		i := slices.IndexFunc(t.needs, func(known need) bool { return known.name == name })
		if i < 0 {
			t.needs = append(t.needs, need{name: name, bound: bound})
		} else {
			t.needs[i].both = t.needs[i].both || t.needs[i].bound != bound
			t.needs[i].bound = t.needs[i].bound || bound
		}
	}
}
