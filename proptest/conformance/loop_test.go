package conformance_test

import (
	"errors"
	"testing"

	"github.com/tasksupervisor/tasksupervisor/core"
	"github.com/tasksupervisor/tasksupervisor/proptest/conformance"
	"github.com/tasksupervisor/tasksupervisor/proptest/conformance/internal/loop"
)

// The event loop of package loop, whose author decided to have no observers.
func TestConformanceOfLoop(t *testing.T) {
	conformance.Suite{
		Open:   openLoop,
		Clocks: []conformance.ClockKind{conformance.VirtualClock, conformance.BubbleClock, conformance.MockClock},
		Waived: []conformance.Duty{conformance.DutyObservers, conformance.DutyTree},
	}.Run(t)
}

// adaptedLoop is a loop as the suite wants to see it. What it already is, it inherits.
type adaptedLoop struct{ *loop.Loop }

func openLoop(env conformance.Env) (conformance.Runtime, error) {
	l, err := loop.New(env.Config, env.Clock, env.Recording)
	return adaptedLoop{l}, err
}

func (a adaptedLoop) Add(name string, task conformance.Task) error {
	does := loop.Task{
		Policy: task.Policy, Run: loop.Run(task.Body), Probe: loop.Probe(task.Probe), Suspended: task.Suspended, Held: task.Held,
	}
	if task.Make != nil {
		does.Make = func() loop.Run { return loop.Run(task.Make()) }
	}
	for _, need := range task.Needs {
		does.Needs = append(does.Needs, loop.Need(need))
	}
	return a.Loop.Add(name, does)
}

func (adaptedLoop) Done(err error) error { return loop.Done(err) }

func (adaptedLoop) Fatal(err error) error { return loop.Fatal(err) }

func (adaptedLoop) Lost(err error) error { return loop.Lost(err) }

func (adaptedLoop) After(err error, delay core.Duration) error { return loop.After(err, delay) }

func (a adaptedLoop) Status(name string) (conformance.Status, error) {
	status, last, err := a.Loop.Status(name)
	told := conformance.Status{TaskStatus: status, Ending: conformance.Ending{Err: last}}
	if not := (*loop.NotReturned)(nil); errors.As(last, &not) {
		told.Ending.Value, told.Ending.Stack = not.Value, not.Stack
	}
	return told, err
}

func (a adaptedLoop) Report() conformance.Report {
	counts, left := a.Loop.Report()
	report := conformance.Report{Started: counts.Started, Ended: counts.Ended, Abandoned: counts.Abandoned}
	for _, l := range left {
		report.Left = append(report.Left, conformance.LeftRun(l))
	}
	return report
}

func (adaptedLoop) Refusal(err error) core.Refusal {
	refusal := loop.Refusal(core.RefusalNone)
	errors.As(err, &refusal)
	return core.Refusal(refusal)
}

func (adaptedLoop) Reason(err error) core.Reason {
	reason := loop.Reason(core.ReasonNone)
	errors.As(err, &reason)
	return core.Reason(reason)
}

func (adaptedLoop) Culprit(err error) (task string, run core.Run) {
	if halt := (*loop.Halt)(nil); errors.As(err, &halt) {
		return halt.Task, halt.Run
	}
	return "", 0
}
