package conformance

import (
	"time"

	"github.com/tasksupervisor/tasksupervisor/core"
)

// healthCases are about what runs say of themselves, and what they are asked.
func healthCases() []testCase {
	return []testCase{
		{name: "readiness", play: playReadiness, uses: []Duty{DutyReady}},
		{name: "not ready for now", play: playUnready, uses: []Duty{DutyReady, DutyUnready}},
		{
			name: "not ready for now, in order", config: core.Config{Strategy: core.RestForOne}, play: playUnreadyInOrder,
			uses: []Duty{DutyReady, DutyUnready},
		},
		{name: "watchdog", play: playWatchdog, uses: []Duty{DutyBeats}},
		{name: "promises", play: playPromises, uses: []Duty{DutyBeats}},
		{name: "probes", play: playProbes, uses: []Duty{DutyProbes}},
	}
}

// playReadiness has runs that are ready soon, late, too late or never, and say so once, twice or when they are stopped.
func playReadiness(h *harness) {
	policy := usual(ready(10*time.Second), based(time.Second))
	_ = h.add("at once", policy, lives().ready(0))
	_ = h.add("soon", policy, lives().ready(3*time.Second))
	_ = h.start()
	_ = h.add("late", policy, lives().ready(10*time.Second-1))
	_ = h.add("at the last instant", policy, lives().ready(10*time.Second))
	_ = h.add("never", policy, lingers(4*time.Second), lives(), lives().ready(time.Second))
	_ = h.add("twice", policy, lives().ready(time.Second).ready(5*time.Second))
	_ = h.add("and fails", policy, ends(core.ExitError, 6*time.Second).ready(2*time.Second))
	_ = h.add("fails before", policy, ends(core.ExitPanic, 2*time.Second).ready(5*time.Second), lives().ready(0))
	_ = h.add("fails with it", policy, ends(core.ExitError, 2*time.Second).ready(2*time.Second))
	_ = h.add("needs not say so", usual(), lives().ready(time.Second))
	_ = h.add("when stopped", policy, lingers(8*time.Second).ready(15*time.Second), lives().ready(0))
	// The first run says that it is ready when it has been replaced by another one that is not.
	_ = h.add("when replaced", usual(ready(5*time.Second), based(time.Second), replacing, stopping(2*time.Second)),
		lingers(time.Minute).ready(11*time.Second), lives().ready(4*time.Second))
	for range 30 {
		h.advance(time.Second)
	}
	_ = h.restart("soon")
	h.advance(time.Second)
	_ = h.restart("soon")
	_ = h.kill("late")
	h.advance(time.Minute)
}

// playUnready has runs take back that they are ready, for a while or for good, and when that changes nothing.
func playUnready(h *harness) {
	policy := usual(ready(10*time.Second), based(time.Second))
	_ = h.add("for a while", policy, lingers(2*time.Second).ready(time.Second).unready(5*time.Second).ready(15*time.Second))
	_ = h.start()
	_ = h.add("again and again", policy, lives().ready(0).unready(2*time.Second).ready(4*time.Second).unready(6*time.Second).ready(8*time.Second))
	_ = h.add("for good", policy, lives().ready(time.Second).unready(3*time.Second))
	_ = h.add("before it is ready", policy, lives().unready(time.Second).ready(2*time.Second))
	_ = h.add("twice", policy, lives().ready(0).unready(2*time.Second).unready(3*time.Second).ready(4*time.Second).ready(5*time.Second))
	_ = h.add("at once", policy, lives().ready(time.Second).unready(time.Second).ready(time.Second).unready(9*time.Second))
	_ = h.add("and fails", policy, ends(core.ExitError, 6*time.Second).ready(0).unready(3*time.Second), lives().ready(time.Second))
	_ = h.add("and fails with it", policy, ends(core.ExitPanic, 3*time.Second).ready(0).unready(3*time.Second), lives().ready(0))
	_ = h.add("need not say so", usual(), lives().unready(time.Second).ready(2*time.Second))
	_ = h.add("when stopped", policy, lingers(8*time.Second).ready(0).unready(12*time.Second).ready(13*time.Second), lives().ready(0))
	// The first run says it when it has been replaced by another one that is ready.
	_ = h.add("when replaced", usual(ready(5*time.Second), replacing, stopping(2*time.Second)),
		lingers(time.Minute).ready(0).unready(16*time.Second).ready(20*time.Second), lives().ready(0))
	if h.can(DutyNeeds) {
		need := []Need{{"for a while", true}, {"again and again", false}}
		_ = h.addTask("goes on", Task{Policy: usual(), Needs: need}, lives())
		_ = h.addTask("comes back later", Task{Policy: usual(based(time.Second)), Needs: need}, ends(core.ExitError, 6*time.Second), lives())
		h.seconds(7)
		_ = h.addTask("comes later", Task{Policy: usual(), Needs: need}, lives())
	} else {
		h.seconds(7)
	}
	h.seconds(4)
	_ = h.restart("when stopped")
	_ = h.restart("when replaced")
	h.seconds(20)
	_ = h.restart("for good")
	_ = h.restart("for a while")
	h.seconds(10)
	_ = h.kill("for a while")
	h.advance(time.Minute)
}

