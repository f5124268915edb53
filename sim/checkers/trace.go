package checkers

import (
	"maps"
	"math/bits"
	"slices"

	"github.com/tasksupervisor/tasksupervisor/core"
	"github.com/tasksupervisor/tasksupervisor/sim/spec"
)

// Trace is a supervisor as the events and actions tell of it: what a driver that believes them knows. The machine is asked
// once, at the beginning.
type Trace struct {
	// Supervisor is its configuration, with the limits in force, its phase, its tasks and what they need. Of each status the
	// fields Task, Status, Why, Intent, LastExit, Policy, Run, Live, Fenced, Attempts, Suspended, Held, Unready, Since and Until are as the
	// actions tell; Wait is that of a Failed task.
	spec.Supervisor

	Now     core.Instant // the latest instant there was
	Started core.Instant // when the supervisor started, or Never

	counts   [kindsCount]int // how many tasks there are of each kind
	statuses [1 << 8]int     // and in each status
	places   []int           // by slot: where the task is in Tasks
	gone     int             // how many of Tasks are
	newest   core.TaskID
	timers   timers
	first    timer       // after a step: the timer of a task that is due first,
	waits    bool        // if there is one
	old      core.Policy // of a task that was just given another
	none     core.TaskStatus
}

// begin takes everything from the state of a machine.
func (t *Trace) begin(m *core.Machine) {
	*t = Trace{
		Supervisor: spec.Supervisor{Config: m.Config(), Phase: m.Phase(), Tasks: t.Tasks[:0], Needs: t.Needs},
		Now:        m.Now(), Started: m.Supervisor().Started,
		places: t.places, timers: t.timers[:0],
	}
	t.Defined = map[core.PolicyID]*core.Policy{}
	for id, p := range m.Policies() {
		t.define(id, p)
	}
	t.Needs.Read(m)
	for s := range m.Tasks() {
		t.insert(s)
	}
}

// Task returns the status of a task, or an empty one if there is no such task.
func (t *Trace) Task(id core.TaskID) *core.TaskStatus {
	if place, ok := t.place(id); ok {
		return &t.Tasks[place]
	}
	t.none = core.TaskStatus{Until: core.Never}
	return &t.none
}

// PolicyOf returns the policy of a task.
func (t *Trace) PolicyOf(id core.TaskID) *core.Policy { return t.Policy(t.Task(id)) }

// Count returns how many tasks are of a kind.
func (t *Trace) Count(k kind) int { return t.counts[k] }

// runsOf returns how many runs of a task have not ended.
func runsOf(s *core.TaskStatus) (n int) {
	if s.Live {
		n++
	}
	if s.Fenced != 0 {
		n++
	}
	return n
}

// kind is a fact about a task of which the tasks are counted for which it is true.
type kind int

const (
	waiting      kind = iota // waits for its start, and is neither suspended nor held
	starting                 // has a run that is not ready, or not for now
	stopPending              // has a run that is to be asked to stop
	terminating              // is on its way to stop
	failed                   // waits for its restart
	delayPending             // of these, its delay has not begun
	waited                   // a supervisor that stops waits for it
	dead                     // counts as dead
	armed                    // has a timer
	kindsCount
)

// is reports whether a task is of a kind.
func (k kind) is(s *core.TaskStatus) bool { return kindsOf(s)>>k&1 != 0 }

// kindsOf returns the set of the kinds that a task is of.
func kindsOf(s *core.TaskStatus) (set uint16) {
	add := func(k kind, is bool) {
		if is {
			set |= 1 << k
		}
	}
	switch s.Status {
	case core.StatusCreated:
		add(waiting, !s.Suspended && !s.Held)
	case core.StatusFailed:
		add(failed, true)
		add(delayPending, s.Wait == core.WaitOthersStopped)
	default:
		add(starting, s.Status == core.StatusStarting || s.Unready)
		add(stopPending, spec.StopPending(s))
		add(terminating, spec.Terminating(s))
		add(waited, spec.Waited(s))
		add(dead, spec.Dead(s.Status))
	}
	add(armed, s.Until != core.Never)
	return set
}

