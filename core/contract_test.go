package core_test

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/core"
	"github.com/tasksupervisor/tasksupervisor/core/scenario"
	"github.com/tasksupervisor/tasksupervisor/internal/golden"
)

// same leaves events as they are.
func same(event core.Event) core.Event { return event }

// D1: the same configuration and events give the same actions and digest, in any process. The digests of one scenario
// are stored: they must not depend on the process, the Go version or the GOARCH.
func TestD1SameInputSameOutput(t *testing.T) {
	eachHistory(t, nil, func(t *testing.T, _ *rand.Rand, h *history) {
		actions, machine := h.replay(t, same)
		require.Equal(t, h.actions, actions)
		require.Equal(t, h.final.Digest(), machine.Digest())
	})

	// The digests with which these files end are in a file of their own as well, so that recording the transcripts anew
	// does not change them unnoticed.
	var last strings.Builder
	for _, file := range []string{"testdata/digest.txt", "testdata/digest-groups.txt"} {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		s, err := scenario.Parse(text)
		require.NoError(t, err)
		machine, err := s.Play()
		require.NoError(t, err)
		digests := map[string]bool{}
		for _, statement := range s.Statements {
			if x, ok := statement.(*scenario.Expect); ok && x.Query == scenario.QueryDigest {
				digests[x.Answer] = true
			}
		}
		require.GreaterOrEqual(t, len(digests), 20)
		fmt.Fprintf(&last, "%016x %s\n", machine.Digest(), file)
	}
	golden.Compare(t, "testdata/digests.golden", last.String())
}

// Machines that differ in anything that can matter have different digests.
func TestD1DigestSeesEveryPartOfTheState(t *testing.T) {
	seen := map[uint64][]byte{}
	eachHistory(t, nil, func(t *testing.T, _ *rand.Rand, h *history) {
		machine := h.machine(t)
		for _, event := range h.events {
			machine.Step(nil, event)
			snapshot, err := machine.AppendBinary(nil)
			require.NoError(t, err)
			if before, ok := seen[machine.Digest()]; ok {
				require.Equal(t, before, snapshot)
			}
			seen[machine.Digest()] = snapshot
		}
	})
	require.Greater(t, len(seen), seeds*steps/3)
}

// D2: an At before the latest one counts as the latest.
func TestD2TimeNeverGoesBack(t *testing.T) {
	moved := 0
	eachHistory(t, nil, func(t *testing.T, _ *rand.Rand, h *history) {
		latest := h.events[0].At
		actions, machine := h.replay(t, func(event core.Event) core.Event {
			if event.At < latest {
				moved++
			}
			latest = max(latest, event.At)
			event.At = latest
			return event
		})
		require.Equal(t, h.actions, actions)
		require.Equal(t, h.final.Digest(), machine.Digest())
		require.Equal(t, latest, machine.Now())
		for i := range actions {
			for _, action := range actions[i] {
				require.LessOrEqual(t, action.At, latest)
			}
		}
	})
	require.NotZero(t, moved)
}

// D3: timers due at or before an event's instant fire before the event applies, ordered by deadline, then by task.
func TestD3TimersFireFirstAndInOrder(t *testing.T) {
	together := 0
	eachHistory(t, nil, func(t *testing.T, _ *rand.Rand, h *history) {
		machine := h.machine(t)
		for i, event := range h.events {
			var actions []core.Action
			for deadline, ok := machine.NextDeadline(); ok && deadline <= event.At; deadline, ok = machine.NextDeadline() {
				require.Greater(t, deadline, machine.Now())
				due := map[core.TaskID]bool{}
				for status := range machine.Tasks() {
					due[status.Task] = status.Until == deadline
				}
				phase := machine.Phase()
				fired := machine.Step(nil, core.Event{Kind: core.EventTick, At: deadline})
				require.True(t, len(fired) > 0 || phase != machine.Phase(), "a deadline for nothing")
				var timers []core.TaskID
				for _, action := range fired {
					require.Equal(t, deadline, action.At)
					if due[action.Task] && isFired(&action) {
						timers = append(timers, action.Task)
						due[action.Task] = false // it can have another timer at this instant
					}
				}
				require.True(t, slices.IsSorted(timers), "%v", fired)
				if len(timers) > 1 {
					together++
				}
				actions = append(actions, fired...)
			}
			actions = append(actions, machine.Step(nil, event)...)
			require.Equal(t, h.actions[i], actions, "the event's own decisions come last")
			require.True(t, slices.IsSortedFunc(actions, func(a, b core.Action) int { return cmp.Compare(a.At, b.At) }))
		}
	})
	require.NotZero(t, together)
}

// isFired reports whether an action says that the timer of a task's status fired.
func isFired(a *core.Action) bool {
	return a.Why.FiresTimer() && a.From != core.StatusCreated // where it is why the task waited
}

