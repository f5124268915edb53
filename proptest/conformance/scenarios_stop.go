package conformance

import (
	"slices"
	"time"

	"github.com/tasksupervisor/tasksupervisor/core"
)

// refused checks that a call was refused for a reason.
func (h *harness) refused(call string, err error, refusal core.Refusal) {
	got := h.refusal(err)
	h.check(DutyRefusals, err != nil && got == refusal, "%s: refused for %v, not %v: %v", call, got, refusal, err)
}

// refusedSomehow checks that a call was refused; the machine may not have been asked.
func (h *harness) refusedSomehow(call string, err error) {
	h.check(DutyRefusals, err != nil, "%s: accepted", call)
}

// playStubborn has runs ignore their stop, and end late or never.
func playStubborn(h *harness) {
	_ = h.start()
	for _, name := range []string{"restarted", "killed", "removed", "left alone"} {
		_ = h.add(name, usual(), lingers(25*time.Second), lives())
		_ = h.add(name+" for ever", usual(), lingers(core.Forever))
		_ = h.add(name+" in time", usual(), lingers(10*time.Second))
	}
	h.advance(time.Minute)
	for _, suffix := range []string{"", " for ever", " in time"} {
		_ = h.restart("restarted" + suffix)
		_ = h.kill("killed" + suffix)
		_ = h.remove("removed" + suffix)
	}
	for range 8 {
		h.advance(5 * time.Second)
		_ = h.ask(call{op: "report"}, func() error {
			h.runtime.Report()
			return nil
		})
	}
	_ = h.kill("restarted for ever")
	_ = h.restart("killed for ever")
	h.advance(time.Minute)
}

// playReplaced has abandoned runs replaced by new ones, and end in any order after that.
func playReplaced(h *harness) {
	_ = h.start()
	_ = h.add("older ends first", usual(replacing), lingers(20*time.Second), ends(core.ExitError, time.Hour), lives())
	_ = h.add("newer ends first", usual(replacing), lingers(30*time.Second), ends(core.ExitError, 5*time.Second), lives())
	_ = h.add("both are stubborn", usual(replacing), lingers(time.Minute), lingers(20*time.Second), lives())
	h.advance(time.Second)
	for _, name := range []string{"older ends first", "newer ends first", "both are stubborn"} {
		_ = h.restart(name)
	}
	h.advance(12 * time.Second)
	_ = h.restart("both are stubborn")
	for range 30 {
		h.advance(5 * time.Second)
	}
	h.advance(2 * time.Hour)
}

// playEscalated has the supervisor halt because of a run that ignores its stop.
func playEscalated(h *harness) {
	_ = h.add("bystander", usual(), lingers(3*time.Second))
	_ = h.add("stubborn", usual(escalating), lingers(time.Hour))
	_ = h.start()
	h.advance(time.Second)
	_ = h.restart("stubborn")
	h.advance(time.Minute)
}

// playOneByOne has the end of the context stop one task after the other.
func playOneByOne(h *harness) {
	_ = h.start()
	_ = h.add("first", usual(), lingers(0))
	_ = h.add("second", usual(), lingers(4*time.Second))
	_ = h.add("waiting", usual(based(time.Hour)), ends(core.ExitError, time.Second))
	_ = h.add("stubborn", usual(), lingers(core.Forever))
	_ = h.add("slow", usual(patient), lingers(30*time.Second))
	_ = h.add("done", usual(), ends(core.ExitOK, time.Second))
	h.advance(time.Minute)
	h.end()
	h.callsDuring("first", core.RefusalShuttingDown)
	h.advance(time.Second)
	h.shutdown()
	h.advance(10 * time.Minute)
	h.callsDuring("first", core.RefusalSupervisorDone)
}

// callsDuring makes calls while the supervisor stops, or after. A runtime may refuse them, or tell the machine, which accepts
// them; then nothing starts by them.
func (h *harness) callsDuring(task string, refusal core.Refusal) {
	h.refusedAtMost("add", h.add("late "+refusal.String(), usual(), lives()), refusal)
	h.refusedAtMost("restart", h.restart(task), refusal, core.RefusalUnknownTask)
	h.refusedAtMost("kill", h.kill(task), refusal, core.RefusalUnknownTask)
	if refusal == core.RefusalShuttingDown {
		h.refusedAtMost("remove", h.remove(task), refusal)
	}
}

