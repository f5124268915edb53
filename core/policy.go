package core

// Policy says how one task is supervised. It is taken literally: a zero delay is no delay, zero attempts are none.
// Start from [DefaultPolicy], and change what you need.
type Policy struct {
	// Restart says after which ends the task is restarted. Default RestartOnFailure.
	Restart Restart

	// BaseDelay, Factor and MaxExponent make the delay before the n-th restart since the task was last stable:
	// BaseDelay * Factor^min(n, MaxExponent), n = 1 for the first. Defaults 1 s, 2 and 5: 2, 4, 8, 16, 32 s.
	// Factor must be at least 1.
	BaseDelay   Duration
	Factor      uint32
	MaxExponent uint32

	// MaxDelay caps that delay. Default Forever: no cap.
	MaxDelay Duration

	// Jitter shortens a delay d to a draw from [d*(1-Jitter), d]. Default zero: none.
	Jitter Fraction

	// MaxAttempts is how many restarts in a row the task has, since it was last stable; a failure beyond them
	// makes it Dead. Default 5. Unlimited means no limit.
	MaxAttempts uint32

	// StableAfter is how long a run must have been healthy to clear the attempts. Default 80 s. Zero: any run
	// clears them. Forever: none does.
	StableAfter Duration

	// MinUptime is for tasks that are restarted after good ends, too (RestartAlways). A run that ends well (ExitOK) before it
	// has been healthy for so long has failed (ExitTooQuick), as if it had returned an error: a loop of good ends is counted
	// and slowed down like one of failures. Default zero: no good end is too quick. Forever: each is.
	MinUptime Duration

	// StopTimeout is how long a run that was asked to stop may take before it is abandoned. Default 10 s.
	// Forever: as long as it likes.
	StopTimeout Duration

	// HungStopTimeout takes the place of StopTimeout for a run that is stopped because it hangs: it was not ready in
	// time, missed a beat or failed its probes. Default zero: StopTimeout counts for these, too. Forever: as long as it
	// likes.
	HungStopTimeout Duration

	// OnAbandon says what follows when a run is abandoned. Default AbandonWait.
	OnAbandon OnAbandon

	// OnExhausted says what follows when a failure finds no attempts left. Default ExhaustedDead.
	OnExhausted OnExhausted

	// Readiness opts into telling when a run is ready: it is Starting until EventReady. Default false: a run is
	// Healthy at once. A run that is not ready within StartTimeout has failed. Default 90 s; Forever: no limit.
	Readiness    bool
	StartTimeout Duration

	// Watchdog is how long a Healthy run may go without an EventBeat. Default zero: no watchdog.
	Watchdog Duration

	// Probe has the driver ask a Healthy run at an interval whether it is well. Default zero: no probes. A policy
	// has a watchdog or probes, not both.
	Probe Probe

	// OnMiss says what follows when a run missed a beat, or failed too many probes. Default MissRestart.
	OnMiss OnMiss

	// Significant tasks are those whose end Config.AutoShutdown counts. Default true.
	Significant bool
}

// StopLimit returns how long a run may take to stop before it is abandoned. hung reports whether it is stopped because it
// hangs (see [Reason.Hangs]).
func (p *Policy) StopLimit(hung bool) Duration {
	if hung && p.HungStopTimeout > 0 {
		return p.HungStopTimeout
	}
	return p.StopTimeout
}

// Unlimited as Policy.MaxAttempts means any number of restarts.
const Unlimited uint32 = 1<<32 - 1

// PolicyID names a policy of one machine: the index of a policy in Config.Policies, or what [Machine.Define]
// returned. It is never used for another policy.
type PolicyID uint64

// Restart says after which ends a task is restarted.
type Restart uint8

const (
	RestartOnFailure Restart = iota // after a failure; a good end completes the task
	RestartAlways                   // after any end; a good end waits the base delay and costs no attempt
	RestartNever                    // after none

	restarts // how many there are; keep it last
)

// OnAbandon says what follows when a run ignored its stop past the timeout. Whatever it says, a task that was
// killed, removed or shut down stays Abandoned until its run has ended.
type OnAbandon uint8

const (
	// AbandonWait: the task stays Abandoned until its run has ended; a restart that was asked for follows then.
	AbandonWait OnAbandon = iota

	// AbandonReplace: a restart that was asked for happens at once, beside the abandoned run. At most one such
	// run is left alive per task: when its replacement is abandoned too, the task waits for one of the two.
	AbandonReplace

	// AbandonEscalate: the supervisor halts.
	AbandonEscalate

	onAbandons // how many there are; keep it last
)

// Probe says how a run is probed. The zero Probe means not at all.
type Probe struct {
	Interval Duration // from the run's health, and from each answer, to the next probe
	Timeout  Duration // a probe not answered within it has failed; Forever: as long as it takes
	Failures uint8    // so many failed probes in a row are a miss; at least 1
}

// OnExhausted says what follows when a task has used up its restart attempts.
type OnExhausted uint8

const (
	ExhaustedDead     OnExhausted = iota // the task is dead, and the others go on
	ExhaustedEscalate                    // the supervisor halts

	onExhausteds // how many there are; keep it last
)

// OnMiss says what follows when a run missed a beat, or failed too many probes in a row.
type OnMiss uint8

const (
	MissRestart OnMiss = iota // that is a failure: the run is stopped, and restarted as after any failure
	MissReport                // an ActionTransition reports it once; nothing more follows until the run gives a sign of life

	onMisses // how many there are; keep it last
)

// DefaultPolicy returns the policy of a task when none is given: restart on failure after 2, 4, 8, 16 and 32 seconds, dead
// at the sixth failure in a row, and the attempts cleared after 80 s of health.
func DefaultPolicy() Policy {
	return Policy{
		Restart:      RestartOnFailure,
		BaseDelay:    second,
		Factor:       2,
		MaxExponent:  5,
		MaxDelay:     Forever,
		MaxAttempts:  5,
		StableAfter:  80 * second,
		StopTimeout:  10 * second,
		OnAbandon:    AbandonWait,
		StartTimeout: 90 * second,
		Significant:  true,
	}
}

// Fraction is the exact ratio Num/Den. The zero Fraction means none.
type Fraction struct {
	Num, Den uint32
}
