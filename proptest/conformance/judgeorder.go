package conformance

import (
	"math"

	"github.com/tasksupervisor/tasksupervisor/core"
)

// noStep is the number of what never happened: later than all steps of a recording, and than all that runs do.
const noStep = math.MaxInt

// order compares the order of the recording with that of the world. Whatever rules the machine goes by, it decides a start or
// a stop only after it was told what led to that. So a run must not start, or be asked to stop, before anything has happened
// that the recording has first.
func (j *verdict) order() {
	notices := j.notices()
	for _, p := range j.matched() {
		start := decision{DutyStartOrder, "started", p.recorded.startStep, p.observed.born, p.observed.started}
		stop := decision{DutyStopOrder, "was asked to stop", p.recorded.stopStep, p.observed.heard, p.observed.asked}
		for _, n := range notices {
			if n.run != p.recorded {
				j.after(p.recorded, start, n)
				j.after(p.recorded, stop, n)
			}
		}
	}
}

// decision is a start or stop of a run, as the machine decided it and as the world saw it.
type decision struct {
	duty Duty
	what string
	step int          // of the recording; noStep if the machine did not decide it
	seen int          // in the order of the world; 0 if it was not
	at   core.Instant // of the world
}

// notice is something that the machine was told of a run.
type notice struct {
	run  *recordedRun
	what string
	step int // of the recording
	seen int // in the order of the world; noStep if it did not happen
}

// notices returns the first end of each run, and all that the machine was told of when it was ready.
func (j *verdict) notices() []notice {
	var notices []notice
	for _, p := range append(j.matched(), j.outlived...) {
		if len(p.recorded.exits) > 0 {
			notices = append(notices, notice{p.recorded, "ended", p.recorded.exits[0].step, orNoStep(p.observed.died)})
		}
		for _, told := range p.recorded.readies {
			if told.event.Kind == core.EventReady {
				notices = append(notices, notice{p.recorded, "was ready", told.step, p.observed.saidReady(told.seen)})
			}
		}
	}
	return notices
}

// after checks that a decision that follows a notice in the recording does so in the world.
func (j *verdict) after(run *recordedRun, d decision, n notice) {
	if d.seen == 0 || d.step < n.step {
		return
	}
	j.check(d.duty, n.seen < d.seen, d.at, "run %d of %s %s before run %d of %s %s, which the recording has first",
		run.run, run.task, d.what, n.run.run, n.run.task, n.what)
}

func orNoStep(order int) int {
	if order == 0 {
		return noStep
	}
	return order
}
