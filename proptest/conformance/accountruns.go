package conformance

import (
	"github.com/tasksupervisor/tasksupervisor/core"
)

// recordedRun is one run as the machine saw it.
type recordedRun struct {
	id          core.TaskID
	task        string
	run         core.Run
	policy      core.Policy // the latest
	readiness   bool        // its first policy's
	replaceable bool        // one of its policies was to replace it

	started   core.Instant
	healthy   core.Instant // when it was; Never if it was not
	stopped   core.Instant // when it was asked to stop; Never if it was not
	why       core.Reason  // it was
	abandoned core.Instant // Never if it was not

	startStep int // the number of the step that started it
	stopStep  int // and of the one that asked it to stop; noStep if none did

	exits   []report
	readies []report // what was told of its readiness, and that it was taken back
	answers []report
	probes  []*recordedProbe
	watches []watch
	changed bool // it was given another policy
}

// report is an event about a run.
type report struct {
	event   core.Event
	at      core.Instant // of the event, the harness's
	seen    core.Instant // when it was taken
	step    int          // its number
	refused bool
	late    bool // the machine took it for the end of an abandoned run
}

// recordedProbe is one ActionProbe.
type recordedProbe struct {
	at, until core.Instant
	void      core.Instant // when it was given up for another policy; Never if it was not
}

// watch is a time in which nothing but beats keeps the watchdog quiet.
type watch struct {
	since  core.Instant
	within core.Duration // the watchdog of the policy; 0 if there is none
	missed bool          // it ended by a missed beat
	silent bool          // it began by one, which was reported: the next beat may take its time
}

// reported notes what was told of a run.
func (a *account) reported(s *step) {
	r := a.live[runID{s.event.Task, s.event.Run}]
	if r == nil {
		a.strays = append(a.strays, s)
		return
	}
	told := report{event: s.event, at: s.at, seen: s.seen, step: len(a.steps) + 1, refused: s.refused}
	for _, action := range s.actions {
		told.late = told.late || action.Why == core.ReasonLateExit
	}
	switch s.event.Kind {
	case core.EventExit:
		r.exits = append(r.exits, told)
	case core.EventReady, core.EventUnready:
		r.readies = append(r.readies, told)
	case core.EventProbe:
		r.answers = append(r.answers, told)
	default:
	}
}

// change notes what an action changes about a run.
func (r *recordedRun) change(a *account, action core.Action, at core.Instant) {
	switch action.Why {
	case core.ReasonPolicy:
		if status, ok := a.machine.Status(r.id); ok {
			r.policy, _ = a.machine.Policy(status.Policy)
		}
		r.changed = true
		r.replaceable = r.replaceable || r.policy.OnAbandon == core.AbandonReplace
		if n := len(r.probes); n > 0 {
			r.probes[n-1].void = min(r.probes[n-1].void, at)
		}
	case core.ReasonWatchdog:
		if n := len(r.watches); n > 0 && action.From == core.StatusHealthy && r.policy.Watchdog > 0 {
			r.watches[n-1].missed = true
		}
		if status, ok := a.machine.Status(r.id); ok && status.Run == r.run && status.Probing {
			r.probes[len(r.probes)-1].until = core.Never // that it was missed is reported, and it is waited for
		}
	default:
	}
	if action.To == core.StatusHealthy && action.From != core.StatusHealthy {
		r.healthy = at
	}
	news := action.From != action.To || action.Why == core.ReasonPolicy || action.Why == core.ReasonWatchdog
	if action.To == core.StatusHealthy && news {
		r.watches = append(r.watches, watch{
			since: at, within: r.policy.Watchdog, silent: action.Why == core.ReasonWatchdog,
		})
	}
}
