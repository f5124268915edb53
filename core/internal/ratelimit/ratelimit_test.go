package ratelimit

import (
	"math"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

const beginning = math.MinInt64

// window returns a window with a limit, and what happened in it.
func window(count uint32, per time.Duration, instants ...int64) *Window[int64] {
	w := new(Window[int64])
	w.SetLimit(count, per)
	for _, at := range instants {
		w.Record(at)
	}
	return w
}

func TestWindowIsOpenAtItsBeginning(t *testing.T) {
	w := window(2, 10, 5, 7)
	require.True(t, w.Full(7))
	require.True(t, w.Full(14))
	require.False(t, w.Full(15))
	require.Equal(t, int64(15), w.NextFree(7))
	require.Equal(t, int64(20), w.NextFree(20))
	w.Record(15)
	require.Equal(t, []int64{7, 15}, slices.Collect(w.All()))
	require.True(t, w.Full(16))
	require.Equal(t, int64(17), w.NextFree(16))
}

func TestWindowWithRoom(t *testing.T) {
	w := window(2, 10, 5)
	require.False(t, w.Full(5))
	require.Equal(t, int64(6), w.NextFree(6))
	require.Equal(t, 1, w.Len())
}

func TestWindowWithoutALimit(t *testing.T) {
	for _, w := range []*Window[int64]{new(Window[int64]), window(1, 0, 5)} {
		require.False(t, w.Full(5))
		require.Equal(t, int64(6), w.NextFree(6))
	}
}

func TestWindowThatAllowsNothing(t *testing.T) {
	w := window(0, 10, 5)
	require.Zero(t, w.Len())
	require.True(t, w.Full(100))
	require.Equal(t, int64(math.MaxInt64), w.NextFree(100))
}

// A window of the longest duration that ends, and one that never does, over the whole of time.
func TestWindowOverTheWholeOfTime(t *testing.T) {
	w := window(1, Forever-1, beginning)
	require.True(t, w.Full(-3))
	require.False(t, w.Full(-2))
	require.False(t, w.Full(math.MaxInt64-1))
	require.Equal(t, int64(-2), w.NextFree(beginning))

	w.SetLimit(1, Forever)
	require.True(t, w.Full(math.MaxInt64-1))
	require.Equal(t, int64(math.MaxInt64), w.NextFree(math.MaxInt64-1))

	require.Equal(t, int64(math.MaxInt64), window(1, 10, math.MaxInt64-10).NextFree(0))
	require.Equal(t, int64(math.MaxInt64-1), window(1, 9, math.MaxInt64-10).NextFree(0))
}

// A window forgets the oldest first, whatever its limit becomes.
func TestWindowForgetsTheOldest(t *testing.T) {
	for first := range uint32(6) {
		for second := range uint32(6) {
			w := window(first, 1, 0, 1, 2, 3, 4, 5, 6)
			require.Equal(t, int(first), w.Len())
			w.SetLimit(second, 1)
			var expected []int64
			for at := 7 - min(first, second); at < 7; at++ {
				expected = append(expected, int64(at))
			}
			require.Equal(t, expected, slices.Collect(w.All()))
			w.Record(7)
			if second > 0 {
				expected = append(expected, 7)
				expected = expected[max(0, len(expected)-int(second)):]
			}
			require.Equal(t, expected, slices.Collect(w.All()))
			require.True(t, w.Sound(second, 1, 7))
			for range w.All() {
				break // and not one more is yielded, or this would panic
			}
		}
	}
}

func TestRecordDoesNotAllocate(t *testing.T) {
	w := window(100, 1)
	require.Zero(t, testing.AllocsPerRun(1000, func() { w.Record(5) }))
	copied := window(100, 1)
	copied.CopyFrom(w)
	require.Zero(t, testing.AllocsPerRun(10, func() { copied.CopyFrom(w) }))
}

func TestCopyIsIndependent(t *testing.T) {
	w, copied := window(2, 10, 5, 7, 8), new(Window[int64])
	copied.CopyFrom(w)
	require.Equal(t, w, copied)
	copied.Record(9)
	require.Equal(t, []int64{7, 8}, slices.Collect(w.All()))
	require.Equal(t, []int64{8, 9}, slices.Collect(copied.All()))
}

func TestSoundFindsPlantedCorruption(t *testing.T) {
	for name, plant := range map[string]func(w *Window[int64]){
		"another count":    func(w *Window[int64]) { w.count = 4 },
		"another duration": func(w *Window[int64]) { w.per = 11 },
		"too many":         func(w *Window[int64]) { w.instants = append(w.instants, 8) },
		"out of order":     func(w *Window[int64]) { w.instants[0] = 6 },
		"from the future":  func(w *Window[int64]) { w.instants[w.oldest+1] = 10 },
		"oldest":           func(w *Window[int64]) { w.oldest = 1000 },
	} {
		w := window(3, 10, 5, 6, 7, 8)
		require.True(t, w.Sound(3, 10, 9))
		plant(w)
		require.False(t, w.Sound(3, 10, 9), name)
	}
	w := window(3, 10, 5, 6, 7)
	w.oldest = 3 // one too far, and yet in order
	require.False(t, w.Sound(3, 10, 9))
}
