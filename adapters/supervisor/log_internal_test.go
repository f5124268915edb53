package supervisor

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// Jitter makes delays of odd nanoseconds, which help no reader of a log.
func TestDurationsInTheLogAreRounded(t *testing.T) {
	for text, d := range map[string]time.Duration{
		"0s": 0, "999.999999ms": time.Second - 1, "1s": time.Second, "1.803s": 1803052174, "2m3.001s": 2*time.Minute + 3*time.Second + 500*time.Microsecond,
	} {
		require.Equal(t, text, durationAttr("down", d).Value.String())
	}
}
