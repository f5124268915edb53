package sim

import (
	"github.com/tasksupervisor/tasksupervisor/core"
	"github.com/tasksupervisor/tasksupervisor/sim/internal/draw"
	"github.com/tasksupervisor/tasksupervisor/sim/workload"
)

// recurring is an operator, an outage or a fault that has times of its own.
type recurring struct {
	kind   recurringKind
	index  int // in World.Operators, in the plan's outages, or in the faults of its kind
	fault  workload.FaultKind
	random workload.Random
}

type recurringKind uint8

const (
	ofOperator recurringKind = iota
	ofOutage
	ofFault
)

// fault is a fault with its own stream of draws.
type fault struct {
	workload.Fault
	random workload.Random
}

// scheduleRecurring schedules the first occurrence of everything that recurs.
func (s *Simulation) scheduleRecurring() {
	for i := range s.world.Operators {
		s.addRecurring(recurring{kind: ofOperator, index: i}, s.world.Operators[i].At)
	}
	s.outages = make([]outage, len(s.plan.outages))
	for i := range s.plan.outages {
		s.addRecurring(recurring{kind: ofOutage, index: i}, s.plan.outages[i].At)
	}
	for i := range s.world.Faults {
		f := fault{Fault: s.world.Faults[i]}
		f.random.Stream(s.world.Seed, ^draw.Mix(uint64(i)+draw.Golden))
		if f.Kind == workload.FlapStorm || f.Kind == workload.ThunderingRestart {
			continue
		}
		if f.Kind.Recurs() {
			s.addRecurring(recurring{kind: ofFault, fault: f.Kind, index: len(s.faults[f.Kind])}, f.At)
		}
		s.faults[f.Kind] = append(s.faults[f.Kind], f)
	}
}

func (s *Simulation) addRecurring(a recurring, at core.Duration) {
	a.random.Stream(s.world.Seed, draw.Mix(uint64(len(s.recurrences))+draw.Golden))
	number, it := s.newPending()
	*it = pending{kind: pendingRecurring, run: core.Run(len(s.recurrences))}
	s.recurrences = append(s.recurrences, a)
	s.queue.set(number, core.Instant(at), s.tie())
}

// fire carries out what recurs now, and schedules its next occurrence.
func (s *Simulation) fire(i int, number uint32) {
	s.queue.drop(number)
	a := &s.recurrences[i]
	var next core.Instant
	switch a.kind {
	case ofOperator:
		o := &s.world.Operators[a.index]
		s.command(o, s.plan.operators[a.index], &a.random)
		next = s.again(o.Every, &a.random)
	case ofOutage:
		next = s.toggleOutage(a.index, &a.random)
	case ofFault:
		f := &s.faults[a.fault][a.index]
		s.result.Coverage.Faults[a.fault]++
		s.injectNow(f)
		next = s.again(f.Every, &f.random)
	}
	s.queue.set(number, next, s.tie())
}

// again returns the next occurrence of something that happens now. It is always later than now.
func (s *Simulation) again(every workload.Length, r *workload.Random) core.Instant {
	if !every.IsSet() {
		return core.Never
	}
	return s.later(max(1, every.Draw(r)))
}
