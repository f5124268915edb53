package oracle

import "github.com/tasksupervisor/tasksupervisor/core"

// report applies what is reported about a run that goes on: that it is ready or alive, or how a probe came out.
func (o *Oracle) report(ev core.Event) {
	t := o.find(ev.Task)
	switch {
	case ev.Kind == core.EventProbe && ev.Exit != core.ExitOK && ev.Exit != core.ExitError:
		o.reject(ev, core.RefusalUnknownExit)
	case t == nil:
		o.reject(ev, core.RefusalUnknownTask)
	case !t.live || ev.Run != t.run:
		o.reject(ev, core.RefusalStaleRun)
	case ev.Kind == core.EventReady:
		if t.status == core.StatusStarting {
			o.ready(t, core.ReasonReady)
		}
	case ev.Kind == core.EventBeat:
		o.beat(t, ev.Within)
	case !t.probing:
		o.reject(ev, core.RefusalStaleProbe)
	case ev.Exit == core.ExitOK, t.silent: // its silence was reported as a failure before
		t.probing, t.silent, t.misses = false, false, 0
		t.alarm = o.alarmByPolicy(t)
	default:
		t.probing = false
		o.probeFailed(t)
	}
}

func (o *Oracle) beat(t *task, within core.Duration) {
	watched := t.status == core.StatusHealthy && o.policyOf(t).Watchdog > 0
	switch {
	case watched && within > 0:
		t.alarm = o.alarmIn(within)
	case watched:
		t.alarm = o.alarmByPolicy(t)
	}
	t.silent = t.silent && !watched
}

// probe has the driver run the health probe of t.
func (o *Oracle) probe(t *task) {
	t.probing = true
	t.alarm = o.alarmIn(o.policyOf(t).Probe.Timeout)
	o.tell(core.ActionProbe, t, t.status, core.ReasonProbe, core.ExitNone)
}

// probeFailed applies a bad answer to a probe, or that none came in time: then it is still awaited.
func (o *Oracle) probeFailed(t *task) {
	t.misses++
	if t.misses >= o.policyOf(t).Probe.Failures {
		o.miss(t)
		return
	}
	t.probing = false
	t.alarm = o.alarmByPolicy(t)
	o.tell(core.ActionTransition, t, t.status, core.ReasonProbeFailed, core.ExitNone)
}

// miss applies a missed beat, or one failed probe too many. Where that is only to be reported, silence is reported once: nothing
// is due until the run beats, or answers the probe that is awaited.
func (o *Oracle) miss(t *task) {
	if o.policyOf(t).OnMiss == core.MissReport {
		t.misses = 0
		t.silent = o.policyOf(t).Watchdog > 0 || t.probing
		t.alarm = alarm{}
		if !t.silent {
			t.alarm = o.alarmByPolicy(t)
		}
		o.tell(core.ActionTransition, t, t.status, core.ReasonWatchdog, core.ExitNone)
		return
	}
	o.failWhileRunning(t, core.ExitWatchdog, core.ReasonWatchdog)
}

// failWhileRunning stops a run at once because it has failed while it was running. If its stop was pending for an operator,
// that is what follows, and it is no failure.
func (o *Oracle) failWhileRunning(t *task, verdict core.ExitKind, why core.Reason) {
	intent := t.intent
	if intent == core.IntentNone || intent == core.IntentStartAgain {
		intent = core.IntentRetry
		t.lastExit = verdict
	}
	o.stop(t, intent, why)
}
