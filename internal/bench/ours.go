package main

import (
	"context"
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
	// With the factor 1 every restart waits the base delay.
	must(o.Add(name, supervisor.TaskFunc(run), delayed(delay)))
}

// delayed gives a task a delay that does not grow.
func delayed(delay time.Duration) supervisor.TaskOption {
	policy := supervisor.DefaultPolicy()
	policy.BaseDelay, policy.Factor, policy.MaxAttempts = delay, 1, supervisor.Unlimited
	return supervisor.WithPolicy(policy)
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
	keep = statuses
	return len(statuses)
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}
