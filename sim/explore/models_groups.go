package explore

import "github.com/tasksupervisor/tasksupervisor/core"

// groupModels are those in which what happens to one task concerns others.
func groupModels() []NamedModel {
	all, rest := core.Config{Strategy: core.OneForAll}, core.Config{Strategy: core.RestForOne}
	together := core.Config{Strategy: core.OneForAll, StopOrder: core.StopTogether}
	crashes := core.Config{Strategy: core.OneForAll, Limits: core.Limits{Intensity: core.Rate{Count: 1, Per: 3}}}
	replaced := ready()
	replaced.OnAbandon = core.AbandonReplace
	spread := core.Config{Strategy: core.RestForOne, Limits: core.Limits{RestartRate: core.Rate{Count: 1, Per: 3}}}
	return []NamedModel{
		{"all", "one for all: two tasks", model(2, all, quick())},
		{"all-three", "one for all: three tasks", atBoundaries(model(3, all, brief()))},
		{"all-suspend", "one for all: suspending", suspends(model(2, all, brief()))},
		{"all-held", "one for all: the driver holds and releases tasks", holds(atBoundaries(model(2, all, ready())))},
		{"all-ready", "one for all: each starts when the one before it is ready", model(2, all, ready())},
		{"all-together", "one for all: stopped all at once", model(2, together, quick())},
		{"all-replace", "one for all: abandoned runs are replaced", model(2, all, replace(), always())},
		{"all-escalate", "one for all: an abandoned run, or no attempts left, halts", model(2, all, escalateAll())},
		{"all-intensity", "one for all: more than one crash within 3 ns halts", model(2, crashes, brief())},
		{"all-never", "one for all: some are never restarted", model(2, all, brief(), never())},
		{"all-retire", "one for all: three tasks, some of which are never restarted",
			atBoundaries(model(3, all, still(), readyNever()))},
		{"all-watched", "one for all: missed beats", model(2, all, watched(2))},
		{"all-asked", "one for all: failures that ask for a delay, within the cap and beyond it",
			asking(atBoundaries(model(2, all, capped())), 2, 4)},
		{"all-lost", "one for all: runs are lost with what carried them, and some are never restarted",
			losing(atBoundaries(model(2, all, brief(), never())))},
		{"rest", "rest for one: two tasks", model(2, rest, quick())},
		{"rest-three", "rest for one: three tasks", atBoundaries(model(3, rest, brief()))},
		{"rest-ready", "rest for one: three tasks, each starts when the one before it is ready",
			atBoundaries(model(3, rest, ready()))},
		{"rest-rate", "rest for one: one restart within 3 ns", model(2, spread, brief())},
		{"needs", "two tasks, with and without needs", with(model(2, core.Config{}, quick()), core.EventNeed)},
		{"needs-ready", "needs, readiness and suspending",
			suspends(with(model(2, core.Config{}, ready()), core.EventNeed))},
		{"needs-held", "needs, readiness, and a driver that holds and releases",
			holds(with(atBoundaries(model(2, core.Config{}, ready())), core.EventNeed))},
		{"needs-replace", "needs, readiness and suspending, and abandoned runs are replaced",
			suspends(with(atBoundaries(model(2, core.Config{}, replaced)), core.EventNeed))},
		{"needs-all", "needs, and one for all", with(model(2, all, brief()), core.EventNeed)},
		{"one-everything", "everything that can happen to two tasks", everything(core.Config{}, brief(), readyNever())},
		{"all-everything", "the same, one for all", everything(all, brief(), readyNever())},
		{"chain", "three tasks, each of which needs the one before it",
			needing(atBoundaries(model(3, core.Config{}, brief())), [2]int{1, 0}, [2]int{2, 1})},
		{"diamond", "four tasks, of which two need the first one, and the last one those two",
			needing(atBoundaries(model(4, core.Config{}, still())), [2]int{1, 0}, [2]int{2, 0}, [2]int{3, 1}, [2]int{3, 2})},
	}
}

// everything returns a model that tries every kind of event but a change of limits.
func everything(cfg core.Config, policies ...core.Policy) Model {
	return suspends(with(atBoundaries(model(2, cfg, policies...)), core.EventNeed, core.EventPolicy))
}

// asking has a model try failures that ask for a delay.
func asking(m Model, delays ...core.Duration) Model {
	m.Delays = delays
	return m
}

// capped returns a policy whose own delay, 1 ns, is less than the longest.
func capped() core.Policy {
	p := brief()
	p.MaxDelay = 3
	return p
}

// suspends has a model try to suspend and resume.
func suspends(m Model) Model { return with(m, core.EventSuspend, core.EventResume) }

// needing has a model begin with all its tasks, some of which need others, and are bound to all of these but the first.
// They are neither removed nor joined by others.
func needing(m Model, needs ...[2]int) Model {
	m.Kinds = []core.EventKind{
		core.EventStart, core.EventRestart, core.EventKill, core.EventExit, core.EventReady, core.EventSuspend, core.EventResume,
		core.EventShutdown,
	}
	for range m.Tasks {
		m.Begin = append(m.Begin, core.Event{Kind: core.EventAdd})
	}
	for i, need := range needs {
		m.Begin = append(m.Begin, core.Event{Kind: core.EventNeed, Task: nth(need[0]), Other: nth(need[1]), Bound: i > 0})
	}
	return m
}

// nth returns the id of the n-th task added, from 0, if none was removed before.
func nth(n int) core.TaskID { return core.TaskID((n+1)*core.MaxTasks + n) }

// brief returns a policy with one attempt, and few instants that matter.
func brief() core.Policy {
	p := quick()
	p.MaxAttempts, p.MaxExponent, p.StableAfter, p.StopTimeout = 1, 0, core.Forever, 1
	return p
}

// still returns a policy without any timer but a restart's.
func still() core.Policy {
	p := brief()
	p.StopTimeout = core.Forever
	return p
}

func ready() core.Policy {
	p := brief()
	p.Readiness, p.StartTimeout = true, 2
	return p
}

func readyNever() core.Policy {
	p := ready()
	p.Restart = core.RestartNever
	return p
}

func watched(beat core.Duration) core.Policy {
	p := brief()
	p.Watchdog = beat
	return p
}

func probed() core.Policy {
	p := brief()
	p.Probe = core.Probe{Interval: 2, Timeout: 1, Failures: 2}
	return p
}

func escalateAll() core.Policy {
	p := brief()
	p.OnAbandon, p.OnExhausted = core.AbandonEscalate, core.ExhaustedEscalate
	return p
}
