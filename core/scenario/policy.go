package scenario

import "github.com/tasksupervisor/tasksupervisor/core"

// policyFields returns the keys of a policy line, in canonical order.
func policyFields() []string {
	return []string{
		"restart", "base", "factor", "exponent", "cap", "jitter", "attempts", "exhausted", "stable", "uptime", "readiness", "start",
		"watchdog", "probe", "miss", "stop", "hung-stop", "abandon", "significant",
	}
}

// appendPolicy writes what differs from DefaultPolicy.
func appendPolicy(b []byte, name string, p *core.Policy) []byte {
	usual := core.DefaultPolicy()
	b = append(b, ' ')
	b = appendName(b, name)
	b = appendEnumField(b, "restart", p.Restart, usual.Restart)
	b = appendDurationField(b, "base", p.BaseDelay, usual.BaseDelay)
	b = appendUintField(b, "factor", uint64(p.Factor), uint64(usual.Factor))
	b = appendUintField(b, "exponent", uint64(p.MaxExponent), uint64(usual.MaxExponent))
	b = appendDurationField(b, "cap", p.MaxDelay, usual.MaxDelay)
	b = appendFractionField(b, "jitter", p.Jitter)
	if p.MaxAttempts == core.Unlimited {
		b = append(appendKey(b, "attempts"), wordUnlimited...)
	} else {
		b = appendUintField(b, "attempts", uint64(p.MaxAttempts), uint64(usual.MaxAttempts))
	}
	b = appendEnumField(b, "exhausted", p.OnExhausted, usual.OnExhausted)
	b = appendDurationField(b, "stable", p.StableAfter, usual.StableAfter)
	b = appendDurationField(b, "uptime", p.MinUptime, usual.MinUptime)
	b = appendBoolField(b, "readiness", p.Readiness, usual.Readiness)
	b = appendDurationField(b, "start", p.StartTimeout, usual.StartTimeout)
	b = appendDurationField(b, "watchdog", p.Watchdog, usual.Watchdog)
	if p.Probe != usual.Probe {
		b = appendProbe(appendKey(b, "probe"), p.Probe)
	}
	b = appendEnumField(b, "miss", p.OnMiss, usual.OnMiss)
	b = appendDurationField(b, "stop", p.StopTimeout, usual.StopTimeout)
	b = appendDurationField(b, "hung-stop", p.HungStopTimeout, usual.HungStopTimeout)
	b = appendEnumField(b, "abandon", p.OnAbandon, usual.OnAbandon)
	return appendBoolField(b, "significant", p.Significant, usual.Significant)
}

// parsePolicy reads a name and what differs from DefaultPolicy.
func parsePolicy(tokens []token, end token) (string, core.Policy, error) {
	p := core.DefaultPolicy()
	if len(tokens) == 0 {
		return "", p, end.fail("the policy's name is missing", nil)
	}
	name, err := parseName(tokens[0])
	if err != nil {
		return "", p, err
	}
	err = parseFields(tokens[1:], policyFields(), func(f field) error { return setPolicy(&p, f) })
	return name, p, err
}

func setPolicy(p *core.Policy, f field) error {
	switch f.key.text {
	case "restart":
		return setEnum(f, "a restart rule", &p.Restart)
	case "base":
		return setDuration(f, &p.BaseDelay)
	case "factor":
		return setUint(f, 32, &p.Factor)
	case "exponent":
		return setUint(f, 32, &p.MaxExponent)
	case "cap":
		return setDuration(f, &p.MaxDelay)
	case "jitter":
		return setFraction(f, &p.Jitter)
	case "attempts":
		if f.value.text == wordUnlimited {
			p.MaxAttempts = core.Unlimited
			return nil
		}
		return setUint(f, 32, &p.MaxAttempts)
	case "exhausted":
		return setEnum(f, "a rule for exhausted tasks", &p.OnExhausted)
	case "stable":
		return setDuration(f, &p.StableAfter)
	case "uptime":
		return setDuration(f, &p.MinUptime)
	case "readiness":
		return setBool(f, &p.Readiness)
	case "start":
		return setDuration(f, &p.StartTimeout)
	case "watchdog":
		return setDuration(f, &p.Watchdog)
	case "probe":
		return setProbe(f, &p.Probe)
	case "miss":
		return setEnum(f, "a rule for missed beats", &p.OnMiss)
	case "stop":
		return setDuration(f, &p.StopTimeout)
	case "hung-stop":
		return setDuration(f, &p.HungStopTimeout)
	case "abandon":
		return setEnum(f, "a rule for abandoned runs", &p.OnAbandon)
	default: // significant
		return setBool(f, &p.Significant)
	}
}
