package spec_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/core"
	"github.com/tasksupervisor/tasksupervisor/sim/spec"
)

func TestTooManyDead(t *testing.T) {
	half := core.Fraction{Num: 1, Den: 2}
	require.False(t, spec.TooManyDead(half, 1, 2))
	require.True(t, spec.TooManyDead(half, 2, 3))
	require.False(t, spec.TooManyDead(half, 0, 0))
	require.False(t, spec.TooManyDead(core.Fraction{}, 2, 2))
	require.True(t, spec.TooManyDead(core.Fraction{Den: 1}, 1, math.MaxUint64))
}

func TestEnoughEnded(t *testing.T) {
	require.Equal(t, core.ReasonNone, spec.EnoughEnded(core.AutoShutdownNever, 1, 1))
	require.Equal(t, core.ReasonNone, spec.EnoughEnded(core.AutoShutdownAll, 2, 1))
	require.Equal(t, core.ReasonNone, spec.EnoughEnded(core.AutoShutdownAll, 0, 0))
	require.Equal(t, core.ReasonAllEnded, spec.EnoughEnded(core.AutoShutdownAll, 2, 2))
	require.Equal(t, core.ReasonNone, spec.EnoughEnded(core.AutoShutdownAny, 2, 0))
	require.Equal(t, core.ReasonAnyEnded, spec.EnoughEnded(core.AutoShutdownAny, 2, 1))
}

// A window is open at its beginning: what happened exactly its duration ago does not count.
func TestWindow(t *testing.T) {
	w := spec.Window{Rate: core.Rate{Count: 2, Per: 10}}
	w.Record(0)
	require.Less(t, w.Free(), core.Instant(0))
	w.Record(5)
	require.True(t, w.Full(9))
	require.EqualValues(t, 2, w.Count(9))
	require.False(t, w.Full(10))
	require.EqualValues(t, 10, w.Free())
	w.Record(10)
	require.EqualValues(t, 15, w.Free())
	w.Limit(core.Rate{Count: 1, Per: core.Forever})
	require.Equal(t, []core.Instant{10}, w.Instants)
	require.True(t, w.Full(core.Never-1))
	require.Equal(t, core.Never, w.Free())
	w.Limit(core.Rate{})
	require.False(t, w.Full(10))
	require.Empty(t, w.Instants)
}
