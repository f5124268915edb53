// Command hunt plants every canary in turn, sets every engine of its target on it, and prints which caught it, and how: the
// core's engines after how many cases, the runtime's by which test. It runs in the module's root folder:
//
//	go run ./proptest/canaries/hunt                     all canaries, as a table in Markdown for each target
//	go run ./proptest/canaries/hunt -target runtime     those of one target
//	go run ./proptest/canaries/hunt -only tie-order     one of them, with what was found
//	go run ./proptest/canaries/hunt -engines simulator  with some of the engines, separated by commas
//
// What an engine found is kept in the file that -state names, with a hash of everything it depends on: a hunt that was
// interrupted goes on where it was, and after a change of one canary only that one is hunted again.
//
// An engine that has not come to an end in its time may have found a defect that loops, or may have had too little of a busy
// machine. So it has another try by itself, in which it has ten times what it takes without the defect. Only if that is over,
// too, is it stuck, which counts as noticed.
//
// It exits with 1 if a canary of the core was caught by fewer than two engines; if one of the runtime was caught neither by
// the runtime's own tests nor by its model, or breaks a duty of a driver and the conformance suite passes; or if an engine
// finds fault with a target as it is. It exits with 2 if it cannot do its work, and with 130 if it was interrupted.
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
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/tasksupervisor/tasksupervisor/proptest/canaries"
)

func main() {
	var h hunt
	flag.StringVar(&h.only, "only", "", "plant this `canary` alone")
	flag.StringVar(&h.target, "target", "", "plant the canaries of this `target` alone: core or runtime")
	flag.StringVar(&h.engines, "engines", "", "set only these `engines` on them")
	flag.StringVar(&h.state, "state", "bin/canaries.jsonl", "the `file` that keeps what was found (\"\": none)")
	flag.IntVar(&h.workers, "workers", runtime.NumCPU(), "how `many` canaries to hunt at a time")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	ok, err := h.run(ctx)
	switch {
	case ctx.Err() != nil:
		fmt.Fprintf(os.Stderr, "hunt: interrupted after %d canaries; what was found is kept, see -state\n", h.done)
		os.Exit(130)
	case err != nil:
		fmt.Fprintln(os.Stderr, "hunt:", err)
		os.Exit(2)
	case !ok:
		os.Exit(1)
	}
}

// hunt is one run of the command.
type hunt struct {
	only, target, engines, state string
	workers                      int

	known *record
	dir   string
	begun time.Time
	alone sync.RWMutex // held for writing by an engine that has the machine to itself

	mu   sync.Mutex
	done int
}

// sought is a target, and the engines that are set on its canaries.
type sought struct {
	canaries.Target
	source  *canaries.Source
	engines []engine
	intact  *planted // with nothing planted in it
}

// row is a line of the table.
type row struct {
	sought   *sought
	canary   canaries.Canary
	outcomes []outcome // one for each engine
	err      error
}