// refusedAtMost checks that a call was refused for one of these reasons, if it was.
func (h *harness) refusedAtMost(call string, err error, refusals ...core.Refusal) {
	got := h.refusal(err)
	h.check(DutyRefusals, err == nil || slices.Contains(refusals, got), "%s: refused for %v, not %v: %v", call, got, refusals, err)
}

// playOverallDeadline has a shutdown that takes longer than it may.
func playOverallDeadline(h *harness) {
	_ = h.add("obedient", usual(), lives())
	_ = h.add("stubborn", usual(patient), lingers(core.Forever))
	_ = h.add("slow", usual(patient), lingers(8*time.Second))
	_ = h.start()
	h.advance(time.Minute)
	h.shutdown()
	h.advance(20 * time.Second)
}

// playTogether has a shutdown stop all tasks at once, some of which take their time.
func playTogether(h *harness) {
	_ = h.start()
	for _, how := range []core.ExitKind{core.ExitOK, core.ExitError, core.ExitPanic, core.ExitGoexit} {
		slow := lingers(6 * time.Second)
		slow.gives = how
		_ = h.add("slow, "+how.String(), usual(), slow)
		_ = h.add("failing, "+how.String(), usual(unlimited), ends(how, 7*time.Second))
	}
	_ = h.add("stubborn", usual(), lingers(core.Forever))
	_ = h.add("being restarted", usual(), lingers(15*time.Second), lives())
	h.advance(time.Minute)
	_ = h.restart("being restarted")
	h.advance(time.Second)
	h.shutdown()
	h.callsDuring("slow, ok", core.RefusalShuttingDown)
	h.advance(time.Minute)
	h.callsDuring("slow, ok", core.RefusalSupervisorDone)
}

// playTooManyDead has tasks die until the supervisor gives up.
func playTooManyDead(h *harness) {
	_ = h.start()
	_ = h.add("healthy", usual(), lingers(2*time.Second))
	_ = h.add("exhausted", usual(attempts(2)), ends(core.ExitError, time.Second))
	_ = h.add("completed", usual(), ends(core.ExitOK, time.Second))
	_ = h.add("not restarted", usual(never), ends(core.ExitPanic, 10*time.Second))
	h.advance(30 * time.Second)
	_ = h.kill("healthy")
	h.advance(time.Minute)
}

// playAllEnded has the supervisor end because all there was to do is done.
func playAllEnded(h *harness) {
	_ = h.add("done", usual(), ends(core.ExitOK, 5*time.Second))
	_ = h.add("dead", usual(never), ends(core.ExitError, 20*time.Second))
	_ = h.add("helper", usual(func(p *core.Policy) { p.Significant = false }), lingers(time.Second))
	_ = h.start()
	h.advance(time.Minute)
}

// playSameInstant has much happen at one instant: ends, deadlines and operators.
func playSameInstant(h *harness) {
	_ = h.start()
	names := []string{"a", "b", "c", "d"}
	for _, name := range names {
		// Ends after 10 s, when it is restarted by an operator too, and is due again after 2 s, when it is killed.
		_ = h.add(name, usual(unlimited), ends(core.ExitError, 10*time.Second))
		_ = h.add(name+" lingering", usual(func(p *core.Policy) { p.StopTimeout = 5 * time.Second }), lingers(5*time.Second))
	}
	operate := func(op string, do func(string) error, name string, after core.Duration) {
		h.after(after, func() { _ = h.call(call{op: op, task: name}, func() error { return do(name) }) })
	}
	for _, name := range names {
		operate("restart", h.runtime.Restart, name, 10*time.Second)
		operate("restart", h.runtime.Restart, name+" lingering", 10*time.Second)
		operate("kill", h.runtime.Kill, name+" lingering", 15*time.Second)
		operate("kill", h.runtime.Kill, name, 22*time.Second)
		operate("restart", h.runtime.Restart, name, 22*time.Second)
		operate("remove", h.runtime.Remove, name, 32*time.Second)
	}
	for range 50 {
		h.advance(time.Second)
	}
}

// badObservers are one that never returns until the scenario ends, and one that always panics.
func badObservers(h *harness) []observer {
	return []observer{
		func(string, core.Action) { <-h.release },
		func(task string, _ core.Action) { panic("an observer panics about " + task) },
	}
}
