package conformance

import (
	"time"

	"github.com/tasksupervisor/tasksupervisor/core"
)

// refused checks that a call was refused for a reason.
func (s *stage) refused(call string, err error, refusal core.Refusal) {
	got := s.refusal(err)
	s.check(DutyRefusals, err != nil && got == refusal, "%s: refused for %v, not %v: %v", call, got, refusal, err)
}

// refusedSomehow checks that a call was refused; the machine may not have been asked.
func (s *stage) refusedSomehow(call string, err error) {
	s.check(DutyRefusals, err != nil, "%s: accepted", call)
}

// playStubborn has runs ignore their stop, and end late or never.
func playStubborn(s *stage) {
	_ = s.start()
	for _, name := range []string{"restarted", "killed", "removed", "left alone"} {
		_ = s.add(name, usual(), lingers(25*time.Second), lives())
		_ = s.add(name+" for ever", usual(), lingers(core.Forever))
		_ = s.add(name+" in time", usual(), lingers(10*time.Second))
	}
	s.advance(time.Minute)
	for _, suffix := range []string{"", " for ever", " in time"} {
		_ = s.restart("restarted" + suffix)
		_ = s.kill("killed" + suffix)
		_ = s.remove("removed" + suffix)
	}
	for range 8 {
		s.advance(5 * time.Second)
		_ = s.ask(call{op: "report"}, func() error {
			s.runtime.Report()
			return nil
		})
	}
	_ = s.kill("restarted for ever")
	_ = s.restart("killed for ever")
	s.advance(time.Minute)
}

// playReplaced has abandoned runs replaced by new ones, and end in any order after that.
func playReplaced(s *stage) {
	_ = s.start()
	_ = s.add("older ends first", usual(replacing), lingers(20*time.Second), ends(core.ExitError, time.Hour), lives())
	_ = s.add("newer ends first", usual(replacing), lingers(30*time.Second), ends(core.ExitError, 5*time.Second), lives())
	_ = s.add("both are stubborn", usual(replacing), lingers(time.Minute), lingers(20*time.Second), lives())
	s.advance(time.Second)
	for _, name := range []string{"older ends first", "newer ends first", "both are stubborn"} {
		_ = s.restart(name)
	}
	s.advance(12 * time.Second)
	_ = s.restart("both are stubborn")
	for range 30 {
		s.advance(5 * time.Second)
	}
	s.advance(2 * time.Hour)
}

// playEscalated has the supervisor halt because of a run that ignores its stop.
func playEscalated(s *stage) {
	_ = s.add("bystander", usual(), lingers(3*time.Second))
	_ = s.add("stubborn", usual(escalating), lingers(time.Hour))
	_ = s.start()
	s.advance(time.Second)
	_ = s.restart("stubborn")
	s.advance(time.Minute)
}

// playOneByOne has the end of the context stop one task after the other.
func playOneByOne(s *stage) {
	_ = s.start()
	_ = s.add("first", usual(), lingers(0))
	_ = s.add("second", usual(), lingers(4*time.Second))
	_ = s.add("waiting", usual(based(time.Hour)), ends(core.ExitError, time.Second))
	_ = s.add("stubborn", usual(), lingers(core.Forever))
	_ = s.add("slow", usual(patient), lingers(30*time.Second))
	_ = s.add("done", usual(), ends(core.ExitOK, time.Second))
	s.advance(time.Minute)
	s.end()
	s.callsDuring("first", core.RefusalShuttingDown)
	s.advance(time.Second)
	s.shutdown()
	s.advance(10 * time.Minute)
	s.callsDuring("first", core.RefusalSupervisorDone)
}

// callsDuring makes calls that are to be refused.
func (s *stage) callsDuring(task string, refusal core.Refusal) {
	s.refused("add", s.add("late "+refusal.String(), usual(), lives()), refusal)
	s.refused("restart", s.restart(task), refusal)
	s.refused("kill", s.kill(task), refusal)
	if refusal == core.RefusalShuttingDown {
		s.refused("remove", s.remove(task), refusal)
	}
}

