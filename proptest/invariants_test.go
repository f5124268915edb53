package proptest

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/tasksupervisor/tasksupervisor/core"
	"github.com/tasksupervisor/tasksupervisor/sim/checkers"
)

// The invariants are numbered as in package checkers.

func TestInvariant1OneLiveRun(t *testing.T) { watch(t, &checkers.OneRun{}, Cases()) }

func TestInvariant2StaleExits(t *testing.T) { watch(t, &checkers.StaleExits{}, Cases()) }

func TestInvariant3RequestedStops(t *testing.T) { watch(t, &checkers.RequestedStops{}, Cases()) }

func TestInvariant4Schedule(t *testing.T) { watch(t, &checkers.Schedule{}, Cases()) }

func TestInvariant5Escalation(t *testing.T) { watch(t, &checkers.Escalation{}, Cases()) }

func TestInvariant6Attempts(t *testing.T) {
	c := &checkers.Attempts{}
	watch(t, c, Cases())

	before, at, behind := c.Probes()
	t.Logf("one nanosecond before stability: %d, at it: %d, one behind it: %d", before, at, behind)
	require.Positive(t, before, "no run ended one nanosecond before it was stable")
	require.Positive(t, at, "no run ended exactly when it was stable")
	require.Positive(t, behind, "no run ended one nanosecond after it was stable")
}

func TestInvariant7Threshold(t *testing.T) {
	watch(t, &checkers.Threshold{}, CasesOf(rapid.Custom(func(t *rapid.T) core.Config {
		cfg := Configs().Draw(t, "config before")
		cfg.DeadThreshold = Fractions().Draw(t, "dead threshold")
		return cfg
	})))
}

func TestInvariant8Ended(t *testing.T) { watch(t, &checkers.Ended{}, Cases()) }

func TestInvariant9Timers(t *testing.T) { watch(t, &checkers.Timers{}, Cases()) }

func TestInvariant12Independence(t *testing.T) { watch(t, &checkers.Independence{}, Cases()) }

func TestInvariant13Shutdown(t *testing.T) { watch(t, &checkers.Shutdown{}, Cases()) }

func TestInvariant14Acceptance(t *testing.T) { watch(t, &checkers.Acceptance{}, Cases()) }

func TestInvariant14Rejections(t *testing.T) { watch(t, &checkers.Rejections{}, Cases()) }

func TestInvariant15Recount(t *testing.T) { watch(t, &checkers.Recount{}, Cases()) }

func TestInvariant16Liveness(t *testing.T) { watch(t, &checkers.Liveness{}, Cases()) }

// A trace may be watched from anywhere on: a recording may begin with a snapshot.
func TestInvariantsFromAnywhere(t *testing.T) {
	suite := checkers.NewSuite(append(checkers.All(), checkers.Audits(1)...)...)
	Check(t, Cases(), func(c Case, random *rand.Rand) error {
		m := machine(c)
		at := random.IntN(len(c.Events) + 1)
		for i, ev := range c.Events {
			if i == at {
				suite.Begin(m)
			}
			actions := m.Step(nil, ev)
			if i < at {
				continue
			}
			if err := suite.Observe(m, ev, actions); err != nil {
				return fmt.Errorf("event %d, watched from event %d on: %w", i, at, err)
			}
		}
		return nil
	})
	require.Empty(t, suite.Vacuous())
}

// watch shows cases to a checker, and fails if it had nothing to check in any of them.
func watch(t *testing.T, checker checkers.Checker, cases *rapid.Generator[Case]) {
	t.Helper()
	suite := checkers.NewSuite(checker)
	Check(t, cases, func(c Case, _ *rand.Rand) error {
		m := machine(c)
		suite.Begin(m)
		var actions []core.Action
		for _, ev := range c.Events {
			actions = m.Step(actions[:0], ev)
			if err := suite.Observe(m, ev, actions); err != nil {
				return err
			}
		}
		return nil
	})
	require.Empty(t, suite.Vacuous(), "nothing was checked")
	ran[checker.Name()] += checker.Checked()
	t.Logf("%s: checked %d times", checker.Name(), checker.Checked())
}
