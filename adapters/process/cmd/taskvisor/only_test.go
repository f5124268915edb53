package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/adapters/process/cmd/taskvisor/internal/taskfile"
)

func TestKeepOnly(t *testing.T) {
	const text = `
[tasks.redis]
command = "redis"
[tasks.web]
command = "web"
instances = 2
needs = ["workers"]
[tasks.other]
command = "other"
[groups.workers]
bound_to = ["redis"]
[groups.workers.tasks.mail]
command = "mail"
needs = ["spool"]
[groups.workers.tasks.spool]
command = "spool"
[groups.workers.tasks.reports]
command = "reports"
`
	for _, test := range []struct{ names, kept []string }{
		{nil, []string{"redis", "web.1", "web.2", "other", "workers/mail", "workers/spool", "workers/reports"}},
		{[]string{"other"}, []string{"other"}},
		{[]string{"workers/mail"}, []string{"redis", "workers/mail", "workers/spool"}},
		{[]string{"workers"}, []string{"redis", "workers/mail", "workers/spool", "workers/reports"}},
		{[]string{"web.1"}, []string{"redis", "web.1", "workers/mail", "workers/spool", "workers/reports"}},
		{[]string{"web"}, []string{"redis", "web.1", "web.2", "workers/mail", "workers/spool", "workers/reports"}},
	} {
		path := filepath.Join(t.TempDir(), "tasks.toml")
		require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
		file, err := taskfile.Load(path, taskfile.Options{})
		require.NoError(t, err)
		require.NoError(t, keepOnly(file, test.names))
		paths, _ := file.All()
		require.Equal(t, test.kept, paths, test.names)
		require.ErrorContains(t, keepOnly(file, []string{"othre"}), `there is no task "othre"`)
	}
}
