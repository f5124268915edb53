package main

import (
	"fmt"
	"io"
	"maps"
	"slices"
)

// tally counts mutants.
type tally struct{ all, killed, endless int }

func (t *tally) count(o outcome) {
	t.all++
	if o.By != "" {
		t.killed++
	}
	if o.Endless {
		t.endless++
	}
}

func (t tally) String() string {
	return fmt.Sprintf("%5d of %5d killed, %3d of them beyond a limit: %.1f%%", t.killed, t.all, t.endless, t.score())
}

func (t tally) score() float64 { return 100 * float64(t.killed) / float64(t.all) }

func score(trials []trial) float64 {
	return tallyBy(trials, func(trial) string { return "" })[""].score()
}

func tallyBy(trials []trial, key func(trial) string) map[string]*tally {
	tallies := map[string]*tally{}
	for _, t := range trials {
		if tallies[key(t)] == nil {
			tallies[key(t)] = &tally{}
		}
		tallies[key(t)].count(t.outcome)
	}
	return tallies
}

// report prints a line for each survivor, and the score.
func report(w io.Writer, trials []trial) {
	for _, t := range trials {
		if t.outcome.By == "" {
			fmt.Fprintf(w, "survived: %v: %s  =>  %s\n", t.mutant, t.mutant.Before, orNothing(t.mutant.After))
		}
	}
	for _, by := range []func(trial) string{
		func(t trial) string { return t.mutant.File },
		func(t trial) string { return t.mutant.Kind },
		func(t trial) string {
			if t.outcome.By == "" {
				return "(nothing)"
			}
			return t.outcome.By
		},
		func(trial) string { return "all" },
	} {
		fmt.Fprintln(w)
		tallies := tallyBy(trials, by)
		for _, key := range slices.Sorted(maps.Keys(tallies)) {
			fmt.Fprintf(w, "%-36s %v\n", key, tallies[key])
		}
	}
}

func orNothing(line string) string {
	if line == "" {
		return "(nothing)"
	}
	return line
}
