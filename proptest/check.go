package proptest

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// FailuresVariable is the environment variable that names the folder in which [Check] leaves the scenarios of failing
// cases. When it is not set, they go to a new temporary folder, which is kept.
const FailuresVariable = "PROPTEST_FAILURES"

// Property returns what is wrong with a case, or nil. It may draw from random what the case leaves open, and must
// depend on nothing else: it is called again for the same case and for smaller ones.
type Property func(c Case, random *rand.Rand) error

// Check fails the test if it finds a case for which the property does not hold. The flag -rapid.checks says how many
// cases it draws.
//
// The failing case is minimized, by rapid and then by [Minimize], and written as a scenario, both to the test's output
// and to a file; see [Case.Scenario].
func Check(t *testing.T, cases *rapid.Generator[Case], property Property) {
	t.Helper()
	var failing *failure
	defer func() {
		if failing != nil {
			failing.report(t, property)
		}
	}()
	rapid.Check(t, func(t *rapid.T) {
		c := cases.Draw(t, "case")
		seed := rapid.Uint64().Draw(t, "seed of the property")
		if err := holds(property, c, seed); err != nil {
			failing = &failure{c, seed, err}
			t.Fatalf("%v", err)
		}
	})
}

type failure struct {
	Case
	seed uint64
	err  error
}

// holds calls the property with a case. A panic is an error like any other.
func holds(property Property, c Case, seed uint64) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("panic: %v\n%s", r, debug.Stack())
		}
	}()
	return property(c, rand.New(rand.NewPCG(seed, 0)))
}

// report minimizes the failing case, logs it and writes it to a file.
func (f *failure) report(t *testing.T, property Property) {
	t.Helper()
	smallest := Minimize(f.Case, func(c Case) bool { return holds(property, c, f.seed) != nil })
	err := holds(property, smallest, f.seed)
	text := smallest.Scenario().Append(nil)

	where := ""
	if path, problem := keep(t.Name(), text); problem != nil {
		t.Logf("the scenario could not be written: %v", problem)
	} else {
		where = ", also in " + path
	}
	t.Logf("smallest case, seed of the property %d: %v\n\nAs a scenario%s; it expects what the oracle decides:\n\n%s", f.seed, err, where, text)
}

// keep writes a scenario to a file, which stays for whoever reads the log, and returns the file's whole path.
func keep(test string, text []byte) (path string, err error) {
	dir := os.Getenv(FailuresVariable)
	if dir == "" {
		dir, err = os.MkdirTemp("", "failure-")
	} else {
		err = os.MkdirAll(dir, 0o777)
	}
	if err != nil {
		return "", err
	}
	if path, err = filepath.Abs(filepath.Join(dir, strings.ReplaceAll(test, "/", "-")+".scenario")); err != nil {
		return "", err
	}
	return path, os.WriteFile(path, text, 0o666)
}
