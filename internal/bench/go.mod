module github.com/tasksupervisor/tasksupervisor/internal/bench

go 1.25.0

require (
	github.com/cenkalti/backoff/v5 v5.0.3
	github.com/tasksupervisor/tasksupervisor v0.0.0
	github.com/thejerf/suture/v4 v4.0.6
)

replace github.com/tasksupervisor/tasksupervisor => ../..
