package explore

import "github.com/tasksupervisor/tasksupervisor/core"

// symmetric reports whether the order in which tasks were added makes no difference but to the order of actions.
//
// It makes one where the strategy or needs say so, where tasks are stopped one after the other, and where they queue for the
// restart rate. It also makes one where a timer of one task can end the supervisor just before or just after another
// task's timer of the same instant.
func (m *Model) symmetric() bool {
	if m.Config.Strategy != core.OneForOne || m.Config.StopOrder == core.StopReverse || m.needs() {
		return false
	}
	_, limits, err := m.machine()
	if err != nil {
		return false
	}
	for _, l := range limits {
		if l.RestartRate.Count > 0 {
			return false
		}
		for i := range m.Config.Policies {
			if m.haltsByTimer(&m.Config.Policies[i], l) {
				return false
			}
		}
	}
	return true
}

// haltsByTimer reports whether a timer of a task can halt the supervisor there and then. Only the stop timeout can: it
// abandons the run, which may count as a death or escalate, and where the run is replaced, what was intended for the
// task follows at once, which may be one crash too many or the task's end.
func (m *Model) haltsByTimer(p *core.Policy, l core.Limits) bool {
	if p.StopTimeout == core.Forever && (p.HungStopTimeout == 0 || p.HungStopTimeout == core.Forever) {
		return false
	}
	switch p.OnAbandon {
	case core.AbandonEscalate:
		return true
	case core.AbandonReplace:
		if l.AutoShutdown != core.AutoShutdownNever || l.Intensity.Per > 0 || p.OnExhausted == core.ExhaustedEscalate {
			return true
		}
	case core.AbandonWait:
	}
	return l.DeadThreshold.Den != 0 && m.Config.HealthCheckInterval == 0
}
