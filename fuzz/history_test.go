package fuzz

import (
	"bytes"
	"fmt"
	"runtime/debug"
	"testing"

	"github.com/tasksupervisor/tasksupervisor/core"
	"github.com/tasksupervisor/tasksupervisor/core/scenario"
)

// stepsMax keeps one input from taking long, however long it is.
const stepsMax = 300

// history is what a machine was told, to be told again by a finding.
type history struct {
	config core.Config
	limits []core.Limits // defined before anything happened
	steps  []step
}

// step is an event, or the definition of a policy or of limits.
type step struct {
	event  core.Event
	define *core.Policy
	limits *core.Limits
}

// machine returns a new machine, to which nothing has happened yet.
func (h *history) machine() (*core.Machine, error) {
	machine, err := core.New(h.config)
	for _, limits := range h.limits {
		if err == nil {
			_, err = machine.DefineLimits(limits)
		}
	}
	return machine, err
}

func (h *history) event(ev core.Event) { h.steps = append(h.steps, step{event: ev}) }

func (h *history) define(p core.Policy) { h.steps = append(h.steps, step{define: &p}) }

func (h *history) defineLimits(l core.Limits) { h.steps = append(h.steps, step{limits: &l}) }

// scenario returns the history as text, with the decisions of the machine, as far as it comes.
func (h *history) scenario() string {
	var text bytes.Buffer
	h.record(&text)
	return text.String()
}

func (h *history) record(text *bytes.Buffer) {
	defer func() {
		if cause := recover(); cause != nil {
			fmt.Fprintf(text, "# the next event panics: %v\n", cause)
		}
	}()
	machine, err := core.New(h.config)
	if err != nil {
		fmt.Fprintf(text, "# %v\n", err)
		return
	}
	recorder := scenario.NewRecorder(text, machine)
	for _, limits := range h.limits {
		_, _ = recorder.DefineLimits(limits)
	}
	for i, s := range h.steps {
		switch {
		case s.define != nil:
			_, _ = recorder.Define(*s.define)
		case s.limits != nil:
			_, _ = recorder.DefineLimits(*s.limits)
		case s.event.Kind == core.EventAdd:
			recorder.Add(nil, fmt.Sprintf("t%d", i), s.event)
		default:
			recorder.Step(nil, s.event)
		}
	}
}

// report fails the test if the input did, with the scenario of what it did. It is to be deferred.
func report(t *testing.T, err *error, text func() string) {
	if cause := recover(); cause != nil {
		*err = fmt.Errorf("panic: %v\n%s", cause, debug.Stack())
	}
	if *err != nil {
		t.Fatalf("%v\n\n%s", *err, text())
	}
}
