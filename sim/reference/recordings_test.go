package reference

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/internal/golden"
)

const differencesFile = "testdata/differences.txt"

// ourRecordings are the folders whose every difference is listed in differencesFile.
var ourRecordings = []string{"testdata/golden", "testdata/more"}

// TestGoldenDir compares every recording in the folder that GOLDEN_DIR names, which may hold scenarios this package
// has never seen, and prints every difference on a line of its own. A relative path counts from this folder or, if
// there is no such folder, from the module's.
func TestGoldenDir(t *testing.T) {
	folder := os.Getenv("GOLDEN_DIR")
	if folder == "" {
		folder = ourRecordings[0]
	}
	if _, err := os.Stat(folder); err != nil && !filepath.IsAbs(folder) {
		folder = filepath.Join("..", "..", folder)
	}
	for _, file := range recordingsIn(t, folder) {
		t.Run(filepath.Base(file), func(t *testing.T) {
			unexplained := 0
			for _, difference := range differencesOf(t, file) {
				fmt.Println(difference)
				if difference.Rule == "" {
					unexplained++
				}
			}
			require.Zero(t, unexplained, "differences that no rule explains")
		})
	}
}

// TestListedDifferences fails when a difference is not listed, and when a listed one does not occur.
func TestListedDifferences(t *testing.T) {
	var list strings.Builder
	for _, folder := range ourRecordings {
		for _, file := range recordingsIn(t, folder) {
			writeDifferences(&list, differencesOf(t, file))
		}
	}
	golden.Compare(t, differencesFile, list.String())
}

// writeDifferences writes the differences of one recording, after what this library does instead.
func writeDifferences(list *strings.Builder, differences []Difference) {
	if len(differences) == 0 {
		return
	}
	fmt.Fprintf(list, "%s\n", differences[0].File)
	for _, rule := range Rules() {
		if slices.ContainsFunc(differences, func(d Difference) bool { return d.Rule == rule.Name }) {
			fmt.Fprintf(list, "  %s: here %s.\n", rule.Name, rule.Here)
		}
	}
	for _, difference := range differences {
		fmt.Fprintf(list, "    %v\n", difference)
	}
	list.WriteString("\n")
}

func TestEveryRuleIsShownByARecording(t *testing.T) {
	listed, err := os.ReadFile(differencesFile)
	require.NoError(t, err)
	for _, rule := range Rules() {
		require.Contains(t, string(listed), "explained by "+rule.Name+"\n")
	}
	require.NotContains(t, string(listed), "UNEXPLAINED")
}

func TestModelDoesWhatTheCrateDid(t *testing.T) {
	for _, folder := range ourRecordings {
		for _, file := range recordingsIn(t, folder) {
			recording := read(t, file)
			played, err := playModel(recording.scenario, crateAsItIs)
			require.NoError(t, err)
			require.Empty(t, differing(observations(recording.trace), observations(played)), file)
		}
	}
}

func TestModelWithoutTheCratesBehavioursDoesWhatTheCoreDoes(t *testing.T) {
	for _, folder := range ourRecordings {
		for _, file := range recordingsIn(t, folder) {
			require.True(t, samePlayed(t, read(t, file).scenario), file)
		}
	}
}

// samePlayed plays a scenario to the model without the crate's behaviours and to the core.
func samePlayed(t *testing.T, s scenario) bool {
	t.Helper()
	model, modelErr := playModel(s, asHere)
	here, coreErr := playCore(s)
	return assert.Equal(t, modelErr, coreErr) && assert.Empty(t, differing(observations(model), observations(here)))
}

func recordingsIn(t *testing.T, folder string) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(folder, "*.json"))
	require.NoError(t, err)
	require.NotEmpty(t, files, "there are no recordings in %s", folder)
	return files
}

func read(t *testing.T, file string) *Recording {
	t.Helper()
	data, err := os.ReadFile(file)
	require.NoError(t, err)
	recording, err := Read(filepath.Base(file), data)
	require.NoError(t, err)
	return recording
}

func differencesOf(t *testing.T, file string) []Difference {
	t.Helper()
	differences, err := read(t, file).Differences()
	require.NoError(t, err)
	return differences
}
