package proptest

import (
	"pgregory.net/rapid"

	"github.com/tasksupervisor/tasksupervisor/core"
)

// Mix says how likely the kinds of events and of time steps are, relative to each other. What is zero never happens,
// unless nothing else can.
type Mix struct {
	Crowd int // not a likelihood: how many tasks are added, told their needs and started before all else

	Tick       int // time passes
	Add        int // a task is added
	LeftBehind int // not a likelihood: unless it is zero, a third of the tasks added left runs behind in an earlier life
	Start      int // the supervisor is started; more likely before it is
	Remove     int // a task is removed
	Restart    int // a task is restarted
	Kill       int // a task is killed
	Suspend    int // a task is suspended, or resumed
	Hold       int // the driver holds a task, or releases it
	Need       int // a task needs another
	Change     int // a task gets another policy, or the supervisor other limits
	Fail       int // a run ends badly
	Fatal      int // a run ends so badly that the supervisor escalates
	End        int // a run ends well
	Report     int // a run gets ready, beats, or answers a probe
	Shutdown   int // the supervisor is shut down
	Again      int // an event that happened before is repeated
	Foreign    int // a field of an event makes no sense: an unknown task, run, kind, policy

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
			Tick:       weight("tick", 2, 6, 0),
			Add:        weight("add", 2, 1, 4),
			LeftBehind: weight("left behind", 0, 1),
			Start:      weight("start", 0, 0, 1),
			Remove:     weight("remove", 1, 0, 3),
			Restart:    weight("restart", 1, 0, 3),
			Kill:       weight("kill", 1, 0, 3),
			Suspend:    weight("suspend", 0, 1, 3),
			Hold:       weight("hold", 0, 0, 2),
			Need:       weight("need", 0, 1, 4),
			Change:     weight("change", 0, 1, 2),
			Fail:       weight("fail", 8, 16, 3),
			Fatal:      weight("fatal", 0, 0, 0, 1),
			End:        weight("end", 2, 0, 5),
			Report:     weight("report", 6, 12, 2),
			Shutdown:   weight("shutdown", 0, 1, 2),
			Again:      weight("again", 1, 0),
			Foreign:    weight("foreign", 1, 0),
			Still:      weight("still", 3, 1),
			Step:       weight("step", 3, 1),
			Deadline:   weight("deadline", 8, 20),
			Leap:       weight("leap", 1, 0, 2),
			Back:       weight("back", 1, 0),
			Edge:       weight("edge", 0, 0, 0, 0, 0, 0, 0, 1),
		}
	})
}

// themes lead to states that are rare otherwise.
var themes = []func(*rapid.T, *core.Config, *Mix){haltSlowly, haltSlowly, replaceOften, crowd, herd, group, group, chain, chain}

// haltSlowly makes a shutdown likely and keeps it waiting for tasks that stop.
func haltSlowly(t *rapid.T, cfg *core.Config, mix *Mix) {
	cfg.ShutdownTimeout = 0
	if oneIn(t, 2, "one by one") {
		cfg.StopOrder = core.StopReverse
		cfg.Policies[0].Readiness, cfg.Policies[0].StartTimeout = true, core.Forever
		mix.Crowd, mix.Report = 3, 2
	}
	for i := range cfg.Policies {
		p := &cfg.Policies[i]
		if i == 0 || p.StopTimeout > 8 {
			p.StopTimeout = core.Forever
		}
	}
	mix.Add, mix.Remove, mix.End, mix.Shutdown = 6, 3, 4, 3
	mix.Foreign = 1
	mix.Leap, mix.Edge = 0, 0
}

