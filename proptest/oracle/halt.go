package oracle

import (
	"slices"

	"github.com/tasksupervisor/tasksupervisor/core"
	"github.com/tasksupervisor/tasksupervisor/sim/spec"
)

// enforceLimits halts a running supervisor that has crossed one of its limits.
func (o *Oracle) enforceLimits() bool {
	if o.phase != core.PhaseRunning {
		return false
	}
	counts := o.Counts()
	switch over := spec.TooManyDead(o.cfg.DeadThreshold, uint64(counts.Dead+counts.Abandoned), uint64(counts.Total)); {
	case !over:
		o.healthCheck = alarm{}
	case o.cfg.HealthCheckInterval == 0:
		o.beginHalting(core.ReasonTooManyDead, nil)
		return true
	case !o.healthCheck.set:
		o.healthCheck = alarm{true, spec.HealthCheck(o.cfg.HealthCheckInterval, o.startedAt, o.now)}
	}
	significant, ended := o.countSignificant()
	why := spec.EnoughEnded(o.cfg.AutoShutdown, significant, ended)
	if why == core.ReasonNone {
		return false
	}
	o.beginHalting(why, nil)
	return true
}

// countSignificant counts the significant tasks, and those of them that have ended.
func (o *Oracle) countSignificant() (significant, ended int) {
	for _, t := range o.tasks {
		if !o.policyOf(t).Significant {
			continue
		}
		significant++
		if spec.Ended(t.status) {
			ended++
		}
	}
	return significant, ended
}

// beginHalting leaves nothing that could start, and stops every run: all at once, or one after the other in reconcile.
func (o *Oracle) beginHalting(why core.Reason, culprit *task) {
	o.phase = core.PhaseHalting
	o.haltReason = why
	if culprit != nil {
		o.culprit = culprit.id
		o.culpritRun = culprit.run
	}
	o.healthCheck = alarm{}
	if o.cfg.ShutdownTimeout > 0 {
		o.shutdownEnd = o.alarmIn(o.cfg.ShutdownTimeout)
	}
	for _, t := range slices.Backward(o.tasks) {
		switch t.status {
		case core.StatusCreated, core.StatusFailed:
			o.transition(t, core.StatusHalted, core.ReasonSupervisorStop, core.ExitNone)
		case core.StatusStopping, core.StatusAbandoned:
			if spec.Returns(t.intent) && !t.suspended {
				o.redirect(t, core.IntentHalt, core.ReasonSupervisorStop)
			}
		case core.StatusStarting, core.StatusHealthy:
			o.haltRun(t)
		case core.StatusNone, core.StatusCompleted, core.StatusDead, core.StatusHalted:
			// Nothing to do.
		}
	}
}

// haltRun stops a running task for the halt, unless an operator wanted it dead or suspended anyway.
func (o *Oracle) haltRun(t *task) {
	if t.intent != core.IntentKill && !t.suspended {
		t.planStop(core.IntentHalt, core.ReasonSupervisorStop)
	}
	if !o.seen().OneByOne() && !o.dependentBlocks(t) {
		o.stop(t, t.intent, t.why)
	}
}

// endShutdown abandons every run that is left, because the shutdown has taken too long in all.
func (o *Oracle) endShutdown() {
	o.shutdownEnd = alarm{}
	for _, t := range slices.Backward(o.tasks) {
		if t.running() {
			o.stop(t, t.intent, t.why)
		}
		if t.status == core.StatusStopping {
			o.abandon(t, core.ReasonShutdownTimeout)
		}
	}
}
