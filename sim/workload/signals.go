package workload

import "github.com/tasksupervisor/tasksupervisor/core"

// Signal is one thing that a run reports to its supervisor.
type Signal struct {
	After  core.Duration  // the start of the run
	Event  core.EventKind // EventReady, EventUnready or EventBeat; or EventProbe for how it answers probes from then on
	Within core.Duration  // EventBeat: how soon the next one is due, see core.Event
	Takes  core.Duration  // EventProbe: how long the answer takes; Forever gives none
	Exit   core.ExitKind  // EventProbe: the answer
}

// Signals are what a run reports to its supervisor while it is alive. With the zero Signals, it is ready at once, never
// beats, and answers every probe well and at once.
type Signals struct {
	// Ready is how long after its start a run reports that it is ready, if its policy has Readiness. Zero is at once;
	// Endless is never.
	Ready Length

	// Wavers is how long a run that is ready, or ready again, goes on until it takes its readiness back, if its policy has
	// Readiness. Zero is Endless: it does not. A run that wavers does not beat.
	Wavers Length

	// Recovers is how long after that it is ready again. Zero is at once; Endless is never.
	Recovers Length

	// Beats is how long it is from one beat to the next, and from a run's start, or from when it is ready, to the
	// first. Zero is Endless: it does not beat.
	Beats Length

	// Within is how soon each beat announces the next one, see core.Event. Zero leaves that to the policy; Endless
	// announces that there will be none.
	Within Length

	// Answers is how long a run takes to answer a probe. Zero is no time; Endless gives no answer.
	Answers Length

	// FailsProbe is the share of the probes that fail.
	FailsProbe core.Fraction

	// Hangs is how long after its start a run hangs: from then on it reports none of this. Zero is never.
	Hangs Length
}
