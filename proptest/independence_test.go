package proptest

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/tasksupervisor/tasksupervisor/core"
)

// TestD6Independence: adding an unrelated task changes no other task's decisions. Tasks do share the limits of the
// supervisor and its shutdown, so there are none here; nor do tasks depend on each other by their order. They may need
// each other.
func TestD6Independence(t *testing.T) {
	checked := 0
	cases := rapid.Map(CasesOf(independentConfigs()), func(c Case) Case {
		c.Events = slices.DeleteFunc(c.Events, func(ev core.Event) bool {
			return ev.Kind == core.EventShutdown || ev.Kind == core.EventLimits || ev.Exit == core.ExitFatal
		})
		return c
	})
	Check(t, cases, func(c Case, random *rand.Rand) error {
		alone := machine(c)
		company := company{Machine: machine(c), moved: map[core.TaskID]core.TaskID{}}
		for i, ev := range c.Events {
			want := alone.Step(nil, ev)
			var got []core.Action
			for range random.IntN(3) {
				got = append(got, company.stranger(ev.At, len(c.Config.Policies), random)...)
			}
			if len(company.strangers) > 0 {
				checked++
			}
			got = append(got, company.step(ev, want)...)
			if !slices.Equal(want, got) {
				return fmt.Errorf("event %d: %+v, and in the company of other tasks %+v", i, want, got)
			}
		}
		return nil
	})
	checkedAtLeast(t, checked)
}

func independentConfigs() *rapid.Generator[core.Config] {
	return rapid.Map(Configs(), func(cfg core.Config) core.Config {
		cfg.Limits = core.Limits{}
		cfg.Strategy = core.OneForOne
		cfg.MaxTasks = 0
		for i := range cfg.Policies {
			p := &cfg.Policies[i]
			p.OnExhausted = core.ExhaustedDead
			if p.OnAbandon == core.AbandonEscalate {
				p.OnAbandon = core.AbandonWait
			}
		}
		return cfg
	})
}

// company is a machine that has other tasks beside those of a case. Ids of the case are translated.
type company struct {
	*core.Machine
	moved     map[core.TaskID]core.TaskID
	strangers []core.TaskID
	seen      int // strangers ever added
}

// stranger feeds an event about a task that is not in the case, and returns what that led to for the others.
func (c *company) stranger(at core.Instant, policies int, random *rand.Rand) []core.Action {
	ev := core.Event{At: at, Kind: core.EventAdd, Key: random.Uint32(), Policy: core.PolicyID(random.IntN(policies))}
	if c.seen > 0 && random.IntN(4) > 0 {
		ev = core.Event{At: at, Task: c.strangers[random.IntN(len(c.strangers))]}
		kinds := []core.EventKind{
			core.EventExit, core.EventExit, core.EventExit, core.EventReady, core.EventBeat, core.EventProbe, core.EventKill,
			core.EventRestart, core.EventRemove, core.EventSuspend, core.EventResume, core.EventPolicy, core.EventNeed,
		}
		ev.Kind = kinds[random.IntN(len(kinds))]
		status, _ := c.Status(ev.Task)
		ev.Run, ev.Exit = status.Run, core.ExitOK+core.ExitKind(random.IntN(int(core.ExitDone)))
		ev.Policy = core.PolicyID(random.IntN(policies))
		ev.Other, ev.Bound = c.strangers[random.IntN(len(c.strangers))], random.IntN(2) == 0
	}
	actions := c.Step(nil, ev)
	for _, a := range actions {
		if a.Kind == core.ActionAdd {
			c.strangers = append(c.strangers, a.Task)
			c.seen++
		}
	}
	actions = slices.DeleteFunc(actions, func(a core.Action) bool { return a.Kind == core.ActionReject })
	return c.known(actions)
}

// step feeds an event of the case, and returns what it led to here. Alone, it led to the given actions.
func (c *company) step(ev core.Event, alone []core.Action) []core.Action {
	mentioned := ev.Task
	ev.Task, ev.Other = c.here(ev.Task), c.here(ev.Other)
	actions := c.Step(nil, ev)
	if issued, added := addedBy(alone); added {
		if moved, here := addedBy(actions); here {
			c.moved[issued] = moved
		}
	}
	actions = c.known(actions)
	for i := range actions {
		if actions[i].Kind == core.ActionReject {
			actions[i].Task = mentioned
		}
	}
	return actions
}

// here returns the id that a task of the case has here. An id that the case made up must not be that of a stranger.
func (c *company) here(id core.TaskID) core.TaskID {
	if moved, ok := c.moved[id]; ok {
		return moved
	}
	return id | 1<<63
}

// known drops the actions about strangers, and translates the ids of the others back.
func (c *company) known(actions []core.Action) []core.Action {
	actions = slices.DeleteFunc(actions, func(a core.Action) bool { return slices.Contains(c.strangers, a.Task) })
	for i, a := range actions {
		for from, to := range c.moved {
			if to == a.Task {
				actions[i].Task = from
			}
		}
	}
	return actions
}
