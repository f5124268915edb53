package supervisor

import (
	"context"
	"slices"
	"strconv"
	"time"
)

// WithPolicy sets all that the other task options set, but for needs and suspension. Begin with [DefaultPolicy]. Options
// that refine the policy come after it; one that comes before it, and so would be overwritten, is an error.
func WithPolicy(p Policy) TaskOption {
	return taskOption{
		name: "WithPolicy",
		overwrites: func(earlier string) (advice string) {
			if earlier == "WithSuspended" {
				return ""
			}
			return "give WithPolicy first"
		},
		apply: func(t *taskSettings) {
			t.policy = p
			t.stopTimeoutSet = true
		},
	}
}

// WithRestart says after which ends a task is restarted: [RestartOnFailure] (the default), [RestartAlways] or
// [RestartNever].
func WithRestart(r Restart) TaskOption {
	return taskOption{name: "WithRestart", apply: func(t *taskSettings) { t.policy.Restart = r }}
}

// WithBaseDelay is the short form of [WithBackoff] for the base alone: with the defaults, the first restart in a row
// waits twice the base delay, the second four times, and so on up to 32 times. Zero restarts at once. Default 1 s. An
// error beside WithBackoff.
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
// with n = 1 for the first, but at most Max, less jitter. [WithStableAfter] says what a row is.
//
// A field that is zero is not set: it stays as it is, which is the default given here, what [New] was given for all
// tasks or, in [Supervisor.SetPolicy], what the task has. So Backoff{Base: time.Second, Max: time.Minute} says nothing
// about the rest. For no delay at all there is WithBaseDelay(0).
type Backoff struct {
	Base        time.Duration // default 1 s
	Factor      uint32        // default 2; 1 makes every delay the base delay
	MaxExponent uint32        // after how many restarts in a row the delay grows no more; default 5
	Max         time.Duration // the longest delay; default Forever: no cap
	Jitter      float64       // shortens each delay by a random part of it, up to this fraction of 1; default NoJitter
}

// NoJitter as [Backoff.Jitter] means that delays are not shortened, whatever was set before.
const NoJitter = -1

// WithBackoff sets how long a task waits before it is restarted.
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

// WithMaxAttempts sets how many restarts in a row a task has: a failure beyond them makes it dead (see
// [WithOnExhausted]). Zero allows none, [Unlimited] any number. Default 5.
func WithMaxAttempts(n uint32) TaskOption {
	return taskOption{name: "WithMaxAttempts", apply: func(t *taskSettings) { t.policy.MaxAttempts = n }}
}

// WithStableAfter sets how long a run must be healthy to clear the restarts counted so far. Zero: any run clears them.
// [Forever]: none does. Default 80 s.
func WithStableAfter(d time.Duration) TaskOption {
	return taskOption{name: "WithStableAfter", apply: func(t *taskSettings) { t.policy.StableAfter = d }}
}

// WithOnExhausted says what follows when a task has no restart attempts left: [ExhaustedDead] (the default), or
// [ExhaustedEscalate], which stops the supervisor with an [EscalatedError].
func WithOnExhausted(o OnExhausted) TaskOption {
	return taskOption{name: "WithOnExhausted", apply: func(t *taskSettings) { t.policy.OnExhausted = o }}
}

// WithStopTimeout sets how long a run may take to stop once its context is cancelled, before it is given up on. [Forever]:
// as long as it likes. Default 10 s; for a task that is a [*Supervisor], Forever whatever the default for the others is,
// because it keeps the stop timeouts of its own tasks.
func WithStopTimeout(d time.Duration) TaskOption {
	return taskOption{name: "WithStopTimeout", apply: func(t *taskSettings) {
		t.policy.StopTimeout = d
		t.stopTimeoutSet = true
	}}
}

// WithHungStopTimeout sets how long a run may take to stop that is stopped because it hangs: it was not ready in time,
// missed a beat or failed its probes. Such a run seldom heeds its context, so this is often short where [WithStopTimeout]
// is long. [Forever]: as long as it likes. Default zero: the stop timeout counts for these runs, too.
func WithHungStopTimeout(d time.Duration) TaskOption {
	return taskOption{name: "WithHungStopTimeout", apply: func(t *taskSettings) { t.policy.HungStopTimeout = d }}
}

// WithOnAbandon says what follows when a run is given up on: [AbandonWait] (the default), [AbandonReplace], or
// [AbandonEscalate], which stops the supervisor with an [EscalatedError].
func WithOnAbandon(o OnAbandon) TaskOption {
	return taskOption{name: "WithOnAbandon", apply: func(t *taskSettings) { t.policy.OnAbandon = o }}
}

