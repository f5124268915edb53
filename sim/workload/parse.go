package workload

import (
	"errors"
	"slices"
	"strconv"
	"strings"

	"github.com/tasksupervisor/tasksupervisor/core"
	"github.com/tasksupervisor/tasksupervisor/core/scenario"
)

// Parse reads the description of a [World]. The error is a [*SyntaxError].
func Parse(text []byte) (World, error) {
	p := &parser{open: []opened{{supervisor: &Supervisor{}}}}
	if err := p.lines(string(text)); err != nil {
		return World{}, err
	}
	w, top := p.world, p.open[0].supervisor
	w.Config, w.Tasks, w.Outages = top.Config, top.Tasks, top.Outages
	if err := w.Validate(); err != nil {
		return World{}, p.locate(err)
	}
	return w, nil
}

type parser struct {
	definitions
	world  World
	open   []opened // the supervisors that the current line is in, the top one first
	places []place
}

// opened is a supervisor whose end has not been read.
type opened struct {
	supervisor *Supervisor
	prefix     string // of its fields' names
	line       word   // the first word of its line
	configured bool   // its config has been read
}

// place says which line the fields of a World with a prefix come from.
type place struct {
	prefix string
	word   word
}

// locate turns an error about a field of a World into one about a line.
func (p *parser) locate(err error) error {
	var bad *Error
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
		if err := p.line(line, all[0], all[1:]); err != nil {
			return err
		}
	}
	if first {
		return word{line: number + 1, column: 1}.fail("a description begins with: workload 1")
	}
	if len(p.open) > 1 {
		return p.current().line.fail("this supervisor has no end")
	}
	return nil
}

func (p *parser) line(line string, head word, rest []word) error {
	switch head.text {
	case "config":
		return p.config(line, head)
	case "tasks":
		return p.tasks(head, rest, nil)
	case "run":
		return p.run(head, rest)
	case "supervisor":
		return p.tasks(head, rest, &Supervisor{})
	case "end":
		return p.end(head, rest)
	case "outage":
		return p.outage(head, rest)
	}
	if len(p.open) > 1 {
		return head.fail("not a line that can stand below a supervisor: " + strconv.Quote(head.text))
	}
	switch head.text {
	case "policy", "limits":
		return p.define(line, head)
	case "operator":
		return p.operator(head, rest)
	case "fault":
		return p.fault(head, rest)
	case "about":
		p.world.About = strings.TrimSpace(strings.TrimSpace(line)[len("about"):])
		return nil
	case "liveness":
		p.world.Liveness = true
		return nothingAfter(head, rest)
	}
	if len(rest) != 1 {
		return head.fail("not a line of a description, or not one word after it: " + strconv.Quote(head.text))
	}
	return p.single(head, rest[0])
}

// single reads a line of one word and its value.
func (p *parser) single(head, value word) (err error) {
	switch head.text {
	case "seed":
		p.world.Seed = Seed(value.text)
	case "for":
		p.world.For, err = parseDuration(value)
	case "origin":
		var origin core.Duration
		origin, err = parseDuration(value)
		p.world.Origin = core.Instant(origin)
	case "steps":
		p.world.MaxSteps, err = parseNumber(value, 64)
	default:
		err = head.fail("not a line of a description: " + strconv.Quote(head.text))
	}
	return err
}

// define reads a policy or limits.
func (p *parser) define(line string, head word) error {
	s, err := parseShared(line, head)
	if err != nil {
		return err
	}
	if head.text == "policy" {
		return define(head, &p.policies, s.Policies[0].Name, s.Policies[0].Policy)
	}
	limits := s.Statements[0].(*scenario.DefineLimits)
	return define(head, &p.limits, limits.Name, limits.Limits)
}

func (p *parser) config(line string, head word) error {
	s, err := parseShared(line, head)
	if err != nil {
		return err
	}
	into := p.current()
	if into.configured {
		return head.fail("a second config")
	}
	into.supervisor.Config, into.configured = s.Config, true
	p.place(head, "Config.")
	return nil
}

