package session

import (
	"errors"
	"fmt"
	"syscall"

	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
)

// ending says how the process is to end, when the supervisor has ended with an error or nil.
func (r *running) ending(err error) Ending {
	cause := r.Supervisor.Report().Cause
	switch {
	case r.state == killing:
		by := r.second
		if by == 0 { // by command
			by = syscall.SIGKILL
		}
		e := Ending{Code: CodeSignal + int(by), Signal: r.second}
		if errors.Is(err, errStuck) {
			e.Err = err
		}
		return e
	case cause.Why == supervisor.ReasonShutdown && (r.first == syscall.SIGINT || r.first == syscall.SIGHUP):
		return Ending{Code: CodeSignal + int(r.first), Signal: r.first, Err: err}
	case cause.Why == supervisor.ReasonShutdown && err != nil: // it was asked to, and something went wrong
		return Ending{Code: CodeFailed, Err: err}
	case err == nil:
		return Ending{Code: CodeWell, Why: because(&cause)}
	}
	e := Ending{Code: CodeFailed, Why: because(&cause)}
	for _, of := range []error{cause.Err, err} {
		if code, has := r.code(of); has {
			e.Code = code
			break
		}
	}
	if e.Why == "" || errors.As(err, new(*supervisor.LeftBehindError)) {
		e.Err = err
	}
	return e
}

// because says why a supervisor stopped that was not asked to.
func because(cause *supervisor.StopCause) string {
	of := ""
	if cause.Err != nil {
		of = ": " + cause.Err.Error()
	}
	switch cause.Why {
	case supervisor.ReasonAllEnded:
		return ", because all have ended"
	case supervisor.ReasonAnyEnded:
		return fmt.Sprintf(", because %s has ended%s", cause.Task, of)
	case supervisor.ReasonEscalated:
		return fmt.Sprintf(", because of %s%s", cause.Task, of)
	case supervisor.ReasonIntensity:
		return fmt.Sprintf(", because tasks failed too often, %s last%s", cause.Task, of)
	case supervisor.ReasonTooManyDead:
		return fmt.Sprintf(", because too many are dead, %s last%s", cause.Task, of)
	default:
		return ""
	}
}

// code returns the exit code that an error has. One that is 0 would not tell that there is an error.
func (r *running) code(err error) (code int, has bool) {
	if err == nil || r.CodeOf == nil {
		return 0, false
	}
	code, has = r.CodeOf(err)
	return code, has && code != 0
}
