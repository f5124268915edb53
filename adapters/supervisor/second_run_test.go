package supervisor_test

import (
	"context"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
)

// The context of an earlier Run says nothing about a later one.
func TestTheContextOfAnEarlierRunStopsNoLaterOne(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		sup := newSupervisor(t)
		addFunc(t, sup, "task", untilStopped)
		first, cancel := context.WithCancel(t.Context())
		require.NoError(t, sup.Start(first))
		require.NoError(t, sup.Shutdown(t.Context()))
		start(t, sup)
		cancel()
		synctest.Wait()
		requireWord(t, supervisor.PhaseRunning, sup.Phase())
		requireStatus(t, sup, "task", supervisor.StatusHealthy)
	})
}
