package sim

import "github.com/tasksupervisor/tasksupervisor/sim/checkers"

// Checkers names the checkers of the invariants, in the order of [Coverage.Checked].
func Checkers() []string {
	var names []string
	for _, c := range newSuite(1).Checkers() {
		names = append(names, c.Name())
	}
	return names
}

// Rarities names what seldom happens among what the checkers check, in the order of [Coverage.Rare].
func Rarities() []string {
	var names []string
	for what := range newSuite(1).Rare() {
		names = append(names, what)
	}
	return names
}

// newSuite returns all checkers. Those that look at every task do so at every n-th step.
func newSuite(n int) *checkers.Suite {
	return checkers.NewSuite(append(checkers.All(), checkers.Audits(n)...)...)
}

// suites keeps suites of checkers for reuse, and counts how often they had something to check.
type suites struct {
	all  []*checkers.Suite
	free []*checkers.Suite
}

// checked counts how often each checker had something to check.
type checked [32]uint64

// rare counts how often what seldom happens did.
type rare [8]uint64

// take returns a suite for a supervisor of so many tasks.
func (s *suites) take(tasks int) *checkers.Suite {
	if last := len(s.free) - 1; last >= 0 {
		suite := s.free[last]
		s.free = s.free[:last]
		return suite
	}
	// Looking at every task costs more the more tasks there are, so it is done less often then.
	suite := newSuite(8 + tasks + tasks*tasks/64)
	s.all = append(s.all, suite)
	return suite
}

func (s *suites) give(suite *checkers.Suite) { s.free = append(s.free, suite) }

// count adds up how often the checkers had something to check, and how often what seldom happens did.
func (s *suites) count() (total checked, seldom rare) {
	for _, suite := range s.all {
		for i, checker := range suite.Checkers() {
			total[i] += uint64(checker.Checked())
		}
		i := 0
		for _, times := range suite.Rare() {
			seldom[i] += uint64(times)
			i++
		}
	}
	return total, seldom
}
