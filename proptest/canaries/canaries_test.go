package canaries_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/proptest/canaries"
)

const coreFolder = "../../core"

// A canary that no longer fits the core, or does not compile, would quietly test nothing.
func TestEveryCanaryFitsTheCore(t *testing.T) {
	core, err := canaries.ReadCore(coreFolder)
	require.NoError(t, err)
	check := newChecker(core)
	require.NoError(t, check.check(nil), "the core as it is")
	names := map[string]bool{}
	for _, canary := range canaries.All() {
		require.False(t, names[canary.Name], "two canaries are called %s", canary.Name)
		names[canary.Name] = true
		t.Run(canary.Name, func(t *testing.T) {
			t.Parallel()
			require.NotEmpty(t, canary.Rule)
			require.NotEmpty(t, canary.Lesson)
			changed, err := canary.Plant(core)
			require.NoError(t, err)
			for name, text := range changed {
				require.NotEqual(t, core.Text(name), text, "it changes nothing")
			}
			require.NoError(t, check.check(changed))
		})
	}
	require.GreaterOrEqual(t, len(names), 90)
}

func TestOverlayNamesEveryChangedFile(t *testing.T) {
	core, err := canaries.ReadCore(coreFolder)
	require.NoError(t, err)
	changed, err := canaries.All()[0].Plant(core)
	require.NoError(t, err)
	dir := t.TempDir()
	overlay, err := canaries.Overlay(changed, dir)
	require.NoError(t, err)
	text, err := os.ReadFile(overlay)
	require.NoError(t, err)
	for name, want := range changed {
		source, err := os.ReadFile(name)
		require.NoError(t, err)
		require.Equal(t, core.Text(name), string(source), "the source was touched")
		require.Contains(t, string(text), name)
		written, err := filepath.Glob(filepath.Join(dir, "*-"+filepath.Base(name)))
		require.NoError(t, err)
		require.Len(t, written, 1)
		got, err := os.ReadFile(written[0])
		require.NoError(t, err)
		require.Equal(t, want, string(got))
	}
}

func TestTrackRecordListsEveryCanary(t *testing.T) {
	record, err := os.ReadFile("../../docs/track-record.md")
	require.NoError(t, err)
	for _, canary := range canaries.All() {
		row := "| " + canary.Name + " | " + canary.Rule + " |"
		require.True(t, strings.Contains(string(record), row), "`make canaries` prints a row that is not in the record: %s", row)
	}
}
