module github.com/tasksupervisor/tasksupervisor/adapters/suturetask

go 1.25.0

require (
	github.com/stretchr/testify v1.12.1
	github.com/tasksupervisor/tasksupervisor v0.0.0
	github.com/thejerf/suture/v4 v4.0.6
	go.uber.org/goleak v1.3.0
)

require go.yaml.in/yaml/v3 v3.0.5 // indirect

replace github.com/tasksupervisor/tasksupervisor => ../..
