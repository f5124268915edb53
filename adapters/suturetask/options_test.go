package suturetask_test

import (
	"context"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/thejerf/suture/v4"

	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
	"github.com/tasksupervisor/tasksupervisor/adapters/suturetask"
	"github.com/tasksupervisor/tasksupervisor/internal/bubble"
)

// noJitter makes suture's pauses exact.
type noJitter struct{}

func (noJitter) Jitter(d time.Duration) time.Duration { return d }

// With the options made of a Spec, a service that fails all the time is started when suture starts it, but for one start after
// each pause.
func TestTheSameStartsAsSuture(t *testing.T) {
	for name, spec := range map[string]suture.Spec{
		"defaults": {},
		"others":   {FailureThreshold: 3, FailureBackoff: 7 * time.Second},
		"no mercy": {FailureThreshold: 1, FailureBackoff: time.Minute},
	} {
		t.Run(name, func(t *testing.T) {
			spec.BackoffJitter = noJitter{}
			spec.EventHook = func(suture.Event) {}
			bubble.Run(t, func(t *testing.T) {
				var mu sync.Mutex
				var began time.Time
				var starts []time.Duration
				failing := serve(func(context.Context) error {
					mu.Lock()
					defer mu.Unlock()
					starts = append(starts, time.Since(began))
					return errFailed
				})
				run := func(serve func(context.Context) error) []time.Duration {
					began, starts = time.Now(), nil
					ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute+time.Second)
					defer cancel()
					_ = serve(ctx)
					return slices.Clone(starts)
				}
				theirs := suture.New("suture", spec)
				theirs.Add(failing)
				want := run(theirs.Serve)
				require.Greater(t, len(want), 9)

				ours, err := supervisor.New(append(suturetask.Options(spec), supervisor.WithTask("failing", suturetask.Service(failing)))...)
				require.NoError(t, err)
				got := run(ours.Run)
				threshold := len(want) - len(slices.DeleteFunc(slices.Clone(want), func(at time.Duration) bool { return at == 0 })) - 1
				require.Equal(t, want[:threshold+1], got[:threshold+1], "the first failures")
				require.Equal(t, slices.Compact(want), slices.Compact(slices.Clone(got)), "the ends of all pauses")
				require.LessOrEqual(t, len(got), len(want), "a start fewer after each pause")
			})
		})
	}
}

type serve func(ctx context.Context) error

func (s serve) Serve(ctx context.Context) error { return s(ctx) }

func TestTimeoutAndEvents(t *testing.T) {
	bubble.Run(t, func(t *testing.T) {
		var events []suture.Event
		s, release := newService(), make(chan struct{})
		sup, err := supervisor.New(append(suturetask.Options(suture.Spec{
			Timeout: 3 * time.Second, EventHook: func(event suture.Event) { events = append(events, event) },
		}), supervisor.WithName("shop"), supervisor.WithTask("service", suturetask.Service(s)))...)
		require.NoError(t, err)
		require.NoError(t, sup.Start(t.Context()))
		s.orders <- func() error { return errFailed }
		s.orders <- func() error { panic("it panicked") }
		s.orders <- func() error {
			<-release
			return errFailed
		}
		require.NoError(t, sup.Restart("service"))
		bubble.Pass(3 * time.Second)
		requireStatus(t, sup, supervisor.StatusAbandoned)
		close(release)
		bubble.Pass(0)
		s.orders <- func() error { return suture.ErrDoNotRestart }
		bubble.Pass(0)
		require.NoError(t, sup.Shutdown(t.Context()))

		require.Len(t, events, 4)
		require.Equal(t, suture.EventServiceTerminate{
			SupervisorName: "shop", ServiceName: "service", FailureThreshold: 5, Restarting: true, Err: errFailed,
		}, events[0])
		panicked := events[1].(suture.EventServicePanic)
		require.Equal(t, "it panicked", panicked.PanicMsg)
		require.Contains(t, panicked.Stacktrace, "TestTimeoutAndEvents")
		require.True(t, panicked.Restarting)
		require.Equal(t, suture.EventStopTimeout{SupervisorName: "shop", ServiceName: "service"}, events[2])
		done := events[3].(suture.EventServiceTerminate)
		require.False(t, done.Restarting)
		require.ErrorIs(t, done.Err.(error), suture.ErrDoNotRestart)
	})
}
