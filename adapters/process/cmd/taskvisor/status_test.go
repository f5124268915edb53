package main

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/adapters/process/cmd/taskvisor/internal/control"
)

func TestStatusIsATable(t *testing.T) {
	at := time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC)
	soon := 12.4
	var out strings.Builder
	printStatus(&out, &control.Info{File: "/srv/shop/tasks.toml", PID: 4711, Started: at.Add(-3 * time.Hour), Tightness: "guard"}, &control.Tree{
		At: at, Phase: "running", Tasks: []control.Task{
			{Path: "redis", Name: "redis", Status: "healthy", PID: 100, Run: 1, SinceSeconds: 7200, Totals: control.Totals{Starts: 1}},
			{Path: "workers", Name: "workers", Status: "healthy", Phase: "running", Run: 1, Totals: control.Totals{Starts: 1}},
			{
				Path: "workers/mail", Depth: 1, Name: "mail", Status: "failed", Run: 12, UntilSeconds: &soon, Wait: "delay", Why: "failure",
				LastError: "exit code 1: connection refused\x1b[31m\nmore", Totals: control.Totals{Starts: 12, Failures: 12},
			},
			{Path: "workers/reports", Depth: 1, Name: "reports", Status: "created", Suspended: true},
			{Path: "web", Name: "web", Status: "created", Wait: "need", WaitsFor: "redis"},
			{Path: "old", Name: "old", Status: "dead", Why: "killed", Run: 2, Totals: control.Totals{Starts: 2}},
		},
	})
	require.Equal(t, strings.TrimLeft(`
/srv/shop/tasks.toml: 1 of 5 tasks up; pid 4711, for 3 h, held by guard
TASK       STATUS   PID  RUN  RESTARTS
redis      up       100    1         0  up for 2 h
workers/   up              1         0
  mail     failed     -   12        11  again in 12 s: exit code 1: connection refused
  reports  stopped    -    -         -  not started yet
web        waits      -    -         -  for redis
old        dead       -    2         1  stopped for good
`, "\n"), out.String())
}

func TestStatusOfSomeTasks(t *testing.T) {
	tree := func() *control.Tree {
		return &control.Tree{Tasks: []control.Task{{Path: "web"}, {Path: "workers"}, {Path: "workers/mail"}, {Path: "workers2"}}}
	}
	some := tree()
	require.NoError(t, keepPaths(some, []string{"workers"}))
	require.Equal(t, []control.Task{{Path: "workers"}, {Path: "workers/mail"}}, some.Tasks)
	require.ErrorContains(t, keepPaths(tree(), []string{"wbe"}), `there is no task "wbe"; did you mean "web"?`)
	instances := &control.Tree{Tasks: []control.Task{{Path: "web.1"}, {Path: "web.2"}, {Path: "web.x"}, {Path: "web.01"}}}
	require.NoError(t, keepPaths(instances, []string{"web"}))
	require.Equal(t, []control.Task{{Path: "web.1"}, {Path: "web.2"}}, instances.Tasks)
	all := tree()
	require.NoError(t, keepPaths(all, nil))
	require.Len(t, all.Tasks, 4)
}
