// Command hunt plants every canary in turn, sets the engines on it, and prints who caught it, after how many cases.
// It runs in the module's root folder:
//
//	go run ./proptest/canaries/hunt                   all canaries, as a table in Markdown
//	go run ./proptest/canaries/hunt -only tie-order   one of them, with what was found
//
// It exits with 1 if a canary was caught by fewer than two engines, or the core without any canary was found wrong.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"strings"

	"github.com/tasksupervisor/tasksupervisor/proptest/canaries"
)

func main() {
	only := flag.String("only", "", "plant this `canary` alone")
	core := flag.String("core", "core", "the core's `folder`")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	ok, err := hunt(ctx, *core, *only)
	switch {
	case err != nil:
		fmt.Fprintln(os.Stderr, "hunt:", err)
		os.Exit(2)
	case !ok:
		os.Exit(1)
	}
}

func hunt(ctx context.Context, core, only string) (ok bool, err error) {
	dir, err := os.MkdirTemp("", "canaries")
	if err != nil {
		return false, err
	}
	defer os.RemoveAll(dir)

	list := canaries.All()
	if only == "" {
		// An engine that finds fault with the core as it is would catch everything.
		list = append([]canaries.Canary{{Name: "(none)", Rule: "the core as it is"}}, list...)
	}
	fmt.Printf("| canary | the rule it breaks | %s |\n|---|---|%s\n", strings.Join(engineNames(), " | "), strings.Repeat("---|", len(engines)))
	ok = true
	found := false
	for _, canary := range list {
		if only != "" && canary.Name != only {
			continue
		}
		found = true
		cells := make([]string, len(engines))
		caught := 0
		for i, engine := range engines {
			outcome, err := engine.hunt(ctx, canary, core, dir)
			if err != nil {
				return false, fmt.Errorf("%s on %s: %w", engine.name, canary.Name, err)
			}
			if outcome.caught {
				caught++
			}
			cells[i] = outcome.String()
			if only != "" && outcome.caught {
				fmt.Fprintf(os.Stderr, "%s: %s\n", engine.name, outcome.what)
			}
		}
		fmt.Printf("| %s | %s | %s |\n", canary.Name, canary.Rule, strings.Join(cells, " | "))
		if canary.Edits == nil {
			ok = ok && caught == 0
		} else {
			ok = ok && caught >= 2
		}
	}
	if !found {
		return false, fmt.Errorf("there is no canary %q", only)
	}
	return ok, nil
}
