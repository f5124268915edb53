package explore

import (
	"math/bits"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/core"
)

// Every value that a key is made of has room in it.
func TestKeysHaveRoom(t *testing.T) {
	requireRoom(t, "statuses", largest(core.StatusNone), statusBits)
	requireRoom(t, "intents", largest(core.IntentNone), intentBits)
	requireRoom(t, "phases", largest(core.PhaseCreated), phaseBits)
	requireRoom(t, "reasons", largest(core.ReasonNone), reasonBits)
	requireRoom(t, "policies", PoliciesMax-1, policyBits)
	requireRoom(t, "limits", LimitsMax-1, limitsBits)
	requireRoom(t, "places", TasksMax, placeBits)
	requireRoom(t, "attempts", AttemptsMax+1, attemptsBits)
	requireRoom(t, "times", uint64(4*DurationMax), timeBits)
	requireRoom(t, "keys", supervisorKeysMax, 3)
	requireRoom(t, "needs", 1<<(TasksMax*(TasksMax-1))-1, 64)
}

func requireRoom(t *testing.T, what string, largest uint64, room int) {
	t.Helper()
	require.LessOrEqual(t, bits.Len64(largest), room, "%s need more bits: give them some in packed.go", what)
}

// largest returns the last value of an enumeration.
func largest[E core.Enum](first E) (last uint64) {
	for value := range core.ValuesFrom(first) {
		last = uint64(value)
	}
	return last
}

func TestPacked(t *testing.T) {
	var p packed
	p.put(5, 3)
	p.flags(false, true)
	p.put(1, 58)
	require.EqualValues(t, 1<<5|1<<4|5, p.word)
	p.flags(true)
	require.Panics(t, func() { p.flags(false) }, "no bit is left")
	p = packed{}
	require.Panics(t, func() { p.put(8, 3) })
}
