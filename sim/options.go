package sim

import (
	"io"
	"slices"
	"strconv"
	"time"

	"github.com/tasksupervisor/tasksupervisor/core"
)

// Options is all there is to say about a simulation. The same Options give the same simulation, step by step, in any
// process and on any machine.
type Options struct {
	// About says in one line what is simulated, for reports.
	About string

	// Seed decides every draw. See [Seed] for seeds that are words.
	Seed uint64

	// For is how long the simulation lasts, in virtual time. Zero is one hour.
	For core.Duration

	// Origin is what the supervisor's clock shows at the beginning. Default 0.
	Origin core.Instant

	// Config configures the supervisor at the top. Its Policies are not used: they are the tasks'.
	Config core.Config

	// Workloads, Operators and Faults are what happens. They are independent of each other: each list can be left
	// out or exchanged.
	Workloads []Workload
	Operators []Operator
	Faults    []Fault

	// Settle adds a second phase after For: operators, outages, probes and faults come to an end, every run is ready and
	// well and obeys, suspended tasks are resumed, and all must come to rest within a bound that follows from the policies;
	// then the supervisor is shut down, and must halt within such a bound, too. If it does not, that is a violation.
	Settle bool

	// Unchecked leaves out the invariants' checkers, for speed.
	Unchecked bool

	// Watchers, when it is not nil, returns your own watchers of one supervisor. It is called for each
	// supervisor when it begins, with its path: "" for the one at the top, "pool-1#2" for the second run of task
	// pool-1 of it, "pool-1#2/shard-3#1" below that.
	Watchers func(path string) []Watcher

	// Record, when it is not nil, says where the trace of a supervisor goes, as a scenario. It is called like
	// Watchers; when it returns nil, that supervisor is not recorded.
	Record func(path string) io.Writer

	// StepsMax lets the first phase end early, after so many steps. Zero is no limit.
	StepsMax uint64
}

// Step is one event that a supervisor was given, and what it decided.
type Step struct {
	Path    string        // which supervisor, see Options.Watchers
	Machine *core.Machine // the supervisor after the step; to be looked at only
	Event   core.Event
	Name    string        // for an EventAdd, what the task is called
	Actions []core.Action // valid until Watch returns
}

// Watcher looks at every step of one supervisor. When it returns an error, the simulation ends with a [*Violation].
type Watcher interface {
	Watch(step *Step) error
}

// OptionsError says what is wrong with [Options]: all of it, not just the first find.
type OptionsError struct {
	Fields []core.FieldError // Field is such as "Workloads[2].Lasts"
}

// Error lists the fields in one line.
func (e *OptionsError) Error() string {
	text := "invalid simulation"
	separator := ": "
	for i := range e.Fields {
		text += separator + e.Fields[i].Error()
		separator = "; "
	}
	return text
}

// Unwrap returns each bad field's *core.FieldError, for errors.As.
func (e *OptionsError) Unwrap() []error {
	errs := make([]error, len(e.Fields))
	for i := range e.Fields {
		errs[i] = &e.Fields[i]
	}
	return errs
}

const defaultFor = time.Hour

// validation collects what is wrong with options, and the names of the groups.
type validation struct {
	fields []core.FieldError
	all    []string
}

func (v *validation) that(ok bool, field, problem string) {
	if !ok {
		v.fields = append(v.fields, core.FieldError{Field: field, Problem: problem})
	}
}

func (v *validation) length(field string, l Length) {
	problem := l.problem()
	v.that(problem == "", field, problem)
}

func (v *validation) fraction(field string, f core.Fraction) {
	v.that(f.Den != 0 || f.Num == 0, field, "has denominator 0")
	v.that(f.Den == 0 || f.Num <= f.Den, field, "is above 1")
}

// repeats checks what strikes again and again: it must let time pass in between.
func (v *validation) repeats(field string, l Length) {
	v.length(field, l)
	v.that(l.kind != lengthConstant || l.least > 0, field, "is no time at all")
	v.that(l.kind != lengthUniform || l.most > 0, field, "is no time at all")
}

func (v *validation) group(field, name string, among []string) {
	if name == "" {
		return
	}
	for _, known := range among {
		if known == name {
			return
		}
	}
	v.that(false, field, "names no group: "+strconv.Quote(name))
}

