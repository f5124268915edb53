// Package explore enumerates every state that a small supervisor can get into, and tries every event in each.
//
// A simulation meets the orders of events that chance brings about, and a hand-written test those that its author
// thought of. For two to four tasks with small policies there is a third way: to meet all of them. [Run] starts from an
// empty machine and forks it for every event that could happen next, and the forks again, until no new state turns
// up. Whatever can go wrong in the model at all goes wrong on the way, and as the search is breadth first, the trace
// it shows is a shortest one.
//
//	result, err := explore.Run(explore.Model{Config: cfg, Tasks: 3}, explore.Options{})
//
// A [Model] is the supervisor's configuration and a number of tasks. Give it durations of a few nanoseconds: what
// matters is which timer expires before which, and small numbers bring about every order. [Models] returns some.
//
// # What is tried
//
// In every state: a start and a shutdown; a task of each policy added, one too many and one of no policy; for each
// task a restart, a kill, a remove, the end of its live run in every way, of the abandoned run that was replaced, of
// the run that is about to start, and of a run that is long over; the same for a task that does not exist; an event
// that does not exist; and plain ticks. Each of these at once, and at the next deadline and at the instant at which a run
// becomes stable, one nanosecond before, and one after (see [Instants]).
//
// # What is checked
//
// After every transition: that [core.Machine.Check] finds nothing wrong, that a rejected event changed nothing, that
// time and deadlines did not go backwards, that nothing panicked; and all [Options.Invariants]. The states that wait
// to be explored are kept as snapshots, so each is also restored, compared and continued. A [Violation] comes as a scenario that
// can be replayed and kept as a test.
//
// # What counts as the same state
//
// Two states are one if no event can tell them apart, now or later: times count from now, run numbers and ids do not
// count, and attempts count only where they can still matter. Tasks in equal states are interchangeable, unless the
// model has something that depends on their order, see [Result.Symmetric]. That the reduction leaves nothing out is
// tested by exploring without it.
//
// # The table of all that can happen
//
// A [Table] that observes explorations collects what each event does in each status. The one of all [Models] is shown
// in docs/states.md.
package explore
