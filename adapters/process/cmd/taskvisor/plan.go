package main

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/tasksupervisor/tasksupervisor/adapters/process/cmd/taskvisor/internal/assemble"
	"github.com/tasksupervisor/tasksupervisor/adapters/process/cmd/taskvisor/internal/plan"
	"github.com/tasksupervisor/tasksupervisor/adapters/process/cmd/taskvisor/internal/taskfile"
)

// planFlags are the flags of plan.
type planFlags struct {
	file  fileFlags
	from  string
	lasts time.Duration
	seed  uint64
}

func newPlan() *cobra.Command {
	var f planFlags
	cmd := &cobra.Command{
		Use:   "plan [TASK…]",
		Short: "Prints in which order tasks start and stop, how long each is restarted if it always fails, and when that ends",
		Long: `Plan prints in which order tasks start and stop, and why. Of each task, or of those named, it prints what happens if it always fails
while all others are well: after which delays it is restarted, when it gives up, and when a limit stops its group or everything.

The supervisors' own rules decide it, on a clock that jumps from one event to the next: nothing runs. Delays are the longest possible;
with --seed, jitter shortens them as that seed draws it. With --from, plan prints what leads from another file to this one, as apply
would do it.`,
		RunE: func(cmd *cobra.Command, names []string) error {
			if f.lasts < 0 {
				return fmt.Errorf("--lasts is %s: it cannot be negative", f.lasts)
			}
			file, err := f.file.load()
			if err != nil {
				return err
			}
			if f.from != "" {
				return printChanges(cmd.OutOrStdout(), f.from, f.file.options, file)
			}
			return f.print(cmd.OutOrStdout(), file, names, cmd.Flags().Changed("seed"))
		},
	}
	f.file.add(cmd)
	cmd.Flags().StringVar(&f.from, "from", "", "print what leads from that `FILE` to this one")
	cmd.Flags().DurationVar(&f.lasts, "lasts", 0, "how long each run lasts before it fails")
	cmd.Flags().Uint64Var(&f.seed, "seed", 0, "draw the first delays with this seed (default: the longest delays)")
	cmd.ValidArgsFunction = f.file.complete
	return cmd
}

func (f *planFlags) print(out io.Writer, file *taskfile.File, names []string, drawn bool) error {
	root, err := plan.Read(file)
	if err != nil {
		return err
	}
	wanted, err := chosen(root, names)
	if err != nil {
		return err
	}
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	if len(names) == 0 {
		if err := printOrders(table, root); err != nil {
			return err
		}
	}
	fmt.Fprintln(table, "If it always fails:")
	options := plan.Options{Lasts: f.lasts}
	if drawn { // no delay is the last one: the first are enough
		options.Jitter, options.Seed, options.Starts = true, f.seed, 8
	}
	jitter := false
	for _, m := range wanted {
		forecast, err := plan.Predict(root, m, options)
		if err != nil {
			return err
		}
		jitter = jitter || m.Policy.Jitter.Num > 0 && m.Policy.BaseDelay > 0 && len(forecast.Starts) > 1
		fmt.Fprintf(table, "  %s\t%s\n", m.Path, forecast.Sentence())
	}
	if jitter && !drawn {
		fmt.Fprintln(table, "\nThese are the longest delays: jitter makes them shorter by chance.")
	}
	return table.Flush()
}

// printOrders prints in which order everything starts and stops.
func printOrders(out io.Writer, root *plan.Supervisor) error {
	order, err := plan.Orders(root)
	if err != nil {
		return err
	}
	fmt.Fprintln(out, "Starts:")
	started := make(map[*plan.Member]bool)
	for _, wave := range order.Starts {
		for _, m := range wave {
			started[m] = true
			fmt.Fprintf(out, "  %s\t%s\n", shown(m), root.WhyStart(m))
		}
	}
	for _, m := range root.All() {
		if !started[m] {
			fmt.Fprintf(out, "  %s\tnot by itself: %s\n", shown(m), root.WhyStart(m))
		}
	}
	fmt.Fprintln(out, "\nStops:")
	for i, wave := range order.Stops {
		names := make([]string, len(wave))
		for j, m := range wave {
			names[j] = shown(m)
		}
		fmt.Fprintf(out, "  %d.\t%s\n", i+1, strings.Join(names, ", "))
	}
	fmt.Fprintln(out)
	return nil
}

// chosen returns the tasks of some names, or all.
func chosen(root *plan.Supervisor, names []string) (tasks []*plan.Member, err error) {
	byPath := make(map[string]*plan.Member)
	var paths []string
	for _, m := range root.All() {
		if m.Inside == nil {
			byPath[m.Path] = m
			paths = append(paths, m.Path)
		}
	}
	if len(names) == 0 {
		names = paths
	}
	for _, name := range names {
		found := taskfile.Meant(name, paths)
		if len(found) == 0 {
			return nil, fmt.Errorf("there is no task %q%s", name, taskfile.DidYouMeanTask(name, paths))
		}
		for _, path := range found {
			tasks = append(tasks, byPath[path])
		}
	}
	return tasks, nil
}

// shown returns the path of a task, or of a group with a slash.
func shown(m *plan.Member) string {
	if m.Inside != nil {
		return m.Path + "/"
	}
	return m.Path
}

// printChanges prints what leads from one file to another.
func printChanges(out io.Writer, from string, options taskfile.Options, to *taskfile.File) error {
	before, err := taskfile.Load(from, options)
	if err != nil {
		return err
	}
	changes := assemble.Diff(before, to)
	for _, change := range changes.List {
		fmt.Fprintln(out, change)
	}
	_, err = fmt.Fprintf(out, "%d unchanged\n", changes.Unchanged)
	return err
}
