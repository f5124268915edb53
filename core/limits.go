package core

// Limits are the part of a configuration that can be changed while the supervisor runs. The fields mean what they do
// in [Config].
type Limits struct {
	DeadThreshold   Fraction
	Intensity       Rate
	Budget          Rate
	AutoShutdown    AutoShutdown
	ShutdownTimeout Duration
}

// LimitsID names limits of one machine: 0 are those of the configuration it was made with, the others are what
// [Machine.DefineLimits] returned.
type LimitsID uint16

// limits returns the limits of a configuration.
func (cfg *Config) limits() Limits {
	return Limits{cfg.DeadThreshold, cfg.Intensity, cfg.Budget, cfg.AutoShutdown, cfg.ShutdownTimeout}
}

// setLimits puts other limits into a configuration.
func (cfg *Config) setLimits(l Limits) {
	cfg.DeadThreshold, cfg.Intensity, cfg.Budget = l.DeadThreshold, l.Intensity, l.Budget
	cfg.AutoShutdown, cfg.ShutdownTimeout = l.AutoShutdown, l.ShutdownTimeout
}

// DefineLimits adds limits to those that an EventLimits can refer to and returns their id; limits equal to known ones
// have their id. They hold from the event on: a count in a window goes on, a shutdown under way keeps its deadline.
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
	if refusal := m.refusal(); refusal != ReasonNone {
		return m.reject(dst, ev, refusal)
	}
	limits, ok := m.Limits(ev.Limits)
	if !ok {
		return m.reject(dst, ev, ReasonUnknownLimits)
	}
	m.config.setLimits(limits)
	m.crashes.resize(limits.Intensity)
	m.budget.resize(limits.Budget)
	return dst
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
