package scenario

import (
	"slices"
	"strings"

	"github.com/tasksupervisor/tasksupervisor/core"
)

// indent begins the lines that belong to the event above them.
const indent = "  "

// nothing is the line for an event that gives no action.
const nothing = "nothing"

// The keys of an event's parts.
const (
	partTask      = "task"
	partOther     = "other"
	partWithin    = "within"
	partDelay     = "delay"
	partPolicy    = "policy"
	partLimits    = "limits"
	partKey       = "key"
	partRun       = "run"
	partFenced    = "fenced"
	partExit      = "exit"
	partBound     = "bound"
	partSuspended = "suspended"
	partHeld      = "held"
)

// eventParts returns the keys of all parts of an event, in canonical order.
func eventParts() [13]string {
	return [...]string{
		partTask, partOther, partWithin, partDelay, partPolicy, partLimits, partKey, partRun, partFenced, partExit, partBound, partSuspended, partHeld,
	}
}

// eventWords returns the keys of the parts that an event of this kind writes as words. All others are fields.
func eventWords(kind core.EventKind) (first, second string) {
	switch kind {
	case core.EventRemove, core.EventRestart, core.EventKill, core.EventReady, core.EventUnready, core.EventBeat, core.EventSuspend,
		core.EventResume, core.EventHold, core.EventRelease:
		return partTask, ""
	case core.EventExit, core.EventProbe:
		return partTask, partExit
	case core.EventNeed:
		return partTask, partOther
	case core.EventPolicy:
		return partTask, partPolicy
	case core.EventLimits:
		return partLimits, ""
	case core.EventTick, core.EventStart, core.EventAdd, core.EventShutdown:
	default:
	}
	return "", ""
}

