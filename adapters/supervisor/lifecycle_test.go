package supervisor_test

import (
	"context"
	"strconv"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
	"github.com/tasksupervisor/tasksupervisor/clock"
)

// running runs the supervisor in the background, and returns what Run will have returned.
func running(ctx context.Context, sup *supervisor.Supervisor) <-chan error {
	result := make(chan error, 1)
	go func() { result <- sup.Run(ctx) }()
	return result
}

func TestRunEndsWithItsContext(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		sup := newSupervisor(t)
		addFunc(t, sup, "task", untilStopped)
		ctx, cancel := context.WithCancel(t.Context())
		result := running(ctx, sup)
		synctest.Wait()
		requireStatus(t, sup, "task", supervisor.StatusHealthy)
		require.Empty(t, result)

		cancel()
		require.NoError(t, <-result)
		requireStatus(t, sup, "task", supervisor.StatusHalted)
		requireWord(t, supervisor.ReasonSupervisorStop, status(t, sup, "task").Why)
		require.NoError(t, sup.Wait())
	})
}

func TestRunStartsNothingUnderACancelledContext(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		sup := newSupervisor(t)
		task := new(fails)
		add(t, sup, "task", task)
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		require.NoError(t, sup.Run(ctx))
		require.Zero(t, task.runs.Load())
		requireWord(t, supervisor.PhaseHalted, sup.Phase())
	})
}

func TestRunWaitsForItsRuns(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		sup := newSupervisor(t)
		var ended atomic.Bool
		addFunc(t, sup, "slow", func(ctx context.Context) error {
			<-ctx.Done()
			time.Sleep(5 * time.Second)
			ended.Store(true)
			return nil
		})
		start(t, sup)
		before := time.Now()
		require.NoError(t, sup.Shutdown(t.Context()))
		require.True(t, ended.Load())
		require.Equal(t, 5*time.Second, time.Since(before))
	})
}

func TestTasksStartInTheOrderInWhichTheyWereAdded(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		names := []string{"charlie", "alice", "bob", "dave", "eve"}
		var order []string
		sup := newSupervisor(t, supervisor.WithObserver(func(e supervisor.Transition) {
			if e.Kind == supervisor.ActionStart {
				order = append(order, e.Task)
			}
		}))
		for _, name := range names {
			addFunc(t, sup, name, untilStopped)
		}
		start(t, sup)
		require.NoError(t, sup.Drain(t.Context()))
		require.Equal(t, names, order)

		var listed []string
		for _, s := range sup.Statuses() {
			listed = append(listed, s.Name)
			requireWord(t, supervisor.StatusHealthy, s.Status)
		}
		require.Equal(t, names, listed)
	})
}

func TestShutdownInReverseOrderWaitsForEach(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		sup := newSupervisor(t, supervisor.WithStopOrder(supervisor.StopReverse))
		var ended []string
		for _, name := range []string{"database", "cache", "server"} {
			addFunc(t, sup, name, func(ctx context.Context) error {
				<-ctx.Done()
				time.Sleep(time.Second)
				ended = append(ended, name)
				return nil
			})
		}
		start(t, sup)
		before := time.Now()
		require.NoError(t, sup.Shutdown(t.Context()))
		require.Equal(t, []string{"server", "cache", "database"}, ended)
		require.Equal(t, 3*time.Second, time.Since(before))
	})
}

func TestShutdownTellsWhenItsOwnContextIsOver(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		sup := newSupervisor(t)
		addFunc(t, sup, "slow", func(ctx context.Context) error {
			<-ctx.Done()
			time.Sleep(5 * time.Second)
			return nil
		})
		start(t, sup)
		ctx, cancel := context.WithTimeoutCause(t.Context(), time.Second, errFailed)
		defer cancel()
		require.ErrorIs(t, sup.Shutdown(ctx), errFailed)
		requireWord(t, supervisor.PhaseHalting, sup.Phase())
		require.NoError(t, sup.Shutdown(t.Context()), "a second call joins the first")
	})
}

