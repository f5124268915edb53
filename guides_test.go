package tasksupervisor_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// The programs in the guides for those who come from elsewhere are compiled: each piece is one of docs/examples.
func TestGuidesShowCompiledPrograms(t *testing.T) {
	var programs []string
	require.NoError(t, filepath.WalkDir("docs/examples", func(path string, entry fs.DirEntry, err error) error {
		if err == nil && filepath.Ext(path) == ".go" {
			var text []byte
			text, err = os.ReadFile(path)
			programs = append(programs, string(text))
		}
		return err
	}))
	for guide, pieces := range map[string]int{"docs/from-suture.md": 3, "docs/from-errgroup.md": 4} {
		text, err := os.ReadFile(guide)
		require.NoError(t, err)
		blocks := strings.Split(string(text), "```go\n")[1:]
		require.Len(t, blocks, pieces, guide)
		for _, block := range blocks {
			code, _, _ := strings.Cut(block, "```")
			require.True(t, slices.ContainsFunc(programs, func(program string) bool { return strings.Contains(program, code) }),
				"%s shows what is in no program of docs/examples:\n%s", guide, code)
		}
	}
}

// What the guides cite is there: tests, files and folders.
func TestGuidesCiteWhatIsThere(t *testing.T) {
	tests := testNames(t)
	link := regexp.MustCompile(`\]\(([^)#:]+)(#[^)]*)?\)`)
	for guide, least := range map[string]int{"docs/from-suture.md": 40, "docs/from-errgroup.md": 7, "docs/from-foreman.md": 3, "docs/from-supervisord.md": 3, "docs/threads.md": 2} {
		text, err := os.ReadFile(guide)
		require.NoError(t, err)
		for name := range strings.SplitSeq(string(text), "`") {
			if citesTest(name) {
				require.NotEmpty(t, testsIn("`"+name+"`", tests), "there is no test %s", name)
			}
		}
		found := link.FindAllStringSubmatch(string(text), -1)
		require.GreaterOrEqual(t, len(found), least, guide)
		for _, match := range found {
			_, err := os.Stat(filepath.Join("docs", match[1]))
			require.NoError(t, err, guide)
		}
	}
}

// A program of suture's is moved with less than twenty lines, as many as the guide says.
func TestTheMoveFromSutureIsShort(t *testing.T) {
	const folder = "docs/examples/fromsuture/"
	lines := func(path string) []string {
		text, err := os.ReadFile(folder + path)
		require.NoError(t, err)
		return strings.Split(string(text), "\n")
	}
	before, after := lines("before/main.go"), lines("after/main.go")
	changed := len(before) + len(after) - 2*common(before, after)
	require.Less(t, changed, 20)
	guide, err := os.ReadFile("docs/from-suture.md")
	require.NoError(t, err)
	require.Regexp(t, `\b`+strconv.Itoa(changed)+` lines differ`, string(guide))
	require.Equal(t, lines("before/relay.go"), lines("after/relay.go"))
}

// common returns how many lines two texts have in common, in order.
func common(a, b []string) int {
	longest := make([]int, len(b)+1)
	for _, line := range a {
		diagonal := 0
		for j := range b {
			above := longest[j+1]
			if line == b[j] {
				longest[j+1] = diagonal + 1
			} else {
				longest[j+1] = max(above, longest[j])
			}
			diagonal = above
		}
	}
	return longest[len(b)]
}

// Each promise of suture's has its row in the guide, with the scenario that shows it, and says the same as docs/promises.md.
func TestEveryPromiseOfSuturesIsInTheGuide(t *testing.T) {
	section := func(path, begin, end string) map[string][]string {
		text, err := os.ReadFile(path)
		require.NoError(t, err)
		_, rest, ok := strings.Cut(string(text), begin)
		require.True(t, ok)
		table, _, ok := strings.Cut(rest, end)
		require.True(t, ok)
		rows := map[string][]string{}
		for line := range strings.SplitSeq(table, "\n") {
			if cells := strings.Split(strings.Trim(line, "| "), " | "); len(cells) == 3 && strings.Contains(line, ".txt)") {
				rows[cells[0]] = cells[1:]
			}
		}
		return rows
	}
	promises := section("docs/promises.md", "<!-- suture -->", "<!-- end of suture -->")
	guide := section("docs/from-suture.md", "<!-- promises -->", "<!-- end of promises -->")
	require.Greater(t, len(promises), 30)
	require.Len(t, guide, len(promises))
	for promise, there := range promises {
		here, ok := guide[promise]
		require.True(t, ok, promise)
		require.Equal(t, there[0], here[1], "the scenario of: %s", promise)
		want := strings.TrimPrefix(there[1], "differs: ")
		got := strings.TrimPrefix(strings.TrimPrefix(here[0], "**better**: "), "**different**: ")
		require.Equal(t, want, got, promise)
		require.Equal(t, there[1] == "kept", here[0] == "kept", promise)
	}
}
