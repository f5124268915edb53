package spec

import (
	"fmt"

	"github.com/tasksupervisor/tasksupervisor/core"
)

// LeftToDo returns what should have happened to a task by the end of a step, or "": between steps no rule is left to apply,
// and every task says what it waits for.
func (s *Supervisor) LeftToDo(t *core.TaskStatus) string {
	running := s.Phase == core.PhaseRunning
	switch {
	case running && Running(t) && !StopPending(t) && s.DownNeed(t) != nil:
		return fmt.Sprintf("runs on, and is bound to task %v, which is down", s.DownNeed(t).Task)
	case s.MayStop(t):
		return "has a stop pending that nothing blocks, and is not asked to stop"
	case running && t.Wait == core.WaitOthersStopped && s.DelayBlocker(t) == nil:
		return "waits for others to stop, and none is left"
	case s.CanStart(t):
		return "can start, and waits"
	}
	if wait, need := s.Wait(t); t.Wait != wait || t.Need != need {
		return fmt.Sprintf("waits for %v %v, and says for %v %v", wait, need, t.Wait, t.Need)
	}
	return ""
}
