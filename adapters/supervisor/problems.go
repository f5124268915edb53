package supervisor

import (
	"errors"
	"math"
	"strconv"
	"strings"
)

// problems are what is wrong with options.
type problems []OptionError

func (p *problems) problem(option, problem string) {
	*p = append(*p, OptionError{Option: option, Problem: problem})
}

func (p *problems) number(option string, n, least int) uint32 {
	if n < least || uint64(n) >= math.MaxUint32 {
		p.problem(option, "is not within "+strconv.Itoa(least)+" and 4294967294")
		return uint32(least)
	}
	return uint32(n)
}

func (p *problems) fraction(option string, x float64) Fraction {
	if !(x >= 0 && x <= 1) { // NaN is neither
		p.problem(option, "is "+strconv.FormatFloat(x, 'g', -1, 64)+", not within 0 and 1")
		return Fraction{}
	}
	return fractionOf(x)
}

// refusal returns what is wrong with the options, and what the state machine found wrong, as a *ConfigError, or nil.
func (p problems) refusal(err error) error {
	refusal := &ConfigError{Options: p}
	switch {
	case errors.As(err, &refusal.Core):
		for _, field := range refusal.Core.Fields {
			option, problem := optionOf(field.Field, field.Problem)
			refusal.Options = append(refusal.Options, OptionError{option, problem})
		}
	case err != nil:
		return err
	case len(p) == 0:
		return nil
	}
	return refusal
}

// optionOf says what the state machine says about a field, such as "Policies[2].Probe.Interval", in terms of options.
func optionOf(field, problem string) (option, text string) {
	if _, of, ok := strings.Cut(field, "]."); ok {
		field = of
	}
	option, part, ok := strings.Cut(field, ".")
	if ok {
		problem = part + " " + problem
	}
	return "With" + option, problem
}
