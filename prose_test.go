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

// stilted are phrases that a native engineer would not write, with what to write instead. Only those are listed that are
// wrong wherever they stand.
func stilted() map[string]*regexp.Regexp {
	return map[string]*regexp.Regexp{
		"reports whether":     regexp.MustCompile(`\b[Tt]ells? whether\b`),
		"cannot":              regexp.MustCompile(`\b[Cc]an not\b`),
		"notes, records":      regexp.MustCompile(`\b[Tt]akes? note\b`),
		"an operator command": regexp.MustCompile(`\b[Oo]perators?'s? words?\b`),
		"at least every":      regexp.MustCompile(`\bat least so often\b`),
	}
}

// The prose of the guides is plain English.
func TestProseIsPlain(t *testing.T) {
	checked := 0
	require.NoError(t, filepath.WalkDir(".", func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && path != "." && (entry.Name() == "testdata" || strings.HasPrefix(entry.Name(), ".")):
			return filepath.SkipDir
		case !isProse(path):
			return nil
		}
		text, err := os.ReadFile(path)
		require.NoError(t, err)
		quoted := false // what a program prints is its own
		for number, line := range strings.Split(string(text), "\n") {
			if quoted = quoted != strings.HasPrefix(line, "```"); quoted {
				continue
			}
			require.Empty(t, stiltedIn(line), "%s:%d: %s", path, number+1, line)
		}
		checked++
		return nil
	}))
	require.Greater(t, checked, 10)
}

func isProse(path string) bool { return filepath.Ext(path) == ".md" || path == "Makefile" }

// stiltedIn returns what to write instead of the first stilted phrase of a line, or nothing.
func stiltedIn(line string) string {
	for better, phrase := range stilted() {
		if found := phrase.FindString(line); found != "" {
			return found + " -> " + better
		}
	}
	return ""
}

// The check is checked.
func TestStiltedPhrasesAreFound(t *testing.T) {
	for _, line := range []string{
		"It tells whether a task runs.", "To tell whether it runs", "It can not start.", "Can not it?", "It takes note of that.",
		"an operator's word", "operators' words", "beats at least so often",
	} {
		require.NotEmpty(t, stiltedIn(line), line)
	}
	for _, line := range []string{
		"It reports whether a task runs.", "It cannot start.", "It notes that.", "an operator command", "You can note that.",
	} {
		require.Empty(t, stiltedIn(line), line)
	}
}
