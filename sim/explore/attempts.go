package explore

import (
	"github.com/tasksupervisor/tasksupervisor/core"
	"github.com/tasksupervisor/tasksupervisor/sim/spec"
)

// attemptsThatMatter returns the number of attempts from which on more of them change no decision any more. losses says that runs
// can be lost.
func attemptsThatMatter(p *core.Policy, cfg *core.Config, losses bool) uint32 {
	if p.MaxAttempts != core.Unlimited {
		return p.MaxAttempts
	}
	cadence := cfg.HealthCheckInterval > 0
	// Beyond 64 doublings every power has saturated.
	n := min(p.MaxExponent, 64)
	for n > 0 && spec.Delay(p, cadence, n-1) == spec.Delay(p, cadence, n) {
		n--
	}
	// The next failure waits for attempts+1, and a loss for the attempts there are.
	if n > 0 && !losses {
		n--
	}
	return n
}
