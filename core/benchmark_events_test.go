package core_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/core"
)

// sizes are the numbers of tasks that benchmarks are run with: what one event costs should hardly depend on them.
var sizes = []int{1, 1_000, 100_000, 1_000_000}

func forSizes(b *testing.B, run func(b *testing.B, tasks int)) {
	b.Helper()
	for _, tasks := range sizes {
		b.Run(fmt.Sprint(tasks), func(b *testing.B) { run(b, tasks) })
	}
}

// BenchmarkEvent is what one event costs, each kind in a cycle that leads back to where it began: all tasks healthy. The tasks
// take turns, in an order that no cache foresees. BenchmarkStep has failures and ticks, BenchmarkBeat beats.
func BenchmarkEvent(b *testing.B) {
	usual, own := core.DefaultPolicy(), core.DefaultPolicy()
	own.StopTimeout = core.Duration(time.Minute)
	ready, probed := core.DefaultPolicy(), core.DefaultPolicy()
	ready.Readiness = true
	probed.Probe = core.Probe{Interval: core.Duration(time.Hour), Timeout: core.Forever, Failures: 1}
	limits := core.Limits{DeadThreshold: core.Fraction{Num: 1, Den: 2}}
	stopped := core.Event{Kind: core.EventExit, Exit: core.ExitOK}
	for _, bench := range []struct {
		name   string
		policy core.Policy
		cycle  []core.Event
	}{
		{"restart", usual, []core.Event{{Kind: core.EventRestart}, stopped}},
		{"kill", usual, []core.Event{{Kind: core.EventKill}, stopped, {Kind: core.EventRestart}}},
		{"suspend-resume", usual, []core.Event{{Kind: core.EventSuspend}, stopped, {Kind: core.EventResume}}},
		{"ready-unready", ready, []core.Event{{Kind: core.EventUnready}, {Kind: core.EventReady}}},
		{"probe", probed, []core.Event{{Kind: core.EventProbe, Exit: core.ExitOK}}},
		{"policy", usual, []core.Event{{Kind: core.EventPolicy, Policy: 1}, {Kind: core.EventPolicy}}},
		{"limits", usual, []core.Event{{Kind: core.EventLimits, Limits: 1}, {Kind: core.EventLimits}}},
		{"rejected", usual, []core.Event{{Kind: core.EventResume}}},
	} {
		b.Run(bench.name, func(b *testing.B) {
			forSizes(b, func(b *testing.B, tasks int) {
				e := newEvents(b, bench.policy, own, limits, tasks)
				benchmarkEvents(b, len(bench.cycle), func() {
					e.turn()
					for _, ev := range bench.cycle {
						e.give(ev)
					}
				})
				require.Equal(b, tasks, e.machine.Counts().Healthy)
			})
		})
	}
	b.Run("add-remove", func(b *testing.B) {
		forSizes(b, func(b *testing.B, tasks int) {
			e := newEvents(b, usual, own, limits, tasks)
			benchmarkEvents(b, 3, func() {
				e.add(core.Event{Kind: core.EventAdd})
				e.give(core.Event{Kind: core.EventRemove})
				e.give(stopped)
			})
			require.Equal(b, core.Counts{Total: tasks, Healthy: tasks}, e.machine.Counts())
		})
	})
	b.Run("add-need-resume-remove", func(b *testing.B) {
		forSizes(b, func(b *testing.B, tasks int) {
			e := newEvents(b, usual, own, limits, tasks)
			benchmarkEvents(b, 5, func() {
				needed := e.turn()
				e.add(core.Event{Kind: core.EventAdd, Suspended: true})
				e.give(core.Event{Kind: core.EventNeed, Other: needed, Bound: true})
				e.give(core.Event{Kind: core.EventResume})
				e.give(core.Event{Kind: core.EventRemove})
				e.give(stopped)
			})
			require.Equal(b, core.Counts{Total: tasks, Healthy: tasks}, e.machine.Counts())
		})
	})
}

// benchmarkEvents runs a cycle of some events, and reports what one of them takes.
func benchmarkEvents(b *testing.B, events int, cycle func()) {
	b.Helper()
	b.ReportAllocs()
	for b.Loop() {
		cycle()
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(events), "ns/event")
}

// events is a machine whose tasks are healthy, and the task whose turn it is.
type events struct {
	machine *core.Machine
	actions []core.Action
	ids     []core.TaskID
	runs    []core.Run
	next    int
	task    core.TaskID
	run     *core.Run // the number of its latest run
	added   core.Run  // that of a task that was added
}

func newEvents(b *testing.B, policy, other core.Policy, limits core.Limits, tasks int) *events {
	b.Helper()
	e := &events{machine: newMachine(b, core.Config{Policies: []core.Policy{policy, other}}), runs: make([]core.Run, tasks)}
	id, err := e.machine.DefineLimits(limits)
	require.NoError(b, err)
	require.Equal(b, core.LimitsID(1), id)
	e.give(core.Event{Kind: core.EventStart})
	for i := range tasks {
		e.add(core.Event{Kind: core.EventAdd})
		e.ids, e.runs[i] = append(e.ids, e.task), 1
		if policy.Readiness {
			e.give(core.Event{Kind: core.EventReady})
		}
	}
	return e
}

