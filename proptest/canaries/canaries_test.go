package canaries_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/proptest/canaries"
)

const root = "../.."

// A canary that no longer fits its target, or does not compile, would quietly test nothing.
func TestEveryCanaryFits(t *testing.T) {
	names := map[string]bool{}
	for _, target := range canaries.Targets() {
		source, err := target.Read(root)
		require.NoError(t, err)
		check := newChecker(source)
		require.NoError(t, check.check(nil), "the %s as it is", target.Name)
		for _, canary := range target.Canaries {
			require.False(t, names[canary.Name], "two canaries are called %s", canary.Name)
			names[canary.Name] = true
			t.Run(target.Name+"/"+canary.Name, func(t *testing.T) {
				t.Parallel()
				require.NotEmpty(t, canary.Rule)
				require.NotEmpty(t, canary.Lesson)
				changed, err := canary.Plant(source)
				require.NoError(t, err)
				for name, text := range changed {
					require.NotEqual(t, source.Text(name), text, "it changes nothing")
				}
				require.NoError(t, check.check(changed))
			})
		}
	}
}

func TestThereAreEnoughCanaries(t *testing.T) {
	require.GreaterOrEqual(t, len(canaries.Core().Canaries), 98)
}

// What the compiler refuses, the test above refuses: another type, a variable that is no longer used, what is not there.
func TestWhatDoesNotCompileIsNoticed(t *testing.T) {
	for _, target := range canaries.Targets() {
		source, err := target.Read(root)
		require.NoError(t, err)
		check := newChecker(source)
		require.NoError(t, check.check(nil))
		for _, folder := range source.Folders() {
			file := source.Files(folder)[0]
			for _, wrong := range []string{
				"func wrong() int { return nil }", "func wrong() { unused := 1 }", "func wrong() { missing() }", "func (",
			} {
				require.Error(t, check.check(map[string]string{file: source.Text(file) + "\n" + wrong + "\n"}), "%s in %s", wrong, file)
			}
		}
		require.NoError(t, check.check(nil), "a wrong one was kept")
	}
}

func TestOverlayNamesEveryChangedFile(t *testing.T) {
	target := canaries.Core()
	core, err := target.Read(root)
	require.NoError(t, err)
	changed, err := target.Canaries[0].Plant(core)
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
	record, err := os.ReadFile(filepath.Join(root, "docs", "track-record.md"))
	require.NoError(t, err)
	for _, target := range canaries.Targets() {
		for _, canary := range target.Canaries {
			row := "| " + canary.Name + " | " + canary.Rule + " |"
			require.True(t, strings.Contains(string(record), row), "`make canaries` prints a row that is not in the record: %s", row)
		}
	}
}
