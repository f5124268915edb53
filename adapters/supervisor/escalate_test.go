package supervisor_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
)

// ending is a task that ends at once, and what it returns.
func ending(err error) supervisor.TaskFunc {
	return func(context.Context) error { return err }
}

func TestDoneIsNotRestarted(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		sup := newSupervisor(t, supervisor.WithRestart(supervisor.RestartAlways))
		for name, err := range map[string]error{
			"plain":   supervisor.Done(nil),
			"why":     supervisor.Done(errFailed),
			"wrapped": fmt.Errorf("wrapped: %w", supervisor.Done(errFailed)),
			"joined":  errors.Join(errFailed, supervisor.Done(nil)),
			"outer":   supervisor.Done(supervisor.Fatal(nil)),
		} {
			add(t, sup, name, ending(err))
		}
		start(t, sup)
		for _, s := range sup.Statuses() {
			requireWord(t, supervisor.StatusCompleted, s.Status, s.Name)
			requireWord(t, supervisor.ExitDone, s.LastExit)
			require.ErrorAs(t, s.LastError, new(*supervisor.DoneError))
		}
		require.ErrorIs(t, status(t, sup, "wrapped").LastError, errFailed)
		require.EqualError(t, status(t, sup, "why").LastError, "done: it failed")
		require.EqualError(t, status(t, sup, "plain").LastError, "done")
	})
}

// escalated runs a supervisor and returns the error with which it escalates.
func escalated(t *testing.T, sup *supervisor.Supervisor) *supervisor.EscalatedError {
	t.Helper()
	var escalated *supervisor.EscalatedError
	require.ErrorAs(t, sup.Run(t.Context()), &escalated)
	require.Equal(t, sup.Wait(), sup.Report().Err)
	return escalated
}

func TestFatalEscalates(t *testing.T) {
	for _, err := range []error{
		supervisor.Fatal(errFailed),
		fmt.Errorf("wrapped: %w", supervisor.Fatal(errFailed)),
		errors.Join(supervisor.Done(nil), supervisor.Fatal(errFailed)),
	} {
		inBubble(t, func(t *testing.T) {
			var cause error
			sup := newSupervisor(t, supervisor.WithRestart(supervisor.RestartNever))
			addFunc(t, sup, "sibling", func(ctx context.Context) error {
				<-ctx.Done()
				cause = context.Cause(ctx)
				return nil
			})
			add(t, sup, "task", ending(err))
			got := escalated(t, sup)
			require.Equal(t, supervisor.EscalatedError{Task: "task", Run: 1, Why: supervisor.ReasonFatal, Err: err}, *got)
			require.ErrorIs(t, got, errFailed)
			require.ErrorAs(t, got, new(*supervisor.FatalError))
			require.EqualError(t, got, `task "task", run 1, cannot continue: `+err.Error())
			require.ErrorIs(t, cause, supervisor.ErrShutdown)
			require.ErrorIs(t, cause, errFailed, "the others are told why")
		})
	}
	require.EqualError(t, supervisor.Fatal(nil), "fatal")
}

func TestIntensityEscalates(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		sup := newSupervisor(t, supervisor.WithIntensity(2, 10*time.Second), supervisor.WithBackoff(supervisor.Backoff{Base: time.Second, Factor: 1}))
		add(t, sup, "steady", idle)
		add(t, sup, "task", new(fails))
		before := time.Now()
		got := escalated(t, sup)
		require.Equal(t, 2*time.Second, time.Since(before))
		require.Equal(t, supervisor.EscalatedError{
			Task: "task", Run: 3, Why: supervisor.ReasonIntensity, Limit: "2 failures within 10s", Err: errFailed,
		}, *got)
		require.EqualError(t, got, `task "task", run 3, failed, which exceeds 2 failures within 10s: it failed`)
	})
}

// Invariant 10: one crash counts once, however many siblings are restarted with it.
func TestSiblingsDoNotCountForTheIntensity(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		sup, _, orders := group(t, supervisor.WithStrategy(supervisor.OneForAll), supervisor.WithIntensity(2, time.Hour))
		for range 2 {
			orders["b"] <- fail
			wait(time.Minute)
		}
		requireWord(t, supervisor.PhaseRunning, sup.Phase())
		require.EqualValues(t, 3, status(t, sup, "c").Run)
		orders["a"] <- fail
		synctest.Wait()
		require.ErrorAs(t, sup.Wait(), new(*supervisor.EscalatedError))
	})
}

func TestExhaustionCanEscalate(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		sup := newSupervisor(t, supervisor.WithMaxAttempts(1))
		add(t, sup, "dies", new(fails))
		add(t, sup, "task", new(fails), supervisor.WithOnExhausted(supervisor.ExhaustedEscalate), supervisor.WithBaseDelay(time.Minute))
		got := escalated(t, sup)
		require.Equal(t, supervisor.EscalatedError{
			Task: "task", Run: 2, Why: supervisor.ReasonExhausted, Limit: "1 restart in a row", Err: errFailed,
		}, *got)
		require.EqualError(t, got, `task "task", run 2, failed after 1 restart in a row: it failed`)
		requireStatus(t, sup, "dies", supervisor.StatusDead)
	})
}

