package sim

import "github.com/tasksupervisor/tasksupervisor/sim/checkers"

// Checkers names the checkers of the invariants, in the order of [Coverage.Checked].
func Checkers() []string {
	var names []string
	for _, c := range newSuite().Checkers() {
		names = append(names, c.Name())
	}
	return names
}

// newSuite returns all checkers there are.
func newSuite() *checkers.Suite {
	return checkers.NewSuite(append(checkers.All(), checkers.Audits(1)...)...)
}

// suites keeps suites of checkers to be used again, and how often they had something to check.
type suites struct {
	all  []*checkers.Suite
	free []*checkers.Suite
}

// checked counts how often each checker had something to check.
type checked [32]uint64

// take returns a suite for a supervisor of so many tasks.
func (s *suites) take(tasks int) *checkers.Suite {
	var suite *checkers.Suite
	if last := len(s.free) - 1; last >= 0 {
		suite = s.free[last]
		s.free = s.free[:last]
	} else {
		suite = newSuite()
		s.all = append(s.all, suite)
	}
	// A look at every task takes long, but comes to little every so many steps.
	every := 8 + 2*tasks
	for _, checker := range suite.Checkers() {
		switch c := checker.(type) {
		case *checkers.Recount:
			c.Every = every
		case *checkers.Rejections:
			c.Every = every
		}
	}
	return suite
}

func (s *suites) give(suite *checkers.Suite) { s.free = append(s.free, suite) }

// count adds up how often the checkers had something to check.
func (s *suites) count() (total checked) {
	for _, suite := range s.all {
		for i, checker := range suite.Checkers() {
			total[i] += uint64(checker.Checked())
		}
	}
	return total
}
