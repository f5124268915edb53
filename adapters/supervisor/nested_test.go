package supervisor_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"regexp"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
	"github.com/tasksupervisor/tasksupervisor/clock"
)

func TestASupervisorIsATask(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		root, child := newSupervisor(t, supervisor.WithName("root")), newSupervisor(t)
		var cause error
		var path string
		addFunc(t, child, "worker", func(ctx context.Context) error {
			info, _ := supervisor.Current(ctx)
			path = info.Path
			<-ctx.Done()
			cause = context.Cause(ctx)
			return nil
		})
		add(t, root, "child", child)
		start(t, root)
		requireStatus(t, root, "child", supervisor.StatusHealthy)
		requireStatus(t, child, "worker", supervisor.StatusHealthy)
		require.Equal(t, "root/child/worker", path)
		require.Equal(t, "root/child", child.Path())

		require.NoError(t, root.KillWait(t.Context(), "child"))
		requireWord(t, supervisor.PhaseHalted, child.Phase())
		require.NoError(t, child.Wait())
		require.ErrorIs(t, cause, supervisor.ErrShutdown)
		require.ErrorIs(t, cause, supervisor.ErrKilled, "the reason reaches the leaves")
		requireWord(t, supervisor.ExitStopped, status(t, root, "child").LastExit)
	})
}

func TestAChildThatFailsIsRestartedAndStartsAfresh(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		root, child := newSupervisor(t), newSupervisor(t, supervisor.WithDeadThreshold(0.4), supervisor.WithMaxAttempts(0))
		failing, steady := new(fails), &completes{after: time.Hour}
		add(t, child, "failing", failing)
		add(t, child, "steady", steady)
		add(t, root, "child", child)
		start(t, root)

		s := status(t, root, "child")
		requireWord(t, supervisor.StatusFailed, s.Status)
		var tooMany *supervisor.TooManyDeadError
		require.ErrorAs(t, s.LastError, &tooMany)
		wait(2 * time.Second)
		require.EqualValues(t, 2, failing.runs.Load())
		require.EqualValues(t, 2, steady.runs.Load())
		require.Equal(t, supervisor.RunCounts{Started: 2 + 4, Ended: 2 + 4}, root.Report().Runs)
	})
}

func TestAChildThatHasDoneItsWorkIsCompleted(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		root, child := newSupervisor(t), newSupervisor(t, supervisor.WithAutoShutdown(supervisor.AutoShutdownAll))
		add(t, child, "worker", &completes{after: time.Second})
		add(t, root, "child", child)
		start(t, root)
		wait(time.Second)
		requireStatus(t, root, "child", supervisor.StatusCompleted)
	})
}

func TestAParentWaitsForTheStopTimeoutsOfItsChild(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		var log bytes.Buffer
		root := newSupervisor(t, supervisor.WithLogger(slog.New(slog.NewTextHandler(&log, nil))))
		child := newSupervisor(t, supervisor.WithStopTimeout(time.Minute))
		gates := newGated(1)
		add(t, child, "deaf", gates)
		add(t, root, "child", child)
		require.NoError(t, root.Start(t.Context()))
		synctest.Wait()
		before := time.Now()
		require.NoError(t, root.Shutdown(t.Context()))
		require.Equal(t, time.Minute, time.Since(before), "by default a parent does not give up on a supervisor")

		var left *supervisor.LeftBehindError
		require.ErrorAs(t, root.Wait(), &left)
		require.EqualError(t, left, "1 run was left behind: child/deaf run 1 (stop-timeout)")
		require.Equal(t, left.Runs, root.Report().LeftBehind)
		stopped := regexp.MustCompile(`(?m)level=(\w+) msg="supervisor stopped".* left_behind=1$`).FindAllStringSubmatch(log.String(), -1)
		require.Len(t, stopped, 2, "the child's and the root's: %s", &log)
		require.Equal(t, []string{"WARN", "WARN"}, []string{stopped[0][1], stopped[1][1]})
		requireStatus(t, root, "child", supervisor.StatusHalted)
		gates.open(1)
		require.Empty(t, root.Report().LeftBehind)
	})
}

