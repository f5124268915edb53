package oracle

import (
	"github.com/tasksupervisor/tasksupervisor/core"
	"github.com/tasksupervisor/tasksupervisor/sim/spec"
)

// delay returns how long t waits for its n-th restart.
func (o *Oracle) delay(t *task, n uint32) core.Duration {
	p := o.policyOf(t)
	return spec.Draw(&p, spec.Delay(&p, o.cfg.HealthCheckInterval > 0, n), o.cfg.Seed, t.key, t.run)
}

// restartAlarm goes off when the restart delay of t has passed, which begins now.
func (o *Oracle) restartAlarm(t *task) alarm {
	if t.ownDelay > 0 {
		p := o.policyOf(t)
		return alarm{true, spec.AskedRestart(&p, o.now, t.ownDelay)}
	}
	return o.alarmIn(o.delay(t, t.nth))
}

// attemptsNow returns how many attempts count against t: none any more once its run is stable.
func (o *Oracle) attemptsNow(t *task) uint32 {
	if t.attempts > 0 && o.stable(t) {
		return 0
	}
	return t.attempts
}

// stable reports whether t is Healthy and has been so for long enough.
func (o *Oracle) stable(t *task) bool {
	if t.status != core.StatusHealthy {
		return false
	}
	at := o.clearsAt(t)
	return at != core.Never && at <= o.now
}

// clearsAt returns the first instant at which the run of t, which is Healthy, counts as stable.
func (o *Oracle) clearsAt(t *task) core.Instant {
	p := o.policyOf(t)
	return spec.Stable(&p, o.cfg.HealthCheckInterval, o.startedAt, t.since)
}
