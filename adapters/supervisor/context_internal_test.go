package supervisor

import (
	"context"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

// Whatever is asked of a run's context, and when, it is like one that package context made in the beginning. All orders of a
// few calls are tried.
func TestARunsContextIsLikeAnyOther(t *testing.T) {
	type key struct{}
	values := context.WithValue(context.Background(), key{}, "value")
	const calls, steps = 7, 5
	for order := range calls * calls * calls * calls * calls {
		r := &run{ownContext: ownContext{behind: values}}
		like, cancel := context.WithCancelCause(values)
		defer cancel(nil)
		derived, derivedLike := []context.Context{r}, []context.Context{like}
		for range steps {
			switch order % calls {
			case 0:
				require.Equal(t, like.Err(), r.Err())
			case 1:
				require.Equal(t, context.Cause(like), r.cause())
			case 2:
				require.Same(t, r, runOf(r))
			case 3:
				require.Equal(t, "value", r.Value(key{}))
			case 4:
				child, stop := context.WithCancel(r)
				childLike, stopLike := context.WithCancel(like)
				defer stop()
				defer stopLike()
				derived, derivedLike = append(derived, child), append(derivedLike, childLike)
			case 5:
				r.ownContext.stop(ErrKilled)
				cancel(ErrKilled)
			case 6:
				r.finish()
				cancel(ErrRunEnded)
				require.True(t, r.ended())
			}
			order /= calls
		}
		for i, ctx := range derived {
			like := derivedLike[i]
			require.Equal(t, like.Err(), ctx.Err())
			require.Equal(t, context.Cause(like), context.Cause(ctx))
			require.Equal(t, like.Err() != nil, isOver(ctx))
			_, ok := ctx.Deadline()
			require.False(t, ok)
		}
	}
}

func isOver(ctx context.Context) bool {
	select {
	case <-ctx.Done():
		return true
	default:
		return false
	}
}

// The goroutines of a task can ask for the end of the context, which makes it, while the run is stopped and ends.
func TestARunsContextIsMadeOnce(t *testing.T) {
	for range 200 {
		r := &run{ownContext: ownContext{behind: context.Background()}}
		var group sync.WaitGroup
		for range 4 {
			group.Go(func() {
				<-r.Done()
				require.ErrorIs(t, r.Err(), context.Canceled)
			})
		}
		group.Go(func() { r.ownContext.stop(ErrKilled) })
		group.Go(r.finish)
		group.Wait()
		require.Contains(t, []error{ErrKilled, ErrRunEnded}, context.Cause(r))
	}
}

// A run that asks nothing of its context makes none.
func TestARunThatAsksNothingOfItsContext(t *testing.T) {
	r := &run{ownContext: ownContext{behind: context.Background()}}
	asks := func() {
		_ = r.Err()
		_ = r.cause()
		_ = runOf(r)
		r.finish()
	}
	require.Zero(t, testing.AllocsPerRun(10, asks))
	require.Nil(t, r.cancel)
}
