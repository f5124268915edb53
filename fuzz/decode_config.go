package fuzz

import "github.com/tasksupervisor/tasksupervisor/core"

// Config decodes a valid configuration, in about a dozen bytes for itself and for each policy.
func (r *Reader) Config() core.Config {
	cfg := r.config()
	if _, err := core.New(cfg); err != nil {
		// All that can still be invalid is a delay beyond the end of time.
		for i := range cfg.Policies {
			cfg.Policies[i].MaxDelay = min(cfg.Policies[i].MaxDelay, 1<<40)
		}
	}
	return cfg
}

// AnyConfig decodes a configuration that need not be valid.
func (r *Reader) AnyConfig() core.Config {
	r.any = true
	cfg := r.config()
	r.any = false
	return cfg
}

// Limits decodes up to three other limits, in one byte and about seven for each.
func (r *Reader) Limits() []core.Limits {
	var list []core.Limits
	for range r.byte() & 3 {
		list = append(list, r.limits(r.byte()))
	}
	return list
}

// Policy decodes a policy. It is valid, except that its delays may be beyond the end of time.
func (r *Reader) Policy() core.Policy {
	enums := r.byte()
	p := core.Policy{
		Restart:     core.Restart(r.enum(enums, 3)),
		OnAbandon:   core.OnAbandon(r.enum(enums/3, 3)),
		Significant: enums < 128,
		BaseDelay:   r.duration(),
		Factor:      r.uint32(),
		MaxExponent: r.uint32(),
		MaxDelay:    r.duration(),
		Jitter:      r.fraction(),
		MaxAttempts: r.uint32(),
		StableAfter: r.duration(),
		StopTimeout: r.duration(),
	}
	if !r.any {
		p.Factor = max(p.Factor, 1)
	}
	r.health(&p)
	return p
}

// What a policy asks about the health of its runs, in a byte of which the lower bits ask for what follows.
const (
	healthReady byte = 1 << iota
	healthWatchdog
	healthProbe
	healthReport
	healthEscalate
	healthAny // enumerations may have any value
	healthHung
	healthUptime
)

// health decodes what a policy asks about the health of its runs, in one byte and those that it asks for.
func (r *Reader) health(p *core.Policy) {
	asks := r.byte()
	if p.Readiness = asks&healthReady != 0; p.Readiness {
		p.StartTimeout = r.duration()
	}
	if asks&healthWatchdog != 0 {
		p.Watchdog = r.duration()
	}
	if asks&healthProbe != 0 && (p.Watchdog == 0 || r.any) {
		p.Probe = core.Probe{Interval: r.duration(), Timeout: r.duration(), Failures: r.byte()}
	}
	if asks&healthReport != 0 {
		p.OnMiss = core.MissReport
	}
	if asks&healthHung != 0 {
		p.HungStopTimeout = r.duration()
	}
	if asks&healthEscalate != 0 {
		p.OnExhausted = core.ExhaustedEscalate
	}
	if asks&healthUptime != 0 {
		p.MinUptime = r.duration()
	}
	switch {
	case r.any && asks&healthAny != 0:
		p.OnMiss, p.OnExhausted = core.OnMiss(r.byte()), core.OnExhausted(r.byte())
	case !r.any && p.Probe != core.Probe{}:
		p.Probe.Interval, p.Probe.Failures = max(p.Probe.Interval, 1), max(p.Probe.Failures, 1)
	}
}

func (r *Reader) config() core.Config {
	shape, enums := r.byte(), r.byte()
	cfg := core.Config{
		StopOrder:           core.StopOrder(r.enum(enums/3, 3)),
		Strategy:            core.Strategy(r.enum(enums/9, 3)),
		HealthCheckInterval: r.duration(),
		MaxTasks:            uint32(shape >> 4),
		Seed:                uint64(r.byte()),
	}
	l := r.limits(enums)
	cfg.DeadThreshold, cfg.Intensity, cfg.RestartRate = l.DeadThreshold, l.Intensity, l.RestartRate
	cfg.AutoShutdown, cfg.ShutdownTimeout = l.AutoShutdown, l.ShutdownTimeout
	if r.any {
		cfg.MaxTasks = r.uint32()
	}
	for range shape & 3 {
		cfg.Policies = append(cfg.Policies, r.Policy())
	}
	return cfg
}

func (r *Reader) limits(enums byte) core.Limits {
	l := core.Limits{
		AutoShutdown:    core.AutoShutdown(r.enum(enums, 3)),
		DeadThreshold:   r.fraction(),
		ShutdownTimeout: r.duration(),
		Intensity:       r.rate(),
		RestartRate:     r.rate(),
	}
	if !r.any && l.RestartRate.Per > 0 {
		l.RestartRate.Count = max(l.RestartRate.Count, 1)
	}
	return l
}
