package conformance

import (
	"slices"
	"time"

	"github.com/tasksupervisor/tasksupervisor/core"
)

// testCase is a scenario to play with a runtime.
type testCase struct {
	name      string
	config    core.Config
	play      func(h *harness)
	uses      []Duty                      // a runtime that waives one of them is not tried
	observers func(h *harness) []observer // besides the one that records everything
}

func testCases() []testCase {
	list := []testCase{
		{name: "before the start", config: core.Config{MaxTasks: 4}, play: playBeforeTheStart},
		{name: "every end", config: core.Config{Seed: 1}, play: playEveryEnd},
		{name: "backoff", config: core.Config{Seed: 2}, play: playBackoff},
		{name: "health checks", config: core.Config{HealthCheckInterval: 200 * time.Millisecond}, play: playBackoff},
		{name: "operators", play: playOperators},
		{name: "names", play: playNames},
		{name: "stubborn", play: playStubborn},
		{name: "replaced", play: playReplaced},
		{name: "escalated", play: playEscalated},
		{name: "one by one", config: core.Config{StopOrder: core.StopReverse}, play: playOneByOne},
		{
			name:   "overall deadline",
			config: core.Config{StopOrder: core.StopReverse, Limits: core.Limits{ShutdownTimeout: 15 * time.Second}},
			play:   playOverallDeadline,
		},
		{name: "together", play: playTogether},
		{name: "too many dead", config: core.Config{Limits: core.Limits{DeadThreshold: core.Fraction{Num: 1, Den: 2}}}, play: playTooManyDead},
		{name: "all ended", config: core.Config{Limits: core.Limits{AutoShutdown: core.AutoShutdownAll}}, play: playAllEnded},
		{name: "same instant", play: playSameInstant},
		{name: "many ends", play: playManyEnds},
		{name: "bad observers", play: playEveryEnd, observers: badObservers},
	}
	return slices.Concat(list, healthCases(), outcomeCases(), operatorCases(), removalCases(), lifeCases(), groupCases(), nestedCases(), treeCases())
}

// playBeforeTheStart has calls before there is anything to run, and starts twice.
func playBeforeTheStart(h *harness) {
	for _, name := range []string{"one", "two", "three"} {
		_ = h.add(name, usual(), lives())
	}
	h.refused("remove", h.remove("unknown"), core.RefusalUnknownTask)
	h.refused("restart", h.restart("unknown"), core.RefusalUnknownTask)
	h.refused("kill", h.kill("unknown"), core.RefusalUnknownTask)
	h.refusedSomehow("add a name that is taken", h.add("one", usual(), lives()))
	h.refusedSomehow("add with a bad policy", h.add("bad", core.Policy{StopTimeout: -1}, lives()))
	_ = h.kill("two")
	_ = h.remove("three")
	_ = h.start()
	h.refused("start again", h.ask(call{op: "start"}, func() error { return h.runtime.Start(h.parent) }), core.RefusalAlreadyStarted)
	for _, name := range []string{"three", "four"} {
		_ = h.add(name, usual(), lives())
	}
	h.refused("add one too many", h.add("five", usual(), lives()), core.RefusalTooManyTasks)
	h.refused("kill what is dead", h.kill("two"), core.RefusalAlreadyEnded)
	_ = h.restart("two")
	h.advance(time.Minute)
}

// playEveryEnd has runs end in every way, by themselves and when they are asked to stop.
func playEveryEnd(h *harness) {
	_ = h.start()
	_ = h.add("one after the other", usual(unlimited),
		ends(core.ExitError, time.Second), ends(core.ExitPanic, time.Second), ends(core.ExitGoexit, 0),
		ends(core.ExitPanic, 0), ends(core.ExitOK, time.Hour))
	for _, how := range []core.ExitKind{core.ExitOK, core.ExitError, core.ExitPanic, core.ExitGoexit} {
		_ = h.add("never restarted, "+how.String(), usual(never), ends(how, 3*time.Second))
		_ = h.add("always restarted, "+how.String(), usual(always, attempts(2)), ends(how, 2*time.Second), lives())
		stops := lives()
		stops.gives = how
		_ = h.add("stopped, "+how.String(), usual(), stops)
	}
	for range 40 {
		h.advance(500 * time.Millisecond)
	}
	_ = h.kill("stopped, panic")
	_ = h.restart("stopped, goexit")
	_ = h.remove("stopped, error")
	h.advance(2 * time.Hour)
}

