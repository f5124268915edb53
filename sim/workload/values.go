package workload

import (
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/tasksupervisor/tasksupervisor/core"
)

// value is what stands behind a key of a line.
type value interface {
	// parse sets it.
	parse(w word, defs *definitions) error

	// text returns what parse reads, or "" if it is the zero value.
	text(defs *definitions) string

	// check reports what is wrong with it, under the name of its field.
	check(v *validation, field string)
}

// name is the name of a group. Whether there is one is checked when all groups are known.
type name string

func (n *name) parse(w word, _ *definitions) error { *n = name(w.text); return nil }
func (n *name) text(*definitions) string           { return string(*n) }
func (n *name) check(*validation, string)          {}

// flag is true or false.
type flag bool

func (f *flag) parse(w word, _ *definitions) error {
	if w.text != "true" && w.text != "false" {
		return w.fail("not true or false")
	}
	*f = w.text == "true"
	return nil
}

func (f *flag) text(*definitions) string {
	if *f {
		return "true"
	}
	return ""
}

func (f *flag) check(*validation, string) {}

// count is how many there are, or all of them where that is possible.
type count struct {
	*int
	canBeAll bool
}

func (c count) parse(w word, _ *definitions) error {
	if c.canBeAll && w.text == "all" {
		*c.int = All
		return nil
	}
	n, err := parseNumber(w, 24)
	*c.int = int(n)
	return err
}

func (c count) text(*definitions) string {
	switch *c.int {
	case 0:
		return ""
	case All:
		return "all"
	}
	return strconv.Itoa(*c.int)
}

func (c count) check(v *validation, field string) {
	v.that(*c.int >= 0 || c.canBeAll && *c.int == All, field, "is negative")
}

// delay is a duration that is not negative.
type delay core.Duration

func (d *delay) parse(w word, _ *definitions) (err error) {
	*(*core.Duration)(d), err = parseDuration(w)
	return err
}

func (d *delay) text(*definitions) string {
	if *d == 0 {
		return ""
	}
	return durationText(core.Duration(*d))
}

func (d *delay) check(v *validation, field string) { v.that(*d >= 0, field, "is negative") }

// fraction is a share or a probability.
type fraction core.Fraction

func (f *fraction) parse(w word, _ *definitions) (err error) {
	*(*core.Fraction)(f), err = parseFraction(w)
	return err
}

func (f *fraction) text(*definitions) string {
	if f.Den == 0 {
		return ""
	}
	return core.Fraction(*f).String()
}

func (f *fraction) check(v *validation, field string) {
	v.that(f.Den != 0 || f.Num == 0, field, "has denominator 0")
	v.that(f.Den == 0 || f.Num <= f.Den, field, "is above 1")
}

func (l *Length) parse(w word, _ *definitions) (err error) {
	*l, err = parseLength(w)
	return err
}

func (l *Length) text(*definitions) string { return l.String() }

func (l *Length) check(v *validation, field string) {
	problem := l.problem()
	v.that(problem == "", field, problem)
}

// interval is the length between two of a kind, which must let time pass.
type interval struct{ *Length }

func (i interval) check(v *validation, field string) {
	i.Length.check(v, field)
	v.that(i.kind != lengthConstant || i.least > 0, field, "is no time at all")
	v.that(i.kind != lengthUniform || i.most > 0, field, "is no time at all")
}

// finite is a length that ends: a restart that never came would be none.
type finite struct{ *Length }

func (f finite) check(v *validation, field string) {
	f.Length.check(v, field)
	v.that(f.kind != lengthEndless, field, "is endless")
}

// required is a length that must be given.
type required struct{ *Length }

func (r required) check(v *validation, field string) {
	r.Length.check(v, field)
	v.that(r.IsSet(), field, "is missing")
}

func (e *Ends) parse(w word, _ *definitions) (err error) {
	*e, err = parseEnds(w)
	return err
}

