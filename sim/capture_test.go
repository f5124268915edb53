package sim_test

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/core"
	"github.com/tasksupervisor/tasksupervisor/sim"
	"github.com/tasksupervisor/tasksupervisor/sim/workload"
)

// capture keeps every step of a simulation, and the names of the tasks of the supervisor at the top.
type capture struct {
	steps []sim.Step
	names map[core.TaskID]string
}

func (c *capture) watchers(string) []sim.Watcher { return []sim.Watcher{c} }

func (c *capture) Watch(step *sim.Step) error {
	kept := *step
	kept.Actions = slices.Clone(step.Actions)
	kept.Machine = nil
	for _, a := range step.Actions {
		if a.Kind == core.ActionAdd && step.Path == "" {
			c.names[a.Task] = step.Name
		}
	}
	c.steps = append(c.steps, kept)
	return nil
}

// simulate runs a simulation that must find nothing wrong, and returns its steps.
func simulate(t *testing.T, w workload.World) (*sim.Result, *capture) {
	t.Helper()
	c := &capture{names: map[core.TaskID]string{}}
	result, err := sim.Run(w, sim.Watch(c.watchers))
	require.NoError(t, err)
	if result.Violation != nil {
		require.NoError(t, result.Violation)
	}
	return result, c
}

// actions returns the actions of a kind, of all supervisors.
func (c *capture) actions(kind core.ActionKind) []core.Action {
	var all []core.Action
	for _, step := range c.steps {
		for _, a := range step.Actions {
			if a.Kind == kind {
				all = append(all, a)
			}
		}
	}
	return all
}

// because returns the actions for a reason.
func (c *capture) because(why core.Reason) []core.Action {
	var all []core.Action
	for _, step := range c.steps {
		for _, a := range step.Actions {
			if a.Why == why {
				all = append(all, a)
			}
		}
	}
	return all
}

// stops returns the stops asked for, for a reason. A stop that has to wait is told of before.
func (c *capture) stops(why core.Reason) []core.Action {
	return slices.DeleteFunc(c.actions(core.ActionStop), func(a core.Action) bool { return a.Why != why })
}

// refused returns the rejections for a refusal.
func (c *capture) refused(refusal core.Refusal) []core.Action {
	return slices.DeleteFunc(c.actions(core.ActionReject), func(a core.Action) bool { return a.Refusal != refusal })
}

// events returns the events of a kind.
func (c *capture) events(kind core.EventKind) []core.Event {
	var all []core.Event
	for _, step := range c.steps {
		if step.Event.Kind == kind {
			all = append(all, step.Event)
		}
	}
	return all
}

// unlimited is a policy whose tasks never die of failing.
func unlimited() core.Policy {
	p := core.DefaultPolicy()
	p.MaxAttempts = core.Unlimited
	return p
}

// at is a time after the beginning.
func at(d time.Duration) core.Instant { return core.Instant(d) }
