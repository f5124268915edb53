package report

import (
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

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
