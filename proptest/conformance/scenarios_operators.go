package conformance

import (
	"time"

	"github.com/tasksupervisor/tasksupervisor/core"
)

// operatorCases are about what operators can ask for besides restarts, kills and removals.
func operatorCases() []testCase {
	return []testCase{
		{name: "needs", config: core.Config{StopOrder: core.StopTogether}, play: playNeeds, uses: []Duty{DutyNeeds}},
		{name: "needs, one by one", config: core.Config{StopOrder: core.StopReverse}, play: playNeeds, uses: []Duty{DutyNeeds}},
		{name: "suspensions", play: playSuspensions, uses: []Duty{DutySuspensions}},
		{name: "holds", play: playHolds, uses: []Duty{DutyHolds}},
		{name: "holds in a group", config: core.Config{Strategy: core.RestForOne}, play: playHolds, uses: []Duty{DutyHolds}},
		{name: "changes", play: playChanges, uses: []Duty{DutyChanges}},
		{name: "other limits", play: playOtherLimits, uses: []Duty{DutyChanges}},
	}
}

// playNeeds has tasks that need others, which come and go.
func playNeeds(h *harness) {
	base := usual(based(time.Second), unlimited)
	if h.can(DutyReady) {
		base = usual(based(time.Second), unlimited, ready(core.Forever))
	}
	bound, loose := []Need{{"base", true}}, []Need{{"base", false}}
	_ = h.add("base", base, lingers(2*time.Second).ready(3*time.Second))
	_ = h.addTask("bound", Task{Policy: base, Needs: bound}, lingers(3*time.Second).ready(time.Second))
	_ = h.addTask("loose", Task{Policy: base, Needs: loose}, lingers(time.Second).ready(time.Second))
	_ = h.start()
	_ = h.addTask("both", Task{Policy: usual(), Needs: []Need{{"bound", true}, {"loose", true}}}, lingers(4*time.Second))
	_ = h.addTask("starter", Task{Policy: usual(), Needs: bound}, ends(core.ExitOK, 3*time.Second))
	_ = h.addTask("behind", Task{Policy: usual(), Needs: []Need{{"starter", true}}}, lives())
	refused := func(what, name string, refusal core.Refusal, needs ...Need) {
		h.refused(what, h.addTask(name, Task{Policy: usual(), Needs: needs}, lives()), refusal)
		h.check(DutyNeeds, !h.knows(name), "%s: the task was added", what)
	}
	refused("need a task that is not there", "lost", core.RefusalUnknownTask, Need{"base", true}, Need{"no such task", true})
	_ = h.add("leaving", usual(), lingers(8*time.Second))
	_ = h.remove("leaving")
	refused("need a task that is being removed", "late", core.RefusalBeingRemoved, Need{"leaving", false})
	h.advance(20 * time.Second)
	h.refused("remove what is needed", h.remove("base"), core.RefusalNeeded)
	for _, disturb := range []func(string) error{
		h.restart, h.kill, h.restart,
		func(name string) error {
			h.order(name, core.ExitError)
			return nil
		},
	} {
		_ = disturb("base")
		for range 20 {
			h.advance(time.Second)
		}
	}
	_ = h.remove("both")
	h.advance(10 * time.Second)
	_ = h.remove("loose")
	if h.can(DutySuspensions) {
		_ = h.suspend("base")
		h.advance(20 * time.Second)
		_ = h.resume("base")
		_ = h.addTask("asleep", Task{Policy: usual(), Needs: bound, Suspended: true}, lives())
		h.advance(10 * time.Second)
		_ = h.resume("asleep")
	}
	h.advance(10 * time.Second)
}

// playSuspensions has tasks suspended and resumed in every status.
func playSuspensions(h *harness) {
	_ = h.addTask("before the start", Task{Policy: usual(), Suspended: true}, lives())
	_ = h.add("resumed before the start", usual(), lives())
	_ = h.suspend("resumed before the start")
	_ = h.resume("resumed before the start")
	h.refused("suspend what is not there", h.suspend("no such task"), core.RefusalUnknownTask)
	_ = h.start()
	h.refused("resume what is not suspended", h.resume("resumed before the start"), core.RefusalNotSuspended)
	h.refused("resume what is not there", h.resume("no such task"), core.RefusalUnknownTask)
	_ = h.addTask("added", Task{Policy: usual(), Suspended: true}, lives())
	_ = h.add("healthy", usual(), lingers(3*time.Second))
	_ = h.add("failed", usual(based(5*time.Second)), ends(core.ExitError, time.Second))
	_ = h.add("completed", usual(), ends(core.ExitOK, time.Second))
	_ = h.add("stopping", usual(), lingers(8*time.Second))
	_ = h.add("abandoned", usual(), lingers(time.Minute), lives())
	_ = h.add("never again", usual(never), lives())
	names := []string{"before the start", "added", "healthy", "failed", "stopping", "abandoned", "never again"}
	h.advance(2 * time.Second)
	_ = h.restart("stopping")
	_ = h.suspend("abandoned")
	h.refused("suspend what has ended", h.suspend("completed"), core.RefusalAlreadyEnded)
	for range 2 {
		for _, name := range names {
			_ = h.suspend(name)
			_ = h.suspend(name)
		}
		h.advance(12 * time.Second)
		for _, name := range names {
			_ = h.resume(name)
		}
		h.advance(20 * time.Second)
	}
	for _, name := range names {
		_ = h.suspend(name)
	}
	h.advance(5 * time.Second)
	_ = h.restart("healthy")
	_ = h.kill("failed")
	_ = h.remove("added")
	h.advance(time.Minute)
}

