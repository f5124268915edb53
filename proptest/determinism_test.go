package proptest

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/core"
)

// TestD1SameActionsAndDigest: the same configuration and events give the same actions and digest.
func TestD1SameActionsAndDigest(t *testing.T) {
	Check(t, Cases(), func(c Case, _ *rand.Rand) error {
		one, other := machine(c), machine(c)
		for i, ev := range c.Events {
			if want, got := one.Step(nil, ev), other.Step(nil, ev); !slices.Equal(want, got) {
				return fmt.Errorf("event %d: one machine decided %+v, the other %+v", i, want, got)
			}
			if want, got := one.Digest(), other.Digest(); want != got {
				return fmt.Errorf("event %d: one machine has digest %x, the other %x", i, want, got)
			}
		}
		return nil
	})
}

// TestD2PastInstants: an At before the latest one counts as the latest.
func TestD2PastInstants(t *testing.T) {
	checked := 0
	Check(t, Cases(), func(c Case, random *rand.Rand) error {
		one, other := machine(c), machine(c)
		for i, ev := range c.Events {
			earlier := ev
			if i > 0 && ev.At <= one.Now() {
				earlier.At = shifted(one.Now(), -random.Int64N(1<<random.IntN(63)))
				checked++
			}
			if want, got := one.Step(nil, ev), other.Step(nil, earlier); !slices.Equal(want, got) {
				return fmt.Errorf("event %d: at %v %+v, at %v %+v", i, ev.At, want, earlier.At, got)
			}
			if one.Digest() != other.Digest() || one.Now() != other.Now() {
				return fmt.Errorf("event %d: at %v and at %v the digests differ", i, ev.At, earlier.At)
			}
		}
		return nil
	})
	checkedAtLeast(t, checked)
}

// TestD3TimersFireFirst: timers due at or before an event's instant fire before the event applies, ordered by
// deadline and then task.
func TestD3TimersFireFirst(t *testing.T) {
	checked := 0
	Check(t, Cases(), func(c Case, _ *rand.Rand) error {
		m := machine(c)
		var ticked core.Machine
		for i, ev := range c.Events {
			ticked.CopyFrom(m)
			fired := ticked.Step(nil, core.Event{At: ev.At, Kind: core.EventTick})
			timers := armedBefore(m, fired)
			actions := m.Step(nil, ev)
			if len(actions) < len(fired) || !slices.Equal(actions[:len(fired)], fired) {
				return fmt.Errorf("event %d: %+v fired before, and the step gave %+v", i, fired, actions)
			}
			if len(actions) > len(fired) && actions[len(fired)].At != m.Now() {
				return fmt.Errorf("event %d applied at %v, not at %v", i, actions[len(fired)].At, m.Now())
			}
			for j := 1; j < len(timers); j++ {
				checked++
				if a, b := timers[j-1], timers[j]; a.At > b.At || a.At == b.At && a.Task >= b.Task {
					return fmt.Errorf("event %d: the timer of %v at %v fired before that of %v at %v", i, a.Task, a.At, b.Task, b.At)
				}
			}
		}
		return nil
	})
	checkedAtLeast(t, checked)
}

// armedBefore returns the actions of timers that were armed before these actions were taken. Of each task that is at
// most the first: it had one timer, and what fires later, even at the same instant, was armed meanwhile.
func armedBefore(m *core.Machine, actions []core.Action) []core.Action {
	var timers []core.Action
	fired := map[core.TaskID]bool{}
	for _, a := range actions {
		status, _ := m.Status(a.Task)
		if status.Until == a.At && firesTimer(a) && !fired[a.Task] {
			fired[a.Task] = true
			timers = append(timers, a)
		}
	}
	return timers
}

// firesTimer reports whether an action can be what the timer of a task's status led to.
func firesTimer(a core.Action) bool {
	return a.Why.FiresTimer() && a.From != core.StatusCreated // where it is why the task waited
}

