package sim

import (
	"github.com/tasksupervisor/tasksupervisor/core"
	"github.com/tasksupervisor/tasksupervisor/sim/workload"
)

// inject returns the fault of a kind to inject on this occasion, or nil.
func (s *Simulation) inject(kind workload.FaultKind) *fault {
	if len(s.faults[kind]) == 0 || s.phase != phaseSafety {
		return nil
	}
	return s.drawFault(kind)
}

func (s *Simulation) drawFault(kind workload.FaultKind) *fault {
	for i := range s.faults[kind] {
		if f := &s.faults[kind][i]; f.random.Chance(f.Share) {
			s.result.Coverage.Faults[kind]++
			return f
		}
	}
	return nil
}

// injectNow injects a fault that has times of its own.
func (s *Simulation) injectNow(f *fault) {
	by := f.By.Draw(&f.random)
	switch f.Kind {
	case workload.ExtraTick:
		if n := s.anyNode(&f.random); s.nodes[n].used {
			s.feed(n, core.Event{Kind: core.EventTick}, "")
		}
	case workload.ForwardJump:
		s.jump(by)
	case workload.BackwardJump:
		s.jump(-by)
	case workload.Stall:
		s.stall(s.later(by))
	case workload.Crash:
		s.restoreAll()
		s.killAll(min(s.later(by), s.phaseEnd))
	case workload.Move:
		s.restoreAll()
	case workload.StaleEvent:
		n := s.anyNode(&f.random)
		s.feed(n, s.staleEvent(n, &f.random), "")
	case workload.LateTick, workload.LateExit, workload.DoubleExit, workload.LostSignal, workload.LateSignal, workload.DoubleSignal, workload.ShuffledTies, workload.FlapStorm, workload.ExactExit, workload.ExactSignal,
		workload.StopInBackoff, workload.LateStop, workload.ThunderingRestart, workload.FaultKindCount:
		panic("sim: " + f.Kind.String() + " has no times of its own")
	}
}

func (s *Simulation) anyNode(r *workload.Random) uint32 { return uint32(r.Below(uint64(len(s.nodes)))) }

// jump moves the supervisors' clock forward or back. However often it jumps, it stays where adding a duration does not
// overflow.
func (s *Simulation) jump(by core.Duration) {
	const far = core.Forever / 16
	if skew := s.skew + by; by > -far && by < far && skew > -far && skew < far {
		s.skew = skew
	}
	s.rearmAll()
}

// stall holds everything back until then, or until the end of the phase.
func (s *Simulation) stall(until core.Instant) {
	s.stalledUntil = max(s.stalledUntil, min(until, s.phaseEnd))
}

// rearmAll plans every wake-up again.
func (s *Simulation) rearmAll() {
	for n := range s.nodes {
		s.nodes[n].deadline = core.Never
		s.wakes.drop(uint32(n))
		if s.nodes[n].used {
			s.rearm(uint32(n))
		}
	}
}

// restoreAll forks every supervisor, saves it, and restores it from its snapshot.
func (s *Simulation) restoreAll() {
	for n := range s.nodes {
		if !s.nodes[n].used {
			continue
		}
		m := s.nodes[n].machine
		before := m.Digest()
		s.fork(m)
		s.snapshot, _ = m.AppendBinary(s.snapshot[:0])
		if err := m.UnmarshalBinary(s.snapshot); err != nil {
			s.fail(uint32(n), "restore", err)
		} else if m.Digest() != before {
			s.fail(uint32(n), "restore", errRestored)
		}
	}
}

// fork lets a copy of a supervisor live on for a while and end, which must change nothing in the supervisor itself.
func (s *Simulation) fork(m *core.Machine) {
	s.copy.CopyFrom(m)
	for _, kind := range []core.EventKind{core.EventTick, core.EventAdd, core.EventShutdown, core.EventTick} {
		s.actions = s.copy.Step(s.actions[:0], core.Event{Kind: kind, At: s.copy.Now() + core.Instant(s.world.For/8)})
	}
}

// killAll ends every run that is not a supervisor, because their process is down until the given instant.
func (s *Simulation) killAll(until core.Instant) {
	s.stall(until)
	for number := range s.pending {
		it := &s.pending[number]
		switch it.kind {
		case pendingRun, pendingReport:
			it.kind, it.exit, it.asks = pendingReport, core.ExitError, 0
			s.stopSignals(uint32(number))
			s.queue.set(uint32(number), until, s.tie())
		case pendingMessage:
			s.release(uint32(number))
		case pendingFree, pendingSupervisor, pendingSignaler, pendingHalt, pendingRecurring:
		}
	}
}

// stopInBackoff has an operator give a command about a task that waits for its restart.
func (s *Simulation) stopInBackoff(n uint32, a *core.Action) {
	f := s.inject(workload.StopInBackoff)
	if f == nil {
		return
	}
	at := s.virtual(a.Until)
	if f.random.Uint64()&1 == 0 {
		at = s.now + core.Instant(f.random.Below(uint64(at-s.now)+1))
	} else {
		at = max(s.now, s.around(at, &f.random))
	}
	command := [...]core.EventKind{core.EventRemove, core.EventRestart, core.EventKill, core.EventSuspend}[f.random.Below(4)]
	s.post(&pending{event: command, node: n, task: a.Task}, at)
}

// around returns an instant, or that right before or after it.
func (s *Simulation) around(at core.Instant, r *workload.Random) core.Instant {
	return at + core.Instant(r.Below(3)) - 1
}

// exactLifetime moves the end of a run to where it matters.
func (s *Simulation) exactLifetime(n uint32, a *core.Action, lasts core.Duration) core.Duration {
	f := s.inject(workload.ExactExit)
	if f == nil {
		return lasts
	}
	m := s.nodes[n].machine
	at, _ := m.NextDeadline()
	if f.random.Uint64()&1 == 0 {
		status, _ := m.Status(a.Task)
		policy, _ := m.Policy(status.Policy)
		at = status.ClearsAt
		if at == core.Never && policy.StableAfter < core.Forever-core.Duration(max(0, a.At)) {
			at = a.At + core.Instant(policy.StableAfter)
		}
	}
	if at == core.Never {
		return lasts
	}
	return max(0, core.Duration(s.around(s.virtual(at), &f.random)-s.now))
}

// delayStop moves the end of a run that was asked to stop to its stop deadline, or beyond it, if such a fault is injected.
func (s *Simulation) delayStop(it *pending) bool {
	timeout := s.policy(it.node, &s.nodes[it.node].tasks[it.task.Slot()]).StopTimeout
	if timeout == core.Forever {
		return false
	}
	if f := s.inject(workload.ExactExit); f != nil {
		it.stops = max(0, core.Duration(s.around(core.Instant(timeout), &f.random)))
		return true
	}
	if f := s.inject(workload.LateStop); f != nil {
		it.stops = timeout + min(f.By.Draw(&f.random), core.Forever-timeout)
		return true
	}
	return false
}
