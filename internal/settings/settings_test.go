package settings

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

type color uint8

type fraction struct{ Num, Den uint32 }

type probe struct {
	Every time.Duration
	Times uint8
}

type Limits struct {
	Share   fraction
	Timeout time.Duration
}

type config struct {
	Limits
	Names []string
	Color color
	Seed  uint64
	Quick bool
	Probe probe
	Cap   time.Duration
}

func TestSettingsAreFound(t *testing.T) {
	require.Equal(t, []string{"Share", "Timeout", "Color", "Seed", "Quick", "Probe", "Cap"}, Paths[config]())
	require.Equal(t, []string{"Timeout", "Probe.Every", "Cap"}, Durations[config]())
	require.Equal(t, []string{"Color"}, Enumerations[config]())
	require.Equal(t, []string{"Share", "Probe"}, Compounds[config]())
}

func TestSettingsAreChanged(t *testing.T) {
	usual := config{Cap: 1<<63 - 1}
	draws := NewDraws(usual)
	draws.Note(usual)
	for i, path := range Paths[config]() {
		require.Equal(t, Paths[config]()[i:], draws.Missing())
		changed := usual
		Change(&changed, path)
		draws.Note(changed)
	}
	require.Empty(t, draws.Missing())
	changed := usual
	Change(&changed, "Share")
	require.Equal(t, fraction{1, 2}, changed.Share)
	Change(&changed, "Cap")
	require.Equal(t, time.Duration(1), changed.Cap)
}
