package taskfile_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/adapters/process/cmd/taskvisor/internal/taskfile"
)

func TestProcfile(t *testing.T) {
	file, err := load(t, "Procfile", "# comment\n\nweb: ./web -p $PORT\nworker:./worker # not a comment\nwhat is this\r\n", taskfile.Options{
		Procfile: taskfile.ProcfileOptions{Formation: "all=1, web=2", AutoRestart: []string{"worker"}, CanDie: []string{"worker"}},
	}, ".env", "A=1\nPORT=7000\n")
	require.NoError(t, err)
	paths, tasks := file.All()
	require.Equal(t, []string{"web.1", "web.2", "worker.1"}, paths)
	require.Equal(t, []taskfile.Variable{{"A", "1"}, {"PORT", "7001"}, {"PS", "web.2"}}, tasks[1].Env)
	require.Equal(t, "./worker # not a comment", tasks[2].Command)
	require.Equal(t, []taskfile.Variable{{"A", "1"}, {"PORT", "7100"}, {"PS", "worker.1"}}, tasks[2].Env)
	require.Equal(t, taskfile.Shutdown("any"), file.AutoShutdown)
	require.Equal(t, taskfile.Restart("never"), tasks[0].Restart)
	require.Equal(t, taskfile.Restart("always"), tasks[2].Restart)
	require.False(t, *tasks[2].Significant)
	require.Equal(t, []taskfile.Problem{{At: taskfile.Position{Line: 5, Column: 1}, Text: `is not "name: command", and is ignored`}}, file.Ignored)
}

func TestProcessWithoutCommand(t *testing.T) {
	_, err := load(t, "Procfile", "web: ./web\nworker: \n", taskfile.Options{})
	require.ErrorContains(t, err, "Procfile:2:1: tasks.worker: has no command: write it behind the colon")
	require.NotContains(t, err.Error(), "\n", "it is one mistake")
}

// A first port that is too high is one mistake, however many processes would have one.
func TestPortsOfProcfile(t *testing.T) {
	for port, want := range map[int]string{
		99999: "the first port is 99999, and the last one would be 100101: both must be from 1 to 65535",
		65535: "the first port is 65535, and the last one would be 65637: both must be from 1 to 65535",
		-1:    "the first port is -1, and the last one would be 101: both must be from 1 to 65535",
	} {
		_, err := load(t, "Procfile", "web: a\nworker: b\n", taskfile.Options{Procfile: taskfile.ProcfileOptions{Port: port, Formation: "all=3"}})
		var refused *taskfile.Error
		require.ErrorAs(t, err, &refused)
		require.Len(t, refused.Problems, 1)
		require.Equal(t, want, refused.Problems[0].Text)
	}
	file, err := load(t, "Procfile", "web: a\nworker: b\n", taskfile.Options{Procfile: taskfile.ProcfileOptions{Port: 65433, Formation: "all=3"}})
	require.NoError(t, err)
	_, tasks := file.All()
	require.Contains(t, tasks[5].Env, taskfile.Variable{Name: "PORT", Value: "65535"})
}
