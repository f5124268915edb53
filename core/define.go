package core

// New returns a machine without tasks, in PhaseCreated. The error is a [*ConfigError] that names every bad field.
func New(cfg Config) (*Machine, error) {
	if err := cfg.validate(); err != nil {
		return nil, err
	}
	m := &Machine{
		config:              cfg,
		policies:            append([]Policy(nil), cfg.Policies...),
		limits:              []Limits{cfg.Limits},
		now:                 beginning,
		checkAt:             Never,
		shutdownAt:          Never,
		first:               noSlot,
		last:                noSlot,
		lastTerminatingHint: noSlot,
		firstNotUpHint:      noSlot,
	}
	m.config.Policies = nil
	if len(m.policies) == 0 {
		m.policies = append(m.policies, DefaultPolicy())
	}
	if m.config.MaxTasks == 0 {
		m.config.MaxTasks = MaxTasks
	}
	m.setRates(cfg.Limits)
	m.independent = m.config.Strategy == OneForOne && !m.reverse()
	return m, nil
}

// Define adds a policy to those that tasks can refer to and returns its id; a policy equal to a known one has that
// one's id. The error is a [*ConfigError] or [ErrTooManyPolicies].
//
// Definitions are input like events are: whoever records or replicates a machine's events includes them, in order.
func (m *Machine) Define(p Policy) (PolicyID, error) {
	for i := range m.policies {
		if m.policies[i] == p {
			return PolicyID(i), nil
		}
	}
	var check validation
	check.policy("", p, m.config.factorMax())
	if err := check.err(); err != nil {
		return 0, err
	}
	if len(m.policies) == policiesMax {
		return 0, ErrTooManyPolicies
	}
	m.policies = append(m.policies, p)
	return PolicyID(len(m.policies) - 1), nil
}

// DefineLimits adds limits to those that an EventLimits can refer to and returns their id; limits equal to known ones
// have their id. They take effect with the event: counts in current windows are kept, and a shutdown under way keeps its
// deadline.
// The error is a [*ConfigError] or [ErrTooManyLimits].
//
// Definitions are input like events are: whoever records or replicates a machine's events includes them, in order.
func (m *Machine) DefineLimits(l Limits) (LimitsID, error) {
	for i := range m.limits {
		if m.limits[i] == l {
			return LimitsID(i), nil
		}
	}
	var check validation
	check.limits(l)
	if err := check.err(); err != nil {
		return 0, err
	}
	if len(m.limits) == limitsMax {
		return 0, ErrTooManyLimits
	}
	m.limits = append(m.limits, l)
	return LimitsID(len(m.limits) - 1), nil
}
