package conformance

import (
	"fmt"
	"strings"
	"testing"

	"github.com/tasksupervisor/tasksupervisor/core"
)

// results keeps what was found of each duty, over all scenarios. It is for one goroutine.
type results struct {
	entries map[Duty]*entry
}

// entry is what was found of one duty, or of one invariant.
type entry struct {
	checked int
	failed  int
	shown   []string // some of the failures
}

// show limits how many failures of one duty are shown.
const show = 5

func newResults() *results { return &results{make(map[Duty]*entry)} }

func (l *results) of(duty Duty) *entry {
	if l.entries[duty] == nil {
		l.entries[duty] = new(entry)
	}
	return l.entries[duty]
}

func (l *results) check(duty Duty, kept bool, scenario string, at core.Instant, format string, args ...any) {
	e := l.of(duty)
	e.checked++
	if !kept {
		e.fail(fmt.Sprintf("%s, %v: %s", scenario, at, fmt.Sprintf(format, args...)))
	}
}

func (e *entry) fail(failure string) {
	e.failed++
	if len(e.shown) < show {
		e.shown = append(e.shown, failure)
	}
}

// kept reports whether the duty was checked and never found broken.
func (e *entry) kept() bool { return e.checked > 0 && e.failed == 0 }

// String says what is wrong; it is empty if nothing is.
func (e *entry) String() string {
	var text strings.Builder
	if e.checked == 0 {
		text.WriteString("there was nothing to check\n")
	}
	for _, failure := range e.shown {
		text.WriteString(failure + "\n")
	}
	if more := e.failed - len(e.shown); more > 0 {
		fmt.Fprintf(&text, "and %d more\n", more)
	}
	return text.String()
}

func (e *entry) report(t *testing.T) {
	t.Helper()
	if !e.kept() {
		t.Error(e.String())
		return
	}
	t.Logf("checked %d times", e.checked)
}
