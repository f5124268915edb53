package session

import (
	"errors"
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
	case err == nil:
		return Ending{Code: CodeWell}
	case cause.Why == supervisor.ReasonShutdown: // it was asked to, and something went wrong
		return Ending{Code: CodeFailed, Err: err}
	}
	for _, of := range []error{cause.Err, err} {
		if code, has := r.code(of); has {
			return Ending{Code: code, Err: err}
		}
	}
	return Ending{Code: CodeFailed, Err: err}
}

// code returns the exit code that an error has. One that is 0 would not tell that there is an error.
func (r *running) code(err error) (code int, has bool) {
	if err == nil || r.CodeOf == nil {
		return 0, false
	}
	code, has = r.CodeOf(err)
	return code, has && code != 0
}
