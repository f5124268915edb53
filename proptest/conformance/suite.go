package conformance

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tasksupervisor/tasksupervisor/core"
	"github.com/tasksupervisor/tasksupervisor/internal/bubble"
)

// Suite is the conformance suite, to be run with other than its defaults.
type Suite struct {
	// Open opens the runtime under test. It is called once for each scenario, in the scenario's bubble, and may start
	// goroutines there.
	Open func(Env) (Runtime, error)

	// Clocks are the clocks to run everything on. Default: BubbleClock alone.
	Clocks []ClockKind

	// Waived are duties the runtime does not take on, and that are not checked. With DutyObservers waived there are
	// no observers, and so on: the methods and fields of [Runtime] and [Task] that belong to a duty are not used. A
	// line on the standard error names each, and a subtest that is skipped says what was not tried for it. Default: none. See
	// [Optional] and [Unsupported] for a runtime that begins.
	Waived []Duty

	// Stress is how many seeded random scenarios there are. Default: 5.
	Stress int

	// Seed is the seed of the first of them. Default: 0.
	Seed uint64

	// Patience is how long, in real time, a scenario may take before the runtime is taken to hang. Then the process ends
	// with the name of the scenario and the stacks of all goroutines. Default: two minutes.
	Patience time.Duration

	// announce, if not nil, is told what is played next.
	announce func(what string)
}

// Run runs the suite with its defaults.
func Run(t *testing.T, open func(Env) (Runtime, error)) {
	t.Helper()
	Suite{Open: open}.Run(t)
}

// Run runs the suite. There is a subtest for each clock, in it one for each duty, waived or not, and one for each
// invariant of the machine, of which it is checked that they hold in the recordings. A subtest fails if its duty was broken in any
// scenario, and also if there was nothing to check.
//
// Each scenario is named on the standard error before it is played. If the runtime ends the process, the last name is that of
// the scenario in which it did.
func (s Suite) Run(t *testing.T) {
	t.Helper()
	if len(s.Clocks) == 0 {
		s.Clocks = []ClockKind{BubbleClock}
	}
	if s.Stress <= 0 {
		s.Stress = 5
	}
	for _, duty := range s.Waived {
		if !slices.Contains(Duties(), duty) {
			t.Errorf("there is no duty %q to be waived", duty)
		}
	}
	s.announce = func(what string) { fmt.Fprintln(os.Stderr, "conformance: "+t.Name()+": "+what) }
	for _, duty := range s.Waived {
		s.announce("NOT CHECKED, because it is waived: " + string(duty))
	}
	for _, kind := range s.Clocks {
		t.Run(kind.String(), func(t *testing.T) { s.report(t, s.examine(t, kind)) })
	}
}

func (s *Suite) waives(duty Duty) bool { return slices.Contains(s.Waived, duty) }

// findings are the result of all scenarios.
type findings struct {
	*results
	invariants invariants
	broken     []string    // scenarios that could not be played
	guilty     []*evidence // in which a duty was broken
}

// examine plays all scenarios.
func (s *Suite) examine(t *testing.T, kind ClockKind) *findings {
	f := newFindings()
	for _, test := range append(testCases(), s.stress()...) {
		if s.tries(test) {
			f.examine(t, s, test, kind)
		}
	}
	return f
}

// tries reports whether the runtime has everything that a scenario needs.
func (s *Suite) tries(test testCase) bool { return !slices.ContainsFunc(test.uses, s.waives) }

// untried returns which scenarios are not played without a duty.
func untried(duty Duty) string {
	var names []string
	for _, test := range testCases() {
		if slices.Contains(test.uses, duty) {
			names = append(names, test.name)
		}
	}
	if len(names) == 0 {
		return "not checked"
	}
	return "not checked, and these scenarios were not played: " + strings.Join(names, "; ")
}

func newFindings() *findings {
	return &findings{results: newResults(), invariants: newInvariants()}
}

// examine plays one scenario and judges what was seen.
func (f *findings) examine(t *testing.T, s *Suite, test testCase, kind ClockKind) {
	seen, err := s.play(t, test, kind, f.results)
	if err != nil {
		f.broken = append(f.broken, test.name+": "+err.Error())
	}
	for _, evidence := range seen {
		before := f.failures(s)
		f.judge(evidence)
		if f.failures(s) > before {
			f.guilty = append(f.guilty, evidence.andInside()...)
		}
	}
}

// play plays one scenario, and returns what was seen of its runtimes. There is nothing if none could be opened.
func (s *Suite) play(t *testing.T, test testCase, kind ClockKind, results *results) (seen []*evidence, err error) {
	what := fmt.Sprintf("scenario %q on the %v clock", test.name, kind)
	if s.announce != nil {
		s.announce(what)
	}
	defer bubble.Watch(what, cmp.Or(s.Patience, bubble.Patience))()
	left := bubble.Try(func() {
		synctest.Test(t, func(*testing.T) {
			defer func() {
				if value := recover(); value != nil {
					err = fmt.Errorf("it panicked: %v\n%s", value, debug.Stack())
				}
			}()
			before := goroutinesNow()
			var h *harness
			if h, err = newHarness(test, kind, s, results); err != nil {
				h.cancel(errScenarioOver)
				return
			}
			seen = append(seen, h.evidence) // also if it comes no further
			test.play(h)
			h.close(before)
			seen = h.all()
		})
	})
	return seen, cmp.Or(err, left)
}

// failures counts what is wrong, but for the duties that are waived.
func (f *findings) failures(s *Suite) (n int) {
	for duty, e := range f.entries {
		if !s.waives(duty) {
			n += e.failed
		}
	}
	for _, entry := range f.invariants.entries {
		n += entry.failed
	}
	return n
}

// keep writes down the recordings of the scenarios in which a duty was broken.
func (f *findings) keep(t *testing.T) {
	t.Helper()
	if len(f.guilty) == 0 {
		return
	}
	dir, err := os.MkdirTemp("", "conformance-") // it stays, for whoever reads the log
	if err != nil {
		t.Error(err)
		return
	}
	for i, e := range f.guilty {
		name := fmt.Sprintf("%02d-%s.scenario", i, strings.ReplaceAll(strings.ReplaceAll(e.scenario, ",", ""), " ", "-"))
		if err := os.WriteFile(filepath.Join(dir, name), e.recording.bytes(), 0o600); err != nil {
			t.Error(err)
		}
	}
	t.Logf("the recordings of %d scenarios are in %s", len(f.guilty), dir)
}

func (s *Suite) report(t *testing.T, f *findings) {
	t.Helper()
	for _, scenario := range f.broken {
		t.Error(scenario)
	}
	f.keep(t)
	for _, duty := range Duties() {
		if s.waives(duty) {
			t.Run("waived, "+string(duty), func(t *testing.T) { t.Skip(untried(duty)) })
			continue
		}
		t.Run(string(duty), f.of(duty).report)
	}
	for _, checker := range f.invariants.suite.Checkers() {
		t.Run(checker.Name(), func(t *testing.T) {
			entry := f.invariants.entries[checker]
			if entry.checked == 0 && entry.failed == 0 && len(s.Waived) > 0 {
				t.Skip("there was nothing to check, because of what is waived")
			}
			entry.report(t)
		})
	}
}

// observer is what Env.Observers holds.
type observer = func(task string, a core.Action)
