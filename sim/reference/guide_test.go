package reference

import (
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestGuideShowsEveryRule holds the table of the migration guide against the rules and the recordings it names.
func TestGuideShowsEveryRule(t *testing.T) {
	guide, err := os.ReadFile("../../docs/from-task-supervisor.md")
	require.NoError(t, err)
	rows := map[string]string{}
	for _, row := range regexp.MustCompile("(?m)^\\| `([a-z-]+)` \\|.*\\| (.*) \\|$").FindAllStringSubmatch(string(guide), -1) {
		rows[row[1]] = row[2]
	}
	for _, rule := range Rules() {
		require.Contains(t, rows, rule.Name)
		named := regexp.MustCompile("`([a-z0-9_]+)`(\\*?)").FindAllStringSubmatch(rows[rule.Name], -1)
		require.NotEmpty(t, named, rule.Name)
		for _, name := range named {
			folder := ourRecordings[len(name[2])] // the asterisk is explained there
			explained := map[string]bool{}
			for _, difference := range differencesOf(t, filepath.Join(folder, name[1]+".json")) {
				explained[difference.Rule] = true
			}
			require.True(t, explained[rule.Name], "%s does not show %s", name[1], rule.Name)
		}
	}
}
