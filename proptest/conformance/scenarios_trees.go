package conformance

import (
	"time"

	"github.com/tasksupervisor/tasksupervisor/core"
)

// treeCases are about supervisors that are tasks of others.
func treeCases() []testCase {
	return []testCase{
		{name: "tree", play: playTree, uses: []Duty{DutyTree}},
		{name: "tree, said by hand", play: playSaidInTree, uses: []Duty{DutyTree, DutySuspensions, DutyChanges}},
		{name: "tree, ready", play: playTreeReady, uses: []Duty{DutyTree, DutyReady, DutyUnready, DutySuspensions}},
		{name: "tree, left behind", play: playLeftInTree, uses: []Duty{DutyTree}},
	}
}

// playTree has a tree of three levels, of which parts give up, are restarted, removed and replaced.
func playTree(h *harness) {
	gives := core.Config{Limits: core.Limits{Intensity: core.Rate{Count: 1, Per: time.Minute}}}
	twig := testCase{config: gives, play: func(h *harness) {
		h.sow("leaf", Task{Policy: usual()}, lingers(time.Second))
		h.sow("failing", Task{Policy: usual(based(time.Second))}, ends(core.ExitError, 4*time.Second))
	}}
	branch := testCase{config: core.Config{Strategy: core.RestForOne}, play: func(h *harness) {
		h.sow("leaf", Task{Policy: usual()}, lingers(2*time.Second))
		h.graft("twig", usual(based(2*time.Second), patient), twig)
	}}
	nest := usual(based(3*time.Second), patient, unlimited)
	_ = h.add("sibling", usual(), lives())
	h.addTree("branch", nest, branch)
	h.addTreeMaker("made", nest, twig)
	_ = h.start()
	later := h.addTree("added later", nest, twig)
	h.addTree("works to the end", nest, testCase{config: core.Config{Limits: core.Limits{AutoShutdown: core.AutoShutdownAll}}, play: func(h *harness) {
		h.sow("job", Task{Policy: usual()}, ends(core.ExitOK, 5*time.Second))
	}})
	h.seconds(30)
	_ = h.restart("branch")
	_ = h.restart("made")
	h.seconds(5)
	_ = h.remove("added later")
	h.seconds(10)
	h.addTree("added later", nest, branch)
	h.move(later, "moved", nest)
	_ = h.kill("made")
	h.seconds(5)
	_ = h.restart("made")
	_ = h.remove("branch")
	h.seconds(20)
}

// playSaidInTree has much said about the tasks of supervisors that are restarted, before, meanwhile and while they are down.
func playSaidInTree(h *harness) {
	test := testCase{config: core.Config{Limits: core.Limits{Intensity: core.Rate{Count: 1, Per: time.Minute}}}, play: func(h *harness) {
		for _, name := range []string{"lives", "killed", "killed while down", "restarted while down", "suspended", "suspended while down", "changed", "changed while down", "removed"} {
			h.sow(name, Task{Policy: usual(based(time.Second))}, lives())
		}
		h.sow("asleep", Task{Policy: usual(), Suspended: true}, lives())
		h.sow("woken", Task{Policy: usual(), Suspended: true}, lives())
		h.sow("woken while down", Task{Policy: usual(), Suspended: true}, lives())
	}}
	nest := usual(based(5*time.Second), patient)
	trees := []*subtree{h.addTree("is", nest, test), h.addTreeMaker("is made", nest, test)}
	_ = h.start()
	h.seconds(2)
	for _, s := range trees {
		inner := s.latest()
		_ = inner.kill("killed")
		_ = inner.kill("restarted while down")
		_ = inner.suspend("suspended")
		_ = inner.resume("woken")
		_ = inner.setPolicy("changed", usual(based(2*time.Second), always))
		_ = inner.setLimits(core.Limits{Intensity: core.Rate{Count: 1, Per: 30 * time.Second}})
		_ = inner.remove("removed")
	}
	h.seconds(2)
	_ = h.restart("is")
	_ = h.restart("is made")
	h.seconds(3)
	for _, s := range trees {
		s.latest().order("lives", core.ExitError)
		h.seconds(2)
		s.latest().order("lives", core.ExitPanic)
		h.seconds(2)
		inner := s.latest()
		_ = inner.kill("killed while down")
		_ = inner.restart("restarted while down")
		_ = inner.suspend("suspended while down")
		_ = inner.resume("woken while down")
		_ = inner.setPolicy("changed while down", usual(based(3*time.Second), never))
		h.seconds(5)
	}
	for _, s := range trees {
		_ = s.latest().restart("killed")
		_ = s.latest().resume("suspended")
	}
	h.seconds(2)
	_ = h.restart("is")
	_ = h.restart("is made")
	h.seconds(5)
}

