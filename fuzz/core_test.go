package fuzz

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/tasksupervisor/tasksupervisor/core"
	"github.com/tasksupervisor/tasksupervisor/proptest"
	"github.com/tasksupervisor/tasksupervisor/proptest/oracle"
	"github.com/tasksupervisor/tasksupervisor/sim/spec"
)

// The machine and the oracle take the same decisions, and give the same answers.
func FuzzCoreOracle(f *testing.F) {
	f.Fuzz(func(t *testing.T, data []byte) {
		var tried proptest.Case
		var err error
		defer report(t, &err, func() string { return tried.Scenario().String() })
		err = compareWithOracle(data, &tried)
	})
}

func compareWithOracle(data []byte, tried *proptest.Case) error {
	reader := NewReader(data)
	tried.Config, tried.Limits = reader.Config(), reader.Limits()
	machine, err := tried.Machine()
	if err != nil {
		return err
	}
	expected := oracle.New(tried.Config)
	for _, limits := range tried.Limits {
		expected.DefineLimits(limits)
	}
	var actions []core.Action
	for i := 0; i < stepsMax && reader.More(); i++ {
		event := reader.Event(machine)
		tried.Events = append(tried.Events, event)
		want := expected.Step(event)
		if actions = machine.Step(actions[:0], event); !slices.Equal(want, actions) {
			return fmt.Errorf("event %d:\nthe oracle decides %+v\nthe machine        %+v", i, want, actions)
		}
		if err := compareAnswers(machine, expected); err != nil {
			return fmt.Errorf("after event %d: %w", i, err)
		}
	}
	return machine.Check()
}

func compareAnswers(machine *core.Machine, expected *oracle.Oracle) error {
	wantTask, wantAt, wantOK := expected.NextTimer()
	gotTask, gotAt, gotOK := machine.NextTimer()
	switch {
	case wantOK != gotOK || wantOK && (wantTask != gotTask || wantAt != gotAt):
		return fmt.Errorf("the next timer is %v %v %v, not %v %v %v", wantTask, wantAt, wantOK, gotTask, gotAt, gotOK)
	case expected.Counts() != machine.Counts():
		return fmt.Errorf("the counts are %+v, not %+v", expected.Counts(), machine.Counts())
	case expected.Phase() != machine.Phase() || expected.HaltReason() != machine.HaltReason():
		return fmt.Errorf("it is %v (%v), not %v (%v)", expected.Phase(), expected.HaltReason(), machine.Phase(), machine.HaltReason())
	}
	if want, got := expected.Tasks(), slices.Collect(machine.Tasks()); !slices.Equal(want, got) {
		return fmt.Errorf("the tasks are %+v, not %+v", want, got)
	}
	for task := range machine.Tasks() {
		var got []spec.Need
		for other, bound := range machine.Needs(task.Task) {
			got = append(got, spec.Need{Task: other, Bound: bound})
		}
		if want := expected.Needs(task.Task); !slices.Equal(want, got) {
			return fmt.Errorf("task %v needs %v, not %v", task.Task, want, got)
		}
	}
	return nil
}

// A machine that was restored from a snapshot continues as the original does (D7), and so does a copy. Neither touches
// the original.
func FuzzContinue(f *testing.F) {
	f.Fuzz(func(t *testing.T, data []byte) {
		var h history
		var err error
		defer report(t, &err, h.scenario)
		err = continueTwice(data, &h)
	})
}

// continueTwice has a second machine taken from the first ever so often, by a snapshot and by a copy in turn, and shows
// both the same events.
func continueTwice(data []byte, h *history) error {
	reader := NewReader(data)
	rhythm := reader.byte()
	renew, define := int(rhythm&15)+1, int(rhythm>>4)+1
	h.config, h.limits = reader.Config(), reader.Limits()
	machine, err := h.machine()
	if err != nil {
		return err
	}
	var second core.Machine
	second.CopyFrom(machine)
	var actions, same []core.Action
	for i := 0; i < stepsMax && reader.More(); i++ {
		if i%renew == 0 {
			if err := replace(&second, machine, i/renew%2 == 0); err != nil {
				return fmt.Errorf("before event %d: %w", i, err)
			}
		}
		if i%define == define-1 {
			err := defineTwice(machine, &second, reader.Policy(), h)
			if i&1 == 0 {
				err = errors.Join(err, defineLimitsTwice(machine, &second, reader.limits(0), h))
			}
			if err != nil {
				return err
			}
		}
		event := reader.Event(machine)
		h.event(event)
		before := machine.Digest()
		same = second.Step(same[:0], event)
		if machine.Digest() != before {
			return fmt.Errorf("event %d: the second machine changes the first", i)
		}
		if actions = machine.Step(actions[:0], event); !slices.Equal(actions, same) {
			return fmt.Errorf("event %d:\nthe machine decides %+v\nthe second one      %+v", i, actions, same)
		}
		if machine.Digest() != second.Digest() {
			return fmt.Errorf("event %d: the second machine has another digest", i)
		}
	}
	return errors.Join(machine.Check(), second.Check())
}

// replace makes second a machine in the same state.
func replace(second, machine *core.Machine, snapshot bool) error {
	if !snapshot {
		second.CopyFrom(machine)
		return nil
	}
	data, err := machine.MarshalBinary()
	if err != nil {
		return err
	}
	if err := second.UnmarshalBinary(data); err != nil {
		return err
	}
	again, err := second.MarshalBinary()
	if err == nil && !slices.Equal(data, again) {
		err = errors.New("the snapshot of a restored machine is another one")
	}
	return err
}

func defineTwice(machine, second *core.Machine, p core.Policy, h *history) error {
	h.define(p)
	id, err := machine.Define(p)
	sameID, sameErr := second.Define(p)
	if id != sameID || (err == nil) != (sameErr == nil) {
		return fmt.Errorf("a policy is %d (%v) for the machine, and %d (%v) for the second one", id, err, sameID, sameErr)
	}
	return nil
}

func defineLimitsTwice(machine, second *core.Machine, l core.Limits, h *history) error {
	h.defineLimits(l)
	id, err := machine.DefineLimits(l)
	sameID, sameErr := second.DefineLimits(l)
	if id != sameID || (err == nil) != (sameErr == nil) {
		return fmt.Errorf("limits are %d (%v) for the machine, and %d (%v) for the second one", id, err, sameID, sameErr)
	}
	return nil
}
