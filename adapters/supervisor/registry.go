package supervisor

import (
	"cmp"
	"slices"

	"github.com/tasksupervisor/tasksupervisor/core"
)

// registry knows the tasks of a supervisor.
//
// A member is in byName, and in slots at the slot of its id, from its addition to its removal. After that it has no id,
// and is an orphan for as long as anything of it is alive: a supervisor nested in it, or a late probe. Every run and
// every nested supervisor belongs to exactly one member or orphan, and what removed orphans ran is counted in removed; so
// nothing that was ever started is lost from the account.
type registry struct {
	slots   []*member // by the slot of the task's id
	byName  map[string]*member
	orphans []*member
	removed RunCounts // of the members that are not even orphans any more, and of what ran in them
	alive   int       // runs that have not ended, of all members

	failedStop *FailedStop // the latest of the removed members; nil if there was none
}

// member is a task of the supervisor. Its fields are guarded by the supervisor's mu, but for name and task, which do
// not change.
//
// A program may have a hundred thousand of them that do nothing but wait. So a member is small: what few tasks have is beside it.
type member struct {
	// What nearly every decision about the task looks at is together.
	id        core.TaskID // 0 once it is removed
	current   *run        // its live run
	changed   signal      // at every change of the task
	lastErr   error       // of the latest run that ended in its turn
	*rarities             // written through rare alone
	*beside               // shared by tasks with the same
	policy    core.PolicyID

	name      string
	task      Task
	tally     *tally  // written through tallied alone; nil: what it would say follows from the rest
	started   uint64  // its runs, in all
	ended     uint64  // of these
	downSince Instant // if it is down

	lastExit     ExitKind // of the same run as lastErr
	failed       bool     // that run ended with more than its context's own error
	isDown       bool     // it does not run though it should, see Totals
	repeats      bool     // it waits for its restart after a good end
	isSupervisor bool     // it is a supervisor, or makes one for each run; of a Cloner that is known once it has run
	chosen       chosen
	said         said // what becomes of it in the next session
}

// rarities are what few tasks ever have.
type rarities struct {
	needs      []need
	bequeathed *core.Policy // its policy until the next machine is made, from a supervisor that this one takes the place of

	left      []*run      // older runs that are alive: abandoned, then replaced, or by an earlier session
	inherits  []legacy    // runs of the task that this one has the place of, and that are alive
	late      []*probe    // that have not returned
	keeper    *keeper     // of its gate; nil if it has none
	questions []*question // to gates of it that are not awaited and have not returned

	failedStop *FailedStop // the latest; nil if there was none
	innerStop  *FailedStop // the latest in nested supervisors that have been dropped

	clone  *Supervisor // the supervisor that it is, or that was made for its latest run; nil before
	nested []*place    // of supervisors that ran in its runs, and of which something may be alive, the latest last

	runs RunCounts // of nested supervisors that have been dropped, and of its own those that were abandoned or failed to stop
}

// none are the rarities of all tasks that have none. They are never written.
var none = new(rarities)

// rare returns the task's rarities for writing.
func (m *member) rare() *rarities {
	if m.rarities == none {
		m.rarities = new(rarities)
	}
	return m.rarities
}

// hasPolicy records which policy of the machine the task has.
func (m *member) hasPolicy(id core.PolicyID) {
	m.policy = id
	if m.bequeathed != nil {
		m.rare().bequeathed = nil
	}
}

// enter makes a task known under its id and name.
func (r *registry) enter(m *member, id core.TaskID) {
	for id.Slot() >= len(r.slots) {
		r.slots = append(r.slots, nil)
	}
	if m.id == 0 { // else it is a task of an earlier session, which has its name
		r.byName[m.name] = m
	}
	m.id = id
	r.slots[id.Slot()] = m
}

// forget makes an orphan of a task, and drops it at once if nothing of it is alive.
func (r *registry) forget(m *member) {
	r.slots[m.id.Slot()] = nil
	m.id = 0
	r.orphan(m)
}

// orphan is forget for a task that has no id any more.
func (r *registry) orphan(m *member) {
	delete(r.byName, m.name)
	m.disown()
	r.orphans = append(r.orphans, m)
	r.dropOrphans()
}

// dropOrphans drops the orphans of which nothing is alive.
func (r *registry) dropOrphans() {
	r.orphans = slices.DeleteFunc(r.orphans, func(m *member) bool {
		m.dropNested()
		if len(m.nested) > 0 || len(m.late) > 0 || len(m.questions) > 0 {
			return false
		}
		r.removed.add(m.counts())
		for _, failed := range m.appendFailedStops(nil) {
			r.failedStop = &failed
		}
		return true
	})
}

// of returns the task with an id; nil if it was removed.
func (r *registry) of(id core.TaskID) *member { return r.slots[id.Slot()] }

// tasks returns the tasks in the order in which they were added, which a machine knows. Without one, because it has
// failed, they are in the order of their ids.
func (r *registry) tasks(machine *core.Machine) []*member { return r.appendTasks(nil, machine) }

// all returns the orphans, and then the tasks.
func (r *registry) all(machine *core.Machine) []*member {
	return r.appendTasks(slices.Clone(r.orphans), machine)
}

func (r *registry) appendTasks(dst []*member, machine *core.Machine) []*member {
	dst = slices.Grow(dst, len(r.byName))
	if machine == nil {
		first := len(dst)
		for _, m := range r.byName {
			dst = append(dst, m)
		}
		slices.SortFunc(dst[first:], func(a, b *member) int { return cmp.Compare(a.id, b.id) })
		return dst
	}
	for status := range machine.Tasks() {
		if m := r.of(status.Task); m != nil {
			dst = append(dst, m)
		}
	}
	return dst
}

// count returns how many runs there were, of the tasks themselves. Nested supervisors are returned for the caller to add.
func (r *registry) count() (counts RunCounts, nested []*place) {
	counts = r.removed
	add := func(m *member) {
		counts.add(m.counts())
		nested = append(nested, m.nested...)
	}
	for _, m := range r.byName {
		add(m)
	}
	for _, m := range r.orphans {
		add(m)
	}
	return counts, nested
}

// counts returns the counts of its own runs, and of those of nested supervisors that have been dropped.
func (m *member) counts() RunCounts {
	counts := m.runs
	counts.Started += m.started
	counts.Ended += m.ended
	return counts
}

// alive returns the task's runs that have not ended, the oldest first.
func (m *member) alive() []*run {
	if m.current == nil {
		return m.left
	}
	return append(m.left[:len(m.left):len(m.left)], m.current)
}

// beginAnew makes a task ready for another session.
func (m *member) beginAnew(later Instant) {
	if m.tally != nil || m.lastExit != ExitNone {
		m.tallied().trouble = nil
	}
	m.lastErr, m.lastExit, m.repeats = nil, ExitNone, false
	m.outlive(later)
}

// outlive leaves the task's run to itself, because its session is over. The instants of the next are so much later.
func (m *member) outlive(later Instant) {
	if alive := m.alive(); len(alive) > 0 {
		m.rare().left, m.current = alive, nil
	}
	for _, r := range m.left {
		r.abandoned = true // of those that a fault has left behind it is not recorded yet
		r.abandonedAt += later
		r.started += later
		r.asked += later
	}
	for i := range m.inherits {
		m.inherits[i].at += later
	}
}
