package assemble

import (
	"context"
	"time"

	"github.com/tasksupervisor/tasksupervisor/adapters/process"
	"github.com/tasksupervisor/tasksupervisor/adapters/process/cmd/taskvisor/internal/taskfile"
	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
)

// Standin is a [Maker] of tasks that do nothing. They have the policies that processes have: it needs no host, and looks at nothing
// on this machine.
func Standin(_ string, t *taskfile.Task) (supervisor.Task, []supervisor.TaskOption, error) {
	kill := process.DefaultStopTimeout
	if t.StopTimeout != nil {
		kill = time.Duration(*t.StopTimeout)
	}
	options := []supervisor.TaskOption{supervisor.WithStopTimeout(min(kill, supervisor.Forever-process.KillTime) + process.KillTime)}
	switch t.ReadyKind() {
	case taskfile.ReadyAtOnce:
	case taskfile.ReadyAtEnd:
		options = append(options, supervisor.WithReadiness(true))
	case taskfile.ReadyAsked, taskfile.ReadyTold:
		limit := process.DefaultStartTimeout
		if t.StartTimeout != nil {
			limit = time.Duration(*t.StartTimeout)
		}
		options = append(options, supervisor.WithReadiness(true), supervisor.WithStartTimeout(limit))
	}
	if t.Health != nil {
		options = append(options, supervisor.WithProbe(func(context.Context) error { return nil }, probeOf(t.Health)))
	}
	if t.Watchdog != nil && *t.Watchdog > 0 {
		options = append(options, supervisor.WithWatchdog(time.Duration(*t.Watchdog)))
	}
	return supervisor.TaskFunc(func(ctx context.Context) error { <-ctx.Done(); return nil }), options, nil
}

// probeOf returns how often a health check asks.
func probeOf(h *taskfile.Health) supervisor.Probe {
	probe := supervisor.Probe{
		Interval: process.DefaultProbeInterval, Timeout: process.DefaultProbeTimeout, Failures: process.DefaultProbeFailures,
	}
	if h.Interval != nil {
		probe.Interval = time.Duration(*h.Interval)
	}
	if h.Timeout != nil {
		probe.Timeout = time.Duration(*h.Timeout)
	}
	if h.Failures != nil {
		probe.Failures = uint8(*h.Failures)
	}
	return probe
}