func TestAParentCanGiveUpOnItsChild(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		root, child := newSupervisor(t, supervisor.WithName("root")), newSupervisor(t, supervisor.WithStopTimeout(time.Minute))
		gates := newGated(1)
		add(t, child, "deaf", gates)
		add(t, root, "child", child, supervisor.WithStopTimeout(time.Second))
		require.NoError(t, root.Start(t.Context()))
		synctest.Wait()
		require.NoError(t, root.Shutdown(t.Context()))
		require.EqualError(t, root.Wait(), "1 run was left behind: root/child run 1 (stop-timeout), stuck in root/child/deaf")

		wait(time.Minute)
		left := root.Report().LeftBehind
		require.Len(t, left, 1, "the child has ended meanwhile, and its own task not")
		require.Equal(t, "root/child/deaf", left[0].Path)
		gates.open(1)
		require.Empty(t, root.Report().LeftBehind)
	})
}

func TestReportDescendsThroughTheTree(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		root := newSupervisor(t, supervisor.WithName("root"))
		middle, leaf := newSupervisor(t), newSupervisor(t)
		gates := newGated(2)
		add(t, leaf, "deaf", gates, supervisor.WithStopTimeout(time.Second))
		addFunc(t, leaf, "worker", untilStopped)
		add(t, middle, "leaf", leaf)
		add(t, middle, "failing", new(fails), supervisor.WithMaxAttempts(0))
		add(t, root, "middle", middle)
		start(t, root)
		require.NoError(t, leaf.Restart("deaf"))
		wait(time.Second)

		report := root.Report()
		require.Equal(t, "root", report.Path)
		requireWord(t, supervisor.PhaseRunning, report.Phase)
		require.Equal(t, supervisor.RunCounts{Started: 5, Ended: 1, Abandoned: 1}, report.Runs)
		require.Len(t, report.LeftBehind, 1)
		require.Equal(t, "root/middle/leaf/deaf", report.LeftBehind[0].Path)

		require.Len(t, report.Tasks, 1)
		inner := report.Tasks[0].Nested
		require.Len(t, inner, 1)
		require.Equal(t, "root/middle", inner[0].Path)
		require.Equal(t, []string{"root/middle/leaf", "root/middle/failing"}, []string{inner[0].Tasks[0].Path, inner[0].Tasks[1].Path})
		require.Equal(t, "root/middle/leaf/worker", inner[0].Tasks[0].Nested[0].Tasks[1].Path)
		requireWord(t, supervisor.StatusAbandoned, inner[0].Tasks[0].Nested[0].Tasks[0].Status.Status)
		require.Equal(t, "root: running, 5 runs started, 1 ended, 1 left behind", report.String())
		gates.open(1)
		gates.open(2)
	})
}

// It does not matter how a supervisor comes to run inside a task.
func TestNestedSupervisorsAreFoundHoweverTheyAreRun(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		makeChild := func() *supervisor.Supervisor {
			child := newSupervisor(t)
			addFunc(t, child, "worker", untilStopped)
			return child
		}
		root := newSupervisor(t)
		add(t, root, "by factory", supervisor.Factory(func() supervisor.Task { return makeChild() }))
		addFunc(t, root, "by call", func(ctx context.Context) error {
			beside := makeChild()
			return errors.Join(beside.Start(ctx), makeChild().Run(ctx), beside.Wait())
		})
		start(t, root)
		report := root.Report()
		require.Equal(t, "by factory/worker", report.Tasks[0].Nested[0].Tasks[0].Path)
		require.Len(t, report.Tasks[1].Nested, 2)
		require.EqualValues(t, 5, report.Runs.Started)

		// Every run makes new supervisors. The old ones are let go, their runs are still counted.
		for range 5 {
			require.NoError(t, root.Restart("by factory"))
			require.NoError(t, root.Restart("by call"))
			synctest.Wait()
		}
		report = root.Report()
		require.Len(t, report.Tasks[0].Nested, 1)
		require.Len(t, report.Tasks[1].Nested, 2)
		require.Equal(t, supervisor.RunCounts{Started: 30, Ended: 25}, report.Runs)
	})
}

func TestRemovedChildrenAreAccountedFor(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		root, child := newSupervisor(t), newSupervisor(t, supervisor.WithStopTimeout(time.Second))
		gates := newGated(1)
		add(t, child, "deaf", gates)
		add(t, root, "child", child)
		start(t, root)
		require.NoError(t, root.RemoveWait(t.Context(), "child"))
		report := root.Report()
		require.Empty(t, report.Tasks)
		require.Equal(t, supervisor.RunCounts{Started: 2, Ended: 1, Abandoned: 1}, report.Runs)
		require.Len(t, report.LeftBehind, 1)
		require.Equal(t, "child/deaf", report.LeftBehind[0].Path)

		gates.open(1)
		require.Empty(t, root.Report().LeftBehind)
		addFunc(t, root, "other", untilStopped)
		require.NoError(t, root.RemoveWait(t.Context(), "other"))
		require.Equal(t, supervisor.RunCounts{Started: 3, Ended: 3, Abandoned: 1, FailedStops: 1}, root.Report().Runs)
	})
}

