package scenario

import (
	"github.com/tasksupervisor/tasksupervisor/core"
)

// configFields returns the keys of a config line, in canonical order.
func configFields() []string {
	return []string{"seed", "dead", "auto", "stop", "shutdown", "check", "tasks"}
}

func appendConfig(b []byte, c *core.Config) []byte {
	b = append(b, "config"...)
	b = appendUintField(b, "seed", c.Seed, 0)
	b = appendFractionField(b, "dead", c.DeadThreshold)
	b = appendEnumField(b, "auto", c.AutoShutdown, core.AutoShutdownNever)
	b = appendEnumField(b, "stop", c.StopOrder, core.StopTogether)
	b = appendDurationField(b, "shutdown", c.ShutdownTimeout, 0)
	b = appendDurationField(b, "check", c.HealthCheckInterval, 0)
	return appendUintField(b, "tasks", uint64(c.MaxTasks), 0)
}

func parseConfig(tokens []token) (core.Config, error) {
	var c core.Config
	err := parseFields(tokens, configFields(), func(f field) error {
		switch f.key.text {
		case "seed":
			return setUint(f, 64, &c.Seed)
		case "dead":
			return setFraction(f, &c.DeadThreshold)
		case "auto":
			return setEnum(f, "an automatic shutdown", &c.AutoShutdown)
		case "stop":
			return setEnum(f, "a stop order", &c.StopOrder)
		case "shutdown":
			return setDuration(f, &c.ShutdownTimeout)
		case "check":
			return setDuration(f, &c.HealthCheckInterval)
		default: // tasks
			return setUint(f, 32, &c.MaxTasks)
		}
	})
	return c, err
}

// policyFields returns the keys of a policy line, in canonical order.
func policyFields() []string {
	return []string{
		"restart", "base", "factor", "exponent", "cap", "jitter", "attempts", "stable", "stop", "abandon",
		"significant",
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
	b = appendDurationField(b, "stable", p.StableAfter, usual.StableAfter)
	b = appendDurationField(b, "stop", p.StopTimeout, usual.StopTimeout)
	b = appendEnumField(b, "abandon", p.OnAbandon, usual.OnAbandon)
	if !p.Significant {
		b = append(appendKey(b, "significant"), "false"...)
	}
	return b
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
	case "stable":
		return setDuration(f, &p.StableAfter)
	case "stop":
		return setDuration(f, &p.StopTimeout)
	case "abandon":
		return setEnum(f, "a rule for abandoned runs", &p.OnAbandon)
	default: // significant
		return setBool(f, &p.Significant)
	}
}

func setBool(f field, to *bool) error {
	switch f.value.text {
	case "true":
		*to = true
	case "false":
		*to = false
	default:
		return f.value.fail("not true or false", nil)
	}
	return nil
}
