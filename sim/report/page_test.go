package report

import (
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// What the script looks for is on the page, and what a reader is told has a place that a screen reader reads out.
func TestThePageHasWhatItsScriptLooksFor(t *testing.T) {
	for _, found := range regexp.MustCompile(`element\("(\w+)"\)`).FindAllStringSubmatch(modelScript+drawScript+inputScript, -1) {
		require.Contains(t, pageHTML, ` id="`+found[1]+`"`)
	}
	for _, id := range []string{"nothing", "row"} {
		require.Regexp(t, `id="`+id+`" role="status"`, pageHTML)
	}
	require.Regexp(t, `<canvas id="lanes" tabindex="0"`, pageHTML)
}

// The lines of the grid and the labels of the axis are at the same instants.
func TestGridAndAxisHaveTheSameTicks(t *testing.T) {
	require.Equal(t, 2, strings.Count(modelScript+drawScript+inputScript, "of ticks("))
	require.Equal(t, 1, strings.Count(modelScript+drawScript+inputScript, "function ticks("))
}