func TestATaskMayShutDownItsSupervisor(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		sup := newSupervisor(t)
		var answer error
		addFunc(t, sup, "task", func(ctx context.Context) error {
			answer = sup.Shutdown(ctx)
			return nil
		})
		require.NoError(t, sup.Run(t.Context()))
		require.ErrorIs(t, answer, supervisor.ErrShutdown)
	})
}

// Invariant 13: no run is started by or after a shutdown.
func TestShutdownDuringBackoffStartsNothing(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		sup := newSupervisor(t)
		task := new(fails)
		add(t, sup, "task", task)
		start(t, sup)
		requireStatus(t, sup, "task", supervisor.StatusFailed)
		require.NoError(t, sup.Shutdown(t.Context()))
		wait(time.Hour)
		require.EqualValues(t, 1, task.runs.Load())
	})
}

func TestASecondRunIsRefusedWhileOneIsGoing(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		sup := newSupervisor(t)
		task := &completes{after: time.Hour}
		add(t, sup, "task", task)
		start(t, sup)
		require.ErrorIs(t, sup.Run(t.Context()), supervisor.ErrAlreadyRunning)
		require.ErrorIs(t, sup.Start(t.Context()), supervisor.ErrAlreadyRunning)
		synctest.Wait()
		requireStatus(t, sup, "task", supervisor.StatusHealthy)
		require.EqualValues(t, 1, task.runs.Load())
	})
}

func TestRunAgainStartsAfresh(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		sup := newSupervisor(t, supervisor.WithMaxAttempts(0))
		failing, killed, removed := new(fails), &completes{after: time.Hour}, new(fails)
		add(t, sup, "failing", failing)
		add(t, sup, "killed", killed)
		add(t, sup, "removed", removed)
		add(t, sup, "completed", &completes{})
		start(t, sup)
		require.NoError(t, sup.Kill("killed"))
		require.NoError(t, sup.Remove("removed"))
		stop(t, sup)

		require.NoError(t, sup.Start(t.Context()))
		synctest.Wait()
		require.EqualValues(t, 2, failing.runs.Load())
		require.EqualValues(t, 1, killed.runs.Load(), "what is said by hand holds")
		require.EqualValues(t, 1, removed.runs.Load())
		requireStatus(t, sup, "killed", supervisor.StatusDead)
		require.EqualValues(t, 1, status(t, sup, "failing").Run, "runs are counted from 1 again")
		var names []string
		for _, s := range sup.Statuses() {
			names = append(names, s.Name)
		}
		require.Equal(t, []string{"failing", "killed", "completed"}, names)
		require.Equal(t, supervisor.RunCounts{Started: 6, Ended: 6}, sup.Report().Runs)
	})
}

func TestRunAgainAfterTooManyDead(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		sup := newSupervisor(t, supervisor.WithMaxAttempts(0), supervisor.WithDeadThreshold(0))
		var broken atomic.Bool
		broken.Store(true)
		addFunc(t, sup, "task", func(ctx context.Context) error {
			if broken.Load() {
				return errFailed
			}
			return untilStopped(ctx)
		})
		var tooMany *supervisor.TooManyDeadError
		require.ErrorAs(t, sup.Run(t.Context()), &tooMany)
		require.ErrorAs(t, sup.Wait(), &tooMany)

		broken.Store(false)
		start(t, sup)
		wait(time.Minute)
		requireStatus(t, sup, "task", supervisor.StatusHealthy)
		require.NoError(t, sup.Shutdown(t.Context()))
		require.NoError(t, sup.Wait())
	})
}