// Of a run that was stopped for its failure, that failure is the error, not what it then returned.
func TestAMissCanEscalate(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		sup := newSupervisor(t)
		add(t, sup, "task", idle, supervisor.WithWatchdog(time.Second), supervisor.WithMaxAttempts(0),
			supervisor.WithOnExhausted(supervisor.ExhaustedEscalate))
		require.Equal(t, supervisor.ErrMissedBeat, escalated(t, sup).Err)

		sup = newSupervisor(t, supervisor.WithStopTimeout(time.Second))
		deaf := newGated(1)
		add(t, sup, "task", deaf, supervisor.WithReadiness(true), supervisor.WithOnAbandon(supervisor.AbandonEscalate))
		got := escalated(t, sup)
		require.Equal(t, supervisor.EscalatedError{
			Task: "task", Run: 1, Why: supervisor.ReasonStopTimeout, Limit: "1s", Err: supervisor.ErrStartTimeout,
		}, *got)
		deaf.open(1)

		sup = newSupervisor(t, supervisor.WithStopTimeout(time.Minute), supervisor.WithHungStopTimeout(3*time.Second))
		deaf = newGated(1)
		add(t, sup, "task", deaf, supervisor.WithReadiness(true), supervisor.WithOnAbandon(supervisor.AbandonEscalate))
		require.Equal(t, "3s", escalated(t, sup).Limit)
		deaf.open(1)
	})
}

// An abandoned run that is replaced after its restart delay, not at once.
func TestARunThatIsReplacedAfterADelay(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		sup := newSupervisor(t, supervisor.WithStopTimeout(time.Second), supervisor.WithOnAbandon(supervisor.AbandonReplace))
		deaf := newGated(2)
		add(t, sup, "task", deaf, supervisor.WithWatchdog(10*time.Second))
		start(t, sup)
		wait(11 * time.Second)
		s := status(t, sup, "task")
		requireWord(t, supervisor.StatusFailed, s.Status)
		require.Equal(t, supervisor.RunNumber(1), s.Fenced)
		require.Equal(t, supervisor.ErrMissedBeat, s.LastError)
		require.Len(t, sup.Report().LeftBehind, 1)
		deaf.open(1)
		s = status(t, sup, "task")
		require.Zero(t, s.Fenced)
		require.Equal(t, supervisor.ErrMissedBeat, s.LastError, "the late end is not the task's last exit")
		requireWord(t, supervisor.ExitWatchdog, s.LastExit)
		wait(2 * time.Second)
		require.EqualValues(t, 2, status(t, sup, "task").Run)
		deaf.open(2)
		synctest.Wait()
		require.Empty(t, sup.Report().LeftBehind)
	})
}

// A supervisor that escalates is for its parent a task that failed: the subtree backs off.
func TestEscalationRestartsTheSubtree(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		root := newSupervisor(t, supervisor.WithName("root"))
		child := newSupervisor(t)
		fatal := &completes{after: time.Second}
		addFunc(t, child, "steady", untilStopped)
		addFunc(t, child, "fatal", func(ctx context.Context) error {
			_ = fatal.Run(ctx)
			return supervisor.Fatal(errFailed)
		})
		add(t, root, "child", child)
		addFunc(t, root, "other", untilStopped)
		start(t, root)
		for run, delay := range []time.Duration{2 * time.Second, 4 * time.Second} {
			wait(time.Second)
			s := status(t, root, "child")
			requireWord(t, supervisor.StatusFailed, s.Status)
			requireWord(t, supervisor.ExitError, s.LastExit, "and not fatal for the root, too")
			require.ErrorAs(t, s.LastError, new(*supervisor.EscalatedError))
			require.EqualValues(t, run+1, s.Run)
			d, _ := s.RestartIn()
			require.Equal(t, delay, d)
			requireStatus(t, root, "child/steady", supervisor.StatusHalted)
			wait(delay)
			requireStatus(t, root, "child/steady", supervisor.StatusHealthy)
		}
		require.EqualValues(t, 1, status(t, root, "other").Run)
	})
}

// What a supervisor returns is no more than an error even where a task passes it on; but the task can say more.
func TestATaskThatPassesOnWhatASupervisorReturned(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		inner := func(ctx context.Context) error {
			child := newSupervisor(t)
			add(t, child, "fatal", ending(supervisor.Fatal(errFailed)))
			return fmt.Errorf("child: %w", child.Run(ctx))
		}
		sup := newSupervisor(t)
		addFunc(t, sup, "task", inner)
		start(t, sup)
		requireWord(t, supervisor.ExitError, status(t, sup, "task").LastExit)
		addFunc(t, sup, "strict", func(ctx context.Context) error { return supervisor.Fatal(inner(ctx)) })
		require.Equal(t, "strict", func() string {
			var escalated *supervisor.EscalatedError
			require.ErrorAs(t, sup.Wait(), &escalated)
			return escalated.Task
		}())
	})
}
