package core_test

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/core"
)

// What an operator has said of a task survives the end of its supervisor, any number of times, and so do the runs that were
// left behind. All else starts afresh.
func TestRecreateKeepsWhatWasSaidOfTasks(t *testing.T) {
	var suspended, killed, removed, left, needs int
	eachHistory(t, nil, func(t *testing.T, random *rand.Rand, h *history) {
		old := h.final
		for range 3 {
			halt(t, random, old)
			next := recreated(t, old)
			require.Equal(t, old.Counts().Total, next.Counts().Total)
			require.Equal(t, old.Counts().LeftBehind, next.Counts().LeftBehind)
			ids := map[core.TaskID]core.TaskID{}
			news := statuses(next)
			for i, was := range statuses(old) {
				is := news[i]
				ids[was.Task] = is.Task
				wasPolicy, _ := old.Policy(was.Policy)
				isPolicy, _ := next.Policy(is.Policy)
				require.Equal(t, wasPolicy, isPolicy)
				require.Equal(t, was.Key, is.Key)
				require.Equal(t, was.Suspended, is.Suspended)
				require.Equal(t, was.Killed(), is.Killed())
				require.Equal(t, was.Intent == core.IntentRemove, is.Intent == core.IntentRemove)
				require.Equal(t, alive(was), alive(is), "%+v", was)
				require.Zero(t, is.Attempts)
				for other, bound := range old.Needs(was.Task) {
					require.Contains(t, needsOf(next, is.Task), need{ids[other], bound})
					needs++
				}
				require.Len(t, needsOf(next, is.Task), len(needsOf(old, was.Task)))
				suspended += count(is.Suspended)
				killed += count(is.Killed())
				removed += count(is.Intent == core.IntentRemove)
				left += len(alive(is))
			}
			for _, action := range next.Step(nil, core.Event{Kind: core.EventStart, At: old.Now()}) {
				status, _ := next.Status(action.Task)
				require.False(t, action.Kind == core.ActionStart && (status.Suspended || status.Killed()), "%+v", action)
			}
			require.NoError(t, next.Check())
			old = next
		}
	})
	for name, n := range map[string]int{"suspended": suspended, "killed": killed, "to be removed": removed, "left behind": left, "needs": needs} {
		require.Greater(t, n, 20, name)
	}
}

// A caller can stop at any event.
func TestRecreateStopsWhenAsked(t *testing.T) {
	machine := newMachine(t, core.Config{})
	for _, event := range []core.Event{
		{Kind: core.EventAdd}, {Kind: core.EventAdd, Run: 1}, {Kind: core.EventNeed, Task: 2<<24 | 1, Other: 1 << 24},
		{Kind: core.EventKill, Task: 1 << 24}, {Kind: core.EventRemove, Task: 2<<24 | 1}, {Kind: core.EventShutdown},
	} {
		machine.Step(nil, event)
	}
	const all = 5
	for most := range all {
		n := 0
		for range machine.Recreate() {
			if n++; n > most {
				break
			}
		}
		require.Equal(t, most+1, n)
	}
}

// halt brings a machine to its halt, and has operators say some more about its tasks.
func halt(t *testing.T, random *rand.Rand, m *core.Machine) {
	t.Helper()
	m.Step(nil, core.Event{Kind: core.EventShutdown, At: m.Now()})
	for m.Phase() != core.PhaseHalted {
		at, due := m.NextDeadline()
		for _, status := range statuses(m) {
			if status.Live && (!due || random.IntN(4) == 0) {
				m.Step(nil, core.Event{Kind: core.EventExit, At: m.Now(), Task: status.Task, Run: status.Run, Exit: core.ExitError})
			}
		}
		m.Step(nil, core.Event{Kind: core.EventTick, At: at})
	}
	for _, status := range statuses(m) {
		kinds := []core.EventKind{core.EventSuspend, core.EventResume, core.EventKill, core.EventRestart, core.EventRemove, core.EventTick}
		m.Step(nil, core.Event{Kind: kinds[random.IntN(len(kinds))], At: m.Now(), Task: status.Task})
	}
	require.NoError(t, m.Check())
}

// recreated returns a new machine with the tasks of an old one.
func recreated(t *testing.T, old *core.Machine) *core.Machine {
	t.Helper()
	next := newMachine(t, old.Config())
	for event, policy := range old.Recreate() {
		if event.Kind == core.EventAdd {
			id, err := next.Define(policy)
			require.NoError(t, err)
			event.Policy = id
		}
		event.At = old.Now()
		for _, action := range next.Step(nil, event) {
			require.NotEqual(t, core.ActionReject, action.Kind, "%+v: %+v", event, action)
			if action.Kind != core.ActionAdd {
				require.Equal(t, event.Task, action.Task)
			}
		}
		require.NoError(t, next.Check())
	}
	return next
}

func statuses(m *core.Machine) (all []core.TaskStatus) {
	for status := range m.Tasks() {
		all = append(all, status)
	}
	return all
}

// alive returns the runs of a task that are alive, the older one first.
func alive(s core.TaskStatus) (runs []core.Run) {
	if s.Fenced != 0 {
		runs = append(runs, s.Fenced)
	}
	if s.Live {
		runs = append(runs, s.Run)
	}
	return runs
}

type need struct {
	task  core.TaskID
	bound bool
}

func needsOf(m *core.Machine, id core.TaskID) (needs []need) {
	for other, bound := range m.Needs(id) {
		needs = append(needs, need{other, bound})
	}
	return needs
}

func count(is bool) int {
	if is {
		return 1
	}
	return 0
}
