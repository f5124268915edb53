package conformance

import (
	"time"

	"github.com/tasksupervisor/tasksupervisor/core"
)

// operatorPlots are about what operators can ask for besides restarts, kills and removals.
func operatorPlots() []plot {
	return []plot{
		{name: "needs", config: core.Config{StopOrder: core.StopTogether}, play: playNeeds, uses: []Duty{DutyNeeds}},
		{name: "needs, one by one", config: core.Config{StopOrder: core.StopReverse}, play: playNeeds, uses: []Duty{DutyNeeds}},
		{name: "suspensions", play: playSuspensions, uses: []Duty{DutySuspensions}},
		{name: "changes", play: playChanges, uses: []Duty{DutyChanges}},
		{name: "other limits", play: playOtherLimits, uses: []Duty{DutyChanges}},
	}
}

// playNeeds has tasks that need others, which come and go.
func playNeeds(s *stage) {
	base := usual(based(time.Second), unlimited)
	if s.can(DutyReady) {
		base = usual(based(time.Second), unlimited, ready(core.Forever))
	}
	bound, loose := []Need{{"base", true}}, []Need{{"base", false}}
	_ = s.add("base", base, lingers(2*time.Second).ready(3*time.Second))
	_ = s.addTask("bound", Task{Policy: base, Needs: bound}, lingers(3*time.Second).ready(time.Second))
	_ = s.addTask("loose", Task{Policy: base, Needs: loose}, lingers(time.Second).ready(time.Second))
	_ = s.start()
	_ = s.addTask("both", Task{Policy: usual(), Needs: []Need{{"bound", true}, {"loose", true}}}, lingers(4*time.Second))
	_ = s.addTask("starter", Task{Policy: usual(), Needs: bound}, ends(core.ExitOK, 3*time.Second))
	_ = s.addTask("behind", Task{Policy: usual(), Needs: []Need{{"starter", true}}}, lives())
	refused := func(what, name string, refusal core.Refusal, needs ...Need) {
		s.refused(what, s.addTask(name, Task{Policy: usual(), Needs: needs}, lives()), refusal)
		s.check(DutyNeeds, !s.knows(name), "%s: the task was added", what)
	}
	refused("need a task that is not there", "lost", core.RefusalUnknownTask, Need{"base", true}, Need{"nobody", true})
	_ = s.add("leaving", usual(), lingers(8*time.Second))
	_ = s.remove("leaving")
	refused("need a task that is being removed", "late", core.RefusalBeingRemoved, Need{"leaving", false})
	s.advance(20 * time.Second)
	s.refused("remove what is needed", s.remove("base"), core.RefusalNeeded)
	for _, disturb := range []func(string) error{
		s.restart, s.kill, s.restart,
		func(name string) error {
			s.order(name, core.ExitError)
			return nil
		},
	} {
		_ = disturb("base")
		for range 20 {
			s.advance(time.Second)
		}
	}
	_ = s.remove("both")
	s.advance(10 * time.Second)
	_ = s.remove("loose")
	if s.can(DutySuspensions) {
		_ = s.suspend("base")
		s.advance(20 * time.Second)
		_ = s.resume("base")
		_ = s.addTask("asleep", Task{Policy: usual(), Needs: bound, Suspended: true}, lives())
		s.advance(10 * time.Second)
		_ = s.resume("asleep")
	}
	s.advance(10 * time.Second)
}

