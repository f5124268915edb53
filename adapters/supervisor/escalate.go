package supervisor

import (
	"fmt"

	"github.com/tasksupervisor/tasksupervisor/core"
)

// EscalatedError ends a supervisor that could not go on because of one of its tasks. For a supervisor that is itself a task
// of another, that is a failure like any other: the other restarts it, with all of its tasks, as its policy for it
// says.
type EscalatedError struct {
	Task string    // the task's name
	Run  RunNumber // its run
	Why  Reason

	// Limit says what Why is about, for people.
	//   - ReasonIntensity: the failures of all tasks that were one too many, such as "5 failures within 10s"
	//   - ReasonExhausted: the restarts that the task had, such as "5 restarts in a row"
	//   - ReasonStopTimeout: how long it had to stop, such as "10s"
	//   - ReasonFatal: nothing
	Limit string

	// Err is the last error of the task, nil if there was none.
	Err error
}

func (e *EscalatedError) Error() string {
	text := fmt.Sprintf("task %q, run %d, ", e.Task, e.Run)
	switch e.Why {
	case ReasonIntensity:
		text += "failed, one time more than " + e.Limit
	case ReasonExhausted:
		text += "failed after " + e.Limit
	case ReasonStopTimeout:
		text += "did not stop within " + e.Limit
	default:
		text += "cannot continue"
	}
	if e.Err != nil {
		text += ": " + e.Err.Error()
	}
	return text
}

// Unwrap returns the task's last error.
func (e *EscalatedError) Unwrap() error { return e.Err }

// noteEscalation notes the task that made the supervisor halt, if that is what an action is about: the first that can be
// the reason for the halt, because nothing escalates after it.
func (s *Supervisor) noteEscalation(m *member, a *core.Action) {
	if m == nil || s.session == nil || s.session.escalated != nil {
		return
	}
	if halt := s.engine.machine.HaltReason(); halt != ReasonEscalated && halt != ReasonIntensity {
		return
	}
	policy, limit := m.policy.Value(), ""
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
