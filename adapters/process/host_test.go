package process

import (
	"log/slog"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// The log says why processes are held no tighter, where there is something to say.
func TestLoggedTightness(t *testing.T) {
	for why, want := range map[string]string{
		"":         `msg="processes are held" by="control group"` + "\n",
		"no guard": `msg="processes are held" by="control group" why="no guard"` + "\n",
	} {
		var logged strings.Builder
		h := Host{tightness: TightnessCgroup, why: why, log: slog.New(slog.NewTextHandler(&logged, nil))}
		h.sayTightness()
		require.True(t, strings.HasSuffix(logged.String(), want), logged.String())
	}
}
