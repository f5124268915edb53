package sim

import (
	"errors"
	"fmt"

	"github.com/tasksupervisor/tasksupervisor/core"
)

// graceFor returns for a simulation of a given length how long a run goes on at most after it was asked to stop, once the
// faults are off: so long that others notice, and so short that even stopping one by one does not take long.
func graceFor(length core.Duration) core.Duration {
	if length == 0 {
		length = defaultFor
	}
	return min(1e9, max(1, length/1000))
}

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

// calm switches the faults off: what is on its way arrives, every run obeys and is well, and suspended tasks are resumed.
func (s *Simulation) calm() {
	s.phase = phaseLiveness
	grace := s.plan.grace
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
		case itemMessage, itemAppointment:
			s.release(number)
		case itemVoice:
			s.silence(it.voice)
		case itemSupervisor, itemFree:
		}
	}
	s.rearmAll()
	for n := range s.nodes {
		if s.nodes[n].used {
			counts := s.nodes[n].machine.Counts()
			s.unsettled += uint64(counts.Created + counts.Starting + counts.Failed + counts.Stopping + counts.Abandoned)
			s.calmNode(uint32(n))
		}
	}
	for number := range s.items {
		it := &s.items[number]
		if (it.kind == itemRun || it.kind == itemSupervisor) && it.voice == noItem {
			it.hangs = core.Never
			s.giveVoice(uint32(number), s.policy(it.node, &s.nodes[it.node].tasks[it.task.Slot()]))
		}
	}
}

// calmNode ends the probes of a supervisor, which would go on for ever, and resumes what is suspended.
func (s *Simulation) calmNode(n uint32) {
	node := &s.nodes[n]
	if node.machine.Phase() > core.PhaseRunning {
		return
	}
	p := &s.plan.supervisors[node.plan]
	s.choose(n, -1, false)
	for _, id := range s.chosen {
		status, _ := s.nodes[n].machine.Status(id)
		if calm := p.calm[status.Policy]; calm != status.Policy {
			s.feed(n, core.Event{Kind: core.EventPolicy, Task: id, Policy: calm}, "")
		}
		if status.Suspended {
			s.feed(n, core.Event{Kind: core.EventResume, Task: id}, "")
		}
	}
}

// bound is how long it can take from now on until all is at rest.
//
// What waits for its restart waits until that is due. Every stop takes at most the grace, and at worst they follow each
// other; every restart may have to wait for the budget, and what was about to fail may do so once more. After that, a
// supervisor may be started afresh by the one above it, once on each level: a fresh one whose runs are well does not halt.
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
			if status.Status == core.StatusFailed && status.Until != core.Never {
				wait = max(wait, core.Duration(s.virtual(status.Until)-s.now))
			}
		}
	}
	depth, delay, budget := 0, core.Duration(0), core.Duration(0)
	for i := range s.plan.supervisors {
		p := &s.plan.supervisors[i]
		depth = max(depth, p.depth)
		config := p.machine.Config()
		delay = max(delay, plus(config.HealthCheckInterval, config.HealthCheckInterval))
		budget = max(budget, config.RestartRate.Per)
		for _, policy := range p.policies {
			delay = max(delay, longestDelay(&policy))
		}
		for g := p.first; g < p.end; g++ {
			tasks += max(1, s.plan.groups[g].tasks.Count)
		}
	}
	for i := range s.options.Operators {
		budget = max(budget, s.options.Operators[i].Limits.RestartRate.Per)
	}
	level := plus(delay, times(plus(budget, s.plan.grace), tasks+2))
	level = plus(level, level)
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

// times saturates.
func times(d core.Duration, n int) core.Duration {
	if d > core.Forever/core.Duration(n) {
		return core.Forever
	}
	return d * core.Duration(n)
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
				if m.Phase() != core.PhaseCreated && !s.waitsWithReason(m, &status) {
					s.fail(uint32(n), "liveness", fmt.Errorf("task %v still waits for its %v", status.Task, status.Wait))
				}
			case core.StatusHealthy, core.StatusCompleted, core.StatusDead:
			}
		}
	}
	if s.result.Violation == nil {
		s.result.Coverage.Settled += s.unsettled
	}
}

// waitsWithReason tells whether a task waits with reason when all is at rest: for one that is not up and will not be.
func (s *Simulation) waitsWithReason(m *core.Machine, status *core.TaskStatus) bool {
	if status.Wait != core.WaitNeed {
		return false
	}
	need, known := m.Status(status.Need)
	return known && (need.Status == core.StatusDead || need.Status == core.StatusCreated)
}

// checkHalted looks for what is left after the shutdown.
func (s *Simulation) checkHalted() {
	if s.result.Steps >= s.stepsMax {
		s.fail(0, "liveness", errBusy)
	}
	m := s.Machine()
	counts := m.Counts()
	if m.Phase() != core.PhaseHalted || counts.LeftBehind > 0 {
		s.fail(0, "liveness", fmt.Errorf("%v with %d tasks stopping and %d runs left after a shutdown", m.Phase(), counts.Stopping, counts.LeftBehind))
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
