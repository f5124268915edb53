package sim

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/core"
	"github.com/tasksupervisor/tasksupervisor/sim/workload"
)

// A queue must do what a sorted list does, whatever is set, moved and dropped.
func TestQueueIsASortedList(t *testing.T) {
	for name, c := range map[string]struct {
		numbers uint32
		span    uint64
	}{
		"few":               {60, 50},
		"many, many ties":   {1000, 50},
		"many":              {1000, 1 << 30},
		"many, far apart":   {600, 1 << 60},
		"many, all of time": {600, 1<<63 - 1},
	} {
		t.Run(name, func(t *testing.T) { testQueue(t, c.numbers, c.span) })
	}
}

func testQueue(t *testing.T, numbers uint32, span uint64) {
	var r workload.Random
	r.Seed(3, 4)
	var q queue
	now := uint64(0)
	q.grow(int(numbers))
	list := map[uint32]entry{}
	for range 20_000 {
		number := uint32(r.Below(uint64(numbers)))
		switch r.Below(4) {
		case 0:
			q.drop(number)
			delete(list, number)
		case 1:
			if len(list) > 0 {
				first := q.first()
				require.Equal(t, earliest(list).number, first)
				now = uint64(list[first].at)
				delete(list, first)
				q.drop(first)
			}
		default:
			// Of what is queued, nothing is before what was taken.
			e := entry{core.Instant(now + r.Below(min(span, math.MaxInt64-now))), uint32(r.Uint64()), number}
			q.set(number, e.at, e.tie)
			list[number] = e
		}
		if len(list) == 0 {
			require.Equal(t, core.Never, q.next())
			continue
		}
		first := earliest(list)
		require.Equal(t, first.at, q.next())
		require.Equal(t, first.number, q.first())
		if e, ok := list[number]; ok {
			require.Equal(t, e.at, q.due(number))
		} else {
			require.Equal(t, core.Never, q.due(number))
		}
	}
}

func earliest(list map[uint32]entry) entry {
	first := entry{at: core.Never}
	for _, e := range list {
		if e.before(&first) {
			first = e
		}
	}
	return first
}

func TestAnEntryThatNeverComesIsDropped(t *testing.T) {
	var q queue
	q.grow(1)
	q.set(0, 5, 1)
	q.set(0, core.Never, 1)
	require.Equal(t, core.Never, q.next())
	require.Equal(t, core.Never, q.due(0))
}
