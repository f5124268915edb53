package tasksupervisor_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// GitHub ignores a workflow or a template that it cannot read, and says so where few people look.
func TestGitHubFilesAreYAML(t *testing.T) {
	checked := 0
	require.NoError(t, filepath.WalkDir(".github", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || filepath.Ext(path) != ".yml" {
			return err
		}
		text, err := os.ReadFile(path)
		require.NoError(t, err)
		require.YAMLEq(t, string(text), string(text), path) // fails if it does not parse
		checked++
		return nil
	}))
	require.GreaterOrEqual(t, checked, 5)
}

// What workflows, guides and comments tell people to make, the Makefile makes.
func TestMakeTargetsExist(t *testing.T) {
	makefile, err := os.ReadFile("Makefile")
	require.NoError(t, err)
	targets := map[string]bool{}
	for _, match := range regexp.MustCompile(`(?m)^([a-z0-9-]+):`).FindAllStringSubmatch(string(makefile), -1) {
		targets[match[1]] = true
	}
	named := map[string]bool{}
	require.NoError(t, filepath.WalkDir(".", func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && (entry.Name() == "testdata" || entry.Name() == ".git" || entry.Name() == "bin"):
			return filepath.SkipDir
		case entry.IsDir():
			return nil
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for _, target := range madeIn(filepath.ToSlash(path), string(text)) {
			require.True(t, targets[target], "%s: there is no target %q in the Makefile", path, target)
			named[target] = true
		}
		return nil
	}))
	require.Greater(t, len(named), 10)
}

// madeIn returns the targets that a file tells people, or a shell, to make.
func madeIn(path, text string) []string {
	var command *regexp.Regexp
	switch filepath.Ext(path) {
	case ".md":
		command = regexp.MustCompile("`make ([a-z0-9-]+)|^make ([a-z0-9-]+)")
	case ".go":
		command = regexp.MustCompile("`make ([a-z0-9-]+)")
	case ".yml":
		command = regexp.MustCompile("run: make ([a-z0-9-]+)")
	default:
		if path != ".ci/run" {
			return nil
		}
		command = regexp.MustCompile("^make ([a-z0-9-]+)")
	}
	var targets []string
	code := filepath.Ext(path) != ".md" // of a guide, lines in a block of code
	for line := range strings.SplitSeq(text, "\n") {
		if strings.HasPrefix(line, "```") {
			code = !code
		}
		for _, match := range command.FindAllStringSubmatch(line, -1) {
			inline := match[1]
			if inline == "" && !code {
				continue // a sentence that goes on with this word
			}
			targets = append(targets, inline+strings.Join(match[2:], ""))
		}
	}
	return targets
}

// The check is checked.
func TestMakeTargetsAreFound(t *testing.T) {
	for _, sample := range []struct {
		path, text string
		targets    []string
	}{
		{"docs/a.md", "Run `make check`, or `make fuzz FUZZTIME=1m`,\nmake tests pass", []string{"check", "fuzz"}},
		{"docs/a.md", "```sh\nmake test    # all\n```\nmake sure", []string{"test"}},
		{".github/workflows/a.yml", "      - run: make campaign SEED=1\n      # make sure", []string{"campaign"}},
		{".ci/run", "set -e\nmake test\nmake oldest\n", []string{"test", "oldest"}},
		{"core/a.go", "// `make golden` renews it.\nm := make(map[string]int)", []string{"golden"}},
		{"core/testdata.txt", "make nothing", nil},
	} {
		require.Equal(t, sample.targets, madeIn(sample.path, sample.text), "%s: %s", sample.path, sample.text)
	}
}
