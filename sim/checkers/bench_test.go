package checkers_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/core"
	"github.com/tasksupervisor/tasksupervisor/sim/checkers"
)

// BenchmarkAll is one step of 1,000 tasks that cycle through failure and restart, under all checkers but the audits.
func BenchmarkAll(b *testing.B) {
	p := core.DefaultPolicy()
	p.MaxAttempts = core.Unlimited
	p.MaxExponent = 0
	m, err := core.New(core.Config{Policies: []core.Policy{p}})
	require.NoError(b, err)
	suite := checkers.NewSuite(checkers.All()...)
	suite.Begin(m)
	const tasks = 1000
	var ids []core.TaskID
	var actions []core.Action
	for range tasks {
		actions = m.Step(actions[:0], add())
		require.NoError(b, suite.Observe(m, add(), actions))
		ids = append(ids, actions[0].Task)
	}
	require.NoError(b, suite.Observe(m, start(), m.Step(nil, start())))
	b.ReportAllocs()
	step := 0
	for b.Loop() {
		round, i := step/tasks, step%tasks
		ev := fail(ids[i], core.Run(round+1))
		ev.At = core.Instant(time.Duration(round)*2*time.Second + time.Duration(i)*time.Millisecond)
		actions = m.Step(actions[:0], ev)
		if err := suite.Observe(m, ev, actions); err != nil {
			b.Fatal(err)
		}
		step++
	}
}
