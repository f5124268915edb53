package scenario

import (
	"encoding/base64"
	"strings"

	"github.com/tasksupervisor/tasksupervisor/core"
)

// Parse reads a scenario. The error is a [*SyntaxError]; it wraps [ErrSeveral] if the text holds several, see [ParseAll].
//
// It accepts fields in any order, defaults spelled out, and any spacing. It does not validate the configuration; creating
// the machine does.
func Parse(text []byte) (*Scenario, error) {
	p := newParser()
	for rest := string(text); rest != ""; {
		var line string
		line, rest, _ = strings.Cut(rest, "\n")
		p.line++
		if err := p.parseLine(line); err != nil {
			return nil, err
		}
	}
	if err := p.finish(); err != nil {
		return nil, err
	}
	return p.scenario, nil
}

// section is a part of the text. Sections come in this order.
type section int

const (
	sectionVersion section = iota
	sectionConfig
	sectionSnapshot
	sectionPolicies
	sectionStatements
)

type parser struct {
	scenario *Scenario
	line     int
	section  section
	above    []string        // blank lines and comments since the last statement
	event    *Event          // the event that indented lines belong to
	snapshot strings.Builder // the snapshot's text so far
	tasks    map[string]bool // the names given to tasks so far
	policies map[string]bool // the names given to policies so far
	limits   map[string]bool // the names given to limits so far
	isCut    bool            // a line of it was cut off
}

func newParser() *parser {
	return &parser{
		scenario: new(Scenario),
		tasks:    map[string]bool{},
		policies: map[string]bool{},
		limits:   map[string]bool{},
	}
}

func (p *parser) parseLine(line string) error {
	trimmed := strings.TrimRight(line, " \t\r")
	content := strings.TrimLeft(trimmed, " \t\r")
	if p.section != sectionVersion && (content == "" || content[0] == '#') {
		p.above = append(p.above, content)
		return nil
	}
	tokens, end, err := split(trimmed, p.line)
	if err != nil {
		return err
	}
	switch {
	case p.section == sectionVersion:
		return p.parseVersion(line, tokens, end)
	case tokens[0].column > 1:
		return p.parseIndented(tokens, end)
	}
	switch tokens[0].text {
	case wordScenario:
		return tokens[0].fail("another scenario begins, and only one can be read here", ErrSeveral)
	case wordContinue:
		return p.parseContinue(tokens)
	case "config":
		return p.parseConfig(tokens)
	case "snapshot":
		return p.parseSnapshot(tokens)
	case "policy":
		return p.parsePolicy(tokens, end)
	default:
		return p.parseStatement(tokens, end)
	}
}

// take returns the place of the statement that begins on the current line.
func (p *parser) take() Place {
	place := Place{Line: p.line, Above: p.above}
	p.above = nil
	return place
}

// enter moves on to a section. No line may go back to an earlier one.
func (p *parser) enter(to section, at token) error {
	if p.section > to {
		return at.fail("out of order: config or snapshot come first, then policies, then the statements", nil)
	}
	p.section = to
	return nil
}

func (p *parser) parseVersion(line string, tokens []token, end token) error {
	begin := token{line, p.line, 1}
	switch {
	case len(tokens) == 0 || tokens[0].text != wordScenario || tokens[0].column != 1:
		return begin.fail("the first line must be: scenario "+itoa(Version), nil)
	case len(tokens) == 1:
		return end.fail("the version is missing", nil)
	case tokens[1].text != itoa(Version):
		return tokens[1].fail("unknown version of the format; the only known one is "+itoa(Version), ErrVersion)
	}
	p.section = sectionConfig
	var err error
	p.scenario.Head, err = parseHead(tokens[2:])
	return err
}

func (p *parser) parseContinue(tokens []token) error {
	head, err := parseHead(tokens[1:])
	switch {
	case err != nil:
		return err
	case head.Part != p.scenario.Head.Part:
		return tokens[0].fail("another scenario continues, and only one can be read here", ErrSeveral)
	}
	p.scenario.Head.complete(head)
	p.event = nil // its actions had to follow directly
	return nil
}

func (p *parser) parseConfig(tokens []token) error {
	if err := p.enter(sectionConfig, tokens[0]); err != nil {
		return err
	}
	p.section = sectionPolicies
	p.scenario.Above = p.take().Above
	var err error
	p.scenario.Config, err = parseConfig(tokens[1:])
	return err
}

func (p *parser) parseSnapshot(tokens []token) error {
	if err := p.enter(sectionConfig, tokens[0]); err != nil {
		return err
	}
	if len(tokens) > 1 {
		return tokens[1].fail("unexpected word", nil)
	}
	p.section = sectionSnapshot
	p.scenario.Above = p.take().Above
	return nil
}

