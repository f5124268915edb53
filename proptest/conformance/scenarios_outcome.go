package conformance

import (
	"time"

	"github.com/tasksupervisor/tasksupervisor/core"
)

// outcomePlots are about runs that say what is to follow, and about supervisors that give up.
func outcomePlots() []plot {
	return []plot{
		{name: "done", play: playDone, uses: []Duty{DutyVerdicts}},
		{name: "fatal", config: core.Config{StopOrder: core.StopReverse}, play: playFatal, uses: []Duty{DutyVerdicts}},
		{name: "exhausted", play: playExhausted},
		{name: "intensity", config: core.Config{Limits: core.Limits{Intensity: core.Rate{Count: 2, Per: 10 * time.Second}}}, play: playIntensity},
		{name: "budget", config: core.Config{Limits: core.Limits{RestartRate: core.Rate{Count: 2, Per: 5 * time.Second}}}, play: playBudget},
	}
}

// playDone has runs say that they are done, whatever their policy.
func playDone(s *stage) {
	_ = s.start()
	_ = s.add("always", usual(always), ends(core.ExitDone, time.Second))
	_ = s.add("on failure", usual(), ends(core.ExitError, time.Second), ends(core.ExitDone, time.Second), lives())
	_ = s.add("never", usual(never), ends(core.ExitDone, time.Second))
	stopped := lingers(time.Second)
	stopped.gives = core.ExitDone
	_ = s.add("when stopped", usual(), stopped)
	stopped.gives = core.ExitFatal
	_ = s.add("fatal when stopped", usual(), stopped)
	s.advance(10 * time.Second)
	_ = s.restart("when stopped")
	_ = s.restart("fatal when stopped")
	_ = s.restart("on failure")
	s.advance(time.Minute)
}

// playFatal has a run say that it can not go on.
func playFatal(s *stage) {
	_ = s.start()
	_ = s.add("bystander", usual(), lingers(3*time.Second))
	_ = s.add("fatal", usual(never), ends(core.ExitFatal, 5*time.Second))
	_ = s.add("another", usual(), lingers(time.Second))
	for range 10 {
		s.advance(time.Second)
	}
	s.callsDuring("bystander", core.RefusalSupervisorDone)
}

// playExhausted has the supervisor give up when one task has.
func playExhausted(s *stage) {
	_ = s.start()
	_ = s.add("bystander", usual(), lingers(3*time.Second))
	_ = s.add("exhausted", usual(exhausting, attempts(2), based(time.Second)), ends(core.ExitError, time.Second))
	s.advance(time.Minute)
}

// playIntensity has too many crashes.
func playIntensity(s *stage) {
	_ = s.start()
	_ = s.add("bystander", usual(), lingers(3*time.Second))
	_ = s.add("slowly", usual(based(20*time.Second)), ends(core.ExitError, time.Second))
	_ = s.add("soon", usual(based(20*time.Second)), ends(core.ExitError, 10*time.Second))
	_ = s.add("well", usual(always, based(time.Second)), ends(core.ExitOK, time.Second))
	_ = s.add("too soon", usual(), lives())
	s.advance(11 * time.Second)
	s.order("too soon", core.ExitError)
	s.advance(time.Second)
	_ = s.restart("soon")
	s.order("soon", core.ExitError)
	s.advance(time.Minute)
}

// playBudget has more come back at once than there is room for.
func playBudget(s *stage) {
	_ = s.start()
	for _, name := range []string{"a", "b", "c", "d", "e", "f", "g"} {
		_ = s.add(name, usual(unlimited, based(time.Second)), ends(core.ExitError, 10*time.Second), lives())
	}
	s.advance(12 * time.Second)
	_ = s.restart("f")
	_ = s.kill("g")
	for range 20 {
		s.advance(time.Second)
	}
}
