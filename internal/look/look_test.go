package look_test

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/internal/look"
)

// Whoever cannot tell red from green reads the letter and the pattern.
func TestNoTwoLooksDifferByColourAlone(t *testing.T) {
	letters, patterns, ranks := map[string]string{}, map[string]string{}, map[int]string{}
	tiles := map[string]string{}
	for i, l := range look.All() {
		require.NotEmpty(t, l.Name, "class %d", i)
		require.Len(t, l.Letter, 1, l.Name)
		require.Empty(t, letters[l.Letter], l.Name)
		require.Empty(t, patterns[l.Pattern], l.Name)
		require.Empty(t, ranks[l.Rank], l.Name)
		letters[l.Letter], patterns[l.Pattern], ranks[l.Rank] = l.Name, l.Name, l.Name
		if tile := fmt.Sprint(l.Tile); !strings.HasPrefix(l.Pattern, "hollow") && l.Pattern != "plain" {
			require.Empty(t, tiles[tile], l.Name)
			tiles[tile] = l.Name
		}
	}
}

// The ratios are those of the Web Content Accessibility Guidelines: 4.5 for text.
func TestLettersAndPatternsAreLegibleInBothThemes(t *testing.T) {
	for _, l := range look.All() {
		require.GreaterOrEqual(t, contrast(t, l.Light.Ground, l.Light.Ink), 4.5, l.Name)
		require.GreaterOrEqual(t, contrast(t, l.Dark.Ground, l.Dark.Ink), 4.5, l.Name)
	}
}

func TestWhatIsBadIsToldFromHealthyByItsLightness(t *testing.T) {
	healthy := look.Healthy.Look()
	for _, bad := range []look.Class{look.Failed, look.Dead} {
		require.GreaterOrEqual(t, contrast(t, healthy.Light.Ground, bad.Look().Light.Ground), 1.9, bad.Look().Name)
		require.GreaterOrEqual(t, contrast(t, healthy.Dark.Ground, bad.Look().Dark.Ground), 1.7, bad.Look().Name)
	}
}

// contrast is the ratio of the luminances of two colours, at least 1.
func contrast(t *testing.T, a, b string) float64 {
	t.Helper()
	bright, dim := luminance(t, a)+0.05, luminance(t, b)+0.05
	return max(bright, dim) / min(bright, dim)
}

func luminance(t *testing.T, colour string) (sum float64) {
	t.Helper()
	digits, ok := strings.CutPrefix(colour, "#")
	require.True(t, ok && len(digits) == 6, colour)
	for i, weight := range []float64{0.2126, 0.7152, 0.0722} {
		n, err := strconv.ParseUint(digits[2*i:2*i+2], 16, 8)
		require.NoError(t, err)
		share := float64(n) / 255
		if share <= 0.04045 {
			share /= 12.92
		} else {
			share = math.Pow((share+0.055)/1.055, 2.4)
		}
		sum += weight * share
	}
	return sum
}
