package sim

import "github.com/tasksupervisor/tasksupervisor/core"

// Workload is something the supervised tasks do, or something that is done to them by what they depend on: [Tasks] or
// [Outage].
type Workload interface{ workload() }

// Tasks is a group of like tasks.
type Tasks struct {
	// Name names the group. It must not be empty, and no other group may have it. The tasks are called Name-1, Name-2
	// and so on; the first of a group of one is just called Name.
	Name string

	// Count is how many there are. Zero is one.
	Count int

	// Later says that none of them is there at the beginning: operators add them, see [OrderAdd].
	Later bool

	// Policy is the tasks' policy. The zero Policy is core.DefaultPolicy.
	Policy core.Policy

	// Script says what the first runs of each task do. The others, and so all if there is no script, do what the
	// fields below say.
	Script []Course

	// Lasts is how long a run lasts when nothing happens to it. Zero is Endless.
	Lasts Length

	// Ends says how such a run ends. Zero is always with an error.
	Ends Ends

	// Stops is how long a run goes on after it was asked to stop. Zero is not at all.
	Stops Length

	// Deaf is the share of runs that ignore their stop for ever.
	Deaf core.Fraction

	// Signals are what a run says while it is alive.
	Signals

	// Needs names a group that these tasks need: task n needs task n of it (modulo their count) to run. Without
	// it, a run fails as during an [Outage], with Notice and Fails.
	Needs string

	// Notice is how long a live run lives on when the needed task has gone, Fails how long a run lasts that was
	// started without it. Zero is not at all.
	Notice, Fails Length

	// Declares says whether the supervisor is told what the tasks need when they are added. Zero is not. A group that
	// is declared to be needed must stand above those that need it.
	Declares Declaration

	// Supervises makes each of the tasks a supervisor of its own, with tasks below it. Each run of such a task is a
	// fresh supervisor; it ends when that has halted: well if it was shut down or all its tasks have ended, else
	// with an error. Script, Lasts, Ends, Stops and Deaf are not used then.
	Supervises *Supervisor

	// Keys are what the jitter of the first tasks is drawn from, see core.Event. Those of the others are drawn from the
	// seed.
	Keys []uint32

	// Model, when it is not nil, decides what each run does, in place of Script, Lasts, Ends, Stops, Deaf and Signals.
	// For the simulation to be repeatable, it must not depend on anything but its argument.
	Model func(start Start) Course
}

func (Tasks) workload() {}

// Course is what one run does when nothing happens to it.
type Course struct {
	// Lasts is how long it lasts. Zero is Endless.
	Lasts Length

	// Ends is how it ends then. ExitNone is ExitError.
	Ends core.ExitKind

	// Stops is how long it goes on after it was asked to stop. Zero is not at all; Endless ignores the stop.
	Stops Length

	// Signals are what it says while it is alive.
	Signals

	// Told, when it is not nil, is what it says word by word, in order, in place of Signals. A description has no words for it.
	Told []Told
}

// Told is something that a run says to its supervisor.
type Told struct {
	After  core.Duration  // the start of the run
	Event  core.EventKind // EventReady or EventBeat; or EventProbe for how it answers probes from then on
	Within core.Duration  // EventBeat: how soon the next one is due, see core.Event
	Takes  core.Duration  // EventProbe: how long the answer takes; Forever gives none
	Exit   core.ExitKind  // EventProbe: the answer
}

// Signals are what a run says to its supervisor while it is alive. The zero Signals are ready at once, never beat, and
// answer every probe well and at once.
type Signals struct {
	// Ready is how long after its start a run says that it is ready, if its policy has Readiness. Zero is at once;
	// Endless is never.
	Ready Length

	// Beats is how long it is from one beat to the next, and from a run's start, or from when it is ready, to the
	// first. Zero is Endless: it does not beat.
	Beats Length

	// Within is how soon after it each beat says that the next one is due, see core.Event. Zero leaves that to the
	// policy; Endless says that none is due.
	Within Length

	// Answers is how long a run takes to answer a probe. Zero is not at all; Endless gives no answer.
	Answers Length

	// Unwell is the share of the probes that fail.
	Unwell core.Fraction

	// Hangs is how long after its start a run hangs: from then on it says nothing of all this. Zero is never.
	Hangs Length
}

// Declaration says what a supervisor is told about a need, see core.EventNeed.
type Declaration uint8

const (
	DeclareNothing Declaration = iota // nothing: it starts and restarts the tasks without regard to it
	DeclareNeed                       // that it is there: the tasks start when what they need is up
	DeclareBound                      // also that they are bound: they are stopped and started with what they need

	declarations // how many there are; keep it last
)

// String returns the word for it, such as "bound".
func (d Declaration) String() string {
	switch d {
	case DeclareNothing:
		return "nothing"
	case DeclareNeed:
		return "need"
	case DeclareBound:
		return "bound"
	case declarations:
	}
	return outOfRange("Declaration", uint8(d))
}

// Start is the start of a run, as a [Tasks.Model] sees it.
type Start struct {
	Index  int          // which task of the group, from 0
	Run    core.Run     // which run of the task, from 1
	At     core.Instant // when
	Random *Random      // the draws that belong to this run; not to be kept
}

// Outage takes many tasks down together, for as long as something they depend on is gone, and lets them come back.
type Outage struct {
	// Of names the group that suffers. Empty is every group.
	Of string

	// At is when it begins, and Every how long after its end the next one begins. Zero is once.
	At    core.Duration
	Every Length

	// Lasts is how long it lasts.
	Lasts Length

	// Share is how many of the group's tasks suffer; which ones is drawn anew each time. Zero is all.
	Share core.Fraction

	// Notice is how long a live run lives on when the outage begins. Zero is not at all; Endless spares the live
	// runs.
	Notice Length

	// Fails is how long a run lasts that was started in the outage, unless the outage is over by then. Zero is not
	// at all.
	Fails Length

	// Ends says how the outage ends these runs. Zero is always with an error.
	Ends Ends
}

func (Outage) workload() {}

// Supervisor is a supervisor below another one, see [Tasks.Supervises].
type Supervisor struct {
	// Config configures it. Its Policies are not used: they are the tasks'.
	Config core.Config

	// Workloads are what its tasks do. Names of groups are unique in the whole tree.
	Workloads []Workload
}
