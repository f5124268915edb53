package checkers_test

import (
	"slices"
	"time"

	"github.com/tasksupervisor/tasksupervisor/core"
	"github.com/tasksupervisor/tasksupervisor/sim/checkers"
)

// intensityForgeries violate invariant 10 for the restart intensity.
func intensityForgeries() []forgery {
	one := intensity(1, 10*time.Second)
	two := intensity(2, 10*time.Second)
	wide := intensity(1, 10*time.Second+1)
	return []forgery{
		{"invariant 10: one crash too many", one, &checkers.Intensity{},
			after(at(1, fail(first, 1)), at(2, fail(second, 1))), truth, "crash 2 within 10s, and the supervisor does not halt", &secret{config: &core.Config{}}},
		{"invariant 10: halts too soon", two, &checkers.Intensity{},
			after(at(1, fail(first, 1)), at(2, fail(second, 1))), truth, "halts at crash 2 within 10s, and 2 are allowed", &secret{config: &one}},
		{"invariant 10: what is as long ago as the window counts", one, &checkers.Intensity{},
			after(at(1, fail(first, 1)), at(11, fail(second, 1))), truth, "halts at crash 1 within 10s", &secret{config: &wide}},
		{"invariant 10: a good end counts", one, &checkers.Intensity{},
			after(at(1, fail(first, 1))), change(0, func(a *core.Action) { a.Exit = core.ExitOK }), "its run ended with ok", nil},
		{"invariant 10: a loss counts", one, &checkers.Intensity{},
			after(at(1, lose(first, 1))), change(0, func(a *core.Action) { a.Why = core.ReasonFailure }), "its run ended with lost", nil},
		{"invariant 10: a requested stop counts", one, &checkers.Intensity{},
			after(at(1, fail(first, 1))), change(0, func(a *core.Action) { a.Exit = core.ExitStopped }), "its run ended with stopped", nil},
		{"invariant 10: dead, and the supervisor goes on", one, &checkers.Intensity{},
			after(at(1, fail(first, 1)), at(2, fail(second, 1))), change(0, func(a *core.Action) {
				a.To, a.Why = core.StatusDead, core.ReasonIntensity
			}), "one too many, it is dead, and the supervisor halts for none", &secret{config: &core.Config{}}},
		{"invariant 10: other limits ignored", core.Config{}, &checkers.Intensity{},
			after(limit(1), at(1, fail(first, 1)), at(2, fail(second, 1))), change(0, func(a *core.Action) {
				a.To, a.Why = core.StatusFailed, core.ReasonFailure
			}), "crash 2 within 10s", nil},
		{"invariant 10: what did not count before counts", core.Config{}, &checkers.Intensity{},
			after(at(1, fail(first, 1)), at(2, limit(1)), at(2, fail(second, 1))), change(0, func(a *core.Action) {
				a.To, a.Why = core.StatusDead, core.ReasonIntensity
			}), "halts at crash 1 within 10s, and 1 are allowed", nil},
	}
}

// rateForgeries violate invariant 10 for the restart rate.
func rateForgeries() []forgery {
	one := core.Config{Limits: core.Limits{RestartRate: core.Rate{Count: 1, Per: 10 * time.Second}}}
	two := core.Config{Limits: core.Limits{RestartRate: core.Rate{Count: 2, Per: 10 * time.Second}}}
	crowd := []core.Event{add(), add(), add(), start(), at(1, fail(first, 1)), at(1, fail(second, 1)), at(1, fail(third, 1))}
	waiting := slices.Concat(crowd, []core.Event{at(3, tick())})
	return []forgery{
		{"invariant 10: one restart too many", one, &checkers.RestartRate{},
			waiting, truth, "task #2 goes on at 3s, which is restart 2 within 10s", &secret{config: &core.Config{}}},
		{"invariant 10: one restart less than there is room for", two, &checkers.RestartRate{},
			waiting, truth, "task #2 waits for the restart rate at 3s, and it has room", &secret{config: &one}},
		{"invariant 10: out of order", one, &checkers.RestartRate{},
			slices.Concat(waiting, []core.Event{at(13, tick())}), change(0, func(a *core.Action) { a.Task = third }), "task #3 goes on at 13s, before task #2", nil},
		{"invariant 10: later than there is room", one, &checkers.RestartRate{},
			slices.Concat(waiting, []core.Event{at(20, tick())}), change(0, func(a *core.Action) { a.At++ }), "the restart rate has room for it at 13s", nil},
		{"invariant 10: never, though there is room", one, &checkers.RestartRate{},
			slices.Concat(waiting, []core.Event{at(20, tick())}), nothing, "which has room at 13s, and the next deadline is 23s", nil},
		{"invariant 10: a wait is not told", one, &checkers.RestartRate{},
			waiting, change(1, func(a *core.Action) { a.Why = core.ReasonLateExit }), "says it waits for restart-rate", nil},
		{"invariant 10: a wait begins twice", one, &checkers.RestartRate{},
			waiting, twice, "waits for the restart rate until never, and did so before: true", nil},
		{"invariant 10: other limits ignored", core.Config{}, &checkers.RestartRate{},
			slices.Concat(crowd, []core.Event{at(2, limit(1)), at(3, tick())}), change(1, func(a *core.Action) {
				a.Kind, a.To, a.Why = core.ActionStart, core.StatusHealthy, core.ReasonBackoff
			}), "restart 2 within 10s", nil},
		{"invariant 10: a lifted limit ignored", one, &checkers.RestartRate{},
			slices.Concat(waiting, []core.Event{at(4, limit(2))}), truth, "which has room at -", told(at(4, tick()))},
	}
}

func intensity(count uint32, per time.Duration) core.Config {
	return core.Config{Limits: core.Limits{Intensity: core.Rate{Count: count, Per: per}}}
}
