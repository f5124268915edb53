module github.com/tasksupervisor/tasksupervisor

go 1.26
