package supervisor

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/internal/bubble"
)

// asks is an error that asks the supervisor something, whatever it is asked.
type asks struct {
	name string
	ask  func(name string)
}

func (a *asks) Error() string { a.ask(a.name); return a.name }

func (a *asks) Is(error) bool { a.ask(a.name); return false }

func (a *asks) As(any) bool { a.ask(a.name); return false }

func (a *asks) Unwrap() error { a.ask(a.name); return nil }

// Wherever an error of a user's comes in, and whoever prints it later, the lock is free: it may ask the supervisor.
func TestErrorsOfUsersMayAskTheSupervisor(t *testing.T) {
	bubble.Run(t, func(t *testing.T) {
		var s *Supervisor
		var asked atomic.Int64
		ask := func(string) {
			asked.Add(1)
			s.mu.takeForAMoment()
		}
		came := func(name string) error {
			time.Sleep(time.Second)
			return &asks{name, ask}
		}
		s, err := New(ForService(), WithLogger(slog.New(slog.NewTextHandler(io.Discard, nil))),
			WithObserver(func(e Transition) {
				if e.Task == "panics" {
					panic(&asks{"of an observer", ask})
				}
			}),
			WithRecorder(writes(func() error { return came("of a writer") })))
		require.NoError(t, err)
		for name, run := range map[string]TaskFunc{
			"fails":  func(context.Context) error { return came("of a run") },
			"wraps":  func(context.Context) error { return Fatal(fmt.Errorf("wrapped: %w", came("wrapped"))) },
			"panics": func(context.Context) error { panic(came("of a panic")) },
			"stops":  func(ctx context.Context) error { <-ctx.Done(); return came("while stopping") },
		} {
			require.NoError(t, s.Add(name, run, WithSuspended(name == "wraps")))
		}
		require.NoError(t, s.Add("probed", TaskFunc(stopped), WithReadinessProbe(func(context.Context) error { return came("not ready") }, time.Second),
			WithStartTimeout(10*time.Second)))
		require.NoError(t, s.Add("watched", TaskFunc(stopped), WithProbe(func(context.Context) error { return came("unwell") },
			Probe{Interval: 3 * time.Second, Timeout: 2 * time.Second, Failures: 1})))
		ctx, cancel := context.WithCancelCause(context.Background())
		require.NoError(t, s.Start(ctx))
		time.Sleep(time.Minute)
		synctest.Wait()
		require.Greater(t, asked.Load(), int64(20))
		for _, status := range s.Statuses() {
			_ = status.String()
		}
		require.NoError(t, s.Resume("wraps"))
		require.ErrorAs(t, s.Wait(), new(*EscalatedError))
		_, err = s.Report().MarshalJSON()
		require.NoError(t, err)

		require.NoError(t, s.Suspend("wraps"))
		require.NoError(t, s.Start(ctx))
		before := asked.Load()
		cancel(&asks{"a cause", ask})
		require.NoError(t, s.Wait())
		require.Greater(t, asked.Load(), before)
		require.Error(t, s.Drain(ctx), errors.New("a cause"))
	})
}

type writes func() error

func (w writes) Write([]byte) (int, error) { return 0, w() }
