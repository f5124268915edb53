package supervisor

import (
	"errors"
	"strconv"
	"strings"

	"github.com/tasksupervisor/tasksupervisor/core"
)

// problems are what is wrong with options.
type problems []OptionError

func (p *problems) problem(option, problem string) {
	*p = append(*p, OptionError{Option: option, Problem: problem})
}

// refuseNil reports whether the i-th option of a call is nil, and notes that as a problem.
func (p *problems) refuseNil(i int, option Option) bool {
	if option != nil {
		return false
	}
	p.problem("option "+strconv.Itoa(i+1), "is nil")
	return true
}

// refusal returns what is wrong with the options, and what the state machine found wrong, as a *ConfigError, or nil.
func (p problems) refusal(err error) error {
	if err == nil && len(p) == 0 {
		return nil
	}
	refusal := &ConfigError{Options: p}
	var fields *core.ConfigError
	switch {
	case errors.As(err, &fields):
		for _, field := range fields.Fields {
			option, problem := optionOf(field.Field, field.Problem)
			refusal.Options = append(refusal.Options, OptionError{option, problem})
		}
	case err != nil:
		return err
	}
	return refusal
}

// optionOf says what the state machine says about a field, such as "Policies[2].Probe.Interval", in terms of options.
func optionOf(field, problem string) (option, text string) {
	if _, of, ok := strings.Cut(field, "]."); ok {
		field = of
	}
	switch field {
	case "HealthCheckInterval":
		return "ReferenceCadence", problem
	case "Factor": // WithBackoff never sets it to zero
		return "WithPolicy", field + " " + problem + "; begin with DefaultPolicy"
	case "MaxExponent", "Jitter":
		return "WithBackoff", field + " " + problem
	case "MaxDelay":
		return "WithBackoff", "Max " + strings.Replace(problem, "BaseDelay", "Base", 1)
	}
	option, part, ok := strings.Cut(field, ".")
	if ok {
		problem = part + " " + problem
	}
	return "With" + option, problem
}
