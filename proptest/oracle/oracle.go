// Package oracle is a second, deliberately naive implementation of the state machine in package core, for tests to
// compare the real one with.
//
// It takes the same events and gives the same actions, but shares no code with core beyond the types. Where core is
// built to be fast, the oracle is built to be read: its tasks are in a map, it sorts before every walk, it finds the
// next timer by listing all of them, it recounts whenever it needs a number, and it does arithmetic on time with
// integers that cannot overflow. Each rule stands in one place, in the words of the specification:
//
//   - oracle.go: one step: timers that are due, then the event, then timers that are due again
//   - words.go: the words the rules are made of: which task is up, leaving, clear, may start, may be asked to stop
//   - settle.go: what follows by itself, after every timer and every event
//   - event.go, operate.go, health.go and exit.go: what each event does
//   - timer.go: what each timer does
//   - rate.go: restart intensity and budget
//   - halt.go: the limits of the supervisor, and how it stops
//   - change.go: how a task gets a status, and how that is told
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
	cfg      core.Config // with the limits in force
	policies []core.Policy
	limits   []core.Limits

	now         core.Instant
	phase       core.Phase
	startedAt   core.Instant // where the grid of health checks begins
	haltReason  core.Reason
	culprit     core.TaskID  // whom the halt is about, if about one task
	culpritRun  core.Run     // its run then
	healthCheck core.Instant // when too many dead tasks will have been noticed; Never if they are not too many
	shutdownEnd core.Instant // when the shutdown has taken too long; Never if there is no such limit

	crashes  []core.Instant // that led to restarts: the newest, as many as the intensity allows
	restarts []core.Instant // after a delay: the newest, as many as the budget allows

	tasks       map[core.TaskID]*task
	generations uint64 // tasks added so far
	freed       []int  // slots to use again, the one freed last at the end
	slots       int    // slots ever used

	actions []core.Action // decided in the current step
}

type task struct {
	id     core.TaskID
	key    uint32
	policy core.PolicyID
	needs  map[core.TaskID]bool // the tasks it needs, and whether it is bound to them

	status    core.Status
	why       core.Reason
	intent    core.Intent
	suspended bool
	lastExit  core.ExitKind
	run       core.Run
	live      bool
	fenced    core.Run
	attempts  uint32
	since     core.Instant
	until     core.Instant // its timer; Never if it has none

	probing bool         // Healthy: an answer to a probe is awaited
	misses  uint8        // Healthy: failed probes in a row
	nth     uint32       // Failed: which restart it waits for
	held    bool         // Failed: its delay has not begun
	waits   bool         // Failed: its delay has passed, and it waits for the budget
	dueAt   core.Instant // Failed: since when it does
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
		cfg:         cfg,
		policies:    policies,
		now:         math.MinInt64,
		healthCheck: core.Never,
		shutdownEnd: core.Never,
		tasks:       map[core.TaskID]*task{},
	}
	o.DefineLimits(core.Limits{
		DeadThreshold:   cfg.DeadThreshold,
		Intensity:       cfg.Intensity,
		RestartRate:     cfg.RestartRate,
		AutoShutdown:    cfg.AutoShutdown,
		ShutdownTimeout: cfg.ShutdownTimeout,
	})
	return o
}

// DefineLimits returns the id of limits that core.Machine.DefineLimits accepts, for an EventLimits to refer to. Limits
// that are known have their id.
func (o *Oracle) DefineLimits(limits core.Limits) core.LimitsID {
	if known := slices.Index(o.limits, limits); known >= 0 {
		return core.LimitsID(known)
	}
	o.limits = append(o.limits, limits)
	return core.LimitsID(len(o.limits) - 1)
}

// Step returns the decisions that follow from one event.
func (o *Oracle) Step(ev core.Event) []core.Action {
	o.actions = nil
	at := max(ev.At, o.now)

	o.fireUntil(at)
	o.now = at
	o.apply(ev)
	o.settle()
	o.fireUntil(at)

	return o.actions
}

// policyOf returns the policy in force for t.
func (o *Oracle) policyOf(t *task) core.Policy { return o.policies[t.policy] }

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
