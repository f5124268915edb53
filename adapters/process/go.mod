module github.com/tasksupervisor/tasksupervisor/adapters/process

go 1.25.0

require (
	github.com/creack/pty v1.1.24
	github.com/stretchr/testify v1.12.1
	github.com/tasksupervisor/tasksupervisor v0.0.0
	go.uber.org/goleak v1.3.0
	golang.org/x/sys v0.47.0
)

require (
	github.com/benbjohnson/clock v1.3.5 // indirect
	go.yaml.in/yaml/v3 v3.0.5 // indirect
)

replace github.com/tasksupervisor/tasksupervisor => ../..
