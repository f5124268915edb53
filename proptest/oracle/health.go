package oracle

import "github.com/tasksupervisor/tasksupervisor/core"

// report applies what is reported about a run that goes on: that it is ready or alive, or how a probe came out.
func (o *Oracle) report(ev core.Event) {
	t := o.tasks[ev.Task]
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
	case ev.Exit == core.ExitOK, t.until == core.Never && o.policyOf(t).Probe.Timeout != core.Forever: // told as a failure before
		t.probing, t.misses = false, 0
		t.until = o.timerByPolicy(t)
	default:
		t.probing = false
		o.probeFailed(t)
	}
}

func (o *Oracle) beat(t *task, within core.Duration) {
	watched := t.status == core.StatusHealthy && o.policyOf(t).Watchdog > 0
	switch {
	case watched && within > 0:
		t.until = later(o.now, within)
	case watched:
		t.until = o.timerByPolicy(t)
	}
}

// probe has the driver ask t's run whether it is well.
func (o *Oracle) probe(t *task) {
	t.probing = true
	t.until = later(o.now, o.policyOf(t).Probe.Timeout)
	o.tell(core.ActionProbe, t, t.status, core.ReasonProbe, core.ExitNone)
}

// probeFailed: the answer to a probe was bad, or did not come in time: then it is awaited still.
func (o *Oracle) probeFailed(t *task) {
	t.misses++
	if t.misses >= o.policyOf(t).Probe.Failures {
		o.miss(t)
		return
	}
	t.probing = false
	t.until = o.timerByPolicy(t)
	o.tell(core.ActionTransition, t, t.status, core.ReasonProbeFailed, core.ExitNone)
}

// miss: t's run missed a beat, or failed too many probes in a row. If that is only to be reported, silence is reported
// once: nothing is due until there is the beat or the answer that is awaited.
func (o *Oracle) miss(t *task) {
	if o.policyOf(t).OnMiss == core.MissReport {
		t.misses = 0
		t.until = core.Never
		if answered := o.policyOf(t).Watchdog == 0 && !t.probing; answered {
			t.until = o.timerByPolicy(t)
		}
		o.tell(core.ActionTransition, t, t.status, core.ReasonWatchdog, core.ExitNone)
		return
	}
	o.failWhileRunning(t, core.ExitWatchdog, core.ReasonWatchdog)
}

// failWhileRunning stops a run at once, for it has failed while it was going. If it was to be stopped for something
// else anyway, that is what follows, and it is no failure.
func (o *Oracle) failWhileRunning(t *task, verdict core.ExitKind, why core.Reason) {
	intent := t.intent
	if intent == core.IntentNone || intent == core.IntentStartAgain && !t.suspended {
		intent = core.IntentRetry
		t.lastExit = verdict
	}
	o.stop(t, intent, why)
}
