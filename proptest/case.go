package proptest

import (
	"pgregory.net/rapid"

	"github.com/tasksupervisor/tasksupervisor/core"
	"github.com/tasksupervisor/tasksupervisor/proptest/oracle"
)

// Case is one test case: a configuration and what happens under it.
type Case struct {
	Config core.Config
	Limits []core.Limits // other limits that an EventLimits can put in force: they are defined before the first event
	Events []core.Event
}

// Machine returns a new machine for the case. The limits are defined, and nothing has happened yet.
func (c Case) Machine() (*core.Machine, error) {
	m, err := core.New(c.Config)
	if err != nil {
		return nil, err
	}
	for _, limits := range c.Limits {
		if _, err := m.DefineLimits(limits); err != nil {
			return nil, err
		}
	}
	return m, nil
}

// oracle returns a new oracle for the case.
func (c Case) oracle() *oracle.Oracle {
	o := oracle.New(c.Config)
	for _, limits := range c.Limits {
		o.DefineLimits(limits)
	}
	return o
}

// Cases returns a generator of cases: a configuration of [Configs], and events of a mix of [Mixes] under it. Most also
// have a theme, which leads to states that are rare otherwise; see themes.
func Cases() *rapid.Generator[Case] {
	return rapid.Custom(func(t *rapid.T) Case {
		cfg := Configs().Draw(t, "config")
		mix := Mixes().Draw(t, "mix")
		if theme := evenly(t, len(themes)+4, "theme"); theme < len(themes) {
			themes[theme](t, &cfg, &mix)
		}
		return drawCase(t, cfg, mix)
	})
}

// CasesOf returns a generator of cases under configurations of your choice, which must be valid.
func CasesOf(configs *rapid.Generator[core.Config]) *rapid.Generator[Case] {
	return rapid.Custom(func(t *rapid.T) Case {
		cfg := configs.Draw(t, "config")
		return drawCase(t, cfg, Mixes().Draw(t, "mix"))
	})
}

// drawCase draws the limits that can be put in force, and what happens.
func drawCase(t *rapid.T, cfg core.Config, mix Mix) Case {
	c := Case{Config: cfg}
	if mix.Change > 0 {
		c.Limits = rapid.SliceOfN(Limits(), 0, 3).Draw(t, "limits")
	}
	c.Events = c.events(mix).Draw(t, "events")
	return c
}

// Events returns a generator of event sequences under one configuration, which must be valid. Their length follows
// the flag -rapid.steps.
//
// Every event is drawn with an eye to the ones before it: most concern tasks and runs that exist, at instants at which
// something is due; some do not. The oracle keeps track of the state, so that a defect of the machine under test cannot
// lead the generator astray.
func Events(cfg core.Config, mix Mix) *rapid.Generator[[]core.Event] {
	return Case{Config: cfg}.events(mix)
}

func (c Case) events(mix Mix) *rapid.Generator[[]core.Event] {
	return rapid.Custom(func(t *rapid.T) []core.Event {
		world := newWorld(c, mix)
		world.crowd(t)
		t.Repeat(map[string]func(*rapid.T){"event": world.next})
		return world.events
	})
}
