package supervisor_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
)

// The tasks go on until the delay is over, to the nanosecond, and nothing is ready from its beginning.
func TestAShutdownIsDelayed(t *testing.T) {
	for name, ask := range map[string]func(*supervisor.Supervisor, context.CancelCauseFunc){
		"by Shutdown": func(sup *supervisor.Supervisor, _ context.CancelCauseFunc) {
			go func() { _ = sup.Shutdown(context.Background()) }()
		},
		"by the context": func(_ *supervisor.Supervisor, cancel context.CancelCauseFunc) { cancel(errFailed) },
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T) {
				causes := make(chan error, 1)
				task := supervisor.TaskFunc(func(ctx context.Context) error {
					<-ctx.Done()
					causes <- context.Cause(ctx)
					return nil
				})
				sup := newSupervisor(t, supervisor.WithShutdownDelay(5*time.Second), supervisor.WithTask("a", task),
					supervisor.WithTask("fails", &lasts{runs: []lasting{{2 * time.Second, errFailed}}}, supervisor.WithBaseDelay(0)))
				ctx, cancel := context.WithCancelCause(context.Background())
				defer cancel(nil)
				require.NoError(t, sup.Start(ctx))
				wait(time.Second)
				require.True(t, sup.Ready().OK)
				ask(sup, cancel)
				wait(0)
				require.Equal(t, []string{" stopping"}, problems(sup.Ready()))
				require.True(t, sup.Health().OK)
				wait(5*time.Second - 1)
				require.Equal(t, supervisor.PhaseRunning, sup.Phase())
				require.EqualValues(t, 2, status(t, sup, "fails").Run, "what fails meanwhile is restarted")
				require.Empty(t, causes)
				wait(1)
				require.Equal(t, supervisor.PhaseHalted, sup.Phase())
				require.NoError(t, sup.Wait())
				cause := <-causes
				require.ErrorIs(t, cause, supervisor.ErrShutdown)
				require.Equal(t, name == "by the context", errors.Is(cause, errFailed))
				require.Equal(t, name == "by the context", sup.Report().Cause.Err == errFailed)
			})
		})
	}
}

// A program often does both: it ends the context, and calls Shutdown. That is one shutdown.
func TestASecondShutdownWaitsWithTheFirst(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		sup := newSupervisor(t, supervisor.WithShutdownDelay(5*time.Second), supervisor.WithTask("a", supervisor.TaskFunc(untilStopped)))
		ctx, cancel := context.WithCancelCause(context.Background())
		require.NoError(t, sup.Start(ctx))
		begun := time.Now()
		cancel(errFailed)
		wait(3 * time.Second)
		short, giveUp := context.WithTimeout(context.Background(), time.Second)
		defer giveUp()
		require.ErrorIs(t, sup.Shutdown(short), context.DeadlineExceeded)
		require.Equal(t, supervisor.PhaseRunning, sup.Phase())
		require.NoError(t, sup.Shutdown(context.Background()))
		require.Equal(t, 5*time.Second, time.Since(begun))
		require.Equal(t, errFailed, sup.Report().Cause.Err, "the first cause counts")
		require.NoError(t, sup.Shutdown(context.Background()), "it has stopped")

		require.NoError(t, sup.Start(context.Background()), "another Run knows nothing of it")
		require.True(t, sup.Ready().OK)
		wait(time.Hour)
		begun = time.Now()
		require.NoError(t, sup.Shutdown(context.Background()))
		require.Equal(t, 5*time.Second, time.Since(begun))
	})
}

// What stops by itself does not wait, and has nothing left to shut down.
func TestALimitDoesNotWaitForTheShutdownDelay(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		sup := newSupervisor(t, supervisor.WithShutdownDelay(time.Minute),
			supervisor.WithTask("a", &lasts{runs: []lasting{{2 * time.Second, supervisor.Fatal(errFailed)}}}))
		require.NoError(t, sup.Start(context.Background()))
		wait(time.Second)
		begun := time.Now()
		require.NoError(t, sup.Shutdown(context.Background()))
		require.Equal(t, time.Second, time.Since(begun))
		require.ErrorIs(t, sup.Wait(), errFailed)
		wait(time.Hour)
		require.Equal(t, []string{" stopped"}, problems(sup.Ready()))
	})
}

func TestOnlyTheRootWaitsForItsShutdownDelay(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		inner := newSupervisor(t, supervisor.WithShutdownDelay(time.Hour), supervisor.WithTask("a", supervisor.TaskFunc(untilStopped)))
		sup := newSupervisor(t, supervisor.WithShutdownDelay(time.Second), supervisor.WithTask("inner", inner))
		require.NoError(t, sup.Start(context.Background()))
		wait(time.Minute)
		begun := time.Now()
		require.NoError(t, inner.Shutdown(context.Background()))
		require.Zero(t, time.Since(begun))
		require.NoError(t, sup.Shutdown(context.Background()))
		require.Equal(t, time.Second, time.Since(begun))
		ended, cancel := context.WithCancel(context.Background())
		cancel()
		require.NoError(t, sup.Run(ended))
		require.Equal(t, time.Second, time.Since(begun), "nothing had begun")
	})
}

func TestShutdownDelaysAreChecked(t *testing.T) {
	for _, d := range []time.Duration{-1, time.Hour + 1, supervisor.Forever} {
		_, err := supervisor.New(supervisor.WithShutdownDelay(d))
		require.EqualError(t, err, "invalid options: WithShutdownDelay is "+d.String()+": it must be from 0 to 1h0m0s")
	}
}

// How long a shutdown is delayed can be asked for.
func TestShutdownIn(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		sup := newSupervisor(t, supervisor.WithShutdownDelay(10*time.Second), supervisor.WithTask("web", idle),
			supervisor.WithStrategy(supervisor.OneForAll), supervisor.WithStopOrder(supervisor.StopTogether))
		requireWord(t, supervisor.OneForAll, sup.Strategy())
		requireWord(t, supervisor.StopTogether, sup.StopOrder())
		require.NoError(t, sup.Start(t.Context()))
		_, ok := sup.ShutdownIn()
		require.False(t, ok)
		go func() { _ = sup.Shutdown(context.Background()) }()
		wait(3 * time.Second)
		left, ok := sup.ShutdownIn()
		require.True(t, ok)
		require.Equal(t, 7*time.Second, left)
		wait(7 * time.Second)
		_, ok = sup.ShutdownIn()
		require.False(t, ok)
		require.NoError(t, sup.Wait())
	})
}
