package sim

import (
	"errors"
	"strconv"
	"strings"

	"github.com/tasksupervisor/tasksupervisor/core"
	"github.com/tasksupervisor/tasksupervisor/core/scenario"
)

// Parse reads a description of a simulation. The error is a [*SyntaxError].
//
// A description is text, line by line; blank lines and lines that begin with # are skipped. The first line is
// "workload 1", and then:
//
//	about TEXT                 what it is, to the end of the line
//	seed N | WORD              see [Seed]
//	for DURATION
//	origin DURATION
//	settle
//	steps N
//	config FIELDS              as in a scenario (core/scenario)
//	policy NAME FIELDS         as in a scenario; above the tasks and the operators that have it
//	limits NAME FIELDS         as in a scenario; above the operators that have them
//	tasks NAME FIELDS          count= later= policy= lasts= ends= stops= deaf= needs= notice= fails= declares= SIGNALS
//	run FIELDS                 lasts= ends= stops= SIGNALS; the next run in the script of the tasks above
//	supervisor NAME FIELDS     tasks that are supervisors: count= later= policy= needs= notice= fails= declares= SIGNALS;
//	end                        what follows, up to "end", is below them: config, tasks, outage and supervisor
//	outage FIELDS              of= at= every= lasts= share= notice= fails= ends=
//	operator ORDER FIELDS      of= at= every= count= policy= limits= other= bound=
//	fault KIND FIELDS          share= at= every= by=
//
// SIGNALS are ready= beats= within= answers= unwell= hangs=. The fields mean what the fields of the same name of [Options],
// [Tasks], [Signals], [Outage], [Operator] and [Fault] mean. A length is 5s, endless, uniform(1s,3s), exponential(5s) or
// weibull(5s,3/2), without spaces; ends are ok:1,error:3; a count can be all.
func Parse(text []byte) (Options, error) {
	p := &parser{}
	p.open = []*Supervisor{{}}
	p.prefixes = []string{""}
	if err := p.lines(string(text)); err != nil {
		return Options{}, err
	}
	o := p.options
	o.Config, o.Workloads = p.open[0].Config, p.open[0].Workloads
	if _, err := newPlan(&o); err != nil {
		return Options{}, p.locate(err)
	}
	return o, nil
}

type parser struct {
	options  Options
	policies []named[core.Policy]
	limits   []named[core.Limits]
	open     []*Supervisor // the supervisors that the current line is in, the top one first
	prefixes []string      // of their fields' names
	opened   []word        // where each but the first was opened
	places   []place
	configs  []string // the prefixes of the supervisors that have a config
}

// named is a definition that has a name.
type named[T any] struct {
	name  string
	value T
}

// place tells which line the fields of Options with a prefix come from.
type place struct {
	prefix string
	word   word
}

// locate turns an error about a field of Options into one about a line.
func (p *parser) locate(err error) error {
	var bad *OptionsError
	if !errors.As(err, &bad) {
		return &SyntaxError{Line: 1, Column: 1, Problem: err.Error(), Err: err}
	}
	field := bad.Fields[0]
	best := place{word: word{line: 1, column: 1}}
	for _, at := range p.places {
		if strings.HasPrefix(field.Field, at.prefix) && len(at.prefix) > len(best.prefix) {
			best = at
		}
	}
	return &SyntaxError{
		Line: best.word.line, Column: best.word.column,
		Problem: strings.TrimPrefix(field.Field, best.prefix) + " " + field.Problem, Err: err,
	}
}

func (p *parser) lines(text string) error {
	number, first := 0, true
	for line := range strings.Lines(text) {
		number++
		line = strings.TrimRight(line, "\n")
		all := words(line, number)
		if len(all) == 0 || strings.HasPrefix(all[0].text, "#") {
			continue
		}
		if first {
			if len(all) != 2 || all[0].text != "workload" {
				return all[0].fail("a description begins with: workload 1")
			}
			if all[1].text != "1" {
				return all[1].fail("unknown version of the format: " + strconv.Quote(all[1].text))
			}
			first = false
			continue
		}
		if err := p.line(line, all); err != nil {
			return err
		}
	}
	if first {
		return word{line: number + 1, column: 1}.fail("a description begins with: workload 1")
	}
	if last := len(p.opened) - 1; last >= 0 {
		return p.opened[last].fail("this supervisor has no end")
	}
	return nil
}

