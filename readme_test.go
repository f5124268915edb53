package tasksupervisor_test

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// The README's example is the one that is compiled and run.
func TestReadmeShowsTheTestedExample(t *testing.T) {
	readme, err := os.ReadFile("README.md")
	require.NoError(t, err)
	source, err := os.ReadFile("example_test.go")
	require.NoError(t, err)

	_, body, found := strings.Cut(string(source), "func Example() {\n")
	require.True(t, found)
	body, _, found = strings.Cut(body, "\n\n\t// Output:")
	require.True(t, found)
	for line := range strings.Lines(body) {
		require.Contains(t, string(readme), strings.TrimPrefix(line, "\t"))
	}
}