// playHolds has tasks held and released in every status, once and twice.
func playHolds(h *harness) {
	_ = h.addTask("before the start", Task{Policy: usual(), Held: true}, lives())
	_ = h.add("released before the start", usual(), lives())
	_ = h.hold("released before the start")
	_ = h.unhold("released before the start")
	h.refused("hold what is not there", h.hold("no such task"), core.RefusalUnknownTask)
	h.refused("release what is not there", h.unhold("no such task"), core.RefusalUnknownTask)
	_ = h.start()
	_ = h.addTask("added", Task{Policy: usual(), Held: true}, lives())
	_ = h.add("healthy", usual(), lingers(3*time.Second))
	_ = h.add("failed", usual(based(5*time.Second)), ends(core.ExitError, time.Second))
	_ = h.add("completed", usual(), ends(core.ExitOK, time.Second))
	_ = h.add("stopping", usual(), lingers(8*time.Second))
	_ = h.add("abandoned", usual(), lingers(time.Minute), lives())
	names := []string{"before the start", "added", "healthy", "failed", "completed", "stopping", "abandoned"}
	h.advance(2 * time.Second)
	_ = h.restart("stopping")
	_ = h.restart("abandoned")
	for range 2 {
		for _, name := range names {
			_ = h.hold(name)
			_ = h.hold(name)
		}
		h.advance(12 * time.Second)
		for _, name := range names {
			_ = h.restart(name)
		}
		h.advance(5 * time.Second)
		for _, name := range names {
			_ = h.unhold(name)
		}
		h.advance(20 * time.Second)
	}
	_ = h.hold("healthy")
	_ = h.kill("healthy")
	h.advance(5 * time.Second)
	_ = h.restart("healthy")
	_ = h.hold("failed")
	_ = h.remove("failed")
	h.advance(time.Minute)
	_ = h.unhold("healthy")
	h.advance(time.Minute)
}

// playChanges has policies change in every status.
func playChanges(h *harness) {
	_ = h.add("before the start", usual(), ends(core.ExitError, time.Second))
	_ = h.setPolicy("before the start", usual(never))
	_ = h.start()
	_ = h.add("healthy", usual(), ends(core.ExitError, 10*time.Second))
	_ = h.add("failed", usual(based(5*time.Second)), ends(core.ExitError, time.Second))
	_ = h.add("stopping", usual(patient), lingers(20*time.Second))
	h.refused("change what is not there", h.setPolicy("no such task", usual()), core.RefusalUnknownTask)
	h.refusedSomehow("change to a bad policy", h.setPolicy("healthy", core.Policy{StopTimeout: -1}))
	h.advance(2 * time.Second)
	_ = h.restart("stopping")
	for _, name := range []string{"healthy", "failed", "stopping"} {
		_ = h.setPolicy(name, usual(based(time.Second), stopping(3*time.Second)))
	}
	if h.can(DutyReady) {
		_ = h.add("not ready", usual(ready(time.Minute)), lives())
		_ = h.add("not ready in time", usual(ready(core.Forever)), lives())
		h.advance(time.Second)
		_ = h.setPolicy("not ready", usual())
		_ = h.setPolicy("not ready in time", usual(ready(5*time.Second)))
	}
	if h.can(DutyBeats) {
		_ = h.add("watched", usual(), lives().beats(2*time.Second, 10))
		h.advance(time.Second)
		_ = h.setPolicy("watched", usual(watched(4*time.Second)))
		h.advance(10 * time.Second)
		_ = h.setPolicy("watched", usual(watched(8*time.Second)))
	}
	h.advance(time.Minute)
	h.shutdown()
	h.advance(time.Minute)
	h.refusedAtMost("change too late", h.setPolicy("healthy", usual()), core.RefusalSupervisorDone)
	h.refusedAtMost("change limits too late", h.setLimits(core.Limits{}), core.RefusalSupervisorDone)
}

// playOtherLimits has limits change until there is one that is passed already.
func playOtherLimits(h *harness) {
	_ = h.start()
	_ = h.add("healthy", usual(), lingers(time.Second))
	_ = h.add("dead", usual(never), ends(core.ExitError, time.Second))
	_ = h.add("fails", usual(unlimited, based(time.Second)), ends(core.ExitError, time.Second))
	h.refusedSomehow("change to bad limits", h.setLimits(core.Limits{ShutdownTimeout: -1}))
	_ = h.setLimits(core.Limits{RestartRate: core.Rate{Count: 1, Per: time.Minute}})
	h.advance(10 * time.Second)
	_ = h.setLimits(core.Limits{DeadThreshold: core.Fraction{Num: 1, Den: 2}})
	h.advance(10 * time.Second)
	_ = h.setLimits(core.Limits{DeadThreshold: core.Fraction{Num: 1, Den: 4}})
	h.advance(time.Minute)
}
