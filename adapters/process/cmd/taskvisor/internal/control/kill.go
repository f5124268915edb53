package control

import (
	"time"

	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
)

// KillIn returns how long it is until the processes of a task get SIGKILL that is being stopped; ok is false if it is not, or they never
// do. The reserve is how much of its stop timeout is kept for what comes after SIGKILL; at least it is what
// [supervisor.GracePeriod] keeps: a tenth, or a second if that is less.
func KillIn(status *supervisor.TaskStatus, reserve time.Duration) (left time.Duration, ok bool) {
	if status.Status != supervisor.StatusStopping || status.Until == supervisor.Never {
		return 0, false
	}
	timeout := time.Duration(status.Until - status.Since)
	left = time.Duration(status.Until-status.At) - max(reserve, min(timeout/10, time.Second))
	if left > time.Second {
		left = left.Round(time.Second)
	}
	return max(0, left), true
}
