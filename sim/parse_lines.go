package sim

import "strconv"

// add adds a workload to the supervisor that the current line is in.
func (p *parser) add(head word, w Workload) {
	into, prefix := p.current()
	p.places = append(p.places, place{prefix + "Workloads[" + strconv.Itoa(len(into.Workloads)) + "].", head})
	into.Workloads = append(into.Workloads, w)
}

func (p *parser) tasks(head word, rest []word) error {
	var t Tasks
	var err error
	if t.Name, rest, err = name(head, rest); err != nil {
		return err
	}
	err = fields(rest, func(key string, value word) (known bool, err error) {
		switch key {
		case "lasts":
			t.Lasts, err = parseLength(value)
		case "ends":
			t.Ends, err = parseEnds(value)
		case "stops":
			t.Stops, err = parseLength(value)
		case "deaf":
			t.Deaf, err = parseFraction(value)
		default:
			return p.setTask(&t, key, value)
		}
		return true, err
	})
	if err != nil {
		return err
	}
	p.add(head, t)
	return nil
}

// setTask sets the fields that tasks and supervisors have in common.
func (p *parser) setTask(t *Tasks, key string, value word) (known bool, err error) {
	switch key {
	case "count":
		t.Count, err = parseCount(value)
	case "later":
		t.Later, err = parseBool(value)
	case "policy":
		t.Policy, err = defined(p.policies, "policy", value)
	case "needs":
		t.Needs = value.text
	case "notice":
		t.Notice, err = parseLength(value)
	case "fails":
		t.Fails, err = parseLength(value)
	case "declares":
		t.Declares, err = parseDeclaration(value)
	default:
		return setSignal(&t.Signals, key, value)
	}
	return true, err
}

// setSignal sets one of the fields about what runs say.
func setSignal(s *Signals, key string, value word) (known bool, err error) {
	switch key {
	case "ready":
		s.Ready, err = parseLength(value)
	case "beats":
		s.Beats, err = parseLength(value)
	case "within":
		s.Within, err = parseLength(value)
	case "answers":
		s.Answers, err = parseLength(value)
	case "unwell":
		s.Unwell, err = parseFraction(value)
	case "hangs":
		s.Hangs, err = parseLength(value)
	default:
		return false, nil
	}
	return true, err
}

func parseDeclaration(value word) (Declaration, error) {
	for declares := range declarations {
		if declares.String() == value.text {
			return declares, nil
		}
	}
	return 0, value.fail("not nothing, need or bound: " + strconv.Quote(value.text))
}

func parseBool(value word) (bool, error) {
	if value.text != "true" && value.text != "false" {
		return false, value.fail("not true or false")
	}
	return value.text == "true", nil
}

func parseCount(value word) (int, error) {
	n, err := parseNumber(value, 24)
	return int(n), err
}

// run adds a run to the script of the tasks above.
func (p *parser) run(head word, rest []word) error {
	into, _ := p.current()
	last := len(into.Workloads) - 1
	var t Tasks
	if last >= 0 {
		t, _ = into.Workloads[last].(Tasks)
	}
	if t.Name == "" || t.Supervises != nil {
		return head.fail("there are no tasks above whose script it could be in")
	}
	var c Course
	err := fields(rest, func(key string, value word) (known bool, err error) {
		switch key {
		case "lasts":
			c.Lasts, err = parseLength(value)
		case "ends":
			c.Ends, err = parseEnd(value)
		case "stops":
			c.Stops, err = parseLength(value)
		default:
			return setSignal(&c.Signals, key, value)
		}
		return true, err
	})
	t.Script = append(t.Script, c)
	into.Workloads[last] = t
	return err
}

func (p *parser) supervisor(head word, rest []word) error {
	t := Tasks{Supervises: &Supervisor{}}
	var err error
	if t.Name, rest, err = name(head, rest); err != nil {
		return err
	}
	err = fields(rest, func(key string, value word) (known bool, err error) {
		return p.setTask(&t, key, value)
	})
	if err != nil {
		return err
	}
	p.add(head, t)
	p.open = append(p.open, t.Supervises)
	p.prefixes = append(p.prefixes, p.places[len(p.places)-1].prefix+"Supervises.")
	p.opened = append(p.opened, head)
	return nil
}

func (p *parser) end(head word, rest []word) error {
	last := len(p.opened) - 1
	if last < 0 {
		return head.fail("there is no supervisor above that could end")
	}
	p.open, p.prefixes, p.opened = p.open[:last+1], p.prefixes[:last+1], p.opened[:last]
	return nothingAfter(head, rest)
}

func (p *parser) outage(head word, rest []word) error {
	var o Outage
	err := fields(rest, func(key string, value word) (known bool, err error) {
		switch key {
		case "of":
			o.Of = value.text
		case "at":
			o.At, err = parseDuration(value)
		case "every":
			o.Every, err = parseLength(value)
		case "lasts":
			o.Lasts, err = parseLength(value)
		case "share":
			o.Share, err = parseFraction(value)
		case "notice":
			o.Notice, err = parseLength(value)
		case "fails":
			o.Fails, err = parseLength(value)
		case "ends":
			o.Ends, err = parseEnds(value)
		default:
			return false, nil
		}
		return true, err
	})
	if err != nil {
		return err
	}
	p.add(head, o)
	return nil
}

func (p *parser) operator(head word, rest []word) error {
	var o Operator
	text, rest, err := name(head, rest)
	if err != nil {
		return err
	}
	for o.Does = 0; o.Does < orders && o.Does.String() != text; o.Does++ {
	}
	if o.Does == orders {
		return head.fail("not an order: " + strconv.Quote(text))
	}
	err = fields(rest, func(key string, value word) (known bool, err error) {
		switch key {
		case "of":
			o.Of = value.text
		case "at":
			o.At, err = parseDuration(value)
		case "every":
			o.Every, err = parseLength(value)
		case "count":
			if o.Count = All; value.text != "all" {
				o.Count, err = parseCount(value)
			}
		case "policy":
			o.Policy, err = defined(p.policies, "policy", value)
		case "limits":
			o.Limits, err = defined(p.limits, "limits", value)
		case "other":
			o.Other = value.text
		case "bound":
			o.Bound, err = parseBool(value)
		default:
			return false, nil
		}
		return true, err
	})
	p.places = append(p.places, place{"Operators[" + strconv.Itoa(len(p.options.Operators)) + "].", head})
	p.options.Operators = append(p.options.Operators, o)
	return err
}

func (p *parser) fault(head word, rest []word) error {
	var f Fault
	text, rest, err := name(head, rest)
	if err != nil {
		return err
	}
	for f.Kind = 0; f.Kind < faultKinds && f.Kind.String() != text; f.Kind++ {
	}
	if f.Kind == faultKinds {
		return head.fail("not a kind of fault: " + strconv.Quote(text))
	}
	err = fields(rest, func(key string, value word) (known bool, err error) {
		switch key {
		case "share":
			f.Share, err = parseFraction(value)
		case "at":
			f.At, err = parseDuration(value)
		case "every":
			f.Every, err = parseLength(value)
		case "by":
			f.By, err = parseLength(value)
		default:
			return false, nil
		}
		return true, err
	})
	p.places = append(p.places, place{"Faults[" + strconv.Itoa(len(p.options.Faults)) + "].", head})
	p.options.Faults = append(p.options.Faults, f)
	return err
}