func (e *Event) appendText(b []byte) []byte {
	b = e.appendEvent(b)
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

// appendEvent writes the event without its actions. It also writes the fields that the kind ignores, unless they are
// zero: a reject shows them, and a recording must not lose anything that the machine was given.
func (e *Event) appendEvent(b []byte) []byte {
	b = append(b, "at "...)
	b = appendInstant(b, e.At)
	b = append(b, ' ')
	b = appendEnum(b, e.Kind)
	if e.Kind == core.EventAdd && e.Name != "" {
		b = append(b, ' ')
		b = appendName(b, e.Name)
	}
	first, second := eventWords(e.Kind)
	for _, part := range [...]string{first, second} {
		if part != "" {
			b = e.appendPart(append(b, ' '), part)
		}
	}
	for _, part := range eventParts() {
		if part != first && part != second && e.has(part) {
			b = e.appendPart(appendKey(b, part), part)
		}
	}
	return b
}

// has reports whether a part of the event is not zero.
func (e *Event) has(part string) bool {
	switch part {
	case partTask:
		return e.taskName() != "" || e.Task != 0 || e.Run != 0 && e.Kind != core.EventAdd
	case partOther:
		return e.OtherName != "" || e.Other != 0
	case partWithin:
		return e.Within != 0
	case partDelay:
		return e.Delay != 0
	case partPolicy:
		return e.PolicyName != "" || e.Policy != 0
	case partLimits:
		return e.LimitsName != "" || e.Limits != 0
	case partKey:
		return e.Key != 0
	case partRun:
		return e.Run != 0 && e.Kind == core.EventAdd // of other kinds it is part of the task
	case partFenced:
		return e.Fenced != 0
	case partExit:
		return e.Exit != core.ExitNone
	case partBound:
		return e.Bound
	case partSuspended:
		return e.Suspended
	default: // held
		return e.Held
	}
}

func (e *Event) appendPart(b []byte, part string) []byte {
	switch part {
	case partTask:
		if e.Kind == core.EventAdd {
			return appendTask(b, "", e.Task, 0)
		}
		return appendTask(b, e.Name, e.Task, e.Run)
	case partOther:
		return appendTask(b, e.OtherName, e.Other, 0)
	case partWithin:
		return appendDuration(b, e.Within)
	case partDelay:
		return appendDuration(b, e.Delay)
	case partPolicy:
		return appendNameOrNumber(b, e.PolicyName, uint64(e.Policy))
	case partLimits:
		return appendNameOrNumber(b, e.LimitsName, uint64(e.Limits))
	case partKey:
		return appendUint(b, uint64(e.Key))
	case partRun:
		return appendUint(b, uint64(e.Run))
	case partFenced:
		return appendUint(b, uint64(e.Fenced))
	case partExit:
		return appendEnum(b, e.Exit)
	default: // bound, suspended and held, which are written only if they are true
		return append(b, "true"...)
	}
}

// taskName returns the name of Event.Task. That of an EventAdd is the new task's.
func (e *Event) taskName() string {
	if e.Kind == core.EventAdd {
		return ""
	}
	return e.Name
}

// parseEvent reads what appendEvent writes; the tokens begin after the word "at".
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
	tokens = tokens[2:]
	if e.Kind == core.EventAdd && len(tokens) > 0 && !isField(tokens[0]) {
		if e.Name, err = parseName(tokens[0]); err != nil {
			return nil, err
		}
		tokens = tokens[1:]
	}
	first, second := eventWords(e.Kind)
	for _, part := range [...]string{first, second} {
		if part == "" {
			continue
		}
		if len(tokens) == 0 {
			return nil, end.fail("missing word: "+part, nil)
		}
		if err := p.setEvent(e, field{key: token{text: part}, value: tokens[0]}); err != nil {
			return nil, err
		}
		tokens = tokens[1:]
	}
	parts := eventParts()
	known := slices.DeleteFunc(parts[:], func(part string) bool { return part == first || part == second })
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
	case partTask:
		if e.Kind == core.EventAdd {
			e.Task, err = p.parseNumberedTask(f.value)
			return err
		}
		e.Name, e.Task, e.Run, err = p.parseTask(f.value)
		return err
	case partOther:
		e.OtherName, e.Other, err = p.parseWholeTask(f.value)
		return err
	case partWithin:
		return setDuration(f, &e.Within)
	case partDelay:
		return setDuration(f, &e.Delay)
	case partPolicy:
		e.PolicyName, err = parseNameOrNumber(f.value, &e.Policy, p.policies, "no policy of that name was defined above")
		return err
	case partLimits:
		e.LimitsName, err = parseNameOrNumber(f.value, &e.Limits, p.limits, "no limits of that name were defined above")
		return err
	case partKey:
		return setUint(f, 32, &e.Key)
	case partRun:
		if e.Kind != core.EventAdd {
			return f.key.fail("the run is part of the task, as in task#2", nil)
		}
		return setUint(f, 64, &e.Run)
	case partFenced:
		return setUint(f, 64, &e.Fenced)
	case partExit:
		return setEnum(f, "an exit kind", &e.Exit)
	case partBound:
		return setBool(f, &e.Bound)
	case partSuspended:
		return setBool(f, &e.Suspended)
	default: // held
		return setBool(f, &e.Held)
	}
}

// parseTask parses a task, whose name must have been given to one above.
func (p *parser) parseTask(t token) (name string, id core.TaskID, run core.Run, err error) {
	name, id, run, err = parseTask(t)
	if err == nil && name != "" && !p.tasks[name] {
		err = t.fail("no task of that name is added above", nil)
	}
	return name, id, run, err
}

// parseWholeTask parses a task where a run makes no sense.
func (p *parser) parseWholeTask(t token) (name string, id core.TaskID, err error) {
	name, id, run, err := p.parseTask(t)
	if err == nil && run != 0 {
		err = t.fail("expected a task without a run", nil)
	}
	return name, id, err
}

func (p *parser) parseNumberedTask(t token) (core.TaskID, error) {
	if !strings.HasPrefix(t.text, "@") {
		return 0, t.fail("not a task id: it is written @generation.slot", nil)
	}
	_, id, err := p.parseWholeTask(t)
	return id, err
}
