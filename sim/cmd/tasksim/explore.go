package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/tasksupervisor/tasksupervisor/core"
	"github.com/tasksupervisor/tasksupervisor/core/scenario"
	"github.com/tasksupervisor/tasksupervisor/sim/checkers"
	"github.com/tasksupervisor/tasksupervisor/sim/explore"
)

func exploreCommand() command {
	return command{
		name:     "explore",
		operands: "[FILE]",
		summary:  "try every event in every state of a small supervisor",
		details: "The model is the configuration, the policies and the limits of a scenario; what happens in it is ignored.\n" +
			"Without a file, the models that come with the explorer are explored. A violation is printed as a scenario,\n" +
			"the shortest there is.\n\n" +
			"-instants says when events are tried, seen from a state: at once and exactly at the boundaries (at), also one\n" +
			"nanosecond before and after each (around), or at any nanosecond (all). With durations of seconds only the\n" +
			"first finishes; give a model durations of a few nanoseconds for the others.",
		examples: []string{
			"tasksim explore -model two",
			"tasksim explore -tasks 2 -instants around policy.scenario",
			"tasksim explore -large -progress 10s",
		},
		prepare: prepareExplore,
	}
}

func prepareExplore(flags *flag.FlagSet) func(*call) error {
	var e exploration
	flags.IntVar(&e.tasks, "tasks", 2, "with a FILE, the most tasks at a time")
	flags.StringVar(&e.instants, "instants", "at", "with a FILE, when events are tried: at, around or all")
	flags.StringVar(&e.only, "model", "", "without a FILE, explore only the `model` of this name")
	flags.BoolVar(&e.large, "large", false, "without a FILE, explore the large models, which takes minutes")
	flags.IntVar(&e.options.MaxStates, "states", 10_000_000, "give up beyond this `number` of states")
	flags.BoolVar(&e.options.NoSymmetry, "no-symmetry", false, "do not treat tasks in the same state as interchangeable")
	flags.BoolVar(&e.quick, "quick", false, "leave out the invariants of the checkers, and audit every state instead of every transition")
	flags.BoolVar(&e.traces, "traces", false, "check the invariants over the whole trace to every state, which takes long")
	flags.StringVar(&e.table, "table", "", "write a table of all transitions that occur to this `file`")
	flags.StringVar(&e.record, "record", "", "also write the scenario of a violation to this `file`")
	flags.DurationVar(&e.every, "progress", 2*time.Second, "print a line at least every `duration`; 0 prints none. Without this flag, lines\nare only printed to a terminal")
	e.by.define(flags)
	return func(c *call) error {
		e.shown = isTerminal(c.stderr)
		flags.Visit(func(f *flag.Flag) { e.shown = e.shown || f.Name == "progress" })
		return e.run(c)
	}
}

// exploration is the arguments of the command explore, and what it has found.
type exploration struct {
	tasks          int
	instants, only string
	quick, traces  bool
	large          bool
	table, record  string
	by             choice
	every          time.Duration
	shown          bool // progress is shown
	options        explore.Options

	suite *checkers.Suite
	found explore.Table
}

func (e *exploration) run(c *call) error {
	models, err := e.models(c)
	if err != nil {
		return err
	}
	e.prepare(c)
	fmt.Fprintf(c.stdout, "%-18s %9s %9s %12s %6s %9s\n", "model", "symmetric", "states", "transitions", "depth", "per second")
	for i, model := range models {
		err := e.explore(c, model)
		if errors.Is(err, errInterrupted) {
			return fmt.Errorf("%w; the last line is of a part of it", interruptedAfter(i, len(models), "models"))
		}
		if err != nil {
			return err
		}
	}
	return c.write(e.table, "table", func(w io.Writer) error {
		_, err := io.WriteString(w, e.found.String())
		return err
	})
}

// models returns what there is to explore.
func (e *exploration) models(c *call) ([]explore.NamedModel, error) {
	if len(c.operands) > 0 {
		file, err := c.one()
		if err != nil {
			return nil, err
		}
		model, err := e.modelOf(c, file)
		return []explore.NamedModel{model}, err
	}
	models := explore.Models()
	if e.large {
		models = explore.LargeModels()
	}
	if e.only == "" {
		return models, nil
	}
	var names []string
	for _, model := range models {
		if model.Name == e.only {
			return []explore.NamedModel{model}, nil
		}
		names = append(names, model.Name)
	}
	return nil, usageError(fmt.Sprintf("there is no model %q; there are %s", e.only, strings.Join(names, ", ")))
}

