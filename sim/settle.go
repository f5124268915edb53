package sim

import (
	"errors"
	"fmt"

	"github.com/tasksupervisor/tasksupervisor/core"
)

// grace is how long a run goes on at most after it was asked to stop, once the faults are off.
const grace = core.Duration(1e9)

// endPhase goes on to the next phase.
func (s *Simulation) endPhase() {
	switch s.phase {
	case phaseSafety:
		s.result.observe(s.Machine())
		if !s.options.Settle {
			s.phase = phaseDone
			return
		}
		s.calm()
		s.enterPhase(phaseLiveness)
	case phaseLiveness:
		s.checkSettled()
		s.enterPhase(phaseShutdown)
		if m := s.Machine(); m.Phase() != core.PhaseHalted && s.result.Violation == nil {
			s.feed(0, core.Event{Kind: core.EventShutdown}, "")
		}
	case phaseShutdown:
		s.checkHalted()
		s.phase = phaseDone
	case phaseDone:
	}
}

// enterPhase begins a phase that must not take longer than its bound, nor more steps than a multiple of what there is
// to do: a supervisor that wakes up again and again without end would never come to the bound.
func (s *Simulation) enterPhase(next phase) {
	bound, tasks := s.bound()
	s.phase, s.phaseEnd = next, s.later(bound)
	s.stepsMax = s.result.Steps + 100*(100+uint64(tasks))
}

// calm switches the faults off: what is on its way arrives, and every run obeys.
func (s *Simulation) calm() {
	for number := range s.items {
		it, number := &s.items[number], uint32(number)
		switch it.kind {
		case itemRun:
			it.stops = min(it.stops, grace)
			if it.asked {
				s.queue.set(number, min(s.queue.due(number), s.now+core.Instant(grace)), s.tie())
			} else {
				s.queue.drop(number)
			}
		case itemReport, itemEnding:
			s.queue.set(number, min(s.queue.due(number), s.now+core.Instant(grace)), s.tie())
		case itemEcho, itemOrder, itemAppointment:
			s.release(number)
		case itemSupervisor, itemFree:
		}
	}
	s.phase = phaseLiveness
	s.rearmAll()
	for n := range s.nodes {
		if s.nodes[n].used {
			counts := s.nodes[n].machine.Counts()
			s.unsettled += uint64(counts.Failed + counts.Stopping + counts.Abandoned)
		}
	}
}

// bound is how long it can take from now on until all is at rest.
//
// What waits for its restart waits until that is due. Every stop takes at most the grace, and at worst they follow each
// other. After that, a supervisor may be started afresh by the one above it, once on each level: a fresh one whose
// runs are well does not halt.
func (s *Simulation) bound() (bound core.Duration, tasks int) {
	wait, lag := core.Duration(0), core.Duration(0)
	for n := range s.nodes {
		if !s.nodes[n].used {
			continue
		}
		// A clock that was put back stands still for the machine until it has caught up.
		if now := s.nodes[n].machine.Now(); now > s.reading() {
			lag = max(lag, core.Duration(now-s.reading()))
		}
		for status := range s.nodes[n].machine.Tasks() {
			tasks++
			if status.Status == core.StatusFailed {
				wait = max(wait, core.Duration(s.virtual(status.Until)-s.now))
			}
		}
	}
	depth, delay := 0, core.Duration(0)
	for i := range s.plan.supervisors {
		p := &s.plan.supervisors[i]
		depth = max(depth, p.depth)
		config := p.machine.Config()
		delay = max(delay, plus(config.HealthCheckInterval, config.HealthCheckInterval))
		for _, policy := range config.Policies {
			delay = max(delay, longestDelay(&policy))
		}
		for g := p.first; g < p.end; g++ {
			tasks += max(1, s.plan.groups[g].tasks.Count)
		}
	}
	level := plus(delay, core.Duration(tasks+2)*grace)
	bound = plus(plus(wait, lag), level)
	for range depth {
		bound = plus(bound, level)
	}
	return bound, tasks
}

// longestDelay is the longest a policy can have a task wait for its restart, computed the slow and obvious way.
func longestDelay(p *core.Policy) core.Duration {
	delay := p.BaseDelay
	for range min(p.MaxExponent, p.MaxAttempts, 64) {
		if delay > p.MaxDelay || delay > core.Forever/core.Duration(p.Factor) {
			return p.MaxDelay
		}
		delay *= core.Duration(p.Factor)
	}
	return min(delay, p.MaxDelay)
}

// plus saturates.
func plus(a, b core.Duration) core.Duration {
	if a > core.Forever-b {
		return core.Forever
	}
	return a + b
}

// checkSettled looks for what did not come to rest.
func (s *Simulation) checkSettled() {
	if s.result.Steps >= s.stepsMax {
		s.fail(0, "liveness", errBusy)
	}
	for n := range s.nodes {
		if !s.nodes[n].used {
			continue
		}
		m := s.nodes[n].machine
		if m.Phase() == core.PhaseHalting {
			s.fail(uint32(n), "liveness", errors.New("it is still halting when all should be at rest"))
		}
		for status := range m.Tasks() {
			switch status.Status {
			case core.StatusFailed, core.StatusStopping, core.StatusAbandoned, core.StatusStarting, core.StatusNone:
				s.fail(uint32(n), "liveness", fmt.Errorf("task %v is still %v", status.Task, status.Status))
			case core.StatusCreated:
				if m.Phase() != core.PhaseCreated {
					s.fail(uint32(n), "liveness", fmt.Errorf("task %v was never started", status.Task))
				}
			case core.StatusHealthy, core.StatusCompleted, core.StatusDead:
			}
		}
	}
	if s.result.Violation == nil {
		s.result.Coverage.Settled += s.unsettled
	}
}

// checkHalted looks for what is left after the shutdown.
func (s *Simulation) checkHalted() {
	if s.result.Steps >= s.stepsMax {
		s.fail(0, "liveness", errBusy)
	}
	m := s.Machine()
	counts := m.Counts()
	if m.Phase() != core.PhaseHalted || counts.Left > 0 {
		s.fail(0, "liveness", fmt.Errorf("%v with %d tasks stopping and %d runs left after a shutdown", m.Phase(), counts.Stopping, counts.Left))
	}
	for i := range s.items {
		if it := &s.items[i]; it.kind == itemRun || it.kind == itemSupervisor {
			s.fail(it.node, "liveness", fmt.Errorf("run %d of task %v is alive after a shutdown", it.run, it.task))
		}
	}
	if s.result.Violation == nil {
		s.result.Coverage.Shutdowns++
	}
}
