package oracle

import (
	"slices"

	"github.com/tasksupervisor/tasksupervisor/core"
)

// sign is something that happened to a run whose health is watched. A run that is known to be well has none.
type sign int

const (
	probed        sign = iota // a probe was sent
	answeredBadly             // it was answered, and the run is not well
	keptSilent                // no answer came in time, or no beat
	reported                  // a miss, which is all that follows from it
)

// silent reports whether the latest thing that happened is that the silence of t was reported.
func (t *task) silent() bool { return endsWith(t.signs, keptSilent, reported) }

// awaited reports whether a probe of t may still be answered: it was the last thing to happen, or its silence was reported.
func (t *task) awaited() bool {
	return endsWith(t.signs, probed) || endsWith(t.signs, probed, keptSilent, reported)
}

// misses counts the failed probes in a row that were not reported as a miss.
func (t *task) misses() (n int) {
	for _, s := range slices.Backward(t.signs) {
		switch s {
		case reported:
			return n
		case answeredBadly, keptSilent:
			n++
		case probed:
		}
	}
	return n
}

func endsWith(signs []sign, last ...sign) bool {
	return len(signs) >= len(last) && slices.Equal(signs[len(signs)-len(last):], last)
}

// report applies what is reported about a run that goes on: that it is ready, or not any more, or alive, or how a probe came out.
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
		switch {
		case t.status == core.StatusStarting:
			o.ready(t, core.ReasonReady)
		case t.unready:
			t.unready = false
			o.tell(core.ActionTransition, t, t.status, core.ReasonReady, core.ExitNone)
		}
	case ev.Kind == core.EventUnready:
		if t.status == core.StatusHealthy && !t.unready && o.policyOf(t).Readiness {
			t.unready = true
			o.tell(core.ActionTransition, t, t.status, core.ReasonUnready, core.ExitNone)
		}
	case ev.Kind == core.EventBeat:
		o.beat(t, ev.Within)
	case !t.awaited():
		o.reject(ev, core.RefusalStaleProbe)
	case ev.Exit == core.ExitOK, t.silent(): // its silence was reported as a failure before
		t.signs = nil
		t.alarm = o.alarmByPolicy(t)
	default:
		t.signs = append(t.signs, answeredBadly)
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
	if watched {
		t.signs = nil
	}
}

// probe has the driver run the health probe of t.
func (o *Oracle) probe(t *task) {
	t.signs = append(t.signs, probed)
	t.alarm = o.alarmIn(o.policyOf(t).Probe.Timeout)
	o.tell(core.ActionProbe, t, t.status, core.ReasonProbe, core.ExitNone)
}

// probeFailed applies what the last sign says: a bad answer to a probe, or that none came in time.
func (o *Oracle) probeFailed(t *task) {
	if t.misses() >= int(o.policyOf(t).Probe.Failures) {
		o.miss(t)
		return
	}
	t.alarm = o.alarmByPolicy(t)
	o.tell(core.ActionTransition, t, t.status, core.ReasonProbeFailed, core.ExitNone)
}

// miss applies a missed beat, or one failed probe too many. Where that is only to be reported, silence is reported once: nothing
// is due until the run beats, or answers the probe that is awaited.
func (o *Oracle) miss(t *task) {
	if o.policyOf(t).OnMiss == core.MissReport {
		t.signs = append(t.signs, reported)
		t.alarm = alarm{}
		if !t.silent() {
			t.alarm = o.alarmByPolicy(t)
		}
		o.tell(core.ActionTransition, t, t.status, core.ReasonWatchdog, core.ExitNone)
		return
	}
	o.failWhileRunning(t, core.ExitWatchdog, core.ReasonWatchdog)
}

// failWhileRunning stops a run at once because it has failed while it was running. If its stop was pending for an operator,
// that is what follows, and it is not a failure.
func (o *Oracle) failWhileRunning(t *task, verdict core.ExitKind, why core.Reason) {
	intent := t.intent
	if o.phase == core.PhaseRunning && (intent == core.IntentNone || intent == core.IntentStartAgain) {
		intent = core.IntentRetry
		t.lastExit = verdict
	}
	o.stop(t, intent, why)
}
