package core_test

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/core"
)

// Every value that an operator can meet has help, and the guide shows the same sentences, in the same order.
func TestHelpIsCompleteAndInTheGuide(t *testing.T) {
	guide, err := os.ReadFile("../docs/operating.md")
	require.NoError(t, err)
	requireHelp(t, string(guide), "Status", core.Status.String, core.Status.Help)
	requireHelp(t, string(guide), "Wait", core.Wait.String, core.Wait.Help)
	requireHelp(t, string(guide), "Intent", core.Intent.String, core.Intent.Help)
	requireHelp(t, string(guide), "Reason", core.Reason.String, core.Reason.Help)
	requireHelp(t, string(guide), "ExitKind", core.ExitKind.String, core.ExitKind.Help)
	requireHelp(t, string(guide), "Refusal", core.Refusal.String, core.Refusal.Help)
}

// requireHelp compares the help for an enumeration with the table that the guide shows between two comments. The order of
// the rows is the guide's.
func requireHelp[E ~uint8](t *testing.T, guide, kind string, name, help func(E) string) {
	t.Helper()
	_, rest, found := strings.Cut(guide, "<!-- "+kind+" -->\n")
	require.True(t, found, kind)
	table, _, found := strings.Cut(rest, "<!-- end of "+kind+" -->")
	require.True(t, found, kind)
	shown := map[string]string{}
	for _, row := range strings.Split(strings.TrimSpace(table), "\n")[2:] {
		cells := strings.Split(strings.Trim(row, "| "), " | ")
		require.Len(t, cells, 3, row)
		shown[strings.Trim(cells[0], "`")] = cells[1] + " " + cells[2]
	}
	said := map[string]string{}
	require.Empty(t, help(0), "%s: the zero value is nothing to explain", kind)
	for value := E(1); isNamed(name(value)); value++ {
		require.NotEmpty(t, help(value), "%s %v has no help in core/help.go", kind, name(value))
		said[name(value)] = help(value)
	}
	require.Empty(t, help(255))
	require.Equal(t, said, shown, "%s: core/help.go and docs/operating.md", kind)
}
