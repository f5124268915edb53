package supervisor

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// A queue keeps its order when it grows, wherever its oldest transition lies.
func TestTheQueueOfAnObserverGrowsInOrder(t *testing.T) {
	for popped := range 40 {
		var r ring
		pushed, next := Instant(0), Instant(0)
		push := func(n int) {
			for range n {
				r.push(&Transition{At: pushed})
				pushed++
			}
		}
		pop := func(n int) {
			for range n {
				require.Equal(t, next, r.pop().At)
				next++
			}
		}
		push(popped)
		pop(popped)
		push(100)
		require.Equal(t, next, r.oldest().At)
		pop(60)
		push(3000)
		pop(3040)
		require.Zero(t, r.n)
		push(1)
		pop(1)
	}
}
