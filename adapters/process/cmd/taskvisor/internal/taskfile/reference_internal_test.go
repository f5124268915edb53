package taskfile

import (
	"os"
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/internal/golden"
)

// Every key of the model is explained, and nothing else is.
func TestEveryKeyIsExplained(t *testing.T) {
	require.Len(t, reference, len(tables))
	for _, table := range tables {
		keys := make(map[string]bool)
		for _, field := range ownKeys(table.of) {
			key := field.Tag.Get("toml")
			keys[key] = true
			require.NotEmpty(t, reference[table.name][key].is, "%s of %s", key, table.name)
			require.Regexp(t, `[.:]$`, reference[table.name][key].is, "%s of %s", key, table.name)
		}
		require.Len(t, reference[table.name], len(keys), table.name)
	}
}

// The guide has the tables of the reference.
func TestGuideHasAllKeys(t *testing.T) {
	const path = "../../../../../../docs/taskfile.md"
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	section := regexp.MustCompile(`(?s)<!-- keys of (\w+) -->\n.*?<!-- end -->`)
	found := make(map[string]bool)
	got := section.ReplaceAllStringFunc(string(text), func(match string) string {
		name := section.FindStringSubmatch(match)[1]
		found[name] = true
		return "<!-- keys of " + name + " -->\n" + Reference(name) + "<!-- end -->"
	})
	for _, table := range tables {
		require.True(t, found[table.name], table.name)
	}
	golden.Compare(t, path, got)
}

// The examples of the guide are valid.
func TestExamplesOfTheGuide(t *testing.T) {
	text, err := os.ReadFile("../../../../../../docs/taskfile.md")
	require.NoError(t, err)
	examples := regexp.MustCompile("(?s)```toml\n(.*?)```").FindAllStringSubmatch(string(text), -1)
	require.Len(t, examples, 2)
	for _, example := range examples {
		_, err := Parse("tasks.toml", []byte(example[1]), Options{})
		require.NoError(t, err)
		requireSchema(t, example[1], true)
	}
}
