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
// matters is which timer expires before which, and small numbers bring about every order. [Models] returns some, and
// [LargeModels] some that take longer.
//
// # What is tried
//
// In every state: a start and a shutdown; a task of each policy added, one too many, one of no policy, a suspended one, and a held one;
// each of the limits, and some that do not exist; for each task a restart, a kill, a remove, a suspension and its end, a hold and its end, each of
// the policies; the end of its live run in every way, of the abandoned run that was replaced, of the run that is about to
// start, and of a run that is over; what its run can say while it goes on: that it is ready, that it is alive and for how
// long, that it is well or not, when it was asked and when not; the same for a task that does not exist; an event that does
// not exist; and plain ticks. If the model says so, also that a task needs another one, and is bound to it or not. Each of
// these at once, and at the next deadline, at the instant at which a run becomes stable, and at the one at which a crash or a
// restart counts no longer, one nanosecond before, and one after (see [Instants]). [Model.Kinds] leaves out what a model is
// not about.
//
// # What is checked
//
// After every transition: that nothing is left to do at once, by the rules about tasks that concern each other in the package
// documentation of core; that a rejected event changed nothing, in no detail of the machine; that time and deadlines did not
// go backwards; that nothing panicked; and all [Options.Invariants]. Of every state, when it is found: that
// [core.Machine.Check] finds nothing wrong. The states that wait to be explored are kept as snapshots, so each is also
// restored, compared and continued. A [Violation] comes as a scenario that can be replayed and kept as a test.
//
// # Thorough explorations
//
// An exploration believes two things, which save most of its time. An event comes to the same right after the tick of its
// instant (clause D4 of the contract), so that is where it happens, and the machine that a rejected event has left as it was
// serves for the next. And of all transitions that lead to one state only the first is audited: what the machine derives from
// its state could be wrong after another. With [Options.Thorough] it believes neither: each event happens in the state
// itself, and [core.Machine.Check] looks at what comes of it. The tests explore all small models thoroughly, and hold the
// clauses of the contract against such explorations; the hunt for canaries and tasksim explore always are thorough, the
// latter unless it is told to be quick.
//
// # What counts as the same state
//
// Two states are one if no event can tell them apart, now or later: times count from now, run numbers and ids do not
// count, and attempts, crashes and restarts count only where they can still matter. Tasks in equal states are
// interchangeable, unless the model has something that depends on their order, as needs and most strategies do, see
// [Result.Symmetric]. That the reduction leaves nothing out is tested by exploring without it.
//
// # The table of all that can happen
//
// A [Table] that observes explorations collects what each event does in each status. The one of all [Models] is shown
// in docs/states.md.
package explore
