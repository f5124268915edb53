package explore

import (
	"math/bits"
	"time"

	"github.com/tasksupervisor/tasksupervisor/core"
)

// attemptsThatMatter returns the number of attempts from which on more of them change no decision any more.
func attemptsThatMatter(p *core.Policy, cfg *core.Config) uint32 {
	if p.MaxAttempts != core.Unlimited {
		return p.MaxAttempts
	}
	// Beyond 64 doublings every power has saturated.
	n := min(p.MaxExponent, 64)
	for n > 0 && delay(p, n-1, powerMax(cfg)) == delay(p, n, powerMax(cfg)) {
		n--
	}
	// The next failure waits delay(attempts+1).
	if n > 0 {
		n--
	}
	return n
}

// delay returns the delay before restart n. It is the formula of the contract, and not the core's code.
func delay(p *core.Policy, n uint32, powerMax uint64) time.Duration {
	power := uint64(1)
	if p.Factor > 1 {
		for range min(n, p.MaxExponent, 64) {
			power = min(multiply(power, uint64(p.Factor)), powerMax)
		}
	}
	return min(time.Duration(min(multiply(uint64(p.BaseDelay), power), uint64(core.Forever))), p.MaxDelay)
}

// powerMax returns what a base delay is multiplied by at most.
func powerMax(cfg *core.Config) uint64 {
	if cfg.HealthCheckInterval > 0 {
		return 1<<32 - 1
	}
	return 1<<64 - 1
}

// multiply saturates.
func multiply(a, b uint64) uint64 {
	high, low := bits.Mul64(a, b)
	if high != 0 {
		return 1<<64 - 1
	}
	return low
}
