// Package oracle is a second, deliberately naive implementation of the state machine in package core, for tests to
// compare the real one with.
//
// It takes the same events and gives the same actions, but shares no code with core beyond the types. Where core is
// built to be fast, the oracle is built to be read: its tasks are in a map, it sorts before every walk, it finds the
// next timer by listing all of them, it recounts whenever it needs a number, and it does arithmetic on time with
// integers that cannot overflow. Each rule stands in one place, in the words of the specification:
//
//   - oracle.go: one step: timers that are due, then the event, then timers that are due again
//   - event.go and exit.go: what each event does
//   - timer.go: what each timer does
//   - halt.go: the limits of the supervisor, and how it stops
//   - instant.go: delays, jitter, stability and the grid of health checks
//   - query.go: what a driver may ask
//
// An Oracle trusts its configuration: give it only one that [core.New] accepts. It is not safe for concurrent use.
package oracle

import (
	"cmp"
	"maps"
	"math"
	"slices"

	"github.com/tasksupervisor/tasksupervisor/core"
)

// Oracle is the supervisor's state. Make one with [New].
type Oracle struct {
	cfg      core.Config
	policies []core.Policy

	now         core.Instant
	phase       core.Phase
	startedAt   core.Instant // where the grid of health checks begins
	haltReason  core.Reason
	culprit     core.TaskID  // Escalated: whose abandonment led to it
	healthCheck core.Instant // when too many dead tasks will have been noticed; Never if they are not too many
	shutdownEnd core.Instant // when the shutdown has taken too long; Never if there is no such limit

	tasks       map[core.TaskID]*task
	generations uint64 // tasks added so far
	freed       []int  // slots to use again, the one freed last at the end
	slots       int    // slots ever used

	actions []core.Action // decided in the current step
}

type task struct {
	id       core.TaskID
	key      uint32
	policyID core.PolicyID
	policy   core.Policy

	status   core.Status
	why      core.Reason
	intent   core.Intent
	lastExit core.ExitKind
	run      core.Run
	live     bool
	fenced   core.Run
	attempts uint32
	since    core.Instant
	until    core.Instant // its timer; Never if it has none
}

// New returns an oracle in PhaseCreated for a configuration that core.New accepts.
func New(cfg core.Config) *Oracle {
	policies := slices.Clone(cfg.Policies)
	if len(policies) == 0 {
		policies = []core.Policy{core.DefaultPolicy()}
	}
	if cfg.MaxTasks == 0 {
		cfg.MaxTasks = core.MaxTasks
	}
	return &Oracle{
		cfg:         cfg,
		policies:    policies,
		now:         math.MinInt64,
		healthCheck: core.Never,
		shutdownEnd: core.Never,
		tasks:       map[core.TaskID]*task{},
	}
}

// Step returns the decisions that follow from one event.
func (o *Oracle) Step(ev core.Event) []core.Action {
	o.actions = nil
	at := max(ev.At, o.now)

	o.fireUntil(at)
	o.now = at
	o.apply(ev)
	o.look()
	o.fireUntil(at)

	return o.actions
}

// look does what is looked at after every timer and every event.
func (o *Oracle) look() {
	if o.phase == core.PhaseRunning {
		o.checkLimits()
	}
	if o.phase == core.PhaseHalting {
		o.continueHalting()
	}
}

// declared returns the tasks in the order in which they were added.
func (o *Oracle) declared() []*task {
	return slices.SortedFunc(maps.Values(o.tasks), func(a, b *task) int { return cmp.Compare(a.id, b.id) })
}

// reversed returns the tasks in the opposite order.
func (o *Oracle) reversed() []*task {
	tasks := o.declared()
	slices.Reverse(tasks)
	return tasks
}

// tell records the decision that took t from a status to the one it has now.
func (o *Oracle) tell(kind core.ActionKind, t *task, from core.Status, why core.Reason, exit core.ExitKind) {
	o.tellOfRun(kind, t, t.run, from, why, exit)
}

func (o *Oracle) tellOfRun(kind core.ActionKind, t *task, run core.Run, from core.Status, why core.Reason, exit core.ExitKind) {
	o.actions = append(o.actions, core.Action{
		At:       o.now,
		Until:    t.until,
		Task:     t.id,
		Run:      run,
		Attempts: o.attemptsNow(t),
		Kind:     kind,
		From:     from,
		To:       t.status,
		Why:      why,
		Exit:     exit,
	})
}

// change gives t a status. The timer of the status it leaves dies.
func (o *Oracle) change(t *task, to core.Status, why core.Reason) {
	t.status = to
	t.why = why
	t.since = o.now
	t.until = core.Never
}

// note gives t a status that needs no deed of the driver.
func (o *Oracle) note(t *task, to core.Status, why core.Reason, exit core.ExitKind) {
	from := t.status
	o.change(t, to, why)
	if to != core.StatusAbandoned {
		t.intent = core.IntentNone
	}
	o.tell(core.ActionNote, t, from, why, exit)
}

// intend changes what follows when the run of a Stopping or Abandoned task is gone. Its timer goes on.
func (o *Oracle) intend(t *task, intent core.Intent, why core.Reason) {
	t.intent = intent
	t.why = why
	o.tell(core.ActionNote, t, t.status, why, core.ExitNone)
}

// start begins a new run of t.
func (o *Oracle) start(t *task, why core.Reason, exit core.ExitKind) {
	if t.run == maxRun {
		o.note(t, core.StatusDead, core.ReasonExhausted, exit)
		return
	}
	from := t.status
	o.change(t, core.StatusHealthy, why)
	t.intent = core.IntentNone
	t.run++
	t.live = true
	o.tell(core.ActionStart, t, from, why, exit)
	o.actions[len(o.actions)-1].Attempts = t.attempts // which attempt it is, even if the run is stable at once
}

// stop asks the live run of a Healthy task to stop.
func (o *Oracle) stop(t *task, intent core.Intent, why core.Reason) {
	from := t.status
	t.attempts = o.attemptsNow(t)
	o.change(t, core.StatusStopping, why)
	t.intent = intent
	t.until = later(o.now, t.policy.StopTimeout)
	o.tell(core.ActionStop, t, from, why, core.ExitNone)
}

// abandon gives up waiting for a Stopping task's run, which lives on.
func (o *Oracle) abandon(t *task, why core.Reason) {
	from := t.status
	o.change(t, core.StatusAbandoned, why)
	o.tell(core.ActionAbandon, t, from, why, core.ExitNone)
}

// forget removes t and frees its slot.
func (o *Oracle) forget(t *task, exit core.ExitKind) {
	from := t.status
	o.change(t, core.StatusNone, core.ReasonRemoved)
	o.tell(core.ActionForget, t, from, core.ReasonRemoved, exit)
	delete(o.tasks, t.id)
	o.freed = append(o.freed, t.id.Slot())
}
