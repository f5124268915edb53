package core

import "github.com/tasksupervisor/tasksupervisor/core/internal/intern"

// IdleDefinitions is how many policies that no task has any more a machine remembers, see [Machine.Define]. It is the same for
// limits that are not in force any more.
const IdleDefinitions = intern.IdleMax

// New returns a machine without tasks, in PhaseCreated. The error is a [*ConfigError] that names every bad field.
func New(cfg Config) (*Machine, error) {
	if err := cfg.validate(); err != nil {
		return nil, err
	}
	m := &Machine{scalars: scalars{
		config:              cfg,
		now:                 beginning,
		checkAt:             Never,
		shutdownAt:          Never,
		first:               noSlot,
		last:                noSlot,
		lastTerminatingHint: noSlot,
		firstNotUpHint:      noSlot,
	}}
	m.config.Policies = nil
	for i := range cfg.Policies {
		m.policies.Pin(&cfg.Policies[i], hashOfPolicy(&cfg.Policies[i]))
	}
	if len(cfg.Policies) == 0 {
		usual := DefaultPolicy()
		m.policies.Pin(&usual, hashOfPolicy(&usual))
	}
	if m.config.MaxTasks == 0 {
		m.config.MaxTasks = MaxTasks
	}
	m.limits.Pin(&cfg.Limits, hashOfLimits(&cfg.Limits))
	m.limits.Hold(m.inForce)
	m.setRates(cfg.Limits)
	m.independent = m.config.Strategy == OneForOne && !m.reverse()
	return m, nil
}

// Define makes a policy known, for tasks to refer to, and returns its id; a policy equal to a known one has that one's id.
// The error is a [*ConfigError].
//
// The policies of Config.Policies are known for good, and any other for as long as a task has it. One that no task has, yet
// or any more, is idle. The [IdleDefinitions] policies that became idle last are remembered, where one that is defined again
// becomes idle anew; an event that refers to another is refused with RefusalUnknownPolicy. So the id is good for the next
// event, and a machine takes no more memory than its tasks need, however many policies there were. No id is ever used for
// another policy.
//
// Definitions are input like events are: whoever records or replicates a machine's events includes them, in order. To define
// again what is in use ([Machine.PolicyInUse]) changes nothing, and need not be recorded.
func (m *Machine) Define(p Policy) (PolicyID, error) {
	hash := hashOfPolicy(&p)
	if m.policies.Lookup(&p, hash) == intern.None {
		var check validation
		check.policy(&p, m.config.factorMax())
		if err := check.err(); err != nil {
			return 0, err
		}
	}
	return PolicyID(m.policies.Define(&p, hash)), nil
}

// DefineLimits makes limits known, for an EventLimits to refer to, and returns their id; limits equal to known ones have
// their id. They take effect with the event: counts in current windows are kept, and a shutdown under way keeps its
// deadline. The error is a [*ConfigError].
//
// The limits of the configuration are known for good, and any others for as long as they are in force. Of the others those
// that became idle last are remembered, as with [Machine.Define].
//
// Definitions are input like events are: whoever records or replicates a machine's events includes them, in order. To define
// again what is in use ([Machine.LimitsInUse]) changes nothing, and need not be recorded.
func (m *Machine) DefineLimits(l Limits) (LimitsID, error) {
	hash := hashOfLimits(&l)
	if m.limits.Lookup(&l, hash) == intern.None {
		var check validation
		check.limits(l)
		if err := check.err(); err != nil {
			return 0, err
		}
	}
	return LimitsID(m.limits.Define(&l, hash)), nil
}

func hashOfPolicy(p *Policy) uint64 {
	c := codec{mode: hashing}
	c.policy(p)
	return c.hash
}

func hashOfLimits(l *Limits) uint64 {
	c := codec{mode: hashing}
	c.limits(l)
	return c.hash
}
