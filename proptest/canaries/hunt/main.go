// Command hunt plants every canary in turn, sets every engine on it, and prints which caught it, after how many cases.
// It runs in the module's root folder:
//
//	go run ./proptest/canaries/hunt                   all canaries, as a table in Markdown
//	go run ./proptest/canaries/hunt -only tie-order   one of them, with what was found
//
// What an engine found is kept in the file that -state names, with a hash of everything it depends on: a hunt that was
// interrupted goes on where it was, and after a change of one canary only that one is hunted again.
//
// It exits with 1 if a canary was caught by fewer than two engines, or if an engine finds fault with the core as it is.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"runtime"
	"strings"
	"sync"
	"time"

	"github.com/tasksupervisor/tasksupervisor/proptest/canaries"
)

func main() {
	var h hunt
	flag.StringVar(&h.only, "only", "", "plant this `canary` alone")
	flag.StringVar(&h.core, "core", "core", "the core's `folder`")
	flag.StringVar(&h.state, "state", "bin/canaries.jsonl", "the `file` that keeps what was found (\"\": none)")
	flag.IntVar(&h.workers, "workers", runtime.NumCPU(), "how `many` canaries to hunt at a time")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	ok, err := h.run(ctx)
	switch {
	case err != nil:
		fmt.Fprintln(os.Stderr, "hunt:", err)
		os.Exit(2)
	case !ok:
		os.Exit(1)
	}
}

// hunt is one run of the command.
type hunt struct {
	only, core, state string
	workers           int

	source *canaries.Source
	known  *record
	begun  time.Time

	mu   sync.Mutex
	done int
}

// row is a line of the table.
type row struct {
	canary   canaries.Canary
	outcomes []outcome // one for each engine
	err      error
}

func (h *hunt) run(ctx context.Context) (ok bool, err error) {
	rows := h.rows()
	if len(rows) == 0 {
		return false, fmt.Errorf("no canary is called %q", h.only)
	}
	if h.source, err = canaries.ReadCore(h.core); err != nil {
		return false, err
	}
	if h.known, err = openRecord(h.state); err != nil {
		return false, err
	}
	defer h.known.close()
	dir, err := os.MkdirTemp("", "canaries")
	if err != nil {
		return false, err
	}
	defer os.RemoveAll(dir)

	h.begun = time.Now()
	next := make(chan *row)
	var group sync.WaitGroup
	for range max(h.workers, 1) {
		group.Go(func() {
			for r := range next {
				r.outcomes, r.err = h.one(ctx, r.canary, dir)
				h.progress(r, len(rows))
			}
		})
	}
	for i := range rows {
		next <- &rows[i]
	}
	close(next)
	group.Wait()
	for i := range rows {
		err = errors.Join(err, rows[i].err)
	}
	if err != nil {
		return false, err
	}
	return printTable(rows), nil
}

// rows returns the canaries to hunt. The first is none: an engine that finds fault with the core as it is would catch
// everything.
func (h *hunt) rows() []row {
	var rows []row
	if h.only == "" {
		rows = append(rows, row{canary: canaries.Canary{Name: "(none)", Rule: "the core as it is"}})
	}
	for _, canary := range canaries.All() {
		if h.only == "" || canary.Name == h.only {
			rows = append(rows, row{canary: canary})
		}
	}
	return rows
}

// one sets every engine on a canary. The binaries are built once for all of them, and not at all if all is known.
func (h *hunt) one(ctx context.Context, canary canaries.Canary, dir string) ([]outcome, error) {
	changed, err := canary.Plant(h.source)
	if err != nil {
		return nil, err
	}
	dir, err = os.MkdirTemp(dir, "")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	overlay, err := canaries.Overlay(changed, dir)
	if err != nil {
		return nil, err
	}
	p := &planted{overlay: overlay, dir: dir, processors: max(1, runtime.NumCPU()/max(h.workers, 1))}
	outcomes := make([]outcome, len(engines))
	for i, engine := range engines {
		outcomes[i], err = h.known.remember(key(engine.name, changed), func() (outcome, error) { return engine.hunt(ctx, p) })
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if err != nil {
			return nil, fmt.Errorf("%s on %s: %w", engine.name, canary.Name, err)
		}
	}
	return outcomes, nil
}

func (h *hunt) progress(r *row, rows int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.done++
	if r.err != nil {
		fmt.Fprintf(os.Stderr, "%3d/%d %s: %v\n", h.done, rows, r.canary.Name, r.err)
		return
	}
	fmt.Fprintf(os.Stderr, "%3d/%d %5s %s: %s\n", h.done, rows, time.Since(h.begun).Round(time.Second), r.canary.Name, strings.Join(r.cells(), ", "))
	if h.only != "" {
		for i, outcome := range r.outcomes {
			if outcome.Caught {
				fmt.Fprintf(os.Stderr, "%s: %s\n", engines[i].name, outcome.What)
			}
		}
	}
}

func (r *row) cells() []string {
	cells := make([]string, len(r.outcomes))
	for i := range cells {
		cells[i] = r.outcomes[i].String()
	}
	return cells
}

// printTable prints the rows, and reports whether every canary was caught by two engines, and the core by none.
func printTable(rows []row) bool {
	names := make([]string, len(engines))
	for i := range engines {
		names[i] = engines[i].name
	}
	fmt.Printf("| canary | the rule it breaks | %s |\n|---|---|%s\n", strings.Join(names, " | "), strings.Repeat("---|", len(engines)))
	ok := true
	for i := range rows {
		r := &rows[i]
		fmt.Printf("| %s | %s | %s |\n", r.canary.Name, r.canary.Rule, strings.Join(r.cells(), " | "))
		caught := 0
		for _, outcome := range r.outcomes {
			if outcome.Caught {
				caught++
			}
		}
		if r.canary.Edits == nil {
			ok = ok && caught == 0
		} else {
			ok = ok && caught >= 2
		}
	}
	return ok
}
