package report

import (
	"math"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// Whoever cannot tell red from green reads the letter and the pattern.
func TestNoTwoLooksDifferByColourAlone(t *testing.T) {
	letters, patterns, ranks := map[string]string{}, map[string]string{}, map[int]string{}
	for i, l := range looks {
		require.NotEmpty(t, l.Name, "class %d", i)
		require.Len(t, l.Letter, 1, l.Name)
		require.Empty(t, letters[l.Letter], l.Name)
		require.Empty(t, patterns[l.Pattern], l.Name)
		require.Empty(t, ranks[l.Rank], l.Name)
		letters[l.Letter], patterns[l.Pattern], ranks[l.Rank] = l.Name, l.Name, l.Name
		require.Contains(t, drawScript, strconv.Quote(l.Pattern)+": (", "the page draws it")
	}
}

// The ratios are those of the Web Content Accessibility Guidelines: 4.5 for text.
func TestLettersAndPatternsAreLegibleInBothThemes(t *testing.T) {
	for _, l := range looks {
		require.GreaterOrEqual(t, contrast(t, l.Light.Ground, l.Light.Ink), 4.5, l.Name)
		require.GreaterOrEqual(t, contrast(t, l.Dark.Ground, l.Dark.Ink), 4.5, l.Name)
	}
}

func TestWhatIsBadIsToldFromHealthyByItsLightness(t *testing.T) {
	healthy := looks[classHealthy]
	for _, bad := range []class{classFailed, classDead} {
		require.GreaterOrEqual(t, contrast(t, healthy.Light.Ground, looks[bad].Light.Ground), 1.9, looks[bad].Name)
		require.GreaterOrEqual(t, contrast(t, healthy.Dark.Ground, looks[bad].Dark.Ground), 1.7, looks[bad].Name)
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

// Whoever drags or pinches on a canvas moves and zooms it, and not the page: a browser reserves neither without being told.
func TestTheBrowserLeavesTheCanvasesToTheScript(t *testing.T) {
	_, listening, found := strings.Cut(inputScript, "for (const canvas of [")
	require.True(t, found)
	listening, _, _ = strings.Cut(listening, "])")
	ids := regexp.MustCompile(`element\("(\w+)"\)`).FindAllStringSubmatch(listening, -1)
	require.Len(t, ids, 3)
	for _, id := range ids {
		require.Regexp(t, `#`+id[1]+` \{[^}]*touch-action: pan-y;`, pageStyle)
	}
}