// An unlimited number of sessions leaves nothing behind: what Wait waits for is the latest.
func TestWaitIsAboutTheLatestRun(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		sup := newSupervisor(t, supervisor.WithMaxAttempts(0), supervisor.WithDeadThreshold(0))
		add(t, sup, "task", new(fails))
		for range 3 {
			require.Error(t, sup.Run(t.Context()))
		}
		require.NoError(t, sup.Remove("task"))
		ctx, cancel := context.WithCancel(t.Context())
		result := running(ctx, sup)
		synctest.Wait()
		waited := make(chan error, 1)
		go func() { waited <- sup.Wait() }()
		synctest.Wait()
		require.Empty(t, waited)
		cancel()
		require.NoError(t, <-waited)
		require.NoError(t, <-result)
	})
}

func TestAutoShutdownWhenAllHaveEnded(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		sup := newSupervisor(t, supervisor.WithAutoShutdown(supervisor.AutoShutdownAll))
		add(t, sup, "short", &completes{after: time.Second})
		add(t, sup, "long", &completes{after: time.Minute})
		addFunc(t, sup, "helper", untilStopped, supervisor.WithSignificant(false))
		before := time.Now()
		require.NoError(t, sup.Run(t.Context()))
		require.Equal(t, time.Minute, time.Since(before))
	})
}

func TestAutoShutdownReportsWhoFailed(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		sup := newSupervisor(t, supervisor.WithAutoShutdown(supervisor.AutoShutdownAll), supervisor.WithRestart(supervisor.RestartNever))
		add(t, sup, "good", &completes{})
		add(t, sup, "bad", new(fails))
		add(t, sup, "unimportant", new(fails), supervisor.WithSignificant(false))
		err := sup.Run(t.Context())
		require.EqualError(t, err, `1 task failed: run task "bad": it failed`)
		var dead *supervisor.DeadTasksError
		require.ErrorAs(t, err, &dead)
		require.Len(t, dead.Tasks, 1)
		require.Equal(t, "bad", dead.Tasks[0].Task)
		require.ErrorIs(t, err, errFailed)
	})
}

func TestAutoShutdownDoesNotBlameTheKilled(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		sup := newSupervisor(t, supervisor.WithAutoShutdown(supervisor.AutoShutdownAny))
		addFunc(t, sup, "task", untilStopped)
		addFunc(t, sup, "other", untilStopped)
		result := running(t.Context(), sup)
		synctest.Wait()
		require.NoError(t, sup.Kill("task"))
		require.NoError(t, <-result)
	})
}

func TestDeadTasksErrorNamesTheFirstFew(t *testing.T) {
	err := &supervisor.DeadTasksError{}
	for _, name := range []string{"a", "b", "c", "d"} {
		err.Tasks = append(err.Tasks, supervisor.TaskError{Op: "run", Task: name, Err: errFailed})
	}
	require.EqualError(t, err,
		`4 tasks failed: run task "a": it failed; run task "b": it failed; run task "c": it failed; ...`)
}

// Invariant 7: exact by default, at the event that crosses the threshold and not at it.
func TestThresholdIsExact(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		sup := newSupervisor(t, supervisor.WithDeadThreshold(0.4))
		names := []string{"a", "b", "c", "d", "e"}
		for _, name := range names {
			addFunc(t, sup, name, untilStopped)
		}
		result := running(t.Context(), sup)
		synctest.Wait()
		require.NoError(t, sup.Kill("a"))
		require.NoError(t, sup.Kill("b"))
		synctest.Wait()
		require.Empty(t, result, "2 of 5 are not more than 40 %")
		require.NoError(t, sup.Kill("c"))
		err := <-result
		require.EqualError(t, err, "3 of 5 tasks are dead: 60%, more than 40%")
		require.Equal(t, err, sup.Report().Err)
	})
}

// The error counts the dead of the moment, not those whom the halt itself leaves dead or has forgotten.
func TestThresholdErrorCountsWhatCrossedIt(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		sup := newSupervisor(t, supervisor.WithDeadThreshold(0.3))
		release := make(chan struct{})
		addFunc(t, sup, "waiting", func(context.Context) error { return errFailed })
		addFunc(t, sup, "dying", func(context.Context) error {
			<-release
			return errFailed
		}, supervisor.WithRestart(supervisor.RestartNever))
		addFunc(t, sup, "healthy", untilStopped)
		result := running(t.Context(), sup)
		synctest.Wait()
		requireStatus(t, sup, "waiting", supervisor.StatusFailed)
		close(release)
		require.EqualError(t, <-result, "1 of 3 tasks are dead: 33.3%, more than 30%")
	})
}

