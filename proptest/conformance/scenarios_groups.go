package conformance

import (
	"fmt"
	"time"

	"github.com/tasksupervisor/tasksupervisor/core"
)

// groupPlots are about tasks that are stopped and started together.
func groupPlots() []plot {
	var list []plot
	for _, strategy := range []core.Strategy{core.OneForAll, core.RestForOne} {
		for _, order := range []core.StopOrder{core.StopByStrategy, core.StopTogether} {
			config := core.Config{Strategy: strategy, StopOrder: order}
			name := fmt.Sprintf("%v, %v", strategy, order)
			list = append(list,
				plot{name: name, config: config, play: playGroup},
				plot{name: name + ", meanwhile", config: config, play: playMeanwhile},
				plot{name: name + ", stubborn", config: config, play: playStubbornGroup},
			)
		}
	}
	return list
}

// group adds five tasks, some of which take their time to be ready, and all to stop, and starts them.
func (s *stage) group() {
	for i := range 5 {
		policy := usual(based(time.Second), unlimited)
		if i%2 == 0 && s.can(DutyReady) {
			policy.Readiness = true
		}
		run := lingers(time.Duration(1+i) * time.Second).ready(time.Duration(1+i) * time.Second)
		_ = s.add(fmt.Sprint("task ", i), policy, run)
	}
	_ = s.start()
	s.seconds(12)
}

// seconds lets so many of them pass.
func (s *stage) seconds(n int) {
	for range n {
		s.advance(time.Second)
	}
}

// playGroup has one task after the other fail.
func playGroup(s *stage) {
	s.group()
	for _, name := range []string{"task 1", "task 4", "task 0", "task 2"} {
		s.order(name, core.ExitError)
		s.seconds(40)
	}
	// One fails and another one too, while it waits to be stopped, while it is stopped, and while it is not ready.
	s.order("task 2", core.ExitPanic)
	s.order("task 3", core.ExitError)
	s.seconds(40)
	s.order("task 1", core.ExitGoexit)
	s.seconds(2)
	s.order("task 4", core.ExitError)
	s.seconds(30)
	s.order("task 0", core.ExitError)
	s.seconds(20)
	s.order("task 0", core.ExitError)
	s.seconds(40)
	s.end()
	s.seconds(20)
}

// playMeanwhile has operators at work while a group is stopped and started.
func playMeanwhile(s *stage) {
	s.group()
	s.order("task 1", core.ExitError)
	s.seconds(2)
	_ = s.add("task 5", usual(), lingers(2*time.Second))
	_ = s.restart("task 3")
	_ = s.kill("task 2")
	s.seconds(30)
	_ = s.restart("task 2")
	s.seconds(20)
	s.order("task 0", core.ExitError)
	s.seconds(1)
	_ = s.remove("task 3")
	_ = s.restart("task 0")
	s.seconds(30)
	_ = s.restart("task 1")
	s.seconds(20)
	if s.can(DutySuspensions) {
		_ = s.suspend("task 4")
		s.seconds(1)
		s.order("task 1", core.ExitError)
		s.seconds(20)
		_ = s.resume("task 4")
		s.seconds(20)
	}
	if s.can(DutyNeeds) {
		_ = s.addTask("bound", Task{Policy: usual(), Needs: []Need{{"task 0", true}, {"task 2", true}}}, lingers(2*time.Second))
		_ = s.restart("task 2")
		s.seconds(20)
		s.order("task 1", core.ExitError)
		s.seconds(40)
	}
	s.shutdown()
	s.seconds(20)
}

// playStubbornGroup has runs ignore that they are to be restarted with another.
func playStubbornGroup(s *stage) {
	_ = s.add("first", usual(based(time.Second)), lives())
	_ = s.add("replaced", usual(replacing, stopping(3*time.Second)), lingers(20*time.Second), lingers(time.Second))
	_ = s.add("waited for", usual(stopping(3*time.Second)), lingers(20*time.Second), lives())
	_ = s.add("last", usual(), lingers(time.Second))
	_ = s.start()
	s.advance(time.Second)
	s.order("first", core.ExitError)
	s.seconds(60)
	_ = s.kill("first")
	s.order("waited for", core.ExitError)
	s.seconds(20)
}
