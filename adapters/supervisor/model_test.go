package supervisor_test

import (
	"flag"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// TestModel plays random programs on trees of supervisors, through several Runs of the root, and compares what the tree does
// with what it owes, after every step. See model for what that is.
func TestModel(t *testing.T) {
	if flag.Lookup("rapid.checks").Value.String() == flag.Lookup("rapid.checks").DefValue {
		require.NoError(t, flag.Set("rapid.checks", "1500"))
	}
	if seed := flag.Lookup("rapid.seed"); seed.Value.String() == seed.DefValue { // always the same programs, unless others are asked for
		require.NoError(t, flag.Set("rapid.seed", "1"))
	}
	rapid.Check(t, func(rt *rapid.T) {
		program := programs().Draw(rt, "program")
		if problem := playModel(t, program); problem != "" {
			rt.Fatalf("%s\n%s", problem, strings.Join(trail, "\n"))
		}
	})
}

// TestModelDoesEverything has the model's programs come to all that they can: an operation that is always refused, or a
// situation that never arises, proves nothing.
func TestModelDoesEverything(t *testing.T) {
	for seed := 1; seed <= 400; seed++ {
		if problem := playModel(t, programs().Example(seed)); problem != "" {
			t.Fatalf("%s\n%s", problem, strings.Join(trail, "\n"))
		}
		if seed >= 60 && len(untried()) == 0 {
			return
		}
	}
	t.Errorf("never tried: %q", untried())
}

// step is an operation of a program. Its numbers choose to what it is done, and how, among what there is then.
type step struct {
	Do         string
	Where, How int
}

func (s step) String() string { return fmt.Sprintf("%s %d %d", s.Do, s.Where, s.How) }

func programs() *rapid.Generator[[]step] {
	return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) step {
		return step{rapid.SampledFrom(weighted).Draw(t, "do"), rapid.IntRange(0, 1<<16).Draw(t, "where"), rapid.IntRange(0, 1<<16).Draw(t, "how")}
	}), 20, 80)
}

// weighted are the names of the operations, the likely ones several times.
var weighted = func() (names []string) {
	for _, o := range operations {
		for range o.weight {
			names = append(names, o.name)
		}
	}
	return names
}()

// playModel plays a program in a bubble, and returns what was wrong, if anything.
func playModel(t *testing.T, program []step) (problem string) {
	t.Helper()
	trail = trail[:0]
	defer func() {
		if value := recover(); value != nil && problem == "" { // such as a deadlock of the bubble
			problem = fmt.Sprint(value)
		}
	}()
	synctest.Test(t, func(*testing.T) {
		m := newModel()
		defer m.leave()
		problem = m.play(program)
	})
	return problem
}
