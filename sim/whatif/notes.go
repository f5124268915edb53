package whatif

import (
	"fmt"
	"slices"
	"strings"
)

// notes says what the outcome of a replay rests on that the recording does not say.
func (h *history) notes() []string {
	var notes []string
	if h.resumes != nil {
		notes = append(notes, fmt.Sprintf("the recording begins with a snapshot, at %v: that state is taken for granted, and other policies count from there",
			h.resumes.Machine.Now()))
	}
	begun, assumed := 0, 0
	for _, g := range h.order {
		begun, assumed = begun+g.begun, assumed+g.assumed
	}
	if assumed > 0 {
		notes = append(notes, fmt.Sprintf(
			"%d of %d runs began where the recording has none, and are assumed to fail like the run before, or to last", assumed, begun))
	}
	if h.needs {
		notes = append(notes, "runs fail when they failed in the recording, even those that did because a task they need was down, which may be up then")
	}
	if len(h.left) > 0 {
		notes = append(notes, "runs that an earlier life left behind are taken to have ended: "+strings.Join(h.left, ", "))
	}
	return notes
}

// notes returns the notes of all outcomes, those that hold for some of them with their cases.
func notes(outcomes []*Outcome) []string {
	var all []string
	for i, o := range outcomes {
		for _, note := range o.Notes {
			if every(outcomes, note) {
				if i == 0 {
					all = append(all, note)
				}
			} else {
				all = append(all, o.Case+": "+note)
			}
		}
	}
	return all
}

func every(outcomes []*Outcome, note string) bool {
	return !slices.ContainsFunc(outcomes, func(o *Outcome) bool { return !slices.Contains(o.Notes, note) })
}
