package checkers

import "github.com/tasksupervisor/tasksupervisor/core"

// limitsOf returns the limits of a configuration.
func limitsOf(cfg *core.Config) core.Limits {
	return core.Limits{
		DeadThreshold: cfg.DeadThreshold, Intensity: cfg.Intensity, RestartRate: cfg.RestartRate,
		AutoShutdown: cfg.AutoShutdown, ShutdownTimeout: cfg.ShutdownTimeout,
	}
}

// changed takes over the limits that an event puts in force, and tells whether it did. They hold from behind the timers
// that fire in the same step.
func changed(m *core.Machine, ev core.Event, actions []core.Action, l *core.Limits) bool {
	if !heeded(core.EventLimits, ev, actions) {
		return false
	}
	*l, _ = m.Limits(ev.Limits)
	return true
}