func TestAChildUsesItsParentsClock(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		virtual, other := new(clock.Virtual), new(clock.Virtual)
		root := newSupervisor(t, supervisor.WithClock(virtual))
		child, stranger := newSupervisor(t), newSupervisor(t, supervisor.WithClock(other))
		add(t, child, "failing", new(fails))
		add(t, stranger, "failing", new(fails))
		add(t, root, "child", child)
		add(t, root, "stranger", stranger)
		start(t, root)
		wait(time.Hour)
		require.EqualValues(t, 1, status(t, child, "failing").Run)
		virtual.Advance(2 * time.Second)
		synctest.Wait()
		require.EqualValues(t, 2, status(t, child, "failing").Run)
		require.EqualValues(t, 1, status(t, stranger, "failing").Run)
		other.Advance(2 * time.Second)
		synctest.Wait()
		require.EqualValues(t, 2, status(t, stranger, "failing").Run)
	})
}

func TestASupervisorThatRunsElsewhereFailsAsATask(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		root, child := newSupervisor(t), newSupervisor(t)
		start(t, child)
		add(t, root, "child", child)
		start(t, root)
		s := status(t, root, "child")
		requireWord(t, supervisor.StatusFailed, s.Status)
		require.ErrorIs(t, s.LastError, supervisor.ErrAlreadyRunning)
		requireWord(t, supervisor.PhaseRunning, child.Phase())
	})
}

// Trees that are made anew for every run are let go with all that ran in them, and stay accounted for.
func TestWholeTreesAreLetGo(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		root := newSupervisor(t)
		gates := newGated(1)
		first := true
		add(t, root, "tree", supervisor.Factory(func() supervisor.Task {
			middle, leaf := newSupervisor(t), newSupervisor(t, supervisor.WithStopTimeout(time.Second))
			addFunc(t, leaf, "worker", untilStopped)
			if first {
				first = false
				add(t, leaf, "deaf", gates)
			}
			add(t, middle, "leaf", leaf)
			return middle
		}), supervisor.WithStopTimeout(supervisor.Forever))
		start(t, root)
		for range 3 {
			require.NoError(t, root.Restart("tree"))
			wait(time.Second)
		}
		report := root.Report()
		require.Len(t, report.Tasks[0].Nested, 2, "the latest tree, and the one in which a run is alive")
		require.Equal(t, supervisor.RunCounts{Started: 13, Ended: 9, Abandoned: 1}, report.Runs)
		require.Len(t, report.LeftBehind, 1)
		require.Equal(t, "tree/leaf/deaf", report.LeftBehind[0].Path)

		gates.open(1)
		require.NoError(t, root.Restart("tree"))
		synctest.Wait()
		report = root.Report()
		require.Len(t, report.Tasks[0].Nested, 1)
		require.Equal(t, supervisor.RunCounts{Started: 16, Ended: 13, Abandoned: 1, FailedStops: 1}, report.Runs)
	})
}

// A supervisor that runs now here, now there is counted once, and no two are ever in each other.
func TestSupervisorsThatMove(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		one := newSupervisor(t, supervisor.WithStopTimeout(time.Second), supervisor.WithName("one"))
		two := newSupervisor(t, supervisor.WithStopTimeout(time.Second), supervisor.WithName("two"))
		shutdown := func(sup *supervisor.Supervisor) { require.NoError(t, sup.Shutdown(t.Context())); synctest.Wait() }
		gates := newGated(1)
		runs := func(sup *supervisor.Supervisor) supervisor.TaskFunc {
			return func(ctx context.Context) error {
				err := sup.Run(ctx)
				<-gates[1]
				return err
			}
		}
		addFunc(t, one, "runs", runs(two))
		addFunc(t, two, "runs", runs(one))

		require.NoError(t, one.Start(t.Context()))
		synctest.Wait()
		shutdown(one)   // the run of its task is left behind, and so is that of the task in two
		synctest.Wait() // both stop timeouts pass at one instant
		require.Len(t, one.Report().LeftBehind, 2)
		require.Equal(t, supervisor.RunCounts{Started: 2, Abandoned: 2}, one.Report().Runs)
		gates.open(1)
		require.Equal(t, supervisor.RunCounts{Started: 2, Ended: 2, Abandoned: 2, FailedStops: 1}, one.Report().Runs)

		require.NoError(t, two.Start(t.Context()))
		synctest.Wait()
		require.Len(t, two.Tree(), 2)
		require.Len(t, one.Tree(), 1, "two has left")
		shutdown(two)
		require.Equal(t, uint64(2), two.Report().Runs.Started-1)
		require.Equal(t, two.Report().Runs.Started, two.Report().Runs.Ended)
	})
}

