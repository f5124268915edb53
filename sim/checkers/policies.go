package checkers

import "github.com/tasksupervisor/tasksupervisor/core"

// policies keeps the policy of every task, which it has from the event that adds it or gives it another.
type policies struct{ tasks perTask[core.Policy] }

func (p *policies) begin(m *core.Machine) {
	p.tasks.reset()
	for s := range m.Tasks() {
		*p.tasks.of(s.Task), _ = m.Policy(s.Policy)
	}
}

// decided takes note of an action that is not a rejection.
func (p *policies) decided(m *core.Machine, ev core.Event, a core.Action) {
	given := a.Why == core.ReasonPolicy && ev.Kind == core.EventPolicy && a.Task == ev.Task
	if a.Kind == core.ActionAdd || given {
		*p.tasks.of(a.Task), _ = m.Policy(ev.Policy)
	}
}

func (p *policies) of(id core.TaskID) *core.Policy { return p.tasks.of(id) }
