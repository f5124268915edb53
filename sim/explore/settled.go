package explore

import (
	"errors"
	"fmt"

	"github.com/tasksupervisor/tasksupervisor/core"
	"github.com/tasksupervisor/tasksupervisor/sim/spec"
)

// checkSettled looks at a machine between two steps with the rules of package spec, which say whether any is left to apply.
func (e *explorer) checkSettled(m *core.Machine, v *view) error {
	s := &e.spec
	s.Config.Strategy, s.Config.StopOrder = e.model.Config.Strategy, e.model.Config.StopOrder
	s.Config.Policies = e.policies
	s.Phase, s.Tasks = v.phase, v.tasks[:v.count]
	if e.id.needs {
		s.Needs.Read(m)
	}
	_, full := v.restarts.freeAt(v.now, v.supervisor.Limits.RestartRate)
	waited := false
	for i := range s.Tasks {
		t := &s.Tasks[i]
		if problem := s.LeftToDo(t); problem != "" {
			return fmt.Errorf("task %v %s", t.Task, problem)
		}
		if t.Wait == core.WaitRestartRate && !full {
			return fmt.Errorf("task %v waits for the restart rate, which has room", t.Task)
		}
		waited = waited || spec.Waited(t)
	}
	if v.phase == core.PhaseHalting && !waited {
		return errors.New("it halts with nothing left to wait for")
	}
	return nil
}