// playUnreadyInOrder has the first of three tasks that start in order take back that it is ready.
func playUnreadyInOrder(h *harness) {
	policy := usual(ready(core.Forever), based(time.Second))
	_ = h.add("first", policy, lives().ready(time.Second).unready(5*time.Second).ready(20*time.Second))
	_ = h.add("second", policy, ends(core.ExitError, 6*time.Second).ready(time.Second), lives().ready(2*time.Second))
	_ = h.add("third", policy, lingers(time.Second).ready(time.Second))
	_ = h.start()
	h.seconds(10)
	_ = h.add("late", usual(), lives())
	h.seconds(20)
	h.order("first", core.ExitError)
	h.seconds(30)
}

// playWatchdog has runs that beat for a while, or not at all, or when they are not to.
func playWatchdog(h *harness) {
	policy := usual(watched(5*time.Second), based(time.Second), unlimited)
	_ = h.start()
	_ = h.add("hangs after a while", policy, lives().beats(3*time.Second, 7))
	_ = h.add("hangs at once", policy, lingers(3*time.Second), lives().beats(time.Second, 60))
	_ = h.add("hangs for good", usual(watched(5*time.Second), replacing, based(time.Second)), lingers(core.Forever))
	_ = h.add("just in time", policy, lives().beats(5*time.Second-1, 8))
	_ = h.add("just too late", policy, lives().beats(5*time.Second+1, 8))
	_ = h.add("at the last instant", policy, lives().beats(5*time.Second, 8))
	_ = h.add("often", policy, lives().beats(100*time.Millisecond, 300))
	_ = h.add("is reported", usual(watched(5*time.Second), reporting), lives().beats(8*time.Second, 3).beats(2*time.Second, 6))
	_ = h.add("is silent for long", usual(watched(5*time.Second), reporting),
		lives().saying(saying{after: 30 * time.Second}, saying{after: 34 * time.Second}, saying{after: 50 * time.Second, within: time.Second}))
	_ = h.add("is not watched", usual(), lives().beats(time.Second, 5))
	_ = h.add("fails", policy, ends(core.ExitError, 7*time.Second).beats(2*time.Second, 3))
	// The first run beats when it has been replaced by another one that does not.
	_ = h.add("when replaced", usual(watched(5*time.Second), based(time.Second), replacing, stopping(time.Second)),
		lingers(time.Minute).beats(7*time.Second, 1).beats(time.Second, 30), lives())
	for range 60 {
		h.advance(time.Second)
	}
	_ = h.restart("often")
	h.advance(time.Minute)
}

