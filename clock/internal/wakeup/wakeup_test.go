package wakeup

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/core"
)

// A deadline can be further away than a duration has room for: with a clock that was set back.
func TestDelay(t *testing.T) {
	for _, test := range []struct {
		now, at core.Instant
		want    core.Duration
		due     bool
	}{
		{0, 1, 1, false},
		{1, 1, 0, true},
		{2, 1, 0, true},
		{0, core.Never, core.Forever, false},
		{-2, core.Never - 1, core.Forever, false},
		{-1 << 62, 1 << 62, core.Forever, false},
		{-1 << 62, -1<<62 + 1, 1, false},
	} {
		d, due := Delay(test.now, test.at)
		require.Equal(t, test.want, d, "from %v to %v", test.now, test.at)
		require.Equal(t, test.due, due, "from %v to %v", test.now, test.at)
	}
}
