package workload_test

import (
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/sim/swarm"
	"github.com/tasksupervisor/tasksupervisor/sim/workload"
)

// Whatever the text is, reading it ends; and what can be read is written and read back the same.
func FuzzParse(f *testing.F) {
	for seed := range uint64(20) {
		f.Add(swarm.World(seed).String())
	}
	for _, name := range []string{"database-outage", "tree-of-shards", "noisy-neighbours"} {
		text, err := os.ReadFile("../testdata/workloads/" + name + ".workload")
		require.NoError(f, err)
		f.Add(string(text))
	}
	f.Fuzz(func(t *testing.T, text string) {
		o, err := workload.Parse([]byte(text))
		if err != nil {
			var syntax *workload.SyntaxError
			require.ErrorAs(t, err, &syntax)
			require.Positive(t, syntax.Line)
			require.Positive(t, syntax.Column)
			return
		}
		again, err := workload.Parse([]byte(o.String()))
		require.NoError(t, err, "%s", o)
		require.Equal(t, o, again)
	})
}
