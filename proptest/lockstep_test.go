package proptest

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"github.com/tasksupervisor/tasksupervisor/core"
	"github.com/tasksupervisor/tasksupervisor/proptest/oracle"
	"github.com/tasksupervisor/tasksupervisor/sim/spec"
)

// TestLockstep compares the machine and the oracle step by step: every action, and the answer to every query. It is the
// property that sees most, and gets three times as many cases as any other.
func TestLockstep(t *testing.T) {
	for _, part := range []string{"first part", "second part", "third part"} {
		t.Run(part, func(t *testing.T) { Check(t, Cases(), lockstep) })
	}
}

func lockstep(c Case, _ *rand.Rand) error {
	m, err := c.Machine()
	if err != nil {
		return err
	}
	o := c.oracle()
	for i, ev := range c.Events {
		want, got := o.Step(ev), m.Step(nil, ev)
		if !slices.Equal(want, got) {
			return fmt.Errorf("event %d, %+v:\nwant %+v\ngot  %+v", i, ev, want, got)
		}
		if err := sameAnswers(o, m); err != nil {
			return fmt.Errorf("after event %d, %+v: %w", i, ev, err)
		}
	}
	return nil
}

// TestLockstepDefine: policies and limits that are defined right before they are needed lead to the same decisions as
// those that are there from the beginning.
func TestLockstepDefine(t *testing.T) {
	policies, limits := 0, 0
	Check(t, Cases(), func(c Case, _ *rand.Rand) error {
		o := c.oracle()
		few := c.Config
		few.Policies = few.Policies[:1]
		m, err := core.New(few)
		if err != nil {
			return err
		}
		for i, ev := range c.Events {
			want := o.Step(ev)
			if p, ok := o.Policy(ev.Policy); ok && (ev.Kind == core.EventAdd || ev.Kind == core.EventPolicy) {
				if ev.Policy, err = m.Define(p); err != nil {
					return err
				}
				if known, ok := m.Policy(ev.Policy); !ok || known != p {
					return fmt.Errorf("event %d: policy %d was defined as %+v, and is %+v", i, ev.Policy, p, known)
				}
				policies++
			}
			if l, ok := o.Limits(ev.Limits); ok && ev.Kind == core.EventLimits {
				if ev.Limits, err = m.DefineLimits(l); err != nil {
					return err
				}
				if known, ok := m.Limits(ev.Limits); !ok || known != l {
					return fmt.Errorf("event %d: limits %d were defined as %+v, and are %+v", i, ev.Limits, l, known)
				}
				limits++
			}
			if got := m.Step(nil, ev); !slices.Equal(want, got) {
				return fmt.Errorf("event %d, %+v:\nwant %+v\ngot  %+v", i, ev, want, got)
			}
		}
		return m.Check()
	})
	checkedAtLeast(t, policies)
	checkedAtLeast(t, limits)
}

// sameAnswers compares what the oracle and the machine answer when asked.
func sameAnswers(o *oracle.Oracle, m *core.Machine) error {
	if want, got := o.Counts(), m.Counts(); want != got {
		return fmt.Errorf("counts: want %+v, got %+v", want, got)
	}
	if want, got := o.Phase(), m.Phase(); want != got {
		return fmt.Errorf("phase: want %v, got %v", want, got)
	}
	if want, got := o.HaltReason(), m.HaltReason(); want != got {
		return fmt.Errorf("halt reason: want %v, got %v", want, got)
	}
	if want, got := o.Now(), m.Now(); want != got {
		return fmt.Errorf("now: want %v, got %v", want, got)
	}
	wantAt, wantOK := o.NextDeadline()
	gotAt, gotOK := m.NextDeadline()
	if wantOK != gotOK || wantOK && wantAt != gotAt {
		return fmt.Errorf("next deadline: want %v %v, got %v %v", wantAt, wantOK, gotAt, gotOK)
	}
	wantTask, _, _ := o.NextTimer()
	if gotTask, at, ok := m.NextTimer(); wantTask != gotTask || ok != wantOK || ok && at != wantAt {
		return fmt.Errorf("next timer: want that of %v, got that of %v at %v %v", wantTask, gotTask, at, ok)
	}
	for _, by := range []core.Instant{m.Now(), wantAt, shifted(wantAt, 3), core.Never} {
		if want, got := o.Due(by), slices.Sorted(m.Due(by)); !slices.Equal(want, got) {
			return fmt.Errorf("due by %v: want %v, got %v", by, want, got)
		}
	}
	if want, got := o.Config(), m.Config(); !reflect.DeepEqual(want, got) {
		return fmt.Errorf("config: want %+v, got %+v", want, got)
	}
	if want, got := o.Policies(), maps.Collect(m.Policies()); !maps.Equal(want, got) {
		return fmt.Errorf("policies: want those of ids %v, got %v", slices.Sorted(maps.Keys(want)), slices.Sorted(maps.Keys(got)))
	}
	if want, got := o.AllLimits(), maps.Collect(m.AllLimits()); !maps.Equal(want, got) {
		return fmt.Errorf("limits: want those of ids %v, got %v", slices.Sorted(maps.Keys(want)), slices.Sorted(maps.Keys(got)))
	}
	want, got := o.Tasks(), slices.Collect(m.Tasks())
	if len(want) != len(got) {
		return fmt.Errorf("tasks: want %d, got %d", len(want), len(got))
	}
	for i := range want {
		if want[i] != got[i] {
			return fmt.Errorf("task:\nwant %+v\ngot  %+v", want[i], got[i])
		}
		if again, ok := m.Status(want[i].Task); !ok || again != got[i] {
			return fmt.Errorf("status: want %+v, got %+v %v", got[i], again, ok)
		}
		var needs []spec.Need
		for id, bound := range m.Needs(want[i].Task) {
			needs = append(needs, spec.Need{Task: id, Bound: bound})
		}
		if want := o.Needs(want[i].Task); !slices.Equal(want, needs) {
			return fmt.Errorf("needs: want %+v, got %+v", want, needs)
		}
	}
	return nil
}
