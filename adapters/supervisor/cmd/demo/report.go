package main

import (
	"fmt"
	"io"
	"os"
	"slices"
	"text/tabwriter"

	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
)

// report prints what became of every run, and what can be done with the recording.
func (p *play) report(out io.Writer) {
	report := p.shop.Report()
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "\nTASK\tSTATUS\tSTARTED\tENDED\tABANDONED\tLAST ERROR")
	reportTasks(w, report)
	_ = w.Flush()
	fmt.Fprintf(out, "%v\n", report)
	tree := p.shop.Tree()
	fmt.Fprintf(out, "As the tasks saw it: %v\n", p.workshop.witness.compare(tree))
	if file, ok := p.set.recording.(*os.File); ok && isRegular(file) {
		fmt.Fprint(out, replaying(file.Name(), tree))
	}
}

func reportTasks(w io.Writer, r supervisor.Report) {
	for _, task := range r.Tasks {
		fmt.Fprintf(w, "%s\t%v\t%d\t%d\t%d\t%s\n", task.Path, task.Status.Status,
			task.Runs.Started, task.Runs.Ended, task.Runs.Abandoned, firstLine(task.Status.LastError))
		for _, nested := range task.Nested {
			reportTasks(w, nested)
		}
	}
}

// replaying says what the recording is good for: what can be asked depends on what happened.
func replaying(path string, tree []supervisor.TreeNode) string {
	text := fmt.Sprintf(`
All of it is recorded in %[1]s. In the root of the repository,
to see that each decision is the same when it is replayed:
  go run ./sim/cmd/tasksim replay %[1]s
`, path)
	restarted := func(path string) bool {
		return slices.ContainsFunc(tree, func(n supervisor.TreeNode) bool { return n.Path == path && n.Totals.Starts > 1 })
	}
	switch {
	case restarted("shop/payments/bank"):
		text += fmt.Sprintf(`To see what would have been, had the bank borne three failures, and not two:
  go run ./sim/cmd/tasksim what-if -scenario shop/payments/bank#1 \
    -case 'patient: config.intensity=3/10s' %[1]s
`, path)
	case restarted("shop/stock/counter"):
		text += fmt.Sprintf(`To see what would have been, had the delays in the stock been a tenth:
  go run ./sim/cmd/tasksim what-if -scenario shop/stock#1 \
    -case 'hasty: base=100ms' %[1]s
`, path)
	}
	return text
}

func isRegular(file *os.File) bool {
	info, err := file.Stat()
	return err == nil && info.Mode().IsRegular()
}
