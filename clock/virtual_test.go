package clock_test

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
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
	source.Arm(core.Never, true)
	require.Empty(t, source.Wake())
}

// Of sources that were armed, woken and forgotten nothing is left, not even their room.
func TestVirtualKeepsOnlySourcesThatAreArmed(t *testing.T) {
	virtual := new(clock.Virtual)
	for i := range 1000 {
		source := virtual.NewSource()
		source.Arm(virtual.Now()+5, true)
		source.Arm(virtual.Now()+10, true)
		if i%2 == 0 {
			virtual.Next()
		} else {
			source.Arm(0, false)
		}
	}
	sources, room := clock.Kept(virtual)
	require.Zero(t, sources)
	require.Equal(t, 1, room)
}

// Many sources are woken in the order of a sorted list, whatever was armed, replaced and taken back before.
func TestVirtualWakesManyInOrder(t *testing.T) {
	virtual := new(clock.Virtual)
	random := rand.New(rand.NewPCG(1, 2))
	deadlines := make([]core.Instant, 3000)
	sources := make([]clock.Source, len(deadlines))
	for i := range sources {
		sources[i] = virtual.NewSource()
	}
	for range 4 * len(sources) {
		i := random.IntN(len(sources))
		deadlines[i] = core.Instant(random.IntN(400)) // 0: it wakes at once
		sources[i].Arm(deadlines[i], true)
	}
	for i := range sources {
		if i%5 == 0 {
			deadlines[i] = 0
			sources[i].Arm(0, false)
		}
	}
	var expected []int
	for i, at := range deadlines {
		if at > 0 && at <= 300 {
			expected = append(expected, i)
		}
	}
	slices.SortStableFunc(expected, func(a, b int) int { return cmp.Compare(deadlines[a], deadlines[b]) })
	require.Equal(t, expected, clock.WakeOrder(virtual, 300))
}

func BenchmarkVirtualNext(b *testing.B) {
	for _, n := range []int{10, 10_000} {
		b.Run(fmt.Sprint(n, " sources"), func(b *testing.B) {
			virtual := new(clock.Virtual)
			sources := make([]clock.Source, n)
			for i := range sources {
				sources[i] = virtual.NewSource()
				sources[i].Arm(core.Instant(i+1), true)
			}
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				at, _ := virtual.Next()
				sources[i%n].Arm(at+core.Instant(n), true) // it was woken
			}
		})
	}
}
