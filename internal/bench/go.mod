module github.com/tasksupervisor/tasksupervisor/internal/bench

go 1.25.0

require (
	github.com/benbjohnson/clock v1.3.5
	github.com/cenkalti/backoff/v5 v5.0.3
	github.com/jonboulle/clockwork v0.5.0
	github.com/stretchr/testify v1.12.1
	github.com/tasksupervisor/tasksupervisor v0.0.0
	github.com/thejerf/suture/v4 v4.0.6
)

require go.yaml.in/yaml/v3 v3.0.5 // indirect

replace github.com/tasksupervisor/tasksupervisor => ../..
