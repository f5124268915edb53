package reference

import (
	"fmt"
	"slices"
)

// Difference is one thing that a recording shows and this library does differently.
type Difference struct {
	File     string
	At       uint64 // in milliseconds
	Until    uint64 // the last of several samples that differ alike, else At
	What     string
	Expected string // what the recording shows
	Got      string // what this library does
	Rule     string // the name of the rule that explains it; empty: nothing does
}

func (d Difference) String() string {
	at := milliseconds(d.At)
	if d.Until > d.At {
		at = fmt.Sprintf("%d to %d ms", d.At, d.Until)
	}
	explanation := "UNEXPLAINED"
	if d.Rule != "" {
		explanation = "explained by " + d.Rule
	}
	return fmt.Sprintf("%s: %s: %s: expected %s, got %s: %s", d.File, at, d.What, d.Expected, d.Got, explanation)
}

// Differences plays the recording's scenario to the core, in reference cadence, and returns what differs from the
// recording, in the order of time.
//
// A difference is explained by a rule if a model of the crate agrees with the recording, the same model without the
// crate's behaviours that the rules are about agrees with the core, and, when these behaviours are taken away one by
// one, the difference appears with the rule's. If the model does not agree with the whole recording, nothing is
// explained, and its own differences are returned too.
//
// The error is not nil if the scenario could not be played to its end.
func (r *Recording) Differences() ([]Difference, error) {
	here, err := playCore(r.scenario)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", r.File, err)
	}
	recorded := observations(r.trace)
	found := differing(recorded, observations(here))
	if len(found) == 0 {
		return nil, nil
	}
	if here.refusal != "" {
		found = found[:1]
	}
	explain, err := r.explainer(recorded)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", r.File, err)
	}
	var differences []Difference
	for _, pair := range found {
		d := Difference{
			File: r.File, At: pair.at, Until: pair.at, What: pair.what,
			Expected: pair.expected, Got: pair.got, Rule: explain.rule(pair),
		}
		if pair.key == runAsAWhole {
			d.Got += " (" + here.refusal + ")"
		}
		differences = appendMerged(differences, pair, d)
	}
	for _, pair := range explain.errors {
		differences = appendMerged(differences, pair, Difference{
			File: r.File, At: pair.at, Until: pair.at, What: "the model of the crate: " + pair.what,
			Expected: pair.expected, Got: pair.got,
		})
	}
	return differences, nil
}

// pair is an observation of which two traces have different values.
type pair struct {
	observation
	expected, got string
}

// differing returns what differs between two traces, in the order of time.
func differing(expected, got []observation) []pair {
	var pairs []pair
	values := valuesOf(got)
	for _, o := range expected {
		if value := values.of(o.key); value != o.value {
			pairs = append(pairs, pair{o, o.value, value})
		}
	}
	values = valuesOf(expected)
	for _, o := range got {
		if values.of(o.key) == nothing {
			pairs = append(pairs, pair{o, nothing, o.value})
		}
	}
	slices.SortStableFunc(pairs, func(a, b pair) int {
		switch {
		case a.at < b.at:
			return -1
		case a.at > b.at:
			return 1
		}
		return 0
	})
	return pairs
}

type values map[string]string

func valuesOf(observations []observation) values {
	v := make(values, len(observations))
	for _, o := range observations {
		v[o.key] = o.value
	}
	return v
}

func (v values) of(key string) string {
	if value, ok := v[key]; ok {
		return value
	}
	return nothing
}

// appendMerged appends a difference, or makes it part of the latest one of the same task's status if that continues.
func appendMerged(differences []Difference, found pair, d Difference) []Difference {
	if !found.state {
		return append(differences, d)
	}
	for i := len(differences) - 1; i >= 0; i-- {
		before := &differences[i]
		if before.What != d.What {
			continue
		}
		if before.Expected == d.Expected && before.Got == d.Got && before.Rule == d.Rule {
			before.Until = d.At
			return differences
		}
		break
	}
	return append(differences, d)
}