// playSuspensions has tasks suspended and resumed in every status.
func playSuspensions(s *stage) {
	_ = s.addTask("before the start", Task{Policy: usual(), Suspended: true}, lives())
	_ = s.add("resumed before the start", usual(), lives())
	_ = s.suspend("resumed before the start")
	_ = s.resume("resumed before the start")
	s.refused("suspend what is not there", s.suspend("nobody"), core.RefusalUnknownTask)
	_ = s.start()
	s.refused("resume what is not suspended", s.resume("resumed before the start"), core.RefusalNotSuspended)
	s.refused("resume what is not there", s.resume("nobody"), core.RefusalUnknownTask)
	_ = s.addTask("added", Task{Policy: usual(), Suspended: true}, lives())
	_ = s.add("healthy", usual(), lingers(3*time.Second))
	_ = s.add("failed", usual(based(5*time.Second)), ends(core.ExitError, time.Second))
	_ = s.add("completed", usual(), ends(core.ExitOK, time.Second))
	_ = s.add("stopping", usual(), lingers(8*time.Second))
	_ = s.add("abandoned", usual(), lingers(time.Minute), lives())
	_ = s.add("never again", usual(never), lives())
	names := []string{"before the start", "added", "healthy", "failed", "stopping", "abandoned", "never again"}
	s.advance(2 * time.Second)
	_ = s.restart("stopping")
	_ = s.suspend("abandoned")
	s.refused("suspend what has ended", s.suspend("completed"), core.RefusalAlreadyEnded)
	for range 2 {
		for _, name := range names {
			_ = s.suspend(name)
			_ = s.suspend(name)
		}
		s.advance(12 * time.Second)
		for _, name := range names {
			_ = s.resume(name)
		}
		s.advance(20 * time.Second)
	}
	for _, name := range names {
		_ = s.suspend(name)
	}
	s.advance(5 * time.Second)
	_ = s.restart("healthy")
	_ = s.kill("failed")
	_ = s.remove("added")
	s.advance(time.Minute)
}

// playChanges has policies change in every status.
func playChanges(s *stage) {
	_ = s.add("before the start", usual(), ends(core.ExitError, time.Second))
	_ = s.setPolicy("before the start", usual(never))
	_ = s.start()
	_ = s.add("healthy", usual(), ends(core.ExitError, 10*time.Second))
	_ = s.add("failed", usual(based(5*time.Second)), ends(core.ExitError, time.Second))
	_ = s.add("stopping", usual(patient), lingers(20*time.Second))
	s.refused("change what is not there", s.setPolicy("nobody", usual()), core.RefusalUnknownTask)
	s.refusedSomehow("change to a bad policy", s.setPolicy("healthy", core.Policy{StopTimeout: -1}))
	s.advance(2 * time.Second)
	_ = s.restart("stopping")
	for _, name := range []string{"healthy", "failed", "stopping"} {
		_ = s.setPolicy(name, usual(based(time.Second), stopping(3*time.Second)))
	}
	if s.can(DutyReady) {
		_ = s.add("not ready", usual(ready(time.Minute)), lives())
		_ = s.add("not ready in time", usual(ready(core.Forever)), lives())
		s.advance(time.Second)
		_ = s.setPolicy("not ready", usual())
		_ = s.setPolicy("not ready in time", usual(ready(5*time.Second)))
	}
	if s.can(DutyBeats) {
		_ = s.add("watched", usual(), lives().beats(2*time.Second, 10))
		s.advance(time.Second)
		_ = s.setPolicy("watched", usual(watched(4*time.Second)))
		s.advance(10 * time.Second)
		_ = s.setPolicy("watched", usual(watched(8*time.Second)))
	}
	s.advance(time.Minute)
	s.shutdown()
	s.advance(time.Minute)
	s.refused("change too late", s.setPolicy("healthy", usual()), core.RefusalSupervisorDone)
	s.refused("change limits too late", s.setLimits(core.Limits{}), core.RefusalSupervisorDone)
}

// playOtherLimits has limits change until there is one that is passed already.
func playOtherLimits(s *stage) {
	_ = s.start()
	_ = s.add("healthy", usual(), lingers(time.Second))
	_ = s.add("dead", usual(never), ends(core.ExitError, time.Second))
	_ = s.add("fails", usual(unlimited, based(time.Second)), ends(core.ExitError, time.Second))
	s.refusedSomehow("change to bad limits", s.setLimits(core.Limits{ShutdownTimeout: -1}))
	_ = s.setLimits(core.Limits{RestartRate: core.Rate{Count: 1, Per: time.Minute}})
	s.advance(10 * time.Second)
	_ = s.setLimits(core.Limits{DeadThreshold: core.Fraction{Num: 1, Den: 2}})
	s.advance(10 * time.Second)
	_ = s.setLimits(core.Limits{DeadThreshold: core.Fraction{Num: 1, Den: 4}})
	s.advance(time.Minute)
}
