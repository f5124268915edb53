package proptest

import (
	"fmt"

	"github.com/tasksupervisor/tasksupervisor/core"
	"github.com/tasksupervisor/tasksupervisor/core/scenario"
	"github.com/tasksupervisor/tasksupervisor/proptest/oracle"
)

// Scenario returns the case as a scenario that expects what the oracle decides. Its text can be pasted into a test or
// a file: it fails as long as the machine decides anything else.
func (c Case) Scenario() *scenario.Scenario {
	text := &scenario.Scenario{Config: c.Config}
	text.Config.Policies = nil
	for i, p := range c.Config.Policies {
		text.Policies = append(text.Policies, scenario.Policy{Policy: p, Name: fmt.Sprintf("p%d", i)})
	}
	expected := oracle.New(c.Config)
	limits := map[core.LimitsID]string{}
	for i, l := range c.Limits {
		name := fmt.Sprintf("l%d", i+1)
		limits[expected.DefineLimits(l)] = name
		text.Statements = append(text.Statements, &scenario.DefineLimits{Limits: l, Name: name})
	}
	names := map[core.TaskID]string{}
	for _, ev := range c.Events {
		statement := &scenario.Event{Event: ev, Recorded: true, Name: names[ev.Task]}
		switch ev.Kind {
		case core.EventAdd:
			statement.Name = ""
			statement.PolicyName = policyName(text, ev.Policy)
		case core.EventPolicy:
			statement.PolicyName = policyName(text, ev.Policy)
		case core.EventLimits:
			statement.LimitsName = limits[ev.Limits]
		case core.EventNeed:
			statement.OtherName = names[ev.Other]
		default:
		}
		for _, a := range expected.Step(ev) {
			if a.Kind == core.ActionAdd {
				statement.Name = fmt.Sprintf("t%d", a.Task.Generation())
				names[a.Task] = statement.Name
			}
			statement.Actions = append(statement.Actions, scenario.Action{Action: a, Name: names[a.Task]})
		}
		text.Statements = append(text.Statements, statement)
	}
	return text
}

// policyName returns the name of a policy of the scenario, or "" if it has none.
func policyName(text *scenario.Scenario, id core.PolicyID) string {
	if id < core.PolicyID(len(text.Policies)) {
		return text.Policies[id].Name
	}
	return ""
}

// GoString returns the size of the case; [Case.Scenario] returns all of it.
func (c Case) GoString() string {
	return fmt.Sprintf("proptest.Case{%d policies, %d events}", len(c.Config.Policies), len(c.Events))
}
