package plan

import (
	"slices"
	"strings"
	"time"

	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
	"github.com/tasksupervisor/tasksupervisor/core"
)

// Order is in which order everything starts and stops: waves of tasks and groups, those of a wave at the same time. In a stop, a group
// is in the wave of the first of its tasks.
type Order struct {
	Starts, Stops [][]*Member
}

// Orders returns the order in which the tree starts and stops if all goes well. Tasks that are not found to be ready count as up when
// they have started.
func Orders(s *Supervisor) (Order, error) {
	e, err := newEngine(s, behaviour{ready: time.Second, stops: time.Second})
	if err != nil {
		return Order{}, err
	}
	const enough = core.Instant(24 * time.Hour) // for a second each, of as many tasks as there can be in a row
	for e.step(enough) {
	}
	order := Order{Starts: waves(e.began)}
	e.asked = nil
	e.feed(e.root, core.Event{Kind: core.EventShutdown})
	for e.halted == core.ReasonNone && e.step(core.Instant(horizon)) {
	}
	order.Stops = waves(e.asked)
	return order, nil
}

// waves groups moments by their instants. Of each task the first counts.
func waves(moments []moment) (waves [][]*Member) {
	at := core.Never
	var seen []*Member
	for _, m := range moments {
		if slices.Contains(seen, m.member) {
			continue
		}
		seen = append(seen, m.member)
		if m.at != at {
			waves, at = append(waves, nil), m.at
		}
		waves[len(waves)-1] = append(waves[len(waves)-1], m.member)
	}
	return waves
}

// WhyStart says what a member's start waits for.
func (s *Supervisor) WhyStart(m *Member) string {
	at := s.of(m)
	var reasons []string
	if m.Suspended {
		reasons = append(reasons, "when it is resumed: it is suspended")
	}
	var needs, bound []string
	for _, need := range m.Needs {
		if need.Bound {
			bound = append(bound, need.Task)
		} else {
			needs = append(needs, need.Task)
		}
	}
	if len(needs) > 0 {
		reasons = append(reasons, "when "+and(needs)+areUp(needs)+": needed")
	}
	if len(bound) > 0 {
		reasons = append(reasons, "when "+and(bound)+areUp(bound)+": bound to "+them(bound))
	}
	if at.Config.Strategy != core.OneForOne {
		if before := at.before(m); before != nil {
			reasons = append(reasons, "when "+before.Name+" is up: "+at.Config.Strategy.String()+" starts one after another")
		}
	}
	switch {
	case len(reasons) > 0:
		return strings.Join(reasons, "; ")
	case at != s:
		return "with its group"
	}
	return "at once"
}

// before returns the last member before another that starts by itself: one that is suspended, or needs what does not start, is not waited
// for. What a member needs stands before it.
func (s *Supervisor) before(m *Member) (last *Member) {
	starts := make(map[string]bool)
	for _, other := range s.Members[:slices.Index(s.Members, m)] {
		starts[other.Name] = !other.Suspended && !slices.ContainsFunc(other.Needs, func(need supervisor.Need) bool { return !starts[need.Task] })
		if starts[other.Name] {
			last = other
		}
	}
	return last
}

// of returns the supervisor whose member it is.
func (s *Supervisor) of(m *Member) *Supervisor {
	if slices.Contains(s.Members, m) {
		return s
	}
	for _, other := range s.Members {
		if other.Inside != nil {
			if found := other.Inside.of(m); found != nil {
				return found
			}
		}
	}
	return nil
}

func them(names []string) string {
	if len(names) > 1 {
		return "them"
	}
	return "it"
}

func areUp(names []string) string {
	if len(names) > 1 {
		return " are up"
	}
	return " is up"
}

// and returns names as a sentence has them.
func and(names []string) string {
	last := len(names) - 1
	if last == 0 {
		return names[0]
	}
	return strings.Join(names[:last], ", ") + " and " + names[last]
}
