package fuzz

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"testing"

	"github.com/tasksupervisor/tasksupervisor/core"
	"github.com/tasksupervisor/tasksupervisor/core/scenario"
	"github.com/tasksupervisor/tasksupervisor/proptest/oracle"
)

// The machine and the oracle agree on which policies and limits are known, and what they are called, whatever is defined and
// used in which order; and a recording of it replays.
func FuzzDefinitions(f *testing.F) {
	f.Fuzz(func(t *testing.T, data []byte) {
		if err := defineAndUse(data); err != nil {
			t.Fatal(err)
		}
	})
}

// defineAndUse reads pairs of bytes: what is done, and which of many.
func defineAndUse(data []byte) error {
	machine, err := core.New(core.Config{})
	if err != nil {
		return err
	}
	var text bytes.Buffer
	recorder, expected := scenario.NewRecorder(&text, machine), oracle.New(core.Config{})
	var tasks []core.TaskID
	policies, limits := []core.PolicyID{0}, []core.LimitsID{0}
	for reader := NewReader(data); reader.More(); {
		what, which := reader.byte(), int(reader.byte())
		var ev core.Event
		switch what % 8 {
		case 0, 1: // some policies that follow each other
			for n := which; n <= which+int(what/8); n++ {
				id, err := recorder.Define(core.Policy{Factor: 1, StopTimeout: core.Duration(n), MaxDelay: core.Forever})
				if want := expected.Define(core.Policy{Factor: 1, StopTimeout: core.Duration(n), MaxDelay: core.Forever}); err != nil || id != want {
					return fmt.Errorf("policy %d is %d (%v), not %d", n, id, err, want)
				}
				policies = append(policies, id)
			}
			continue
		case 2: // some limits
			for n := which; n <= which+int(what/8); n++ {
				id, err := recorder.DefineLimits(core.Limits{ShutdownTimeout: core.Duration(n)})
				if want := expected.DefineLimits(core.Limits{ShutdownTimeout: core.Duration(n)}); err != nil || id != want {
					return fmt.Errorf("limits %d are %d (%v), not %d", n, id, err, want)
				}
				limits = append(limits, id)
			}
			continue
		case 3:
			ev = core.Event{Kind: core.EventLimits, Limits: backFrom(limits, which)}
		case 4:
			ev = core.Event{Kind: core.EventRemove, Task: backFrom(tasks, which)}
		case 5:
			ev = core.Event{Kind: core.EventPolicy, Task: backFrom(tasks, which), Policy: backFrom(policies, int(what/8))}
		default:
			ev = core.Event{Kind: core.EventAdd, Policy: backFrom(policies, which)}
		}
		want, got := expected.Step(ev), recorder.Step(nil, ev)
		if !slices.Equal(want, got) {
			return fmt.Errorf("%+v:\nthe oracle decides %+v\nthe machine        %+v", ev, want, got)
		}
		for _, a := range got {
			if a.Kind == core.ActionAdd {
				tasks = append(tasks, a.Task)
			}
		}
		if err := machine.Check(); err != nil {
			return err
		}
	}
	if want, got := expected.Policies(), maps.Collect(machine.Policies()); !maps.Equal(want, got) {
		return fmt.Errorf("the policies are those of ids %v, not %v", slices.Sorted(maps.Keys(got)), slices.Sorted(maps.Keys(want)))
	}
	if want, got := expected.AllLimits(), maps.Collect(machine.AllLimits()); !maps.Equal(want, got) {
		return fmt.Errorf("the limits are those of ids %v, not %v", slices.Sorted(maps.Keys(got)), slices.Sorted(maps.Keys(want)))
	}
	return replayed(text.Bytes(), machine)
}

// backFrom returns one of the latest that were issued.
func backFrom[ID ~uint64](issued []ID, back int) ID {
	if len(issued) == 0 {
		return 0
	}
	return issued[len(issued)-1-back%len(issued)]
}

// replayed plays a recording, which must end in the state of the machine.
func replayed(text []byte, machine *core.Machine) error {
	s, err := scenario.Parse(text)
	if err != nil {
		return err
	}
	played, err := s.Play()
	if err == nil && played.Digest() != machine.Digest() {
		err = fmt.Errorf("the recording ends in another state:\n%s", text)
	}
	return err
}

// definitionSeeds have policies and limits forgotten in every way: never used, used no more, and defined again meanwhile.
func definitionSeeds() []seed {
	const many = 31 * 8
	return []seed{
		{"unused", []byte{many, 0, many, 32, many, 64, 6, 70, 6, 0, 0, 5}},
		{"used-no-more", []byte{0, 1, 6, 0, many, 10, many, 50, 4, 0, many, 90, many, 130, 6, 129, 0, 1, 6, 0}},
		{"changed", []byte{0, 1, 6, 0, 0, 2, 5, 0, many, 10, 13, 0, many, 50, 0, 2, 5, 0, many, 90, 6, 0, 4, 1, 4, 0, 0, 2}},
		{"defined-again", []byte{0, 1, many, 10, many, 42, 0, 1, many, 80, 6, 32, 0, 1, 6, 0, 4, 0, 6, 1}},
		{"limits", []byte{2, 1, 3, 0, 2 + many, 10, 3, 31, 2 + many, 50, 2, 1, 3, 0, 2 + many, 90, 3, 33, 3, 255}},
	}
}
