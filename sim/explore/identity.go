package explore

import (
	"cmp"
	"slices"

	"github.com/tasksupervisor/tasksupervisor/core"
	"github.com/tasksupervisor/tasksupervisor/sim/spec"
)

// identifier tells states apart by all that their future depends on, and by nothing else.
//
// What is left out, and why it can be:
//
//   - absolute times: the machine only looks at differences (contract clause D5), so times are taken from now
//   - run numbers and ids: they are compared for being equal, and never decide anything but that
//   - the attempts of a task that is Completed, Dead, or on its way to be removed or killed: its next run comes by an
//     operator command, which clears them; all attempts unless the supervisor runs; and attempts beyond those that matter
//   - since when a task has its status, but for a run that has attempts to clear and is not stable yet
//   - why a task has its status, unless it is dead, how its latest run ended, who was the culprit: they are told, now or later, and never
//     asked; but for a failed task that waits for others to stop, whose delay depends on how its run ended
//   - what restart intensity and restart rate have counted so long ago that no limits look at it any more
//   - the due health check: where it is follows from the grid and from the tasks
//   - that a run is stopped because it hangs, where it has the same time to stop as any other
//   - the order of the tasks, where that changes nothing but the order of actions
type identifier struct {
	symmetric bool
	needs     bool          // tasks can come to need others
	suspends  bool          // a task that is being killed can be suspended instead, which keeps its attempts
	stability core.Duration // if policies can change, or runs be too quick: after that time a run is stable by all that let it be
	uptime    core.Duration // after that time no run is too quick by any of them that lets it not be
	attempts  []uint32      // by policy: how many of them matter
	hangs     []bool        // by policy: it matters that a run is stopped because it hangs
	limits    []core.Limits // by id
	interval  core.Duration
	crashSpan core.Duration // how long the intensity looks back at most
	rateSpan  core.Duration
}

func newIdentifier(model *Model, cfg *core.Config, limits []core.Limits) *identifier {
	id := &identifier{symmetric: model.symmetric(), needs: model.needs(), limits: limits, interval: cfg.HealthCheckInterval}
	for i := range cfg.Policies {
		p := &cfg.Policies[i]
		id.attempts = append(id.attempts, attemptsThatMatter(p, cfg, model.Losses))
		id.hangs = append(id.hangs, spec.StopLimit(p, true) != spec.StopLimit(p, false))
		if p.MinUptime != core.Forever && p.Restart == core.RestartAlways {
			id.uptime = max(id.uptime, p.MinUptime)
		}
	}
	id.suspends = model.tries(core.EventSuspend)
	if model.tries(core.EventPolicy) {
		most := slices.Max(id.attempts)
		for i := range id.attempts {
			id.attempts[i] = most
			id.hangs[i] = slices.Contains(id.hangs, true)
		}
	}
	for i := range cfg.Policies {
		if p := &cfg.Policies[i]; p.StableAfter != core.Forever && (id.uptime > 0 || model.tries(core.EventPolicy)) {
			id.stability = max(id.stability, p.StableAfter+2*id.interval+1, id.uptime)
		}
	}
	for i := range limits {
		id.crashSpan = max(id.crashSpan, limits[i].Intensity.Per)
		id.rateSpan = max(id.rateSpan, limits[i].RestartRate.Per)
	}
	return id
}

// view is a machine seen from outside: what it says of its tasks, and the keys that identify its state.
type view struct {
	now            core.Instant
	phase          core.Phase
	supervisor     core.SupervisorStatus
	crashes        window // what the restart intensity counts
	restarts       window // what the restart rate counts
	past           history
	tasks          [TasksMax]core.TaskStatus
	count          int // tasks
	keys           [supervisorKeysMax + TasksMax]key
	supervisorKeys int // how many of the keys are about the supervisor; those of the tasks follow
}

// key is a part of what identifies a state. There is one for each task, and some for the supervisor.
type key [2]uint64

// supervisorKeysMax is how many there are at most for the supervisor: one for itself and the needs of its tasks, and one for each instant in
// its windows.
const supervisorKeysMax = 1 + CountMax

