package core

import "github.com/tasksupervisor/tasksupervisor/core/internal/intern"

// changeLimits puts other limits in force.
func (m *Machine) changeLimits(dst []Action, ev *Event) []Action {
	slot := m.limits.Slot(uint64(ev.Limits))
	if slot == intern.None {
		return m.reject(dst, ev, RefusalUnknownLimits)
	}
	m.limits.Hold(slot)
	m.limits.Release(m.inForce)
	m.inForce = slot
	m.config.Limits = *m.limits.At(slot)
	m.setRates(m.config.Limits)
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
