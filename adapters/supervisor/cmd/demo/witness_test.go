package main

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
	"github.com/tasksupervisor/tasksupervisor/internal/bubble"
)

// The score would show what it says does not happen.
func TestScore(t *testing.T) {
	bubble.Run(t, func(t *testing.T) {
		var w witness
		node := func(status supervisor.TaskStatus) []supervisor.TreeNode {
			return []supervisor.TreeNode{{Path: "shop/mail", TaskStatus: status}}
		}
		live := node(supervisor.TaskStatus{Live: true, Status: supervisor.StatusHealthy, Until: supervisor.Never})
		leave := w.enter("shop/mail")
		require.Equal(t, score{}, w.compare(live))

		leaveSecond := w.enter("shop/mail")
		require.Equal(t, score{restarts: 1, overlapping: 1}, w.compare(live))
		leave()
		time.Sleep(time.Hour)
		require.Equal(t, score{restarts: 1, overlapping: 1}, w.compare(live), "the second is inside")
		leaveSecond()
		require.Equal(t, score{restarts: 1, overlapping: 1}, w.compare(live), "the supervisor has had no time to notice")
		time.Sleep(inGoodTime + 1)
		require.Equal(t, score{restarts: 1, lost: 1, overlapping: 1}, w.compare(live))
		require.Equal(t, score{restarts: 1, lost: 1, overlapping: 1}, w.compare(live), "it is the same one")

		due := supervisor.TaskStatus{Status: supervisor.StatusFailed, Wait: supervisor.WaitDelay, Until: 5}
		due.At = due.Until + supervisor.Instant(inGoodTime)
		require.Equal(t, 1, w.compare(node(due)).lost)
		due.At++
		require.Equal(t, 2, w.compare(node(due)).lost, "a start that was not kept to")
		require.Equal(t, "1 restart, 2 lost, 1 overlapping", w.compare(node(due)).String())
		require.Equal(t, "0 restarts, 0 lost, 0 overlapping", score{}.String())
	})
}
