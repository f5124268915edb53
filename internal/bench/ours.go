package main

import (
	"context"
	"runtime"
	"time"

	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
)

// ours is the supervisor of this repository, with every task restarted for ever.
type ours struct{ *supervisor.Supervisor }

func newOurs() subject {
	sup, err := supervisor.New(supervisor.WithMaxAttempts(supervisor.Unlimited))
	must(err)
	return ours{sup}
}

func (o ours) add(name string, delay time.Duration, run task) {
	must(o.Add(name, supervisor.TaskFunc(run), supervisor.WithPolicy(delayed(delay))))
}

// delayed is a policy whose delay does not grow.
func delayed(delay time.Duration) supervisor.Policy {
	policy := supervisor.DefaultPolicy()
	policy.BaseDelay, policy.Factor, policy.MaxAttempts = delay, 1, supervisor.Unlimited
	return policy
}

func (o ours) addOwn(name string, number int, run task) {
	must(o.Add(name, supervisor.TaskFunc(run), supervisor.WithPolicy(own(number))))
}

func (o ours) tune(name string, number int) {
	must(o.SetPolicy(name, supervisor.WithPolicy(own(number))))
}

// own is a policy without delay that no other number has.
func own(number int) supervisor.Policy {
	policy := delayed(0)
	policy.StopTimeout = time.Hour + time.Duration(number)
	return policy
}

func (o ours) heart(ctx context.Context) func() {
	must(o.SetPolicy("alive", supervisor.WithWatchdog(time.Hour)))
	heart, err := supervisor.HeartOf(ctx)
	must(err)
	return func() { heart.Beat() }
}

func (o ours) start() { must(o.Start(context.Background())) }

func (o ours) stop() { must(o.Shutdown(context.Background())) }

func (o ours) remove(name string) { must(o.RemoveWait(context.Background(), name)) }

func (o ours) status(name string) (bool, uint64) {
	status, err := o.Status(name)
	must(err)
	return status.Status == supervisor.StatusHealthy, uint64(status.Run)
}

func (o ours) statuses() int {
	statuses := o.Statuses()
	runtime.KeepAlive(statuses)
	return len(statuses)
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}
