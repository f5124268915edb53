package clock_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/clock"
	"github.com/tasksupervisor/tasksupervisor/core"
)

func TestVirtualNextGoesFromDeadlineToDeadline(t *testing.T) {
	virtual := new(clock.Virtual)
	first, second, third := virtual.NewSource(), virtual.NewSource(), virtual.NewSource()
	first.Arm(30, true)
	second.Arm(10, true)
	third.Arm(10, true)

	at, ok := virtual.Deadline()
	require.True(t, ok)
	require.EqualValues(t, 10, at)
	require.Zero(t, virtual.Now())

	at, ok = virtual.Next()
	require.True(t, ok)
	require.EqualValues(t, 10, at)
	require.Equal(t, at, virtual.Now())
	require.False(t, woken(first))
	require.True(t, woken(second))
	require.True(t, woken(third))

	at, ok = virtual.Next()
	require.True(t, ok)
	require.EqualValues(t, 30, at)
	require.True(t, woken(first))

	at, ok = virtual.Next()
	require.False(t, ok)
	require.Equal(t, core.Never, at)
	require.EqualValues(t, 30, virtual.Now())
	_, ok = virtual.Deadline()
	require.False(t, ok)
}

func TestVirtualWakesInTheOrderOfDeadlinesThenOfMaking(t *testing.T) {
	virtual := new(clock.Virtual)
	var sources []clock.Source
	for range 4 {
		sources = append(sources, virtual.NewSource())
	}
	for i, deadline := range []core.Instant{20, 10, 20, 10} {
		sources[i].Arm(deadline, true)
	}
	require.Equal(t, []int{1, 3, 0, 2}, clock.WakeOrder(virtual, 20))
}

func TestVirtualTimeCanBeSetBack(t *testing.T) {
	virtual := new(clock.Virtual)
	source := virtual.NewSource()
	virtual.Set(100)
	source.Arm(110, true)
	virtual.Set(50)
	require.EqualValues(t, 50, source.Now())
	virtual.Advance(59)
	require.False(t, woken(source))
	virtual.Advance(1)
	require.True(t, woken(source))
	virtual.Advance(-60)
	require.EqualValues(t, 50, virtual.Now())
}

func TestVirtualAdvanceStopsAtTheEndOfTime(t *testing.T) {
	virtual := new(clock.Virtual)
	virtual.Advance(time.Hour)
	virtual.Advance(core.Forever)
	require.Equal(t, core.Never, virtual.Now())
}

// Even at the end of time nothing is due that never is.
func TestVirtualNeverIsNoDeadline(t *testing.T) {
	var v clock.Virtual
	source := v.NewSource()
	source.Arm(core.Never, true)
	_, ok := v.Deadline()
	require.False(t, ok)
	v.Set(core.Never)
	require.Empty(t, source.Wake())
}
