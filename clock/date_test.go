package clock_test

import (
	"testing"
	"time"

	mockclock "github.com/benbjohnson/clock"
	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/clock"
	"github.com/tasksupervisor/tasksupervisor/clock/benclock"
	"github.com/tasksupervisor/tasksupervisor/core"
	"github.com/tasksupervisor/tasksupervisor/internal/bubble"
)

// A date does not depend on when it is asked for, or on whether its instant has come.
func TestDates(t *testing.T) {
	for name, test := range map[string]struct {
		make func() (world, time.Time)
	}{
		"system": {func() (world, time.Time) { return worlds["system"](), time.Now() }},
		"bridged mock": {func() (world, time.Time) {
			mock := mockclock.NewMock()
			mock.Add(1000 * time.Hour)
			return world{benclock.New(mock), mock.Add}, mock.Now()
		}},
		"bridged real clock": {func() (world, time.Time) { return worlds["bridged real clock"](), time.Now() }},
	} {
		t.Run(name, func(t *testing.T) {
			bubble.Run(t, func(t *testing.T) {
				w, origin := test.make()
				source := w.clock.NewSource()
				for range 2 {
					for _, at := range []core.Instant{0, second, -second, source.Now(), core.Never - 1} {
						date, ok := clock.Date(source, at)
						require.True(t, ok)
						require.True(t, origin.Add(time.Duration(at)).Equal(date), "%v: %v", at, date)
					}
					w.move(time.Hour)
				}
				_, ok := clock.Date(source, core.Never)
				require.False(t, ok)
			})
		})
	}
}

func TestAVirtualHasNoDates(t *testing.T) {
	_, ok := clock.Date(new(clock.Virtual).NewSource(), 0)
	require.False(t, ok)
}
