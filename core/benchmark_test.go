package core_test

import (
	"fmt"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/core"
)

// BenchmarkStep is one event of a fleet of which every task cycles through backoff: half of the events are failures,
// half are ticks. Besides the time it reports how many bytes of memory a task takes.
func BenchmarkStep(b *testing.B) {
	forSizes(b, func(b *testing.B, tasks int) {
		f := newFleet(b, tasks)
		for range 4 * tasks {
			f.step()
		}
		b.ReportAllocs()
		for b.Loop() {
			f.step()
		}
		b.ReportMetric(bytesPerTask(b, f.machine), "bytes/task")
		require.Equal(b, tasks, f.machine.Counts().Total)
	})
}

// bytesPerTask measures the memory of a copy of the machine, which is as large as need be.
func bytesPerTask(b *testing.B, machine *core.Machine) float64 {
	b.Helper()
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	copied := new(core.Machine)
	copied.CopyFrom(machine)
	runtime.GC()
	runtime.ReadMemStats(&after)
	require.Equal(b, machine.Now(), copied.Now())
	return float64(after.HeapAlloc-before.HeapAlloc) / float64(machine.Counts().Total)
}

// BenchmarkIdleTick is a tick of a fleet with nothing to do.
func BenchmarkIdleTick(b *testing.B) {
	forSizes(b, func(b *testing.B, tasks int) {
		f := newFleet(b, tasks)
		b.ReportAllocs()
		for at := f.machine.Now(); b.Loop(); at++ {
			f.actions = f.machine.Step(f.actions[:0], core.Event{Kind: core.EventTick, At: at})
		}
		require.Empty(b, f.actions)
	})
}

// BenchmarkBeat is a heartbeat of one of many tasks that beat in turn.
func BenchmarkBeat(b *testing.B) {
	forSizes(b, func(b *testing.B, tasks int) {
		policy := core.DefaultPolicy()
		policy.Watchdog = core.Duration(1e9)
		machine := newMachine(b, core.Config{Policies: []core.Policy{policy}})
		machine.Step(nil, core.Event{Kind: core.EventStart})
		ids := make([]core.TaskID, tasks)
		for i := range ids {
			ids[i] = machine.Step(nil, core.Event{Kind: core.EventAdd})[0].Task
		}
		var actions []core.Action
		at, next := core.Instant(0), 0
		b.ReportAllocs()
		for b.Loop() {
			at++
			actions = machine.Step(actions, core.Event{Kind: core.EventBeat, At: at, Task: ids[next], Run: 1})
			if next++; next == tasks {
				next = 0
			}
		}
		require.Empty(b, actions)
	})
}

// BenchmarkRound is a round of a thousand tasks, from the failure of the first one until all run again: by strategy, one
// by one and together, and by needs, of which all name the first task.
func BenchmarkRound(b *testing.B) {
	const tasks = 1000
	for _, config := range []core.Config{
		{Strategy: core.OneForAll, StopOrder: core.StopReverse},
		{Strategy: core.OneForAll, StopOrder: core.StopTogether},
		{Strategy: core.RestForOne, StopOrder: core.StopReverse},
	} {
		b.Run(fmt.Sprint(config.Strategy, " ", config.StopOrder), func(b *testing.B) {
			benchmarkRound(b, newRounds(b, config, tasks))
		})
	}
	b.Run("needs", func(b *testing.B) { benchmarkRound(b, newRounds(b, core.Config{}, tasks).bind()) })
}

func benchmarkRound(b *testing.B, r *rounds) {
	b.Helper()
	b.ReportAllocs()
	for b.Loop() {
		r.round()
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(len(r.ids)), "ns/task")
	require.Equal(b, len(r.ids), r.machine.Counts().Healthy)
}

// BenchmarkChain is the restart of the first of a thousand tasks each of which is bound to the one before it.
func BenchmarkChain(b *testing.B) {
	r := newRounds(b, core.Config{}, 1000)
	for i := range r.ids[1:] {
		r.machine.Step(nil, core.Event{Kind: core.EventNeed, Task: r.ids[i+1], Other: r.ids[i], Bound: true})
	}
	benchmarkRound(b, r)
}

// BenchmarkDefine defines again the policy of one of many tasks, each of which has another, or gives the task a new one.
func BenchmarkDefine(b *testing.B) {
	for _, policies := range []int{1, 1_000, 100_000} {
		machine, err := core.New(core.Config{})
		require.NoError(b, err)
		own := func(n int) core.Policy {
			p := core.DefaultPolicy()
			p.StopTimeout = core.Duration(n)
			return p
		}
		var tasks []core.TaskID
		for n := range policies {
			id, err := machine.Define(own(n))
			require.NoError(b, err)
			tasks = append(tasks, machine.Step(nil, core.Event{Kind: core.EventAdd, Policy: id})[0].Task)
		}
		n := 0
		b.Run(fmt.Sprintf("known/%d", policies), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				n = (n + 7919) % policies
				_, _ = machine.Define(own(n))
			}
		})
		var actions []core.Action
		b.Run(fmt.Sprintf("changed/%d", policies), func(b *testing.B) {
			b.ReportAllocs()
			for i := policies; b.Loop(); i++ {
				n = (n + 7919) % policies
				id, _ := machine.Define(own(i))
				actions = machine.Step(actions[:0], core.Event{Kind: core.EventPolicy, Task: tasks[n], Policy: id})
			}
		})
		require.NoError(b, machine.Check())
	}
}

// BenchmarkStatus is the status of one task, and of all of ten thousand.
func BenchmarkStatus(b *testing.B) {
	f := cyclingFleet(b, 10_000)
	var status core.TaskStatus
	b.Run("one", func(b *testing.B) {
		task := f.pending[0].task
		for b.Loop() {
			status, _ = f.machine.Status(task)
		}
	})
	b.Run("all", func(b *testing.B) {
		for b.Loop() {
			for status = range f.machine.Tasks() {
			}
		}
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/10_000, "ns/task")
	})
	require.NotZero(b, status.Task)
}

// cyclingFleet returns a fleet in the middle of its cycles.
func cyclingFleet(b *testing.B, tasks int) *fleet {
	b.Helper()
	f := newFleet(b, tasks)
	for range tasks + tasks/2 {
		f.step()
	}
	return f
}
