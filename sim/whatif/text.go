package whatif

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/tasksupervisor/tasksupervisor/core"
)

// WriteText writes the outcomes side by side, then the tasks that were down longest in any of them.
func WriteText(w io.Writer, outcomes []*Outcome) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, row := range rows(outcomes) {
		fmt.Fprintln(t, strings.Join(row, "\t"))
	}
	if err := t.Flush(); err != nil {
		return err
	}
	names := longestDown(outcomes, 10)
	if len(names) == 0 {
		return nil
	}
	fmt.Fprintln(w, "\ndown for, and restarts, of the tasks that were down longest:")
	for _, row := range taskRows(outcomes, names) {
		fmt.Fprintln(t, strings.Join(row, "\t"))
	}
	return t.Flush()
}

// rows is the table of the totals. Its first row is the head.
func rows(outcomes []*Outcome) [][]string {
	table := [][]string{
		{""}, {"restarts"}, {"most in a second"}, {"at"}, {"down, all tasks"}, {"down, mean"}, {"down, worst task"},
		{"stopped with others"}, {"deaths"}, {"gave up"}, {"halted"},
	}
	for _, o := range outcomes {
		mean := core.Duration(0)
		if len(o.Tasks) > 0 {
			mean = o.Down / core.Duration(len(o.Tasks))
		}
		halted := "no"
		if o.Halted != core.ReasonNone {
			halted = o.Halted.String() + " at " + short(o.HaltedAt)
		}
		for i, cell := range []string{
			o.Case, fmt.Sprint(o.Restarts), fmt.Sprint(o.Peak), short(o.PeakAt), short(o.Down), short(mean), short(o.Worst),
			fmt.Sprint(o.Along), fmt.Sprint(o.Deaths), fmt.Sprint(o.Trips), halted,
		} {
			table[i] = append(table[i], cell)
		}
	}
	return table
}

func taskRows(outcomes []*Outcome, names []string) [][]string {
	head := []string{""}
	for _, o := range outcomes {
		head = append(head, o.Case)
	}
	table := [][]string{head}
	for _, name := range names {
		row := []string{name}
		for _, o := range outcomes {
			row = append(row, taskCell(o, name))
		}
		table = append(table, row)
	}
	return table
}

func taskCell(o *Outcome, name string) string {
	for _, task := range o.Tasks {
		if task.Name == name {
			cell := fmt.Sprintf("%s, %d", short(task.Down), task.Restarts)
			if task.End == core.StatusDead || task.End == core.StatusAbandoned {
				cell += ", " + task.End.String()
			}
			return cell
		}
	}
	return "-"
}

// longestDown names the tasks that were down longest in any outcome.
func longestDown(outcomes []*Outcome, most int) []string {
	var tasks []Task
	known := map[string]int{}
	for _, o := range outcomes {
		for _, task := range o.Tasks {
			i, ok := known[task.Name]
			if !ok {
				i = len(tasks)
				known[task.Name] = i
				tasks = append(tasks, task)
			}
			tasks[i].Down = max(tasks[i].Down, task.Down)
		}
	}
	slices.SortStableFunc(tasks, func(a, b Task) int {
		switch {
		case a.Down > b.Down:
			return -1
		case a.Down < b.Down:
			return 1
		}
		return 0
	})
	var names []string
	for _, task := range tasks[:min(most, len(tasks))] {
		if task.Down > 0 {
			names = append(names, task.Name)
		}
	}
	return names
}

// short is a duration to the millisecond.
func short(d core.Duration) string { return d.Round(time.Millisecond).String() }
