package core

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// A queue gives back what was pushed, the smallest id first and each as often as it was pushed, whatever is pushed
// between pops.
func TestQueueIsASortedList(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for _, spread := range []uint64{3, 100, 1 << 40} { // few ids: many are in it twice
		var q queue
		var list []TaskID
		for range 5000 {
			if random.IntN(5) < 2 && len(list) > 0 {
				q.pop()
				list = list[1:]
			} else {
				id := TaskID(random.Uint64N(spread))
				q.push(id)
				list = append(list, id)
				slices.Sort(list)
			}
			require.Len(t, q, len(list))
			if len(list) > 0 {
				require.Equal(t, list[0], q[0])
			}
		}
		for ; len(list) > 0; list = list[1:] {
			require.Equal(t, list[0], q[0])
			q.pop()
		}
		require.Empty(t, q)
	}
}

// Complements of ids come out in reverse.
func TestQueueOfComplementsGivesTheLastFirst(t *testing.T) {
	var q queue
	for id := range TaskID(10) {
		q.push(^id)
	}
	for id := TaskID(9); len(q) > 0; id-- {
		require.Equal(t, id, ^q[0])
		q.pop()
	}
}
