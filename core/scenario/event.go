package scenario

import (
	"strings"

	"github.com/tasksupervisor/tasksupervisor/core"
)

// indent begins the lines that belong to the event above them.
const indent = "  "

// nothing is the line that says that an event gives no action.
const nothing = "nothing"

func (e *Event) appendText(b []byte) []byte {
	b = appendEvent(b, e.Name, e.PolicyName, &e.Event)
	if !e.recorded() {
		return b
	}
	if len(e.Actions) == 0 {
		return append(b, "\n"+indent+nothing...)
	}
	for i := range e.Actions {
		b = append(b, "\n"+indent...)
		b = e.Actions[i].Append(b)
	}
	return b
}

// appendEvent writes an event. Besides what its kind mentions, it writes the fields that are ignored and yet not
// zero: they show in a reject, and nothing the machine was given may get lost.
func appendEvent(b []byte, name, policyName string, ev *core.Event) []byte {
	b = append(b, "at "...)
	b = appendInstant(b, ev.At)
	b = append(b, ' ')
	b = appendEnum(b, ev.Kind)
	switch ev.Kind {
	case core.EventAdd:
		if name != "" {
			b = append(b, ' ')
			b = appendName(b, name)
		}
		b = appendTaskField(b, "", ev)
	case core.EventRemove, core.EventRestart, core.EventKill:
		b = append(b, ' ')
		b = appendTask(b, name, ev.Task, ev.Run)
	case core.EventExit:
		b = append(b, ' ')
		b = appendTask(b, name, ev.Task, ev.Run)
		b = append(b, ' ')
		b = appendEnum(b, ev.Exit)
	case core.EventTick, core.EventStart, core.EventShutdown:
		b = appendTaskField(b, name, ev)
	default:
		b = appendTaskField(b, name, ev)
	}
	if policyName != "" {
		b = appendName(appendKey(b, "policy"), policyName)
	} else {
		b = appendUintField(b, "policy", uint64(ev.Policy), 0)
	}
	b = appendUintField(b, "key", uint64(ev.Key), 0)
	if ev.Kind != core.EventExit {
		b = appendEnumField(b, "exit", ev.Exit, core.ExitNone)
	}
	return b
}

func appendTaskField(b []byte, name string, ev *core.Event) []byte {
	if name == "" && ev.Task == 0 && ev.Run == 0 {
		return b
	}
	return appendTask(appendKey(b, "task"), name, ev.Task, ev.Run)
}

// parseEvent reads what appendEvent writes; the word "at" is not among the tokens any more.
func (p *parser) parseEvent(tokens []token, end token) (*Event, error) {
	if len(tokens) < 2 {
		return nil, end.fail("an event is an instant and a kind", nil)
	}
	e := new(Event)
	var err error
	if e.At, err = parseInstant(tokens[0]); err != nil {
		return nil, err
	}
	if e.Kind, err = parseEnum[core.EventKind](tokens[1], "a kind of event"); err != nil {
		return nil, err
	}
	known := []string{"task", "policy", "key", "exit"}
	tokens = tokens[2:]
	switch e.Kind {
	case core.EventAdd:
		if len(tokens) > 0 && !isField(tokens[0]) {
			if e.Name, err = parseName(tokens[0]); err != nil {
				return nil, err
			}
			tokens = tokens[1:]
		}
	case core.EventRemove, core.EventRestart, core.EventKill, core.EventExit:
		if len(tokens) == 0 {
			return nil, end.fail("the task is missing", nil)
		}
		if e.Name, e.Task, e.Run, err = p.parseTask(tokens[0]); err != nil {
			return nil, err
		}
		known, tokens = known[1:], tokens[1:]
		if e.Kind == core.EventExit {
			if len(tokens) == 0 {
				return nil, end.fail("how the run ended is missing", nil)
			}
			if e.Exit, err = parseEnum[core.ExitKind](tokens[0], "an exit kind"); err != nil {
				return nil, err
			}
			known, tokens = known[:len(known)-1], tokens[1:]
		}
	case core.EventTick, core.EventStart, core.EventShutdown:
	default:
	}
	if err := parseFields(tokens, known, func(f field) error { return p.setEvent(e, f) }); err != nil {
		return nil, err
	}
	if e.Kind == core.EventAdd && e.Name != "" {
		p.tasks[e.Name] = true
	}
	return e, nil
}

func isField(t token) bool {
	_, ok := cutField(t)
	return ok
}

func (p *parser) setEvent(e *Event, f field) (err error) {
	switch f.key.text {
	case "task":
		if e.Kind == core.EventAdd {
			_, e.Task, e.Run, err = p.parseNumberedTask(f.value)
			return err
		}
		e.Name, e.Task, e.Run, err = p.parseTask(f.value)
		return err
	case "policy":
		e.PolicyName, e.Policy, err = p.parsePolicyName(f.value)
		return err
	case "key":
		return setUint(f, 32, &e.Key)
	default: // exit
		return setEnum(f, "an exit kind", &e.Exit)
	}
}

// parseTask reads a task, whose name must have been given to one above.
func (p *parser) parseTask(t token) (name string, id core.TaskID, run core.Run, err error) {
	name, id, run, err = parseTask(t)
	if err == nil && name != "" && !p.tasks[name] {
		err = t.fail("no task of that name was added above", nil)
	}
	return name, id, run, err
}

func (p *parser) parseNumberedTask(t token) (name string, id core.TaskID, run core.Run, err error) {
	if !strings.HasPrefix(t.text, "@") {
		return "", 0, 0, t.fail("not a task id: it is written @generation.slot", nil)
	}
	return parseTask(t)
}

// parsePolicyName reads the name of a policy, which must have been defined above, or its number.
func (p *parser) parsePolicyName(t token) (string, core.PolicyID, error) {
	if t.text != "" && t.text[0] >= '0' && t.text[0] <= '9' {
		number, err := parseUint(t, 16)
		return "", core.PolicyID(number), err
	}
	name, err := parseName(t)
	if err == nil && !p.policies[name] {
		err = t.fail("no policy of that name was defined above", nil)
	}
	return name, 0, err
}
