package core

import (
	"fmt"
	"reflect"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/core/internal/graph"
	"github.com/tasksupervisor/tasksupervisor/core/internal/intern"
	"github.com/tasksupervisor/tasksupervisor/core/internal/ratelimit"
	"github.com/tasksupervisor/tasksupervisor/core/timers"
)

// A machine is identical to its copy, and to none that differs from it in whatever field.
func TestIdenticalLooksAtEveryField(t *testing.T) {
	m, err := New(Config{Limits: Limits{Intensity: Rate{3, 10}, RestartRate: Rate{3, 10}}})
	require.NoError(t, err)
	for _, ev := range []Event{{Kind: EventAdd}, {Kind: EventAdd}, {Kind: EventAdd}, {Kind: EventNeed, Task: 2<<slotBits + 1, Other: 1 << slotBits}, {Kind: EventStart}} {
		m.Step(nil, ev)
	}
	other := Policy{}
	changes := map[string]func(*Machine){
		"config.Seed":                func(m *Machine) { m.config.Seed++ },
		"config.Policies":            func(m *Machine) { m.config.Policies = []Policy{{}} },
		"config.Limits":              func(m *Machine) { m.config.ShutdownTimeout++ },
		"config.Strategy":            func(m *Machine) { m.config.Strategy++ },
		"config.StopOrder":           func(m *Machine) { m.config.StopOrder++ },
		"config.HealthCheckInterval": func(m *Machine) { m.config.HealthCheckInterval++ },
		"config.MaxTasks":            func(m *Machine) { m.config.MaxTasks++ },
		"policies":                   func(m *Machine) { m.policies.Define(&other, 1) },
		"limits":                     func(m *Machine) { m.limits.Hold(0) },
		"inForce":                    func(m *Machine) { m.inForce++ },
		"now":                        func(m *Machine) { m.now++ },
		"started":                    func(m *Machine) { m.started++ },
		"checkAt":                    func(m *Machine) { m.checkAt-- },
		"shutdownAt":                 func(m *Machine) { m.shutdownAt-- },
		"phase":                      func(m *Machine) { m.phase++ },
		"haltReason":                 func(m *Machine) { m.haltReason++ },
		"culprit":                    func(m *Machine) { m.culprit++ },
		"culpritRun":                 func(m *Machine) { m.culpritRun++ },
		"crashes":                    func(m *Machine) { m.crashes.Record(1) },
		"restarts":                   func(m *Machine) { m.restarts.Record(1) },
		"tasks":                      func(m *Machine) { m.tasks[1].misses++ },
		"delays":                     func(m *Machine) { m.delays = append(m.delays, 1) },
		"fenced":                     func(m *Machine) { m.fenced = append(m.fenced, 1) },
		"free":                       func(m *Machine) { m.free = append(m.free, 1) },
		"generation":                 func(m *Machine) { m.generation++ },
		"first":                      func(m *Machine) { m.first++ },
		"last":                       func(m *Machine) { m.last++ },
		"timers":                     func(m *Machine) { m.timers.Arm(m.tasks[2].id, 7) },
		"rateQueue":                  func(m *Machine) { m.rateQueue.Arm(m.tasks[2].id, 7) },
		"graph":                      func(m *Machine) { m.graph.Connect(m.tasks[2].id, m.tasks[0].id) },
		"counts":                     func(m *Machine) { m.counts[StatusDead]++ },
		"leftBehind":                 func(m *Machine) { m.leftBehind++ },
		"significant":                func(m *Machine) { m.significant++ },
		"significantEnded":           func(m *Machine) { m.significantEnded++ },
		"delaysPending":              func(m *Machine) { m.delaysPending++ },
		"terminating":                func(m *Machine) { m.terminating++ },
		"independent":                func(m *Machine) { m.independent = !m.independent },
		"lastTerminatingHint":        func(m *Machine) { m.lastTerminatingHint++ },
		"firstNotUpHint":             func(m *Machine) { m.firstNotUpHint++ },
		"stops":                      func(m *Machine) { m.stops = append(m.stops, 1) },
		"retries":                    func(m *Machine) { m.retries = append(m.retries, 1) },
		"starts":                     func(m *Machine) { m.starts = append(m.starts, 1) },
		"asked":                      func(m *Machine) { m.asked++ },
		"downs":                      func(m *Machine) { m.downs = append(m.downs, 1) },
		"planned":                    func(m *Machine) { m.planned = append(m.planned, 1) },
	}
	fields := slices.Concat(fieldsOf[Machine](""), fieldsOf[scalars](""), fieldsOf[Config]("config."))
	fields = slices.DeleteFunc(fields, func(name string) bool { return name == "scalars" || name == "config" })
	for _, field := range fields {
		require.NotNil(t, changes[field], "%s: say here how to change it, and compare it in Identical", field)
		var changed Machine
		changed.CopyFrom(m)
		require.True(t, m.Identical(&changed) && changed.Identical(m))
		changes[field](&changed)
		require.False(t, m.Identical(&changed) || changed.Identical(m), field)
	}
	require.Len(t, changes, len(fields))
}

// The parts compare all their fields. A part with another field has to compare it, and say so here.
func TestIdenticalPartsHaveTheseFields(t *testing.T) {
	require.Equal(t, []string{"heap", "position", "later"}, fieldsOf[timers.Queue[Instant, TaskID]](""))
	require.Equal(t, []string{"nodes", "edges", "free", "count"}, fieldsOf[graph.Graph[TaskID]](""))
	require.Equal(t, []string{"count", "per", "instants", "oldest"}, fieldsOf[ratelimit.Window[Instant]](""))
	require.Equal(t, []string{"entries", "lists", "heads", "free", "next", "pinned"}, fieldsOf[intern.Table[Policy]](""))
}

func fieldsOf[S any](prefix string) (names []string) {
	for i := range reflect.TypeFor[S]().NumField() {
		names = append(names, fmt.Sprint(prefix, reflect.TypeFor[S]().Field(i).Name))
	}
	return names
}
