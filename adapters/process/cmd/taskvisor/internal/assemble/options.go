package assemble

import (
	"time"

	"github.com/tasksupervisor/tasksupervisor/adapters/process/cmd/taskvisor/internal/taskfile"
	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
)

// groupOptions returns what a group's keys are for its supervisor.
func groupOptions(g *taskfile.Group) []supervisor.Option {
	options := []supervisor.Option{supervisor.WithStrategy(g.Strategy.Strategy()), supervisor.WithStopOrder(g.StopOrder.StopOrder())}
	for _, limit := range limitOptions(g) {
		options = append(options, limit)
	}
	return options
}

// limitOptions returns what can be changed while the group runs.
func limitOptions(g *taskfile.Group) []supervisor.LimitOption {
	options := []supervisor.LimitOption{supervisor.WithAutoShutdown(g.AutoShutdown.AutoShutdown())}
	if g.Intensity != nil {
		options = append(options, supervisor.WithIntensity(g.Intensity.Count, time.Duration(g.Intensity.Within)))
	}
	if g.RestartRate != nil {
		options = append(options, supervisor.WithRestartRate(g.RestartRate.Count, time.Duration(g.RestartRate.Within)))
	}
	if g.DeadThreshold != nil {
		options = append(options, supervisor.WithDeadThreshold(*g.DeadThreshold))
	}
	if g.ShutdownTimeout != nil {
		options = append(options, supervisor.WithShutdownTimeout(time.Duration(*g.ShutdownTimeout)))
	}
	return options
}

// memberOptions returns how a task or a group is supervised, less what its [Maker] says. A group is ready when its tasks are, so
// that others can need it.
func memberOptions(m taskfile.Member) []supervisor.TaskOption {
	p := m.Policy()
	options := []supervisor.TaskOption{
		supervisor.ForService(), supervisor.WithRestart(p.Restart.Restart()),
		supervisor.WithOnExhausted(p.OnExhausted.OnExhausted()), supervisor.WithOnAbandon(p.OnAbandon.OnAbandon()),
		backoff(p),
	}
	for _, timed := range []struct {
		set  *taskfile.Duration
		with func(time.Duration) supervisor.TaskOption
	}{
		{p.StableAfter, supervisor.WithStableAfter}, {p.MinUptime, supervisor.WithMinUptime},
		{p.HungStopTimeout, supervisor.WithHungStopTimeout}, {startTimeout(m), supervisor.WithStartTimeout},
	} {
		if timed.set != nil {
			options = append(options, timed.with(time.Duration(*timed.set)))
		}
	}
	if p.Attempts != nil {
		options = append(options, supervisor.WithMaxAttempts(uint32(*p.Attempts)))
	}
	if p.Significant != nil {
		options = append(options, supervisor.WithSignificant(*p.Significant))
	}
	if p.Suspended != nil {
		options = append(options, supervisor.WithSuspended(*p.Suspended))
	}
	if m.Group != nil {
		options = append(options, supervisor.WithReadiness(true))
		if p.StopTimeout != nil {
			options = append(options, supervisor.WithStopTimeout(time.Duration(*p.StopTimeout)))
		}
	} else {
		options = append(options, supervisor.WithOnMiss(m.Task.OnMiss.OnMiss()))
	}
	return append(options, supervisor.WithNeeds(p.Needs...), supervisor.WithBoundTo(p.BoundTo...))
}

// startTimeout returns how long it may take until a group or a task is ready, unless the task's [Maker] says so, as it does where it is
// asked or told. One that is ready when it has ended may work as long as it likes.
func startTimeout(m taskfile.Member) *taskfile.Duration {
	set := m.Policy().StartTimeout
	if m.Group != nil {
		return set
	}
	switch m.Task.ReadyKind() {
	case taskfile.ReadyAtEnd:
		if set == nil {
			forever := taskfile.Forever
			return &forever
		}
	case taskfile.ReadyAtOnce: // it has no effect, and the supervisor warns of that
	case taskfile.ReadyAsked, taskfile.ReadyTold:
		return nil
	}
	return set
}

// backoff returns how long a task waits before it is restarted.
func backoff(p *taskfile.Policy) supervisor.TaskOption {
	if p.BaseDelay != nil && *p.BaseDelay == 0 {
		return supervisor.WithBaseDelay(0)
	}
	var b supervisor.Backoff
	if p.BaseDelay != nil {
		b.Base = time.Duration(*p.BaseDelay)
	}
	if p.Factor != nil {
		b.Factor = *p.Factor
	}
	if p.MaxExponent != nil {
		b.MaxExponent = *p.MaxExponent
	}
	if p.MaxDelay != nil {
		b.Max = time.Duration(*p.MaxDelay)
	}
	if p.Jitter != nil {
		b.Jitter = *p.Jitter
		if b.Jitter == 0 {
			b.Jitter = supervisor.NoJitter
		}
	}
	return supervisor.WithBackoff(b)
}
