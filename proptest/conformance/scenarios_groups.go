package conformance

import (
	"fmt"
	"time"

	"github.com/tasksupervisor/tasksupervisor/core"
)

// groupCases are about tasks that are stopped and started together.
func groupCases() []testCase {
	var list []testCase
	for _, strategy := range []core.Strategy{core.OneForAll, core.RestForOne} {
		for _, order := range []core.StopOrder{core.StopByStrategy, core.StopTogether} {
			config := core.Config{Strategy: strategy, StopOrder: order}
			name := fmt.Sprintf("%v, %v", strategy, order)
			list = append(list,
				testCase{name: name, config: config, play: playGroup},
				testCase{name: name + ", meanwhile", config: config, play: playMeanwhile},
				testCase{name: name + ", stubborn", config: config, play: playStubbornGroup},
			)
		}
	}
	return list
}

// group adds five tasks, some of which take their time to be ready, and all to stop, and starts them.
func (h *harness) group() {
	for i := range 5 {
		policy := usual(based(time.Second), unlimited)
		if i%2 == 0 && h.can(DutyReady) {
			policy.Readiness = true
		}
		run := lingers(time.Duration(1+i) * time.Second).ready(time.Duration(1+i) * time.Second)
		_ = h.add(fmt.Sprint("task ", i), policy, run)
	}
	_ = h.start()
	h.seconds(12)
}

// seconds lets so many of them pass.
func (h *harness) seconds(n int) {
	for range n {
		h.advance(time.Second)
	}
}

// playGroup has one task after the other fail.
func playGroup(h *harness) {
	h.group()
	for _, name := range []string{"task 1", "task 4", "task 0", "task 2"} {
		h.order(name, core.ExitError)
		h.seconds(40)
	}
	// One fails and another one too, while it waits to be stopped, while it is stopped, and while it is not ready.
	h.order("task 2", core.ExitPanic)
	h.order("task 3", core.ExitError)
	h.seconds(40)
	h.order("task 1", core.ExitGoexit)
	h.seconds(2)
	h.order("task 4", core.ExitError)
	h.seconds(30)
	h.order("task 0", core.ExitError)
	h.seconds(20)
	h.order("task 0", core.ExitError)
	h.seconds(40)
	h.end()
	h.seconds(20)
}

// playMeanwhile has operators at work while a group is stopped and started.
func playMeanwhile(h *harness) {
	h.group()
	h.order("task 1", core.ExitError)
	h.seconds(2)
	_ = h.add("task 5", usual(), lingers(2*time.Second))
	_ = h.restart("task 3")
	_ = h.kill("task 2")
	h.seconds(30)
	_ = h.restart("task 2")
	h.seconds(20)
	h.order("task 0", core.ExitError)
	h.seconds(1)
	_ = h.remove("task 3")
	_ = h.restart("task 0")
	h.seconds(30)
	_ = h.restart("task 1")
	h.seconds(20)
	if h.can(DutySuspensions) {
		_ = h.suspend("task 4")
		h.seconds(1)
		h.order("task 1", core.ExitError)
		h.seconds(20)
		_ = h.resume("task 4")
		h.seconds(20)
	}
	if h.can(DutyNeeds) {
		_ = h.addTask("bound", Task{Policy: usual(), Needs: []Need{{"task 0", true}, {"task 2", true}}}, lingers(2*time.Second))
		_ = h.restart("task 2")
		h.seconds(20)
		h.order("task 1", core.ExitError)
		h.seconds(40)
	}
	h.shutdown()
	h.seconds(20)
}

// playStubbornGroup has runs ignore that they are to be restarted with another.
func playStubbornGroup(h *harness) {
	_ = h.add("first", usual(based(time.Second)), lives())
	_ = h.add("replaced", usual(replacing, stopping(3*time.Second)), lingers(20*time.Second), lingers(time.Second))
	_ = h.add("waited for", usual(stopping(3*time.Second)), lingers(20*time.Second), lives())
	_ = h.add("last", usual(), lingers(time.Second))
	_ = h.start()
	h.advance(time.Second)
	h.order("first", core.ExitError)
	h.seconds(60)
	_ = h.kill("first")
	h.order("waited for", core.ExitError)
	h.seconds(20)
}
