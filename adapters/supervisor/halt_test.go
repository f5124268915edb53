package supervisor_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
	"github.com/tasksupervisor/tasksupervisor/clock"
)

// silent is a clock that tells the time and wakes nobody, as if every wake-up were late.
type silent struct{ clock.Virtual }

type silentSource struct{ clock.Source }

func (s *silent) NewSource() clock.Source { return silentSource{s.Virtual.NewSource()} }

func (silentSource) Wake() <-chan struct{} { return nil }

// A call can be what ends a halt: what was due before it is decided first. The halt is not that task's.
func TestHaltThatComesWithACallHasNoTask(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		late := new(silent)
		var halts []supervisor.Transition
		sup, err := supervisor.New(supervisor.WithClock(late), supervisor.WithStopTimeout(time.Second),
			supervisor.WithObserver(func(e supervisor.Transition) {
				if e.Kind == supervisor.ActionHalt {
					halts = append(halts, e)
				}
			}))
		require.NoError(t, err)
		release := make(chan struct{})
		deaf := supervisor.TaskFunc(func(context.Context) error { <-release; return nil })
		require.NoError(t, sup.Add("deaf", deaf))
		ctx, cancel := context.WithCancel(t.Context())
		require.NoError(t, sup.Start(ctx))
		cancel()
		synctest.Wait()
		late.Advance(2 * time.Second)

		require.NoError(t, sup.Suspend("deaf"))
		synctest.Wait()
		require.Len(t, halts, 1)
		require.Empty(t, halts[0].Task)
		require.EqualValues(t, 1, halts[0].LeftBehind)
		close(release)
		require.ErrorAs(t, sup.Wait(), new(*supervisor.LeftBehindError))
	})
}
