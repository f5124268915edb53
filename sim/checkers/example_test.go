package checkers_test

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/tasksupervisor/tasksupervisor/core"
	"github.com/tasksupervisor/tasksupervisor/sim/checkers"
)

func Example() {
	suite := checkers.NewSuite(append(checkers.All(), checkers.Audits(1)...)...)
	m, err := core.New(core.Config{})
	if err != nil {
		fmt.Println(err)
		return
	}
	suite.Begin(m)
	var actions []core.Action
	for _, ev := range []core.Event{at(0, add()), at(0, start()), at(1, fail(first, 1)), at(3, tick()), at(4, fail(first, 1))} {
		actions = m.Step(actions[:0], ev)
		if err := suite.Observe(m, ev, actions); err != nil {
			fmt.Println(err)
		}
	}
	for _, name := range suite.Vacuous() {
		fmt.Println("nothing to check for", name)
	}
	// Output:
	// nothing to check for invariant 3: a requested stop is never a failure
	// nothing to check for invariant 5: until a run is stable, delays do not shrink and restarts are limited
	// nothing to check for invariant 6: only stability or an operator's restart clears attempts
	// nothing to check for invariant 7: crossing the dead threshold halts the supervisor, once
	// nothing to check for invariant 8: what has ended starts only by an operator command
	// nothing to check for invariant 10: no window holds more crashes than the restart intensity allows
	// nothing to check for invariant 10: no window holds more delayed restarts than the restart rate allows
	// nothing to check for invariant 11: tasks stop in reverse order, and start in order once all have stopped
	// nothing to check for invariant 11: a restart delay begins once every task that the failure stopped has stopped
	// nothing to check for invariant 11: a task starts once its needs are up, and stops once its dependents have stopped
	// nothing to check for invariant 12: a failure does not affect unrelated tasks
	// nothing to check for invariant 13: a shutdown starts nothing, ends in time, halts once and accounts for every run
	// nothing to check for invariant 16: no task waits without a reason
	// nothing to check for contract D3: timers fire in the order of their deadlines
	// nothing to check for invariant 14: a rejected event changes nothing
}

// noPanics is a checker of one's own: no run may end by a panic.
type noPanics struct{ checked int }

func (c *noPanics) Name() string { return "no panics" }
func (c *noPanics) Checked() int { return c.checked }

func (c *noPanics) Begin(*checkers.Trace, *core.Machine) {}

func (c *noPanics) Check(*checkers.Trace, *checkers.Step, int) error { return nil }

func (c *noPanics) End(_ *checkers.Trace, s *checkers.Step) error {
	if s.Event.Kind != core.EventExit {
		return nil
	}
	c.checked++
	if s.Event.Exit == core.ExitPanic {
		return fmt.Errorf("run %d of task %v panicked", s.Event.Run, s.Event.Task)
	}
	return nil
}

func ExampleChecker() {
	show(&noPanics{}, at(0, add()), at(0, start()), at(1, exit(first, 1, core.ExitPanic)))
	// Output:
	// no panics: at 1s, exit: run 1 of task #1 panicked
	// no panics: checked 1 times
}

// startsSeen is a checker that looks at the starts of runs only.
type startsSeen struct{ noPanics }

func (c *startsSeen) Concerns() (check, end checkers.Scope) {
	return checkers.Scope{Actions: []core.ActionKind{core.ActionStart}}, checkers.Scope{}
}

func (c *startsSeen) Check(t *checkers.Trace, s *checkers.Step, i int) error {
	fmt.Printf("%v of run %d, from %v\n", s.Actions[i].Kind, s.Actions[i].Run, s.Task.Status)
	return nil
}

func ExampleSelective() {
	show(&startsSeen{}, at(0, add()), at(0, start()), at(1, fail(first, 1)), at(3, tick()))
	// Output:
	// start of run 1, from created
	// start of run 2, from failed
	// no panics: checked 0 times
}

func ExampleScope() {
	check, end := (&checkers.Liveness{}).Concerns()
	fmt.Println(check.Actions, check.From, end.All)
	// Output: [stop] [failed stopping] true
}

func ExampleViolation() {
	m, err := core.New(core.Config{})
	if err != nil {
		fmt.Println(err)
		return
	}
	suite := checkers.NewSuite(&noPanics{})
	suite.Begin(m)
	ev := at(1, exit(first, 1, core.ExitPanic))
	err = suite.Observe(m, ev, m.Step(nil, ev))
	var violation *checkers.Violation
	if errors.As(err, &violation) {
		fmt.Println(violation.Invariant, "|", violation.Event.Kind, "|", violation.Problem)
	}
	// Output: no panics | exit | run 1 of task #1 panicked
}

func ExampleSuite() {
	suite := checkers.NewSuite(checkers.Audits(100)...)
	for _, c := range suite.Checkers() {
		fmt.Println(c.Name())
	}
	// Output:
	// invariant 14: a rejected event changes nothing
	// invariant 15: counts, digest and audit agree with a recount
}

func ExampleOneRun() {
	show(&checkers.OneRun{}, at(0, add()), at(0, start()), at(1, fail(first, 1)), at(3, tick()))
	// Output: invariant 1: checked 1 times
}

func ExampleStaleExits() {
	show(&checkers.StaleExits{}, at(0, add()), at(0, start()), at(1, fail(first, 1)), at(3, fail(first, 1)))
	// Output: invariant 2: checked 1 times
}

func ExampleRequestedStops() {
	show(&checkers.RequestedStops{}, at(0, add()), at(0, start()), at(1, restart(first)), at(2, fail(first, 1)))
	// Output: invariant 3: checked 1 times
}