// count adds a task to the counts, or takes it from them.
func (t *Trace) count(s *core.TaskStatus, n int) {
	for set := kindsOf(s); set != 0; set &= set - 1 {
		t.counts[bits.TrailingZeros16(set)] += n
	}
	t.statuses[s.Status] += n
}

// leavesBehind returns the status of a task none of whose runs is attended, and that left an older run behind, 0 for none: a
// single run that was left behind is fenced, and of two the older one.
func leavesBehind(s core.TaskStatus, older core.Run) core.TaskStatus {
	switch {
	case older != 0 && older != s.Run:
		s.Fenced = older
	case s.Live:
		s.Live, s.Fenced = false, s.Run
	default:
		s.Fenced = 0
	}
	return s
}

func (t *Trace) insert(s core.TaskStatus) {
	for s.Task.Slot() >= len(t.places) {
		t.places = append(t.places, 0)
	}
	t.places[s.Task.Slot()] = len(t.Tasks)
	t.Tasks = append(t.Tasks, s)
	t.newest = max(t.newest, s.Task)
	t.count(&s, 1)
	t.timers.arm(&s)
}

func (t *Trace) place(id core.TaskID) (place int, ok bool) {
	if id == 0 || id.Slot() >= len(t.places) {
		return 0, false
	}
	place = t.places[id.Slot()]
	return place, place < len(t.Tasks) && t.Tasks[place].Task == id && t.Tasks[place].Status != core.StatusNone
}

// compact closes the gaps that tasks have left, when there are many.
func (t *Trace) compact() {
	if t.gone <= len(t.Tasks)/2 {
		return
	}
	t.Tasks = slices.DeleteFunc(t.Tasks, func(s core.TaskStatus) bool { return s.Status == core.StatusNone })
	t.gone = 0
	for i := range t.Tasks {
		t.places[t.Tasks[i].Task.Slot()] = i
	}
}

// total returns how many tasks there are.
func (t *Trace) total() int { return len(t.Tasks) - t.gone }

// start takes in the start of the supervisor: before it there are no timers, so all the actions of its step come behind it.
func (t *Trace) start(s *Step) {
	if s.accepted(core.EventStart) {
		t.Phase, t.Started = core.PhaseRunning, s.Machine.Now()
	}
}

// prepare takes in what an action shows to have happened before it was decided: the supervisor halts, the run of the event has
// ended, the task has another policy.
func (t *Trace) prepare(s *Step, i int) {
	a := &s.Actions[i]
	s.Task = t.Task(a.Task)
	if halts(a) && t.Phase == core.PhaseRunning {
		t.Phase = core.PhaseHalting
	}
	if i == s.End {
		task := s.Task
		alive := task.Live && s.Event.Run == task.Run
		s.Latest = alive && spec.Attended(task)
		s.Fenced = alive && !s.Latest || s.Event.Run != 0 && s.Event.Run == task.Fenced
		switch {
		case alive:
			task.Live = false
		case s.Fenced && spec.Attended(task):
			task.Fenced = 0
		case s.Fenced:
			*task = leavesBehind(*task, 0)
		}
	}
	if s.given(a) {
		task := s.Task
		t.know(s.Machine, s.Event.Policy)
		t.old = *t.Policy(task)
		task.Policy = s.Event.Policy
	}
}

// know learns the policy that the step's event gives a task. It has one even if no task has it any more when the step is over.
func (t *Trace) know(m *core.Machine, id core.PolicyID) {
	if id < core.PolicyID(len(t.Config.Policies)) || t.Defined[id] != nil {
		return
	}
	p, _ := m.Policy(id)
	t.define(id, p)
}

