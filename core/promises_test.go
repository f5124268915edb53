package core_test

import (
	"maps"
	"os"
	"path"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/core/scenario"
	"github.com/tasksupervisor/tasksupervisor/internal/golden"
)

// The scenarios below testdata/promises restate what the documentation of OTP's supervisor and of suture promises. Each
// begins with a comment that says the promise in a sentence and, where this supervisor differs on purpose, a second one
// that says how and why.
const promises = "testdata/promises/*/*.txt"

// promisesIndex lists them for readers.
const promisesIndex = "../docs/promises.md"

func TestPromises(t *testing.T) {
	number := map[string]int{}
	for name, s := range scenarios(t, promises) {
		number[path.Base(path.Dir(name))]++
		t.Run(name, func(t *testing.T) { requireRecorded(t, name, s) })
	}
	require.Equal(t, map[string]int{"otp": 67, "suture": 36}, number)
}

// The index has a row for each promise, in the words of its scenario, and no other.
func TestPromisesAreIndexed(t *testing.T) {
	rows := map[string][]string{}
	all := scenarios(t, promises)
	for _, name := range slices.Sorted(maps.Keys(all)) {
		source := path.Base(path.Dir(name))
		promise, differs := promiseOf(t, all[name])
		verdict := "kept"
		if differs != "" {
			verdict = "differs: " + differs
		}
		link := "[" + strings.TrimSuffix(path.Base(name), ".txt") + "](../core/testdata/" + name + ")"
		rows[source] = append(rows[source], "| "+promise+" | "+link+" | "+verdict+" |")
	}
	index, err := os.ReadFile(promisesIndex)
	require.NoError(t, err)
	text := string(index)
	for source, rows := range rows {
		begin, end := "<!-- "+source+" -->\n", "<!-- end of "+source+" -->\n"
		before, rest, ok := strings.Cut(text, begin)
		require.True(t, ok, "no table of %s", source)
		_, after, ok := strings.Cut(rest, end)
		require.True(t, ok, "no end of the table of %s", source)
		expected := "| promise | scenario | here |\n| --- | --- | --- |\n" + strings.Join(rows, "\n") + "\n"
		text = before + begin + expected + end + after
	}
	golden.Compare(t, promisesIndex, text)
}

// promiseOf returns the promise and the difference that the first comment of a scenario tells.
func promiseOf(t *testing.T, s *scenario.Scenario) (promise, differs string) {
	t.Helper()
	var words []string
	for line := range strings.Lines(s.String()) {
		if comment, ok := strings.CutPrefix(line, "# "); ok {
			words = append(words, strings.TrimSpace(comment))
		} else if len(words) > 0 {
			break
		}
	}
	promise, differs, _ = strings.Cut(strings.Join(words, " "), " differs: ")
	require.NotEmpty(t, promise)
	require.NotContains(t, promise+differs, "|")
	return promise, differs
}