// deafened is a clock that never wakes anybody: what is due is done with the next event.
type deafened struct{ clock.Clock }

func (d deafened) NewSource() clock.Source { return deafenedSource{d.Clock.NewSource()} }

type deafenedSource struct{ clock.Source }

func (deafenedSource) Wake() <-chan struct{} { return nil }

// D3: the health check was due before the run ended, and counts the task that is forgotten in the same step.
func TestThresholdErrorCountsWhatIsForgottenBehindIt(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		virtual := new(clock.Virtual)
		sup := newSupervisor(t, supervisor.WithClock(deafened{virtual}), supervisor.WithDeadThreshold(0.2),
			supervisor.ReferenceCadence(time.Second), supervisor.WithStopTimeout(time.Hour))
		gates := newGated(1)
		addFunc(t, sup, "killed", untilStopped)
		add(t, sup, "removed", gates)
		addFunc(t, sup, "healthy", untilStopped)
		result := running(t.Context(), sup)
		synctest.Wait()
		virtual.Set(supervisor.Instant(500 * time.Millisecond))
		require.NoError(t, sup.KillWait(t.Context(), "killed"))
		require.NoError(t, sup.Remove("removed"))
		virtual.Set(supervisor.Instant(2 * time.Second))
		synctest.Wait()
		requireWord(t, supervisor.PhaseRunning, sup.Phase())
		gates.open(1)
		require.EqualError(t, <-result, "1 of 3 tasks are dead: 33.3%, more than 20%")
		require.Equal(t, 2, sup.Counts().Total)
	})
}

// A burst of ends is more than the supervisor deals with at a time.
func TestManyRunsEndAtOnce(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		const tasks = 3000
		sup := newSupervisor(t)
		for i := range tasks {
			addFunc(t, sup, strconv.Itoa(i), untilStopped)
		}
		start(t, sup)
		require.Equal(t, tasks, sup.Counts().Healthy)
		require.NoError(t, sup.Shutdown(t.Context()))
		require.Equal(t, supervisor.RunCounts{Started: tasks, Ended: tasks}, sup.Report().Runs)
	})
}

func TestShutdownTimeoutLeavesRunsBehind(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		sup := newSupervisor(t, supervisor.WithShutdownTimeout(3*time.Second))
		task := newIgnoresStop()
		add(t, sup, "deaf", task)
		ctx, cancel := context.WithCancel(t.Context())
		result := running(ctx, sup)
		synctest.Wait()
		cancel()
		before := time.Now()
		err := <-result
		require.Equal(t, 3*time.Second, time.Since(before))
		var left *supervisor.LeftBehindError
		require.ErrorAs(t, err, &left)
		require.EqualError(t, err, "1 run was left behind: deaf run 1 (shutdown-timeout)")
		task.release <- struct{}{}
	})
}

func TestWaitAndRunAgreeOnJoinedErrors(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		sup := newSupervisor(t, supervisor.WithOnAbandon(supervisor.AbandonEscalate))
		task := newIgnoresStop()
		add(t, sup, "deaf", task)
		result := running(t.Context(), sup)
		synctest.Wait()
		require.NoError(t, sup.Restart("deaf"))
		err := <-result
		var escalated *supervisor.EscalatedError
		require.ErrorAs(t, err, &escalated)
		require.Equal(t, supervisor.EscalatedError{Task: "deaf", Run: 1, Why: supervisor.ReasonStopTimeout, Limit: "10s"}, *escalated)
		var left *supervisor.LeftBehindError
		require.ErrorAs(t, err, &left)
		require.Equal(t, err, sup.Wait())
		task.release <- struct{}{}
	})
}
