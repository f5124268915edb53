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
	watch(t, &checkers.Attempts{}, Cases())
}

func TestInvariant7Threshold(t *testing.T) {
	watch(t, &checkers.Threshold{}, casesWith(func(t *rapid.T, cfg *core.Config) {
		cfg.DeadThreshold = Fractions().Draw(t, "dead threshold")
	}))
}

func TestInvariant8Ended(t *testing.T) { watch(t, &checkers.Ended{}, Cases()) }

func TestInvariant9Timers(t *testing.T) { watch(t, &checkers.Timers{}, Cases()) }

func TestInvariant9Health(t *testing.T) { watch(t, &checkers.Health{}, Cases()) }

// Invariant 10: restarts counted in any window never exceed the intensity limit before the halt; siblings,
// requested stops, manual restarts and good ends never count.
func TestInvariant10Intensity(t *testing.T) {
	watch(t, &checkers.Intensity{}, casesWith(func(t *rapid.T, cfg *core.Config) {
		cfg.Intensity = Rates(0).Draw(t, "intensity")
	}))
}

func TestInvariant10RestartRate(t *testing.T) {
	watch(t, &checkers.RestartRate{}, casesWith(func(t *rapid.T, cfg *core.Config) {
		cfg.RestartRate = Rates(1).Draw(t, "restart rate")
	}))
}

// Invariant 11: a group round starts no task before every task it stopped has stopped or is abandoned; stop order is
// reverse start order.
func TestInvariant11Rounds(t *testing.T) { watch(t, &checkers.Rounds{}, groups()) }

func TestInvariant11DelayBegins(t *testing.T) { watch(t, &checkers.DelayBegins{}, groups()) }

func TestInvariant11Needs(t *testing.T) { watch(t, &checkers.Needs{}, Cases()) }

func TestInvariant12Independence(t *testing.T) { watch(t, &checkers.Independence{}, Cases()) }

func TestInvariant13Shutdown(t *testing.T) { watch(t, &checkers.Shutdown{}, Cases()) }

func TestInvariant14Acceptance(t *testing.T) { watch(t, &checkers.Acceptance{}, Cases()) }

func TestInvariant14Rejections(t *testing.T) { watch(t, &checkers.Rejections{}, Cases()) }

func TestInvariant15Recount(t *testing.T) { watch(t, &checkers.Recount{}, Cases()) }

func TestInvariant16Liveness(t *testing.T) { watch(t, &checkers.Liveness{}, Cases()) }

func TestInvariant16Settled(t *testing.T) { watch(t, &checkers.Settled{}, Cases()) }

func TestInvariant17Outcomes(t *testing.T) { watch(t, &checkers.Outcomes{}, Cases()) }

func TestContractD3Order(t *testing.T) { watch(t, &checkers.Order{}, Cases()) }

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

// casesWith are cases of which part of the configuration is drawn anew.
func casesWith(redraw func(*rapid.T, *core.Config)) *rapid.Generator[Case] {
	return CasesOf(rapid.Custom(func(t *rapid.T) core.Config {
		cfg := Configs().Draw(t, "config before")
		redraw(t, &cfg)
		return cfg
	}))
}

// groups are cases in which tasks depend on each other by their order.
func groups() *rapid.Generator[Case] {
	return rapid.Custom(func(t *rapid.T) Case {
		cfg := Configs().Draw(t, "config")
		mix := Mixes().Draw(t, "mix")
		group(t, &cfg, &mix)
		return drawCase(t, cfg, mix)
	})
}

// watch shows cases to a checker, and fails if it had nothing to check in any of them.
//
// What seldom happens must have happened: cases are drawn until it has. The bound is many times what that takes.
func watch(t *testing.T, checker checkers.Checker, cases *rapid.Generator[Case]) {
	t.Helper()
	suite := checkers.NewSuite(checker)
	watchWith(t, suite, cases)
	require.Empty(t, suite.Vacuous(), "nothing was checked")
	first := rapidSeed(t)
	for seed := first + 1; len(never(suite)) > 0 && !t.Failed(); seed++ {
		require.Less(t, seed, first+40, "what never happened: %q", never(suite))
		drawFrom(t, seed, 500)
		watchWith(t, suite, cases)
	}
	ran[checker.Name()] += checker.Checked()
	t.Logf("%s: checked %d times", checker.Name(), checker.Checked())
	for what, times := range suite.Rare() {
		t.Logf("%s: %d times", what, times)
	}
}

// never lists what seldom happens and has not happened yet.
func never(suite *checkers.Suite) []string {
	var missing []string
	for what, times := range suite.Rare() {
		if times == 0 {
			missing = append(missing, what)
		}
	}
	return missing
}

func watchWith(t *testing.T, suite *checkers.Suite, cases *rapid.Generator[Case]) {
	t.Helper()
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
}
