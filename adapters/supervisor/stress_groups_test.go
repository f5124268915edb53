package supervisor_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
)

// lively is a task that is ready at some time, beats as it likes, and ends in one of many ways.
func (c *census) lively(ctx context.Context) error {
	c.started.Add(1)
	defer c.ended.Add(1)
	pause(3000)
	ready(ctx)
	heart := heartOf(ctx)
	for range rand.IntN(20) {
		switch rand.IntN(4) {
		case 0:
			heart.BeatWithin(time.Duration(rand.IntN(10)) * time.Millisecond)
		case 1:
			beat(ctx)
		default:
			heart.Beat()
		}
		pause(3000)
	}
	switch rand.IntN(12) {
	case 0:
		return supervisor.Done(nil)
	case 1, 2:
		return untilStopped(ctx)
	}
	return behaviours[rand.IntN(len(behaviours))](ctx)
}

// pause lets a random time pass, or none.
func pause(most int) {
	if rand.IntN(3) == 0 {
		runtime.Gosched()
	} else {
		time.Sleep(time.Duration(rand.IntN(most)) * time.Microsecond)
	}
}

// All commands are given at once to groups of tasks that need each other, beat and are probed. Then every run is
// accounted for, and the recording, which has all that happened, replays (invariants 1, 13 and 14).
func TestStressOfGroups(t *testing.T) {
	for _, strategy := range []supervisor.Strategy{supervisor.OneForOne, supervisor.OneForAll, supervisor.RestForOne} {
		t.Run(strategy.String(), func(t *testing.T) {
			inBubble(t, func(t *testing.T) { stressGroup(t, strategy) })
		})
	}
}

func stressGroup(t *testing.T, strategy supervisor.Strategy) {
	const workers, operations, tasks = 6, 800, 8
	var census census
	var overlaps atomic.Bool
	var recording bytes.Buffer
	options := []supervisor.Option{
		supervisor.WithStrategy(strategy), supervisor.WithRestartRate(10, time.Millisecond),
		supervisor.WithMaxAttempts(supervisor.Unlimited), supervisor.WithBaseDelay(time.Millisecond), supervisor.WithStopTimeout(supervisor.Forever),
		supervisor.WithReadiness(true), supervisor.WithStartTimeout(20 * time.Millisecond),
	}
	watch := []supervisor.TaskOption{
		supervisor.WithWatchdog(5 * time.Millisecond),
		supervisor.WithProbe(func(ctx context.Context) error { return behaviours[1+rand.IntN(4)](ctx) },
			supervisor.Probe{Interval: time.Millisecond, Timeout: time.Millisecond, Failures: 2}),
		supervisor.WithOnMiss(supervisor.MissReport),
	}
	name := func(i int) string { return fmt.Sprint("task", i) }
	newTask := func(i int) (string, supervisor.Task, []supervisor.TaskOption) {
		own := []supervisor.TaskOption{watch[i%len(watch)]}
		if i > 0 && i%3 == 0 {
			own = append(own, supervisor.WithBoundTo(name(i-1)), supervisor.WithNeeds(name(i/2)))
		}
		return name(i), &overlap{task: supervisor.TaskFunc(census.lively), found: &overlaps}, own
	}
	inner := newSupervisor(t, options...)
	for i := range tasks {
		name, task, own := newTask(i)
		add(t, inner, name, task, own...)
	}
	sup := newSupervisor(t, append(options, supervisor.WithRecorder(&recording))...)
	for i := range tasks {
		name, task, own := newTask(i)
		add(t, sup, name, task, own...)
	}
	add(t, sup, "inner", inner)
	ctx := context.Background()
	require.NoError(t, sup.Start(ctx))

	tolerated := []error{
		supervisor.ErrUnknownTask, supervisor.ErrDuplicateName, supervisor.ErrBeingRemoved, supervisor.ErrAlreadyEnded,
		supervisor.ErrNotSuspended, supervisor.ErrShuttingDown, supervisor.ErrStopped,
	}
	inParallel(t, workers, operations, tolerated, func() error {
		i := rand.IntN(tasks)
		path := name(i)
		if rand.IntN(3) == 0 {
			path = "inner/" + path
		}
		pause(20_000)
		switch rand.IntN(16) {
		case 2:
			name, task, own := newTask(i)
			return unlessNeeds(sup.Add(name, task, own...))
		case 3:
			return unlessNeeds(sup.Remove(path))
		case 4:
			return sup.Kill(path)
		case 0, 1, 5, 6:
			return sup.Restart(path)
		case 7:
			return sup.Suspend(path)
		case 8, 12, 13:
			return sup.Resume(path)
		case 9:
			return sup.SetPolicy(path, supervisor.WithStartTimeout(time.Duration(1+rand.IntN(20))*time.Millisecond))
		case 10:
			return sup.SetLimits(supervisor.WithRestartRate(1+rand.IntN(9), time.Millisecond))
		default:
			_, _ = sup.Tree(), sup.Report()
			return nil
		}
	})
	report := census.accounted(t, sup)
	require.False(t, overlaps.Load(), "two runs of a task at a time")
	require.NoError(t, report.Recording)
	machine := play(t, recording.String())
	require.NoError(t, machine.Check())
	require.Equal(t, sup.Counts(), machine.Counts())
	require.Greater(t, census.started.Load(), uint64(300))
}

// unlessNeeds tolerates that a task is needed, or needs one that has been removed.
func unlessNeeds(err error) error {
	if errors.As(err, new(*supervisor.NeededError)) || errors.As(err, new(*supervisor.UnknownNeedError)) {
		return nil
	}
	return err
}
