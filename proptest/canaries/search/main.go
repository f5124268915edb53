// Command search runs one engine until it finds something wrong with the core it was built with, and says after how
// many cases. Command hunt builds it with planted defects.
//
//	search -engine simulator -limit 20000    seeds of the swarm, with every checker
//	search -engine explorer -limit 4000000   transitions of the explorer's models, with every checker and exact counts
//
// It prints one line, "caught CASES WHAT" or "missed CASES", and exits with 0 either way.
package main

import (
	"cmp"
	"flag"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/tasksupervisor/tasksupervisor/sim"
	"github.com/tasksupervisor/tasksupervisor/sim/checkers"
	"github.com/tasksupervisor/tasksupervisor/sim/explore"
	"github.com/tasksupervisor/tasksupervisor/sim/swarm"
)

func main() {
	engine := flag.String("engine", "", "simulator or explorer")
	limit := flag.Int("limit", 10_000, "how many cases to try")
	flag.Parse()
	var search func(limit int, cases *int) error
	switch *engine {
	case "simulator":
		search = simulate
	case "explorer":
		search = exploreModels
	default:
		fmt.Fprintf(os.Stderr, "search: unknown engine %q\n", *engine)
		os.Exit(2)
	}
	cases := 0
	if err := attempt(search, *limit, &cases); err != nil {
		what, _, _ := strings.Cut(err.Error(), "\n")
		fmt.Printf("caught %d %s\n", cases, what)
		return
	}
	fmt.Printf("missed %d\n", cases)
}

// attempt turns a panic into an error.
func attempt(search func(int, *int) error, limit int, cases *int) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("panic: %v", r)
		}
	}()
	return search(limit, cases)
}

func simulate(limit int, seeds *int) error {
	for *seeds < limit {
		*seeds++
		result, err := sim.Run(swarm.World(uint64(*seeds)))
		if err != nil {
			return err
		}
		if result.Violation != nil {
			return fmt.Errorf("%s: %w", result.Violation.Check, result.Violation.Err)
		}
	}
	return nil
}

// countsFile holds how many states and transitions each model has.
const countsFile = "sim/explore/testdata/counts.txt"

// exploreModels explores one model after the other, small ones first, and counts transitions. Each is checked by itself;
// for the smallest models the whole trace up to it is, too; and when a model is through, it must have as many states and
// transitions as ever.
func exploreModels(limit int, transitions *int) error {
	text, err := os.ReadFile(countsFile)
	if err != nil {
		return err
	}
	counts := string(text)
	models := explore.Models()
	slices.SortStableFunc(models, func(a, b explore.NamedModel) int {
		return cmp.Compare(transitionsOf(a.Name, counts), transitionsOf(b.Name, counts))
	})
	for _, named := range models {
		if *transitions >= limit {
			return nil
		}
		count := func(*explore.Transition) { *transitions++ }
		invariants := []explore.Invariant{explore.Checkers(checkers.NewSuite(checkers.All()...))}
		if transitionsOf(named.Name, counts) < 12_000 {
			invariants = append(invariants, explore.Traces(checkers.NewSuite(checkers.All()...)))
		}
		result, err := explore.Run(named.Model, explore.Options{Thorough: true, Invariants: invariants, Observe: count})
		if err != nil {
			return err
		}
		if v := result.Violation; v != nil {
			return fmt.Errorf("%s: %w", v.Invariant, v.Err)
		}
		line := fmt.Sprintf("%-18s %9v %9d %12d %6d\n", named.Name, result.Symmetric, result.States, result.Transitions, result.Depth)
		if !strings.Contains(counts, line) {
			return fmt.Errorf("model %s does not have the states and transitions of %s", named.Name, countsFile)
		}
	}
	return nil
}

// transitionsOf returns how many transitions a model has according to the counts.
func transitionsOf(model, counts string) int {
	for line := range strings.Lines(counts) {
		if fields := strings.Fields(line); len(fields) == 5 && fields[0] == model {
			n, _ := strconv.Atoi(fields[3])
			return n
		}
	}
	return 0
}
