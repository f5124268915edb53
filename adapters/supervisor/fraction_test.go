package supervisor

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/core"
)

func TestFractionIsTheOneThatWasMeant(t *testing.T) {
	for x, want := range map[float64]Fraction{
		0: {Num: 0, Den: 1}, 1: {Num: 1, Den: 1}, 0.5: {Num: 1, Den: 2}, 0.4: {Num: 2, Den: 5}, 0.1: {Num: 1, Den: 10},
		0.3: {Num: 3, Den: 10}, 0.999: {Num: 999, Den: 1000}, 0.123456: {Num: 1929, Den: 15625},
		1.0 / 3: {Num: 1, Den: 3}, 2.0 / 7: {Num: 2, Den: 7},
	} {
		require.Equal(t, want, fractionOf(x), x)
	}
}

func TestFractionOfEveryShareOfUpToThreeHundred(t *testing.T) {
	for den := uint32(1); den <= 300; den++ {
		for num := uint32(0); num <= den; num++ {
			x := float64(num) / float64(den)
			f := fractionOf(x)
			require.Equal(t, uint64(num)*uint64(f.Den), uint64(den)*uint64(f.Num), "%d/%d became %v", num, den, f)
		}
	}
}

func TestFractionOfWhatFitsInNone(t *testing.T) {
	for _, x := range []float64{math.SmallestNonzeroFloat64, 1e-30, 1e-12, math.Pi / 4, math.Nextafter(0.4, 1), math.Nextafter(1, 0)} {
		f := fractionOf(x)
		require.LessOrEqual(t, f.Num, f.Den)
		require.NotZero(t, f.Den)
		require.InDelta(t, x, float64(f.Num)/float64(f.Den), 1e-9)
	}
}

func TestRefusalsThatAreNotAboutOptionsPassThrough(t *testing.T) {
	require.Equal(t, core.ErrSnapshot, (&taskSettings{}).refusal(core.ErrSnapshot))
	require.NoError(t, (&taskSettings{}).refusal(nil))
	require.ErrorContains(t, refusalError(core.RefusalStaleRun), "stale-run")
}