// TestD4TickRefinement: extra ticks at any instants change no decision.
func TestD4TickRefinement(t *testing.T) {
	checked := 0
	Check(t, Cases(), func(c Case, random *rand.Rand) error {
		one, other := machine(c), machine(c)
		for i, ev := range c.Events {
			want := one.Step(nil, ev)
			var got []core.Action
			for range random.IntN(4) {
				tick := core.Event{At: tickBefore(other, ev, random), Kind: core.EventTick}
				got = other.Step(got, tick)
			}
			if len(got) > 0 {
				checked++
			}
			got = other.Step(got, ev)
			if !slices.Equal(want, got) {
				return fmt.Errorf("event %d: %+v, and with extra ticks %+v", i, want, got)
			}
			if one.Digest() != other.Digest() {
				return fmt.Errorf("event %d: the digest is another with extra ticks", i)
			}
		}
		return nil
	})
	checkedAtLeast(t, checked)
}

// tickBefore draws an instant for a tick before an event: past, now, the next deadline or a nanosecond around it, or
// any other up to the event's.
func tickBefore(m *core.Machine, ev core.Event, random *rand.Rand) core.Instant {
	if ev.At <= m.Now() {
		return shifted(ev.At, -random.Int64N(10))
	}
	at := ev.At
	switch due, ok := m.NextDeadline(); {
	case ok && random.IntN(2) == 0:
		at = shifted(due, random.Int64N(3)-1)
	case random.IntN(2) == 0:
		at = shifted(m.Now(), random.Int64N(1<<random.IntN(63)))
	}
	return min(at, ev.At)
}

// TestD5TimeShift: adding a constant to every At shifts every action by it and changes nothing else.
func TestD5TimeShift(t *testing.T) {
	checked := 0
	Check(t, tameCases(), func(c Case, random *rand.Rand) error {
		by := random.Int64N(1<<62) - 1<<61
		one, other := machine(c), machine(c)
		for i, ev := range c.Events {
			later := ev
			later.At = shifted(ev.At, by)
			want, got := one.Step(nil, ev), other.Step(nil, later)
			for j := range want {
				want[j].At = shifted(want[j].At, by)
				if want[j].Until != core.Never {
					want[j].Until = shifted(want[j].Until, by)
					checked++
				}
			}
			if !slices.Equal(want, got) {
				return fmt.Errorf("event %d, shifted by %d ns: want %+v, got %+v", i, by, want, got)
			}
			due, ok := one.NextDeadline()
			if shiftedDue, shiftedOK := other.NextDeadline(); ok != shiftedOK || ok && shiftedDue != shifted(due, by) {
				return fmt.Errorf("event %d, shifted by %d ns: the next deadline moves from %v to %v", i, by, due, shiftedDue)
			}
		}
		return nil
	})
	checkedAtLeast(t, checked)
}

// TestD7SnapshotAndCopy: snapshot, restore, continue equals continue, and so does CopyFrom.
func TestD7SnapshotAndCopy(t *testing.T) {
	checked := 0
	Check(t, Cases(), func(c Case, random *rand.Rand) error {
		m := machine(c)
		var restored, copied, kept core.Machine
		at := random.IntN(len(c.Events) + 1)
		for i, ev := range c.Events {
			if i == at {
				checked++
				snapshot, err := m.AppendBinary([]byte("before"))
				if err != nil {
					return err
				}
				if err := restored.UnmarshalBinary(snapshot[len("before"):]); err != nil {
					return err
				}
				copied.CopyFrom(m)
				kept.CopyFrom(m)
			}
			want := m.Step(nil, ev)
			if i < at {
				continue
			}
			if got := restored.Step(nil, ev); !slices.Equal(want, got) || m.Digest() != restored.Digest() {
				return fmt.Errorf("event %d: %+v, and restored before event %d %+v", i, want, at, got)
			}
			if got := copied.Step(nil, ev); !slices.Equal(want, got) || m.Digest() != copied.Digest() {
				return fmt.Errorf("event %d: %+v, and copied before event %d %+v", i, want, at, got)
			}
		}
		return goesOn(c, at, &kept)
	})
	checkedAtLeast(t, checked)
}

