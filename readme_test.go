package tasksupervisor_test

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// The README's examples are compiled and run.
func TestReadmeShowsTestedExamples(t *testing.T) {
	file, err := os.ReadFile("README.md")
	require.NoError(t, err)
	source, err := os.ReadFile("example_test.go")
	require.NoError(t, err)
	examples := strings.ReplaceAll(string(source), "\n\t", "\n") // less one step of indentation
	program, err := os.ReadFile("docs/examples/service/main.go") // which has tests of its own
	require.NoError(t, err)

	blocks := strings.Split(string(file), "```go\n")[1:]
	require.Len(t, blocks, 3)
	code, _, _ := strings.Cut(blocks[2], "```")
	require.Contains(t, string(program), code)
	for _, block := range blocks[:2] {
		code, output, _ := strings.Cut(block, "```")
		require.Contains(t, examples, code)
		_, output, _ = strings.Cut(output, "```\n")
		output, _, _ = strings.Cut(output, "```")
		output = "// Output:\n// " + strings.ReplaceAll(strings.TrimSpace(output), "\n", "\n// ") + "\n}"
		require.Contains(t, examples, output)
	}
}