// playPromises has runs that say how soon they will beat again.
func playPromises(h *harness) {
	policy := usual(watched(5*time.Second), based(time.Second), unlimited)
	beat := func(after, within core.Duration) saying { return saying{after: after * time.Second, within: within} }
	_ = h.start()
	_ = h.add("kept", policy, lives().saying(beat(1, 20*time.Second), beat(20, 2*time.Second), beat(21, 30*time.Second)))
	_ = h.add("broken", policy, lives().saying(beat(1, 20*time.Second)), lives().saying(beat(3, time.Second)))
	_ = h.add("for ever", policy, lives().saying(beat(4, core.Forever)))
	_ = h.add("for ever, then not", policy, lives().saying(beat(4, core.Forever), beat(30, 0), beat(33, 0)))
	_ = h.add("long, then short", policy, lives().saying(beat(4, 30*time.Second), beat(6, 0)))
	_ = h.add("short, then plain", policy, lives().saying(beat(4, 2*time.Second), beat(5, 0), beat(9, 0), beat(12, time.Second)))
	for range 60 {
		h.advance(time.Second)
	}
}

// playProbes has probes answered in every way, in time and too late.
func playProbes(h *harness) {
	policy := usual(probed(2*time.Second, 3*time.Second, 2), based(time.Second), unlimited)
	ok := answer{0, core.ExitOK}
	probe := func(name string, policy core.Policy, run script, answers ...answer) {
		_ = h.addTask(name, Task{Policy: policy, Probe: h.probe(name, answers)}, run)
	}
	_ = h.start()
	probe("well", policy, lives(), ok)
	probe("slow", policy, lives(), answer{time.Second, core.ExitOK}, answer{3*time.Second - 1, core.ExitOK}, ok)
	probe("at the last instant", policy, lives(), answer{3 * time.Second, core.ExitOK}, ok)
	probe("unwell at times", policy, lives(), answer{0, core.ExitError}, ok)
	probe("unwell", policy, lingers(2*time.Second), answer{time.Second, core.ExitError})
	probe("panics", policy, lives(), answer{0, core.ExitPanic}, answer{time.Second, core.ExitGoexit}, ok)
	probe("silent", policy, lives(), answer{core.Forever, core.ExitOK})
	// The answer comes when the next probe is under way, if one is made.
	probe("late", usual(probed(2*time.Second, 3*time.Second, 9)), lives(),
		answer{6 * time.Second, core.ExitOK}, answer{core.Forever, core.ExitOK}, answer{6 * time.Second, core.ExitError}, ok)
	probe("is reported", usual(probed(2*time.Second, time.Second, 1), reporting), lives(), answer{0, core.ExitError}, ok)
	probe("silence is reported", usual(probed(2*time.Second, time.Second, 2), reporting), lives(),
		ok, answer{20 * time.Second, core.ExitOK}, answer{10 * time.Second, core.ExitError}, ok)
	probe("may take its time", usual(probed(2*time.Second, core.Forever, 1)), lives(), answer{time.Minute, core.ExitOK})
	probe("fails meanwhile", policy, ends(core.ExitError, 3*time.Second), answer{2 * time.Second, core.ExitOK})
	probe("fails in the same instant", policy, ends(core.ExitError, 2*time.Second), ok)
	probe("is killed meanwhile", policy, lingers(2*time.Second), answer{2 * time.Second, core.ExitError})
	h.advance(3 * time.Second)
	_ = h.kill("is killed meanwhile")
	for range 40 {
		h.advance(time.Second)
	}
	if h.can(DutyChanges) {
		// A probe under way is given up. Its answer comes when the next one is under way.
		late := usual(probed(2*time.Second, time.Minute, 1))
		probe("another policy", late, lives(), answer{5 * time.Second, core.ExitError}, answer{4 * time.Second, core.ExitOK}, ok)
		h.advance(3 * time.Second)
		_ = h.setPolicy("another policy", usual(probed(3*time.Second, time.Minute, 1)))
		h.advance(time.Minute)
	}
}
