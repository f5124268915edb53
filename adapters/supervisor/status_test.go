package supervisor_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
)

func TestStatusOfAWaitingTaskSaysWhenItStarts(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		sup := newSupervisor(t)
		add(t, sup, "task", new(fails))
		start(t, sup)
		wait(500 * time.Millisecond)
		s := status(t, sup, "task")
		requireWord(t, supervisor.StatusFailed, s.Status)
		requireWord(t, supervisor.ReasonFailure, s.Why)
		require.Equal(t, supervisor.Instant(2*time.Second), s.Until)
		require.Equal(t, supervisor.Instant(500*time.Millisecond), s.At)
		d, ok := s.RestartIn()
		require.True(t, ok)
		require.Equal(t, 1500*time.Millisecond, d)
		require.Equal(t, errFailed, s.LastError)
		require.Equal(t, "task: failed (failure), run 1, restarts in a row: 1, next start in 1.5s, last exit error: it failed", s.String())

		wait(1500*time.Millisecond - 1)
		require.EqualValues(t, 1, status(t, sup, "task").Run, "invariant 4: never earlier")
		wait(1)
		require.EqualValues(t, 2, status(t, sup, "task").Run)
	})
}

// Invariant 6, as an onlooker sees it: no event tells the machine that the run has become stable.
func TestStatusClearsTheAttemptsLive(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		sup := newSupervisor(t, supervisor.WithStableAfter(time.Minute))
		addFunc(t, sup, "task", func(ctx context.Context) error {
			if info, _ := supervisor.Current(ctx); info.Run == 1 {
				return errFailed
			}
			return untilStopped(ctx)
		})
		start(t, sup)
		wait(2 * time.Second)
		s := status(t, sup, "task")
		requireWord(t, supervisor.StatusHealthy, s.Status)
		require.EqualValues(t, 1, s.Attempts)
		d, ok := s.ClearsIn()
		require.True(t, ok)
		require.Equal(t, time.Minute, d)

		wait(time.Minute - 1)
		require.EqualValues(t, 1, status(t, sup, "task").Attempts)
		wait(1)
		for _, s := range append(sup.Statuses(), status(t, sup, "task")) {
			require.Zero(t, s.Attempts)
			_, ok = s.ClearsIn()
			require.False(t, ok)
			_, ok = s.RestartIn()
			require.False(t, ok)
		}
	})
}

func TestStatusInWords(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		sup := newSupervisor(t, supervisor.WithStopTimeout(time.Second), supervisor.WithOnAbandon(supervisor.AbandonReplace))
		gates := newGated(2)
		add(t, sup, "deaf", gates)
		require.Equal(t, "deaf: created (added)", status(t, sup, "deaf").String())
		start(t, sup)
		require.NoError(t, sup.Restart("deaf"))
		synctest.Wait()
		require.Equal(t, "deaf: stopping (restarted), run 1, then restart", status(t, sup, "deaf").String())
		wait(time.Second)
		require.Equal(t, "deaf: healthy (restarted), run 2, run 1 left behind 0s ago", status(t, sup, "deaf").String())
		gates.open(1)
		gates.open(2)
	})
}

func TestAppendStatuses(t *testing.T) {
	sup := newSupervisor(t)
	add(t, sup, "a", new(fails))
	add(t, sup, "b", new(fails))
	statuses := sup.AppendStatuses(make([]supervisor.TaskStatus, 1, 8))
	require.Len(t, statuses, 3)
	require.Empty(t, statuses[0].Name)
	require.Equal(t, sup.Statuses(), statuses[1:])
	require.Zero(t, testing.AllocsPerRun(10, func() { statuses = sup.AppendStatuses(statuses[:0]) }))
	require.Zero(t, testing.AllocsPerRun(10, func() { _, _ = sup.Status("a") }))
}

func TestCountsAndPhase(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		sup := newSupervisor(t)
		add(t, sup, "failing", new(fails))
		add(t, sup, "completed", &completes{})
		addFunc(t, sup, "healthy", untilStopped)
		require.Equal(t, supervisor.Counts{Total: 3, Created: 3}, sup.Counts())
		start(t, sup)
		requireWord(t, supervisor.PhaseRunning, sup.Phase())
		require.Equal(t, supervisor.Counts{Total: 3, Failed: 1, Completed: 1, Healthy: 1}, sup.Counts())
		stop(t, sup)
		requireWord(t, supervisor.PhaseHalted, sup.Phase())
		require.Equal(t, supervisor.Counts{Total: 3, Halted: 2, Completed: 1}, sup.Counts())
	})
}

// Peers keep their lock while they wait for a task that ignores its stop.
func TestQueriesDoNotWaitForTasks(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		sup := newSupervisor(t)
		gates := newGated(1)
		add(t, sup, "deaf", gates)
		start(t, sup)
		go func() { _ = sup.KillWait(context.Background(), "deaf") }()
		synctest.Wait()
		before := time.Now()
		requireStatus(t, sup, "deaf", supervisor.StatusStopping)
		require.Len(t, sup.Statuses(), 1)
		require.Equal(t, 1, sup.Counts().Stopping)
		require.EqualValues(t, 1, sup.Report().Runs.Started)
		addFunc(t, sup, "other", untilStopped)
		require.Zero(t, time.Since(before))
		gates.open(1)
	})
}

func TestReportInWords(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		sup := newSupervisor(t, supervisor.WithMaxAttempts(0), supervisor.WithDeadThreshold(0))
		add(t, sup, "task", new(fails))
		require.Equal(t, "created, 0 runs started, 0 ended", sup.Report().String())
		require.Error(t, sup.Run(t.Context()))
		require.Equal(t, "halted, 1 runs started, 1 ended: 1 of 1 tasks are dead: 100%, more than 0%", sup.Report().String())
	})
}
