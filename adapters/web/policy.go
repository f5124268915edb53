package web

import (
	"fmt"
	"time"

	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
	"github.com/tasksupervisor/tasksupervisor/internal/look"
)

// policyView is how a task is supervised: what differs from the default, and all.
type policyView struct {
	Differs, Same []setting
}

// setting is one field of a policy.
type setting struct{ Option, Value, Default string }

// settingsOf lists all fields of a policy.
func settingsOf(p *supervisor.Policy) []setting {
	return []setting{
		{"Restart", p.Restart.String(), ""},
		{"BaseDelay", length(p.BaseDelay), ""},
		{"Factor", fmt.Sprint(p.Factor), ""},
		{"MaxExponent", fmt.Sprint(p.MaxExponent), ""},
		{"MaxDelay", length(p.MaxDelay), ""},
		{"Jitter", share(p.Jitter), ""},
		{"MaxAttempts", restarts(p.MaxAttempts), ""},
		{"StableAfter", length(p.StableAfter), ""},
		{"MinUptime", length(p.MinUptime), ""},
		{"StopTimeout", length(p.StopTimeout), ""},
		{"HungStopTimeout", length(p.HungStopTimeout), ""},
		{"OnAbandon", p.OnAbandon.String(), ""},
		{"OnExhausted", p.OnExhausted.String(), ""},
		{"Readiness", yes(p.Readiness), ""},
		{"StartTimeout", length(p.StartTimeout), ""},
		{"Watchdog", length(p.Watchdog), ""},
		{"Probe", probe(p.Probe), ""},
		{"OnMiss", p.OnMiss.String(), ""},
		{"Significant", yes(p.Significant), ""},
	}
}

func viewPolicy(p supervisor.Policy) (v policyView) {
	standard := supervisor.DefaultPolicy()
	defaults := settingsOf(&standard)
	for i, s := range settingsOf(&p) {
		if s.Default = defaults[i].Value; s.Value == s.Default {
			v.Same = append(v.Same, s)
		} else {
			v.Differs = append(v.Differs, s)
		}
	}
	return v
}

func length(d time.Duration) string {
	switch {
	case d == 0:
		return "none"
	case d == supervisor.Forever:
		return "for ever"
	}
	return d.String()
}

func share(f supervisor.Fraction) string {
	if f.Num == 0 {
		return "none"
	}
	return fmt.Sprintf("%.4g%%", 100*float64(f.Num)/float64(f.Den))
}

func restarts(n uint32) string {
	if n == supervisor.Unlimited {
		return "unlimited"
	}
	return fmt.Sprint(n)
}

func yes(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}

func probe(p supervisor.Probe) string {
	if p == (supervisor.Probe{}) {
		return "none"
	}
	return fmt.Sprintf("every %s, timeout %s, %s", length(p.Interval), length(p.Timeout), several(int(p.Failures), "failure in a row", "failures in a row"))
}

// delays is how long a task will wait before its restarts, if it keeps failing at once.
type delays struct {
	Rows []delayRow
	Then string // what follows
}

type delayRow struct {
	N     string
	Delay string
	Used  bool // it has had that restart
	Here  bool // it is the latest
}

// delaysShown is how many delays are listed at most.
const delaysShown = 12

// predict says how long a task will wait before each of its restarts.
func predict(p *supervisor.Policy, attempts uint32) (d delays) {
	if p.Restart == supervisor.RestartNever {
		d.Then = "It is never restarted."
		return d
	}
	for n := uint32(1); n <= p.MaxAttempts && n <= delaysShown; n++ {
		longest := p.Delay(n)
		row := delayRow{N: fmt.Sprint(n), Delay: length(longest), Used: n <= attempts, Here: n == attempts}
		if longest == 0 {
			row.Delay = "at once"
		} else if p.Jitter.Num > 0 {
			shortest := longest - time.Duration(float64(longest)*float64(p.Jitter.Num)/float64(p.Jitter.Den))
			row.Delay = duration(shortest) + " to " + duration(longest)
		}
		if n < p.MaxAttempts && p.Delay(p.MaxAttempts) == longest { // from here on they are the same
			row.N += " and on"
			row.Used, row.Here = n <= attempts, n <= attempts
			d.Rows = append(d.Rows, row)
			break
		}
		d.Rows = append(d.Rows, row)
	}
	switch {
	case p.MaxAttempts == supervisor.Unlimited:
		d.Then = fmt.Sprintf("It never gives up; the longest delay is %s.", length(p.Delay(p.MaxExponent)))
	case p.OnExhausted == supervisor.ExhaustedEscalate:
		d.Then = fmt.Sprintf("Failure %d in a row stops the supervisor", p.MaxAttempts+1)
	default:
		d.Then = fmt.Sprintf("Failure %d in a row makes it dead", p.MaxAttempts+1)
	}
	if p.MaxAttempts != supervisor.Unlimited {
		total := time.Duration(0)
		for n := uint32(1); n <= min(p.MaxAttempts, 1000); n++ {
			total = later(total, p.Delay(n))
		}
		if total > 0 && p.MaxAttempts <= 1000 {
			d.Then += fmt.Sprintf(", after %s of delays at most", length(total))
		}
		d.Then += "."
	}
	if attempts > delaysShown {
		d.Then += fmt.Sprintf(" Restarts in a row now: %d.", attempts)
	}
	return d
}

// later adds durations that may be for ever.
func later(a, b time.Duration) time.Duration {
	if sum := a + b; sum >= a {
		return sum
	}
	return supervisor.Forever
}

func letterOf(d *decision) string {
	return look.Of(d.to, supervisor.WaitNone, d.why).Look().Letter
}