// define learns a policy that is not configured, and forgets those that no task has when there are many.
func (t *Trace) define(id core.PolicyID, p core.Policy) {
	if id < core.PolicyID(len(t.Config.Policies)) {
		return
	}
	if len(t.Defined) >= 2*len(t.Tasks)+2*core.IdleDefinitions {
		used := map[core.PolicyID]bool{}
		for i := range t.Tasks {
			used[t.Tasks[i].Policy] = true
		}
		maps.DeleteFunc(t.Defined, func(id core.PolicyID, _ *core.Policy) bool { return !used[id] })
	}
	t.Defined[id] = &p
}

// apply takes in an action.
func (t *Trace) apply(s *Step, i int) {
	a := &s.Actions[i]
	switch a.Kind {
	case core.ActionReject:
		return
	case core.ActionHalt:
		t.Phase = core.PhaseHalted
		return
	case core.ActionAdd:
		t.know(s.Machine, s.Event.Policy)
		ev := &s.Event
		t.insert(leavesBehind(core.TaskStatus{
			Task: a.Task, Status: a.To, Why: a.Why, Policy: ev.Policy, Key: ev.Key, Suspended: ev.Suspended, Held: ev.Held,
			Run: max(ev.Run, ev.Fenced), Live: ev.Run != 0 || ev.Fenced != 0, Attempts: a.Attempts, Since: a.At, Until: a.Until,
		}, min(ev.Run, ev.Fenced)))
		return
	case core.ActionTransition, core.ActionStart, core.ActionStop, core.ActionAbandon, core.ActionProbe, core.ActionForget:
	}
	place, ok := t.place(a.Task)
	if !ok {
		return
	}
	task := &t.Tasks[place]
	if a.Kind == core.ActionForget {
		t.count(task, -1)
		t.Needs.Forget(a.Task)
		task.Status = core.StatusNone
		t.gone++
		t.compact()
		return
	}
	asked := s.asked(t, a)
	t.count(task, -1)
	t.transition(task, a)
	switch {
	case task.Wait != core.WaitOthersStopped:
		task.Delay = 0
	case a.From != a.To:
		task.Delay = asked
	}
	t.count(task, 1)
	t.timers.arm(task)
	if t.Phase == core.PhaseRunning && t.escalates(a) {
		t.Phase = core.PhaseHalting // which no action tells if all others are on their way to stop already
	}
}

// escalates reports whether an action makes the supervisor halt, if it does not yet.
func (t *Trace) escalates(a *core.Action) bool {
	switch {
	case a.Kind == core.ActionAbandon:
		return t.PolicyOf(a.Task).OnAbandon == core.AbandonEscalate
	case a.To != core.StatusDead || a.From == a.To:
		return false
	case a.Why == core.ReasonExhausted:
		return t.PolicyOf(a.Task).OnExhausted == core.ExhaustedEscalate
	default:
		return a.Why == core.ReasonFatal || a.Why == core.ReasonIntensity
	}
}

// transition changes a status as an action tells.
func (t *Trace) transition(task *core.TaskStatus, a *core.Action) {
	moves := a.From != a.To
	if replaces(task, a) {
		task.Fenced, task.Live = task.Run, false
	}
	if a.Kind == core.ActionStart {
		task.Run, task.Live = a.Run, true
	}
	if a.Exit != core.ExitNone && a.Run == task.Run {
		task.LastExit = a.Exit
	}
	switch {
	case a.To != core.StatusFailed:
		task.Wait = core.WaitNone
	case moves && t.failureWaits(task.Task):
		task.Wait = core.WaitOthersStopped
	case moves || a.Why == core.ReasonDelayBegins:
		task.Wait = core.WaitDelay
	case a.Why == core.ReasonRestartRate:
		task.Wait = core.WaitRestartRate
	}
	task.Suspended = suspended(task, a)
	if a.Why == core.ReasonHeld || a.Why == core.ReasonReleased {
		task.Held = a.Why == core.ReasonHeld
	}
	task.Unready = t.unready(task, a)
	task.Intent = t.intent(task, a)
	if moves {
		task.Since = a.At
	}
	if moves || a.To == core.StatusDead && a.Why == core.ReasonKilled {
		task.Why = a.Why
	}
	task.Status, task.Until, task.Attempts = a.To, a.Until, a.Attempts
}

