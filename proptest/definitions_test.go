package proptest

import (
	"bytes"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/tasksupervisor/tasksupervisor/core"
	"github.com/tasksupervisor/tasksupervisor/core/scenario"
	"github.com/tasksupervisor/tasksupervisor/proptest/oracle"
)

// Policies and limits come and go: they are defined, used, forgotten and defined again, in whatever order. The machine and
// the oracle give them the same ids, know the same ones and refuse the same events; and a recording replays to the same
// state.
func TestLockstepDefinitions(t *testing.T) {
	forgotten, found := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		cfg := core.Config{Policies: []core.Policy{core.DefaultPolicy(), variant(0)}}
		m, err := core.New(cfg)
		if err != nil {
			t.Fatal(err)
		}
		var text bytes.Buffer
		d := &definer{
			oracle: oracle.New(cfg), machine: m, recorder: scenario.NewRecorder(&text, m),
		}
		for range rapid.IntRange(1, 60).Draw(t, "steps") {
			d.next(t)
		}
		s, err := scenario.Parse(text.Bytes())
		if err != nil {
			t.Fatal(err)
		}
		played, err := s.Play()
		if err != nil {
			t.Fatalf("%v\n%s", err, text.String())
		}
		if played.Digest() != m.Digest() {
			t.Fatalf("the recording ends in another state:\n%s", text.String())
		}
		forgotten, found = forgotten+d.forgotten, found+d.found
	})
	checkedAtLeast(t, forgotten)
	checkedAtLeast(t, found)
}

// definer defines policies and limits, and uses some.
type definer struct {
	oracle   *oracle.Oracle
	machine  *core.Machine
	recorder *scenario.Recorder

	policies  []core.PolicyID // that were ever issued
	limits    []core.LimitsID
	tasks     []core.TaskID
	forgotten int // events that were refused because what they refer to was forgotten
	found     int // definitions of what was known already
}

func (d *definer) next(t *rapid.T) {
	switch rapid.IntRange(0, 9).Draw(t, "what") {
	case 0: // many at a time
		first := rapid.IntRange(0, 150).Draw(t, "first")
		for n := range rapid.IntRange(1, 70).Draw(t, "many") {
			d.define(t, first+n)
		}
	case 1:
		first := rapid.IntRange(0, 150).Draw(t, "first")
		for n := range rapid.IntRange(1, 70).Draw(t, "many") {
			d.defineLimits(t, first+n)
		}
	case 2:
		d.step(t, core.Event{Kind: core.EventLimits, Limits: recent(t, d.limits)})
	case 3, 4:
		d.define(t, rapid.IntRange(0, 150).Draw(t, "policy"))
		d.step(t, core.Event{Kind: core.EventAdd, Policy: d.policies[len(d.policies)-1]})
	case 5:
		d.step(t, core.Event{Kind: core.EventAdd, Policy: recent(t, d.policies)})
	case 6, 7:
		d.step(t, core.Event{Kind: core.EventPolicy, Task: recent(t, d.tasks), Policy: recent(t, d.policies)})
	case 8:
		d.step(t, core.Event{Kind: core.EventRemove, Task: recent(t, d.tasks)})
	default: // the copy, and what is restored, are in other slots and go on alike
		snapshot, err := d.machine.AppendBinary(nil)
		if err != nil {
			t.Fatal(err)
		}
		restored := new(core.Machine)
		if err := restored.UnmarshalBinary(snapshot); err != nil {
			t.Fatal(err)
		}
		if restored.Digest() != d.machine.Digest() {
			t.Fatal("what was restored has another digest")
		}
		d.machine.CopyFrom(restored)
	}
	d.compare(t)
}

// recent draws one of the latest, sometimes one of any time.
func recent[ID ~uint64](t *rapid.T, issued []ID) ID {
	if len(issued) == 0 {
		return ID(rapid.IntRange(0, 2).Draw(t, "guessed"))
	}
	if len(issued) > 8 && !oneIn(t, 4, "of any time") {
		issued = issued[len(issued)-8:]
	}
	return rapid.SampledFrom(issued).Draw(t, "issued")
}

func (d *definer) define(t *rapid.T, n int) {
	known := len(d.oracle.Policies())
	want := d.oracle.Define(variant(n))
	got, err := d.recorder.Define(variant(n))
	if err != nil || want != got {
		t.Fatalf("policy %d: want id %d, got %d, %v", n, want, got, err)
	}
	if len(d.oracle.Policies()) == known && slices.Contains(d.policies, want) {
		d.found++
	}
	d.policies = append(d.policies, want)
}

func (d *definer) defineLimits(t *rapid.T, n int) {
	limits := core.Limits{ShutdownTimeout: core.Duration(n)}
	want := d.oracle.DefineLimits(limits)
	got, err := d.recorder.DefineLimits(limits)
	if err != nil || want != got {
		t.Fatalf("limits %d: want id %d, got %d, %v", n, want, got, err)
	}
	d.limits = append(d.limits, want)
}

func (d *definer) step(t *rapid.T, ev core.Event) {
	want, got := d.oracle.Step(ev), d.recorder.Step(nil, ev)
	if !slices.Equal(want, got) {
		t.Fatalf("%+v:\nwant %+v\ngot  %+v", ev, want, got)
	}
	for _, a := range got {
		switch {
		case a.Kind == core.ActionAdd:
			d.tasks = append(d.tasks, a.Task)
		case a.Refusal == core.RefusalUnknownPolicy || a.Refusal == core.RefusalUnknownLimits:
			d.forgotten++
		}
	}
}

func (d *definer) compare(t *rapid.T) {
	if err := d.machine.Check(); err != nil {
		t.Fatal(err)
	}
	if err := sameAnswers(d.oracle, d.machine); err != nil {
		t.Fatal(err)
	}
	for _, id := range append(d.policies, 0, 1, 2) {
		if want, got := d.oracle.PolicyInUse(id), d.machine.PolicyInUse(id); want != got {
			t.Fatalf("policy %d in use: want %v, got %v", id, want, got)
		}
	}
	for _, id := range append(d.limits, 0, 1) {
		if want, got := d.oracle.LimitsInUse(id), d.machine.LimitsInUse(id); want != got {
			t.Fatalf("limits %d in use: want %v, got %v", id, want, got)
		}
	}
}

// variant returns one of many policies.
func variant(n int) core.Policy {
	p := core.DefaultPolicy()
	p.BaseDelay = core.Duration(n)
	return p
}
