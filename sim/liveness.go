package sim

import (
	"errors"
	"fmt"

	"github.com/tasksupervisor/tasksupervisor/core"
	"github.com/tasksupervisor/tasksupervisor/sim/spec"
	"github.com/tasksupervisor/tasksupervisor/sim/workload"
)

// graceFor returns how long a run may take to stop once the faults are off, in a simulation of a given length: long enough
// for others to notice, and short enough that even stopping one by one is quick.
func graceFor(length core.Duration) core.Duration {
	if length == 0 {
		length = workload.DefaultFor
	}
	return min(1e9, max(1, length/1000))
}

// endPhase begins the next phase.
func (s *Simulation) endPhase() {
	switch s.phase {
	case phaseSafety:
		s.result.observe(s.Machine())
		s.endOutages()
		if !s.world.Liveness {
			s.phase = phaseDone
			return
		}
		s.quiesce()
		s.enterPhase(phaseLiveness)
	case phaseLiveness:
		s.checkAtRest()
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

// enterPhase begins a phase with a bound on its time, and on its steps as a multiple of what there is to do. Without
// the latter, a supervisor that keeps waking up at one instant would never reach the former.
func (s *Simulation) enterPhase(next phase) {
	bound, tasks := s.bound()
	s.phase, s.phaseEnd = next, s.later(bound)
	s.maxSteps = s.result.Steps + 100*(100+uint64(tasks+s.tasksToCome()))
}

// tasksToCome returns how many tasks there will be below the present ones once every supervisor among them has started.
func (s *Simulation) tasksToCome() (tasks int) {
	for n := range s.nodes {
		for i := range s.nodes[n].tasks {
			if t := &s.nodes[n].tasks[i]; s.nodes[n].used {
				tasks += s.plan.sizeOf(s.plan.groups[t.group].child)
			}
		}
	}
	return tasks
}

// quiesce switches the faults off: what is on its way arrives, every run obeys and is well, and tasks that are suspended
// or held start again.
func (s *Simulation) quiesce() {
	s.phase = phaseLiveness
	grace := s.plan.grace
	for number := range s.pending {
		it, number := &s.pending[number], uint32(number)
		switch it.kind {
		case pendingRun:
			it.stops = min(it.stops, grace)
			if it.asked {
				s.queue.set(number, min(s.queue.due(number), s.now+core.Instant(grace)), s.tie())
			} else {
				s.queue.drop(number)
			}
		case pendingReport, pendingHalt:
			s.queue.set(number, min(s.queue.due(number), s.now+core.Instant(grace)), s.tie())
		case pendingMessage, pendingRecurring:
			s.release(number)
		case pendingSignaler:
			s.stopSignals(it.signaler)
		case pendingSupervisor, pendingFree:
		}
	}
	s.rearmAll()
	for n := range s.nodes {
		if s.nodes[n].used {
			counts := s.nodes[n].machine.Counts()
			s.unsettled += uint64(counts.Created + counts.Starting + counts.Failed + counts.Stopping + counts.Abandoned)
			s.quiesceSupervisor(uint32(n))
		}
	}
	for number := range s.pending {
		it := &s.pending[number]
		if (it.kind == pendingRun || it.kind == pendingSupervisor) && it.signaler == none {
			it.hangs = core.Never
			s.startSignals(uint32(number), s.policy(it.node, &s.nodes[it.node].tasks[it.task.Slot()]))
		}
	}
}

// quiesceSupervisor ends the probes of a supervisor, which would go on for ever, and resumes and releases what is suspended or held.
func (s *Simulation) quiesceSupervisor(n uint32) {
	node := &s.nodes[n]
	if node.machine.Phase() > core.PhaseRunning {
		return
	}
	p := &s.plan.supervisors[node.plan]
	s.choose(n, -1, core.EventPolicy)
	for _, id := range s.chosen {
		status, _ := s.nodes[n].machine.Status(id)
		if calm := p.quiescent[status.Policy]; calm != status.Policy {
			s.feed(n, core.Event{Kind: core.EventPolicy, Task: id, Policy: calm}, "")
		}
		if status.Suspended {
			s.feed(n, core.Event{Kind: core.EventResume, Task: id}, "")
		}
		if status.Held {
			s.feed(n, core.Event{Kind: core.EventRelease, Task: id}, "")
		}
	}
}

// bound is how long it can take from now until every task is at rest.
//
// What waits for its restart waits until that is due. Every stop takes at most the grace, and at worst they follow each
// other; every restart may have to wait for the restart rate, and what was about to fail may do so once more. After that, a
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
	depth, delay, window := 0, s.asked(), core.Duration(0)
	for i := range s.plan.supervisors {
		p := &s.plan.supervisors[i]
		depth = max(depth, p.depth)
		config := p.machine.Config()
		delay = max(delay, plus(config.HealthCheckInterval, config.HealthCheckInterval))
		window = max(window, config.RestartRate.Per)
		for _, policy := range p.policies {
			delay = max(delay, spec.Delay(&policy, false, core.Unlimited)) // another policy may have allowed more attempts
		}
		for g := p.first; g < p.end; g++ {
			tasks += max(1, s.plan.groups[g].tasks.Count)
		}
	}
	for i := range s.world.Operators {
		window = max(window, s.world.Operators[i].Limits.RestartRate.Per)
	}
	for i := range s.world.Before {
		window = max(window, s.world.Before[i].Limits.RestartRate.Per)
	}
	level := plus(delay, times(plus(window, s.plan.grace), tasks+2))
	level = plus(level, level)
	bound = plus(plus(wait, lag), level)
	for range depth {
		bound = plus(bound, level)
	}
	return bound, tasks
}

// asked returns the longest delay that was asked for and has not begun, or is about to be.
func (s *Simulation) asked() (longest core.Duration) {
	for i := range s.pending {
		longest = max(longest, s.pending[i].asks)
	}
	for n := range s.nodes {
		if !s.nodes[n].used {
			continue
		}
		for status := range s.nodes[n].machine.Tasks() {
			longest = max(longest, status.Delay)
		}
	}
	return longest
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

// checkAtRest looks for a task or supervisor that did not come to rest.
func (s *Simulation) checkAtRest() {
	if s.result.Steps >= s.maxSteps {
		s.fail(0, "liveness", errEndless)
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
				if m.Phase() != core.PhaseCreated && !s.mayWait(m, &status) {
					s.fail(uint32(n), "liveness", fmt.Errorf("task %v still waits for its %v", status.Task, status.Wait))
				}
			case core.StatusHealthy, core.StatusCompleted, core.StatusDead, core.StatusHalted:
			}
		}
	}
	if s.result.Violation == nil {
		s.result.Coverage.Settled += s.unsettled
	}
}

// mayWait reports whether a task may still wait when all others are at rest: only for a task that is not up and will
// not be.
func (s *Simulation) mayWait(m *core.Machine, status *core.TaskStatus) bool {
	if status.Wait != core.WaitNeed {
		return false
	}
	need, known := m.Status(status.Need)
	return known && (need.Status == core.StatusDead || need.Status == core.StatusCreated)
}

// checkHalted looks for runs that are left after the shutdown.
func (s *Simulation) checkHalted() {
	if s.result.Steps >= s.maxSteps {
		s.fail(0, "liveness", errEndless)
	}
	m := s.Machine()
	counts := m.Counts()
	if m.Phase() != core.PhaseHalted || counts.LeftBehind > 0 {
		s.fail(0, "liveness", fmt.Errorf("%v with %d tasks stopping and %d runs left after a shutdown", m.Phase(), counts.Stopping, counts.LeftBehind))
	}
	for i := range s.pending {
		if it := &s.pending[i]; it.kind == pendingRun || it.kind == pendingSupervisor {
			s.fail(it.node, "liveness", fmt.Errorf("run %d of task %v is alive after a shutdown", it.run, it.task))
		}
	}
	if s.result.Violation == nil {
		s.result.Coverage.Shutdowns++
	}
}