// replaceOften makes restarts, and stops that are ignored, likely.
func replaceOften(_ *rapid.T, cfg *core.Config, mix *Mix) {
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

// crowd has many tasks wait for their restarts at the same time, at many different instants.
func crowd(_ *rapid.T, cfg *core.Config, mix *Mix) {
	cfg.Strategy = core.OneForOne
	cfg.MaxTasks = 0
	cfg.Limits = core.Limits{ShutdownTimeout: cfg.ShutdownTimeout, RestartRate: cfg.RestartRate}
	for i := range cfg.Policies {
		p := &cfg.Policies[i]
		p.Restart = core.RestartOnFailure
		p.BaseDelay, p.MaxDelay = 200, core.Forever
		p.Factor, p.MaxExponent = 1, 0
		p.Jitter = core.Fraction{Num: 1, Den: 1}
		p.MaxAttempts = max(p.MaxAttempts, 3)
		p.Watchdog, p.Probe = 0, core.Probe{}
	}
	mix.Crowd = 20
	mix.Add, mix.End, mix.Shutdown = 0, 0, 0
	mix.Fail, mix.Kill, mix.Restart = 16, 2, 2
	mix.Deadline = 2
	mix.Leap, mix.Edge = 0, 0
}

// herd has tasks fail at one instant, wait equally long, and then wait for the restart rate.
func herd(t *rapid.T, cfg *core.Config, mix *Mix) {
	cfg.Strategy = core.OneForOne
	cfg.MaxTasks = 0
	cfg.Limits = core.Limits{ShutdownTimeout: cfg.ShutdownTimeout, RestartRate: core.Rate{Count: 1, Per: 1 + core.Duration(evenly(t, 8, "rate"))}}
	live(cfg)
	for i := range cfg.Policies {
		p := &cfg.Policies[i]
		p.BaseDelay, p.Factor, p.Jitter = 4, 1, core.Fraction{}
		p.Readiness, p.StartTimeout, p.Watchdog, p.Probe = false, 0, 0, core.Probe{}
	}
	mix.Crowd = 3 + evenly(t, 3, "heads")
	mix.Add, mix.Remove, mix.Kill, mix.Shutdown = 0, 0, 0, 0
	mix.Fail, mix.Still, mix.Deadline = 16, 20, 20
	mix.Leap, mix.Edge = 0, 0
}

// group has a few tasks that depend on each other by their order, and keep being restarted.
func group(t *rapid.T, cfg *core.Config, mix *Mix) {
	cfg.Strategy = rapid.SampledFrom([]core.Strategy{core.OneForAll, core.RestForOne}).Draw(t, "strategy of the group")
	cfg.MaxTasks = 0
	cfg.Limits = core.Limits{ShutdownTimeout: cfg.ShutdownTimeout, RestartRate: cfg.RestartRate, Intensity: cfg.Intensity}
	live(cfg)
	if last := len(cfg.Policies) - 1; last > 0 && oneIn(t, 2, "one that retires") {
		p := &cfg.Policies[last]
		p.Restart, p.Readiness, p.StartTimeout = core.RestartNever, true, core.Forever
	}
	mix.Crowd = 3 + evenly(t, 3, "members")
	mix.Add, mix.Fail, mix.Restart = 1, 8, 4
	mix.Shutdown, mix.Edge = mix.Shutdown/2, 0
}

// chain has a few tasks that need each other.
func chain(t *rapid.T, cfg *core.Config, mix *Mix) {
	cfg.MaxTasks = 0
	cfg.Limits = core.Limits{ShutdownTimeout: cfg.ShutdownTimeout, RestartRate: cfg.RestartRate}
	live(cfg)
	mix.Crowd = 3 + evenly(t, 3, "links")
	if oneIn(t, 2, "slow") {
		p := &cfg.Policies[0]
		p.Readiness, p.StartTimeout, p.StopTimeout = true, core.Forever, core.Forever
		mix.Report, mix.Fail, mix.Restart, mix.Kill = 3, 5, 5, 5
	}
	mix.Need = 4
	mix.Add, mix.Suspend = 1, max(1, mix.Suspend)
	mix.Shutdown, mix.Edge = mix.Shutdown/2, 0
}

// live makes policies under which tasks go on: neither a failure nor an abandoned run is the end.
func live(cfg *core.Config) {
	for i := range cfg.Policies {
		p := &cfg.Policies[i]
		if i == 0 && p.Restart == core.RestartNever {
			p.Restart = core.RestartAlways
		}
		if p.OnAbandon == core.AbandonEscalate {
			p.OnAbandon = core.AbandonWait
		}
		p.BaseDelay, p.MaxExponent = min(p.BaseDelay, 10), min(p.MaxExponent, 1)
		p.MaxAttempts = max(p.MaxAttempts, 3)
	}
}