// playBackoff has failures that wait longer and longer, some until nothing is left, some until they are forgiven.
func playBackoff(h *harness) {
	_ = h.add("fails", usual(), ends(core.ExitError, 0))
	_ = h.add("fails in a while", usual(jittered), ends(core.ExitPanic, 700*time.Millisecond))
	_ = h.add("is stable at times", usual(),
		ends(core.ExitError, time.Second), ends(core.ExitError, time.Second), ends(core.ExitError, 80*time.Second),
		ends(core.ExitError, 80*time.Second+time.Millisecond), ends(core.ExitError, 80*time.Second-time.Millisecond),
		ends(core.ExitError, 200*time.Second), lives())
	_ = h.add("without delay", usual(based(0), attempts(3)), ends(core.ExitGoexit, 0))
	_ = h.start()
	for range 100 {
		h.advance(5*time.Second + 1)
	}
	_ = h.restart("fails")
	h.advance(3 * time.Second)
	_ = h.restart("fails")
	h.advance(time.Hour)
}

// playOperators has operators at work on tasks in every status.
func playOperators(h *harness) {
	_ = h.start()
	failing := []script{ends(core.ExitError, time.Second)}
	for _, op := range []func(string) error{h.restart, h.kill, h.remove} {
		_ = h.add("healthy", usual(), lives())
		_ = h.add("failed", usual(based(time.Minute)), failing...)
		_ = h.add("completed", usual(), ends(core.ExitOK, time.Second), lives())
		_ = h.add("dead", usual(never), ends(core.ExitPanic, time.Second), lives())
		_ = h.add("stopping", usual(), lingers(5*time.Second))
		_ = h.add("abandoned", usual(), lingers(time.Minute), lives())
		h.advance(2 * time.Second)
		_ = h.restart("abandoned")
		h.advance(11 * time.Second)
		_ = h.kill("stopping")
		for _, name := range []string{"healthy", "failed", "completed", "dead", "stopping", "abandoned"} {
			_ = op(name)
		}
		h.advance(time.Second)
		_ = op("failed")
		h.advance(3 * time.Minute)
		for _, name := range []string{"healthy", "failed", "completed", "dead", "stopping", "abandoned"} {
			_ = h.remove(name)
		}
		h.advance(time.Minute)
	}
	_ = h.add("ordered", usual(unlimited), lives())
	for _, how := range []core.ExitKind{core.ExitError, core.ExitPanic, core.ExitGoexit, core.ExitOK} {
		h.advance(time.Minute)
		h.order("ordered", how)
	}
}

// playNames has names used, given back and used again.
func playNames(h *harness) {
	_ = h.start()
	_ = h.add("task", usual(), lingers(5*time.Second))
	h.refusedSomehow("add a name that is taken", h.add("task", usual(), lives()))
	_ = h.remove("task")
	h.refused("remove what is being removed", h.remove("task"), core.RefusalBeingRemoved)
	h.refused("restart what is being removed", h.restart("task"), core.RefusalBeingRemoved)
	h.refused("kill what is being removed", h.kill("task"), core.RefusalBeingRemoved)
	h.check(DutyNames, h.add("task", usual(), lives()) != nil, "the name of a task was free before its run had ended")
	h.advance(5 * time.Second)
	h.refused("remove what is removed", h.remove("task"), core.RefusalUnknownTask)
	h.check(DutyNames, h.add("task", usual(), ends(core.ExitPanic, time.Second)) == nil, "the name of a task was not free again")
	h.advance(time.Second)
	_ = h.remove("task")
	h.check(DutyNames, h.add("task", usual(), lives()) == nil, "the name of a task without a run was not free at once")
	h.advance(time.Minute)
}
