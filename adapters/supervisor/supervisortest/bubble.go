package supervisortest

import (
	"testing"

	"github.com/tasksupervisor/tasksupervisor/internal/bubble"
)

// Bubble runs a test on virtual time, as [testing/synctest.Test] does. A test that fails there and leaves goroutines behind, or
// panics, ends no other test: it fails, with the stacks of what is left. One that hangs ends the test binary after two minutes of real
// time, with all stacks.
func Bubble(t *testing.T, test func(t *testing.T)) {
	t.Helper()
	bubble.Run(t, test)
}
