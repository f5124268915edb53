// Package whatif answers what would have happened under another policy.
//
// [Simulate] runs the same workload once per [Case]: the same outages, the same operators, and for each run of each task
// the same draws. [Replay] takes a recording instead, and has the tasks meet, under each case, what they met then.
//
//	outcomes, err := whatif.Simulate(world, []whatif.Case{
//		{Name: "as it is"},
//		{Name: "with jitter", Policy: func(p *core.Policy) { p.Jitter = core.Fraction{Num: 1, Den: 2} }},
//	})
//
// The outcomes can be set side by side as text ([WriteText]), as a page with pictures ([WriteHTML]), or for another program
// ([WriteJSON]). The first one is what the others are compared with.
package whatif

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/tasksupervisor/tasksupervisor/core"
	"github.com/tasksupervisor/tasksupervisor/sim"
	"github.com/tasksupervisor/tasksupervisor/sim/report"
	"github.com/tasksupervisor/tasksupervisor/sim/workload"
)

// Case is one set of policies and limits to try.
type Case struct {
	// Name tells the cases apart.
	Name string

	// Policy, when it is not nil, changes the policy of each task, in supervisors below others as well, and those that
	// operators give to tasks.
	Policy func(*core.Policy)

	// Config, when it is not nil, changes the configuration of the supervisor at the top.
	Config func(*core.Config)
}

// Outcome is the result of a case.
type Outcome struct {
	Case     string
	From, To core.Instant  // the span that was looked at, by the clock of the supervisor at the top
	Tasks    []Task        // in declared order
	Restarts int           // in all, for whatever cause
	Causes   Causes        // what they go back to
	Deaths   int           // how often a task died because it had no restart left
	Along    int           // how often a task was stopped for the sake of others
	Down     core.Duration // how long tasks were down, see report.Span, added up
	Worst    core.Duration // how long the task was that was so longest
	Halted   core.Reason   // why the supervisor halted; ReasonNone if it did not
	HaltedAt core.Duration // how long after the beginning
	Trips    int           // how often a supervisor, at the top or below, gave up: too many dead or crashes, or an escalation
	Peak     int           // the most restarts within one second
	PeakAt   core.Duration // when that second begins
	Rate     []int         // restarts in each second
	Notes    []string      // what a replay had to assume, a sentence each
	Timeline *report.Timeline
}

// Causes says how many restarts go back to what, see [report.Cause].
type Causes struct {
	Failure int // failures
	GoodEnd int // good ends, behind which the policy restarts the task
	Loss    int // losses of what carried a run
	Command int // operator commands
}

func (c *Causes) count(cause report.Cause) {
	switch cause {
	case report.CauseFailure:
		c.Failure++
	case report.CauseGoodEnd:
		c.GoodEnd++
	case report.CauseLoss:
		c.Loss++
	case report.CauseCommand:
		c.Command++
	case report.CauseNone:
	}
}

// Task is the result of one task.
type Task struct {
	Name     string
	Restarts int
	Down     core.Duration
	End      core.Status // StatusNone if it was removed
}

// MaxSteps is how many steps a case may take whose world does not say (see [workload.World].MaxSteps). A timeline keeps each run of
// each task, which comes to some hundred megabytes for as many steps.
const MaxSteps = 8_000_000

// TooManyStepsError says that a case was not over after [MaxSteps] steps: as when runs end at once and restart delays are near
// zero. Longer delays, a shorter time or fewer tasks help, or a world with a MaxSteps of its own, which ends there without an error.
type TooManyStepsError struct {
	Case  string
	Steps uint64
	At    core.Duration // how far it had come, from the beginning
	For   core.Duration // and how far it was to come
}

func (e *TooManyStepsError) Error() string {
	return fmt.Sprintf("case %q: %d steps have led to %v of %v: delays are too short for runs that end so soon, or the time is too long",
		e.Case, e.Steps, e.At, e.For)
}

// Simulate runs a world once per case, with the options. The error is that of [sim.Run], the [*sim.Violation] it found, or a
// [*TooManyStepsError].
func Simulate(w workload.World, cases []Case, options ...sim.Option) ([]*Outcome, error) {
	var outcomes []*Outcome
	for _, c := range cases {
		changed := w
		changed.Tasks = c.tasks(w.Tasks)
		changed.Operators, changed.Before = c.operators(w.Operators), c.operators(w.Before)
		if c.Config != nil {
			c.Config(&changed.Config)
		}
		outcome, err := run(c.Name, changed, options, MaxSteps)
		if err != nil {
			return nil, err
		}
		outcomes = append(outcomes, outcome)
	}
	return outcomes, nil
}

