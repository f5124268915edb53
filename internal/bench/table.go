package main

import (
	"fmt"
	"runtime"
	"slices"
	"strings"
)

// table collects measurements.
type table struct {
	rounds int
	rows   []*row
}

// row is one figure of one case, of all subjects.
type row struct {
	title, metric string
	values        map[string][]float64 // by subject, one a round
}

func newTable(rounds int) *table { return &table{rounds: rounds} }

func (t *table) note(c testCase, subject string, metrics []metric) {
	for _, m := range metrics {
		i := slices.IndexFunc(t.rows, func(r *row) bool { return r.title == c.title && r.metric == m.Name })
		if i < 0 {
			i = len(t.rows)
			t.rows = append(t.rows, &row{c.title, m.Name, make(map[string][]float64)})
		}
		t.rows[i].values[subject] = append(t.rows[i].values[subject], m.Value)
	}
}

// String is the table as Markdown: of every figure the median, its ratio to the floor's, taken within each round, and the
// spread: how far apart the lowest and the highest are, in parts of the median.
func (t *table) String() string {
	var text strings.Builder
	fmt.Fprintf(&text, "Medians of %d interleaved rounds, each measurement in a process of its own; %s, %s/%s, %d processors.\n",
		t.rounds, runtime.Version(), runtime.GOOS, runtime.GOARCH, runtime.GOMAXPROCS(0))
	text.WriteString("In parentheses the ratio to the first column that has a figure, then the spread.\n")
	title := ""
	for _, r := range t.rows {
		if r.title != title {
			title = r.title
			fmt.Fprintf(&text, "\n**%s**\n\n|", title)
			for _, s := range subjects {
				text.WriteString(" | " + s.name)
			}
			text.WriteString(" |\n|---" + strings.Repeat("|---:", len(subjects)) + "|\n")
		}
		fmt.Fprintf(&text, "| %s |", r.metric)
		for _, s := range subjects {
			text.WriteString(" " + r.cell(s.name) + " |")
		}
		text.WriteString("\n")
	}
	return text.String()
}

func (r *row) cell(subject string) string {
	values := r.values[subject]
	if len(values) == 0 {
		return "–"
	}
	mid := median(values)
	text := number(mid)
	if floor := r.floor(); floor != nil && mid != 0 {
		ratios := make([]float64, 0, len(values))
		for i := range min(len(values), len(floor)) {
			if floor[i] != 0 {
				ratios = append(ratios, values[i]/floor[i])
			}
		}
		spread := 100 * (slices.Max(values) - slices.Min(values)) / mid
		if len(ratios) > 0 {
			text += fmt.Sprintf(" (%.2f, %.0f%%)", median(ratios), spread)
		}
	}
	return text
}

// floor returns the figures that ratios are to.
func (r *row) floor() []float64 {
	for _, s := range subjects {
		if values := r.values[s.name]; len(values) > 0 {
			return values
		}
	}
	return nil
}

func median(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	mid := len(sorted) / 2
	if len(sorted)%2 == 0 {
		return (sorted[mid-1] + sorted[mid]) / 2
	}
	return sorted[mid]
}

// number prints three significant digits.
func number(v float64) string {
	switch {
	case v == 0:
		return "0"
	case v < 10:
		return fmt.Sprintf("%.2f", v)
	case v < 100:
		return fmt.Sprintf("%.1f", v)
	case v < 10_000:
		return fmt.Sprintf("%.0f", v)
	case v < 1_000_000:
		return fmt.Sprintf("%.0fk", v/1000)
	}
	return fmt.Sprintf("%.1fM", v/1_000_000)
}
