package conformance

import (
	"time"

	"github.com/tasksupervisor/tasksupervisor/core"
)

// outcomeCases are about runs that say what is to follow, and about supervisors that give up.
func outcomeCases() []testCase {
	return []testCase{
		{name: "done", play: playDone, uses: []Duty{DutyVerdicts}},
		{name: "fatal", config: core.Config{StopOrder: core.StopReverse}, play: playFatal, uses: []Duty{DutyVerdicts}},
		{name: "exhausted", play: playExhausted},
		{name: "intensity", config: core.Config{Limits: core.Limits{Intensity: core.Rate{Count: 2, Per: 10 * time.Second}}}, play: playIntensity},
		{name: "restart rate", config: core.Config{Limits: core.Limits{RestartRate: core.Rate{Count: 2, Per: 5 * time.Second}}}, play: playRestartRate},
	}
}

// playDone has runs say that they are done, whatever their policy.
func playDone(h *harness) {
	_ = h.start()
	_ = h.add("always", usual(always), ends(core.ExitDone, time.Second))
	_ = h.add("on failure", usual(), ends(core.ExitError, time.Second), ends(core.ExitDone, time.Second), lives())
	_ = h.add("never", usual(never), ends(core.ExitDone, time.Second))
	stopped := lingers(time.Second)
	stopped.gives = core.ExitDone
	_ = h.add("when stopped", usual(), stopped)
	stopped.gives = core.ExitFatal
	_ = h.add("fatal when stopped", usual(), stopped)
	h.advance(10 * time.Second)
	_ = h.restart("when stopped")
	_ = h.restart("fatal when stopped")
	_ = h.restart("on failure")
	h.advance(time.Minute)
}

// playFatal has a run say that it cannot go on.
func playFatal(h *harness) {
	_ = h.start()
	_ = h.add("bystander", usual(), lingers(3*time.Second))
	_ = h.add("fatal", usual(never), ends(core.ExitFatal, 5*time.Second))
	_ = h.add("another", usual(), lingers(time.Second))
	for range 10 {
		h.advance(time.Second)
	}
	h.callsDuring("bystander", core.RefusalSupervisorDone)
}

// playExhausted has the supervisor give up when one task has.
func playExhausted(h *harness) {
	_ = h.start()
	_ = h.add("bystander", usual(), lingers(3*time.Second))
	_ = h.add("exhausted", usual(exhausting, attempts(2), based(time.Second)), ends(core.ExitError, time.Second))
	h.advance(time.Minute)
}

// playIntensity has too many crashes.
func playIntensity(h *harness) {
	_ = h.start()
	_ = h.add("bystander", usual(), lingers(3*time.Second))
	_ = h.add("slowly", usual(based(20*time.Second)), ends(core.ExitError, time.Second))
	_ = h.add("soon", usual(based(20*time.Second)), ends(core.ExitError, 10*time.Second))
	_ = h.add("well", usual(always, based(time.Second)), ends(core.ExitOK, time.Second))
	_ = h.add("too soon", usual(), lives())
	h.advance(11 * time.Second)
	h.order("too soon", core.ExitError)
	h.advance(time.Second)
	_ = h.restart("soon")
	h.order("soon", core.ExitError)
	h.advance(time.Minute)
}

// playRestartRate has more come back at once than there is room for.
func playRestartRate(h *harness) {
	_ = h.start()
	for _, name := range []string{"a", "b", "c", "d", "e", "f", "g"} {
		_ = h.add(name, usual(unlimited, based(time.Second)), ends(core.ExitError, 10*time.Second), lives())
	}
	h.advance(12 * time.Second)
	_ = h.restart("f")
	_ = h.kill("g")
	for range 20 {
		h.advance(time.Second)
	}
}