// look fills the view from the machine.
func (id *identifier) look(v *view, m *core.Machine, past history) {
	v.now, v.phase, v.past, v.count = m.Now(), m.Phase(), past, 0
	v.supervisor = m.Supervisor()
	v.crashes.read(m.Crashes())
	v.restarts.read(m.Restarts())
	for task := range m.Tasks() {
		v.tasks[v.count] = task
		v.count++
	}
	v.supervisorKeys = 1
	if id.crashSpan+id.rateSpan > 0 && v.phase <= core.PhaseRunning {
		v.supervisorKeys += id.windowKeys(v)
	}
	v.keys[0] = key{id.supervisorBits(m, v), id.needsBits(m, v)}
	for i := range v.tasks[:v.count] {
		v.keys[v.supervisorKeys+i] = id.taskKey(v, &v.tasks[i])
	}
}

// identity returns the fingerprint of the state. It may leave the keys in another order.
func (id *identifier) identity(v *view) fingerprint {
	if id.symmetric && v.count > 1 {
		slices.SortFunc(v.keys[v.supervisorKeys:v.supervisorKeys+v.count], func(a, b key) int {
			return cmp.Or(cmp.Compare(a[0], b[0]), cmp.Compare(a[1], b[1]))
		})
	}
	return hash(v.keys[:v.supervisorKeys+v.count])
}

// identical reports whether two views have the same identity, the tasks in the same order.
func (v *view) identical(other *view) bool {
	return slices.Equal(v.keys[:v.supervisorKeys+v.count], other.keys[:other.supervisorKeys+other.count])
}

// index returns which task has that id.
func (v *view) index(id core.TaskID) int {
	return slices.IndexFunc(v.tasks[:v.count], func(t core.TaskStatus) bool { return t.Task == id })
}

// supervisorBits packs the phase, the limits in force, the reason to halt, the time that counts in that phase, and how many
// keys there are for the supervisor.
func (id *identifier) supervisorBits(m *core.Machine, v *view) uint64 {
	var limits, reason, left uint64
	switch v.phase {
	case core.PhaseCreated:
		limits = id.limitsInForce(v)
	case core.PhaseRunning:
		limits = id.limitsInForce(v)
		if id.interval > 0 {
			left = uint64(v.now-v.supervisor.Started) % uint64(id.interval)
		}
	case core.PhaseHalting:
		reason = uint64(m.HaltReason())
		left = timeUntil(v, v.supervisor.ShutdownUntil)
	case core.PhaseHalted:
	}
	var p packed
	p.put(uint64(v.phase), phaseBits)
	p.put(reason, reasonBits)
	p.put(left, timeBits)
	p.put(limits, limitsBits)
	p.put(uint64(v.supervisorKeys), 3)
	return p.word
}

// limitsInForce returns which limits are in force.
func (id *identifier) limitsInForce(v *view) uint64 {
	if len(id.limits) == 1 {
		return 0
	}
	return uint64(slices.Index(id.limits, v.supervisor.Limits))
}

// needsBits packs two bits for each pair of tasks: whether the later one needs the earlier one, and is bound to it.
func (id *identifier) needsBits(m *core.Machine, v *view) (word uint64) {
	if !id.needs {
		return 0
	}
	for i := range v.tasks[:v.count] {
		for other, bound := range m.Needs(v.tasks[i].Task) {
			edge := uint64(1)
			if bound {
				edge = 3
			}
			word |= edge << (i*(i-1) + 2*v.index(other))
		}
	}
	return word
}

// windowKeys fills in the instants that restart intensity and restart rate can still look at, and returns how many keys that
// takes.
func (id *identifier) windowKeys(v *view) (count int) {
	clear(v.keys[1:supervisorKeysMax])
	fill := func(column int, w *window, span core.Duration) {
		n := 0
		for _, at := range w.list() {
			if left := at - v.now + core.Instant(span); left > 0 {
				n++
				v.keys[n][column] = uint64(left)
			}
		}
		count = max(count, n)
	}
	fill(0, &v.crashes, id.crashSpan)
	fill(1, &v.restarts, id.rateSpan)
	return count
}

