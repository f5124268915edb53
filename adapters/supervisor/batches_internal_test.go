package supervisor

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// Every run is taken once and in order, however many end together: also when a batch is exactly full, and behind several.
func TestEveryEndIsTakenOnceInOrder(t *testing.T) {
	const room = 4
	for many := range 5 * room {
		var e exits
		var added, taken []*run
		for round := range 3 {
			for range many + round {
				r := new(run)
				added = append(added, r)
				_, ok := e.add(r)
				require.True(t, ok)
			}
			for {
				batch := e.take(make([]*run, 0, room))
				taken = append(taken, batch...)
				if len(batch) < room {
					break
				}
			}
			require.Len(t, taken, len(added), "%d runs at a time, round %d", many, round)
		}
		for i := range added {
			require.Same(t, added[i], taken[i])
		}
		require.True(t, e.sleep())
	}
}

// The loop sleeps only if there is nothing to take, and the first run that ends then wakes it. When the loop has ended, runs
// tell the machine themselves.
func TestTheLoopSleepsAndEndsOnlyWhenAllIsTaken(t *testing.T) {
	var e exits
	require.True(t, e.sleep())
	wake, ok := e.add(new(run))
	require.True(t, wake && ok)
	wake, ok = e.add(new(run))
	require.True(t, !wake && ok, "it was woken by the first")
	require.False(t, e.sleep())
	require.False(t, e.endLoop())
	_, ok = e.add(new(run))
	require.True(t, ok, "the loop goes on")
	e.take(make([]*run, 0, 8))
	require.True(t, e.endLoop())
	_, ok = e.add(new(run))
	require.False(t, ok)
}