// A task that runs the same few supervisors over and over counts every run of theirs once.
func TestRunsOfSupervisorsThatComeBackAreCountedOnce(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		step := func() *supervisor.Supervisor {
			return newSupervisor(t, supervisor.WithAutoShutdown(supervisor.AutoShutdownAll), supervisor.WithTask("step", &completes{}))
		}
		first, second := step(), step()
		root := newSupervisor(t)
		addFunc(t, root, "task", func(ctx context.Context) error {
			for range 5 {
				if err := errors.Join(first.Run(ctx), second.Run(ctx)); err != nil {
					return err
				}
			}
			return nil
		})
		addFunc(t, root, "later", func(ctx context.Context) error { return first.Run(ctx) }, supervisor.WithSuspended(true))
		start(t, root)
		require.NoError(t, root.Resume("later"))
		synctest.Wait()
		report := root.Report()
		require.Equal(t, supervisor.RunCounts{Started: 11, Ended: 11}, report.Tasks[0].Runs)
		require.Equal(t, supervisor.RunCounts{Started: 2, Ended: 2}, report.Tasks[1].Runs)
	})
}

// What makes a supervisor for each run has the timeouts of a supervisor, as soon as it is known what it makes. What was
// given for the task itself counts.
func TestFactoriesOfSupervisorsHaveTheTimeoutsOfSupervisors(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		gate := make(chan struct{})
		deaf := supervisor.TaskFunc(func(context.Context) error {
			<-gate
			return nil
		})
		makes := func() supervisor.Task {
			return newSupervisor(t, supervisor.WithStopTimeout(time.Minute), supervisor.WithTask("deaf", deaf))
		}
		var policies events
		root := newSupervisor(t, supervisor.WithStopTimeout(time.Second), supervisor.WithStartTimeout(time.Second),
			supervisor.WithWatchdog(time.Second), policies.of(supervisor.ReasonPolicy))
		add(t, root, "plain", supervisor.Factory(makes))
		add(t, root, "impatient", supervisor.Factory(makes), supervisor.WithStopTimeout(2*time.Second), supervisor.WithStartTimeout(time.Hour))
		add(t, root, "watched", supervisor.Factory(makes), supervisor.WithWatchdog(time.Second), supervisor.WithMaxAttempts(0))
		add(t, root, "task", supervisor.Factory(func() supervisor.Task { return idle }), supervisor.WithWatchdog(0))
		start(t, root)
		for name, want := range map[string][3]time.Duration{
			"plain":     {supervisor.Forever, supervisor.Forever, 0},
			"impatient": {2 * time.Second, time.Hour, 0},
			"task":      {time.Second, time.Second, 0},
		} {
			policy, err := root.Policy(name)
			require.NoError(t, err)
			require.Equal(t, want, [3]time.Duration{policy.StopTimeout, policy.StartTimeout, policy.Watchdog}, name)
		}
		s := status(t, root, "watched")
		requireWord(t, supervisor.StatusDead, s.Status)
		require.ErrorAs(t, s.LastError, new(*supervisor.ConfigError))
		require.Empty(t, policies.all(t, root), "nothing was changed")

		require.NoError(t, root.SetPolicy("plain", supervisor.WithBaseDelay(0)))
		require.ErrorContains(t, root.SetPolicy("plain", supervisor.WithWatchdog(time.Second)), "not for a supervisor")
		require.NoError(t, root.Restart("plain"))
		wait(time.Minute - 1)
		requireStatus(t, root, "plain", supervisor.StatusStopping)
		wait(1)
		require.EqualValues(t, 2, status(t, root, "plain").Run)
		require.NoError(t, root.SetPolicy("impatient", supervisor.WithStopTimeout(3*time.Second)))
		require.NoError(t, root.Restart("impatient"))
		wait(3*time.Second - 1)
		requireStatus(t, root, "impatient", supervisor.StatusStopping)
		wait(1)
		requireStatus(t, root, "impatient", supervisor.StatusAbandoned)
		close(gate)
		wait(0)
	})
}
