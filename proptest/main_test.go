package proptest

import (
	"flag"
	"fmt"
	"os"
	"testing"

	"github.com/tasksupervisor/tasksupervisor/sim/checkers"
)

// TestMain sets rapid's flags to this package's defaults. The environment and the command line override them.
func TestMain(m *testing.M) {
	for _, setting := range []struct{ variable, name, value string }{
		{"RAPID_CHECKS", "rapid.checks", defaultChecks},
		{"RAPID_SEED", "rapid.seed", "1"}, // the same cases every time; `make properties` draws others
		{"RAPID_STEPS", "rapid.steps", "60"},
		{"RAPID_SHRINKTIME", "rapid.shrinktime", "5s"},
		{"RAPID_NOFAILFILE", "rapid.nofailfile", "true"},
	} {
		if _, given := os.LookupEnv(setting.variable); given {
			continue
		}
		if err := flag.Set(setting.name, setting.value); err != nil {
			panic(err)
		}
	}
	code := m.Run()
	if code == 0 && !reportVacuous() {
		code = 1
	}
	os.Exit(code)
}

// ran counts what the checkers checked in all tests, by their names.
var ran = map[string]int{}

// reportVacuous names the checkers that checked nothing, when all tests have run. A check that never ran has failed.
func reportVacuous() (ok bool) {
	for _, filter := range []string{"test.run", "test.skip", "test.list"} {
		if flag.Lookup(filter).Value.String() != "" {
			return true
		}
	}
	ok = true
	for _, checker := range append(checkers.All(), checkers.Audits(1)...) {
		if ran[checker.Name()] == 0 {
			fmt.Println("never checked:", checker.Name())
			ok = false
		}
	}
	return ok
}
