package proptest

import (
	"slices"

	"github.com/tasksupervisor/tasksupervisor/core"
)

// Minimize returns a smaller case that still fails: no event of it can be left out, and no setting reset, without fails
// returning false. It works on any case, whether drawn, recorded or written by hand; fails must return true for it.
//
// When the event that added a task is left out, so are the events about that task, and the ids of tasks added later are
// adapted.
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
	smaller := Case{Config: c.Config, Limits: c.Limits}
	whole, part := c.oracle(), c.oracle()
	moved := map[core.TaskID]core.TaskID{} // from the id in the whole case to the one in the smaller case; 0: not in it
	for i, ev := range c.Events {
		issued, added := addedBy(whole.Step(ev))
		if i >= start && i < end {
			if added {
				moved[issued] = 0
			}
			continue
		}
		if !follow(&ev.Task, moved) || !follow(&ev.Other, moved) {
			continue
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

// follow replaces the id of a task by its new one. It returns false if the task was left out.
func follow(id *core.TaskID, moved map[core.TaskID]core.TaskID) bool {
	now, known := moved[*id]
	if known {
		*id = now
	}
	return !known || now != 0
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
	for i := len(c.Limits) - 1; i >= 0; i-- {
		candidate := Case{Config: c.Config, Limits: slices.Delete(slices.Clone(c.Limits), i, i+1), Events: c.Events}
		if fails(candidate) {
			c = candidate
		}
	}
	for _, simplify := range simpler(len(c.Config.Policies)) {
		candidate := Case{Config: c.Config, Limits: c.Limits, Events: c.Events}
		candidate.Config.Policies = slices.Clone(c.Config.Policies)
		simplify(&candidate.Config)
		if _, err := core.New(candidate.Config); err == nil && fails(candidate) {
			c = candidate
		}
	}
	return c
}

// simpler lists what makes a configuration with so many policies simpler.
func simpler(policies int) []func(*core.Config) {
	list := []func(*core.Config){
		func(cfg *core.Config) { cfg.Limits = core.Limits{} },
		func(cfg *core.Config) { cfg.Seed = 0 },
		func(cfg *core.Config) { cfg.Strategy = core.OneForOne },
		func(cfg *core.Config) { cfg.DeadThreshold = core.Fraction{} },
		func(cfg *core.Config) { cfg.Intensity = core.Rate{} },
		func(cfg *core.Config) { cfg.RestartRate = core.Rate{} },
		func(cfg *core.Config) { cfg.AutoShutdown = core.AutoShutdownNever },
		func(cfg *core.Config) { cfg.StopOrder = core.StopByStrategy },
		func(cfg *core.Config) { cfg.ShutdownTimeout = 0 },
		func(cfg *core.Config) { cfg.HealthCheckInterval = 0 },
		func(cfg *core.Config) { cfg.MaxTasks = 0 },
	}
	usual := core.DefaultPolicy()
	for i := range policies {
		reset := func(field func(p *core.Policy)) {
			list = append(list, func(cfg *core.Config) { field(&cfg.Policies[i]) })
		}
		reset(func(p *core.Policy) { *p = usual })
		reset(func(p *core.Policy) { p.Jitter = usual.Jitter })
		reset(func(p *core.Policy) { p.Restart = usual.Restart })
		reset(func(p *core.Policy) { p.OnAbandon = usual.OnAbandon })
		reset(func(p *core.Policy) { p.OnExhausted = usual.OnExhausted })
		reset(func(p *core.Policy) { p.Readiness = usual.Readiness })
		reset(func(p *core.Policy) { p.StartTimeout = usual.StartTimeout })
		reset(func(p *core.Policy) { p.Watchdog = 0 })
		reset(func(p *core.Policy) { p.Probe = core.Probe{} })
		reset(func(p *core.Policy) { p.OnMiss = usual.OnMiss })
		reset(func(p *core.Policy) { p.Significant = usual.Significant })
		reset(func(p *core.Policy) { p.StableAfter = usual.StableAfter })
		reset(func(p *core.Policy) { p.MinUptime = 0 })
		reset(func(p *core.Policy) { p.HungStopTimeout = 0 })
		reset(func(p *core.Policy) { p.StopTimeout = usual.StopTimeout })
		reset(func(p *core.Policy) { p.MaxAttempts = usual.MaxAttempts })
		reset(func(p *core.Policy) { p.MaxExponent = usual.MaxExponent })
		reset(func(p *core.Policy) { p.Factor = usual.Factor })
		reset(func(p *core.Policy) { p.MaxDelay = usual.MaxDelay })
		reset(func(p *core.Policy) { p.BaseDelay = usual.BaseDelay })
	}
	return list
}
