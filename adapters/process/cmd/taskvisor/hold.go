package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/tasksupervisor/tasksupervisor/adapters/process"
)

// holds are the words for how tightly processes are held, the tightest first.
var holds = []struct {
	word      string
	tightness process.Tightness
}{
	{"cgroup", process.TightnessCgroup},
	{"guard", process.TightnessGuard},
	{"group", process.TightnessGroup},
}

// hold is the value of the flag that says how tightly processes are held at most.
type hold struct{ most process.Tightness }

func (h *hold) add(cmd *cobra.Command) {
	h.most = process.TightnessCgroup
	cmd.Flags().Var(h, "hold", "hold processes no tighter than by `cgroup, guard or group`; see taskvisor run's first lines for what there is")
	words := make([]cobra.Completion, len(holds))
	for i, is := range holds {
		words[i] = is.word
	}
	if err := cmd.RegisterFlagCompletionFunc("hold", cobra.FixedCompletions(words, cobra.ShellCompDirectiveNoFileComp)); err != nil {
		panic(err) // the flag does not exist
	}
}

// String implements pflag.Value.
func (h *hold) String() string {
	for _, is := range holds {
		if is.tightness == h.most {
			return is.word
		}
	}
	return h.most.String()
}

// Set implements pflag.Value.
func (h *hold) Set(word string) error {
	var words []string
	for _, is := range holds {
		if is.word == word {
			h.most = is.tightness
			return nil
		}
		words = append(words, is.word)
	}
	return fmt.Errorf("has to be one of %s", strings.Join(words, ", "))
}

// Type implements pflag.Value.
func (h *hold) Type() string { return "hold" }
