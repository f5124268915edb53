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

// checkOrder checks D3 on the actions of timers: they come in the order of their deadlines, and where one follows the
// other at the same instant in declared order. Where there is a restart budget, restarts can be later than their timers.
func (s *Simulation) checkOrder(n uint32, event core.EventKind) {
	budgeted := s.plan.supervisors[s.nodes[n].plan].budgeted
	for i := 1; i < len(s.actions); i++ {
		before, a := &s.actions[i-1], &s.actions[i]
		if a.At < before.At {
			s.fail(n, "order of timers", errOrder)
		}
		if a.At != before.At || !ofTimer(before, event) || !ofTimer(a, event) || budgeted && a.Why == core.ReasonBackoff {
			continue
		}
		s.result.Coverage.Ties++
		if a.Task < before.Task || a.Task == before.Task && a.From == before.From && a.Why == before.Why {
			s.fail(n, "order of timers", errOrder)
		}
	}
}

// ofTimer tells whether an action is what a timer that fired led to at once.
func ofTimer(a *core.Action, event core.EventKind) bool {
	switch a.From {
	case core.StatusStarting:
		return a.Why == core.ReasonStartTimeout
	case core.StatusHealthy:
		missed := a.Why == core.ReasonWatchdog || a.Why == core.ReasonProbeFailed
		return a.Why == core.ReasonProbe || missed && event != core.EventProbe
	case core.StatusStopping:
		return a.Why == core.ReasonStopTimeout
	case core.StatusFailed:
		return a.Why == core.ReasonBackoff || a.Why == core.ReasonRestartRate
	case core.StatusNone, core.StatusCreated, core.StatusCompleted, core.StatusDead, core.StatusHalted, core.StatusAbandoned:
	}
	return false
}

// watch shows a step to its supervisor's watchers.
func (s *Simulation) watch(n uint32, ev *core.Event, name string) {
	node := &s.nodes[n]
	if node.suite != nil {
		if err := s.checkRules(n, ev); err != nil {
			s.fail(n, "policy", err)
			return
		}
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
