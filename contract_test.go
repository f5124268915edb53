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

	"github.com/tasksupervisor/tasksupervisor/sim/checkers"
)

const (
	clauses    = 8
	invariants = 17
)

// docs/contract.md lists every clause and every invariant, in order, each with tests that there are; and every test that is
// named after an invariant stands beside it.
func TestContractNamesItsTests(t *testing.T) {
	guide, err := os.ReadFile("docs/contract.md")
	require.NoError(t, err)
	tests := testNames(t)
	var expected, listed []string
	for n := range clauses {
		expected = append(expected, "D"+strconv.Itoa(n+1))
	}
	for n := range invariants {
		expected = append(expected, strconv.Itoa(n+1))
	}
	row := regexp.MustCompile(`^\| (D?\d+) \| .* \| (.*) \|$`)
	for line := range strings.Lines(string(guide)) {
		found := row.FindStringSubmatch(strings.TrimSpace(line))
		if found == nil {
			continue
		}
		listed = append(listed, found[1])
		named := "TestInvariant" + found[1]
		if strings.HasPrefix(found[1], "D") {
			named = "Test" + found[1]
		}
		cited := testsIn(found[2], tests)
		require.True(t, slices.ContainsFunc(cited, func(test string) bool { return isNamedAfter(test, named) }),
			"no test named after %s is cited", found[1])
		for _, test := range tests {
			if strings.HasPrefix(test, "TestInvariant") && isNamedAfter(test, named) {
				require.Contains(t, string(guide), "`"+test+"`", "it is not cited")
			}
		}
		for name := range strings.SplitSeq(found[2], "`") {
			if citesTest(name) {
				require.NotEmpty(t, testsIn("`"+name+"`", tests), "there is no test %s", name)
			}
		}
	}
	require.Equal(t, expected, listed)
}

// Each promise of the runtime in docs/promises.md cites tests, and there are such tests.
func TestPromisesOfTheRuntimeNameTheirTests(t *testing.T) {
	guide, err := os.ReadFile("docs/promises.md")
	require.NoError(t, err)
	_, section, found := strings.Cut(string(guide), "<!-- runtime -->")
	require.True(t, found)
	section, _, found = strings.Cut(section, "<!-- end of runtime -->")
	require.True(t, found)
	tests, rows := testNames(t), 0
	for line := range strings.Lines(section) {
		cells := strings.Split(line, "|")
		if len(cells) != 4 || !strings.Contains(cells[2], "`") {
			continue
		}
		rows++
		for name := range strings.SplitSeq(cells[2], "`") {
			if citesTest(name) {
				require.NotEmpty(t, testsIn("`"+name+"`", tests), "there is no test %s", name)
			}
		}
		require.NotEmpty(t, testsIn(cells[2], tests), "no test is cited: %s", line)
	}
	require.Greater(t, rows, 20)
}

// Each invariant has a checker, and no checker has another number.
func TestEveryInvariantHasAChecker(t *testing.T) {
	checked := map[int]bool{}
	number := regexp.MustCompile(`^invariant (\d+): `)
	for _, checker := range slices.Concat(checkers.All(), checkers.Audits(1)) {
		if found := number.FindStringSubmatch(checker.Name()); found != nil {
			n, err := strconv.Atoi(found[1])
			require.NoError(t, err)
			checked[n] = true
		}
	}
	require.Len(t, checked, invariants)
	for n := range invariants {
		require.True(t, checked[n+1], "invariant %d has no checker", n+1)
	}
}

// isNamedAfter reports whether the name of a test begins with another, to the end of its number.
func isNamedAfter(test, named string) bool {
	rest, is := strings.CutPrefix(test, named)
	return is && rest != "" && !strings.ContainsRune("0123456789", rune(rest[0]))
}

func citesTest(name string) bool {
	return strings.HasPrefix(name, "Test") || strings.HasPrefix(name, "Fuzz")
}

// testsIn returns the tests that a text cites between backquotes. An ellipsis stands for any part of a name.
func testsIn(text string, tests []string) (cited []string) {
	for name := range strings.SplitSeq(text, "`") {
		before, after, _ := strings.Cut(name, "…")
		for _, test := range tests {
			whole := name == test || before+after != name && strings.HasPrefix(test, before) && strings.HasSuffix(test, after)
			if citesTest(name) && whole {
				cited = append(cited, test)
			}
		}
	}
	return cited
}

// testNames returns the names of all tests of the module.
func testNames(t *testing.T) (names []string) {
	function := regexp.MustCompile(`(?m)^func ((?:Test|Fuzz)\w+)\(`)
	require.NoError(t, filepath.WalkDir(".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		text, err := os.ReadFile(path)
		for _, found := range function.FindAllStringSubmatch(string(text), -1) {
			names = append(names, found[1])
		}
		return err
	}))
	require.Greater(t, len(names), 100)
	return names
}
