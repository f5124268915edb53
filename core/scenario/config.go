package scenario

import "github.com/tasksupervisor/tasksupervisor/core"

// configFields returns the keys of a config line, in canonical order.
func configFields() []string {
	return []string{
		"seed", "strategy", "dead", "intensity", "restart-rate", "auto", "stop", "shutdown", "check", "tasks",
	}
}

func appendConfig(b []byte, c *core.Config) []byte {
	b = append(b, "config"...)
	b = appendUintField(b, "seed", c.Seed, 0)
	b = appendEnumField(b, "strategy", c.Strategy, core.OneForOne)
	b = appendFractionField(b, "dead", c.DeadThreshold)
	b = appendRateField(b, "intensity", c.Intensity)
	b = appendRateField(b, "restart-rate", c.RestartRate)
	b = appendEnumField(b, "auto", c.AutoShutdown, core.AutoShutdownNever)
	b = appendEnumField(b, "stop", c.StopOrder, core.StopByStrategy)
	b = appendDurationField(b, "shutdown", c.ShutdownTimeout, 0)
	b = appendDurationField(b, "check", c.HealthCheckInterval, 0)
	return appendUintField(b, "tasks", uint64(c.MaxTasks), 0)
}

func parseConfig(tokens []token) (core.Config, error) {
	var c core.Config
	var l core.Limits
	err := parseFields(tokens, configFields(), func(f field) error {
		switch f.key.text {
		case "seed":
			return setUint(f, 64, &c.Seed)
		case "strategy":
			return setEnum(f, "a strategy", &c.Strategy)
		case "stop":
			return setEnum(f, "a stop order", &c.StopOrder)
		case "check":
			return setDuration(f, &c.HealthCheckInterval)
		case "tasks":
			return setUint(f, 32, &c.MaxTasks)
		default:
			return setLimits(&l, f)
		}
	})
	c.DeadThreshold, c.Intensity, c.RestartRate = l.DeadThreshold, l.Intensity, l.RestartRate
	c.AutoShutdown, c.ShutdownTimeout = l.AutoShutdown, l.ShutdownTimeout
	return c, err
}

// limitsFields returns the keys of a limits line, in canonical order. A config line has them, too.
func limitsFields() []string {
	return []string{"dead", "intensity", "restart-rate", "auto", "shutdown"}
}

func appendLimits(b []byte, name string, l *core.Limits) []byte {
	b = append(b, "limits "...)
	b = appendName(b, name)
	b = appendFractionField(b, "dead", l.DeadThreshold)
	b = appendRateField(b, "intensity", l.Intensity)
	b = appendRateField(b, "restart-rate", l.RestartRate)
	b = appendEnumField(b, "auto", l.AutoShutdown, core.AutoShutdownNever)
	return appendDurationField(b, "shutdown", l.ShutdownTimeout, 0)
}

// parseLimits reads a name and the limits that are not zero.
func parseLimits(tokens []token, end token) (name string, l core.Limits, err error) {
	if len(tokens) == 0 {
		return "", l, end.fail("the name of the limits is missing", nil)
	}
	if name, err = parseName(tokens[0]); err != nil {
		return "", l, err
	}
	err = parseFields(tokens[1:], limitsFields(), func(f field) error { return setLimits(&l, f) })
	return name, l, err
}

func setLimits(l *core.Limits, f field) error {
	switch f.key.text {
	case "dead":
		return setFraction(f, &l.DeadThreshold)
	case "intensity":
		return setRate(f, &l.Intensity)
	case "restart-rate":
		return setRate(f, &l.RestartRate)
	case "auto":
		return setEnum(f, "an automatic shutdown", &l.AutoShutdown)
	default: // shutdown
		return setDuration(f, &l.ShutdownTimeout)
	}
}