// modelOf makes a model of the beginning of a scenario.
func (e *exploration) modelOf(c *call, file string) (explore.NamedModel, error) {
	instants, err := parseInstants(e.instants)
	if err != nil {
		return explore.NamedModel{}, err
	}
	s, err := c.scenario(file, e.by)
	if err != nil {
		return explore.NamedModel{}, err
	}
	machine, err := s.Machine()
	if err != nil {
		return explore.NamedModel{}, located(s.file, err)
	}
	return explore.NamedModel{
		Name:  s.name,
		Model: explore.Model{Config: machine.Config(), Limits: limitsOf(s.Scenario), Tasks: e.tasks, Instants: instants},
	}, nil
}

// limitsOf returns the limits that a scenario defines.
func limitsOf(s *scenario.Scenario) []core.Limits {
	var limits []core.Limits
	for _, statement := range s.Statements {
		if definition, ok := statement.(*scenario.DefineLimits); ok {
			limits = append(limits, definition.Limits)
		}
	}
	return limits
}

func parseInstants(name string) (explore.Instants, error) {
	for _, instants := range []explore.Instants{explore.InstantsAt, explore.InstantsAround, explore.InstantsAll} {
		if instants.String() == name {
			return instants, nil
		}
	}
	return 0, usageError(fmt.Sprintf("-instants is %q: it must be at, around or all", name))
}

// prepare fills in the options.
func (e *exploration) prepare(c *call) {
	e.options.Done, e.options.Thorough = c.ctx.Done(), !e.quick
	e.suite = checkers.NewSuite(append(checkers.All(), checkers.Audits(1)...)...)
	switch {
	case e.traces:
		e.options.Invariants = []explore.Invariant{explore.Traces(e.suite)}
	case !e.quick:
		e.options.Invariants = []explore.Invariant{explore.Checkers(e.suite)}
	}
	if e.table != "" {
		e.options.Observe = e.found.Observe
	}
}

// explore explores one model and prints what it found.
func (e *exploration) explore(c *call, model explore.NamedModel) error {
	begin := time.Now()
	e.options.Progress = nil
	if e.shown && e.every > 0 {
		e.options.Progress = e.progress(c.stderr, model.Name, begin)
	}
	result, err := explore.Run(model.Model, e.options)
	if err != nil {
		return located(model.Name, err) // only the model of a file can be wrong
	}
	rate := float64(result.Transitions) / time.Since(begin).Seconds()
	fmt.Fprintf(c.stdout, "%-18s %9v %9d %12d %6d %8.2fM\n",
		model.Name, result.Symmetric, result.States, result.Transitions, result.Depth, rate/1e6)
	if result.Violation != nil {
		return e.violated(c, result.Violation)
	}
	if err := c.ctx.Err(); err != nil {
		return errInterrupted
	}
	if !result.Complete {
		fmt.Fprintf(c.stdout, "gave up after %d states: there are more\n", result.States)
	}
	return nil
}

// progress returns a function that prints how far the exploration of a model is, but not too often.
func (e *exploration) progress(w io.Writer, model string, begin time.Time) func(explore.Progress) {
	next := begin.Add(e.every)
	return func(p explore.Progress) {
		now := time.Now()
		if now.Before(next) {
			return
		}
		next = now.Add(e.every)
		fmt.Fprintf(w, "%s: %d states, %d of them waiting to be explored, %d transitions, depth %d, after %v\n",
			model, p.States, p.Waiting, p.Transitions, p.Depth, now.Sub(begin).Round(time.Millisecond))
	}
}

// isTerminal reports whether what is written there is likely to be read by a person.
func isTerminal(w io.Writer) bool {
	file, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := file.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

func (e *exploration) violated(c *call, violation *explore.Violation) error {
	fmt.Fprintf(c.stdout, "\n%v\n", violation.Scenario)
	err := c.write(e.record, "violation", func(w io.Writer) error {
		_, err := w.Write(violation.Scenario.Append(nil))
		return err
	})
	if err != nil {
		return err
	}
	return errViolation
}
