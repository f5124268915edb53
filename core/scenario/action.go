package scenario

import (
	"strings"

	"github.com/tasksupervisor/tasksupervisor/core"
)

// String returns the action as the format writes it.
func (a *Action) String() string { return string(a.Append(nil)) }

// Append appends the action as the format writes it, without indentation.
func (a *Action) Append(b []byte) []byte { return appendAction(b, a.Name, &a.Action) }

func appendAction(b []byte, name string, a *core.Action) []byte {
	b = appendInstant(b, a.At)
	b = append(b, ' ')
	b = appendEnum(b, a.Kind)
	b = append(b, ' ')
	hasTask := name != "" || a.Task != 0 || a.Run != 0
	if hasTask {
		b = appendTask(b, name, a.Task, a.Run)
		b = append(b, ' ')
	}
	if a.From != core.StatusNone || a.To != core.StatusNone {
		b = appendEnum(b, a.From)
		// Without a task, only its arrow tells a status from one.
		if a.From != a.To || !hasTask {
			b = append(b, "->"...)
			b = appendEnum(b, a.To)
		}
		b = append(b, ' ')
	}
	if a.Kind == core.ActionReject {
		b = appendEnum(b, a.Refusal)
	} else {
		b = appendEnum(b, a.Why)
	}
	b = appendUintField(b, "attempts", uint64(a.Attempts), 0)
	b = appendInstantField(b, "until", a.Until, core.Never)
	b = appendEnumField(b, "exit", a.Exit, core.ExitNone)
	return appendUintField(b, "left-behind", uint64(a.LeftBehind), 0)
}

// parseAction parses what appendAction writes.
func (p *parser) parseAction(tokens []token, end token) (Action, error) {
	a := Action{Action: core.Action{Until: core.Never}}
	words := tokens
	for i, t := range tokens {
		if isField(t) {
			words = tokens[:i]
			break
		}
	}
	if len(words) < 3 {
		return a, end.fail("an action is an instant, a kind, a task, a status and a reason", nil)
	}
	if len(words) > 5 {
		return a, words[5].fail("unexpected word", nil)
	}
	var err error
	if a.At, err = parseInstant(words[0]); err != nil {
		return a, err
	}
	if a.Kind, err = parseEnum[core.ActionKind](words[1], "a kind of action"); err != nil {
		return a, err
	}
	middle := words[2 : len(words)-1]
	if len(middle) == 2 || len(middle) == 1 && !isArrow(middle[0]) {
		if a.Name, a.Task, a.Run, err = p.parseTask(middle[0]); err != nil {
			return a, err
		}
		middle = middle[1:]
	}
	if len(middle) == 1 {
		if a.From, a.To, err = parseStatuses(middle[0]); err != nil {
			return a, err
		}
	}
	last := words[len(words)-1]
	if a.Kind == core.ActionReject {
		a.Refusal, err = parseEnum[core.Refusal](last, "a refusal")
	} else {
		a.Why, err = parseEnum[core.Reason](last, "a reason")
	}
	if err != nil {
		return a, err
	}
	known := []string{"attempts", "until", "exit", "left-behind"}
	return a, parseFields(tokens[len(words):], known, func(f field) error { return setAction(&a.Action, f) })
}

// isArrow reports whether a word is a change of status rather than a task.
func isArrow(t token) bool {
	return !strings.HasPrefix(t.text, `"`) && strings.Contains(t.text, "->")
}

func parseStatuses(t token) (from, to core.Status, err error) {
	arrow := strings.Index(t.text, "->")
	if arrow < 0 {
		from, err = parseEnum[core.Status](t, "a status")
		return from, from, err
	}
	if from, err = parseEnum[core.Status](t.head(arrow), "a status"); err != nil {
		return 0, 0, err
	}
	to, err = parseEnum[core.Status](t.part(arrow+len("->")), "a status")
	return from, to, err
}

func setAction(a *core.Action, f field) error {
	switch f.key.text {
	case "attempts":
		return setUint(f, 32, &a.Attempts)
	case "until":
		return setInstant(f, &a.Until)
	case "exit":
		return setEnum(f, "an exit kind", &a.Exit)
	default: // left
		return setUint(f, 32, &a.LeftBehind)
	}
}
