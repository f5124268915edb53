package supervisor_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
)

// A run that is lost with what carried it is restarted, and costs the task nothing.
func TestALostRunIsNoFailure(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		var told heard
		lost := func(context.Context) error { return fmt.Errorf("run: %w", supervisor.Lost(errFailed)) }
		sup := newSupervisor(t, supervisor.WithIntensity(0, time.Hour), supervisor.WithTask("task", supervisor.TaskFunc(lost)),
			supervisor.WithObserver(func(e supervisor.Transition) {
				if e.Exit != supervisor.ExitNone {
					told.add(fmt.Sprintf("%v %v %v failed stop: %v", e.Level(), e.Why, e.Err, e.FailedStop))
				}
			}))
		start(t, sup)
		s := status(t, sup, "task")
		requireWord(t, supervisor.StatusFailed, s.Status)
		requireWord(t, supervisor.ReasonLost, s.Why)
		requireWord(t, supervisor.ExitLost, s.LastExit)
		require.Zero(t, s.Attempts)
		require.ErrorIs(t, s.LastError, errFailed)
		require.ErrorAs(t, s.LastError, new(*supervisor.LostError))
		require.EqualError(t, s.LastError, "run: lost: it failed")
		require.Equal(t, []string{"WARN lost run: lost: it failed failed stop: false"}, told.all())
		wait(time.Hour)
		totals := sup.Tree()[0].Totals
		require.Zero(t, totals.Failures)
		require.Equal(t, totals.Starts, totals.Exits.Lost)
		require.Equal(t, totals.Starts-1, totals.Restarts.Lost)
		require.Greater(t, totals.Starts, uint64(100))
		require.Equal(t, time.Hour, totals.Downtime)
		require.Empty(t, sup.Report().FailedStops)
	})
}

// The heaviest of what an error says counts: a loss weighs more than an error, and less than a verdict.
func TestWhatAnErrorWithALossSays(t *testing.T) {
	for name, test := range map[string]struct {
		err  error
		want supervisor.ExitKind
	}{
		"nil":                {supervisor.Lost(nil), supervisor.ExitLost},
		"joined":             {errors.Join(errFailed, supervisor.Lost(errFailed), errFailed), supervisor.ExitLost},
		"of a delay":         {supervisor.After(supervisor.Lost(errFailed), time.Second), supervisor.ExitLost},
		"of a verdict":       {supervisor.Lost(supervisor.Fatal(errFailed)), supervisor.ExitLost},
		"with done":          {errors.Join(supervisor.Lost(errFailed), supervisor.Done(nil)), supervisor.ExitDone},
		"with fatal":         {errors.Join(supervisor.Fatal(errFailed), supervisor.Lost(errFailed)), supervisor.ExitFatal},
		"of another's tasks": {&supervisor.EscalatedError{Task: "t", Err: supervisor.Lost(errFailed)}, supervisor.ExitError},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T) {
				sup := newSupervisor(t)
				addFunc(t, sup, "task", func(context.Context) error { return test.err })
				require.NoError(t, sup.Start(t.Context()))
				wait(time.Millisecond)
				requireWord(t, test.want, status(t, sup, "task").LastExit)
				_ = sup.Shutdown(context.Background())
			})
		})
	}
}

// A task that only waits for its restart because its run was lost has not failed when the others have ended.
func TestALossIsNoFailureOfTheWhole(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		sup := newSupervisor(t, supervisor.WithAutoShutdown(supervisor.AutoShutdownAny),
			supervisor.WithTask("lost", supervisor.TaskFunc(func(context.Context) error { return supervisor.Lost(errFailed) })),
			supervisor.WithTask("ends", &completes{after: time.Second / 2}))
		require.NoError(t, sup.Run(t.Context()))
	})
	inBubble(t, func(t *testing.T) { // unless its policy never restarts it
		sup := newSupervisor(t, supervisor.WithAutoShutdown(supervisor.AutoShutdownAll), supervisor.WithTask("lost",
			supervisor.TaskFunc(func(context.Context) error { return supervisor.Lost(errFailed) }), supervisor.WithRestart(supervisor.RestartNever)))
		require.EqualError(t, sup.Run(t.Context()), `1 task failed: run task "lost": lost: it failed`)
	})
}

// A run that is lost while it stops has stopped, and what it says is told.
func TestALossWhileARunStops(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		sup := newSupervisor(t)
		addFunc(t, sup, "task", func(ctx context.Context) error {
			<-ctx.Done()
			return supervisor.Lost(errFailed)
		})
		start(t, sup)
		require.NoError(t, sup.KillWait(t.Context(), "task"))
		requireStatus(t, sup, "task", supervisor.StatusDead)
		requireWord(t, supervisor.ExitStopped, status(t, sup, "task").LastExit)
		require.Len(t, sup.Report().FailedStops, 1)
		requireWord(t, supervisor.ExitLost, sup.Report().FailedStops[0].Exit)
	})
}

func ExampleLostError() {
	err := fmt.Errorf("job 12: %w", supervisor.Lost(errors.New("machine 7 does not answer")))
	var lost *supervisor.LostError
	fmt.Println(errors.As(err, &lost), lost.Err)
	// Output: true machine 7 does not answer
}

func ExampleLost() {
	runs := 0
	done := make(chan struct{})
	sup := must(supervisor.New(supervisor.WithBaseDelay(time.Millisecond), supervisor.WithTask("job", supervisor.TaskFunc(func(ctx context.Context) error {
		if runs++; runs == 1 {
			return supervisor.Lost(errors.New("machine 7 does not answer"))
		}
		close(done)
		<-ctx.Done()
		return nil
	}))))
	_ = sup.Start(context.Background())
	<-done
	status := must(sup.Status("job"))
	fmt.Println(status.Run, status.Attempts, status.LastExit, status.LastError)
	_ = sup.Shutdown(context.Background())
	// Output: 2 0 lost lost: machine 7 does not answer
}
