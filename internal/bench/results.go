package main

import "slices"

// results are the figures of all measurements, round by round.
type results struct {
	rounds int // how many were held
	rows   []*row
}

// row is one figure of one contest, of all its entrants.
type row struct {
	contest string
	metric  string
	unit    unit
	values  map[string][]float64 // by entrant, one a round
}

func (r *results) note(contest, entrant string, metrics []metric) {
	for _, m := range metrics {
		found := r.find(contest, m.Name)
		if found == nil {
			found = &row{contest: contest, metric: m.Name, unit: m.Unit, values: make(map[string][]float64)}
			r.rows = append(r.rows, found)
		}
		found.values[entrant] = append(found.values[entrant], m.Value)
	}
}

// of returns the rows of a contest.
func (r *results) of(contest string) []*row {
	var rows []*row
	for _, row := range r.rows {
		if row.contest == contest {
			rows = append(rows, row)
		}
	}
	return rows
}

func (r *results) find(contest, metric string) *row {
	for _, row := range r.of(contest) {
		if row.metric == metric {
			return row
		}
	}
	return nil
}

// floor returns the first of the columns that has figures.
func (r *row) floor(columns []string) string {
	for _, column := range columns {
		if len(r.values[column]) > 0 {
			return column
		}
	}
	return ""
}

// ratios returns how many times an entrant's figures are another's, in each round in which both have one that is not 0.
func (r *row) ratios(entrant, other string) []float64 {
	var ratios []float64
	own, others := r.values[entrant], r.values[other]
	for i := range min(len(own), len(others)) {
		if own[i] != 0 && others[i] != 0 {
			ratios = append(ratios, own[i]/others[i])
		}
	}
	return ratios
}

func median(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	mid := len(sorted) / 2
	if len(sorted)%2 == 0 {
		return (sorted[mid-1] + sorted[mid]) / 2
	}
	return sorted[mid]
}

// spread is how far apart the lowest and the highest value are, in percent of the median.
func spread(values []float64) float64 {
	return 100 * (slices.Max(values) - slices.Min(values)) / median(values)
}
