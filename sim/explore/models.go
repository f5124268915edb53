package explore

import (
	"slices"

	"github.com/tasksupervisor/tasksupervisor/core"
)

// NamedModel is one of the models that this package keeps at hand.
type NamedModel struct {
	Name  string // such as "threshold-grid"
	About string // what it has that the others have not
	Model Model
}

// Models returns small models that together reach everything the machine can do: every policy, strategy and limit, every
// way to halt. The numbers of their states and transitions are known, see testdata/counts.txt, and the table of all that
// can happen is generated from them. See [LargeModels] for more.
func Models() []NamedModel {
	basic := []NamedModel{
		{"one", "one task", model(1, core.Config{}, quick())},
		{"two", "two tasks", model(2, core.Config{}, quick())},
		{"three", "three tasks, events only at the boundaries themselves", atBoundaries(model(3, core.Config{}, quick()))},
		{"one-always", "a task that is restarted after any end, as often as it takes", model(1, core.Config{}, always())},
		{"one-never", "a task that is never restarted", model(1, core.Config{}, never())},
		{"replace", "an abandoned run is replaced at once", model(2, core.Config{}, replace())},
		{"escalate", "an abandoned run halts the supervisor", model(2, core.Config{}, escalate())},
		{"no-delay", "restarts and abandonments at the same instant", model(2, core.Config{}, noDelay())},
		{"forever", "no timeout, no stability, and delays that stop to grow", model(2, core.Config{}, forever())},
		{"mixed", "every pair of tasks with policies of their own",
			atBoundaries(model(2, core.Config{}, quick(), always(), never(), replace()))},
		{"threshold", "halts when more than half of the tasks are dead",
			model(2, core.Config{Limits: core.Limits{DeadThreshold: core.Fraction{Num: 1, Den: 2}}}, quick())},
		{"threshold-grid", "the same, with health checks on a grid",
			model(2, core.Config{Limits: core.Limits{DeadThreshold: core.Fraction{Num: 1, Den: 2}}, HealthCheckInterval: 2}, quick())},
		{"threshold-zero", "halts at the first death, and replaces",
			model(2, core.Config{Limits: core.Limits{DeadThreshold: core.Fraction{Num: 0, Den: 1}}}, replace())},
		{"auto-all", "halts when all significant tasks have ended",
			model(2, core.Config{Limits: core.Limits{AutoShutdown: core.AutoShutdownAll}}, never(), insignificant())},
		{"auto-any", "halts when any significant task has ended",
			model(2, core.Config{Limits: core.Limits{AutoShutdown: core.AutoShutdownAny}}, quick(), insignificant())},
		{"reverse", "stops one task after the other", model(2, core.Config{StopOrder: core.StopReverse}, replace())},
		{"reverse-timeout", "the same, in limited time",
			model(2, core.Config{StopOrder: core.StopReverse, Limits: core.Limits{ShutdownTimeout: 3}}, quick(), forever())},
		{"together-timeout", "stops in limited time", model(2, core.Config{Limits: core.Limits{ShutdownTimeout: 2}}, forever(), replace())},
		{"all-instants", "two tasks, events at every nanosecond", atAllInstants(model(2, core.Config{}, quick()))},
	}
	return slices.Concat(basic, reportModels(), groupModels())
}

// model returns a model without the operator commands that suspend tasks and change policies or limits, which multiply the states.
func model(tasks int, cfg core.Config, policies ...core.Policy) Model {
	cfg.Policies = policies
	return with(Model{Config: cfg, Tasks: tasks}, core.EventStart, core.EventAdd, core.EventRemove, core.EventRestart,
		core.EventKill, core.EventExit, core.EventReady, core.EventBeat, core.EventProbe, core.EventShutdown)
}

// with has a model try more kinds of events.
func with(m Model, kinds ...core.EventKind) Model {
	m.Kinds = append(m.Kinds, kinds...)
	return m
}

func atBoundaries(m Model) Model {
	m.Instants = InstantsAt
	return m
}

func atAllInstants(m Model) Model {
	m.Instants = InstantsAll
	return m
}

// quick returns a policy whose times are a few nanoseconds, and all different.
func quick() core.Policy {
	p := core.DefaultPolicy()
	p.BaseDelay, p.MaxExponent, p.MaxAttempts = 1, 2, 2
	p.StableAfter, p.StopTimeout = 3, 2
	return p
}

func always() core.Policy {
	p := quick()
	p.Restart, p.MaxAttempts, p.MaxDelay = core.RestartAlways, core.Unlimited, 3
	return p
}

func never() core.Policy {
	p := quick()
	p.Restart = core.RestartNever
	return p
}

func replace() core.Policy {
	p := quick()
	p.OnAbandon, p.MaxAttempts, p.StopTimeout = core.AbandonReplace, 1, 1
	return p
}

func escalate() core.Policy {
	p := quick()
	p.OnAbandon = core.AbandonEscalate
	return p
}

func noDelay() core.Policy {
	p := quick()
	p.OnAbandon, p.BaseDelay, p.StopTimeout, p.StableAfter = core.AbandonReplace, 0, 0, 0
	return p
}

func forever() core.Policy {
	p := quick()
	p.StopTimeout, p.StableAfter, p.MaxExponent = core.Forever, core.Forever, 1
	return p
}

func insignificant() core.Policy {
	p := never()
	p.Significant = false
	return p
}
