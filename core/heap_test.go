package core

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// The heap against a sorted slice: the same first timer, the same deadlines, after every change.
func TestTimersAreOrdered(t *testing.T) {
	const slots = 40
	for seed := range uint64(50) {
		random := rand.New(rand.NewPCG(seed, 0))
		h := timers{position: make([]uint32, slots)}
		var model []timer
		for range 500 {
			slot := random.Uint32N(slots)
			known := slices.IndexFunc(model, func(entry timer) bool { return entry.task&slotMask == TaskID(slot) })
			if known >= 0 {
				h.disarm(slot)
				model = slices.Delete(model, known, known+1)
			} else {
				entry := timer{Instant(random.Int64N(5)), makeTaskID(1+random.Uint64N(3), slot)}
				h.arm(entry.task, entry.at)
				model = append(model, entry)
			}
			slices.SortFunc(model, func(a, b timer) int {
				if a.before(b) {
					return -1
				}
				return 1
			})
			if len(model) == 0 {
				require.Equal(t, Never, h.next())
				continue
			}
			require.Equal(t, model[0], h.heap[0])
			require.Equal(t, model[0].at, h.next())
			for _, entry := range model {
				require.Equal(t, entry.at, h.deadline(uint32(entry.task&slotMask)))
			}
			require.Len(t, h.heap, len(model))
		}
		// What is left comes out in order.
		for _, entry := range model {
			require.Equal(t, entry, h.heap[0])
			h.disarm(uint32(entry.task & slotMask))
		}
		require.Empty(t, h.heap)
	}
}

func TestDeadlineNeverIsNoTimer(t *testing.T) {
	h := timers{position: make([]uint32, 1)}
	h.arm(makeTaskID(1, 0), Never)
	require.Empty(t, h.heap)
	require.Equal(t, Never, h.deadline(0))
	h.disarm(0)
	require.Empty(t, h.heap)
}
