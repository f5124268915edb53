package web

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
)

var base = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)

func transition(task string, n int) supervisor.Transition {
	return supervisor.Transition{
		Supervisor: "root", Task: task, Date: base.Add(time.Duration(n) * time.Second), Kind: supervisor.ActionStart, Run: supervisor.RunNumber(n),
		From: supervisor.StatusFailed, To: supervisor.StatusHealthy, Why: supervisor.ReasonBackoff, Until: supervisor.Never,
	}
}

// A task that restarts all the time forgets its own past, and not that of others.
func TestTheHistoryOfATaskIsBounded(t *testing.T) {
	h := newHistory(func() {})
	h.observe(transition("quiet", 1))
	for n := range 1000 {
		h.observe(transition("busy", n+2))
	}
	busy := h.glance("root/busy", base, nil)
	require.Len(t, busy.decisions, decisionsOfATask)
	require.EqualValues(t, 1000-decisionsOfATask, busy.forgotten)
	require.EqualValues(t, 1001, busy.decisions[decisionsOfATask-1].run)
	require.EqualValues(t, 1001-decisionsOfATask+1, busy.decisions[0].run)
	require.Len(t, h.glance("root/quiet", base, nil).decisions, 1)
	require.Zero(t, h.kept().Dropped)
	require.LessOrEqual(t, len(h.log.all), decisionsOfATask+2, "what leaves makes room for what comes")
}

// Many tasks forget what is oldest of all. What is forgotten is counted.
func TestTheHistoryOfAllTasksIsBounded(t *testing.T) {
	h := newHistory(func() {})
	const tasks = tasksRemembered + 500
	for n := range 2 * tasks {
		h.observe(transition(fmt.Sprint("task-", n%tasks), n))
	}
	require.Len(t, h.tasks, tasksRemembered)
	require.Equal(t, decisionsInAll, h.log.kept)
	require.LessOrEqual(t, len(h.log.all), decisionsInAll+1)
	require.EqualValues(t, 2*tasks-decisionsInAll, h.kept().Dropped)
	all, _, lost := h.since(0, 2*tasks)
	require.Len(t, all, decisionsInAll)
	require.EqualValues(t, 2*tasks-decisionsInAll, lost)
	for i := range all {
		require.EqualValues(t, 2*tasks-decisionsInAll+i+1, all[i].seq)
	}
}

// Whatever comes in whatever order, the lists say what a plain one would.
func TestTheHistoryIsWhatHappened(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h := newHistory(func() {})
		type told struct {
			path string
			run  supervisor.RunNumber
		}
		var all []told
		for n := range rapid.IntRange(1, 400).Draw(t, "transitions") {
			name := rapid.SampledFrom([]string{"a", "b", "c"}).Draw(t, "task")
			e := transition(name, n)
			h.observe(e)
			all = append(all, told{"root/" + name, e.Run})
		}
		for _, path := range []string{"root/a", "root/b", "root/c"} {
			var want []supervisor.RunNumber
			for _, d := range all {
				if d.path == path {
					want = append(want, d.run)
				}
			}
			seen := h.glance(path, base, nil)
			cut := max(0, len(want)-decisionsOfATask)
			var have []supervisor.RunNumber
			for _, d := range seen.decisions {
				have = append(have, d.run)
			}
			if !slices.Equal(want[cut:], have) || int(seen.forgotten) != cut {
				t.Fatalf("%s: %v, not %v", path, have, want[cut:])
			}
		}
		from := uint64(rapid.IntRange(0, len(all)+2).Draw(t, "from"))
		got, now, lost := h.since(from, 100)
		if from > uint64(len(all)) {
			from = 0
		}
		if int(now) != len(all) || int(lost)+len(got) != len(all)-int(from) || len(got) > 100 {
			t.Fatalf("%d and %d lost since %d of %d", len(got), lost, from, len(all))
		}
	})
}

func TestRestartsAreCountedByTheMinute(t *testing.T) {
	h := newHistory(func() {})
	for _, seconds := range []int{0, 59, 60, 60, 59 * 60} { // the fourth comes twice in its minute
		e := transition("task", seconds)
		e.Run = 2
		h.observe(e)
	}
	other := transition("task", 59*60) // in another life of its supervisor
	other.Run = 1
	h.observe(other)
	first := transition("new", 0)
	first.Run = 1 // is no restart
	h.observe(first)
	at := func(minutes int) glance {
		return h.glance("root/task", base.Add(time.Duration(minutes)*time.Minute), nil)
	}
	require.Equal(t, 6, at(59).lastHour)
	require.EqualValues(t, 2, at(59).minutes[0])
	require.EqualValues(t, 2, at(59).minutes[1])
	require.EqualValues(t, 2, at(59).minutes[59])
	late := transition("task", 61) // of another clock, or told late
	late.Run = 9
	h.observe(late)
	require.EqualValues(t, 3, at(59).minutes[1])
	require.Equal(t, 7-2, at(60).lastHour)
	require.Equal(t, 2, at(61).lastHour)
	require.Equal(t, map[string]int{"root/task": 2}, h.lastHour(base.Add(118*time.Minute)))
	require.Equal(t, 0, at(119).lastHour)
	require.Equal(t, 0, at(1_000_000).lastHour)
}

// What a decision says of an error is short, and shared by failures of one kind.
func TestErrorsInTheHistoryAreShort(t *testing.T) {
	h := newHistory(func() {})
	e := transition("task", 1)
	e.Err = errors.New(strings.Repeat("ü", 5000))
	h.observe(e)
	h.observe(e)
	seen := h.glance("root/task", base, nil)
	require.Equal(t, strings.Repeat("ü", errorKept/2)+"…", seen.decisions[0].err)
	require.Equal(t, seen.decisions[0].err, seen.decisions[1].err)
}

func TestWhatWasLostIsCounted(t *testing.T) {
	news := 0
	h := newHistory(func() { news++ })
	e := transition("task", 1)
	e.Lost = 7
	h.observe(e)
	h.observe(supervisor.Transition{Lost: 3, Until: supervisor.Never}) // says only that
	probe := transition("task", 2)
	probe.Kind = supervisor.ActionProbe
	h.observe(probe)
	require.EqualValues(t, 10, h.kept().Lost)
	require.EqualValues(t, 1, h.kept().seq)
	require.Equal(t, 2, news, "a probe is no news")
}

// The memory that the documentation promises.
func TestTheHistoryTakesLittleMemory(t *testing.T) {
	h := newHistory(func() {})
	for n := range 2 * tasksRemembered {
		e := transition(fmt.Sprint("task-", n), n)
		e.Err = fmt.Errorf("%d%s", n, strings.Repeat("x", 1000))
		h.observe(e)
	}
	size := 0
	for i := h.log.first; i >= 0; i = h.log.all[i].newer {
		size += len(h.log.all[i].err)
	}
	size += cap(h.log.all)*int(sizeOf[decision]()) + len(h.tasks)*int(sizeOf[past]())
	require.Less(t, size, 15<<20)
}

func sizeOf[T any]() uintptr { return reflect.TypeFor[T]().Size() }
