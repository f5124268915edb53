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

// drains is a task that takes all the time it has to stop.
type drains struct {
	grace, cause error
	lasted       time.Duration
}

func (d *drains) Run(ctx context.Context) error {
	grace, cancel := supervisor.GracePeriod(ctx)
	defer cancel()
	<-ctx.Done()
	began := time.Now()
	<-grace.Done()
	d.grace, d.cause, d.lasted = grace.Err(), context.Cause(grace), time.Since(began)
	return nil
}

func TestAGracePeriodEndsShortlyBeforeTheStopTimeout(t *testing.T) {
	for _, test := range []struct {
		name  string
		after time.Duration
		with  []supervisor.TaskOption
		limit []supervisor.Option
	}{
		{"the default", 9 * time.Second, nil, nil},
		{"a tenth", 90 * time.Millisecond, []supervisor.TaskOption{supervisor.WithStopTimeout(100 * time.Millisecond)}, nil},
		{"a second", 59 * time.Second, []supervisor.TaskOption{supervisor.WithStopTimeout(time.Minute)}, nil},
		{"nearly none", 9, []supervisor.TaskOption{supervisor.WithStopTimeout(10)}, nil},
		{"the whole shutdown", 4500 * time.Millisecond, nil, []supervisor.Option{supervisor.WithShutdownTimeout(5 * time.Second)}},
		{
			"the whole shutdown alone", 4500 * time.Millisecond, []supervisor.TaskOption{supervisor.WithStopTimeout(supervisor.Forever)},
			[]supervisor.Option{supervisor.WithShutdownTimeout(5 * time.Second)},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			inBubble(t, func(t *testing.T) {
				task := new(drains)
				sup := newSupervisor(t, append(test.limit, supervisor.WithTask("server", task, test.with...))...)
				start(t, sup)
				stop(t, sup)
				require.Equal(t, test.after, task.lasted)
				require.ErrorIs(t, task.cause, supervisor.ErrGraceOver)
				require.ErrorIs(t, task.grace, context.Canceled)
				require.Zero(t, sup.Report().Runs.Abandoned, "it stopped in time")
			})
		})
	}
}

// What is said about a run while it stops concerns its grace period as well.
func TestAGracePeriodFollowsThePolicy(t *testing.T) {
	for name, test := range map[string]struct {
		say   func(sup *supervisor.Supervisor) error
		after time.Duration
	}{
		"longer": {func(sup *supervisor.Supervisor) error {
			return sup.SetPolicy("server", supervisor.WithStopTimeout(time.Minute))
		}, 62 * time.Second}, // the new timeout begins when it is set
		"shorter": {func(sup *supervisor.Supervisor) error {
			return sup.SetPolicy("server", supervisor.WithStopTimeout(2*time.Second))
		}, 4500 * time.Millisecond},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T) {
				task := new(drains)
				sup := newSupervisor(t, supervisor.WithTask("server", task))
				start(t, sup)
				require.NoError(t, sup.Kill("server"))
				wait(3 * time.Second)
				require.NoError(t, test.say(sup))
				wait(2 * time.Minute)
				require.Equal(t, test.after, task.lasted)
				require.ErrorIs(t, task.cause, supervisor.ErrGraceOver)
			})
		})
	}
}

func TestAGracePeriodEndsWithItsRun(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		var grace context.Context
		sup := newSupervisor(t)
		addFunc(t, sup, "server", func(ctx context.Context) error {
			grace, _ = supervisor.GracePeriod(context.WithValue(ctx, key{}, "value"))
			<-ctx.Done()
			return nil
		}, supervisor.WithStopTimeout(supervisor.Forever))
		start(t, sup)
		require.NoError(t, grace.Err(), "it does not begin before the stop")
		require.Equal(t, "value", grace.Value(key{}))
		info, ok := supervisor.Current(grace)
		require.True(t, ok)
		require.Equal(t, "server", info.Task)
		require.NoError(t, sup.Kill("server"))
		synctest.Wait()
		require.ErrorIs(t, context.Cause(grace), supervisor.ErrRunEnded)
	})
}

type key struct{}

// Outside of runs there is no limit.
func TestAGracePeriodWithoutARun(t *testing.T) {
	ctx, stop := context.WithCancel(context.Background())
	grace, cancel := supervisor.GracePeriod(ctx)
	stop()
	require.NoError(t, grace.Err())
	cancel()
	require.ErrorIs(t, grace.Err(), context.Canceled)
}

// It is cancelled without its run having to stop: nothing of it is left.
func TestAGracePeriodThatIsNotNeeded(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		sup := newSupervisor(t)
		addFunc(t, sup, "server", func(ctx context.Context) error {
			for range 1000 {
				grace, cancel := supervisor.GracePeriod(ctx)
				cancel()
				if grace.Err() == nil {
					panic("it is not over")
				}
			}
			return untilStopped(ctx)
		})
		start(t, sup)
		requireStatus(t, sup, "server", supervisor.StatusHealthy)
	})
}

// It follows the supervisor's clock.
func TestAGracePeriodOnVirtualTime(t *testing.T) {
	virtual := new(clock.Virtual)
	sup := newSupervisor(t, supervisor.WithClock(virtual))
	begun, over := make(chan struct{}), make(chan struct{})
	addFunc(t, sup, "server", func(ctx context.Context) error {
		defer close(over)
		<-ctx.Done()
		grace, cancel := supervisor.GracePeriod(ctx)
		defer cancel()
		close(begun)
		<-grace.Done()
		return nil
	})
	require.NoError(t, sup.Start(context.Background()))
	require.NoError(t, sup.Kill("server"))
	<-begun
	for range 9 {
		virtual.Advance(time.Second)
	}
	<-over
	require.NoError(t, sup.Shutdown(context.Background()))
	require.Zero(t, sup.Report().Runs.Abandoned)
}
