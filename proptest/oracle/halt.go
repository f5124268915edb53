package oracle

import (
	"math/big"

	"github.com/tasksupervisor/tasksupervisor/core"
)

// enforceLimits halts a running supervisor that has crossed one of its limits.
func (o *Oracle) enforceLimits() bool {
	if o.phase != core.PhaseRunning {
		return false
	}
	over := o.tooManyDead()
	switch {
	case !over:
		o.healthCheck = core.Never
	case o.cfg.HealthCheckInterval == 0:
		o.beginHalting(core.ReasonTooManyDead, nil)
		return true
	case o.healthCheck == core.Never:
		o.healthCheck = o.nextHealthCheck()
	}
	significant, ended := o.countSignificant()
	switch {
	case o.cfg.AutoShutdown == core.AutoShutdownAll && significant > 0 && ended == significant:
		o.beginHalting(core.ReasonAllEnded, nil)
		return true
	case o.cfg.AutoShutdown == core.AutoShutdownAny && ended > 0:
		o.beginHalting(core.ReasonAnyEnded, nil)
		return true
	default:
		return false
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
		if !o.policyOf(t).Significant {
			continue
		}
		significant++
		if t.ended() {
			ended++
		}
	}
	return significant, ended
}

// beginHalting leaves nothing that could start, and has every run stopped: all that may be asked at once, or one after
// the other, by settling.
func (o *Oracle) beginHalting(why core.Reason, culprit *task) {
	o.phase = core.PhaseHalting
	o.haltReason = why
	if culprit != nil {
		o.culprit = culprit.id
		o.culpritRun = culprit.run
	}
	o.healthCheck = core.Never
	if o.cfg.ShutdownTimeout > 0 {
		o.shutdownEnd = later(o.now, o.cfg.ShutdownTimeout)
	}
	for _, t := range o.reversed() {
		switch t.status {
		case core.StatusCreated, core.StatusFailed:
			o.note(t, core.StatusDead, core.ReasonSupervisorStop, core.ExitNone)
		case core.StatusStopping, core.StatusAbandoned:
			if t.returns() {
				o.intend(t, core.IntentHalt, core.ReasonSupervisorStop)
			}
		case core.StatusStarting, core.StatusHealthy:
			o.markHalt(t)
		case core.StatusNone, core.StatusCompleted, core.StatusDead:
			// Nothing to do.
		}
	}
}

// markHalt has a running task stopped for the halt, unless an operator wanted it dead anyway.
func (o *Oracle) markHalt(t *task) {
	if t.intent != core.IntentKill {
		t.mark(core.IntentHalt, core.ReasonSupervisorStop)
	}
	if !o.reverse() && o.clear(t) {
		o.stop(t, t.intent, t.why)
	}
}

// halt: when no run is left to wait for, the supervisor has stopped.
func (o *Oracle) halt() bool {
	waited := o.any(func(t *task) bool { return t.running() || t.status == core.StatusStopping })
	if o.phase != core.PhaseHalting || waited {
		return false
	}
	o.phase = core.PhaseHalted
	o.shutdownEnd = core.Never
	o.actions = append(o.actions, core.Action{
		At:         o.now,
		Until:      core.Never,
		Task:       o.culprit,
		Run:        o.culpritRun,
		LeftBehind: uint32(o.Counts().LeftBehind),
		Kind:       core.ActionHalt,
		Why:        o.haltReason,
	})
	return true
}

// endShutdown abandons every run that is left, because the shutdown has taken too long in all.
func (o *Oracle) endShutdown() {
	o.shutdownEnd = core.Never
	for _, t := range o.reversed() {
		if t.running() {
			o.stop(t, t.intent, t.why)
		}
		if t.status == core.StatusStopping {
			o.abandon(t, core.ReasonShutdownTimeout)
		}
	}
}