func (h *hunt) run(ctx context.Context) (ok bool, err error) {
	rows, err := h.rows()
	if err != nil {
		return false, err
	}
	if h.known, err = openRecord(h.state); err != nil {
		return false, err
	}
	defer h.known.close()
	if h.dir, err = os.MkdirTemp("", "canaries"); err != nil {
		return false, err
	}
	defer os.RemoveAll(h.dir)

	h.begun = time.Now()
	next := make(chan *row)
	var group sync.WaitGroup
	for range max(h.workers, 1) {
		group.Go(func() {
			for r := range next {
				r.outcomes, r.err = h.one(ctx, r)
				if r.err == nil || ctx.Err() == nil {
					h.progress(r, len(rows))
				}
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
	return printTables(os.Stdout, rows), nil
}

// rows returns the canaries to hunt. The first of each target is none: an engine that finds fault with the target as it is
// would catch everything.
func (h *hunt) rows() ([]row, error) {
	var rows []row
	for _, target := range canaries.Targets() {
		if h.target != "" && h.target != target.Name {
			continue
		}
		engines, err := h.chosen(target)
		if err != nil {
			return nil, err
		}
		s := &sought{Target: target, engines: engines}
		if s.source, err = target.Read("."); err != nil {
			return nil, err
		}
		if h.only == "" {
			rows = append(rows, row{sought: s, canary: canaries.Canary{Name: "(none)", Rule: "the " + target.Name + " as it is"}})
		}
		for _, canary := range target.Canaries {
			if h.only == "" || canary.Name == h.only {
				rows = append(rows, row{sought: s, canary: canary})
			}
		}
	}
	if len(rows) == 0 {
		return nil, fmt.Errorf("no canary is called %q", h.only)
	}
	return rows, nil
}

// chosen returns the engines to set on a target.
func (h *hunt) chosen(target canaries.Target) ([]engine, error) {
	all := enginesOf[target.Name]
	if h.engines == "" {
		return all, nil
	}
	var chosen []engine
	for name := range strings.SplitSeq(h.engines, ",") {
		i := slices.IndexFunc(all, func(e engine) bool { return e.name == name })
		if i < 0 {
			return nil, fmt.Errorf("the %s has no engine %q: choose a target with -target", target.Name, name)
		}
		chosen = append(chosen, all[i])
	}
	return chosen, nil
}

// one sets every engine on a canary. The binaries are built once for all of them, and not at all if all is known.
func (h *hunt) one(ctx context.Context, r *row) ([]outcome, error) {
	changed, err := r.canary.Plant(r.sought.source)
	if err != nil {
		return nil, err
	}
	p, err := h.plant(r.sought, changed)
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(p.dir)
	outcomes := make([]outcome, len(r.sought.engines))
	for i, engine := range r.sought.engines {
		outcomes[i], err = h.known.remember(key(r.sought.Target, engine.name, changed), func() (outcome, error) { return h.set(ctx, engine, r.sought, p) })
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if err != nil {
			return nil, fmt.Errorf("%s on %s: %w", engine.name, r.canary.Name, err)
		}
	}
	return outcomes, nil
}

// plant makes a folder for a target with a defect.
func (h *hunt) plant(s *sought, changed map[string]string) (*planted, error) {
	dir, err := os.MkdirTemp(h.dir, "")
	if err != nil {
		return nil, err
	}
	p := &planted{target: s.Name, dir: dir, processors: max(1, runtime.NumCPU()/max(h.workers, 1))}
	if len(changed) > 0 {
		p.overlay, err = canaries.Overlay(changed, dir)
	}
	return p, err
}

// patience is how long an engine of a target may take beside others.
var patience = map[string]time.Duration{"core": 4 * time.Minute, "runtime": time.Minute}

// set sets an engine on a defect. If it does not come to an end, it has another try by itself, with ten times what it takes
// without the defect.
func (h *hunt) set(ctx context.Context, e engine, s *sought, p *planted) (outcome, error) {
	h.alone.RLock()
	found, err := e.within(ctx, p, patience[s.Name])
	h.alone.RUnlock()
	if err != nil || !found.OutOfTime {
		return found, err
	}
	h.alone.Lock()
	defer h.alone.Unlock()
	if s.intact == nil {
		if s.intact, err = h.plant(s, nil); err != nil {
			return outcome{}, err
		}
	}
	return secondTry(patience[s.Name],
		func(limit time.Duration) (outcome, error) { return e.within(ctx, s.intact, limit) },
		func(limit time.Duration) (outcome, error) { return e.within(ctx, p, limit) },
	)
}

// secondTry runs an engine without a defect, to see how long that takes, and then with it. It is stuck if it then takes more
// than ten times as long, and out of time if even without a defect it does not come to an end.
func secondTry(patience time.Duration, intact, planted func(limit time.Duration) (outcome, error)) (outcome, error) {
	begun := time.Now()
	found, err := intact(2 * patience)
	if err != nil || found.OutOfTime {
		return found, err
	}
	found, err = planted(max(10*time.Since(begun), patience/2))
	if err == nil && found.OutOfTime {
		return outcome{Caught: true, Cases: "stuck", What: "it does not come to an end"}, nil
	}
	return found, err
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
				fmt.Fprintf(os.Stderr, "%s: %s\n", r.sought.engines[i].name, outcome.What)
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

// printTables prints the rows of each target, and reports whether every canary was caught by enough of the engines, and the
// targets as they are by none.
func printTables(w io.Writer, rows []row) bool {
	ok := true
	var latest *sought
	for i := range rows {
		r := &rows[i]
		if r.sought != latest {
			if latest != nil {
				fmt.Fprintln(w)
			}
			latest = r.sought
			names := make([]string, len(latest.engines))
			for i := range names {
				names[i] = latest.engines[i].name
			}
			fmt.Fprintf(w, "| canary | the rule it breaks | %s |\n|---|---|%s\n", strings.Join(names, " | "), strings.Repeat("---|", len(names)))
		}
		fmt.Fprintf(w, "| %s | %s | %s |\n", r.canary.Name, r.canary.Rule, strings.Join(r.cells(), " | "))
		ok = r.enough() && ok
	}
	return ok
}

// enough reports whether a canary was caught by the engines that have to, of those that were set on it.
func (r *row) enough() bool {
	caught := map[string]bool{}
	for i, outcome := range r.outcomes {
		if outcome.Caught {
			caught[r.sought.engines[i].name] = true
		}
	}
	set := func(name string) bool {
		return slices.ContainsFunc(r.sought.engines, func(e engine) bool { return e.name == name })
	}
	switch {
	case r.canary.Edits == nil:
		return len(caught) == 0
	case r.sought.Name == "core":
		return len(caught) >= min(2, len(r.sought.engines))
	case r.canary.Duty && set("conformance") && !caught["conformance"]:
		return false
	}
	return caught["tests"] || caught["model"] || !set("tests") && !set("model")
}
