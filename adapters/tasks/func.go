package tasks

import (
	"context"
	"fmt"
	"time"

	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
)

// Func makes a task of a function that knows no context. It cannot be told to stop: a run that has to is waited for, and
// abandoned when its stop timeout is over. So it is for what is over soon; [Actor] is for what can be stopped in another way.
func Func(f func() error) supervisor.TaskFunc {
	if f == nil {
		return nil
	}
	return func(context.Context) error { return f() }
}

// Every makes a task of a function that is called at once and then again and again, every so often. A call that fails ends the
// run, so that the task's backoff decides when it goes on. Calls begin at multiples of the interval since the run began. They
// never overlap, and none that was missed because of a long one is made up for.
//
// With readiness, the task is ready when a call of its run has returned nil, or before if the function says so. With a watchdog, a
// call must not take longer than that allows, unless it beats itself; no beat is due between the calls. The interval is
// measured in real time, or that of a testing/synctest bubble. One that is not positive stops the supervisor with a
// [supervisor.FatalError]: no restart would mend it.
func Every(interval time.Duration, f func(ctx context.Context) error) supervisor.TaskFunc {
	if f == nil {
		return nil
	}
	return func(ctx context.Context) error {
		if interval <= 0 {
			return supervisor.Fatal(fmt.Errorf("tasks.Every: the interval is %v: it must be positive", interval))
		}
		began := time.Now()
		timer := time.NewTimer(interval)
		defer timer.Stop()
		heart, _ := supervisor.HeartOf(ctx) // without a supervisor nothing listens
		for {
			if err := f(ctx); err != nil {
				return err
			}
			_ = supervisor.Ready(ctx)
			heart.BeatWithin(supervisor.Forever)
			timer.Reset(interval - time.Since(began)%interval)
			select {
			case <-timer.C:
			case <-ctx.Done():
				return context.Cause(ctx)
			}
			if ctx.Err() != nil { // both have come
				return context.Cause(ctx)
			}
			heart.Beat()
		}
	}
}