// turn goes on to the next task.
func (e *events) turn() core.TaskID {
	e.next = (e.next + 7919) % len(e.ids) // a prime
	e.task, e.run = e.ids[e.next], &e.runs[e.next]
	return e.task
}

func (e *events) add(ev core.Event) {
	e.added, e.run = 1, &e.added
	e.actions = e.machine.Step(e.actions[:0], ev)
	e.task = e.actions[0].Task
}

// give feeds an event about the task whose turn it is.
func (e *events) give(ev core.Event) {
	ev.At, ev.Task = e.machine.Now()+1, e.task
	if e.run != nil {
		ev.Run = *e.run
	}
	e.actions = e.machine.Step(e.actions[:0], ev)
	for i := range e.actions {
		if action := &e.actions[i]; action.Kind == core.ActionStart {
			*e.run = action.Run
		}
	}
}

// BenchmarkStorm is what befalls all tasks at one instant, for each of them: they are started, all fail, all are restarted by one
// tick, all beat, all miss a beat, and all are stopped. The tasks' share of a single call can be as long as what it is times all
// tasks: nothing else is decided meanwhile.
func BenchmarkStorm(b *testing.B) {
	watched := core.DefaultPolicy()
	watched.Watchdog, watched.MaxAttempts, watched.StableAfter = core.Duration(time.Second), core.Unlimited, core.Forever
	forSizes(b, func(b *testing.B, tasks int) {
		var spent struct{ start, fail, restart, beat, miss, stop time.Duration }
		timed := func(into *time.Duration, work func()) {
			began := time.Now()
			work()
			*into += time.Since(began)
		}
		fresh := newMachine(b, core.Config{Policies: []core.Policy{watched}})
		ids := make([]core.TaskID, tasks)
		for i := range ids {
			ids[i] = fresh.Step(nil, core.Event{Kind: core.EventAdd})[0].Task
		}
		machine, actions := new(core.Machine), make([]core.Action, 0, 4*tasks)
		all := func(ev core.Event) {
			for _, ev.Task = range ids {
				actions = machine.Step(actions[:0], ev)
			}
		}
		next := func() {
			at, _ := machine.NextDeadline()
			actions = machine.Step(actions[:0], core.Event{Kind: core.EventTick, At: at})
		}
		rounds := 0
		for b.Loop() {
			rounds++
			machine.CopyFrom(fresh)
			timed(&spent.start, func() { actions = machine.Step(actions[:0], core.Event{Kind: core.EventStart}) })
			timed(&spent.fail, func() { all(core.Event{Kind: core.EventExit, Run: 1, Exit: core.ExitError}) })
			timed(&spent.restart, next)
			timed(&spent.beat, func() { all(core.Event{Kind: core.EventBeat, At: machine.Now() + 1, Run: 2}) })
			timed(&spent.miss, next)
			all(core.Event{Kind: core.EventExit, Run: 2, Exit: core.ExitOK})
			next()
			timed(&spent.stop, func() { actions = machine.Step(actions[:0], core.Event{Kind: core.EventShutdown}) })
		}
		require.Equal(b, tasks, machine.Counts().Stopping)
		b.ReportMetric(0, "ns/op")
		for _, part := range []struct {
			name string
			took time.Duration
		}{
			{"start", spent.start}, {"fail", spent.fail}, {"restart", spent.restart}, {"beat", spent.beat}, {"miss", spent.miss},
			{"stop", spent.stop},
		} {
			b.ReportMetric(float64(part.took.Nanoseconds())/float64(rounds)/float64(tasks), part.name+"-ns/task")
		}
	})
}

// BenchmarkWhole is what is done with a whole machine, for each of its tasks: a snapshot, reading it, a fork into a machine that
// has room, a digest, and a full audit.
func BenchmarkWhole(b *testing.B) {
	for _, bench := range []struct {
		name    string
		prepare func(b *testing.B, m *core.Machine) (do func() error)
	}{
		{"snapshot", func(_ *testing.B, m *core.Machine) func() error {
			var snapshot []byte
			return func() (err error) {
				snapshot, err = m.AppendBinary(snapshot[:0])
				return err
			}
		}},
		{"restore", func(b *testing.B, m *core.Machine) func() error {
			snapshot, err := m.AppendBinary(nil)
			require.NoError(b, err)
			b.ReportMetric(float64(len(snapshot))/float64(m.Counts().Total), "bytes/task")
			restored := new(core.Machine)
			return func() error { return restored.UnmarshalBinary(snapshot) }
		}},
		{"fork", func(_ *testing.B, m *core.Machine) func() error {
			copied := new(core.Machine)
			copied.CopyFrom(m)
			return func() error {
				copied.CopyFrom(m)
				return nil
			}
		}},
		{"digest", func(_ *testing.B, m *core.Machine) func() error {
			digest := m.Digest()
			return func() error {
				if m.Digest() != digest {
					return fmt.Errorf("it is not %d any more", digest)
				}
				return nil
			}
		}},
		{"check", func(_ *testing.B, m *core.Machine) func() error { return m.Check }},
	} {
		b.Run(bench.name, func(b *testing.B) {
			forSizes(b, func(b *testing.B, tasks int) {
				do := bench.prepare(b, cyclingFleet(b, tasks).machine)
				b.ReportAllocs()
				for b.Loop() {
					if err := do(); err != nil {
						b.Fatal(err)
					}
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(tasks), "ns/task")
			})
		})
	}
}