// taskKey packs what matters of a task. Times and places are 0 for none.
func (id *identifier) taskKey(v *view, t *core.TaskStatus) key {
	var place uint64
	if t.Wait == core.WaitRestartRate {
		place = uint64(v.past.place(t.Task))
	}
	var first, second packed
	first.put(uint64(t.Status), statusBits)
	first.put(uint64(t.Intent), intentBits)
	first.put(uint64(t.Policy), policyBits)
	attempts := id.attemptsOf(v, t)
	first.put(uint64(attempts), attemptsBits)
	first.put(timeUntil(v, t.Until), timeBits)
	second.put(id.stabilityOf(v, t, attempts)+uint64(t.Delay), timeBits) // it is healthy, or its delay has not begun
	second.put(uint64(t.Misses), 8)
	second.put(place, placeBits)
	second.flags(
		t.Live,
		t.Fenced != 0,
		t.Suspended,
		t.Status == core.StatusDead && t.Killed(), // which is over once the supervisor stops
		t.Probing || t.Wait == core.WaitOthersStopped && t.Why == core.ReasonRepeat,
		t.Hung && id.hangs[t.Policy],
		t.Unready,
		t.Held,
	)
	return key{first.word, second.word}
}

// timeUntil returns how long it takes until an instant, or 0 for Never.
func timeUntil(v *view, at core.Instant) uint64 {
	if at == core.Never {
		return 0
	}
	return uint64(at - v.now)
}

// attemptsOf returns the attempts as far as they matter.
func (id *identifier) attemptsOf(v *view, t *core.TaskStatus) uint32 {
	ended := t.Status == core.StatusCompleted || t.Status == core.StatusDead
	if v.phase != core.PhaseRunning || ended || id.lost(t) {
		return 0
	}
	matter := id.attempts[t.Policy]
	if t.Wait == core.WaitOthersStopped && t.Why != core.ReasonRepeat {
		matter++ // the delay of the present failure is still to be decided, and not only that of the next
	}
	return min(t.Attempts, matter)
}

// lost reports whether the attempts of a task come to nothing, because it will be forgotten, or dead until a restart clears
// them.
func (id *identifier) lost(t *core.TaskStatus) bool {
	return t.Intent == core.IntentRemove || t.Intent == core.IntentKill && !id.suspends
}

// stabilityOf returns how long it takes until the run is stable and its attempts, of which so many matter, are forgotten; if
// policies can change, or runs be too quick, how long it has been healthy, which tells all of that. 0 where it makes no difference.
func (id *identifier) stabilityOf(v *view, t *core.TaskStatus, attempts uint32) uint64 {
	switch {
	case t.Status != core.StatusHealthy:
		return 0
	case attempts == 0 && id.uptime > 0 && v.phase == core.PhaseRunning:
		return 1 + uint64(min(v.now-t.Since, core.Instant(id.uptime)))
	case attempts == 0:
		return 0
	case id.stability > 0:
		return 1 + uint64(min(v.now-t.Since, core.Instant(id.stability)))
	case t.ClearsAt == core.Never:
		return 0
	}
	return uint64(t.ClearsAt - v.now)
}

// enoughAt returns the instant from which on the run of the task is not too quick, or Never.
func (id *identifier) enoughAt(v *view, t *core.TaskStatus) core.Instant {
	if t.Status != core.StatusHealthy || id.uptime == 0 || v.phase != core.PhaseRunning || t.Since+core.Instant(id.uptime) <= v.now {
		return core.Never
	}
	return t.Since + core.Instant(id.uptime)
}

// clearsAt returns the instant from which on the attempts of the task are forgotten, or Never where that changes
// nothing.
func (id *identifier) clearsAt(v *view, t *core.TaskStatus) core.Instant {
	if id.attemptsOf(v, t) == 0 {
		return core.Never
	}
	return t.ClearsAt
}
