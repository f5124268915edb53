package main

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/internal/golden"
)

// What the guide says that plan prints of its first example is what plan prints.
func TestGuideShowsWhatPlanPrints(t *testing.T) {
	const path = "../../../../docs/taskfile.md"
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	example := regexp.MustCompile("(?s)```toml\n(.*?)```").FindSubmatch(text)[1]
	out, errors, code := command("plan", "-f", write(t, "tasks.toml", string(example)))
	require.Empty(t, errors)
	require.Zero(t, code)
	shown := regexp.MustCompile("(?s)```\nStarts:\n.*?```")
	require.Len(t, shown.FindAll(text, -1), 1)
	golden.Compare(t, path, strings.Replace(string(text), string(shown.Find(text)), "```\n"+out+"```", 1))
}
