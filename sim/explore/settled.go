package explore

import (
	"errors"
	"fmt"

	"github.com/tasksupervisor/tasksupervisor/core"
)

// settlement looks at a machine between two steps with the rules that are applied within a step until none applies. It
// states them in their plainest words, over all tasks, where the core keeps counts.
type settlement struct {
	phase   core.Phase
	tasks   []core.TaskStatus
	edges   [TasksMax][TasksMax]edge // what the first task needs of the second
	ordered bool
	rest    bool // what strategy RestForOne takes along
	reverse bool
}

// edge says whether a task needs another.
type edge uint8

const (
	edgeNone edge = iota
	edgeNeed
	edgeBound
)

func (e *explorer) checkSettled(m *core.Machine, v *view) error {
	s := settlement{phase: v.phase, tasks: v.tasks[:v.count]}
	strategy, order := e.model.Config.Strategy, e.model.Config.StopOrder
	s.ordered, s.rest = strategy != core.OneForOne, strategy == core.RestForOne
	s.reverse = order == core.StopReverse || order == core.StopByStrategy && s.ordered
	if e.id.needs {
		for i := range s.tasks {
			for other, bound := range m.Needs(s.tasks[i].Task) {
				s.edges[i][v.index(other)] = edgeNeed
				if bound {
					s.edges[i][v.index(other)] = edgeBound
				}
			}
		}
	}
	_, full := v.epoch.restarts.freeAt(v.now, e.chronicler.limits[v.epoch.limits].RestartRate)
	busy := false
	for i := range s.tasks {
		if problem := s.problem(i); problem != "" {
			return fmt.Errorf("task %v %s", s.tasks[i].Task, problem)
		}
		if s.tasks[i].Wait == core.WaitRestartRate && !full {
			return fmt.Errorf("task %v waits for a restart budget that has room", s.tasks[i].Task)
		}
		busy = busy || s.running(i) || s.tasks[i].Status == core.StatusStopping
	}
	if v.phase == core.PhaseHalting && !busy {
		return errors.New("it halts with nothing left to wait for")
	}
	return nil
}

// problem tells what should have happened to a task by now.
func (s *settlement) problem(i int) string {
	t := &s.tasks[i]
	switch {
	case s.phase == core.PhaseRunning && s.running(i) && t.Intent == core.IntentNone && s.cutOff(i):
		return "is bound to a task that is down, and is not to be stopped"
	case s.mayAsk(i):
		return "is to be stopped, could be, and is not"
	case s.phase == core.PhaseRunning && t.Wait == core.WaitOthersStopped && s.quiet(i):
		return "waits for quiet, and it is quiet"
	case s.canStart(i):
		return "could start, and waits"
	}
	wait, need := s.wait(i)
	if t.Wait != wait || t.Need != need {
		return fmt.Sprintf("waits for %v %v, and says for %v %v", wait, need, t.Wait, t.Need)
	}
	return ""
}

func (s *settlement) running(i int) bool {
	return s.tasks[i].Status == core.StatusStarting || s.tasks[i].Status == core.StatusHealthy
}

// leaving tells whether the task is on its way to stop.
func (s *settlement) leaving(i int) bool {
	return s.tasks[i].Status == core.StatusStopping || s.running(i) && s.tasks[i].Intent != core.IntentNone
}

func (s *settlement) up(i int) bool {
	t := &s.tasks[i]
	return t.Status == core.StatusCompleted || t.Status == core.StatusHealthy && t.Intent == core.IntentNone
}

// cutOff tells whether the task is bound to one that is down.
func (s *settlement) cutOff(i int) bool {
	for j := range s.tasks {
		if s.edges[i][j] == edgeBound && !s.up(j) {
			return true
		}
	}
	return false
}

// missing returns the first task that this one needs and that is not up, or 0.
func (s *settlement) missing(i int) core.TaskID {
	for j := range s.tasks {
		if s.edges[i][j] != edgeNone && !s.up(j) {
			return s.tasks[j].Task
		}
	}
	return 0
}

// clear tells whether nothing that needs the task is in the way of stopping it.
func (s *settlement) clear(i int) bool {
	for j := range s.tasks {
		if s.edges[j][i] != edgeNone && s.leaving(j) || s.edges[j][i] == edgeBound && s.running(j) {
			return false
		}
	}
	return true
}

// calm tells whether nobody from the given task on is on its way to stop, but for the one that is excepted.
func (s *settlement) calm(from, except int) bool {
	for j := from; j < len(s.tasks); j++ {
		if j != except && s.leaving(j) {
			return false
		}
	}
	return true
}

func (s *settlement) mayAsk(i int) bool {
	t := &s.tasks[i]
	if !s.running(i) || t.Intent == core.IntentNone || !s.clear(i) {
		return false
	}
	inTurn := t.Intent == core.IntentStartAgain || t.Intent == core.IntentRetire || t.Intent == core.IntentHalt
	oneByOne := s.reverse && (s.phase == core.PhaseHalting || s.ordered)
	return !inTurn || !oneByOne || s.calm(i+1, i)
}

func (s *settlement) quiet(i int) bool {
	if s.ordered {
		return s.calm(0, -1)
	}
	return s.clear(i)
}

func (s *settlement) canStart(i int) bool {
	t := &s.tasks[i]
	if s.phase != core.PhaseRunning || t.Status != core.StatusCreated || t.Suspended || s.missing(i) != 0 || !s.clear(i) {
		return false
	}
	if !s.ordered {
		return true
	}
	for j := range s.tasks {
		earlier := j < i
		switch s.tasks[j].Status {
		case core.StatusStarting:
			if earlier {
				return false
			}
		case core.StatusFailed:
			if earlier || !s.rest {
				return false
			}
		default:
		}
	}
	return s.calm(0, i)
}

// wait returns what a task without a run waits for.
func (s *settlement) wait(i int) (core.Wait, core.TaskID) {
	t := &s.tasks[i]
	missing := s.missing(i)
	switch {
	case t.Status == core.StatusFailed && t.Wait >= core.WaitOthersStopped:
		return t.Wait, 0 // it is quiet, or its timer tells
	case t.Status != core.StatusCreated:
		return core.WaitNone, 0
	case t.Suspended:
		return core.WaitSuspended, 0
	case s.phase == core.PhaseCreated:
		return core.WaitSupervisor, 0
	case missing != 0:
		return core.WaitNeed, missing
	}
	return core.WaitTurn, 0
}
