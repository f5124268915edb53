package sim

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/core"
)

// A queue must do what a sorted list does, whatever is set, moved and dropped.
func TestQueueIsASortedList(t *testing.T) {
	const numbers = 60
	var r Random
	r.seed(3, 4)
	var q queue
	q.room(numbers)
	list := map[uint32]entry{}
	for range 20_000 {
		number := uint32(r.Below(numbers))
		switch r.Below(4) {
		case 0:
			q.drop(number)
			delete(list, number)
		case 1:
			if len(list) > 0 {
				require.Equal(t, sorted(list)[0].number, q.first())
				delete(list, q.first())
				q.drop(q.first())
			}
		default:
			e := entry{core.Instant(r.Below(50)), uint32(r.Uint64()), number}
			q.set(number, e.at, e.tie)
			list[number] = e
		}
		require.Len(t, q.heap, len(list))
		if len(list) == 0 {
			require.Equal(t, core.Never, q.next())
			continue
		}
		first := sorted(list)[0]
		require.Equal(t, first.number, q.first())
		require.Equal(t, first.at, q.next())
		require.Equal(t, list[number].at, min(q.due(number), max(list[number].at, 0)))
	}
}

func sorted(list map[uint32]entry) []entry {
	var all []entry
	for _, e := range list {
		all = append(all, e)
	}
	slices.SortFunc(all, func(a, b entry) int {
		if a.before(&b) {
			return -1
		}
		return 1
	})
	return all
}

func TestAnEntryThatNeverComesIsDropped(t *testing.T) {
	var q queue
	q.room(1)
	q.set(0, 5, 1)
	q.set(0, core.Never, 1)
	require.Equal(t, core.Never, q.next())
	require.Equal(t, core.Never, q.due(0))
}
