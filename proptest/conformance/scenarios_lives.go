package conformance

import (
	"time"

	"github.com/tasksupervisor/tasksupervisor/core"
)

// lifeCases are about supervisors that are started again when they have halted.
func lifeCases() []testCase {
	return []testCase{
		{
			name: "again", config: core.Config{Limits: core.Limits{ShutdownTimeout: time.Minute}}, play: playAgain,
			uses: []Duty{DutyAgain},
		},
		{name: "again, in order", config: core.Config{Strategy: core.RestForOne}, play: playAgainInOrder, uses: []Duty{DutyAgain}},
		{name: "again, after giving up", config: core.Config{Limits: core.Limits{Intensity: core.Rate{Count: 1, Per: time.Minute}}}, play: playAgainAfterGivingUp, uses: []Duty{DutyAgain}},
		{name: "left behind", play: playLeftBehind, uses: []Duty{DutyAgain, DutyLeft}},
	}
}

// playAgain has a supervisor stopped and started again, with much said about its tasks before, meanwhile and after.
func playAgain(h *harness) {
	_ = h.add("healthy", usual(), lives())
	_ = h.add("completes", usual(), ends(core.ExitOK, 3*time.Second))
	_ = h.add("exhausted", usual(attempts(1), based(time.Second)), ends(core.ExitPanic, time.Second))
	_ = h.add("fails", usual(based(time.Hour)), ends(core.ExitError, 2*time.Second))
	_ = h.add("killed before the start", usual(), lives())
	_ = h.kill("killed before the start")
	_ = h.start()
	for _, name := range []string{"killed", "killed and restarted", "killed while down", "restarted while down", "removed", "removed while down"} {
		_ = h.add(name, usual(), lingers(time.Second))
	}
	h.seconds(2)
	_ = h.kill("killed")
	_ = h.kill("killed and restarted")
	_ = h.kill("restarted while down")
	_ = h.remove("removed")
	h.seconds(2)
	_ = h.restart("killed and restarted")
	h.sayMore()
	h.seconds(4)
	h.end()
	h.seconds(20)
	_ = h.kill("killed while down")
	_ = h.restart("restarted while down")
	_ = h.remove("removed while down")
	_ = h.add("added while down", usual(), ends(core.ExitError, time.Second), lives())
	h.sayMoreWhileDown()
	h.seconds(1)
	old := h.again()
	h.seconds(5)
	old(errParentEnded) // has ended already, and says nothing more
	_ = h.restart("killed")
	_ = h.add("removed", usual(), lives())
	h.seconds(5)
	h.shutdown()
	h.seconds(5)
	old = h.again()
	h.seconds(5)
	old(errParentEnded) // is the context of a life that is over
	h.seconds(5)
	_ = h.kill("healthy")
	h.shutdown()
	h.seconds(5)
	_ = h.again()
	h.advance(time.Minute)
}

// sayMore says what not every runtime can be told.
func (h *harness) sayMore() {
	if h.can(DutySuspensions) {
		_ = h.addTask("asleep", Task{Policy: usual(), Suspended: true}, lives())
		_ = h.addTask("woken", Task{Policy: usual(), Suspended: true}, lives())
		_ = h.addTask("woken while down", Task{Policy: usual(), Suspended: true}, lives())
		_ = h.add("suspended", usual(), lives())
		_ = h.add("suspended while down", usual(), lives())
		_ = h.resume("woken")
		_ = h.suspend("suspended")
	}
	if h.can(DutyHolds) {
		_ = h.addTask("placed", Task{Policy: usual(), Held: true}, lives())
		_ = h.add("held", usual(), lives())
		_ = h.add("held while down", usual(), lives())
		_ = h.unhold("placed")
		_ = h.hold("held")
	}
	if h.can(DutyChanges) {
		_ = h.add("changed", usual(), lives())
		_ = h.add("changed while down", usual(), lives())
		_ = h.setPolicy("changed", usual(based(5*time.Second), always))
		_ = h.setLimits(core.Limits{ShutdownTimeout: 30 * time.Second, RestartRate: core.Rate{Count: 3, Per: time.Second}})
		h.refusedSomehow("change to bad limits", h.setLimits(core.Limits{ShutdownTimeout: -1}))
		h.refusedSomehow("change to a bad policy", h.setPolicy("changed", core.Policy{StopTimeout: -1}))
	}
	if h.can(DutyNeeds) {
		_ = h.addTask("needs", Task{Policy: usual(), Needs: []Need{{"healthy", true}, {"killed", false}}}, lives())
		_ = h.addTask("needs what completes", Task{Policy: usual(), Needs: []Need{{"completes", true}}}, lives())
	}
}

