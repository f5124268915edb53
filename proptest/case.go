package proptest

import (
	"pgregory.net/rapid"

	"github.com/tasksupervisor/tasksupervisor/core"
	"github.com/tasksupervisor/tasksupervisor/proptest/oracle"
)

// Case is one test case: a configuration and what happens under it.
type Case struct {
	Config core.Config
	Events []core.Event
}

// Cases returns a generator of cases: a configuration of [Configs], and events of a mix of [Mixes] under it. Half of
// them have a theme besides, which leads to states that are rare otherwise: supervisors that take long to halt, tasks
// whose runs are replaced while they live, and crowds of tasks that wait for their restarts.
func Cases() *rapid.Generator[Case] {
	return rapid.Custom(func(t *rapid.T) Case {
		cfg := Configs().Draw(t, "config")
		mix := Mixes().Draw(t, "mix")
		switch evenly(t, 6, "theme") {
		case 3:
			haltSlowly(&cfg, &mix)
		case 4:
			replaceOften(&cfg, &mix)
		case 5:
			crowd(&cfg, &mix)
		}
		return Case{Config: cfg, Events: Events(cfg, mix).Draw(t, "events")}
	})
}

// haltSlowly makes a shutdown likely and keeps it waiting for tasks that stop.
func haltSlowly(cfg *core.Config, mix *Mix) {
	cfg.ShutdownTimeout = 0
	for i := range cfg.Policies {
		if i == 0 || cfg.Policies[i].StopTimeout > 8 {
			cfg.Policies[i].StopTimeout = core.Forever
		}
	}
	mix.Add, mix.Remove, mix.End, mix.Shutdown = 6, 3, 4, 3
	mix.Foreign = 1
	mix.Leap, mix.Edge = 0, 0
}

// replaceOften makes restarts, and stops that are ignored, likely.
func replaceOften(cfg *core.Config, mix *Mix) {
	for i := range cfg.Policies {
		p := &cfg.Policies[i]
		p.OnAbandon = core.AbandonReplace
		p.StopTimeout = min(p.StopTimeout, 2)
		p.BaseDelay = min(max(p.BaseDelay, 5), 20)
		p.MaxDelay = max(p.MaxDelay, 5)
		p.MaxExponent = min(p.MaxExponent, 1)
	}
	mix.Restart, mix.Remove, mix.End = 8, 4, 3
	mix.Shutdown, mix.Edge = 0, 0
}

// crowd has many tasks wait for their restarts at a time, each for another one of many instants.
func crowd(cfg *core.Config, mix *Mix) {
	cfg.MaxTasks, cfg.DeadThreshold, cfg.AutoShutdown = 0, core.Fraction{}, core.AutoShutdownNever
	for i := range cfg.Policies {
		p := &cfg.Policies[i]
		p.Restart = core.RestartOnFailure
		p.BaseDelay, p.MaxDelay = 200, core.Forever
		p.Factor, p.MaxExponent = 1, 0
		p.Jitter = core.Fraction{Num: 1, Den: 1}
		p.MaxAttempts = max(p.MaxAttempts, 3)
	}
	mix.Crowd = 20
	mix.Add, mix.End, mix.Shutdown = 0, 0, 0
	mix.Fail, mix.Kill, mix.Restart = 16, 2, 2
	mix.Deadline = 2
	mix.Leap, mix.Edge = 0, 0
}

// CasesOf returns a generator of cases under configurations of your choice. They must be valid.
func CasesOf(configs *rapid.Generator[core.Config]) *rapid.Generator[Case] {
	return rapid.Custom(func(t *rapid.T) Case {
		cfg := configs.Draw(t, "config")
		mix := Mixes().Draw(t, "mix")
		return Case{Config: cfg, Events: Events(cfg, mix).Draw(t, "events")}
	})
}

// Events returns a generator of event sequences under one configuration, which must be valid. Their length follows
// the flag -rapid.steps.
//
// Every event is drawn in view of the ones before it: most are addressed to tasks and runs there are, at instants
// at which something is due; some are not. So that a defect of the machine under test cannot lead the generator
// astray, it is the oracle that keeps track of what there is.
func Events(cfg core.Config, mix Mix) *rapid.Generator[[]core.Event] {
	return rapid.Custom(func(t *rapid.T) []core.Event {
		world := world{oracle: oracle.New(cfg), mix: mix}
		world.crowd(t)
		t.Repeat(map[string]func(*rapid.T){"event": world.next})
		return world.events
	})
}

// Mix says how likely the kinds of events and of time steps are, in comparison to each other. What is zero never
// happens, unless nothing else can.
type Mix struct {
	Crowd int // not a likelihood: how many tasks are added and started before all else

	Tick     int // time passes
	Add      int // a task is added
	Start    int // the supervisor is started; more likely before it is
	Remove   int // a task is removed
	Restart  int // a task is restarted
	Kill     int // a task is killed
	Fail     int // a run ends badly
	End      int // a run ends well
	Shutdown int // the supervisor is shut down
	Again    int // an event that happened before is repeated
	Foreign  int // a field of an event is something that nobody could mean: an unknown task, run, kind, policy

	Still    int // no time passes
	Step     int // a few nanoseconds pass
	Deadline int // it is exactly when something is due, or a nanosecond before or after
	Leap     int // much time passes
	Back     int // the event claims to be earlier than the one before
	Edge     int // it is the first or last instant there is
}

// Mixes returns a generator of mixes. Any two differ in what is likely and what never happens, so that together
// they reach states that no single mix would.
func Mixes() *rapid.Generator[Mix] {
	return rapid.Custom(func(t *rapid.T) Mix {
		weight := func(label string, choices ...int) int { return rapid.SampledFrom(choices).Draw(t, label) }
		return Mix{
			Tick:     weight("tick", 2, 6, 0),
			Add:      weight("add", 2, 1, 4),
			Start:    weight("start", 0, 0, 1),
			Remove:   weight("remove", 1, 0, 3),
			Restart:  weight("restart", 1, 0, 3),
			Kill:     weight("kill", 1, 0, 3),
			Fail:     weight("fail", 8, 16, 3),
			End:      weight("end", 2, 0, 5),
			Shutdown: weight("shutdown", 0, 1, 2),
			Again:    weight("again", 1, 0),
			Foreign:  weight("foreign", 1, 0),
			Still:    weight("still", 3, 1),
			Step:     weight("step", 3, 1),
			Deadline: weight("deadline", 8, 20),
			Leap:     weight("leap", 1, 0, 2),
			Back:     weight("back", 1, 0),
			Edge:     weight("edge", 0, 0, 0, 0, 0, 0, 0, 1),
		}
	})
}
