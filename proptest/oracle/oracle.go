// Package oracle is a second, deliberately naive implementation of the state machine in package core, for tests to
// compare the real one with.
//
// It takes the same events and gives the same actions, but shares no code with core beyond the types. Where core is
// built to be fast, the oracle is built to be read: it finds a task by looking at all of them, it finds the next timer by
// listing all of them, and it recounts whenever it needs a number. The rules are those of package spec; what follows from them
// is here:
//
//   - oracle.go: one step: timers that are due, then the event, then timers that are due again
//   - reconcile.go: what follows by itself, after every timer and every event
//   - rules.go: the supervisor as package spec looks at it
//   - event.go, operate.go, health.go and exit.go: what each event does
//   - timer.go: what each timer does
//   - rate.go: the restart rate
//   - define.go: policies and limits, and which of them are remembered
//   - halt.go: the limits of the supervisor, and how it stops
//   - change.go: how a task gets a status, and how that is told
//   - backoff.go: delays and stability
//   - query.go: what a driver may ask
//
// An Oracle trusts its configuration: give it only one that [core.New] accepts. It is not safe for concurrent use.
package oracle

import (
	"math"
	"slices"

	"github.com/tasksupervisor/tasksupervisor/core"
	"github.com/tasksupervisor/tasksupervisor/sim/spec"
)

// Oracle is the supervisor's state. Make one with [New].
type Oracle struct {
	cfg      core.Config // with the limits in force
	policies definitions[core.Policy]
	limits   definitions[core.Limits]
	inForce  core.LimitsID

	now         core.Instant
	phase       core.Phase
	startedAt   core.Instant // where the grid of health checks begins
	haltReason  core.Reason
	culprit     core.TaskID // whom the halt is about, if about one task
	culpritRun  core.Run    // its run then
	healthCheck alarm       // when too many dead tasks will have been noticed
	shutdownEnd alarm       // when the shutdown has taken too long

	crashes  spec.Window // failures that led to a restart
	restarts spec.Window // restarts after a delay

	tasks       []*task    // in declared order
	needs       spec.Graph // what they need
	generations uint64     // tasks added so far
	freed       []int      // slots to use again, the one freed last at the end
	slots       int        // slots ever used

	listed []core.TaskStatus // memory of seen

	ownDelay core.Duration // the delay that the run asks for that has just ended

	actions []core.Action // decided in the current step
}

type task struct {
	id     core.TaskID
	key    uint32
	policy core.PolicyID

	status    core.Status
	why       core.Reason
	intent    core.Intent
	suspended bool
	held      bool
	lastExit  core.ExitKind
	run       core.Run
	live      bool       // the run has not ended, and is not left to itself
	left      []core.Run // those that are left to themselves and have not ended, the older one first
	attempts  uint32
	since     core.Instant
	alarm     alarm // when its status ends by itself

	unready bool        // Healthy: its run took back that it is ready
	signs   []sign      // Healthy: what happened since it was last known to be well
	asked   core.Reason // Stopping: why its run was asked to stop
	planned bool        // its stop was planned for the sake of others, and not told of

	nth      uint32        // Failed: which restart it waits for
	ownDelay core.Duration // Failed: the delay that its run asked for
	begun    alarm         // Failed: when its delay began
	passed   alarm         // Failed: when its delay had passed, and the restart rate had no room
}

// delayPending reports whether t waits for its restart delay to begin.
func (t *task) delayPending() bool { return t.status == core.StatusFailed && !t.begun.set }

// rateWaiting reports whether t waits for the restart rate.
func (t *task) rateWaiting() bool { return t.status == core.StatusFailed && t.passed.set }

// hung reports whether the run of t is stopped because it hangs.
func (t *task) hung() bool {
	return t.status == core.StatusStopping && (t.asked == core.ReasonStartTimeout || t.asked == core.ReasonWatchdog)
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
	o := &Oracle{
		cfg:      cfg,
		now:      math.MinInt64,
		crashes:  spec.Window{Rate: cfg.Intensity},
		restarts: spec.Window{Rate: cfg.RestartRate},
	}
	o.policies.configure(policies...)
	o.limits.configure(cfg.Limits)
	return o
}

// Step returns the decisions that follow from one event.
func (o *Oracle) Step(ev core.Event) []core.Action {
	o.actions = nil
	at := max(ev.At, o.now)

	o.fireUntil(at)
	o.now = at
	o.apply(ev)
	o.reconcile()
	o.fireUntil(at)

	return o.actions
}

// policyOf returns the policy in force for t.
func (o *Oracle) policyOf(t *task) core.Policy { return o.policies.known[uint64(t.policy)] }

// find returns a task, or nil if there is none with this id.
func (o *Oracle) find(id core.TaskID) *task {
	for _, t := range o.tasks {
		if t.id == id {
			return t
		}
	}
	return nil
}
