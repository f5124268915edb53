// Package canaries plants defects in the core and in the goroutine runtime, one at a time, to test the tests: an engine
// that misses a planted defect would miss a real one, too.
//
// Each [Canary] is a small change to one or two functions that breaks one rule. Most are defects that supervisors have had
// in the wild. A change names its function and a piece of its body; both are found in the syntax tree, so a canary does not
// care in which file the function is, how it is formatted, or what the rest of the source looks like. [Canary.Plant] returns
// the changed files and [Overlay] writes them for `go build -overlay`; the source itself is never touched.
//
// A [Target] is what can be planted in, with its canaries. Command hunt, in a folder of this one, sets every engine of a
// target on each of them; `make canaries` runs it and prints the tables that are kept in docs/track-record.md.
package canaries

import (
	"fmt"
	"slices"
)

// Canary is one planted defect.
type Canary struct {
	Name   string // such as "kill-leaves-restart"
	Rule   string // the rule it breaks, in one line
	Lesson string // what it teaches, in one line: the defect in the wild, or why the rule is easy to break
	Edits  []Edit // applied in order, each to the result of those before it

	// Duty says that it breaks a duty of a driver, which the conformance suite must notice: in the runtime only.
	Duty bool
}

// Target is what canaries are planted in.
type Target struct {
	Name     string   // "core" or "runtime"
	Folders  []string // its packages and those below them, from the module's root folder
	Canaries []Canary // in the order of the table
}

// Targets returns all targets.
func Targets() []Target { return []Target{Core(), Runtime()} }

// Core is the state machine.
func Core() Target {
	return Target{"core", []string{"core"}, slices.Concat(
		timerCanaries(), identityCanaries(), arithmeticCanaries(), limitCanaries(), rateCanaries(), modeCanaries(),
		groupCanaries(), needCanaries(), watchCanaries(), changeCanaries(), stateCanaries(), lossCanaries(), holdCanaries(),
	)}
}

// Runtime is the driver for goroutines, with the clocks it goes by.
func Runtime() Target {
	return Target{"runtime", []string{"adapters/supervisor", "clock"}, slices.Concat(
		clockCanaries(), endCanaries(), probeCanaries(), commandCanaries(), sessionCanaries(), treeCanaries(),
		waitCanaries(), deedCanaries(), serviceCanaries(), observerCanaries(), recordingCanaries(), gateCanaries(),
	)}
}

// Plant applies the canary's edits to the source of its target, and returns the text of each file that changes, by path. An
// edit that does not fit is an error that says what there is instead.
func (c Canary) Plant(source *Source) (map[string]string, error) {
	changed := map[string]string{}
	for _, edit := range c.Edits {
		if err := edit.apply(source, changed); err != nil {
			return nil, fmt.Errorf("canary %s: %w", c.Name, err)
		}
	}
	return changed, nil
}
