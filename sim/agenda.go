package sim

import "github.com/tasksupervisor/tasksupervisor/core"

// appointment is something that strikes at times of its own: an operator, an outage, or a fault of that kind.
type appointment struct {
	kind   appointmentKind
	index  int // in Options.Operators, in the plan's outages, or in the faults of its kind
	fault  FaultKind
	random Random
}

type appointmentKind uint8

const (
	ofOperator appointmentKind = iota
	ofOutage
	ofFault
)

// fault is a fault with its own stream of draws.
type fault struct {
	Fault
	random Random
}

// arrange makes the appointments.
func (s *Simulation) arrange() {
	for i := range s.options.Operators {
		s.appoint(appointment{kind: ofOperator, index: i}, s.options.Operators[i].At)
	}
	s.outages = make([]outage, len(s.plan.outages))
	for i := range s.plan.outages {
		s.appoint(appointment{kind: ofOutage, index: i}, s.plan.outages[i].At)
	}
	for i := range s.options.Faults {
		f := fault{Fault: s.options.Faults[i]}
		f.random.seed(s.options.Seed, ^mix(uint64(i)+golden))
		if f.Kind == FlapStorm || f.Kind == ThunderingRestart {
			continue
		}
		if f.Kind.strikesByItself() {
			s.appoint(appointment{kind: ofFault, fault: f.Kind, index: len(s.faults[f.Kind])}, f.At)
		}
		s.faults[f.Kind] = append(s.faults[f.Kind], f)
	}
}

func (s *Simulation) appoint(a appointment, at core.Duration) {
	a.random.seed(s.options.Seed, mix(uint64(len(s.agenda))+golden))
	number, it := s.newItem()
	*it = item{kind: itemAppointment, run: core.Run(len(s.agenda))}
	s.agenda = append(s.agenda, a)
	s.queue.set(number, core.Instant(at), s.tie())
}

// keep keeps an appointment, and makes the next one.
func (s *Simulation) keep(i int, number uint32) {
	s.queue.drop(number)
	a := &s.agenda[i]
	var next core.Instant
	switch a.kind {
	case ofOperator:
		o := &s.options.Operators[a.index]
		s.order(a.index, &a.random)
		next = s.again(o.Every, &a.random)
	case ofOutage:
		next = s.strikeOutage(a.index, &a.random)
	case ofFault:
		f := &s.faults[a.fault][a.index]
		s.result.Coverage.Faults[a.fault]++
		s.strikeNow(f)
		next = s.again(f.Every, &f.random)
	}
	s.queue.set(number, next, s.tie())
}

// again is when something that happens now happens again. It is always later.
func (s *Simulation) again(every Length, r *Random) core.Instant {
	if !every.isSet() {
		return core.Never
	}
	return s.later(max(1, every.draw(r)))
}
