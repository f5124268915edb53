package explore

import (
	"fmt"
	"hash/maphash"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// How much a run explores. The race detector makes everything several times slower, and nothing here is concurrent, so
// under it only the states nearest to the beginning of each model are explored. A short run does the same, but explores
// the small models whole, and compares their exact counts.
const (
	fewStates        = 150
	smallTransitions = 60_000 // a model with no more is small
)

// statesMax returns Options.MaxStates for most tests: 0, which is no limit, in a full run.
func statesMax() int {
	if underRace || testing.Short() {
		return fewStates
	}
	return 0
}

// knownCounts returns the lines of a golden file of counts, by model.
func knownCounts(t *testing.T, path string) map[string]string {
	t.Helper()
	file, err := os.ReadFile(path)
	require.NoError(t, err)
	lines := map[string]string{}
	for line := range strings.Lines(string(file)) {
		lines[strings.Fields(line)[0]] = line
	}
	return lines
}

// smallModels returns the models whose known counts are small, and how many others there are.
func smallModels(t *testing.T, known map[string]string) (small []NamedModel, others int) {
	t.Helper()
	for _, named := range Models() {
		var symmetric bool
		var name string
		var states, transitions, depth int
		_, err := fmt.Sscan(known[named.Name], &name, &symmetric, &states, &transitions, &depth)
		require.NoError(t, err, named.Name)
		if transitions <= smallTransitions {
			small = append(small, named)
		} else {
			others++
		}
	}
	return small, others
}

// A short run explores the small models whole: their counts are exact, and nothing happens in them that is not in the
// golden table.
func TestSmallModels(t *testing.T) {
	if !testing.Short() || underRace {
		t.Skip("TestModels explores these models too")
	}
	known := knownCounts(t, countsGolden)
	small, others := smallModels(t, known)
	require.GreaterOrEqual(t, len(small), 15)
	t.Logf("explored %d small models; left %d larger ones to a run without -short", len(small), others)
	var table Table
	for _, named := range small {
		result, err := Run(named.Model, Options{Observe: table.Observe})
		require.NoError(t, err)
		require.Nil(t, result.Violation, named.Name)
		require.True(t, result.Complete)
		require.Equal(t, known[named.Name], countsLine(named, result))
	}
	require.Empty(t, linesBeyond(t, &table))
}

// What an exploration believes is so: one that believes nothing finds the same in every small model, transition by
// transition, and no audit finds anything wrong after any of them.
func TestThoroughExplorationsFindTheSame(t *testing.T) {
	if underRace {
		t.Skip("nothing here is concurrent")
	}
	known := knownCounts(t, countsGolden)
	small, _ := smallModels(t, known)
	for _, named := range small {
		var digests [2]uint64
		for i, thorough := range []bool{false, true} {
			observe := func(tr *Transition) {
				digests[i] = fold(digests[i]^maphash.Comparable(seed, tr.Event), 0xe7037ed1a0b428db)
				for _, action := range tr.Actions {
					digests[i] = fold(digests[i]^maphash.Comparable(seed, action), 0xe7037ed1a0b428db)
				}
				digests[i] = fold(digests[i]^uint64(tr.After.Now()), 0xe7037ed1a0b428db)
			}
			result, err := Run(named.Model, Options{Thorough: thorough, Observe: observe})
			require.NoError(t, err)
			require.Nil(t, result.Violation, named.Name)
			require.Equal(t, known[named.Name], countsLine(named, result))
		}
		require.Equal(t, digests[0], digests[1], named.Name)
	}
}