// D4: extra ticks at any instants change no decision.
func TestD4TickRefinement(t *testing.T) {
	extra := 0
	eachHistory(t, nil, func(t *testing.T, random *rand.Rand, h *history) {
		machine := h.machine(t)
		latest := h.events[0].At
		for i, event := range h.events {
			var actions []core.Action
			for latest < event.At && random.IntN(3) != 0 {
				latest += 1 + core.Instant(random.Int64N(int64(event.At-latest)))
				actions = machine.Step(actions, core.Event{Kind: core.EventTick, At: latest})
				extra++
			}
			latest = max(latest, event.At)
			actions = machine.Step(actions, event)
			require.Equal(t, h.actions[i], append([]core.Action(nil), actions...))
			// And ticks that come too late, or again.
			require.Empty(t, machine.Step(nil, core.Event{Kind: core.EventTick, At: latest}))
			require.Empty(t, machine.Step(nil, core.Event{Kind: core.EventTick, At: latest - 1e9}))
		}
		require.Equal(t, h.final.Digest(), machine.Digest())
	})
	require.NotZero(t, extra)
}

// D5: adding a constant to every At shifts every action by it and changes nothing else.
func TestD5TimeShift(t *testing.T) {
	eachHistory(t, nil, func(t *testing.T, random *rand.Rand, h *history) {
		for _, shift := range []core.Instant{1, -1, 1e18, -1e18, core.Instant(random.Int64N(1e15))} {
			actions, machine := h.replay(t, func(event core.Event) core.Event {
				event.At += shift
				return event
			})
			for i := range actions {
				for j := range actions[i] {
					action := &actions[i][j]
					action.At -= shift
					if action.Until != core.Never {
						action.Until -= shift
					}
				}
			}
			require.Equal(t, h.actions, actions)
			require.Equal(t, h.final.Now()+shift, machine.Now())
			require.Equal(t, h.final.Counts(), machine.Counts())
		}
	})
}

// D6: adding an unrelated task changes no other task's decisions, the limits of the whole supervisor aside.
func TestD6Independence(t *testing.T) {
	disturbed := 0
	alone := func(h *history) {
		h.limits = nil
		config := &h.config
		config.Strategy, config.MaxTasks = core.OneForOne, 0
		config.AutoShutdown, config.DeadThreshold = core.AutoShutdownNever, core.Fraction{}
		config.Intensity, config.RestartRate = core.Rate{}, core.Rate{}
		for i := range config.Policies {
			if config.Policies[i].OnAbandon == core.AbandonEscalate {
				config.Policies[i].OnAbandon = core.AbandonWait
			}
			config.Policies[i].OnExhausted = core.ExhaustedDead
		}
	}
	eachHistory(t, alone, func(t *testing.T, random *rand.Rand, h *history) {
		machine := h.machine(t)
		added := machine.Step(nil, core.Event{Kind: core.EventAdd, At: h.events[0].At, Key: random.Uint32()})
		other := added[0].Task
		ids := map[core.TaskID]core.TaskID{} // by the id in the history
		for i, event := range h.events {
			if event.Kind == core.EventShutdown || event.Exit == core.ExitFatal {
				return // that concerns all tasks
			}
			expected := slices.Clone(h.actions[i])
			if id, ok := ids[event.Task]; ok {
				event.Task = id
			} else if event.Task != 0 { // it never was here, or it may be the other one here
				event.Kind = core.EventTick
				expected = expected[:len(expected)-1]
			}
			if event.Other != 0 { // 0 stays 0, which no task is
				event.Other = ids[event.Other]
			}
			var actions []core.Action
			for _, kind := range []core.EventKind{core.EventExit, core.EventKill, core.EventRestart} {
				if random.IntN(8) == 0 {
					status, _ := machine.Status(other)
					actions = machine.Step(actions, core.Event{
						Kind: kind, At: event.At, Task: other, Run: status.Run, Exit: core.ExitError,
					})
				}
			}
			actions = machine.Step(actions, event)
			all := len(actions)
			actions = slices.DeleteFunc(actions, func(a core.Action) bool { return a.Task == other })
			disturbed += all - len(actions)
			if event.Kind == core.EventAdd {
				ids[addedTask(expected)] = addedTask(actions)
			}
			for j := range expected {
				expected[j].Task = ids[expected[j].Task]
			}
			requireSameDecisions(t, expected, actions)
		}
	})
	require.Greater(t, disturbed, 1000)
}

// addedTask returns the id that was issued, or 0.
func addedTask(actions []core.Action) core.TaskID {
	for _, action := range actions {
		if action.Kind == core.ActionAdd {
			return action.Task
		}
	}
	return 0
}

// requireSameDecisions compares what was decided about each task, in order. Between tasks there is no order to keep:
// what was disturbed at the same instant may come earlier.
func requireSameDecisions(t *testing.T, expected, actions []core.Action) {
	t.Helper()
	byTask := func(a, b core.Action) int { return cmp.Compare(a.Task, b.Task) }
	slices.SortStableFunc(expected, byTask)
	slices.SortStableFunc(actions, byTask)
	require.True(t, slices.Equal(expected, actions), "expected %+v, got %+v", expected, actions)
}

