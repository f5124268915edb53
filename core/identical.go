package core

import "github.com/tasksupervisor/tasksupervisor/core/internal/equal"

// Identical reports whether m is in every detail what other is: the state, all that is derived from it, and how both are laid
// out. A copy is, until something happens to either; a restored snapshot need not be, though its digest is the same.
//
// What holds for a machine holds for one that is identical: it decides the same from then on, and [Machine.Check] finds the
// same. It takes time in proportion to the number of tasks, much less than Digest or Check do, and does not allocate.
func (m *Machine) Identical(other *Machine) bool {
	return m.now == other.now && m.phase == other.phase && m.haltReason == other.haltReason &&
		m.started == other.started && m.checkAt == other.checkAt && m.shutdownAt == other.shutdownAt &&
		m.culprit == other.culprit && m.culpritRun == other.culpritRun &&
		m.generation == other.generation && m.first == other.first && m.last == other.last &&
		m.counts == other.counts && m.leftBehind == other.leftBehind &&
		m.significant == other.significant && m.significantEnded == other.significantEnded &&
		m.delaysPending == other.delaysPending && m.terminating == other.terminating &&
		m.independent == other.independent && m.lastTerminatingHint == other.lastTerminatingHint && m.firstNotUpHint == other.firstNotUpHint &&
		m.inForce == other.inForce && m.config.identical(&other.config) &&
		equal.Slices(m.tasks, other.tasks) && equal.Slices(m.free, other.free) && equal.Slices(m.delays, other.delays) && equal.Slices(m.fenced, other.fenced) &&
		m.timers.Identical(&other.timers) && m.rateQueue.Identical(&other.rateQueue) && m.graph.Identical(&other.graph) &&
		m.crashes.Identical(&other.crashes) && m.restarts.Identical(&other.restarts) &&
		m.policies.Identical(&other.policies) && m.limits.Identical(&other.limits) &&
		m.asked == other.asked && equal.Slices(m.stops, other.stops) && equal.Slices(m.retries, other.retries) &&
		equal.Slices(m.starts, other.starts) && equal.Slices(m.downs, other.downs) && equal.Slices(m.planned, other.planned)
}

func (cfg *Config) identical(other *Config) bool {
	return cfg.Seed == other.Seed && cfg.Limits == other.Limits && cfg.Strategy == other.Strategy && cfg.StopOrder == other.StopOrder &&
		cfg.HealthCheckInterval == other.HealthCheckInterval && cfg.MaxTasks == other.MaxTasks && equal.Slices(cfg.Policies, other.Policies)
}
