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
	names := map[core.TaskID]string{}
	for _, ev := range c.Events {
		statement := &scenario.Event{Event: ev, Recorded: true, Name: names[ev.Task]}
		if ev.Kind == core.EventAdd {
			statement.Name = ""
			if int(ev.Policy) < len(text.Policies) {
				statement.PolicyName = text.Policies[ev.Policy].Name
			}
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

// GoString tells the size of the case; [Case.Scenario] tells all of it.
func (c Case) GoString() string {
	return fmt.Sprintf("proptest.Case{%d policies, %d events}", len(c.Config.Policies), len(c.Events))
}