// tasks returns the tasks with their policies changed.
func (c *Case) tasks(tasks []workload.Tasks) []workload.Tasks {
	changed := slices.Clone(tasks)
	for i := range changed {
		t := &changed[i]
		if t.Policy == (core.Policy{}) {
			t.Policy = core.DefaultPolicy()
		}
		if c.Policy != nil {
			c.Policy(&t.Policy)
		}
		if t.Supervises != nil {
			below := *t.Supervises
			below.Tasks = c.tasks(below.Tasks)
			t.Supervises = &below
		}
	}
	return changed
}

// operators returns the operators with the policies changed that they give.
func (c *Case) operators(operators []workload.Operator) []workload.Operator {
	changed := slices.Clone(operators)
	for i := range changed {
		o := &changed[i]
		if c.Policy == nil || o.Does != core.EventPolicy && (o.Does != core.EventAdd || o.Policy == (core.Policy{})) {
			continue
		}
		if o.Policy == (core.Policy{}) {
			o.Policy = core.DefaultPolicy()
		}
		c.Policy(&o.Policy)
	}
	return changed
}

// run runs one case. If the world does not limit its steps there may be so many.
func run(name string, w workload.World, options []sim.Option, most uint64) (*Outcome, error) {
	limited := w.MaxSteps != 0
	if !limited {
		w.MaxSteps = most
	}
	outcome := &Outcome{Case: name, Timeline: report.New(name)}
	count := func(path string) []sim.Watcher {
		return []sim.Watcher{&counter{outcome: outcome, top: path == "", origin: w.Origin}}
	}
	options = append(slices.Clone(options),
		sim.Watch(outcome.Timeline.Watchers), sim.WatchOutages(outcome.Timeline.AddOutage), sim.Watch(count))
	result, err := sim.Run(w, options...)
	if err != nil {
		return nil, err
	}
	if result.Violation != nil {
		return nil, result.Violation
	}
	if !limited && result.Steps >= most {
		return nil, &TooManyStepsError{name, result.Steps, result.Elapsed, cmp.Or(w.For, workload.DefaultFor)}
	}
	outcome.Timeline.EndAt(w.Origin + core.Instant(result.Elapsed))
	outcome.measure()
	return outcome, nil
}

// counter counts what a timeline does not show.
type counter struct {
	outcome *Outcome
	top     bool
	origin  core.Instant
}

// Watch implements [sim.Watcher].
func (c *counter) Watch(step *sim.Step) error {
	for i := range step.Actions {
		a := &step.Actions[i]
		switch a.Why {
		case core.ReasonExhausted, core.ReasonNotRestartable:
			c.outcome.Deaths++
		case core.ReasonSibling, core.ReasonDependency:
			if a.Kind == core.ActionStop {
				c.outcome.Along++
			}
		}
		if a.Kind == core.ActionHalt && gaveUp(a.Why) {
			c.outcome.Trips++
		}
		if a.Kind == core.ActionHalt && c.top {
			c.outcome.Halted, c.outcome.HaltedAt = a.Why, core.Duration(a.At-c.origin)
		}
	}
	return nil
}

// gaveUp reports whether a supervisor halted because it had reached its limits.
func gaveUp(why core.Reason) bool {
	return why == core.ReasonTooManyDead || why == core.ReasonIntensity || why == core.ReasonEscalated
}

// measure computes an outcome from a timeline.
func (o *Outcome) measure() {
	t := o.Timeline
	t.Finish()
	o.From, o.To = t.Begin, t.End
	for _, lane := range t.Lanes {
		task := Task{Name: lane.Name}
		for i := range lane.Spans {
			s := &lane.Spans[i]
			if s.Down() {
				task.Down += core.Duration(s.To - s.From)
			}
			if s.Cause != report.CauseNone {
				task.Restarts++
				o.Causes.count(s.Cause)
			}
			if s.To == t.End {
				task.End = s.Status
			}
		}
		o.Restarts += task.Restarts
		o.Down += task.Down
		o.Worst = max(o.Worst, task.Down)
		o.Tasks = append(o.Tasks, task)
	}
	o.rate()
}

// rate counts the restarts in each second, and finds the second with the most restarts, wherever it begins.
func (o *Outcome) rate() {
	const second = core.Instant(1e9)
	const most = 1 << 20 // for longer timelines, a picture by the second makes no sense
	restarts := o.Timeline.Restarts()
	if seconds := int64((o.Timeline.End-o.Timeline.Begin)/second) + 1; seconds <= most {
		o.Rate = make([]int, seconds)
		for _, at := range restarts {
			o.Rate[(at-o.Timeline.Begin)/second]++
		}
	}
	first := 0
	for i, at := range restarts {
		for at-restarts[first] >= second {
			first++
		}
		if n := i - first + 1; n > o.Peak {
			o.Peak, o.PeakAt = n, core.Duration(restarts[first]-o.Timeline.Begin)
		}
	}
}
