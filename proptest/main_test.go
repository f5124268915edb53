package proptest

import (
	"flag"
	"os"
	"testing"
)

// TestMain sets rapid's flags to what this package is meant to be run with. The environment and the command line
// have the last word.
func TestMain(m *testing.M) {
	for _, setting := range []struct{ variable, name, value string }{
		{"RAPID_CHECKS", "rapid.checks", "1000"},
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
	os.Exit(m.Run())
}
