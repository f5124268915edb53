package workload

import (
	"slices"
	"strconv"

	"github.com/tasksupervisor/tasksupervisor/core"
)

// Error lists everything that is wrong with a [World], not just the first problem.
type Error struct {
	Fields []core.FieldError // such as "Tasks[2].Lifetime"
}

// Error lists the fields in one line.
func (e *Error) Error() string {
	text := "invalid simulation"
	separator := ": "
	for i := range e.Fields {
		text += separator + e.Fields[i].Error()
		separator = "; "
	}
	return text
}

// Unwrap returns each bad field's *core.FieldError, for errors.As.
func (e *Error) Unwrap() []error {
	errs := make([]error, len(e.Fields))
	for i := range e.Fields {
		errs[i] = &e.Fields[i]
	}
	return errs
}

// Validate reports everything that is wrong with a world, as an [*Error], or nil.
func (w *World) Validate() error {
	v := validation{groups: map[string]core.Duration{}}
	v.that(w.For >= 0, "For", "is negative")
	top := w.Top()
	v.supervisor("", &top)
	v.references("", &top)
	v.resumption(w)
	for i := range w.Operators {
		v.operator("Operators["+strconv.Itoa(i)+"].", &w.Operators[i], w.Config.HealthCheckInterval)
	}
	for i := range w.Before {
		v.operator("Before["+strconv.Itoa(i)+"].", &w.Before[i], w.Config.HealthCheckInterval)
	}
	for i := range w.Faults {
		field := "Faults[" + strconv.Itoa(i) + "]."
		v.that(w.Faults[i].Kind < FaultKindCount, field+"Kind", "is unknown")
		v.fields(field, w.Faults[i].fields())
	}
	if len(v.bad) > 0 {
		return &Error{v.bad}
	}
	return nil
}

// validation collects what is wrong with a world.
type validation struct {
	bad                 []core.FieldError
	groups              map[string]core.Duration // the health check interval of each group's supervisor
	healthCheckInterval core.Duration            // of the supervisor whose policies are being checked
	line                string                   // what the names of the fields of the line begin with that is being checked, or ""
}

func (v *validation) that(ok bool, field, problem string) {
	if !ok {
		v.bad = append(v.bad, core.FieldError{Field: v.line + field, Problem: problem})
	}
}

// fields checks each field of a line by itself.
func (v *validation) fields(prefix string, fields []field) {
	v.line = prefix // to put names together that no problem needs would be most of the work
	for _, f := range fields {
		f.check(v, f.name)
	}
	v.line = ""
}

func (v *validation) supervisor(prefix string, s *Supervisor) {
	config := s.Config
	config.Policies = nil
	v.config(config, "", prefix+"Config.")
	for i := range s.Tasks {
		v.healthCheckInterval = config.HealthCheckInterval
		v.tasks(prefix+"Tasks["+strconv.Itoa(i)+"].", &s.Tasks[i])
	}
	for i := range s.Outages {
		v.fields(prefix+"Outages["+strconv.Itoa(i)+"].", s.Outages[i].fields())
	}
}

func (v *validation) tasks(field string, t *Tasks) {
	v.that(t.Name != "", field+"Name", "is missing")
	_, taken := v.groups[t.Name]
	v.that(!taken, field+"Name", "is in use: "+strconv.Quote(t.Name))
	v.groups[t.Name] = v.healthCheckInterval
	v.fields(field, t.fields())
	v.signals(field, &t.Signals)
	v.that(t.Declares == DeclareNothing || t.Needs != "", field+"Declares", "has no effect without needs")
	for i := range t.Script {
		at := field + "Script[" + strconv.Itoa(i) + "]."
		v.fields(at, t.Script[i].fields())
		v.signals(at, &t.Script[i].Signals)
		v.sequence(at, t.Script[i].Sequence)
	}
	if t.Supervises != nil {
		v.supervisor(field+"Supervises.", t.Supervises)
	}
}

func (v *validation) signals(field string, s *Signals) {
	v.that(!s.Wavers.IsSet() || !s.Beats.IsSet(), field+"Wavers", "does not go with Beats")
}

func (v *validation) sequence(field string, sequence []Signal) {
	for i, signal := range sequence {
		at := field + "Sequence[" + strconv.Itoa(i) + "]."
		v.that(signal.After >= 0, at+"After", "is negative")
		v.that(signal.Event >= core.EventReady && signal.Event <= core.EventUnready, at+"Event", "is not a signal of a run")
	}
}

// references checks the names of groups that tasks and outages mention, once all groups are known.
func (v *validation) references(prefix string, s *Supervisor) {
	for i := range s.Tasks {
		t, field := &s.Tasks[i], prefix+"Tasks["+strconv.Itoa(i)+"]."
		named := func(other Tasks) bool { return other.Name == t.Needs }
		if t.Needs != "" {
			v.that(slices.ContainsFunc(s.Tasks, named), field+"Needs", "names no group: "+strconv.Quote(t.Needs))
			v.that(t.Needs != t.Name, field+"Needs", "is the group itself")
			v.that(t.Declares == DeclareNothing || slices.ContainsFunc(s.Tasks[:i], named), field+"Needs",
				"is declared and does not stand above: "+strconv.Quote(t.Needs))
		}
		if t.Supervises != nil {
			v.references(field+"Supervises.", t.Supervises)
		}
	}
	for i := range s.Outages {
		v.group(prefix+"Outages["+strconv.Itoa(i)+"].Of", s.Outages[i].Of)
	}
}

func (v *validation) operator(field string, o *Operator, healthCheckInterval core.Duration) {
	v.healthCheckInterval = healthCheckInterval
	if o.Of != "" {
		v.healthCheckInterval = v.groups[o.Of]
	}
	v.that(slices.Contains(Commands(), o.Does), field+"Does", "is not an operator command")
	v.fields(field, o.fields())
	v.group(field+"Of", o.Of)
	v.group(field+"Other", o.Other)
	v.that(o.Of != "" || o.Does != core.EventAdd, field+"Of", "is needed to add tasks")
}

func (v *validation) group(field, name string) {
	_, known := v.groups[name]
	v.that(known || name == "", field, "names no group: "+strconv.Quote(name))
}