// goesOn checks that a copy taken before an event was not touched by what has happened to its original since.
func goesOn(c Case, at int, kept *core.Machine) error {
	if at == len(c.Events) {
		return nil
	}
	m := machine(c)
	for _, ev := range c.Events[:at] {
		m.Step(nil, ev)
	}
	if m.Digest() != kept.Digest() {
		return fmt.Errorf("a copy taken before event %d changed with its original", at)
	}
	for i, ev := range c.Events[at:] {
		if want, got := m.Step(nil, ev), kept.Step(nil, ev); !slices.Equal(want, got) {
			return fmt.Errorf("event %d: %+v, and of a copy taken before event %d %+v", at+i, want, at, got)
		}
	}
	return nil
}

// TestD8StaleEvents: a stale task id or run number changes nothing and yields exactly one Reject that says why.
func TestD8StaleEvents(t *testing.T) {
	checked := map[core.Refusal]int{}
	Check(t, Cases(), func(c Case, random *rand.Rand) error {
		m := machine(c)
		var gone []core.TaskID
		for _, ev := range c.Events {
			for _, a := range m.Step(nil, ev) {
				if a.Kind == core.ActionForget {
					gone = append(gone, a.Task)
				}
			}
			stale := staleEvent(m, gone, random)
			before := m.Digest()
			actions := m.Step(nil, stale)
			if len(actions) != 1 || actions[0].Kind != core.ActionReject || actions[0].Task != stale.Task || actions[0].Run != stale.Run {
				return fmt.Errorf("%+v is stale, and gives %+v", stale, actions)
			}
			if m.Digest() != before {
				return fmt.Errorf("%+v is stale, and changes the digest", stale)
			}
			checked[actions[0].Refusal]++
		}
		return nil
	})
	if !t.Failed() {
		require.Positive(t, checked[core.RefusalUnknownTask])
		require.Positive(t, checked[core.RefusalStaleRun])
		require.Positive(t, checked[core.RefusalStaleProbe])
		require.Subset(t, []core.Refusal{
			core.RefusalUnknownTask, core.RefusalStaleRun, core.RefusalStaleProbe, core.RefusalShuttingDown, core.RefusalSupervisorDone,
		}, slices.Collect(keys(checked)))
	}
}

// staleEvent draws an event about a task that was removed or never existed, about a run that is not alive, or about a
// probe whose answer is not awaited.
func staleEvent(m *core.Machine, gone []core.TaskID, random *rand.Rand) core.Event {
	aboutRuns := []core.EventKind{core.EventExit, core.EventReady, core.EventBeat, core.EventProbe}
	aboutTasks := []core.EventKind{
		core.EventRemove, core.EventRestart, core.EventKill, core.EventNeed, core.EventSuspend, core.EventResume, core.EventPolicy,
	}
	ev := core.Event{At: m.Now(), Exit: core.ExitError, Run: core.Run(random.IntN(4))}
	ev.Kind = aboutRuns[random.IntN(len(aboutRuns))]
	tasks := slices.Collect(m.Tasks())
	if len(tasks) > 0 && random.IntN(2) == 0 {
		task := tasks[random.IntN(len(tasks))]
		ev.Task = task.Task
		ev.Run = task.Run + core.Run(random.IntN(5)) - 2
		for ev.Run == task.Run && task.Live && (ev.Kind != core.EventProbe || task.Probing) || task.Fenced != 0 && ev.Run == task.Fenced {
			ev.Run++
		}
		return ev
	}
	kinds := slices.Concat(aboutRuns, aboutTasks)
	ev.Kind = kinds[random.IntN(len(kinds))]
	switch {
	case len(gone) > 0 && random.IntN(2) == 0:
		ev.Task = gone[random.IntN(len(gone))]
	case len(tasks) > 0:
		ev.Task = tasks[random.IntN(len(tasks))].Task ^ core.TaskID(1)<<random.IntN(64)
	}
	if _, ok := m.Status(ev.Task); ok {
		ev.Task = 0
	}
	return ev
}
