package core

import "strconv"

// Warning is about a setting that is valid and has no effect, or not the one it seems to have. There is none about a setting
// that is the default.
type Warning struct {
	Field   string // such as "Policies[2].MaxDelay"
	Problem string
}

func (w Warning) String() string { return w.Field + " " + w.Problem }

// Warnings lists limits that can never be reached and settings that have no effect. They are not errors: the configuration
// is taken as it is.
func (cfg *Config) Warnings() []Warning {
	var found warnings
	found.limits(cfg.Limits)
	for i := range cfg.Policies {
		found.policy(policyPrefix(i), &cfg.Policies[i], cfg)
	}
	return found
}

type warnings []Warning

func (w *warnings) when(odd bool, field, problem string) {
	if odd {
		*w = append(*w, Warning{field, problem})
	}
}

func (w *warnings) limits(l Limits) {
	w.when(l.DeadThreshold.Den != 0 && l.DeadThreshold.Num == l.DeadThreshold.Den, "DeadThreshold", "is 1 and can never be exceeded")
	w.when(l.RestartRate.Per == Forever, "RestartRate",
		"is never refilled: after "+strconv.FormatUint(uint64(l.RestartRate.Count), 10)+" restarts no task is restarted")
}

func (w *warnings) policy(prefix string, p *Policy, cfg *Config) {
	usual := DefaultPolicy()
	w.restarts(prefix, p, &usual)
	longest := p.longestDelay(cfg.factorMax())
	w.when(p.BaseDelay > p.MaxDelay, prefix+"BaseDelay", "is longer than MaxDelay, which makes every delay "+p.MaxDelay.String())
	w.when(p.MaxDelay != Forever && longest < p.MaxDelay, prefix+"MaxDelay",
		"is never reached: the longest delay is "+longest.String())
	w.when(p.Jitter.Num > 0 && longest == 0, prefix+"Jitter", "has no effect: there is no delay to shorten")
	w.when(p.StableAfter == 0 && cfg.HealthCheckInterval == 0 && p.MaxAttempts > 0 && p.MaxAttempts != Unlimited, prefix+"MaxAttempts",
		"is never reached: with StableAfter 0 every run clears the attempts")
	w.stops(prefix, p, &usual, cfg.ShutdownTimeout)

	found := p.Watchdog > 0 || p.Probe.Interval > 0 // to hang, once it is healthy
	w.when(p.OnMiss != MissRestart && !found, prefix+"OnMiss", "has no effect: there is neither a Watchdog nor a Probe")
	w.when(p.HungStopTimeout > 0 && !p.Readiness && !found, prefix+"HungStopTimeout",
		"has no effect: no run is found to hang without Readiness, a Watchdog or a Probe")
	w.when(p.Readiness && p.StartTimeout == 0, prefix+"StartTimeout", "is 0: no run will ever be ready in time")
	w.when(!p.Readiness && p.StartTimeout != usual.StartTimeout && p.StartTimeout != Forever, prefix+"StartTimeout",
		"has no effect: without Readiness a run is healthy at once")
	w.when(!p.Significant && cfg.AutoShutdown == AutoShutdownNever, prefix+"Significant",
		"has no effect: there is no AutoShutdown that it could count for")
}

// restarts warns about restarts that never come, and about exponents that no restart reaches.
func (w *warnings) restarts(prefix string, p, usual *Policy) {
	if p.Restart == RestartNever {
		const never = "has no effect: a task with RestartNever is not restarted"
		w.when(p.BaseDelay != usual.BaseDelay, prefix+"BaseDelay", never)
		w.when(p.MaxAttempts != usual.MaxAttempts, prefix+"MaxAttempts", never)
		w.when(p.OnExhausted != usual.OnExhausted, prefix+"OnExhausted", "has no effect: a task with RestartNever dies without being exhausted")
		return
	}
	w.when(p.OnExhausted != ExhaustedDead && p.MaxAttempts == Unlimited, prefix+"OnExhausted",
		"has no effect: MaxAttempts is Unlimited")
	w.when(p.MinUptime > 0 && p.Restart != RestartAlways, prefix+"MinUptime",
		"has no effect: a good end is followed by a restart with RestartAlways only")
	w.when(p.MinUptime > p.StableAfter && p.Restart == RestartAlways, prefix+"MinUptime",
		"is longer than StableAfter: a run that was too quick can have cleared the attempts")
	w.when(p.MaxExponent != usual.MaxExponent && p.MaxExponent > p.MaxAttempts, prefix+"MaxExponent",
		"is never reached: MaxAttempts is smaller")
	w.when(p.MaxExponent != usual.MaxExponent && p.Factor == 1, prefix+"MaxExponent",
		"has no effect: with Factor 1 delays do not grow")
}

// stops warns about stop timeouts that do not count.
func (w *warnings) stops(prefix string, p, usual *Policy, shutdown Duration) {
	w.when(shutdown > 0 && p.StopTimeout != usual.StopTimeout && p.StopTimeout != Forever && p.StopTimeout > shutdown, prefix+"StopTimeout",
		"is longer than ShutdownTimeout, which cuts it short at shutdown")
	patient := p.StopLimit(false) == Forever && p.StopLimit(true) == Forever
	w.when(p.OnAbandon != AbandonWait && patient, prefix+"OnAbandon",
		"has no effect: with StopTimeout Forever no run is abandoned")
}