func (e *Ends) text(*definitions) string  { return e.String() }
func (e *Ends) check(*validation, string) {}

// end is how one run ends.
type end core.ExitKind

func (e *end) parse(w word, _ *definitions) (err error) {
	*(*core.ExitKind)(e), err = parseEnd(w)
	return err
}

func (e *end) text(*definitions) string {
	if core.ExitKind(*e) == core.ExitNone {
		return ""
	}
	return core.ExitKind(*e).String()
}

func (e *end) check(v *validation, field string) {
	kind := core.ExitKind(*e)
	v.that(kind == core.ExitNone || kind.Reported(), field, "is not how a run can end")
}

func (d *Declaration) parse(w word, _ *definitions) error {
	for declares := range declarationCount {
		if declares.String() == w.text {
			*d = declares
			return nil
		}
	}
	return w.fail("not nothing, need or bound: " + strconv.Quote(w.text))
}

func (d *Declaration) text(*definitions) string {
	if *d == DeclareNothing {
		return ""
	}
	return d.String()
}

func (d *Declaration) check(v *validation, field string) {
	v.that(*d < declarationCount, field, "is unknown")
}

// policy is a policy that is defined under a name.
type policy struct{ *core.Policy }

func (p policy) parse(w word, defs *definitions) (err error) {
	*p.Policy, err = find(defs.policies, "policy", w)
	return err
}

func (p policy) text(defs *definitions) string { return nameOf(defs.policies, *p.Policy) }

func (p policy) check(v *validation, field string) {
	if *p.Policy == (core.Policy{}) {
		return
	}
	config := core.Config{HealthCheckInterval: v.healthCheckInterval, Policies: []core.Policy{*p.Policy}}
	v.config(config, "Policies[0]", field)
}

// limits are limits that are defined under a name.
type limits struct{ *core.Limits }

func (l limits) parse(w word, defs *definitions) (err error) {
	*l.Limits, err = find(defs.limits, "limits", w)
	return err
}

func (l limits) text(defs *definitions) string { return nameOf(defs.limits, *l.Limits) }

func (l limits) check(v *validation, field string) {
	v.config(core.Config{Limits: *l.Limits}, "", field+".")
}

// config checks a configuration, with the beginning of its fields' names changed.
func (v *validation) config(config core.Config, from, to string) {
	_, err := core.New(config)
	var bad *core.ConfigError
	if errors.As(err, &bad) {
		for _, f := range bad.Fields {
			v.that(false, to+strings.TrimPrefix(f.Field, from), f.Problem)
		}
	}
}

func parseDuration(w word) (core.Duration, error) {
	if w.text == "forever" {
		return core.Forever, nil
	}
	d, err := time.ParseDuration(w.text)
	if err != nil {
		return 0, w.fail("not a duration such as 1.5s: " + strconv.Quote(w.text))
	}
	return d, nil
}

func durationText(d core.Duration) string {
	if d == core.Forever {
		return "forever"
	}
	return d.String()
}

func parseNumber(w word, bits int) (uint64, error) {
	n, err := strconv.ParseUint(w.text, 10, bits)
	if err != nil {
		return 0, w.fail("not a number of at most " + strconv.Itoa(bits) + " bits: " + strconv.Quote(w.text))
	}
	return n, nil
}

func parseFraction(w word) (core.Fraction, error) {
	slash := strings.IndexByte(w.text, '/')
	if slash < 0 {
		return core.Fraction{}, w.fail("not a fraction such as 1/2: " + strconv.Quote(w.text))
	}
	num, err := parseNumber(word{w.text[:slash], w.line, w.column}, 32)
	if err != nil {
		return core.Fraction{}, err
	}
	den, err := parseNumber(w.part(slash+1), 32)
	if err != nil {
		return core.Fraction{}, err
	}
	return core.Fraction{Num: uint32(num), Den: uint32(den)}, nil
}