// playTreeReady has a supervisor that is ready when its tasks are, and a task that needs it.
func playTreeReady(h *harness) {
	policy := usual(ready(core.Forever), based(2*time.Second))
	test := testCase{play: func(h *harness) {
		h.sow("at once", Task{Policy: usual()}, lives())
		h.sow("soon", Task{Policy: policy}, lives().ready(3*time.Second).unready(10*time.Second).ready(14*time.Second))
		h.sow("late", Task{Policy: policy}, ends(core.ExitError, 20*time.Second).ready(5*time.Second).unready(18*time.Second), lives().ready(4*time.Second))
		h.sow("fails meanwhile", Task{Policy: usual(based(2 * time.Second))}, ends(core.ExitError, time.Second), ends(core.ExitError, 30*time.Second), lives())
		h.sow("asleep", Task{Policy: usual(), Suspended: true}, lives())
		h.sow("completes", Task{Policy: usual()}, ends(core.ExitOK, time.Second))
	}}
	dead := testCase{play: func(h *harness) {
		h.sow("lives", Task{Policy: usual()}, lives())
		h.sow("dies", Task{Policy: usual(never)}, ends(core.ExitError, 0), lives())
		h.sow("is killed", Task{Policy: policy}, lives())
	}}
	nest := usual(ready(core.Forever), based(2*time.Second), patient)
	h.addTree("is", nest, test)
	h.addTreeMaker("is made", nest, test)
	one := h.addTree("has a dead one", nest, dead)
	_ = h.start()
	h.seconds(2)
	_ = one.latest().kill("is killed")
	if h.can(DutyNeeds) {
		_ = h.addTask("needs it", Task{Policy: usual(), Needs: []Need{{"is", true}, {"is made", false}}}, lives())
	}
	h.seconds(9)
	if h.can(DutyNeeds) {
		_ = h.addTask("comes later", Task{Policy: usual(), Needs: []Need{{"is", false}}}, lives())
	}
	h.seconds(20)
	_ = one.latest().restart("dies")
	h.seconds(5)
	_ = h.restart("is")
	_ = h.restart("is made")
	h.seconds(25)
}

// playLeftInTree has runs that outlive the lives of the supervisors that they were in.
func playLeftInTree(h *harness) {
	short := stopping(2 * time.Second)
	test := testCase{play: func(h *harness) {
		h.sow("lives", Task{Policy: usual()}, lives())
		h.sow("for a while", Task{Policy: usual(short)}, lingers(13*time.Second), lives())
		h.sow("for long", Task{Policy: usual(short)}, lingers(30*time.Second), lives())
		h.sow("is replaced", Task{Policy: usual(short, replacing)}, lingers(25*time.Second), lives())
		h.sow("for ever", Task{Policy: usual(short)}, lingers(core.Forever))
	}}
	works := testCase{config: core.Config{Limits: core.Limits{AutoShutdown: core.AutoShutdownAny}}, play: func(h *harness) {
		h.sow("job", Task{Policy: usual()}, ends(core.ExitOK, 8*time.Second))
		h.sow("stubborn", Task{Policy: usual(short)}, lingers(40*time.Second))
	}}
	nest := usual(based(2*time.Second), patient, attempts(1))
	h.addTree("is", nest, test)
	h.addTreeMaker("is made", nest, test)
	h.addTree("is done", nest, works)
	_ = h.start()
	h.seconds(3)
	_ = h.restart("is")
	_ = h.restart("is made")
	h.seconds(10)
	_ = h.restart("is")
	_ = h.restart("is made")
	h.seconds(30)
	_ = h.remove("is")
	_ = h.remove("is made")
	h.seconds(10)
	h.addTree("is", nest, test)
	h.seconds(5)
}
