package whatif

import (
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/tasksupervisor/tasksupervisor/core"
)

// WriteText writes the outcomes side by side: the span of time that was looked at, then one table with the totals, and below
// them the tasks that were down longest in any of the outcomes, and the notes. Differences from the first outcome are in per cent.
func WriteText(w io.Writer, outcomes []*Outcome) error {
	if len(outcomes) == 0 {
		return nil
	}
	if _, err := fmt.Fprintln(w, Span(outcomes)); err != nil {
		return err
	}
	table := rows(outcomes)
	if names := longestDown(outcomes, 10); len(names) > 0 {
		empty := make([]string, len(outcomes))
		table = append(table, append([]string{""}, empty...), append([]string{"worst tasks: down, restarts"}, empty...))
		for _, row := range taskRows(outcomes, names)[1:] {
			row[0] = "  " + row[0]
			table = append(table, row)
		}
	}
	var text strings.Builder
	t := tabwriter.NewWriter(&text, 0, 0, 2, ' ', 0)
	for _, row := range table {
		fmt.Fprintln(t, strings.Join(row, "\t"))
	}
	if err := t.Flush(); err != nil {
		return err
	}
	for line := range strings.Lines(text.String()) {
		if _, err := io.WriteString(w, strings.TrimRight(line, " \n")+"\n"); err != nil {
			return err
		}
	}
	for _, note := range notes(outcomes) {
		if _, err := fmt.Fprintf(w, "note: %s\n", note); err != nil {
			return err
		}
	}
	return nil
}

// Span names the span of time that the outcomes are about, such as "from 0s to 30m0s (30m0s)". They can end at different
// instants, because a supervisor that has halted does so.
func Span(outcomes []*Outcome) string {
	if len(outcomes) == 0 {
		return ""
	}
	first := outcomes[0]
	text := fmt.Sprintf("from %v to %v (%v)", first.From, first.To, core.Duration(first.To-first.From))
	for _, o := range outcomes[1:] {
		if o.To != first.To {
			text += fmt.Sprintf("; %s: to %v (%v)", o.Case, o.To, core.Duration(o.To-o.From))
		}
	}
	return text
}

// rows is the table of the totals. Its first row is the head.
func rows(outcomes []*Outcome) [][]string {
	table := [][]string{{""}}
	for _, o := range outcomes {
		table[0] = append(table[0], o.Case)
	}
	number := func(name string, of func(o *Outcome) int) {
		row := []string{name}
		for _, o := range outcomes {
			row = append(row, fmt.Sprint(of(o))+change(float64(of(outcomes[0])), float64(of(o))))
		}
		table = append(table, row)
	}
	span := func(name string, of func(o *Outcome) core.Duration) {
		row := []string{name}
		for _, o := range outcomes {
			row = append(row, short(of(o))+change(float64(of(outcomes[0])), float64(of(o))))
		}
		table = append(table, row)
	}
	words := func(name string, of func(o *Outcome) string) {
		row := []string{name}
		for _, o := range outcomes {
			row = append(row, of(o))
		}
		table = append(table, row)
	}
	number("restarts", func(o *Outcome) int { return o.Restarts })
	number("  after failures", func(o *Outcome) int { return o.Causes.Failure })
	number("  after good ends", func(o *Outcome) int { return o.Causes.GoodEnd })
	if slices.ContainsFunc(outcomes, func(o *Outcome) bool { return o.Causes.Loss > 0 }) {
		number("  after losses", func(o *Outcome) int { return o.Causes.Loss })
	}
	number("  by operator commands", func(o *Outcome) int { return o.Causes.Command })
	number("most in a second", func(o *Outcome) int { return o.Peak })
	words("  from", func(o *Outcome) string {
		if o.Peak == 0 {
			return "-"
		}
		return short(core.Duration(o.From) + o.PeakAt)
	})
	span("down, all tasks", func(o *Outcome) core.Duration { return o.Down })
	span("  mean", func(o *Outcome) core.Duration { return o.Down / core.Duration(max(1, len(o.Tasks))) })
	span("  worst task", func(o *Outcome) core.Duration { return o.Worst })
	number("stopped with others", func(o *Outcome) int { return o.Along })
	number("deaths", func(o *Outcome) int { return o.Deaths })
	number("gave up", func(o *Outcome) int { return o.Trips })
	words("halted", func(o *Outcome) string {
		if o.Halted == core.ReasonNone {
			return "no"
		}
		return o.Halted.String() + " at " + short(core.Duration(o.From)+o.HaltedAt)
	})
	return table
}

// change is the difference from the first outcome in per cent, in brackets. It is empty where there is none, and for what was
// zero there is no share of it.
func change(first, now float64) string {
	switch {
	case now == first:
		return ""
	case first == 0:
		return " (was 0)"
	}
	percent := (now - first) / first * 100
	if math.Abs(percent) < 10 {
		return fmt.Sprintf(" (%+.1f %%)", percent)
	}
	return fmt.Sprintf(" (%+.0f %%)", percent)
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
