package conformance

import (
	"slices"

	"github.com/tasksupervisor/tasksupervisor/core"
	"github.com/tasksupervisor/tasksupervisor/core/scenario"
)

// live begins a life.
func (c *crooked) live() {
	halted := make(chan struct{})
	c.halted.Store(&halted)
}

// renewed is a task that is given to a new machine, with the events for that.
type renewed struct {
	task   *crookedTask
	events []core.Event
	policy core.Policy
}

// renew gives the tasks to a new machine.
func (c *crooked) renew() error {
	config := c.machine.Machine().Config()
	if c.defect == forgetsLimits {
		config.Limits = c.limits
	}
	machine, err := core.New(config)
	if err != nil {
		return err
	}
	tasks := c.inheritance()
	if c.defect == losesOrder {
		slices.Reverse(tasks)
	}
	c.machine = scenario.NewRecorder(c.recording, machine)
	c.tasks = make(map[core.TaskID]*crookedTask)
	c.live()
	c.renewing = true
	for _, r := range tasks {
		c.give(r)
	}
	c.renewing = false
	return nil
}

// inheritance returns the tasks of the machine that has halted.
func (c *crooked) inheritance() (tasks []*renewed) {
	halted := c.machine.Machine()
	for status := range halted.Tasks() {
		tasks = append(tasks, &renewed{task: c.tasks[status.Task]})
	}
	n := -1
	for ev, policy := range halted.Recreate() {
		if ev.Kind == core.EventAdd {
			n++
			tasks[n].policy = policy
		}
		tasks[n].events = append(tasks[n].events, ev)
	}
	return tasks
}

func (c *crooked) give(r *renewed) {
	for _, ev := range r.events {
		ev.At = c.source.Now()
		switch {
		case ev.Kind == core.EventAdd:
			c.giveTask(r, ev)
			continue
		case c.defect == forgetsKills && ev.Kind == core.EventKill,
			c.defect == forgetsRemovals && ev.Kind == core.EventRemove,
			c.defect == losesNeeds && ev.Kind == core.EventNeed,
			c.defect == losesOrder && ev.Kind == core.EventNeed:
			continue
		}
		ev.Task = r.task.id
		_ = c.step(ev, nil)
	}
}

func (c *crooked) giveTask(r *renewed, ev core.Event) {
	policy := r.policy
	switch c.defect {
	case forgetsPolicies:
		policy = r.task.Policy
	case forgetsSuspensions:
		ev.Suspended = false
	case forgetsHolds:
		ev.Held = false
	case treeForgets:
		ev.Suspended = ev.Suspended && c.nest.says == nil
	case remembersAdds:
		ev.Suspended = ev.Suspended || r.task.Suspended
	case forgetsLeft:
		ev.Run, ev.Fenced = 0, 0
		r.task.live = make(map[core.Run]*crookedRun)
	default:
	}
	if c.defect != remembersEnds {
		r.task.last, r.task.lastRun = Ending{}, 0
	}
	ev.Policy, _ = c.machine.Define(policy)
	_ = c.step(ev, r.task)
}
