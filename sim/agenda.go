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
		s.order(o, &a.random)
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

// order gives an operator's orders.
func (s *Simulation) order(o *Operator, r *Random) {
	s.result.Coverage.Orders[o.Does]++
	n, g := s.meant(o.Of, r)
	if n == noItem {
		return
	}
	switch {
	case o.Does == OrderShutdown:
		s.feed(n, core.Event{Kind: core.EventShutdown}, "")
		return
	case o.Does == OrderAdd:
		for range max(1, o.Count) {
			s.add(n, g)
		}
		return
	}
	s.chosen = s.chosen[:0]
	p := &s.plan.supervisors[s.nodes[n].plan]
	for other := p.first; other < p.end; other++ {
		if g < 0 || g == other {
			s.chosen = append(s.chosen, s.nodes[n].members[other-p.first]...)
		}
	}
	count := max(1, o.Count)
	if o.Count == All {
		count = len(s.chosen)
	}
	for i := range min(count, len(s.chosen)) {
		if o.Count != All {
			other := i + int(r.Below(uint64(len(s.chosen)-i)))
			s.chosen[i], s.chosen[other] = s.chosen[other], s.chosen[i]
		}
		s.feed(n, core.Event{Kind: o.Does.event(), Task: s.chosen[i]}, "")
	}
}

// meant returns which supervisor an operator means, and which group of it, or -1 for any. If the group belongs to
// several supervisors, one of them is drawn; if there is none at the moment, it returns noItem.
func (s *Simulation) meant(of string, r *Random) (n uint32, g int) {
	if of == "" {
		return 0, -1
	}
	for g = range s.plan.groups {
		if s.plan.groups[g].tasks.Name == of {
			break
		}
	}
	found := uint64(0)
	n = noItem
	for other := range s.nodes {
		node := &s.nodes[other]
		if !node.used || node.plan != s.plan.groups[g].supervisor {
			continue
		}
		found++
		if r.Below(found) == 0 {
			n = uint32(other)
		}
	}
	return n, g
}
