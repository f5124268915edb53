package supervisor

import (
	"context"
	"runtime"
	"strconv"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"
)

// Ends are taken in order, each once, whether they fill the room for them exactly or not.
func TestExitsAreTakenInOrder(t *testing.T) {
	const room = 4
	for ends := range 3*room + 1 {
		e := exits{asleep: true}
		var added, taken []*run
		for i := range ends {
			r := new(run)
			wake, ok := e.add(r)
			require.True(t, ok)
			require.Equal(t, i == 0, wake, "the loop is woken once")
			added = append(added, r)
		}
		require.Equal(t, ends == 0, e.sleep())
		for batch := make([]*run, 0, room); len(taken) < ends; {
			batch = e.take(batch[:0])
			require.Len(t, batch, min(room, ends-len(taken)))
			taken = append(taken, batch...)
		}
		for i := range added {
			require.Same(t, added[i], taken[i])
		}
		require.Empty(t, e.take(make([]*run, 0, room)))
		require.True(t, e.sleep())
		require.True(t, e.endLoop())
		_, ok := e.add(new(run))
		require.False(t, ok, "there is no loop any more")
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

// Runs that end while the supervisor has no time are all taken in, however many batches that makes.
func TestEndsThatFillTheirBatch(t *testing.T) {
	for _, ends := range []int{1, 63, 64, 65, 127, 128, 129} {
		synctest.Test(t, func(t *testing.T) {
			s, err := New()
			require.NoError(t, err)
			gate := make(chan struct{})
			for i := range ends {
				require.NoError(t, s.Add(strconv.Itoa(i), TaskFunc(func(context.Context) error { <-gate; return nil })))
			}
			require.NoError(t, s.Start(context.WithoutCancel(t.Context())))
			synctest.Wait()
			require.Equal(t, 64, cap(s.session.batch))

			s.mu.Lock()
			close(gate)
			for ended := 0; ended < ends; { // the loop, which waits for the lock, has taken none
				s.session.exits.mu.Lock()
				ended = len(s.session.exits.runs)
				s.session.exits.mu.Unlock()
				runtime.Gosched()
			}
			s.mu.Unlock()
			synctest.Wait()
			require.Equal(t, ends, s.Counts().Completed)
			require.Equal(t, RunCounts{Started: uint64(ends), Ended: uint64(ends)}, s.Report().Runs)
			require.NoError(t, s.Shutdown(context.Background()))
			require.NoError(t, s.Wait())
		})
	}
}
