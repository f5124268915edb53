package reference

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestRandomScenarios plays scenarios to two implementations that share nothing but the stage: the model without the
// crate's behaviours, and the core.
func TestRandomScenarios(t *testing.T) {
	for seed := range uint64(4000) {
		s := randomScenario(seed)
		require.True(t, samePlayed(t, s), "seed %d: %+v", seed, s)
	}
}

// TestRandomScenariosShowEveryRule makes sure that the random scenarios would tell if the core did in any of the ways
// that the rules are about what the crate does.
func TestRandomScenariosShowEveryRule(t *testing.T) {
	for id := range ruleCount {
		shown := false
		for seed := uint64(0); seed < 4000 && !shown; seed++ {
			s := randomScenario(seed)
			crate, err := playModel(s, asHere.with(id))
			require.NoError(t, err)
			here, err := playCore(s)
			require.NoError(t, err)
			shown = len(differing(observations(crate), observations(here))) > 0
		}
		require.True(t, shown, rules[id].Name)
	}
}

// randomScenario has all that happens at multiples of 1, 10 or 50 ms, so that much of it coincides.
func randomScenario(seed uint64) scenario {
	g := generator{rand.New(rand.NewPCG(seed, 0)), []uint64{1, 10, 50}[seed%3]}
	made := scenario{
		settings: g.settings(),
		sampling: &sampling{period: 20 + g.Uint64N(20), offset: g.Uint64N(20)},
		end:      1503,
	}
	for i := range g.IntN(4) {
		made.tasks = append(made.tasks, taskScript{string(rune('a' + i)), g.steps()})
	}
	if len(made.tasks) > 0 && g.IntN(50) == 0 {
		made.tasks = append(made.tasks, taskScript{"a", g.steps()})
	}
	for at := g.time(200); at < 1500; at += g.time(400) {
		for range 1 + g.IntN(5)/3 {
			made.commands = append(made.commands, g.command(at))
		}
	}
	return made
}

type generator struct {
	*rand.Rand
	grain uint64
}

// time returns a multiple of the grain, at least one and at most about the limit.
func (g generator) time(limit uint64) uint64 {
	return (1 + g.Uint64N(1+limit/g.grain)) * g.grain
}

func (g generator) settings() settings {
	made := settings{
		healthCheckInterval: pick(g, 50, 50, 20, 200, g.time(300)),
		baseRestartDelay:    pick(g, 0, g.grain, 10, 50, 100, g.time(200)),
		maxBackoffExponent:  pick(g, uint32(0), 1, 2, 5, 40),
		stableAfter:         pick(g, 0, g.grain, 50, 100, g.time(400), 80_000),
		maxRestartAttempts:  pick(g, nil, pointer(uint32(0)), pointer(uint32(1)), pointer(uint32(2)), pointer(uint32(5))),
		deadThreshold:       pick(g, nil, pointer(0.0), pointer(0.25), pointer(0.4), pointer(0.5), pointer(1.0/3), pointer(1.0)),
	}
	if made.baseRestartDelay == 0 && made.maxRestartAttempts == nil {
		made.maxRestartAttempts = pointer(uint32(3)) // else a run that fails at once is restarted for ever
	}
	huge := pick(g, never, 1<<63, clockMax, clockMax+1)
	switch g.IntN(40) {
	case 0:
		made.baseRestartDelay = huge >> g.IntN(40)
	case 1:
		made.stableAfter = huge
	case 2:
		made.healthCheckInterval = huge
	}
	return made
}

func (g generator) steps() []step {
	steps := make([]step, 1+g.IntN(4))
	for i := range steps {
		steps[i] = step{
			runFor:  pick(g, 0, g.time(40), g.time(200), g.time(500)),
			outcome: pick(g, outcomeOK, outcomeError, outcomeError, outcomeError, outcomePanic, outcomePanic, outcomeHang),
		}
	}
	return steps
}

func (g generator) command(at uint64) command {
	made := command{
		at:   at,
		op:   pick(g, opAdd, opKill, opKill, opRestart, opRestart, opRestart, opStatus),
		task: pick(g, "a", "b", "c", "d"),
	}
	switch {
	case g.IntN(30) == 0:
		made = command{at: at, op: pick(g, opShutdown, opDropHandleClone)}
	case made.op == opAdd:
		made.steps = g.steps()
	}
	return made
}

func pick[T any](g generator, values ...T) T { return values[g.IntN(len(values))] }

func pointer[T any](value T) *T { return &value }

func TestEndlessInstantIsAnError(t *testing.T) {
	s := scenario{
		settings: settings{healthCheckInterval: 50},
		tasks:    []taskScript{{"a", []step{{0, outcomeError}}}},
		end:      100,
	}
	_, err := playCore(s)
	require.ErrorIs(t, err, errEndlessInstant)
	_, err = playModel(s, crateAsItIs)
	require.ErrorIs(t, err, errEndlessInstant)
}

func TestScenarioThatIsTooLongIsAnError(t *testing.T) {
	s := scenario{settings: settings{healthCheckInterval: 50}, sampling: &sampling{period: 1}, end: 1 << 40}
	_, err := playCore(s)
	require.ErrorIs(t, err, errTooLong)
}

// clockMax is the largest number of milliseconds that the core's clock can tell.
const clockMax = (1<<63 - 1) / 1_000_000
