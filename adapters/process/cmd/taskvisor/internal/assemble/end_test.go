package assemble_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/adapters/process/cmd/taskvisor/internal/assemble"
	"github.com/tasksupervisor/tasksupervisor/adapters/process/cmd/taskvisor/internal/taskfile"
	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
)

// What needs a task that is ready at its end waits until it has ended well, over failures and however long it takes.
func TestReadyAtTheEnd(t *testing.T) {
	file := read(t, "tasks.toml", `
[tasks.migrate]
command = "migrate"
ready = { end = true }
[tasks.web]
command = "web"
needs = ["migrate"]
`)
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		var migrations []time.Duration
		var web time.Duration
		tree, err := assemble.New(file, func(path string, task *taskfile.Task) (supervisor.Task, []supervisor.TaskOption, error) {
			_, options, err := assemble.Standin(path, task)
			return supervisor.TaskFunc(func(ctx context.Context) error {
				if path == "web" {
					web = time.Since(began)
					<-ctx.Done()
					return nil
				}
				migrations = append(migrations, time.Since(began))
				time.Sleep(time.Hour)
				if len(migrations) == 1 {
					return context.DeadlineExceeded
				}
				return nil
			}), options, err
		})
		require.NoError(t, err)
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error)
		go func() { ended <- tree.Root.Run(ctx) }()
		time.Sleep(90 * time.Minute)
		synctest.Wait()
		require.Zero(t, web, "the migration has failed, and runs again")
		status, err := tree.Root.Status("web")
		require.NoError(t, err)
		require.Equal(t, supervisor.WaitNeed, status.Wait)
		time.Sleep(time.Hour)
		synctest.Wait()
		require.Len(t, migrations, 2)
		require.Equal(t, migrations[1]+time.Hour, web)
		status, err = tree.Root.Status("migrate")
		require.NoError(t, err)
		require.Equal(t, supervisor.StatusCompleted, status.Status)
		cancel()
		require.NoError(t, <-ended)
	})
}
