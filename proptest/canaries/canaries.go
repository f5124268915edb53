// Package canaries plants defects in the core, one at a time, to test the tests: an engine that misses a planted defect
// would miss a real one, too.
//
// Each [Canary] is a small change to one or two functions of the core that breaks one rule. Most are defects that
// supervisors have had in the wild. A change names its function and a piece of its body; both are found in the syntax
// tree, so a canary does not care in which file the function is, how it is formatted, or what the rest of the core
// looks like. [Canary.Plant] returns the changed files and [Overlay] writes them for `go build -overlay`; the source
// itself is never touched.
//
// Command hunt, in a folder of this one, sets every engine on every canary; `make canaries` runs it and prints the table
// that is kept in docs/track-record.md.
package canaries

import "fmt"

// Canary is one planted defect.
type Canary struct {
	Name   string // such as "kill-leaves-restart"
	Rule   string // the rule it breaks, in one line
	Lesson string // what it teaches, in one line: the defect in the wild, or why the rule is easy to break
	Edits  []Edit // applied in order, each to the result of those before it
}

// All returns every canary, in the order of the table.
func All() []Canary {
	var all []Canary
	for _, group := range [][]Canary{
		timerCanaries(), identityCanaries(), arithmeticCanaries(), limitCanaries(), rateCanaries(), modeCanaries(),
		groupCanaries(), needCanaries(), watchCanaries(), changeCanaries(), stateCanaries(),
	} {
		all = append(all, group...)
	}
	return all
}

// Plant applies the canary's edits to the source of a core, and returns the text of each file that changes, by path. An
// edit that does not fit is an error that says what there is instead.
func (c Canary) Plant(core *Source) (map[string]string, error) {
	changed := map[string]string{}
	for _, edit := range c.Edits {
		if err := edit.apply(core, changed); err != nil {
			return nil, fmt.Errorf("canary %s: %w", c.Name, err)
		}
	}
	return changed, nil
}