func ExampleSchedule() {
	show(&checkers.Schedule{}, at(0, add()), at(0, start()), at(1, fail(first, 1)), at(3, tick()))
	// Output: invariant 4: checked 2 times
}

func ExampleEscalation() {
	show(&checkers.Escalation{}, at(0, add()), at(0, start()), at(1, fail(first, 1)), at(3, fail(first, 2)), at(7, fail(first, 3)))
	// Output: invariant 5: checked 2 times
}

func ExampleAttempts() {
	show(&checkers.Attempts{}, at(0, add()), at(0, start()), at(1, fail(first, 1)), at(83, fail(first, 2)))
	// Output: invariant 6: checked 1 times
}

func ExampleThreshold() {
	cfg := core.Config{Limits: core.Limits{DeadThreshold: core.Fraction{Num: 1, Den: 2}}}
	showOn(cfg, &checkers.Threshold{}, at(0, add()), at(0, start()), at(1, kill(first)), at(2, finish(first, 1)))
	// Output: invariant 7: checked 1 times
}

func ExampleEnded() {
	show(&checkers.Ended{}, at(0, add()), at(0, start()), at(1, finish(first, 1)), at(2, restart(first)))
	// Output: invariant 8: checked 1 times
}

func ExampleTimers() {
	show(&checkers.Timers{}, at(0, add()), at(0, start()), at(1, kill(first)), at(11, tick()))
	// Output: invariant 9: checked 2 times
}

func ExampleHealth() {
	p := core.DefaultPolicy()
	p.Watchdog = 5 * time.Second
	cfg := core.Config{Policies: []core.Policy{p}}
	showOn(cfg, &checkers.Health{}, at(0, add()), at(0, start()), at(3, beat(first, 1, 0)), at(8, tick()))
	// Output: invariant 9: checked 3 times
}

func ExampleIntensity() {
	cfg := core.Config{Limits: core.Limits{Intensity: core.Rate{Count: 1, Per: time.Minute}}}
	showOn(cfg, &checkers.Intensity{}, at(0, add()), at(0, start()), at(1, fail(first, 1)), at(3, fail(first, 2)))
	// Output: invariant 10: checked 2 times
}

func ExampleRestartRate() {
	cfg := core.Config{Limits: core.Limits{RestartRate: core.Rate{Count: 1, Per: time.Minute}}}
	showOn(cfg, &checkers.RestartRate{}, at(0, add()), at(0, add()), at(0, start()), at(1, fail(first, 1)), at(1, fail(second, 1)), at(63, tick()))
	// Output: invariant 10: checked 3 times
}

func ExampleRounds() {
	cfg := core.Config{Strategy: core.OneForAll}
	showOn(cfg, &checkers.Rounds{}, at(0, add()), at(0, add()), at(0, start()), at(1, fail(first, 1)), at(2, fail(second, 1)), at(4, tick()))
	// Output: invariant 11: checked 4 times
}

func ExampleDelayBegins() {
	cfg := core.Config{Strategy: core.OneForAll}
	showOn(cfg, &checkers.DelayBegins{}, at(0, add()), at(0, add()), at(0, start()), at(1, fail(first, 1)), at(2, fail(second, 1)))
	// Output: invariant 11: checked 2 times
}

func ExampleNeeds() {
	show(&checkers.Needs{}, at(0, add()), at(0, add()), at(0, need(second, first, true)), at(0, start()), at(1, fail(first, 1)))
	// Output: invariant 11: checked 3 times
}

func ExampleSettled() {
	cfg := core.Config{Strategy: core.OneForAll}
	showOn(cfg, &checkers.Settled{}, at(0, add()), at(0, add()), at(0, start()), at(1, fail(first, 1)), at(2, fail(second, 1)))
	// Output: invariant 16: checked 2 times
}

func ExampleIndependence() {
	show(&checkers.Independence{}, at(0, add()), at(0, add()), at(0, start()), at(1, fail(first, 1)), at(2, fail(second, 1)))
	// Output: invariant 12: checked 1 times
}

func ExampleShutdown() {
	show(&checkers.Shutdown{}, at(0, add()), at(0, start()), at(1, down()), at(2, finish(first, 1)))
	// Output: invariant 13: checked 1 times
}

func ExampleAcceptance() {
	show(&checkers.Acceptance{}, at(0, add()), at(0, start()), at(1, start()))
	// Output: invariant 14: checked 1 times
}

func ExampleRejections() {
	show(&checkers.Rejections{}, at(0, add()), at(0, start()), at(0, start()))
	// Output: invariant 14: checked 1 times
}

func ExampleRecount() {
	show(&checkers.Recount{Every: 2}, at(0, add()), at(0, start()), at(1, tick()), at(2, tick()))
	// Output: invariant 15: checked 2 times
}

func ExampleLiveness() {
	show(&checkers.Liveness{}, at(0, add()), at(0, start()), at(1, fail(first, 1)), at(3, tick()))
	// Output: invariant 16: checked 1 times
}

// show lets a checker watch a supervisor with default settings.
func show(c checkers.Checker, events ...core.Event) { showOn(core.Config{}, c, events...) }

func showOn(cfg core.Config, c checkers.Checker, events ...core.Event) {
	m, err := core.New(cfg)
	if err != nil {
		fmt.Println(err)
		return
	}
	suite := checkers.NewSuite(c)
	suite.Begin(m)
	for _, ev := range events {
		if err := suite.Observe(m, ev, m.Step(nil, ev)); err != nil {
			fmt.Println(err)
		}
	}
	number, _, _ := strings.Cut(c.Name(), ":")
	fmt.Printf("%s: checked %d times\n", number, c.Checked())
}
