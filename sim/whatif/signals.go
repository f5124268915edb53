package whatif

import (
	"github.com/tasksupervisor/tasksupervisor/core"
	"github.com/tasksupervisor/tasksupervisor/sim/workload"
)

// signal notes what a run reported.
func (h *history) signal(ev *core.Event, actions []core.Action) {
	r := h.run(ev)
	if r == nil || rejected(actions) {
		return
	}
	since := core.Duration(max(h.end, r.from) - r.from)
	if ev.Kind != core.EventProbe {
		r.signals = append(r.signals, workload.Signal{After: since, Event: ev.Kind, Within: ev.Within})
		return
	}
	for i := len(r.signals) - 1; i >= 0; i-- {
		if told := &r.signals[i]; told.Event == core.EventProbe {
			told.Takes, told.Exit = since-told.After, ev.Exit
			return
		}
	}
}

// probed notes that the latest run was probed; it has not answered yet.
func (p *past) probed(a *core.Action) {
	r := &p.runs[len(p.runs)-1]
	r.signals = append(r.signals, workload.Signal{After: core.Duration(a.At - r.from), Event: core.EventProbe, Takes: core.Forever})
}

// well is what a run reports if the recording says nothing about it.
func well() []workload.Signal {
	return []workload.Signal{{Event: core.EventReady}, {Event: core.EventBeat, Within: core.Forever}}
}

// sequence is what a run reports that starts at an instant and does as the recorded one did: it takes as long to be
// ready, and reports all else at the same instants.
func (r *recorded) sequence(at core.Instant) []workload.Signal {
	says := []workload.Signal{} // not nil: it may have said nothing
	late := core.Duration(at - r.from)
	beats := false
	if !r.starting {
		says = append(says, workload.Signal{Event: core.EventReady})
	}
	for _, told := range r.signals {
		beats = beats || told.Event == core.EventBeat
		if told.Event != core.EventReady {
			told.After -= late
		}
		if told.After >= 0 || told.Event == core.EventProbe {
			told.After = max(0, told.After)
			says = append(says, told)
		}
	}
	if r.silent {
		return says
	}
	// Whether it would have gone on beating is not known once it was asked to stop.
	steady := workload.Signal{Event: core.EventBeat, Within: core.Forever}
	if beats && r.stopped != core.Never {
		steady.After = max(0, core.Duration(r.stopped-at))
	}
	if !beats || r.stopped != core.Never {
		says = append(says, steady)
	}
	return says
}
