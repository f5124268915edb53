package web

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
)

// limit is a limit of a supervisor, and what is used of it.
type limit struct {
	Of    string // the supervisor; "" for the root
	Name  string
	Text  string  // "2 of 5 in 10s"
	Share float64 // from 0 to 1
	Mood  string
}

// limitsShown is how many limits of supervisors below the root are shown: those that are most used.
const limitsShown = 6

// limits returns the limits of the root, and those of supervisors below that are used at all.
func (p *Page) limits(s *snapshot) []limit {
	own := limitsOf("", p.sup.Stats().Usage)
	var below []limit
	for i := range s.tree {
		if n := &s.tree[i]; n.Inside != nil && n.Phase == supervisor.PhaseRunning {
			for _, l := range limitsOf(shown(n.Path), n.Inside.Stats().Usage) {
				if l.Share > 0 {
					below = append(below, l)
				}
			}
		}
	}
	slices.SortStableFunc(below, func(a, b limit) int { return cmp.Compare(b.Share, a.Share) })
	return append(own, below[:min(len(below), limitsShown)]...)
}

func limitsOf(of string, u supervisor.Usage) (limits []limit) {
	for _, l := range []struct {
		name string
		used supervisor.LimitUsage
	}{{"dead tasks", u.Dead}, {"failures", u.Intensity}, {"restarts", u.RestartRate}} {
		if !l.used.Limited {
			continue
		}
		one := limit{Of: of, Name: l.name, Text: fmt.Sprintf("%d of %d", l.used.Used, l.used.Allowed), Share: min(1, l.used.Ratio())}
		switch {
		case l.used.Per == 0:
		case l.used.Per == supervisor.Forever:
			one.Text += " ever"
		default:
			one.Text += " in " + l.used.Per.String()
		}
		if one.Share >= 0.8 {
			one.Mood = "bad"
		}
		limits = append(limits, one)
	}
	return limits
}

// usage returns what the supervisors of the tree have used of their limits, by path, for those that have limits.
func (p *Page) usage(s *snapshot) map[string]supervisor.Usage {
	all := make(map[string]supervisor.Usage)
	add := func(path string, u supervisor.Usage) {
		if u != (supervisor.Usage{}) {
			all[path] = u
		}
	}
	add(p.sup.Path(), p.sup.Stats().Usage)
	for i := range s.tree {
		if n := &s.tree[i]; n.Inside != nil {
			add(n.Path, n.Inside.Stats().Usage)
		}
	}
	return all
}
