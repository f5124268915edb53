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
func (j *judgement) order() {
	notices := j.notices()
	for _, p := range j.matched() {
		start := decision{DutyStartOrder, "started", p.run.startStep, p.life.born, p.life.started}
		stop := decision{DutyStopOrder, "was asked to stop", p.run.stopStep, p.life.heard, p.life.asked}
		for _, n := range notices {
			if n.run != p.run {
				j.after(p.run, start, n)
				j.after(p.run, stop, n)
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

// notices returns the first end and the first readiness that the machine was told of each run.
func (j *judgement) notices() []notice {
	var notices []notice
	for _, p := range j.matched() {
		if len(p.run.exits) > 0 {
			notices = append(notices, notice{p.run, "ended", p.run.exits[0].step, orNoStep(p.life.died)})
		}
		if len(p.run.readies) > 0 {
			notices = append(notices, notice{p.run, "was ready", p.run.readies[0].step, p.life.saidReady()})
		}
	}
	return notices
}

// after checks that a decision that follows a notice in the recording does so in the world.
func (j *judgement) after(run *recordedRun, d decision, n notice) {
	if d.seen == 0 || d.step < n.step {
		return
	}
	j.check(d.duty, n.seen < d.seen, d.at, "run %d of %s %s before run %d of %s %s, which the recording has first",
		run.run, run.task, d.what, n.run.run, n.run.task, n.what)
}

// saidReady is when the run first said that it was ready, in the order of the world.
func (l *life) saidReady() int {
	for _, said := range l.said {
		if said.ready {
			return said.order
		}
	}
	return noStep
}

func orNoStep(order int) int {
	if order == 0 {
		return noStep
	}
	return order
}
