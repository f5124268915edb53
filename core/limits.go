package core

// Limits are the part of a configuration that can be changed while the supervisor runs.
type Limits struct {
	// DeadThreshold halts the supervisor when strictly more than this fraction of its tasks is dead. Killed and
	// abandoned tasks count as dead, completed ones only into the total. Default zero: no threshold.
	DeadThreshold Fraction

	// Intensity halts the supervisor at the crash that is one too many: more than Count failures that lead to a
	// restart within any window of Per. Restarts of siblings, requested stops, an operator's restarts and good ends
	// do not count. Default zero: no limit.
	Intensity Rate

	// RestartRate spreads restarts: no more than Count tasks are restarted after a delay within any window of Per; the
	// others wait, in the order in which their delays passed. Those that come back with a sibling or a task they
	// need, and those an operator restarts, neither count nor wait. Default zero: no limit.
	RestartRate Rate

	// AutoShutdown shuts the supervisor down when significant tasks have ended. Default AutoShutdownNever.
	AutoShutdown AutoShutdown

	// ShutdownTimeout is how long a shutdown may take in all; when it has passed, every run that is left is
	// asked to stop and abandoned at once. Default zero: no limit but the tasks' own stop timeouts.
	ShutdownTimeout Duration
}

// LimitsID names limits of one machine: 0 are those of the configuration it was made with, the others are what
// [Machine.DefineLimits] returned.
type LimitsID uint16

// DefineLimits adds limits to those that an EventLimits can refer to and returns their id; limits equal to known ones
// have their id. They take effect with the event: counts in current windows are kept, and a shutdown under way keeps its
// deadline.
// The error is a [*ConfigError] or [ErrTooManyLimits].
//
// Definitions are input like events are: whoever records or replicates a machine's events includes them, in order.
func (m *Machine) DefineLimits(l Limits) (LimitsID, error) {
	for i := range m.limits {
		if m.limits[i] == l {
			return LimitsID(i), nil
		}
	}
	var check validation
	check.limits(l)
	if err := check.err(); err != nil {
		return 0, err
	}
	if len(m.limits) == limitsMax {
		return 0, ErrTooManyLimits
	}
	m.limits = append(m.limits, l)
	return LimitsID(len(m.limits) - 1), nil
}

// Limits returns the limits of that id; ok is false if there are none.
func (m *Machine) Limits(id LimitsID) (l Limits, ok bool) {
	if int(id) >= len(m.limits) {
		return Limits{}, false
	}
	return m.limits[id], true
}

// changeLimits puts other limits in force.
func (m *Machine) changeLimits(dst []Action, ev *Event) []Action {
	if refusal := m.refuseCommand(); refusal != RefusalNone {
		return m.reject(dst, ev, refusal)
	}
	limits, ok := m.Limits(ev.Limits)
	if !ok {
		return m.reject(dst, ev, RefusalUnknownLimits)
	}
	m.config.Limits = limits
	m.setRates(limits)
	return dst
}

func (m *Machine) setRates(limits Limits) {
	m.crashes.SetLimit(limits.Intensity.Count, limits.Intensity.Per)
	m.restarts.SetLimit(limits.RestartRate.Count, limits.RestartRate.Per)
}

// exceeded returns which of the limits that concern the tasks as a whole is exceeded, or ReasonNone.
func (m *Machine) exceeded() Reason {
	switch {
	case !m.tooManyDead():
		m.checkAt = Never
	case m.config.HealthCheckInterval == 0:
		return ReasonTooManyDead
	case m.checkAt == Never:
		m.checkAt = m.checkFrom(m.now)
	}
	switch m.config.AutoShutdown {
	case AutoShutdownNever, autoShutdowns:
	case AutoShutdownAll:
		if m.significantEnded == m.significant && m.significant > 0 {
			return ReasonAllEnded
		}
	case AutoShutdownAny:
		if m.significantEnded > 0 {
			return ReasonAnyEnded
		}
	}
	return ReasonNone
}

// tooManyDead compares dead/total with the threshold exactly, without dividing.
func (m *Machine) tooManyDead() bool {
	if m.config.DeadThreshold.Den == 0 {
		return false
	}
	dead := uint64(m.counts[StatusDead] + m.counts[StatusAbandoned])
	return dead*uint64(m.config.DeadThreshold.Den) > uint64(m.config.DeadThreshold.Num)*uint64(m.total())
}

// checkFrom returns when the first health check at or after an instant is decided: one nanosecond after it, so that
// it sees all that happened at its own instant.
func (m *Machine) checkFrom(at Instant) Instant {
	interval := uint64(m.config.HealthCheckInterval)
	if passed := at.since(m.started) % interval; passed > 0 {
		at = at.plus(interval - passed)
	}
	return at.plus(1)
}
