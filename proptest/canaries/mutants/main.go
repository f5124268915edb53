// Command mutants makes every small mistake that can be made in the core, one at a time, and prints those that no test
// notices. It runs in the module's root folder:
//
//	go run ./proptest/canaries/mutants                            all mutants
//	go run ./proptest/canaries/mutants -only core/exit.go         those of one file
//	go run ./proptest/canaries/mutants -kind drop                 those of one kind
//
// All mutants live in one build: each place that can be mutated asks at run time whether its mutant is active, and an
// environment variable says which one is. So nothing is compiled for a mutant, and a quick test kills it in a fraction of
// a second. The mutated files are an overlay; the source is never touched.
//
// # What is mutated
//
// Package core and those below it, except core/scenario and the tables in help.go and names.go. The kinds are
//
//	negation     == and !=, < and >=, > and <=, each to the other
//	boundary     < and <=, > and >=
//	logic        && and ||; what is not to be evaluated still is not
//	arithmetic   + and -, * and /, % to *, & and |, ^ to &, &^ to &, << and >>; integers only
//	unary        -x, !x and ^x to x
//	step         ++ and --
//	assignment   += and -=, and so on, as in arithmetic
//	loop         break and continue, where the innermost statement that they leave is a loop with a condition or a range
//	drop         a call or an assignment is not carried out
//
// Left alone is what cannot matter, or cannot be built: constants, whatever they are composed of; the arguments of panic,
// of calls that make errors, and literals of error types; methods String and Error; declarations, assignments to the
// blank identifier, and calls of panic, none of which is dropped; nor is what a for clause does after each round, since
// without it the loop does not end.
//
// # How a mutant is killed
//
// The tests run in stages, the fast ones first, and the first stage that fails kills the mutant: the tests of the
// mutated package if it lies below the core, the core's transcripts, its other quick tests, the swarm of the simulator
// with its checkers, the core's slow tests (-short), and the lockstep property of package proptest. A stage that takes ten
// times as long as without a mutant, or more memory than any test should, kills it as well, and is counted apart.
//
// What was found is kept in the file that -state names. A run that was interrupted goes on where it was; after a change
// of the tests only the survivors are tried again, and after a change of the core everything is.
//
// It exits with 1 if fewer than -least percent are killed, or if a stage fails without any mutant. It exits with 2 if it cannot do its work,
// and with 130 if it was interrupted.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime"
	"sync"
	"syscall"
	"time"
)

func main() {
	var c campaign
	flag.StringVar(&c.core, "core", "core", "the core's `folder`")
	flag.StringVar(&c.only, "only", "", "try the mutants of this `file` alone")
	flag.StringVar(&c.kind, "kind", "", "try the mutants of this `kind` alone")
	flag.StringVar(&c.state, "state", "bin/mutants.jsonl", "the `file` that keeps what was found (\"\": none)")
	flag.IntVar(&c.workers, "workers", 2, "how `many` mutants to try at a time")
	least := flag.Float64("least", 95, "the least `percentage` of mutants that must be killed")
	flag.Parse()
	c.stages, c.patience, c.log = stages, 5*time.Second, os.Stderr
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	trials, err := c.run(ctx)
	switch {
	case ctx.Err() != nil:
		fmt.Fprintf(os.Stderr, "mutants: interrupted after %d of %d; what was found is kept, see -state\n", c.done, c.all)
		os.Exit(130)
	case errors.Is(err, errUnsound):
		fmt.Fprintln(os.Stderr, "mutants:", err)
		os.Exit(1)
	case err != nil:
		fmt.Fprintln(os.Stderr, "mutants:", err)
		os.Exit(2)
	}
	report(os.Stdout, trials)
	if score(trials) < *least {
		os.Exit(1)
	}
}

// campaign is one run of the command.
type campaign struct {
	core, only, kind, state string
	workers                 int
	stages                  func(packages []*listed) []*stage
	patience                time.Duration // the least time that a stage has
	log                     io.Writer

	known *record
	begun time.Time

	mu   sync.Mutex
	done int
	all  int
}

// trial is a mutant, and what became of it.
type trial struct {
	mutant  mutant
	outcome outcome
}

func (c *campaign) run(ctx context.Context) ([]trial, error) {
	packages, err := load(ctx, c.core)
	if err != nil {
		return nil, err
	}
	mutants, instrumented := instrument(packages)
	trials := make([]trial, 0, len(mutants))
	for _, m := range mutants {
		if (c.only == "" || c.only == m.File) && (c.kind == "" || c.kind == m.Kind) {
			trials = append(trials, trial{mutant: m})
		}
	}
	if len(trials) == 0 {
		return nil, errors.New("there is no such mutant")
	}
	if c.known, err = openRecord(c.state, packages); err != nil {
		return nil, err
	}
	defer c.known.close()

	left := make([]*trial, 0, len(trials))
	for i := range trials {
		t := &trials[i]
		if outcome, ok := c.known.recall(t.mutant); ok {
			t.outcome = outcome
		} else {
			left = append(left, t)
		}
	}
	fmt.Fprintf(c.log, "%d mutants, %d to try\n", len(trials), len(left))
	if len(left) == 0 {
		return trials, nil
	}
	dir, err := os.MkdirTemp("", "mutants")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	tests := &tests{dir: dir, stages: c.stages(packages), patience: c.patience, log: c.log, processors: max(1, runtime.NumCPU()/max(c.workers, 1))}
	if err := tests.prepare(ctx, instrumented); err != nil {
		return nil, err
	}
	c.begun, c.done, c.all = time.Now(), 0, len(left)
	return trials, c.try(ctx, tests, left)
}

// try sets one stage after the other on the mutants that are left: what most of them are killed by comes first.
func (c *campaign) try(ctx context.Context, tests *tests, left []*trial) error {
	for _, s := range tests.stages {
		fmt.Fprintf(c.log, "%s, with %d mutants left\n", s.name, len(left))
		var err error
		if left, err = c.tryStage(ctx, tests, s, left); err != nil {
			return err
		}
	}
	for _, t := range left {
		if err := c.finish(t, outcome{}); err != nil {
			return err
		}
	}
	return nil
}

// tryStage tries the mutants, some at a time, and returns those that survived.
func (c *campaign) tryStage(ctx context.Context, tests *tests, s *stage, left []*trial) ([]*trial, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	killed := make([]bool, len(left))
	next := make(chan int)
	var group sync.WaitGroup
	for range max(c.workers, 1) {
		group.Go(func() {
			for i := range next {
				if s.only != "" && s.only != left[i].mutant.folder {
					continue
				}
				found, _, err := tests.run(ctx, s, left[i].mutant.ID)
				if killed[i] = err == nil && found.By != ""; killed[i] {
					err = c.finish(left[i], found)
				}
				if err != nil {
					cancel(err)
				}
			}
		})
	}
	for i := 0; i < len(left) && ctx.Err() == nil; i++ {
		next <- i
	}
	close(next)
	group.Wait()
	var survivors []*trial
	for i, t := range left {
		if !killed[i] {
			survivors = append(survivors, t)
		}
	}
	return survivors, context.Cause(ctx)
}

// finish keeps what became of a mutant, and says so.
func (c *campaign) finish(t *trial, found outcome) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	t.outcome = found
	c.done++
	fmt.Fprintf(c.log, "%4d/%d %6s %v: %v\n", c.done, c.all, time.Since(c.begun).Round(time.Second), t.mutant, t.outcome)
	return c.known.keep(t.mutant, found)
}