// finishSnapshot decodes what parseIndented collected.
func (p *parser) finishSnapshot() error {
	if p.section != sectionSnapshot {
		return nil
	}
	p.section = sectionStatements
	here := token{line: p.line, column: 1}
	data, err := base64.StdEncoding.Strict().DecodeString(p.snapshot.String())
	if err != nil {
		return here.fail("the snapshot above is not base64", err)
	}
	if len(data) == 0 {
		return here.fail("the snapshot above is empty", nil)
	}
	p.scenario.Snapshot = data
	return nil
}

func (p *parser) parsePolicy(tokens []token, end token) error {
	if err := p.finishSnapshot(); err != nil {
		return err
	}
	if err := p.enter(sectionPolicies, tokens[0]); err != nil {
		return err
	}
	name, policy, err := parsePolicy(tokens[1:], end)
	if err != nil {
		return err
	}
	if p.policies[name] {
		return tokens[1].fail("a policy of that name is defined above", nil)
	}
	p.policies[name] = true
	p.scenario.Policies = append(p.scenario.Policies, Policy{Place: p.take(), Policy: policy, Name: name})
	return nil
}

func (p *parser) parseStatement(tokens []token, end token) error {
	if err := p.finishSnapshot(); err != nil {
		return err
	}
	p.section = sectionStatements
	p.event = nil
	place := p.take()
	var statement Statement
	switch tokens[0].text {
	case "at":
		event, err := p.parseEvent(tokens[1:], end)
		if err != nil {
			return err
		}
		p.event, statement = event, event
	case "define":
		name, policy, err := parsePolicy(tokens[1:], end)
		if err != nil {
			return err
		}
		p.policies[name] = true
		statement = &Define{Policy{Policy: policy, Name: name}}
	case "limits":
		name, limits, err := parseLimits(tokens[1:], end)
		if err != nil {
			return err
		}
		p.limits[name] = true
		statement = &DefineLimits{Limits: limits, Name: name}
	case "task":
		bind, err := p.parseBind(tokens[1:], end)
		if err != nil {
			return err
		}
		statement = bind
	case "expect":
		expect, err := p.parseExpect(tokens[1:], end)
		if err != nil {
			return err
		}
		statement = expect
	default:
		return tokens[0].fail("a line must begin with at, define, limits, task, expect, config, policy or snapshot", nil)
	}
	*statement.place() = place
	p.scenario.Statements = append(p.scenario.Statements, statement)
	return nil
}

func (p *parser) parseBind(tokens []token, end token) (*Bind, error) {
	if len(tokens) < 2 {
		return nil, end.fail("a task's name and id are missing", nil)
	}
	if len(tokens) > 2 {
		return nil, tokens[2].fail("unexpected word", nil)
	}
	name, err := parseName(tokens[0])
	if err != nil {
		return nil, err
	}
	id, err := parseTaskID(tokens[1])
	if err != nil {
		return nil, err
	}
	p.tasks[name] = true
	return &Bind{Name: name, Task: id}, nil
}

// parseIndented reads a line that belongs to the one above it.
func (p *parser) parseIndented(tokens []token, end token) error {
	switch {
	case p.section == sectionSnapshot:
		if len(p.above) > 0 || len(tokens) > 1 {
			return tokens[0].fail("a snapshot line must be one word, and nothing may stand between the lines", nil)
		}
		p.snapshot.WriteString(tokens[0].text)
		return nil
	case p.event == nil:
		return tokens[0].fail("an indented line must follow an event", nil)
	case len(p.above) > 0:
		return tokens[0].fail("an event's actions must follow it directly, with no blank line or comment between", nil)
	case tokens[0].text == nothing:
		if p.event.recorded() || len(tokens) > 1 {
			return tokens[0].fail("\"nothing\" must be the only word and the only action", nil)
		}
		p.event.Recorded = true
		return nil
	case p.event.Recorded && len(p.event.Actions) == 0:
		return tokens[0].fail("no action can follow \"nothing\"", nil)
	}
	action, err := p.parseAction(tokens, end)
	if err != nil {
		return err
	}
	p.event.Recorded = true
	p.event.Actions = append(p.event.Actions, action)
	return nil
}

// cut takes back the event that a line belongs to which was cut off.
func (p *parser) cut(line string) {
	p.isCut = true
	if p.event != nil && isSpace(line[0]) {
		p.scenario.Statements = p.scenario.Statements[:len(p.scenario.Statements)-1]
		p.event = nil
	}
}

// isUnfinished reports whether the scenario is part of a recording that ends in its snapshot.
func (p *parser) isUnfinished() bool {
	if p.scenario.Head.Part == 0 || p.section != sectionSnapshot {
		return false
	}
	data, err := base64.StdEncoding.Strict().DecodeString(p.snapshot.String())
	return err != nil || new(core.Machine).UnmarshalBinary(data) != nil
}

func (p *parser) finish() error {
	if p.section == sectionVersion {
		return token{line: 1, column: 1}.fail("the first line must be: scenario "+itoa(Version), nil)
	}
	if err := p.finishSnapshot(); err != nil {
		return err
	}
	p.scenario.Below = p.above
	return nil
}
