package supervisor

import (
	"time"

	"github.com/tasksupervisor/tasksupervisor/core"
)

// WithPolicy sets all that the other task options set. Begin with DefaultPolicy.
func WithPolicy(p Policy) TaskOption {
	return taskOption(func(t *taskSettings) {
		t.policy = p
		t.stopTimeoutSet = true
	})
}

// WithRestart says after which ends a task is restarted: RestartOnFailure (the default), RestartAlways or
// RestartNever.
func WithRestart(r Restart) TaskOption {
	return taskOption(func(t *taskSettings) { t.policy.Restart = r })
}

// WithBaseDelay sets the delay that backoff starts from: the n-th restart in a row waits BaseDelay *
// Factor^min(n, MaxExponent), n = 1 for the first. Zero restarts at once. Default 1 s.
func WithBaseDelay(d time.Duration) TaskOption {
	return taskOption(func(t *taskSettings) { t.policy.BaseDelay = d })
}

// WithFactor sets by how much the delay grows from one restart to the next, at least 1. Default 2.
func WithFactor(factor int) TaskOption {
	return taskOption(func(t *taskSettings) { t.policy.Factor = t.number("WithFactor", factor, 1) })
}

// WithMaxExponent sets after how many restarts in a row the delay grows no more. Zero keeps it at the base delay.
// Default 5.
func WithMaxExponent(n int) TaskOption {
	return taskOption(func(t *taskSettings) { t.policy.MaxExponent = t.number("WithMaxExponent", n, 0) })
}

// WithMaxDelay caps the delay. Default Forever: no cap.
func WithMaxDelay(d time.Duration) TaskOption {
	return taskOption(func(t *taskSettings) { t.policy.MaxDelay = d })
}

// WithJitter shortens each delay by a random part of it, up to this fraction, from 0 to 1. Default 0.
func WithJitter(fraction float64) TaskOption {
	return taskOption(func(t *taskSettings) { t.policy.Jitter = t.fraction("WithJitter", fraction) })
}

// WithMaxAttempts sets how many restarts in a row a task has: a failure beyond them makes it dead. Zero allows none.
// Default 5.
func WithMaxAttempts(n int) TaskOption {
	return taskOption(func(t *taskSettings) { t.policy.MaxAttempts = t.number("WithMaxAttempts", n, 0) })
}

// WithUnlimitedAttempts lets a task fail as often as it likes.
func WithUnlimitedAttempts() TaskOption {
	return taskOption(func(t *taskSettings) { t.policy.MaxAttempts = core.Unlimited })
}

// WithStableAfter sets how long a run must last to clear the restarts counted so far. Forever: none does.
// Default 80 s.
func WithStableAfter(d time.Duration) TaskOption {
	return taskOption(func(t *taskSettings) { t.policy.StableAfter = d })
}

// WithStopTimeout sets how long a run may take to stop once its context is cancelled, before it is given up on.
// Forever: as long as it likes. Default 10 s; for a task that is a [*Supervisor], Forever whatever the default for
// the others is, for it keeps the stop timeouts of its own tasks.
func WithStopTimeout(d time.Duration) TaskOption {
	return taskOption(func(t *taskSettings) {
		t.policy.StopTimeout = d
		t.stopTimeoutSet = true
	})
}

// WithOnAbandon says what follows when a run is given up on: AbandonWait (the default), AbandonReplace or
// AbandonEscalate, which ends the supervisor with an [EscalatedError].
func WithOnAbandon(o OnAbandon) TaskOption {
	return taskOption(func(t *taskSettings) { t.policy.OnAbandon = o })
}

// WithOnExhausted says what follows when a task has used up its restart attempts: ExhaustedDead (the default), or
// ExhaustedEscalate, which ends the supervisor with an [EscalatedError].
func WithOnExhausted(o OnExhausted) TaskOption {
	return taskOption(func(t *taskSettings) { t.policy.OnExhausted = o })
}

// WithSuspended says whether a task waits for [Supervisor.Resume] before its first start. Default false.
func WithSuspended(suspended bool) TaskOption {
	return taskOption(func(t *taskSettings) { t.suspended = suspended })
}

// WithSignificant says whether [WithAutoShutdown] looks at a task. Default true.
func WithSignificant(significant bool) TaskOption {
	return taskOption(func(t *taskSettings) { t.policy.Significant = significant })
}