func (h *harness) sayMoreWhileDown() {
	if h.can(DutySuspensions) {
		_ = h.resume("woken while down")
		_ = h.suspend("suspended while down")
	}
	if h.can(DutyHolds) {
		_ = h.hold("held while down")
	}
	if h.can(DutyChanges) {
		_ = h.setPolicy("changed while down", usual(based(7*time.Second), never))
		_ = h.setLimits(core.Limits{ShutdownTimeout: 20 * time.Second})
	}
}

// playAgainInOrder has tasks that start in order do so again.
func playAgainInOrder(h *harness) {
	h.group()
	h.order("task 1", core.ExitError)
	h.seconds(3)
	h.shutdown()
	h.seconds(30)
	_ = h.again()
	h.seconds(20)
	h.order("task 3", core.ExitPanic)
	h.seconds(30)
}

// playAgainAfterGivingUp has a supervisor that gave up started again: it has its tasks, and no failure counts.
func playAgainAfterGivingUp(h *harness) {
	_ = h.add("fails", usual(based(time.Second)), ends(core.ExitError, time.Second), ends(core.ExitPanic, time.Second), lives())
	_ = h.add("bystander", usual(), lingers(2*time.Second))
	_ = h.start()
	h.seconds(10)
	_ = h.again()
	h.seconds(5)
	h.order("fails", core.ExitGoexit)
	h.seconds(10)
}

// playLeftBehind has runs outlive their supervisor's life, one of a task or two, until they end in a later one or never do.
func playLeftBehind(h *harness) {
	short := stopping(2 * time.Second)
	_ = h.start()
	_ = h.add("sibling", usual(), lives())
	_ = h.add("for a while", usual(short), lingers(20*time.Second), ends(core.ExitError, 3*time.Second), lives())
	_ = h.add("for long", usual(short), lingers(60*time.Second), lives())
	_ = h.add("for ever", usual(short), lingers(core.Forever))
	_ = h.add("twice", usual(short, replacing), lingers(30*time.Second), lingers(15*time.Second), lives())
	_ = h.add("replaced in the next", usual(short, replacing), lingers(25*time.Second), lives())
	_ = h.add("killed", usual(short), lingers(20*time.Second), lives())
	_ = h.add("killed later", usual(short), lingers(25*time.Second), lives())
	_ = h.add("removed", usual(short), lingers(20*time.Second), lives())
	_ = h.add("removed while down", usual(short), lingers(25*time.Second), lives())
	_ = h.add("removed later", usual(short), lingers(30*time.Second), lives())
	_ = h.add("ends while it is down", usual(short), lingers(8*time.Second), lives())
	h.advance(time.Second)
	_ = h.restart("twice")
	h.seconds(3)
	_ = h.kill("killed")
	_ = h.remove("removed")
	h.shutdown()
	h.seconds(5)
	_ = h.remove("removed while down")
	h.seconds(4)
	_ = h.again()
	h.seconds(2)
	_ = h.kill("killed later")
	_ = h.remove("removed later")
	h.refusedSomehow("take the name of a task that is being removed", h.add("removed", usual(), lives()))
	_ = h.restart("for ever")
	h.seconds(30)
	h.shutdown()
	h.seconds(5)
	_ = h.again()
	h.seconds(40)
}
