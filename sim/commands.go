package sim

import (
	"github.com/tasksupervisor/tasksupervisor/core"
	"github.com/tasksupervisor/tasksupervisor/sim/internal/draw"
	"github.com/tasksupervisor/tasksupervisor/sim/workload"
)

// prepare gives the supervisor at the top the commands that come before its start.
func (s *Simulation) prepare() {
	for i := range s.world.Before {
		var r workload.Random
		r.Stream(s.world.Seed, draw.Mix(^uint64(i)))
		s.command(&s.world.Before[i], s.plan.before[i], &r)
	}
}

// command carries out an operator command.
func (s *Simulation) command(o *workload.Operator, plan operatorPlan, r *workload.Random) {
	s.result.Coverage.Commands[o.Does]++
	n, g := s.target(o.Of, r)
	if n == none {
		return
	}
	switch o.Does {
	case core.EventShutdown:
		s.feed(n, core.Event{Kind: core.EventShutdown}, "")
	case core.EventLimits:
		s.feed(n, core.Event{Kind: core.EventLimits, Limits: s.nodes[n].defineLimits(o.Limits)}, "")
	case core.EventAdd:
		for range max(1, o.Count) {
			s.add(n, g, addition{policy: plan.policy, given: o.Policy != (core.Policy{}), suspended: o.Suspended, held: o.Held})
		}
	default:
		ev := core.Event{Kind: o.Does, Policy: plan.policy, Bound: o.Bound}
		s.choose(n, g, o.Does)
		for chosen := range s.drawChosen(o.Count, r) {
			ev.Task = s.chosen[chosen]
			if o.Does == core.EventNeed {
				ev.Other = s.other(n, o.Other, r)
			}
			s.feed(n, ev, "")
		}
	}
}

// choose collects the tasks that a command may be about: those of group g, or of all groups if g is negative. Of those that are
// neither suspended nor held none is resumed or released.
func (s *Simulation) choose(n uint32, g int, does core.EventKind) {
	s.chosen = s.chosen[:0]
	node := &s.nodes[n]
	p := &s.plan.supervisors[node.plan]
	for other := p.first; other < p.end; other++ {
		if g >= 0 && g != other {
			continue
		}
		for _, id := range node.members[other-p.first] {
			if concerns(node.machine, id, does) {
				s.chosen = append(s.chosen, id)
			}
		}
	}
}

// concerns reports whether a command makes sense for a task.
func concerns(m *core.Machine, id core.TaskID, does core.EventKind) bool {
	if does != core.EventResume && does != core.EventRelease {
		return true
	}
	status, _ := m.Status(id)
	return status.Suspended && does == core.EventResume || status.Held && does == core.EventRelease
}

// drawChosen draws as many of the chosen tasks as the command is about, moves them to the front, and returns their
// number.
func (s *Simulation) drawChosen(count int, r *workload.Random) int {
	if count == workload.All {
		return len(s.chosen)
	}
	drawn := min(max(1, count), len(s.chosen))
	for i := range drawn {
		other := i + int(r.Below(uint64(len(s.chosen)-i)))
		s.chosen[i], s.chosen[other] = s.chosen[other], s.chosen[i]
	}
	return drawn
}

// other draws the task that another task is to need, or returns 0 if there is none.
func (s *Simulation) other(n uint32, of string, r *workload.Random) (drawn core.TaskID) {
	node := &s.nodes[n]
	p := &s.plan.supervisors[node.plan]
	found := uint64(0)
	for g := p.first; g < p.end; g++ {
		if of != "" && of != s.plan.groups[g].tasks.Name {
			continue
		}
		for _, id := range node.members[g-p.first] {
			if found++; r.Below(found) == 0 {
				drawn = id
			}
		}
	}
	return drawn
}

// target returns the supervisor that a command is about, and the group, or -1 for any group. If several supervisors
// have the group at the moment, one of them is drawn; if none has, it returns none.
func (s *Simulation) target(of string, r *workload.Random) (n uint32, g int) {
	if of == "" {
		return 0, -1
	}
	for g = range s.plan.groups {
		if s.plan.groups[g].tasks.Name == of {
			break
		}
	}
	found := uint64(0)
	n = none
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
