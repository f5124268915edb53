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
		{name: "losses", config: core.Config{Limits: core.Limits{Intensity: core.Rate{Per: time.Hour}, RestartRate: core.Rate{Count: 2, Per: 5 * time.Second}}},
			play: playLosses, uses: []Duty{DutyLosses}},
		{name: "losses in a group", config: core.Config{Strategy: core.OneForAll}, play: playLosses, uses: []Duty{DutyLosses}},
		{name: "delays of their own", play: playDelays, uses: []Duty{DutyDelays}},
		{name: "too quick", play: playTooQuick},
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

// playLosses has runs be lost with what carried them: by themselves, many at once, while they stop, and when they were abandoned.
func playLosses(h *harness) {
	_ = h.start()
	stopped := lingers(3 * time.Second)
	stopped.gives = core.ExitLost
	_ = h.add("once", usual(), ends(core.ExitLost, time.Second), lives())
	_ = h.add("again and again", usual(attempts(1)), ends(core.ExitLost, time.Second))
	_ = h.add("always", usual(always), ends(core.ExitLost, time.Second), lives())
	_ = h.add("when stopped", usual(), stopped)
	_ = h.add("when abandoned", usual(stopping(time.Second)), stopped)
	_ = h.add("when replaced", usual(replacing, stopping(time.Second)), stopped, lives())
	for _, name := range []string{"a", "b", "c", "d"} {
		_ = h.add(name, usual(), lives())
	}
	h.seconds(5)
	for _, name := range []string{"when stopped", "when abandoned", "when replaced"} {
		_ = h.restart(name)
	}
	h.seconds(10)
	for _, name := range []string{"a", "b", "c", "d"} {
		h.order(name, core.ExitLost)
	}
	h.advance(time.Minute)
	_ = h.add("never", usual(never), ends(core.ExitLost, time.Second), lives())
	h.advance(time.Minute)
}

// playDelays has runs ask for delays of their own: longer and shorter than that of the policy, beyond its cap, and none.
func playDelays(h *harness) {
	fails := func(delay core.Duration) script { return ends(core.ExitError, time.Second).asking(delay) }
	capped := usual(unlimited, func(p *core.Policy) { p.MaxDelay = 20 * time.Second })
	_ = h.add("longer, then shorter", usual(unlimited), fails(10*time.Second), fails(1), fails(0), fails(30*time.Second), lives())
	_ = h.start()
	_ = h.add("beyond the cap", capped, fails(time.Hour), fails(20*time.Second), fails(20*time.Second+1), fails(core.Forever), lives())
	_ = h.add("less than none", usual(), fails(-time.Second), fails(time.Second), lives())
	_ = h.add("with jitter", usual(jittered), fails(10*time.Second), fails(0), lives())
	_ = h.add("attempts count", usual(attempts(2)), fails(3*time.Second), fails(3*time.Second), fails(3*time.Second))
	_ = h.add("not by a panic", usual(), ends(core.ExitPanic, time.Second).asking(time.Minute), fails(4*time.Second), lives())
	_ = h.add("not by a good end", usual(always), ends(core.ExitOK, time.Second).asking(time.Minute), fails(4*time.Second), lives())
	stopped := lives().asking(time.Minute)
	_ = h.add("not when stopped", usual(), stopped)
	h.seconds(20)
	_ = h.restart("not when stopped")
	for range 20 {
		h.advance(5 * time.Second)
	}
}

// playTooQuick has good ends that come too soon to be good, and at the last instant before that.
func playTooQuick(h *harness) {
	quick := func(change ...func(*core.Policy)) core.Policy {
		return usual(append(change, func(p *core.Policy) { p.MinUptime = 5 * time.Second })...)
	}
	_ = h.start()
	_ = h.add("always", quick(always, based(time.Second), attempts(3)), ends(core.ExitOK, time.Second))
	_ = h.add("on failure", quick(based(time.Second)), ends(core.ExitOK, 5*time.Second-1), ends(core.ExitOK, 5*time.Second))
	_ = h.add("after a failure", quick(based(time.Second)), ends(core.ExitError, time.Second), ends(core.ExitOK, time.Second), lives())
	_ = h.add("after a panic", quick(based(time.Second)), ends(core.ExitPanic, time.Second), ends(core.ExitOK, time.Second), lives())
	_ = h.add("never restarted", quick(never), ends(core.ExitOK, time.Second))
	if h.can(DutyVerdicts) {
		_ = h.add("is done", quick(always), ends(core.ExitDone, time.Second))
	}
	h.seconds(4)
	_ = h.restart("never restarted")
	h.advance(time.Minute)
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
