package sim

import "github.com/tasksupervisor/tasksupervisor/core"

func (w *swarm) config() core.Config {
	l := w.limits()
	c := core.Config{
		Seed: w.r.Uint64(), StopOrder: core.StopOrder(w.r.Below(3)), Limits: core.Limits{DeadThreshold: l.DeadThreshold, Intensity: l.Intensity, RestartRate: l.RestartRate, AutoShutdown: l.AutoShutdown, ShutdownTimeout: l.ShutdownTimeout},
	}
	if w.features.groups {
		c.Strategy = [...]core.Strategy{core.OneForOne, core.OneForAll, core.OneForAll, core.RestForOne, core.RestForOne}[w.r.Below(5)]
	}
	if w.oneIn(4) {
		c.HealthCheckInterval = w.span(4)
	}
	if w.oneIn(8) {
		c.MaxTasks = 1 + uint32(w.r.Below(8))
	}
	return c
}

func (w *swarm) limits() core.Limits {
	var l core.Limits
	if w.oneIn(2) {
		l.DeadThreshold = w.fraction()
	}
	if w.oneIn(4) {
		l.AutoShutdown = core.AutoShutdown(w.r.Below(3))
	}
	if w.oneIn(2) {
		l.ShutdownTimeout = w.span(8)
	}
	if w.features.limits && w.oneIn(2) {
		l.Intensity = core.Rate{Count: uint32(w.r.Below(16)), Per: max(1, w.span(8))}
	}
	if w.features.limits && w.oneIn(2) {
		l.RestartRate = core.Rate{Count: 1 + uint32(w.r.Below(3)), Per: max(1, w.span(4))}
	}
	return l
}

func (w *swarm) policy() core.Policy {
	p := core.Policy{
		Restart:     core.Restart([...]uint8{0, 0, 0, 1, 1, 2}[w.r.Below(6)]),
		BaseDelay:   w.span(4),
		Factor:      1 + uint32(w.r.Below(3)),
		MaxExponent: uint32(w.r.Below(6)),
		MaxDelay:    core.Forever,
		MaxAttempts: uint32(w.r.Below(6)),
		StableAfter: w.span(16),
		StopTimeout: w.span(8),
		OnAbandon:   core.OnAbandon(w.r.Below(3)),
		Significant: !w.oneIn(4),
	}
	if w.oneIn(3) {
		p.MaxAttempts = core.Unlimited
	}
	if w.oneIn(3) {
		p.MaxDelay = w.span(8)
	}
	if w.oneIn(2) {
		p.Jitter = w.fraction()
	}
	if w.oneIn(8) {
		p.StableAfter = core.Forever
	}
	if w.oneIn(6) {
		p.StopTimeout = core.Forever
	}
	if w.features.escalate && w.oneIn(4) {
		p.OnExhausted = core.ExhaustedEscalate
	}
	w.opt(&p)
	w.extremes(&p)
	return p
}

// opt opts into readiness, and into a watchdog or probes. A run must have a chance to be ready; and what is repeated
// without an end must not be repeated too soon.
func (w *swarm) opt(p *core.Policy) {
	if w.features.readiness && w.oneIn(2) {
		p.Readiness, p.StartTimeout = true, max(1, w.span(6))
		if w.oneIn(6) {
			p.StartTimeout = core.Forever
		}
	}
	if !w.features.watch {
		return
	}
	if w.oneIn(3) {
		p.OnMiss = core.MissReport
	}
	switch pause := w.unit / 4 * core.Duration(1+w.r.Below(16)); w.r.Below(3) {
	case 0:
		p.Watchdog = pause
	case 1:
		p.Probe = core.Probe{Interval: pause, Timeout: w.span(3), Failures: 1 + uint8(w.r.Below(3))}
		if w.oneIn(6) {
			p.Probe.Timeout = core.Forever
		}
	}
}

// signals draws what runs say, of what there is to say.
func (w *swarm) signals() Signals {
	var s Signals
	if w.features.readiness && !w.oneIn(4) {
		s.Ready = w.length(4)
		if w.oneIn(8) {
			s.Ready = Endless()
		}
	}
	if !w.features.watch || w.oneIn(4) {
		return s
	}
	s.Beats = Uniform(w.unit/4, w.unit/4+w.span(2))
	s.Answers, s.Unwell = w.length(1), w.fraction()
	switch w.r.Below(4) {
	case 0:
		s.Within = w.length(4)
	case 1:
		s.Within = Endless()
	}
	if w.oneIn(2) {
		s.Hangs = w.length(20)
	}
	return s
}

// extremes sets what only saturating arithmetic gets right.
func (w *swarm) extremes(p *core.Policy) {
	if w.oneIn(8) {
		p.Factor, p.MaxExponent, p.MaxDelay = 1+uint32(w.r.Below(1<<32-1)), uint32(w.r.Below(100)), w.span(8)
		p.MaxAttempts = core.Unlimited
	}
	if w.oneIn(12) {
		p.StopTimeout = core.Forever - core.Duration(w.r.Below(1<<50))
	}
	if w.oneIn(12) {
		p.StableAfter = core.Forever - core.Duration(w.r.Below(1<<50))
	}
}
