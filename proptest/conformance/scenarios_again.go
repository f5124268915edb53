package conformance

import (
	"time"

	"github.com/tasksupervisor/tasksupervisor/core"
)

// removalCases are about tasks that are removed while something of them is alive, and about those that have their names next.
func removalCases() []testCase {
	return []testCase{
		{name: "removed while it runs", play: playRemovedWhileItRuns},
		{name: "waited for", play: playWaitedFor, uses: []Duty{DutyWaits}},
		{name: "names again", play: playNamesAgain},
		{name: "copies", play: playCopies, uses: []Duty{DutyCopies}},
	}
}

// playRemovedWhileItRuns has tasks removed that have one run or two, which end in any order or ignore that for good.
func playRemovedWhileItRuns(h *harness) {
	_ = h.start()
	_ = h.add("obeys late", usual(), lingers(8*time.Second))
	_ = h.add("is abandoned", usual(), lingers(20*time.Second))
	_ = h.add("older ends last", usual(replacing), lingers(40*time.Second), lingers(3*time.Second))
	_ = h.add("newer ends last", usual(replacing), lingers(14*time.Second), lingers(30*time.Second))
	_ = h.add("for ever", usual(), lingers(core.Forever))
	names := []string{"obeys late", "is abandoned", "older ends last", "newer ends last", "for ever"}
	h.advance(time.Second)
	_ = h.restart("older ends last")
	_ = h.restart("newer ends last")
	h.seconds(11)
	for _, name := range names {
		_ = h.remove(name)
	}
	for range 16 {
		for _, name := range names {
			known := h.knows(name)
			err := h.add(name, usual(), lives())
			h.check(DutyNames, (err != nil) == known, "%s was known: %t, and its name was taken: %v", name, known, err)
			if err == nil {
				_ = h.remove(name)
			}
		}
		h.advance(3 * time.Second)
	}
	h.shutdown()
	h.advance(time.Minute)
}

// playWaitedFor has tasks removed and killed by callers that wait, beside runs that were replaced, and beside others that wait.
func playWaitedFor(h *harness) {
	_ = h.start()
	for _, call := range []string{"removed", "killed"} {
		_ = h.add(call+", lives", usual(), lives())
		_ = h.add(call+", has failed", usual(based(time.Hour)), ends(core.ExitError, 0))
		_ = h.add(call+", obeys late", usual(), lingers(8*time.Second))
		_ = h.add(call+", is abandoned", usual(), lingers(20*time.Second))
		_ = h.add(call+" beside a replaced run", usual(replacing), lingers(40*time.Second), lingers(3*time.Second))
		_ = h.add(call+" behind a replaced run", usual(replacing), lingers(14*time.Second), lingers(6*time.Second))
		_ = h.add(call+" as both are stubborn", usual(replacing), lingers(60*time.Second), lingers(30*time.Second))
	}
	_ = h.add("revived", usual(), lingers(4*time.Second), lingers(9*time.Second), lives())
	h.advance(time.Second)
	for _, call := range []string{"removed", "killed"} {
		for _, which := range []string{" beside a replaced run", " behind a replaced run", " as both are stubborn"} {
			_ = h.restart(call + which)
		}
	}
	h.seconds(11)
	for _, which := range []string{
		", lives", ", has failed", ", obeys late", ", is abandoned", " beside a replaced run", " behind a replaced run",
		" as both are stubborn",
	} {
		h.removeWait("removed" + which)
		h.killWait("killed" + which)
	}
	h.removeWait("no such task")
	h.killWait("removed, obeys late")
	h.killWait("killed, has failed")
	// The next run is none of those that wait for this one.
	h.killWait("revived")
	_ = h.restart("revived")
	h.seconds(5)
	_ = h.restart("revived")
	h.removeWait("revived")
	h.seconds(60)
}

// playNamesAgain has names used by one task after the other: a task has nothing of the one that had its name before.
func playNamesAgain(h *harness) {
	_ = h.start()
	for _, before := range []script{
		ends(core.ExitError, time.Second), ends(core.ExitPanic, time.Second), ends(core.ExitGoexit, time.Second), lingers(2 * time.Second),
	} {
		_ = h.add("task", usual(attempts(1), based(time.Second)), before)
		h.advance(6 * time.Second)
		_ = h.remove("task")
		h.advance(4 * time.Second)
		h.check(DutyNames, h.add("task", usual(attempts(1), based(time.Second)), lives(), ends(core.ExitOK, time.Second)) == nil,
			"the name of a removed task was not free")
		h.advance(time.Second)
		_ = h.restart("task")
		h.advance(5 * time.Second)
		_ = h.remove("task")
		h.advance(time.Second)
	}
	// The old task's runs, one of which was replaced, go on for a while, and the name is not free; then it is another task's.
	_ = h.add("task", usual(replacing), lingers(30*time.Second), lingers(20*time.Second))
	h.advance(time.Second)
	_ = h.restart("task")
	h.advance(11 * time.Second)
	_ = h.remove("task")
	h.seconds(25)
	_ = h.add("task", usual(), lives())
	h.advance(time.Second)
	_ = h.kill("task")
	_ = h.remove("task")
	if h.can(DutyProbes) {
		// A probe of the old task answers when it is the new one that is asked.
		policy := usual(probed(2*time.Second, time.Minute, 1), based(time.Second))
		for _, list := range [][]answer{{{9 * time.Second, core.ExitError}}, {{8 * time.Second, core.ExitOK}}} {
			_ = h.addTask("task", Task{Policy: policy, Probe: h.probe("task", list)}, lives())
			h.seconds(3)
			_ = h.remove("task")
			h.advance(time.Second)
		}
		_ = h.addTask("task", Task{Policy: policy, Probe: h.probe("task", []answer{{20 * time.Second, core.ExitOK}})}, lives())
		h.seconds(30)
	}
}

// playCopies has tasks whose runs are made anew, also while an older one is alive.
func playCopies(h *harness) {
	add := func(name string, policy core.Policy, list ...script) {
		_ = h.addTask(name, Task{Policy: policy, Make: h.makes(name, inTurn(list...))})
	}
	add("before the start", usual(), lives())
	_ = h.start()
	add("fails", usual(unlimited, based(time.Second)), ends(core.ExitError, time.Second), ends(core.ExitPanic, 0), ends(core.ExitGoexit, time.Second))
	add("always", usual(always, based(time.Second)), ends(core.ExitOK, time.Second))
	add("is replaced", usual(replacing), lingers(30*time.Second), lives())
	h.advance(2 * time.Second)
	_ = h.restart("before the start")
	_ = h.restart("is replaced")
	h.seconds(20)
	_ = h.remove("fails")
	h.advance(time.Second)
	add("fails", usual(), ends(core.ExitError, time.Second), lives())
	h.advance(time.Minute)
}
