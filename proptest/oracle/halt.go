package oracle

import (
	"math/big"

	"github.com/tasksupervisor/tasksupervisor/core"
)

// checkLimits halts a running supervisor that has crossed one of its limits.
func (o *Oracle) checkLimits() {
	over := o.tooManyDead()
	switch {
	case !over:
		o.healthCheck = core.Never
	case o.cfg.HealthCheckInterval == 0:
		o.beginHalting(core.ReasonTooManyDead, 0)
	case o.healthCheck == core.Never:
		o.healthCheck = o.nextHealthCheck()
	}
	if o.phase != core.PhaseRunning {
		return
	}
	switch o.cfg.AutoShutdown {
	case core.AutoShutdownNever:
	case core.AutoShutdownAll:
		if significant, ended := o.countSignificant(); significant > 0 && ended == significant {
			o.beginHalting(core.ReasonAllEnded, 0)
		}
	case core.AutoShutdownAny:
		if _, ended := o.countSignificant(); ended > 0 {
			o.beginHalting(core.ReasonAnyEnded, 0)
		}
	}
}

// tooManyDead tells whether strictly more than the allowed share of the tasks is dead.
func (o *Oracle) tooManyDead() bool {
	if o.cfg.DeadThreshold.Den == 0 {
		return false
	}
	counts := o.Counts()
	if counts.Total == 0 {
		return false
	}
	dead := big.NewRat(int64(counts.Dead+counts.Abandoned), int64(counts.Total))
	allowed := big.NewRat(int64(o.cfg.DeadThreshold.Num), int64(o.cfg.DeadThreshold.Den))
	return dead.Cmp(allowed) > 0
}

func (o *Oracle) countSignificant() (significant, ended int) {
	for _, t := range o.tasks {
		if !t.policy.Significant {
			continue
		}
		significant++
		if t.status == core.StatusCompleted || t.status == core.StatusDead {
			ended++
		}
	}
	return significant, ended
}

// beginHalting leaves nothing that could start, and asks the live runs to stop: all of them, or one at a time.
func (o *Oracle) beginHalting(why core.Reason, culprit core.TaskID) {
	o.phase = core.PhaseHalting
	o.haltReason = why
	o.culprit = culprit
	o.healthCheck = core.Never
	if o.cfg.ShutdownTimeout > 0 {
		o.shutdownEnd = later(o.now, o.cfg.ShutdownTimeout)
	}
	for _, t := range o.reversed() {
		switch t.status {
		case core.StatusCreated, core.StatusFailed:
			o.note(t, core.StatusDead, core.ReasonHalted, core.ExitNone)
		case core.StatusStopping, core.StatusAbandoned:
			if t.intent == core.IntentRestart {
				o.intend(t, core.IntentHalt, core.ReasonHalted)
			}
		case core.StatusHealthy:
			if o.cfg.StopOrder == core.StopTogether {
				o.stop(t, core.IntentHalt, core.ReasonHalted)
			}
		case core.StatusNone, core.StatusStarting, core.StatusCompleted, core.StatusDead:
			// Nothing to do.
		}
	}
}

// continueHalting asks the next run to stop when its turn has come, and halts when none is left to wait for.
func (o *Oracle) continueHalting() {
	if o.Counts().Stopping == 0 {
		for _, t := range o.reversed() {
			if t.status == core.StatusHealthy {
				o.stop(t, core.IntentHalt, core.ReasonHalted)
				return
			}
		}
		o.halt()
	}
}

func (o *Oracle) halt() {
	o.phase = core.PhaseHalted
	o.shutdownEnd = core.Never
	o.actions = append(o.actions, core.Action{
		At:    o.now,
		Until: core.Never,
		Task:  o.culprit,
		Left:  uint32(o.Counts().Left),
		Kind:  core.ActionHalt,
		Why:   o.haltReason,
	})
}

// endShutdown abandons every run that is left, because the shutdown has taken too long in all.
func (o *Oracle) endShutdown() {
	o.shutdownEnd = core.Never
	for _, t := range o.reversed() {
		if t.status == core.StatusHealthy {
			o.stop(t, core.IntentHalt, core.ReasonHalted)
		}
		if t.status == core.StatusStopping {
			o.abandon(t, core.ReasonShutdownTimeout)
		}
	}
}
