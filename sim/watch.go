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
		Seed:       s.options.Seed,
		Step:       s.result.Steps,
		At:         s.reading(),
		Supervisor: s.nodes[n].path,
		Check:      check,
		Err:        err,
	}
}

// checkOrder checks D3 on the actions of timers that fired before the event: they come in the order of their deadlines,
// and at the same instant in declared order.
func (s *Simulation) checkOrder(n uint32) {
	for i := 1; i < len(s.actions); i++ {
		before, a := &s.actions[i-1], &s.actions[i]
		if !ofTimer(before) || !ofTimer(a) {
			return
		}
		if a.At == before.At {
			s.result.Coverage.Ties++
		}
		if a.At < before.At || a.At == before.At && a.Task <= before.Task {
			s.fail(n, "order of timers", errOrder)
		}
	}
}

func ofTimer(a *core.Action) bool {
	return a.Why == core.ReasonBackoff || a.Why == core.ReasonStopTimeout
}

// watch shows a step to its supervisor's watchers.
func (s *Simulation) watch(n uint32, ev *core.Event, name string) {
	node := &s.nodes[n]
	if node.suite != nil {
		if err := s.checkRules(n); err != nil {
			s.fail(n, "policy", err)
			return
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