func (o *Options) validate() error {
	var v validation
	v.that(o.For >= 0, "For", "is negative")
	v.workloads("", o.Workloads)
	v.references("", o.Workloads)
	for i, operator := range o.Operators {
		field := "Operators[" + strconv.Itoa(i) + "]."
		v.that(operator.Does < orders, field+"Does", "is unknown")
		v.that(operator.At >= 0, field+"At", "is negative")
		v.that(operator.Count >= All, field+"Count", "is negative")
		v.repeats(field+"Every", operator.Every)
		v.group(field+"Of", operator.Of, v.all)
		v.group(field+"Other", operator.Other, v.all)
		v.that(operator.Of != "" || operator.Does != OrderAdd, field+"Of", "is needed to add tasks")
	}
	for i, fault := range o.Faults {
		field := "Faults[" + strconv.Itoa(i) + "]."
		v.that(fault.Kind < faultKinds, field+"Kind", "is unknown")
		v.fraction(field+"Share", fault.Share)
		v.that(fault.At >= 0, field+"At", "is negative")
		v.repeats(field+"Every", fault.Every)
		v.length(field+"By", fault.By)
	}
	if len(v.fields) > 0 {
		return &OptionsError{v.fields}
	}
	return nil
}

// workloads checks one supervisor's workloads.
func (v *validation) workloads(prefix string, workloads []Workload) {
	for i, workload := range workloads {
		field := prefix + "Workloads[" + strconv.Itoa(i) + "]."
		switch w := workload.(type) {
		case Tasks:
			v.tasks(field, &w)
		case Outage:
			v.that(w.At >= 0, field+"At", "is negative")
			v.repeats(field+"Every", w.Every)
			v.length(field+"Lasts", w.Lasts)
			v.that(w.Lasts.isSet(), field+"Lasts", "is missing")
			v.fraction(field+"Share", w.Share)
			v.length(field+"Notice", w.Notice)
			v.length(field+"Fails", w.Fails)
		default:
			v.that(false, field[:len(field)-1], "is neither Tasks nor Outage")
		}
	}
}

func (v *validation) tasks(field string, t *Tasks) {
	v.that(t.Name != "", field+"Name", "is missing")
	for _, other := range v.all {
		v.that(other != t.Name, field+"Name", "is in use: "+strconv.Quote(t.Name))
	}
	v.all = append(v.all, t.Name)
	v.that(t.Count >= 0, field+"Count", "is negative")
	for i, run := range t.Script {
		at := field + "Script[" + strconv.Itoa(i) + "]."
		v.length(at+"Lasts", run.Lasts)
		v.length(at+"Stops", run.Stops)
		v.that(run.Ends <= core.ExitFatal, at+"Ends", "is not how a run can end")
		v.signals(at, &run.Signals)
		v.told(at, run.Told)
	}
	v.signals(field, &t.Signals)
	v.length(field+"Lasts", t.Lasts)
	v.length(field+"Stops", t.Stops)
	v.fraction(field+"Deaf", t.Deaf)
	v.length(field+"Notice", t.Notice)
	v.length(field+"Fails", t.Fails)
	v.that(t.Declares < declarations, field+"Declares", "is unknown")
	v.that(t.Declares == DeclareNothing || t.Needs != "", field+"Declares", "says something of no need")
	if t.Supervises != nil {
		v.workloads(field+"Supervises.", t.Supervises.Workloads)
	}
}

func (v *validation) signals(field string, s *Signals) {
	v.length(field+"Ready", s.Ready)
	v.repeats(field+"Beats", s.Beats)
	v.length(field+"Within", s.Within)
	v.length(field+"Answers", s.Answers)
	v.fraction(field+"Unwell", s.Unwell)
	v.length(field+"Hangs", s.Hangs)
}

func (v *validation) told(field string, told []Told) {
	for i, said := range told {
		at := field + "Told[" + strconv.Itoa(i) + "]."
		v.that(said.After >= 0, at+"After", "is negative")
		v.that(said.Event >= core.EventReady && said.Event <= core.EventProbe, at+"Event", "is nothing that a run says")
	}
}

// references checks the names of groups that workloads mention, when all groups are known.
func (v *validation) references(prefix string, workloads []Workload) {
	var own []string
	for _, workload := range workloads {
		if t, ok := workload.(Tasks); ok {
			own = append(own, t.Name)
		}
	}
	above := 0
	for i, workload := range workloads {
		field := prefix + "Workloads[" + strconv.Itoa(i) + "]."
		switch w := workload.(type) {
		case Tasks:
			v.group(field+"Needs", w.Needs, own)
			v.that(w.Needs == "" || w.Needs != w.Name, field+"Needs", "is the group itself")
			declared := w.Declares == DeclareNothing || w.Needs == "" || slices.Contains(own[:above], w.Needs)
			v.that(declared, field+"Needs", "is declared and does not stand above: "+strconv.Quote(w.Needs))
			above++
			if w.Supervises != nil {
				v.references(field+"Supervises.", w.Supervises.Workloads)
			}
		case Outage:
			v.group(field+"Of", w.Of, v.all)
		}
	}
}
