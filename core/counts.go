package core

// total returns the number of tasks.
func (m *Machine) total() int {
	return len(m.tasks) - len(m.free)
}

// countEnded keeps count of the significant tasks that have ended.
func (m *Machine) countEnded(t *task) {
	switch {
	case !m.policyOf(t).Significant:
	case t.ended():
		m.significantEnded++
	default:
		m.significantEnded--
	}
}

// minusOne takes a task out of a count.
const minusOne = ^uint32(0)

// countSignificant counts a task in or out that its policy may say is significant.
func (m *Machine) countSignificant(t *task, by uint32) {
	if m.policyOf(t).Significant {
		m.significant += by
		if t.ended() {
			m.significantEnded += by
		}
	}
}

// countRestored counts a task that was read wherever it counts.
func (m *Machine) countRestored(t *task) {
	m.counts[t.status]++
	m.countSignificant(t, 1)
	m.leftBehind += m.runsLeftBehind(t)
	if t.is(flagDelayPending) {
		m.delaysPending++
	}
	if t.terminating() && !m.independent {
		m.terminating++
	}
}

// runsLeftBehind returns how many of the task's runs are alive and not those that it is to have: abandoned ones, and those
// that an earlier life of its supervisor left behind.
func (m *Machine) runsLeftBehind(t *task) (n uint32) {
	if m.fencedRun(t) != 0 {
		n++
	}
	if t.is(flagLive) && (t.status == StatusAbandoned || !t.attended()) {
		n++
	}
	return n
}
