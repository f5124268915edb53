package explore

import "github.com/tasksupervisor/tasksupervisor/core"

// reportModels are those in which runs report how they are, and operators change policies and limits.
func reportModels() []NamedModel {
	half := core.Fraction{Num: 1, Den: 2}
	report, probeReport, probePatient, hung := watched(2), probed(), probed(), watched(1)
	replaced, patient := ready(), watched(1)
	quickly := quick()
	quickly.Restart, quickly.MinUptime = core.RestartAlways, 2
	report.OnMiss, probeReport.OnMiss = core.MissReport, core.MissReport
	probePatient.Probe.Timeout = core.Forever
	replaced.OnAbandon = core.AbandonReplace
	hung.Readiness, hung.StartTimeout, hung.StopTimeout, hung.HungStopTimeout = true, 1, 2, 1
	patient.Readiness, patient.StartTimeout, patient.StableAfter = true, core.Forever, 2
	return []NamedModel{
		{"suspend", "operators suspend and resume", suspends(model(2, core.Config{}, quick()))},
		{"suspend-never", "the same, and the tasks are never restarted", suspends(model(1, core.Config{}, never(), replace()))},
		{"held", "the driver holds and releases tasks", holds(model(2, core.Config{}, quick()))},
		{"held-suspend", "the same, and operators suspend and resume, and change policies",
			with(holds(suspends(model(1, core.Config{}, replaced, never()))), core.EventPolicy)},
		{"held-rate", "the driver holds and releases tasks, and one restart is allowed within 3 ns",
			holds(atBoundaries(model(2, core.Config{Limits: core.Limits{RestartRate: core.Rate{Count: 1, Per: 3}}}, brief())))},
		{"ready", "runs are ready when they say so", model(2, core.Config{}, ready())},
		{"unready", "runs take their readiness back: two tasks, with and without needs",
			with(atBoundaries(model(2, core.Config{}, patience())), core.EventNeed, core.EventUnready)},
		{"unready-all", "the same, one for all, and operators change policies",
			with(atBoundaries(model(2, core.Config{Strategy: core.OneForAll}, patience(), still())), core.EventPolicy, core.EventUnready)},
		{"ready-replace", "the same, and abandoned runs are replaced", model(2, core.Config{}, replaced)},
		{"watchdog", "runs that miss a beat are restarted", model(2, core.Config{}, watched(2))},
		{"watchdog-report", "missed beats are only reported", model(2, core.Config{}, report)},
		{"ready-watchdog", "runs are ready, stable, and watched", model(1, core.Config{}, patient)},
		{"min-uptime", "a good end that comes too soon is a failure", atBoundaries(model(2, core.Config{}, quickly))},
		{"asked", "failures that ask for a delay, within the cap and beyond it", asking(model(2, core.Config{}, capped()), 2, 4)},
		{"lost", "runs are lost with what carried them", losing(model(2, core.Config{}, quick()))},
		{"lost-always", "the same, and the tasks are restarted after any end, or after none",
			losing(model(1, core.Config{}, always(), never()))},
		{"lost-ready", "runs are lost before they are ready, while they hang, and when they were replaced",
			losing(atBoundaries(model(2, core.Config{}, replaced)))},
		{"lost-rate", "two runs can be lost at once, and one restart is allowed within 3 ns, but no crash",
			losing(atBoundaries(model(2, core.Config{Limits: core.Limits{RestartRate: core.Rate{Count: 1, Per: 3}, Intensity: core.Rate{Per: 1}}}, brief())))},
		{"hung-stop", "runs that hang have less time to stop", model(1, core.Config{}, hung)},
		{"probe", "runs are probed, and restarted after two failed probes", model(2, core.Config{}, probed())},
		{"probe-report", "failed probes are only reported", model(1, core.Config{}, probeReport)},
		{"probe-patient", "probes take as long as they like", model(1, core.Config{}, probePatient)},
		{"left-behind", "runs were left behind in an earlier life of the supervisor, and operators do all they can",
			everything(core.Config{}, still(), replaced).alone().inheriting()},
		{"left-behind-all", "the same, one for all: two tasks", atBoundaries(model(2, core.Config{Strategy: core.OneForAll}, still())).inheriting()},
		{"policies", "operators change policies",
			with(suspends(model(1, core.Config{}, quick(), never(), ready(), watched(1), probed())), core.EventPolicy)},
		{"limits", "operators change limits", limited(model(2, core.Config{}, brief()),
			core.Limits{DeadThreshold: half, ShutdownTimeout: 1},
			core.Limits{Intensity: core.Rate{Count: 1, Per: 2}},
			core.Limits{AutoShutdown: core.AutoShutdownAll, Intensity: core.Rate{Count: 2, Per: 3}})},
		{"intensity", "more than one crash within 3 ns halts",
			model(2, core.Config{Limits: core.Limits{Intensity: core.Rate{Count: 1, Per: 3}}}, brief())},
		{"intensity-two", "more than two crashes within 2 ns halt",
			model(2, core.Config{Limits: core.Limits{Intensity: core.Rate{Count: 2, Per: 2}}}, noDelay())},
		{"intensity-none", "the first crash halts", model(2, core.Config{Limits: core.Limits{Intensity: core.Rate{Per: 1}}}, brief())},
		{"exhausted", "a task without attempts left halts", model(2, core.Config{}, escalateAll())},
		{"restart-rate", "one restart within 3 ns", atBoundaries(model(3, core.Config{Limits: core.Limits{RestartRate: core.Rate{Count: 1, Per: 3}}}, brief()))},
	}
}

// patience returns a policy with readiness that waits for it as long as it takes.
func patience() core.Policy {
	p := still()
	p.Readiness, p.StartTimeout = true, core.Forever
	return p
}

// holds has a model try to hold and to release.
func holds(m Model) Model { return with(m, core.EventHold, core.EventRelease) }

// losing has a model try to lose runs.
func losing(m Model) Model {
	m.Losses = true
	return m
}

// inheriting has a model add tasks whose runs were left behind.
func (m Model) inheriting() Model {
	m.LeftBehind = true
	return m
}

// alone leaves a model a single task.
func (m Model) alone() Model {
	m.Tasks = 1
	return m
}

// limited has a model try other limits.
func limited(m Model, limits ...core.Limits) Model {
	m.Limits = limits
	return with(m, core.EventLimits)
}
