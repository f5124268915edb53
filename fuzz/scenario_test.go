package fuzz

import (
	"errors"
	"fmt"
	"testing"

	"github.com/tasksupervisor/tasksupervisor/core/scenario"
)

// Whatever the parser takes, the printer writes so that the parser takes it again as the same. It plays, and what is
// recorded of that plays without a difference.
func FuzzScenario(f *testing.F) {
	f.Fuzz(func(t *testing.T, text []byte) {
		var err error
		defer report(t, &err, func() string { return string(text) })
		err = parseAndPlay(text)
	})
}

func parseAndPlay(text []byte) error {
	parsed, err := scenario.Parse(text)
	if err != nil {
		var syntax *scenario.SyntaxError
		if !errors.As(err, &syntax) || syntax.Line < 1 || syntax.Column < 1 || syntax.Problem == "" {
			return fmt.Errorf("the parser does not say what is wrong where: %w", err)
		}
		return nil
	}
	printed := parsed.Append(nil)
	again, err := scenario.Parse(printed)
	if err != nil {
		return fmt.Errorf("%w, in what was printed:\n%s", err, printed)
	}
	if twice := again.String(); twice != string(printed) {
		return fmt.Errorf("printed once:\n%s\nprinted twice:\n%s", printed, twice)
	}
	if _, err := parsed.Play(); err != nil && !aboutPlay(err) {
		return err
	}
	if err := parsed.Rewrite(); err != nil {
		return nil // a statement cannot be carried out
	}
	recorded, err := scenario.Parse(parsed.Append(nil))
	if err != nil {
		return fmt.Errorf("%w, in what was recorded:\n%s", err, parsed)
	}
	if _, err := recorded.Play(); err != nil {
		return fmt.Errorf("%w, in what was recorded:\n%s", err, parsed)
	}
	return nil
}

// aboutPlay reports whether playing a scenario may end with this error.
func aboutPlay(err error) bool {
	var difference *scenario.Difference
	var play *scenario.PlayError
	return errors.As(err, &difference) || errors.As(err, &play)
}
