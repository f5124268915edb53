package explore

import (
	"slices"

	"github.com/tasksupervisor/tasksupervisor/core"
)

// identifier tells states apart by all that their future depends on, and by nothing else.
//
// What is left out, and why it can be:
//
//   - absolute times: the machine only looks at differences (contract clause D5), so times are taken from now
//   - run numbers and ids: they are compared for being equal, and never decide anything but that
//   - the attempts of a task that is not Healthy or Failed: its next run comes by an operator's word, which clears
//     them; all attempts unless the supervisor runs; and attempts beyond those that matter
//   - since when a task has its status, but for a run that has attempts to clear and is not stable yet
//   - why a task has its status, how its latest run ended, who was the culprit: they are told and never asked
//   - the due health check: where it is follows from the grid and from the tasks
//   - the order of the tasks, where that changes nothing but the order of actions
type identifier struct {
	symmetric bool
	attempts  []uint32 // by policy: how many of them matter
	interval  core.Duration
	shutdown  core.Duration
}

func newIdentifier(cfg core.Config, symmetric bool) *identifier {
	id := &identifier{symmetric: symmetric, interval: cfg.HealthCheckInterval, shutdown: cfg.ShutdownTimeout}
	for i := range cfg.Policies {
		id.attempts = append(id.attempts, attemptsThatMatter(&cfg.Policies[i], &cfg))
	}
	return id
}

// epoch holds the instants in a machine's past that its future depends on, and that it does not tell.
type epoch struct {
	started core.Instant // when the supervisor started: where the grid of health checks begins
	halting core.Instant // when it began to halt: from where on the shutdown timeout counts
}

// view is a machine seen from outside: what it tells of its tasks, and the words that identify its state.
type view struct {
	now   core.Instant
	phase core.Phase
	tasks [TasksMax]core.TaskStatus
	words [1 + TasksMax]uint64 // of the supervisor, then of each task
	count int                  // tasks
}

// look fills the view from the machine.
func (id *identifier) look(v *view, m *core.Machine, e epoch) {
	v.now, v.phase, v.count = m.Now(), m.Phase(), 0
	v.words[0] = id.supervisorWord(m, v.now, e)
	for task := range m.Tasks() {
		v.tasks[v.count] = task
		v.count++
		v.words[v.count] = id.taskWord(v, &v.tasks[v.count-1])
	}
}

// identity returns the fingerprint of the state. It may leave the words in another order.
func (id *identifier) identity(v *view) fingerprint {
	if id.symmetric && v.count > 1 {
		slices.Sort(v.words[1 : 1+v.count])
	}
	return hash(v.words[:1+v.count])
}

// identical tells whether two views have the same identity, the tasks in the same order.
func (v *view) identical(other *view) bool {
	return slices.Equal(v.words[:1+v.count], other.words[:1+other.count])
}

// same tells whether two views show the same tasks, in every detail that can be seen.
func (v *view) same(other *view) bool {
	return slices.Equal(v.tasks[:v.count], other.tasks[:other.count])
}

// supervisorWord packs phase (2 bits), reason (6) and the time that counts in that phase.
func (id *identifier) supervisorWord(m *core.Machine, now core.Instant, e epoch) uint64 {
	word := uint64(m.Phase())
	switch m.Phase() {
	case core.PhaseRunning:
		if id.interval > 0 {
			word |= uint64(now-e.started) % uint64(id.interval) << 8
		}
	case core.PhaseHalting:
		word |= uint64(m.HaltReason()) << 2
		if id.shutdown > 0 && id.shutdown != core.Forever {
			word |= uint64(e.halting+core.Instant(id.shutdown)-now) << 8
		}
	case core.PhaseCreated, core.PhaseHalted:
	}
	return word
}

// taskWord packs status (4 bits), intent (3), live (1), fenced (1), policy (4), attempts (8) and the time until its
// timer or its stability (43), 0 for neither.
func (id *identifier) taskWord(v *view, t *core.TaskStatus) uint64 {
	word := uint64(t.Status) | uint64(t.Intent)<<4 | uint64(t.Policy)<<9
	if t.Live {
		word |= 1 << 7
	}
	if t.Fenced != 0 {
		word |= 1 << 8
	}
	if attempts := id.attemptsOf(v, t); attempts > 0 {
		word |= uint64(attempts) << 13
		if t.ClearsAt != core.Never {
			word |= uint64(t.ClearsAt-v.now) << 21
		}
	}
	if t.Until != core.Never {
		word |= uint64(t.Until-v.now) << 21
	}
	return word
}

// attemptsOf returns the attempts as far as they matter.
func (id *identifier) attemptsOf(v *view, t *core.TaskStatus) uint32 {
	waits := t.Status == core.StatusFailed || t.Status == core.StatusStarting || t.Status == core.StatusHealthy
	if v.phase != core.PhaseRunning || !waits {
		return 0
	}
	return min(t.Attempts, id.attempts[t.Policy])
}

// clearsAt returns the instant from which on the attempts of the task are forgotten, or Never where that changes
// nothing.
func (id *identifier) clearsAt(v *view, t *core.TaskStatus) core.Instant {
	if id.attemptsOf(v, t) == 0 {
		return core.Never
	}
	return t.ClearsAt
}