// replaces reports whether an action leaves an abandoned run alone that has not ended.
func replaces(task *core.TaskStatus, a *core.Action) bool {
	return a.From == core.StatusAbandoned && a.To != a.From && a.To != core.StatusNone && task.Live
}

// failureWaits reports whether the failure of a task stops others, or finds some stopping, so that its restart delay has to
// wait for them.
func (t *Trace) failureWaits(id core.TaskID) bool {
	task := t.Task(id)
	if t.Ordered() {
		for i := range t.Tasks {
			other := &t.Tasks[i]
			if other.Task != id && (spec.Terminating(other) || spec.Running(other) && t.Sibling(id, other.Task)) {
				return true
			}
		}
		return false
	}
	return t.BlockingDependent(task) != nil
}

// suspended returns whether a task is suspended after an action.
func suspended(task *core.TaskStatus, a *core.Action) bool {
	switch a.Why {
	case core.ReasonSuspended:
		return true
	case core.ReasonResumed, core.ReasonRestarted, core.ReasonKilled, core.ReasonRemoved:
		return false
	}
	return task.Suspended && a.Kind != core.ActionStart
}

// unready returns whether the run of a task is unready after an action.
func (t *Trace) unready(task *core.TaskStatus, a *core.Action) bool {
	switch {
	case a.From != a.To || a.Why == core.ReasonReady:
		return false
	case a.Why == core.ReasonUnready:
		return true
	}
	return task.Unready && t.Policy(task).Readiness
}

// intent returns what becomes of a task when its run has stopped, after an action.
func (t *Trace) intent(task *core.TaskStatus, a *core.Action) core.Intent {
	switch a.To {
	case core.StatusStarting, core.StatusHealthy, core.StatusStopping, core.StatusAbandoned:
	default:
		return core.IntentNone
	}
	if a.Kind == core.ActionStart {
		return core.IntentNone
	}
	switch a.Why {
	case core.ReasonKilled:
		return core.IntentKill
	case core.ReasonRemoved:
		return core.IntentRemove
	case core.ReasonRestarted:
		return core.IntentRestart
	case core.ReasonResumed:
		return core.IntentStartAgain
	case core.ReasonSuspended:
		return core.IntentSuspend
	case core.ReasonSupervisorStop:
		return core.IntentHalt
	}
	told := task.Intent != core.IntentNone
	switch {
	case a.Why == core.ReasonDependency && !told:
		return core.IntentStartAgain
	case a.Why == core.ReasonSibling && !told && t.Policy(task).Restart == core.RestartNever:
		return core.IntentRetire
	case a.Why == core.ReasonSibling && !told:
		return core.IntentStartAgain
	case hangs(a) && t.Phase == core.PhaseRunning && (!told || task.Intent == core.IntentStartAgain):
		return core.IntentRetry
	}
	return task.Intent
}

// end takes in what a step did without an action.
func (t *Trace) end(s *Step) {
	t.Now = s.Machine.Now()
	switch {
	case s.accepted(core.EventNeed):
		t.Needs.Connect(s.Event.Task, s.Event.Other, s.Event.Bound)
	case s.accepted(core.EventLimits):
		t.Config.Limits, _ = s.Machine.Limits(s.Event.Limits)
	case s.accepted(core.EventBeat), s.accepted(core.EventProbe):
		t.moveTimer(s)
	}
	if s.Machine.Phase() == core.PhaseHalting {
		t.Phase = core.PhaseHalting
	}
	t.first, t.waits = t.earliest()
}

// moveTimer takes in a sign of life that moved a timer: only the machine tells where to. See [Health].
func (t *Trace) moveTimer(s *Step) {
	task := t.Task(s.Event.Task)
	told, ok := s.Machine.Status(s.Event.Task)
	if !ok || task.Until == told.Until {
		return
	}
	t.count(task, -1)
	task.Until = told.Until
	t.count(task, 1)
	t.timers.arm(task)
}