// tasks reads a group of tasks, which are supervisors if supervises is not nil.
func (p *parser) tasks(head word, rest []word, supervises *Supervisor) error {
	t := Tasks{Supervises: supervises}
	name, rest, err := first(head, rest)
	if err != nil {
		return err
	}
	t.Name = name.text
	if err := p.fields(rest, t.fields()); err != nil {
		return err
	}
	into := p.current().supervisor
	prefix := p.place(head, "Tasks["+strconv.Itoa(len(into.Tasks))+"].")
	into.Tasks = append(into.Tasks, t)
	if supervises != nil {
		p.open = append(p.open, opened{supervisor: supervises, prefix: prefix + "Supervises.", line: head})
	}
	return nil
}

// run adds a run to the script of the tasks above.
func (p *parser) run(head word, rest []word) error {
	into := p.current().supervisor
	last := len(into.Tasks) - 1
	if last < 0 || into.Tasks[last].Supervises != nil {
		return head.fail("there are no tasks above whose script it could be in")
	}
	var run RunScript
	err := p.fields(rest, run.fields())
	into.Tasks[last].Script = append(into.Tasks[last].Script, run)
	return err
}

func (p *parser) end(head word, rest []word) error {
	if len(p.open) == 1 {
		return head.fail("there is no supervisor above that could end")
	}
	p.open = p.open[:len(p.open)-1]
	return nothingAfter(head, rest)
}

func (p *parser) outage(head word, rest []word) error {
	var o Outage
	err := p.fields(rest, o.fields())
	into := p.current().supervisor
	p.place(head, "Outages["+strconv.Itoa(len(into.Outages))+"].")
	into.Outages = append(into.Outages, o)
	return err
}

func (p *parser) operator(head word, rest []word) error {
	does, rest, err := first(head, rest)
	if err != nil {
		return err
	}
	var o Operator
	for _, o.Does = range Commands() {
		if o.Does.String() == does.text {
			p.place(head, "Operators["+strconv.Itoa(len(p.world.Operators))+"].")
			err := p.fields(rest, o.fields())
			p.world.Operators = append(p.world.Operators, o)
			return err
		}
	}
	return does.fail("not an operator command: " + strconv.Quote(does.text))
}

func (p *parser) fault(head word, rest []word) error {
	kind, rest, err := first(head, rest)
	if err != nil {
		return err
	}
	var f Fault
	for f.Kind = range FaultKinds() {
		if f.Kind.String() == kind.text {
			p.place(head, "Faults["+strconv.Itoa(len(p.world.Faults))+"].")
			err := p.fields(rest, f.fields())
			p.world.Faults = append(p.world.Faults, f)
			return err
		}
	}
	return kind.fail("not a kind of fault: " + strconv.Quote(kind.text))
}

// fields reads KEY=VALUE words, each key at most once.
func (p *parser) fields(all []word, known []field) error {
	var seen []string
	for _, w := range all {
		equals := strings.IndexByte(w.text, '=')
		if equals < 1 {
			return w.fail("not KEY=VALUE: " + strconv.Quote(w.text))
		}
		key := w.text[:equals]
		if slices.Contains(seen, key) {
			return w.fail("a second " + key)
		}
		seen = append(seen, key)
		i := slices.IndexFunc(known, func(f field) bool { return f.key == key })
		if i < 0 {
			return w.fail("no such field here: " + key)
		}
		if err := known[i].parse(w.part(equals+1), &p.definitions); err != nil {
			return err
		}
	}
	return nil
}

// place keeps which line a part of the current supervisor comes from, and returns the beginning of its fields' names.
func (p *parser) place(head word, part string) (prefix string) {
	prefix = p.current().prefix + part
	p.places = append(p.places, place{prefix, head})
	return prefix
}

// current is the supervisor that the current line is in.
func (p *parser) current() *opened { return &p.open[len(p.open)-1] }

// first takes the name that follows a line's first word.
func first(head word, rest []word) (name word, others []word, err error) {
	if len(rest) == 0 || strings.Contains(rest[0].text, "=") {
		return word{}, nil, head.fail("the name is missing after " + head.text)
	}
	return rest[0], rest[1:], nil
}

func nothingAfter(head word, rest []word) error {
	if len(rest) > 0 {
		return rest[0].fail("nothing stands after " + head.text)
	}
	return nil
}
