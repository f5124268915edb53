package proptest

import (
	"slices"

	"github.com/tasksupervisor/tasksupervisor/core"
	"github.com/tasksupervisor/tasksupervisor/proptest/oracle"
)

// Minimize returns a smaller case that still fails: no event of it can be left out, and no setting reset, without
// fails turning false. It works on any case, be it drawn, recorded or written by hand; fails must be true of it.
//
// When the event that added a task is left out, the events addressed to that task go with it, and those addressed to
// tasks added later follow to the ids that these have then.
func Minimize(c Case, fails func(Case) bool) Case {
	for {
		before := len(c.Events)
		c = withoutEvents(c, fails)
		c = withoutSettings(c, fails)
		if len(c.Events) == before {
			return c
		}
	}
}

// withoutEvents leaves out events: half of them at a time, then a quarter, and so on down to single ones.
func withoutEvents(c Case, fails func(Case) bool) Case {
	for size := (len(c.Events) + 1) / 2; size > 0; size /= 2 {
		for start := 0; start < len(c.Events); {
			candidate := c.without(start, min(start+size, len(c.Events)))
			if fails(candidate) {
				c = candidate
				continue
			}
			start += size
		}
	}
	return c
}

// without returns the case without the events in [start, end) and what referred to tasks these added.
func (c Case) without(start, end int) Case {
	smaller := Case{Config: c.Config}
	whole, part := oracle.New(c.Config), oracle.New(c.Config)
	moved := map[core.TaskID]core.TaskID{} // from the id in the whole case to the one in the smaller case
	for i, ev := range c.Events {
		issued, added := addedBy(whole.Step(ev))
		if i >= start && i < end {
			if added {
				moved[issued] = 0
			}
			continue
		}
		if now, known := moved[ev.Task]; known {
			if now == 0 {
				continue
			}
			ev.Task = now
		}
		smaller.Events = append(smaller.Events, ev)
		if now, again := addedBy(part.Step(ev)); added {
			moved[issued] = 0
			if again {
				moved[issued] = now
			}
		}
	}
	return smaller
}

// addedBy returns the id of the task that a step added.
func addedBy(actions []core.Action) (id core.TaskID, added bool) {
	i := slices.IndexFunc(actions, func(a core.Action) bool { return a.Kind == core.ActionAdd })
	if i < 0 {
		return 0, false
	}
	return actions[i].Task, true
}

// withoutSettings resets settings to what is simplest, one at a time.
func withoutSettings(c Case, fails func(Case) bool) Case {
	simpler := []func(*core.Config){
		func(cfg *core.Config) { cfg.Seed = 0 },
		func(cfg *core.Config) { cfg.DeadThreshold = core.Fraction{} },
		func(cfg *core.Config) { cfg.AutoShutdown = core.AutoShutdownNever },
		func(cfg *core.Config) { cfg.StopOrder = core.StopTogether },
		func(cfg *core.Config) { cfg.ShutdownTimeout = 0 },
		func(cfg *core.Config) { cfg.HealthCheckInterval = 0 },
		func(cfg *core.Config) { cfg.MaxTasks = 0 },
	}
	usual := core.DefaultPolicy()
	for i := range c.Config.Policies {
		simpler = append(simpler,
			func(cfg *core.Config) { cfg.Policies[i] = usual },
			func(cfg *core.Config) { cfg.Policies[i].Jitter = usual.Jitter },
			func(cfg *core.Config) { cfg.Policies[i].Restart = usual.Restart },
			func(cfg *core.Config) { cfg.Policies[i].OnAbandon = usual.OnAbandon },
			func(cfg *core.Config) { cfg.Policies[i].Significant = usual.Significant },
			func(cfg *core.Config) { cfg.Policies[i].StableAfter = usual.StableAfter },
			func(cfg *core.Config) { cfg.Policies[i].StopTimeout = usual.StopTimeout },
			func(cfg *core.Config) { cfg.Policies[i].MaxAttempts = usual.MaxAttempts },
			func(cfg *core.Config) { cfg.Policies[i].MaxExponent = usual.MaxExponent },
			func(cfg *core.Config) { cfg.Policies[i].Factor = usual.Factor },
			func(cfg *core.Config) { cfg.Policies[i].MaxDelay = usual.MaxDelay },
			func(cfg *core.Config) { cfg.Policies[i].BaseDelay = usual.BaseDelay },
		)
	}
	for _, simplify := range simpler {
		candidate := Case{Config: c.Config, Events: c.Events}
		candidate.Config.Policies = slices.Clone(c.Config.Policies)
		simplify(&candidate.Config)
		if _, err := core.New(candidate.Config); err == nil && fails(candidate) {
			c = candidate
		}
	}
	return c
}