// D7: snapshot, restore and continue equals continue; so does CopyFrom. D7 says it of every point of a history.
func TestD7SnapshotAndCopyContinue(t *testing.T) {
	restored, copied := new(core.Machine), new(core.Machine)
	var snapshot []byte
	eachHistory(t, nil, func(t *testing.T, _ *rand.Rand, h *history) {
		machine := h.machine(t)
		for i, event := range h.events {
			snapshot, err := machine.AppendBinary(snapshot[:0])
			require.NoError(t, err)
			require.NoError(t, restored.UnmarshalBinary(snapshot))
			copied.CopyFrom(machine)

			require.Equal(t, h.actions[i], machine.Step(nil, event))
			require.Equal(t, h.actions[i], restored.Step(nil, event))
			require.Equal(t, h.actions[i], copied.Step(nil, event))
			require.Equal(t, machine.Digest(), restored.Digest())
			require.Equal(t, machine.Digest(), copied.Digest())
			require.NoError(t, restored.Check())
			require.NoError(t, copied.Check())
		}
	})
	// And from one snapshot on to the end, without any other.
	eachHistory(t, nil, func(t *testing.T, random *rand.Rand, h *history) {
		machine := h.machine(t)
		cut := random.IntN(steps)
		for _, event := range h.events[:cut] {
			machine.Step(nil, event)
		}
		snapshot, err := machine.MarshalBinary()
		require.NoError(t, err)
		require.NoError(t, restored.UnmarshalBinary(snapshot))
		copied.CopyFrom(machine)
		for i, event := range h.events[cut:] {
			require.Equal(t, h.actions[cut+i], restored.Step(nil, event))
			require.Equal(t, h.actions[cut+i], copied.Step(nil, event))
		}
		require.Equal(t, h.final.Digest(), restored.Digest())
		require.Equal(t, h.final.Digest(), copied.Digest())
	})
}

// D8: a stale task id or run number changes nothing and yields exactly one reject that says why.
func TestD8StaleInputIsRejected(t *testing.T) {
	refusals := map[core.Refusal]int{}
	eachHistory(t, nil, func(t *testing.T, random *rand.Rand, h *history) {
		machine := h.machine(t)
		world := world{random: random, machine: machine, policies: 1, limits: 1}
		for _, event := range h.events {
			world.learn(machine.Step(nil, event))
			for range 4 {
				task := world.task()
				status, known := machine.Status(task)
				stale := core.Event{Kind: core.EventExit, Exit: core.ExitError, At: machine.Now(), Task: task, Run: status.Run + 1}
				refusal := core.RefusalStaleRun
				switch {
				case !known:
					refusal = core.RefusalUnknownTask
				case status.Run > 0 && status.Fenced != status.Run-1 && random.IntN(2) == 0:
					stale.Run = status.Run - 1
				case !status.Live && status.Fenced != status.Run:
					stale.Run = status.Run
				}
				waits := status.Wait != core.WaitNone || status.Status == core.StatusDead || status.Status == core.StatusHalted
				stale.Kind = []core.EventKind{core.EventExit, core.EventReady, core.EventBeat, core.EventProbe, core.EventUnready}[random.IntN(5)]
				if status.Live && !waits && !status.Probing && random.IntN(4) == 0 {
					stale.Kind, stale.Run, refusal = core.EventProbe, status.Run, core.RefusalStaleProbe
				}
				digest := machine.Digest()
				actions := machine.Step(nil, stale)
				require.Len(t, actions, 1)
				require.Equal(t, core.Action{
					Kind: core.ActionReject, At: machine.Now(), Until: core.Never, Task: task, Run: stale.Run,
					Attempts: status.Attempts, From: status.Status, To: status.Status, Refusal: refusal,
				}, actions[0])
				require.Equal(t, digest, machine.Digest())
				refusals[refusal]++
			}
		}
	})
	require.Greater(t, refusals[core.RefusalStaleRun], 1000)
	require.Greater(t, refusals[core.RefusalUnknownTask], 1000)
	require.Greater(t, refusals[core.RefusalStaleProbe], 1000)
}

// Invariant 14: a rejected event changes nothing, whatever it is rejected for, but for the time it tells.
func TestRejectedEventsChangeNothing(t *testing.T) {
	ticked := new(core.Machine)
	refusals := map[core.Refusal]bool{}
	eachHistory(t, nil, func(t *testing.T, _ *rand.Rand, h *history) {
		machine := h.machine(t)
		for _, event := range h.events {
			ticked.CopyFrom(machine)
			actions := machine.Step(nil, event)
			for i, action := range actions {
				if action.Kind == core.ActionReject {
					require.Equal(t, len(actions)-1, i, "a reject is the last that an event gives")
					require.Equal(t, actions[:i], ticked.Step([]core.Action{}, core.Event{Kind: core.EventTick, At: event.At}))
					require.Equal(t, ticked.Digest(), machine.Digest())
					refusals[action.Refusal] = true
				}
			}
		}
	})
	for refusal := range core.ValuesFrom(core.RefusalUnknownEvent) {
		require.True(t, refusals[refusal], "%v", refusal)
	}
}
