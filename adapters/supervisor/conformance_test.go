package supervisor_test

import (
	"testing"

	"github.com/tasksupervisor/tasksupervisor/adapters/internal/adapted"
	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
	"github.com/tasksupervisor/tasksupervisor/proptest/conformance"
)

// All that a driver owes the state machine and its users, on every kind of clock.
func TestConformance(t *testing.T) {
	t.Run("as users see it", func(t *testing.T) {
		conformance.Suite{Open: new(adapted.Opener).Open}.Run(t)
	})
	t.Run("as the machine sees it", func(t *testing.T) {
		conformance.Suite{
			Open:   (&adapted.Opener{Status: (*supervisor.Supervisor).MachineStatus}).Open,
			Clocks: []conformance.ClockKind{conformance.MockClock, conformance.VirtualClock},
		}.Run(t)
	})
}
