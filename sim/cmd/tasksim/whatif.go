package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"github.com/tasksupervisor/tasksupervisor/core"
	"github.com/tasksupervisor/tasksupervisor/core/scenario"
	"github.com/tasksupervisor/tasksupervisor/sim"
	"github.com/tasksupervisor/tasksupervisor/sim/whatif"
)

func whatIfCommand() command {
	return command{
		name:     "what-if",
		operands: "FILE",
		summary:  "compare what happened with what would have happened under other policies",
		details: "The file is a workload or a recording. Each -case is NAME: FIELDS, where the fields are those of a policy\n" +
			"in a scenario and change the policy of every task, or those of a configuration with \"config.\" before\n" +
			"them. What the file says comes first, unless -only-cases.",
		examples: []string{
			"tasksim what-if -case 'jitter: jitter=1/2' sim/testdata/workloads/database-outage.workload",
			"tasksim what-if -case 'patient: attempts=unlimited config.dead=1/2' -html storm.html incident.scenario",
			"tasksim what-if -case 'jitter: jitter=1/2' -scenario shop/bank shop.recording",
		},
		prepare: func(flags *flag.FlagSet) func(*call) error {
			var w comparison
			flags.Func("case", "compare with `NAME: FIELDS`; can be given many times", func(text string) error {
				one, err := parseCase(text)
				w.cases = append(w.cases, one)
				return err
			})
			flags.BoolVar(&w.onlyCases, "only-cases", false, "leave out what the file says")
			w.by.define(flags)
			flags.StringVar(&w.html, "html", "", "write the comparison to this `file`, as one page with pictures")
			flags.StringVar(&w.json, "json", "", "write the comparison to this `file` for another program, and no table if it is -")
			return w.run
		},
	}
}

// comparison is the arguments of the command what-if.
type comparison struct {
	cases     []whatif.Case
	onlyCases bool
	html      string
	json      string
	by        choice
}

func (w *comparison) run(c *call) error {
	name, err := c.one()
	if err != nil {
		return err
	}
	in, err := c.read(name)
	if err != nil {
		return err
	}
	return w.compare(c, in)
}

// compare compares the cases for what is in a file.
func (w *comparison) compare(c *call, in *input) error {
	cases := w.cases
	if !w.onlyCases {
		cases = append([]whatif.Case{{Name: "as it is"}}, cases...)
	}
	if len(cases) == 0 {
		return usageError("there is no case to compare")
	}
	var under func(cases []whatif.Case) ([]*whatif.Outcome, error)
	nested := false
	heading, until := filepath.Base(in.name), sim.Until(c.ctx.Done())
	if in.scenarios != nil {
		all, err := w.by.from(in)
		if err != nil {
			return err
		}
		one, err := only(all)
		if err != nil {
			return err
		}
		heading, nested = filepath.Base(one.name), one.hasBelow(in)
		under = func(cases []whatif.Case) ([]*whatif.Outcome, error) { return whatif.Replay(one.Scenario, cases, until) }
	} else {
		heading = title(in.workload)
		under = func(cases []whatif.Case) ([]*whatif.Outcome, error) {
			return whatif.Simulate(*in.workload, cases, until)
		}
	}
	var outcomes []*whatif.Outcome
	for i := range cases {
		outcome, err := under(cases[i : i+1])
		if c.ctx.Err() != nil {
			return interruptedAfter(i, len(cases), "cases")
		}
		if err != nil {
			return located(in.name, err)
		}
		if nested {
			outcome[0].Notes = append(outcome[0].Notes, "what goes on in nested supervisors is not replayed: their runs end as they did")
		}
		outcomes = append(outcomes, outcome...)
	}
	if w.json != "-" && w.html != "-" {
		if err := whatif.WriteText(c.stdout, outcomes); err != nil {
			return err
		}
	}
	if err := c.write(w.json, "comparison", func(to io.Writer) error { return whatif.WriteJSON(to, outcomes) }); err != nil {
		return err
	}
	return c.write(w.html, "comparison", func(to io.Writer) error { return whatif.WriteHTML(to, heading, outcomes) })
}

// parseCase reads NAME: FIELDS.
func parseCase(text string) (whatif.Case, error) {
	name, fields, found := strings.Cut(text, ":")
	if !found || strings.TrimSpace(name) == "" {
		return whatif.Case{}, fmt.Errorf("it is not NAME: FIELDS")
	}
	one := whatif.Case{Name: strings.TrimSpace(name)}
	var policy, config []string
	for _, field := range strings.Fields(fields) {
		if after, ok := strings.CutPrefix(field, "config."); ok {
			config = append(config, after)
		} else {
			policy = append(policy, field)
		}
	}
	if len(policy) > 0 {
		s, err := override("policy x", "", policy)
		if err == nil {
			err = checkPolicy(s.Policies[0].Policy)
		}
		if err != nil {
			return one, err
		}
		one.Policy = func(p *core.Policy) {
			s := scenario.Scenario{Policies: []scenario.Policy{{Policy: *p, Name: "x"}}}
			changed, err := override("policy x", s.String(), policy)
			if err == nil {
				*p = changed.Policies[0].Policy
			}
		}
	}
	if len(config) > 0 {
		if _, err := override("config", "", config); err != nil {
			return one, fmt.Errorf("config.%w", err)
		}
		one.Config = func(c *core.Config) {
			s := scenario.Scenario{Config: *c}
			changed, err := override("config", s.String(), config)
			if err == nil {
				*c = changed.Config
			}
		}
	}
	return one, nil
}

// override reads the line that begins with head, with the given fields in place of its own of the same keys.
func override(head, text string, fields []string) (*scenario.Scenario, error) {
	line := head
	for old := range strings.Lines(text) {
		rest, ok := strings.CutPrefix(strings.TrimSpace(old), head)
		if !ok {
			continue
		}
		for _, field := range strings.Fields(rest) {
			if !overridden(field, fields) {
				line += " " + field
			}
		}
	}
	s, err := scenario.Parse([]byte("scenario 1\n" + line + " " + strings.Join(fields, " ") + "\n"))
	if syntax := (*scenario.SyntaxError)(nil); errors.As(err, &syntax) {
		return nil, fmt.Errorf("%s: %s", fieldAt(syntax.Column-len(line)-2, fields), syntax.Problem)
	}
	return s, err
}

// fieldAt returns the field that a byte of their list belongs to.
func fieldAt(byte int, fields []string) string {
	for _, field := range fields {
		if byte <= len(field) {
			return field
		}
		byte -= len(field) + 1
	}
	return strings.Join(fields, " ")
}

// checkPolicy says which value of a policy cannot be.
func checkPolicy(p core.Policy) error {
	_, err := core.New(core.Config{Policies: []core.Policy{p}})
	if invalid := (*core.ConfigError)(nil); errors.As(err, &invalid) {
		return errors.New(strings.ReplaceAll(invalid.Error(), "Policies[0].", ""))
	}
	return err
}

func overridden(field string, by []string) bool {
	key, _, _ := strings.Cut(field, "=")
	for _, other := range by {
		if strings.HasPrefix(other, key+"=") {
			return true
		}
	}
	return false
}
