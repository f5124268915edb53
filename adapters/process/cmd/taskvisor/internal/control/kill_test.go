package control_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/adapters/process/cmd/taskvisor/internal/control"
	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
)

func TestKillIn(t *testing.T) {
	at := func(d time.Duration) supervisor.Instant { return supervisor.Instant(d) }
	for _, test := range []struct {
		status  supervisor.TaskStatus
		reserve time.Duration
		left    time.Duration
		ok      bool
	}{
		{supervisor.TaskStatus{Status: supervisor.StatusStopping, Since: at(0), At: at(3 * time.Second), Until: at(15 * time.Second)}, 5 * time.Second, 7 * time.Second, true},
		{supervisor.TaskStatus{Status: supervisor.StatusStopping, Since: at(0), At: at(3 * time.Second), Until: at(10 * time.Second)}, 0, 6 * time.Second, true},
		{supervisor.TaskStatus{Status: supervisor.StatusStopping, Since: at(0), At: at(200 * time.Millisecond), Until: at(time.Second)}, 0, 700 * time.Millisecond, true},
		{supervisor.TaskStatus{Status: supervisor.StatusStopping, Since: at(0), At: at(12 * time.Second), Until: at(15 * time.Second)}, 5 * time.Second, 0, true},
		{supervisor.TaskStatus{Status: supervisor.StatusStopping, Until: supervisor.Never}, 0, 0, false},
		{supervisor.TaskStatus{Status: supervisor.StatusFailed, Until: at(time.Second)}, 0, 0, false},
	} {
		left, ok := control.KillIn(&test.status, test.reserve)
		require.Equal(t, test.ok, ok)
		require.Equal(t, test.left, left)
	}
}