// WithReadiness says whether a task reports when it is ready, by [Ready]. Until then it is [StatusStarting]; tasks that
// need it wait (see [WithNeeds]), and so do those behind it where the strategy orders them (see [WithStrategy]). A run
// that is not ready in time (see [WithStartTimeout]) has failed. Default false: a run is healthy as soon as it starts.
//
// A task that is a [*Supervisor] reports by itself that it is ready: as soon as each of its own tasks is healthy or
// completed, ignoring tasks that are suspended or waiting for a suspended one.
func WithReadiness(readiness bool) TaskOption {
	return taskOption{name: "WithReadiness", apply: func(t *taskSettings) { t.policy.Readiness = readiness }}
}

// WithStartTimeout sets how long a run with readiness may take to be ready. One that takes longer is stopped with
// [ErrStartTimeout], which is a failure like any other. [Forever]: as long as it likes. Default 90 s.
func WithStartTimeout(d time.Duration) TaskOption {
	return taskOption{name: "WithStartTimeout", apply: func(t *taskSettings) { t.policy.StartTimeout = d }}
}

// WithWatchdog requires a task to call [Beat] at least every d while it is healthy. A run that misses a beat is stopped
// with [ErrMissedBeat], which is a failure like any other, or only reported: see [WithOnMiss]. A task that is a
// [*Supervisor] does not beat: for it the option is an error, and it ignores such a default. Default zero: no watchdog.
func WithWatchdog(d time.Duration) TaskOption {
	return taskOption{name: "WithWatchdog", apply: func(t *taskSettings) { t.policy.Watchdog = d }}
}

// WithProbe has a function called at an interval, while the task is healthy, that checks the task: nil means that it is
// well. As many failures in a row as the probe says are a miss: the run is stopped with a [*ProbeError], which is a
// failure like any other, or only reported (see [WithOnMiss]). A call that panics, ends its goroutine or takes too long
// has failed.
//
// The function's context is derived from the run's, so [Current] says which run it is about; it is cancelled with
// [ErrProbeTimeout] when its time has passed. The function runs in a goroutine of its own. A call that ignores its context
// is listed in [Report.Probes], and is the only one of its run until it returns: later probes fail without it.
//
// A task has probes or a watchdog, not both. A task that is a [*Supervisor] ignores a probe that is a default of its
// parent. Default, and the zero probe: none.
func WithProbe(check func(ctx context.Context) error, probe Probe) TaskOption {
	return taskOption{name: "WithProbe", apply: func(t *taskSettings) {
		if check == nil && probe != (Probe{}) {
			t.problem("WithProbe", "has no function")
			return
		}
		t.check, t.policy.Probe = check, probe
	}}
}

// WithOnMiss says what follows when a run missed a beat or failed its probes: [MissRestart] (the default), or
// [MissReport], which tells observers and the log, once for each silence, and does nothing else.
func WithOnMiss(o OnMiss) TaskOption {
	return taskOption{name: "WithOnMiss", apply: func(t *taskSettings) { t.policy.OnMiss = o }}
}

// WithNeeds names tasks of the same supervisor that a task needs. It starts when they are up: healthy, or completed. It
// is stopped before any of them is, and none of them can be removed before it. When one of them fails or is stopped while
// the task runs, the task runs on; see [WithBoundTo] for the other way. Observers see such a task added, and then resumed.
// It can be given any number of times, but not to New as a default. Default: none.
func WithNeeds(names ...string) TaskOption {
	return taskOption{apply: func(t *taskSettings) { t.need(names, false) }}
}

// WithBoundTo is [WithNeeds] for a task that cannot go on without the tasks it needs: when one of them goes down, the
// task is stopped with [ErrDependency], and started again when they are all up. That is no failure of the task.
func WithBoundTo(names ...string) TaskOption {
	return taskOption{apply: func(t *taskSettings) { t.need(names, true) }}
}

// WithSuspended says whether a task waits for [Supervisor.Resume] before its first start. Default false.
func WithSuspended(suspended bool) TaskOption {
	return taskOption{name: "WithSuspended", apply: func(t *taskSettings) { t.suspended = suspended }}
}

// WithSignificant says whether [WithAutoShutdown] looks at a task. Default true.
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
			t.needs = append(t.needs, need{name, bound})
		} else {
			t.needs[i].bound = t.needs[i].bound || bound
		}
	}
}
