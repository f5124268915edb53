package canaries_test

import (
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/proptest/canaries"
)

const coreFolder = "../../core"

// A canary that no longer fits the core would quietly test nothing.
func TestEveryCanaryFitsTheCore(t *testing.T) {
	names := map[string]bool{}
	for _, canary := range canaries.All() {
		require.False(t, names[canary.Name], "two canaries are called %s", canary.Name)
		names[canary.Name] = true
		require.NotEmpty(t, canary.Rule, canary.Name)

		dir := t.TempDir()
		_, err := canary.Overlay(coreFolder, dir)
		require.NoError(t, err)
		for _, edit := range canary.Edits {
			edited := filepath.Join(dir, edit.File)
			_, err := parser.ParseFile(token.NewFileSet(), edited, nil, parser.SkipObjectResolution)
			require.NoError(t, err, canary.Name)
		}
	}
	require.GreaterOrEqual(t, len(names), 90)
}

func TestOverlayRefusesAnEditThatDoesNotFit(t *testing.T) {
	canary := canaries.Canary{Name: "none", Edits: []canaries.Edit{{File: "task.go", Old: "no such text", New: ""}}}
	_, err := canary.Overlay(coreFolder, t.TempDir())
	require.ErrorContains(t, err, "stands 0 times in task.go")
}

func TestOverlayLeavesTheSourceAlone(t *testing.T) {
	before, err := os.ReadFile(filepath.Join(coreFolder, "task.go"))
	require.NoError(t, err)
	for _, canary := range canaries.All() {
		_, err := canary.Overlay(coreFolder, t.TempDir())
		require.NoError(t, err)
	}
	after, err := os.ReadFile(filepath.Join(coreFolder, "task.go"))
	require.NoError(t, err)
	require.Equal(t, before, after)
}

func TestTrackRecordListsEveryCanary(t *testing.T) {
	record, err := os.ReadFile("../../docs/track-record.md")
	require.NoError(t, err)
	for _, canary := range canaries.All() {
		row := "| " + canary.Name + " | " + canary.Rule + " |"
		require.True(t, strings.Contains(string(record), row), "`make canaries` prints a row that is not in the record: %s", row)
	}
}
