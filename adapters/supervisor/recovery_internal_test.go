package supervisor

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

// However often a task fails, it is expected to recover once at a time; and without observers, none is.
func TestRecoveriesDoNotPileUp(t *testing.T) {
	for _, watched := range []bool{true, false} {
		synctest.Test(t, func(t *testing.T) {
			options := []Option{WithBackoff(Backoff{Factor: 1, Base: time.Millisecond}), WithMaxAttempts(Unlimited),
				WithStableAfter(100 * time.Millisecond)}
			if watched {
				options = append(options, WithObserver(func(Transition) {}))
			}
			s, err := New(options...)
			require.NoError(t, err)
			const tasks = 10
			for i := range tasks {
				require.NoError(t, s.Add(fmt.Sprint(i), TaskFunc(func(ctx context.Context) error {
					time.Sleep(time.Millisecond)
					return errors.New("it failed")
				})))
			}
			require.NoError(t, s.Start(t.Context()))
			time.Sleep(50 * time.Millisecond)
			synctest.Wait()
			s.mu.Lock()
			expected := len(s.engine.recoveries)
			s.mu.Unlock()
			if watched {
				require.Equal(t, tasks, expected)
			} else {
				require.Zero(t, expected)
			}
			time.Sleep(time.Second) // they are looked at, and expected again
			require.NoError(t, s.Shutdown(t.Context()))
			require.Empty(t, s.engine.recoveries)
		})
	}
}
