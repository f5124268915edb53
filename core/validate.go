package core

import "strconv"

// ConfigError says what is wrong with a configuration or policy: all of it, not only the first problem.
type ConfigError struct {
	Fields []FieldError
}

func (e *ConfigError) Error() string {
	text := "invalid configuration"
	separator := ": "
	for i := range e.Fields {
		text += separator + e.Fields[i].Error()
		separator = "; "
	}
	return text
}

// Unwrap returns each bad field's *FieldError, for errors.As.
func (e *ConfigError) Unwrap() []error {
	errs := make([]error, len(e.Fields))
	for i := range e.Fields {
		errs[i] = &e.Fields[i]
	}
	return errs
}

// FieldError says what is wrong with one field.
type FieldError struct {
	Field   string // such as "Policies[2].BaseDelay", or "BaseDelay" for a policy by itself
	Problem string
}

func (e *FieldError) Error() string { return e.Field + " " + e.Problem }

// sentinel is an error that is a constant.
type sentinel string

func (s sentinel) Error() string { return string(s) }

const rateMax = 1 << 16

// factorMax returns the largest power by which a base delay is multiplied.
func (cfg *Config) factorMax() uint64 {
	if cfg.HealthCheckInterval > 0 {
		return crateFactorMax
	}
	return ^uint64(0)
}

func (cfg *Config) validate() error {
	var check validation
	check.that(cfg.Strategy < strategies, "Strategy", "is unknown")
	check.limits(cfg.Limits)
	check.that(cfg.StopOrder < stopOrders, "StopOrder", "is unknown")
	check.that(cfg.HealthCheckInterval >= 0, "HealthCheckInterval", "is negative")
	check.that(cfg.MaxTasks <= MaxTasks, "MaxTasks", "is above 16777216")
	for i := range cfg.Policies {
		before := len(check.fields)
		check.policy(&cfg.Policies[i], cfg.factorMax())
		for bad := range check.fields[before:] {
			check.fields[before+bad].Field = policyPrefix(i) + check.fields[before+bad].Field
		}
	}
	return check.err()
}

func policyPrefix(i int) string { return "Policies[" + strconv.Itoa(i) + "]." }

// validation collects what is wrong.
type validation struct{ fields []FieldError }

func (v *validation) that(ok bool, field, problem string) {
	if !ok {
		v.fields = append(v.fields, FieldError{field, problem})
	}
}

func (v *validation) fraction(field string, f Fraction) {
	v.that(f.Den != 0 || f.Num == 0, field, "has denominator 0")
	v.that(f.Den == 0 || f.Num <= f.Den, field, "is above 1")
}

func (v *validation) limits(l Limits) {
	v.fraction("DeadThreshold", l.DeadThreshold)
	v.rate("Intensity", l.Intensity)
	v.rate("RestartRate", l.RestartRate)
	v.that(l.RestartRate.Count > 0 || l.RestartRate.Per == 0, "RestartRate", "would never let a task restart: Count is 0")
	v.that(l.AutoShutdown < autoShutdowns, "AutoShutdown", "is unknown")
	v.that(l.ShutdownTimeout >= 0, "ShutdownTimeout", "is negative")
}

func (v *validation) rate(field string, r Rate) {
	v.that(r.Per >= 0, field, "has a negative Per")
	v.that(r.Per != 0 || r.Count == 0, field, "has a Count and no Per")
	v.that(r.Count <= rateMax, field, "is above 65536")
}

func (v *validation) policy(p *Policy, factorMax uint64) {
	before := len(v.fields)
	v.that(p.Restart < restarts, "Restart", "is unknown")
	v.that(p.OnAbandon < onAbandons, "OnAbandon", "is unknown")
	v.that(p.BaseDelay >= 0, "BaseDelay", "is negative")
	v.that(p.Factor >= 1, "Factor", "is 0: it must be at least 1")
	v.that(p.MaxDelay >= 0, "MaxDelay", "is negative")
	v.that(p.StableAfter >= 0, "StableAfter", "is negative")
	v.that(p.MinUptime >= 0, "MinUptime", "is negative")
	v.that(p.StopTimeout >= 0, "StopTimeout", "is negative")
	v.that(p.HungStopTimeout >= 0, "HungStopTimeout", "is negative")
	v.that(p.OnExhausted < onExhausteds, "OnExhausted", "is unknown")
	v.that(p.StartTimeout >= 0, "StartTimeout", "is negative")
	v.that(p.Watchdog >= 0, "Watchdog", "is negative")
	v.that(p.Probe.Interval >= 0, "Probe.Interval", "is negative")
	v.that(p.Probe.Timeout >= 0, "Probe.Timeout", "is negative")
	v.that(p.Probe.Failures > 0 || p.Probe.Interval == 0, "Probe.Failures", "is 0: it must be at least 1")
	v.that(p.Probe.Interval != 0 || p.Probe == Probe{}, "Probe.Interval", "is 0")
	v.that(p.Probe.Interval == 0 || p.Watchdog == 0, "Probe", "cannot be combined with a Watchdog")
	v.that(p.OnMiss < onMisses, "OnMiss", "is unknown")
	v.fraction("Jitter", p.Jitter)
	if len(v.fields) == before {
		v.that(p.longestDelay(factorMax) < Forever, "MaxDelay",
			"is needed: BaseDelay, Factor and MaxExponent make delays beyond 292 years")
	}
}

func (v *validation) err() error {
	if len(v.fields) == 0 {
		return nil
	}
	return &ConfigError{v.fields}
}
