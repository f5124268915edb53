package scenario_test

import (
	"math"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/core"
	"github.com/tasksupervisor/tasksupervisor/core/scenario"
)

// FuzzParse looks for texts on which parser and printer are not inverse to each other, for scenarios that do not
// play as they were just rewritten, and for panics in any of it.
func FuzzParse(f *testing.F) {
	f.Add([]byte(full))
	for _, pattern := range []string{"../testdata/*.txt", "../testdata/promises/*/*.txt"} {
		files, err := filepath.Glob(pattern)
		require.NoError(f, err)
		for _, file := range files {
			text, err := os.ReadFile(file)
			require.NoError(f, err)
			f.Add(text)
		}
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		s, err := scenario.Parse(text)
		if err != nil {
			var syntax *scenario.SyntaxError
			require.ErrorAs(t, err, &syntax)
			require.Positive(t, syntax.Line)
			require.Positive(t, syntax.Column)
			return
		}
		requireInverse(t, s)
		if !isShort(s) || s.Rewrite() != nil {
			return
		}
		requireInverse(t, s)
		_, err = s.Play()
		require.NoError(t, err)
	})
}

// isShort reports whether a scenario takes no longer than it may when every watchdog and every probe in it comes due again
// and again: a report at every nanosecond of a year is nothing to wait for.
func isShort(s *scenario.Scenario) bool {
	const often = 10_000
	period := core.Forever
	consider := func(p *core.Policy) {
		for _, d := range []core.Duration{p.Watchdog, p.Probe.Interval} {
			if d > 0 {
				period = min(period, d)
			}
		}
	}
	for i := range s.Policies {
		consider(&s.Policies[i].Policy)
	}
	first, last := core.Never, core.Instant(math.MinInt64)
	for _, statement := range s.Statements {
		switch statement := statement.(type) {
		case *scenario.Event:
			first, last = min(first, statement.At), max(last, statement.At)
		case *scenario.Define:
			consider(&statement.Policy.Policy)
		case *scenario.DefineLimits, *scenario.Bind, *scenario.Expect:
		}
	}
	return period == core.Forever || first >= last || uint64(last-first)/uint64(period) < often
}

// requireInverse checks that what is printed parses to the same scenario, and prints the same.
func requireInverse(t *testing.T, s *scenario.Scenario) {
	t.Helper()
	text := s.Append(nil)
	again, err := scenario.Parse(text)
	require.NoError(t, err)
	require.Equal(t, string(text), again.String())
	forgetLines(s)
	forgetLines(again)
	require.Equal(t, s, again)
}

// forgetLines clears the line numbers, which are no part of what a scenario says.
func forgetLines(s *scenario.Scenario) {
	for i := range s.Policies {
		s.Policies[i].Line = 0
	}
	for _, statement := range s.Statements {
		switch statement := statement.(type) {
		case *scenario.Event:
			statement.Line = 0
		case *scenario.Define:
			statement.Line = 0
		case *scenario.DefineLimits:
			statement.Line = 0
		case *scenario.Bind:
			statement.Line = 0
		case *scenario.Expect:
			statement.Line = 0
		}
	}
}
