//go:build system

package acceptance_test

import (
	"flag"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "write the tables of what is left behind to the guide")

// guide is the guide that has the tables.
const guide = "../../../../../docs/processes.md"

// documented checks that the guide has the tables that were measured, or writes them there. What is left by the others is theirs: of
// the table beside them, only our column is compared.
func documented(t *testing.T, ours, theirs string) {
	t.Helper()
	text := read(t, guide)
	if *update {
		text = between(t, text, "ours", ours)
		text = between(t, text, "theirs", versionsInWords()+"\n\n"+theirs)
		require.NoError(t, os.WriteFile(guide, []byte(text), 0o600))
	}
	for row := range strings.Lines(ours) {
		require.True(t, strings.Contains(text, "\n"+row), "the guide has no row\n%s", row)
	}
	for row := range strings.Lines(theirs) {
		cells := strings.SplitAfterN(row, "|", 4)
		our := strings.Join(cells[:3], "")
		require.True(t, strings.Contains(text, "\n"+our), "the guide has no row\n%s", our)
	}
}

// between returns a text with a table in place of what is between its marks.
func between(t *testing.T, text, mark, table string) string {
	t.Helper()
	begin, end := "<!-- "+mark+": written by make leaks -->\n", "<!-- end of "+mark+" -->\n"
	before, rest, found := strings.Cut(text, begin)
	require.True(t, found, begin)
	_, after, found := strings.Cut(rest, end)
	require.True(t, found, end)
	return before + begin + table + end + after
}

// versionsInWords says which programs the table is of.
func versionsInWords() string {
	return "Measured with Debian's " + strings.ReplaceAll(versions(), "\n", ", ") + "."
}
