package main

import (
	"fmt"
	"math"
	"strings"
)

// table prints the results of a group as Markdown: of every figure the median, its ratio to the first column's, taken within
// each round, and the spread of the last column's ratio.
func (g group) table(r *results) string {
	var text strings.Builder
	for _, c := range g.contests {
		rows := r.of(c.name)
		if c.title == "" || len(rows) == 0 {
			continue
		}
		if text.Len() == 0 {
			fmt.Fprintf(&text, "| %s | %s | spread |\n|---|%s---:|\n", g.title, strings.Join(g.columns, " | "), strings.Repeat("---:|", len(g.columns)))
		}
		for i, row := range rows {
			label := c.title + ": " + row.metric
			if i > 0 {
				label = "… " + row.metric
			}
			fmt.Fprintf(&text, "| %s |", label)
			for _, column := range g.columns {
				fmt.Fprintf(&text, " %s |", c.cell(row, column, row.floor(g.columns)))
			}
			fmt.Fprintf(&text, " %s |\n", row.spread(g.columns))
		}
	}
	return text.String()
}

func (c contest) cell(r *row, column, floor string) string {
	values := r.values[column]
	if len(values) == 0 {
		for _, e := range c.entrants {
			if e.name == column {
				return "–"
			}
		}
		return "has none"
	}
	text := r.unit.print(median(values))
	if ratios := r.ratios(column, floor); column != floor && len(ratios) > 0 && text != r.unit.print(0) {
		text += ", " + times(median(ratios))
	}
	return text
}

// spread is that of the ratio of the last column that has figures to the first, or of its values if it is the only one.
func (r *row) spread(columns []string) string {
	floor, last := r.floor(columns), ""
	for _, column := range columns {
		if len(r.values[column]) > 0 {
			last = column
		}
	}
	values := r.ratios(last, floor)
	if last == floor {
		values = r.values[floor]
	}
	if len(values) < 2 || median(values) == 0 {
		return "–"
	}
	return fmt.Sprintf("%.0f%%", spread(values))
}

// behind lists where the last column is behind another that is no floor by more than a tenth, in time or in memory.
func (g group) behind(r *results) []string {
	var list []string
	ours := g.columns[len(g.columns)-1]
	for _, c := range g.contests {
		if c.title == "" {
			continue
		}
		for _, row := range r.of(c.name) {
			if row.unit != nanoseconds && row.metric != "memory" || row.metric == "processor time" && r.find(c.name, "time") != nil {
				continue
			}
			for _, peer := range g.columns[1 : len(g.columns)-1] {
				if ratios := row.ratios(ours, peer); len(ratios) > 0 && median(ratios) > 1.1 {
					list = append(list, fmt.Sprintf("%s: %s: %s %s's", c.title, row.metric, times(median(ratios)), peer))
				}
			}
		}
	}
	return list
}

func times(ratio float64) string {
	switch {
	case ratio < 0.1:
		return fmt.Sprintf("%.3f×", ratio)
	case ratio < 10:
		return digits(ratio) + "×"
	default:
		return fmt.Sprintf("%.0f×", ratio)
	}
}

// print prints three significant digits.
func (u unit) print(v float64) string {
	switch u {
	case nanoseconds:
		return scaled(v, 1000, "ns", "us", "ms", "s")
	case octets:
		return scaled(v, 1000, "B", "kB", "MB", "GB")
	case percent:
		return digits(v) + "%"
	case multiple:
		return times(v)
	case count:
		return digits(v)
	}
	panic("bench: not a unit")
}

// scaled prints a value in the largest unit of which there is one.
func scaled(v, step float64, units ...string) string {
	for len(units) > 1 && math.Abs(v) >= step {
		v, units = v/step, units[1:]
	}
	return digits(v) + " " + units[0]
}

func digits(v float64) string {
	switch size := math.Abs(v); {
	case size < 0.005:
		return "0"
	case size < 10:
		return strings.TrimSuffix(fmt.Sprintf("%.2f", v), ".00")
	case size < 100:
		return strings.TrimSuffix(fmt.Sprintf("%.1f", v), ".0")
	case size < 10_000:
		return fmt.Sprintf("%.0f", v)
	default:
		return scaled(v, 1000, "", "thousand", "million", "billion")
	}
}
