package spec_test

import (
	"math"
	"math/big"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/core"
	"github.com/tasksupervisor/tasksupervisor/sim/spec"
)

// The delay is the formula of the contract in integers without bounds, and saturates where those leave the range.
func TestDelayIsTheFormula(t *testing.T) {
	for _, base := range []core.Duration{0, 1, time.Second, math.MaxInt64 / 3, core.Forever} {
		for _, factor := range []uint32{1, 2, 3, math.MaxUint32} {
			for _, exponent := range []uint32{0, 1, 5, 40, 64} {
				for _, longest := range []core.Duration{0, time.Minute, core.Forever} {
					p := core.Policy{BaseDelay: base, Factor: factor, MaxExponent: exponent, MaxDelay: longest}
					for _, n := range []uint32{0, 1, 2, 5, 6, 70, math.MaxUint32} {
						power := new(big.Int).Exp(big.NewInt(int64(factor)), big.NewInt(int64(min(n, exponent))), nil)
						require.Equal(t, capped(base, power, longest), spec.Delay(&p, false, n), "%v %v^%v", base, factor, n)
						if limit := big.NewInt(math.MaxUint32); power.Cmp(limit) > 0 {
							power = limit
						}
						require.Equal(t, capped(base, power, longest), spec.Delay(&p, true, n), "crate: %v %v^%v", base, factor, n)
					}
				}
			}
		}
	}
}

func capped(base core.Duration, power *big.Int, longest core.Duration) core.Duration {
	delay := new(big.Int).Mul(big.NewInt(int64(base)), power)
	if delay.Cmp(big.NewInt(int64(longest))) > 0 {
		return longest
	}
	return core.Duration(delay.Int64())
}

// Jitter only shortens, by no more than its share, and is the same for the same draw.
func TestDrawStaysInItsSpan(t *testing.T) {
	p := core.Policy{Jitter: core.Fraction{Num: 1, Den: 3}}
	delay := core.Duration(10)
	require.EqualValues(t, 3, spec.JitterSpan(&p, delay))
	seen := map[core.Duration]bool{}
	for run := range core.Run(200) {
		d := spec.Draw(&p, delay, 7, 8, run)
		require.Equal(t, d, spec.Draw(&p, delay, 7, 8, run))
		seen[d] = true
	}
	require.Equal(t, map[core.Duration]bool{7: true, 8: true, 9: true, 10: true}, seen)
}

// Exactly, a run is stable after StableAfter; on the grid of the reference's health checks, one nanosecond after the check
// that finds more than that since the check which first saw the run.
func TestStable(t *testing.T) {
	p := core.Policy{StableAfter: 80}
	require.EqualValues(t, 85, spec.Stable(&p, 0, 0, 5))
	require.EqualValues(t, 101, spec.Stable(&p, 10, 0, 5))
	require.EqualValues(t, 101, spec.Stable(&p, 10, 0, 10))
	require.EqualValues(t, 104, spec.Stable(&p, 10, 3, 10))
	require.Equal(t, core.Never, spec.Stable(&core.Policy{StableAfter: core.Forever}, 10, 0, 5))
	require.Equal(t, core.Never, spec.Stable(&p, 10, 0, core.Never-50))
	require.EqualValues(t, 11, spec.HealthCheck(10, 0, 5))
	require.EqualValues(t, 11, spec.HealthCheck(10, 0, 10))
	require.Equal(t, core.Never, spec.HealthCheck(core.Forever, 0, 5))
}
