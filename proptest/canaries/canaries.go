// Package canaries plants defects in the core, one at a time, to test the tests: an engine that lets a planted
// defect live would let a real one live, too.
//
// Each [Canary] is a small edit of the core's source that breaks one rule, most of them defects that supervisors
// have had in the wild. [Canary.Overlay] writes the edited files somewhere else, together with the file that
// `go build -overlay` wants; the source itself is never touched. Command hunt, in a folder of this one, is then built
// with each overlay and runs one engine until it notices; `make canaries` does so for all of them and prints the
// table that is kept in docs/track-record.md.
package canaries

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// Canary is one planted defect.
type Canary struct {
	Name  string // such as "kill-leaves-restart"
	Rule  string // the rule it breaks, in one line
	Edits []Edit
}

// Edit replaces text that stands in a file exactly once.
type Edit struct {
	File string // a file name in the core's folder
	Old  string
	New  string
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

// Overlay writes the edited files of the core in folder core to the folder dir, and returns the path of the overlay file
// there. Both folders are made absolute. It fails if an edit's text does not stand in its file exactly once: then the
// core has changed, and the canary has to follow.
func (c Canary) Overlay(core, dir string) (path string, err error) {
	if core, err = filepath.Abs(core); err != nil {
		return "", err
	}
	if dir, err = filepath.Abs(dir); err != nil {
		return "", err
	}
	overlay := struct{ Replace map[string]string }{map[string]string{}}
	for _, edit := range c.Edits {
		original, edited := filepath.Join(core, edit.File), filepath.Join(dir, edit.File)
		source := original
		if _, again := overlay.Replace[original]; again {
			source = edited
		}
		text, err := os.ReadFile(source)
		if err != nil {
			return "", err
		}
		if n := strings.Count(string(text), edit.Old); n != 1 {
			return "", fmt.Errorf("canary %s: its text stands %d times in %s, not once: %q", c.Name, n, edit.File, edit.Old)
		}
		if err := os.WriteFile(edited, []byte(strings.Replace(string(text), edit.Old, edit.New, 1)), 0o666); err != nil {
			return "", err
		}
		overlay.Replace[original] = edited
	}
	data, err := json.MarshalIndent(overlay, "", "\t")
	if err != nil {
		return "", err
	}
	path = filepath.Join(dir, "overlay.json")
	return path, os.WriteFile(path, data, 0o666)
}