// playOverallDeadline has a shutdown that takes longer than it may.
func playOverallDeadline(s *stage) {
	_ = s.add("obedient", usual(), lives())
	_ = s.add("stubborn", usual(patient), lingers(core.Forever))
	_ = s.add("slow", usual(patient), lingers(8*time.Second))
	_ = s.start()
	s.advance(time.Minute)
	s.shutdown()
	s.advance(20 * time.Second)
}

// playTogether has a shutdown stop all tasks at once, some of which take their time.
func playTogether(s *stage) {
	_ = s.start()
	for _, how := range []core.ExitKind{core.ExitOK, core.ExitError, core.ExitPanic, core.ExitGoexit} {
		slow := lingers(6 * time.Second)
		slow.gives = how
		_ = s.add("slow, "+how.String(), usual(), slow)
		_ = s.add("failing, "+how.String(), usual(unlimited), ends(how, 7*time.Second))
	}
	_ = s.add("stubborn", usual(), lingers(core.Forever))
	_ = s.add("being restarted", usual(), lingers(15*time.Second), lives())
	s.advance(time.Minute)
	_ = s.restart("being restarted")
	s.advance(time.Second)
	s.shutdown()
	s.callsDuring("slow, ok", core.RefusalShuttingDown)
	s.advance(time.Minute)
	s.callsDuring("slow, ok", core.RefusalSupervisorDone)
}

// playTooManyDead has tasks die until the supervisor gives up.
func playTooManyDead(s *stage) {
	_ = s.start()
	_ = s.add("healthy", usual(), lingers(2*time.Second))
	_ = s.add("exhausted", usual(attempts(2)), ends(core.ExitError, time.Second))
	_ = s.add("completed", usual(), ends(core.ExitOK, time.Second))
	_ = s.add("not restarted", usual(never), ends(core.ExitPanic, 10*time.Second))
	s.advance(30 * time.Second)
	_ = s.kill("healthy")
	s.advance(time.Minute)
}

// playAllEnded has the supervisor end because all there was to do is done.
func playAllEnded(s *stage) {
	_ = s.add("done", usual(), ends(core.ExitOK, 5*time.Second))
	_ = s.add("dead", usual(never), ends(core.ExitError, 20*time.Second))
	_ = s.add("helper", usual(func(p *core.Policy) { p.Significant = false }), lingers(time.Second))
	_ = s.start()
	s.advance(time.Minute)
}

// playSameInstant has much happen at one instant: ends, deadlines and operators.
func playSameInstant(s *stage) {
	_ = s.start()
	names := []string{"a", "b", "c", "d"}
	for _, name := range names {
		// Ends after 10 s, when it is restarted by an operator too, and is due again after 2 s, when it is killed.
		_ = s.add(name, usual(unlimited), ends(core.ExitError, 10*time.Second))
		_ = s.add(name+" lingering", usual(func(p *core.Policy) { p.StopTimeout = 5 * time.Second }), lingers(5*time.Second))
	}
	operate := func(op string, do func(string) error, name string, after core.Duration) {
		s.after(after, func() { _ = s.call(call{op: op, task: name}, func() error { return do(name) }) })
	}
	for _, name := range names {
		operate("restart", s.runtime.Restart, name, 10*time.Second)
		operate("restart", s.runtime.Restart, name+" lingering", 10*time.Second)
		operate("kill", s.runtime.Kill, name+" lingering", 15*time.Second)
		operate("kill", s.runtime.Kill, name, 22*time.Second)
		operate("restart", s.runtime.Restart, name, 22*time.Second)
		operate("remove", s.runtime.Remove, name, 32*time.Second)
	}
	for range 50 {
		s.advance(time.Second)
	}
}

// badObservers are one that never returns until the scenario ends, and one that always panics.
func badObservers(s *stage) []observer {
	return []observer{
		func(string, core.Action) { <-s.release },
		func(task string, _ core.Action) { panic("an observer panics about " + task) },
	}
}