func (p *parser) line(line string, all []word) error {
	head, rest := all[0], all[1:]
	switch head.text {
	case "config":
		return p.config(line, head)
	case "tasks":
		return p.tasks(head, rest)
	case "supervisor":
		return p.supervisor(head, rest)
	case "end":
		return p.end(head, rest)
	case "outage":
		return p.outage(head, rest)
	case "run":
		return p.run(head, rest)
	}
	if len(p.opened) > 0 {
		return head.fail("not a line that can stand below a supervisor: " + strconv.Quote(head.text))
	}
	switch head.text {
	case "policy":
		s, err := parseShared(line, head)
		if err != nil {
			return err
		}
		return define(head, &p.policies, s.Policies[0].Name, s.Policies[0].Policy)
	case "limits":
		s, err := parseShared(line, head)
		if err != nil {
			return err
		}
		limits := s.Statements[0].(*scenario.DefineLimits)
		return define(head, &p.limits, limits.Name, limits.Limits)
	case "operator":
		return p.operator(head, rest)
	case "fault":
		return p.fault(head, rest)
	case "about":
		p.options.About = strings.TrimSpace(strings.TrimSpace(line)[len("about"):])
		return nil
	case "settle":
		p.options.Settle = true
		return nothingAfter(head, rest)
	}
	if len(rest) != 1 {
		return head.fail("not a line of a description, or not one word after it: " + strconv.Quote(head.text))
	}
	var err error
	switch value := rest[0]; head.text {
	case "seed":
		p.options.Seed = Seed(value.text)
	case "for":
		p.options.For, err = parseDuration(value)
	case "origin":
		var origin core.Duration
		origin, err = parseDuration(value)
		p.options.Origin = core.Instant(origin)
	case "steps":
		p.options.StepsMax, err = parseNumber(value, 64)
	default:
		err = head.fail("not a line of a description: " + strconv.Quote(head.text))
	}
	return err
}

func nothingAfter(head word, rest []word) error {
	if len(rest) > 0 {
		return rest[0].fail("nothing stands after " + head.text)
	}
	return nil
}

func (p *parser) current() (*Supervisor, string) {
	last := len(p.open) - 1
	return p.open[last], p.prefixes[last]
}

func (p *parser) config(line string, head word) error {
	s, err := parseShared(line, head)
	if err != nil {
		return err
	}
	into, prefix := p.current()
	for _, other := range p.configs {
		if other == prefix {
			return head.fail("a second config")
		}
	}
	p.configs = append(p.configs, prefix)
	into.Config = s.Config
	p.places = append(p.places, place{prefix + "Config.", head})
	return nil
}

// define gives a definition a name, which must be a new one.
func define[T any](head word, all *[]named[T], name string, value T) error {
	for _, other := range *all {
		if other.name == name {
			return head.fail("a second " + head.text + " of that name: " + strconv.Quote(name))
		}
	}
	*all = append(*all, named[T]{name, value})
	return nil
}

// defined finds a definition.
func defined[T any](all []named[T], what string, name word) (value T, err error) {
	for _, known := range all {
		if known.name == name.text {
			return known.value, nil
		}
	}
	return value, name.fail("no " + what + " of that name stands above: " + strconv.Quote(name.text))
}

// name takes the name that follows a line's first word.
func name(head word, rest []word) (string, []word, error) {
	if len(rest) == 0 || strings.Contains(rest[0].text, "=") {
		return "", nil, head.fail("the name is missing after " + head.text)
	}
	return rest[0].text, rest[1:], nil
}
