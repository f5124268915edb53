package reference

import (
	"fmt"
	"math"
	"time"

	"github.com/tasksupervisor/tasksupervisor/core"
)

func configFor(s scenario) core.Config {
	policy := core.DefaultPolicy()
	policy.MaxAttempts = core.Unlimited
	if s.settings.maxRestartAttempts != nil {
		policy.MaxAttempts = *s.settings.maxRestartAttempts
	}
	policy.BaseDelay = durationOf(s.settings.baseRestartDelay)
	policy.MaxExponent = s.settings.maxBackoffExponent
	policy.StableAfter = durationOf(s.settings.stableAfter)
	policy.StopTimeout = core.Forever
	return core.Config{
		Policies:            []core.Policy{policy},
		Limits:              core.Limits{DeadThreshold: thresholdFor(s)},
		HealthCheckInterval: durationOf(s.settings.healthCheckInterval),
	}
}

// thresholdFor returns the largest share of dead tasks that the crate's comparison, in floating point, lets pass.
// With it, the core's comparison, in whole numbers, agrees for as many tasks as the scenario can have.
func thresholdFor(s scenario) core.Fraction {
	limit := s.settings.deadThreshold
	if limit == nil {
		return core.Fraction{}
	}
	most := core.Fraction{Num: 0, Den: 1}
	for total := range len(s.tasks) + len(s.commands) {
		den := uint32(total + 1)
		num := uint32(*limit * float64(den))
		for float64(num+1)/float64(den) <= *limit {
			num++
		}
		for float64(num)/float64(den) > *limit {
			num--
		}
		if uint64(num)*uint64(most.Den) > uint64(most.Num)*uint64(den) {
			most = core.Fraction{Num: num, Den: den}
		}
	}
	return most
}

// wordFor returns what the crate calls a status.
func wordFor(status core.Status) string {
	switch status {
	case core.StatusCreated:
		return statusCreated
	case core.StatusStarting, core.StatusHealthy, core.StatusStopping:
		return statusHealthy
	case core.StatusFailed:
		return statusFailed
	case core.StatusCompleted:
		return statusCompleted
	case core.StatusDead, core.StatusHalted, core.StatusAbandoned:
		return statusDead
	case core.StatusNone:
	}
	return status.String()
}

// durationOf converts milliseconds, at most to Forever.
func durationOf(ms uint64) core.Duration {
	if ms > math.MaxInt64/uint64(time.Millisecond) {
		return core.Forever
	}
	return core.Duration(ms) * time.Millisecond
}

func instantOf(ms uint64) core.Instant { return core.Instant(durationOf(ms)) }

func tooManyDeadMessage(share, threshold float64) string {
	return fmt.Sprintf("%.2f%% of the tasks are dead, more than the allowed %.2f%%", share*100, threshold*100)
}
