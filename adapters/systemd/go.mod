module github.com/tasksupervisor/tasksupervisor/adapters/systemd

go 1.25.0

require (
	github.com/coreos/go-systemd/v22 v22.7.0
	github.com/stretchr/testify v1.12.1
	github.com/tasksupervisor/tasksupervisor v0.0.0
	go.uber.org/goleak v1.3.0
	golang.org/x/sys v0.43.0
)

require go.yaml.in/yaml/v3 v3.0.5 // indirect

replace github.com/tasksupervisor/tasksupervisor => ../..
