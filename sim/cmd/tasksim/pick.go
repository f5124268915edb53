package main

import (
	"errors"
	"flag"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/tasksupervisor/tasksupervisor/core"
	"github.com/tasksupervisor/tasksupervisor/core/scenario"
)

// choice says which of the scenarios of a file are meant.
type choice struct{ which string }

func (p *choice) define(flags *flag.FlagSet) {
	flags.StringVar(&p.which, "scenario", "",
		"of a file with several scenarios, take `which`: a number, the name of\na supervisor, or NAME#RUN; \"tasksim list FILE\" lists them")
}

// picked is a scenario of a file.
type picked struct {
	*scenario.Scenario
	number int    // its place in the file, from 1
	file   string // the file's name
	name   string // the file's name, and which scenario it is if there are several
}

// scenarios reads a file that must hold scenarios, and returns those that are chosen: all, if none was.
func (c *call) scenarios(name string, by choice) ([]picked, error) {
	in, err := c.read(name)
	if err != nil {
		return nil, err
	}
	if in.scenarios == nil {
		return nil, &fileError{file: in.name, line: 1, column: 1, problem: "this is the description of a world, not a scenario"}
	}
	return by.from(in)
}

// scenariosOfSeveral is scenarios for a command that takes several files. A file that is empty among others has none, and is said to
// be; if all are empty, that is an error.
func (c *call) scenariosOfSeveral(name string, by choice) ([]picked, error) {
	all, err := c.scenarios(name, by)
	var problem *fileError
	if !errors.As(err, &problem) || !problem.isEmpty {
		return all, err
	}
	c.empty++
	if c.empty == len(c.operands) {
		return nil, err
	}
	fmt.Fprintf(c.stderr, "%s: notice: there is nothing in this file, and it is left out\n", problem.file)
	return nil, nil
}

// scenario reads a file, and returns the only scenario in it or the one that is chosen.
func (c *call) scenario(name string, by choice) (picked, error) {
	all, err := c.scenarios(name, by)
	if err != nil {
		return picked{}, err
	}
	return only(all)
}

func only(all []picked) (picked, error) {
	if len(all) == 1 {
		return all[0], nil
	}
	var names []string
	for _, p := range all {
		names = append(names, fmt.Sprintf("  %d  %s", p.number, called(&p.Head)))
	}
	const most = 20
	if len(names) > most {
		names = append(names[:most], fmt.Sprintf("  and %d more", len(names)-most))
	}
	return picked{}, usageError(fmt.Sprintf("%s: there are %d scenarios; choose one with -scenario:\n%s\n", all[0].file, len(all), strings.Join(names, "\n")))
}

// from returns the scenarios of a file that are chosen.
func (p choice) from(in *input) ([]picked, error) {
	var all []picked
	for i, s := range in.scenarios.Scenarios {
		one := picked{s, i + 1, in.name, in.name}
		if len(in.scenarios.Scenarios) > 1 {
			one.name = fmt.Sprintf("%s (%d: %s)", in.name, one.number, called(&s.Head))
		}
		if p.takes(&one) {
			all = append(all, one)
		}
	}
	if len(all) == 0 {
		return nil, usageError(fmt.Sprintf("%s has no scenario %q; see: tasksim list %s", in.name, p.which, in.name))
	}
	return all, nil
}

// hasBelow reports whether a file has scenarios of supervisors in the one that a scenario is of.
func (p *picked) hasBelow(in *input) bool {
	return slices.ContainsFunc(in.scenarios.Scenarios, func(s *scenario.Scenario) bool {
		return p.Head.Of != "" && strings.HasPrefix(s.Head.Of, p.Head.Of+"/")
	})
}

// takes reports whether a scenario is chosen.
func (p choice) takes(one *picked) bool {
	if p.which == "" {
		return true
	}
	if number, err := strconv.Atoi(p.which); err == nil {
		return number == one.number
	}
	return p.which == one.Head.Of || p.which == one.Head.Of+"#"+runOf(one.Head.Run)
}

// called is what a scenario is called.
func called(h *scenario.Head) string {
	switch {
	case h.Of == "":
		return "no name"
	case h.Run == 0:
		return h.Of
	}
	return h.Of + "#" + runOf(h.Run)
}

func runOf(run core.Run) string { return strconv.FormatUint(uint64(run), 10) }
