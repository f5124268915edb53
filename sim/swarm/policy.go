package swarm

import (
	"github.com/tasksupervisor/tasksupervisor/core"
	"github.com/tasksupervisor/tasksupervisor/sim/workload"
)

func (d *drawing) config() core.Config {
	l := d.limits()
	c := core.Config{
		Seed: d.r.Uint64(), StopOrder: core.StopOrder(d.r.Below(3)), Limits: l,
	}
	if d.features.groups {
		c.Strategy = [...]core.Strategy{core.OneForOne, core.OneForAll, core.OneForAll, core.RestForOne, core.RestForOne}[d.r.Below(5)]
	}
	if d.oneIn(4) {
		c.HealthCheckInterval = d.span(4)
	}
	if d.oneIn(8) {
		c.MaxTasks = 1 + uint32(d.r.Below(8))
	}
	return c
}

func (d *drawing) limits() core.Limits {
	var l core.Limits
	if d.oneIn(2) {
		l.DeadThreshold = d.fraction()
	}
	if d.oneIn(4) {
		l.AutoShutdown = core.AutoShutdown(d.r.Below(3))
	}
	if d.oneIn(2) {
		l.ShutdownTimeout = d.span(8)
	}
	if d.features.limits && d.oneIn(2) {
		l.Intensity = core.Rate{Count: uint32(d.r.Below(16)), Per: max(1, d.span(8))}
	}
	if d.features.herd || d.features.limits && d.oneIn(2) {
		l.RestartRate = core.Rate{Count: 1 + uint32(d.r.Below(3)), Per: max(1, d.span(4))}
	}
	return l
}

func (d *drawing) policy() core.Policy {
	p := core.Policy{
		Restart:     core.Restart([...]uint8{0, 0, 0, 1, 1, 2}[d.r.Below(6)]),
		BaseDelay:   d.span(4),
		Factor:      1 + uint32(d.r.Below(3)),
		MaxExponent: uint32(d.r.Below(6)),
		MaxDelay:    core.Forever,
		MaxAttempts: uint32(d.r.Below(6)),
		StableAfter: d.span(16),
		StopTimeout: d.span(8),
		OnAbandon:   core.OnAbandon(d.r.Below(3)),
		Significant: !d.oneIn(4),
	}
	if p.Restart == core.RestartAlways && p.MaxExponent%2 == 1 {
		p.MinUptime = p.StopTimeout // a draw of its own would make other worlds of all seeds
	}
	if d.oneIn(3) {
		p.MaxAttempts = core.Unlimited
	}
	if d.oneIn(3) {
		p.MaxDelay = d.span(8)
	}
	if !d.features.herd && d.oneIn(2) {
		p.Jitter = d.fraction()
	}
	if d.oneIn(8) {
		p.StableAfter = core.Forever
	}
	if d.oneIn(6) {
		p.StopTimeout = core.Forever
	}
	if d.oneIn(4) {
		p.HungStopTimeout = d.span(8)
	}
	if d.features.escalate && d.oneIn(4) {
		p.OnExhausted = core.ExhaustedEscalate
	}
	d.opt(&p)
	d.extremes(&p)
	return p
}

// opt opts into readiness, and into a watchdog or probes. A run must have a chance to be ready in time, and what
// repeats without end must not repeat too often.
func (d *drawing) opt(p *core.Policy) {
	if d.features.readiness && d.oneIn(2) {
		p.Readiness, p.StartTimeout = true, max(1, d.span(6))
		if d.oneIn(6) {
			p.StartTimeout = core.Forever
		}
	}
	if !d.features.watch {
		return
	}
	if d.oneIn(3) {
		p.OnMiss = core.MissReport
	}
	switch pause := d.unit / 4 * core.Duration(1+d.r.Below(16)); d.r.Below(3) {
	case 0:
		p.Watchdog = pause
	case 1:
		p.Probe = core.Probe{Interval: pause, Timeout: d.span(3), Failures: 1 + uint8(d.r.Below(3))}
		switch d.r.Below(12) {
		case 0, 1:
			p.Probe.Timeout = core.Forever
		case 2, 3:
			p.Probe.Timeout = core.Forever - 1 // beyond the end of time, if it is not the very beginning
		}
	}
}

// signals draws what runs report.
func (d *drawing) signals() workload.Signals {
	var s workload.Signals
	if d.features.readiness && !d.oneIn(4) {
		s.Ready = d.length(4)
		if d.oneIn(8) {
			s.Ready = workload.Endless()
		}
	}
	wavers := d.features.readiness && d.oneIn(3)
	if wavers {
		s.Wavers, s.Recovers = workload.Uniform(d.unit/8, d.unit/8+d.span(8)), d.length(4)
	}
	if !d.features.watch || d.oneIn(4) {
		return s
	}
	if !wavers {
		s.Beats = workload.Uniform(d.unit/4, d.unit/4+d.span(2))
	}
	s.Answers, s.FailsProbe = d.length(1), d.fraction()
	switch d.r.Below(4) {
	case 0:
		s.Within = d.length(4)
	case 1:
		s.Within = workload.Endless()
	}
	if d.oneIn(2) {
		s.Hangs = d.length(20)
	}
	return s
}

// extremes sets values that only saturating arithmetic gets right.
func (d *drawing) extremes(p *core.Policy) {
	if d.oneIn(8) {
		p.Factor, p.MaxExponent, p.MaxDelay = 1+uint32(d.r.Below(1<<32-1)), uint32(d.r.Below(100)), d.span(8)
		p.MaxAttempts = core.Unlimited
	}
	if d.oneIn(12) {
		p.StopTimeout = core.Forever - core.Duration(d.r.Below(1<<50))
	}
	if d.oneIn(12) {
		p.StableAfter = core.Forever - core.Duration(d.r.Below(1<<50))
	}
}
