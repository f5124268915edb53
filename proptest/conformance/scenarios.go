package conformance

import (
	"slices"
	"time"

	"github.com/tasksupervisor/tasksupervisor/core"
)

// plot is something to play with a runtime.
type plot struct {
	name      string
	config    core.Config
	play      func(s *stage)
	uses      []Duty                    // a runtime that waives one of them is not tried
	observers func(s *stage) []observer // besides the one that takes note of everything
}

func plots() []plot {
	list := []plot{
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
		{name: "bad observers", play: playEveryEnd, observers: badObservers},
	}
	return slices.Concat(list, healthPlots(), outcomePlots(), operatorPlots(), groupPlots(), nestedPlots())
}

// playBeforeTheStart has calls before there is anything to run, and starts twice.
func playBeforeTheStart(s *stage) {
	for _, name := range []string{"one", "two", "three"} {
		_ = s.add(name, usual(), lives())
	}
	s.refused("remove", s.remove("unknown"), core.RefusalUnknownTask)
	s.refused("restart", s.restart("unknown"), core.RefusalUnknownTask)
	s.refused("kill", s.kill("unknown"), core.RefusalUnknownTask)
	s.refusedSomehow("add a name that is taken", s.add("one", usual(), lives()))
	s.refusedSomehow("add with a bad policy", s.add("bad", core.Policy{StopTimeout: -1}, lives()))
	_ = s.kill("two")
	_ = s.remove("three")
	_ = s.start()
	s.refused("start again", s.ask(call{op: "start"}, func() error { return s.runtime.Start(s.parent) }), core.RefusalAlreadyStarted)
	for _, name := range []string{"three", "four"} {
		_ = s.add(name, usual(), lives())
	}
	s.refused("add one too many", s.add("five", usual(), lives()), core.RefusalTooManyTasks)
	s.refused("kill what is dead", s.kill("two"), core.RefusalAlreadyEnded)
	_ = s.restart("two")
	s.advance(time.Minute)
}

// playEveryEnd has runs end in every way, by themselves and when they are asked to stop.
func playEveryEnd(s *stage) {
	_ = s.start()
	_ = s.add("one after the other", usual(unlimited),
		ends(core.ExitError, time.Second), ends(core.ExitPanic, time.Second), ends(core.ExitGoexit, 0),
		ends(core.ExitPanic, 0), ends(core.ExitOK, time.Hour))
	for _, how := range []core.ExitKind{core.ExitOK, core.ExitError, core.ExitPanic, core.ExitGoexit} {
		_ = s.add("never restarted, "+how.String(), usual(never), ends(how, 3*time.Second))
		_ = s.add("always restarted, "+how.String(), usual(always, attempts(2)), ends(how, 2*time.Second), lives())
		stops := lives()
		stops.gives = how
		_ = s.add("stopped, "+how.String(), usual(), stops)
	}
	for range 40 {
		s.advance(500 * time.Millisecond)
	}
	_ = s.kill("stopped, panic")
	_ = s.restart("stopped, goexit")
	_ = s.remove("stopped, error")
	s.advance(2 * time.Hour)
}

// playBackoff has failures that wait longer and longer, some until nothing is left, some until they are forgiven.
func playBackoff(s *stage) {
	_ = s.add("fails", usual(), ends(core.ExitError, 0))
	_ = s.add("fails in a while", usual(jittered), ends(core.ExitPanic, 700*time.Millisecond))
	_ = s.add("is stable at times", usual(),
		ends(core.ExitError, time.Second), ends(core.ExitError, time.Second), ends(core.ExitError, 80*time.Second),
		ends(core.ExitError, 80*time.Second+time.Millisecond), ends(core.ExitError, 80*time.Second-time.Millisecond),
		ends(core.ExitError, 200*time.Second), lives())
	_ = s.add("without delay", usual(based(0), attempts(3)), ends(core.ExitGoexit, 0))
	_ = s.start()
	for range 100 {
		s.advance(5*time.Second + 1)
	}
	_ = s.restart("fails")
	s.advance(3 * time.Second)
	_ = s.restart("fails")
	s.advance(time.Hour)
}

// playOperators has operators at work on tasks in every status.
func playOperators(s *stage) {
	_ = s.start()
	failing := []script{ends(core.ExitError, time.Second)}
	for _, op := range []func(string) error{s.restart, s.kill, s.remove} {
		_ = s.add("healthy", usual(), lives())
		_ = s.add("failed", usual(based(time.Minute)), failing...)
		_ = s.add("completed", usual(), ends(core.ExitOK, time.Second), lives())
		_ = s.add("dead", usual(never), ends(core.ExitPanic, time.Second), lives())
		_ = s.add("stopping", usual(), lingers(5*time.Second))
		_ = s.add("abandoned", usual(), lingers(time.Minute), lives())
		s.advance(2 * time.Second)
		_ = s.restart("abandoned")
		s.advance(11 * time.Second)
		_ = s.kill("stopping")
		for _, name := range []string{"healthy", "failed", "completed", "dead", "stopping", "abandoned"} {
			_ = op(name)
		}
		s.advance(time.Second)
		_ = op("failed")
		s.advance(3 * time.Minute)
		for _, name := range []string{"healthy", "failed", "completed", "dead", "stopping", "abandoned"} {
			_ = s.remove(name)
		}
		s.advance(time.Minute)
	}
	_ = s.add("ordered", usual(unlimited), lives())
	for _, how := range []core.ExitKind{core.ExitError, core.ExitPanic, core.ExitGoexit, core.ExitOK} {
		s.advance(time.Minute)
		s.order("ordered", how)
	}
}

// playNames has names used, given back and used again.
func playNames(s *stage) {
	_ = s.start()
	_ = s.add("task", usual(), lingers(5*time.Second))
	s.refusedSomehow("add a name that is taken", s.add("task", usual(), lives()))
	_ = s.remove("task")
	s.refused("remove what is being removed", s.remove("task"), core.RefusalBeingRemoved)
	s.refused("restart what is being removed", s.restart("task"), core.RefusalBeingRemoved)
	s.refused("kill what is being removed", s.kill("task"), core.RefusalBeingRemoved)
	s.check(DutyNames, s.add("task", usual(), lives()) != nil, "the name of a task was free before its run was gone")
	s.advance(5 * time.Second)
	s.refused("remove what is removed", s.remove("task"), core.RefusalUnknownTask)
	s.check(DutyNames, s.add("task", usual(), ends(core.ExitPanic, time.Second)) == nil, "the name of a task was not free again")
	s.advance(time.Second)
	_ = s.remove("task")
	s.check(DutyNames, s.add("task", usual(), lives()) == nil, "the name of a task without a run was not free at once")
	s.advance(time.Minute)
}
