// Command search runs one engine until it finds something wrong with the core it was built with, and says after how
// many cases. Command hunt builds it with planted defects.
//
//	search -engine simulator -limit 20000    seeds of the swarm, with every checker
//	search -engine explorer -limit 3000000   transitions of the explorer's models, with every checker
//
// It prints one line, "caught CASES WHAT" or "missed CASES", and exits with 0 either way.
package main

import (
	"flag"
	"fmt"
	"os"
	"strings"

	"github.com/tasksupervisor/tasksupervisor/sim"
	"github.com/tasksupervisor/tasksupervisor/sim/checkers"
	"github.com/tasksupervisor/tasksupervisor/sim/explore"
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
		result, err := sim.Run(sim.Swarm(uint64(*seeds)))
		if err != nil {
			return err
		}
		if result.Violation != nil {
			return fmt.Errorf("%s: %w", result.Violation.Check, result.Violation.Err)
		}
	}
	return nil
}

// exploreModels explores one model after the other. It gives up a model with more states than the limit leaves room
// for.
func exploreModels(limit int, transitions *int) error {
	for _, named := range explore.Models() {
		if *transitions >= limit {
			return nil
		}
		options := explore.Options{
			MaxStates:  (limit-*transitions)/10 + 1,
			Invariants: explore.Checkers(checkers.All()...),
		}
		result, err := explore.Run(named.Model, options)
		if err != nil {
			return err
		}
		*transitions += result.Transitions
		if result.Violation != nil {
			return fmt.Errorf("%s: %w", result.Violation.Invariant, result.Violation.Err)
		}
	}
	return nil
}
