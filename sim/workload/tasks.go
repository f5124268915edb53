package workload

import "github.com/tasksupervisor/tasksupervisor/core"

// Tasks is a group of like tasks.
type Tasks struct {
	// Name names the group. It must not be empty, and no other group may have it. The tasks are called Name-1, Name-2
	// and so on; the first of a group of one is just called Name.
	Name string

	// Count is how many there are. Zero is one.
	Count int

	// Later leaves the tasks out at the beginning; operators add them, see [Operator].
	Later bool

	// Policy is the tasks' policy. The zero Policy is core.DefaultPolicy.
	Policy core.Policy

	// Script says what the first runs of each task do, one by one. All others do what the fields below say.
	Script []RunScript

	// Lifetime is how long a run lives if nothing happens to it. Zero is Endless.
	Lifetime Length

	// Ends says how such a run ends. Zero is always an error.
	Ends Ends

	// Asks is the delay before its restart that a run asks for when it fails, see core.Event. Zero leaves that to the policy.
	Asks Length

	// Stops is how long a run takes to end after it was asked to stop. Zero is no time.
	Stops Length

	// IgnoresStop is the share of runs that ignore their stop for ever.
	IgnoresStop core.Fraction

	// Signals are what a run reports while it is alive.
	Signals

	// Needs names a group that these tasks need: task n needs task n of it (modulo their count) to run. As for a
	// supervisor, what is needed has to be up: ready, where the policy has Readiness, and not merely started; a task that
	// has completed stays up. Without it, a run fails as during an [Outage], with Notice and Fails.
	Needs string

	// Notice is how long a live run lives on after the needed task's run has ended, unless that completed the task. Fails
	// is how long a run lives that was started while the needed task was not up, even if that comes up meanwhile. Zero is
	// no time.
	Notice, Fails Length

	// Declares says what the supervisor is told of this need when the tasks are added. Zero is nothing. A group that is
	// declared to be needed must stand above those that need it.
	Declares Declaration

	// Supervises makes each of the tasks a supervisor of its own, with tasks below it. Each run of such a task is a
	// fresh supervisor, and ends when that has halted: well if it was shut down or its tasks have ended, else with an
	// error. Script, Lifetime, Ends, Asks, Stops and IgnoresStop are not used then.
	Supervises *Supervisor

	// Keys are what the jitter of the first tasks is drawn from, see core.Event. Those of the others are drawn from the
	// seed.
	Keys []uint32

	// Model, when it is not nil, decides what each run does, in place of Script, Lifetime, Ends, Asks, Stops,
	// IgnoresStop and Signals. It must depend on nothing but its argument, or the simulation cannot be repeated.
	Model func(start Start) RunScript
}

// RunScript is what one run does if nothing happens to it.
type RunScript struct {
	// Lifetime is how long it lives. Zero is Endless.
	Lifetime Length

	// Ends is how it ends then. ExitNone is ExitError.
	Ends core.ExitKind

	// Asks is the delay before its restart that it asks for if it fails, see core.Event. Zero leaves that to the policy.
	Asks Length

	// Stops is how long it takes to end after it was asked to stop. Zero is no time; Endless ignores the stop.
	Stops Length

	// Signals are what it reports while it is alive.
	Signals

	// Sequence, when it is not nil, is what it reports, signal by signal and in order, in place of Signals. A description
	// has no words for it.
	Sequence []Signal
}

// Declaration says what a supervisor is told about a need, see core.EventNeed.
type Declaration uint8

const (
	DeclareNothing Declaration = iota // nothing: it starts and restarts the tasks regardless of it
	DeclareNeed                       // the need: the tasks start once what they need is up
	DeclareBound                      // a bound need: the tasks are also stopped and started with what they need

	declarationCount // keep it last
)

// String returns its word, such as "bound".
func (d Declaration) String() string {
	switch d {
	case DeclareNothing:
		return "nothing"
	case DeclareNeed:
		return "need"
	case DeclareBound:
		return "bound"
	case declarationCount:
	}
	return outOfRange("Declaration", uint8(d))
}

// Start is the start of a run, as a [Tasks.Model] sees it.
type Start struct {
	Index  int          // which task of the group, from 0
	Run    core.Run     // which run of the task, from 1
	At     core.Instant // when
	Random *Random      // the draws that belong to this run; must not be kept

	// Resumed says that the run is alive at the beginning already, see [Resumption]: it has not started, and what it does is
	// counted from the beginning.
	Resumed bool
}
