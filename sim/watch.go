package sim

import (
	"github.com/tasksupervisor/tasksupervisor/core"
	"github.com/tasksupervisor/tasksupervisor/sim/checkers"
)

// fail ends the simulation with a violation.
func (s *Simulation) fail(n uint32, check string, err error) {
	if s.result.Violation != nil {
		return
	}
	s.result.Violation = &Violation{
		Seed:       s.world.Seed,
		Step:       s.result.Steps,
		At:         s.reading(),
		Supervisor: s.nodes[n].path,
		Check:      check,
		Err:        err,
	}
}

// watch shows a step to its supervisor's watchers.
func (s *Simulation) watch(n uint32, ev *core.Event, name string) {
	node := &s.nodes[n]
	if node.suite != nil {
		if now := uint64(8 + len(node.tasks)); s.result.Steps%now == 0 {
			for status := range node.machine.Tasks() {
				s.result.Coverage.status(&status)
			}
		}
		if err := node.suite.Observe(node.machine, *ev, s.actions); err != nil {
			check := "checker"
			if violation, ok := err.(*checkers.Violation); ok {
				check, err = violation.Invariant, violation.Problem
			}
			s.fail(n, check, err)
			return
		}
	}
	if len(node.watchers) == 0 {
		return
	}
	step := Step{Path: node.path, Machine: node.machine, Event: *ev, Name: name, Actions: s.actions}
	for _, watcher := range node.watchers {
		if err := watcher.Watch(&step); err != nil {
			s.fail(n, "watcher", err)
			return
		}
	}
}
