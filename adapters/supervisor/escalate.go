package supervisor

import (
	"fmt"

	"github.com/tasksupervisor/tasksupervisor/core"
)

// noteEscalation notes the task that made the supervisor halt, if that is what an action is about: the first that can be
// the reason for the halt, because nothing escalates after it.
func (s *Supervisor) noteEscalation(m *member, a *core.Action) {
	if m == nil || s.session == nil || s.session.escalated != nil {
		return
	}
	if halt := s.engine.machine.HaltReason(); halt != ReasonEscalated && halt != ReasonIntensity {
		return
	}
	policy, limit := s.policyOf(m), ""
	switch {
	case a.Why == ReasonFatal:
	case a.Why == ReasonIntensity:
		rate := s.settings.limits.Intensity
		limit = fmt.Sprintf("%s within %v", many(rate.Count, "failure"), rate.Per)
	case a.Why == ReasonExhausted && policy.OnExhausted == ExhaustedEscalate:
		limit = many(policy.MaxAttempts, "restart") + " in a row"
	case a.Why == ReasonStopTimeout && policy.OnAbandon == AbandonEscalate:
		limit = policy.StopLimit(m.current.hung).String()
	default:
		return
	}
	s.session.escalated = &EscalatedError{m.name, a.Run, a.Why, limit, m.lastErr}
	s.session.shutdown = &causedShutdown{s.session.escalated}
}

func many(n uint32, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
