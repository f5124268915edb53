// Package conformance checks a runtime: a driver that embeds the state machine of package core. Whoever writes one makes
// one call,
//
//	func TestConformance(t *testing.T) {
//		conformance.Run(t, open)
//	}
//
// where open makes the runtime from an [Env] and returns it as a [Runtime]. The suite plays scenarios with it on virtual
// time, some scripted and some random, and compares three accounts of what happened: what the runs saw, what the
// runtime recorded, and what it answered. Each [Duty] has a subtest of its own, which fails also if there was nothing to
// check. The suite has no opinion on the order in which things of the same instant are dealt with: whatever the
// scheduler chose, the three accounts have to agree.
//
// # An adapter
//
// Most of a [Runtime] are the calls a runtime has anyway. This is all it takes for one that is called loop:
//
//	func open(env conformance.Env) (conformance.Runtime, error) {
//		l, err := loop.New(env.Config, env.Clock, env.Recording)
//		return adapted{l}, err
//	}
//
//	type adapted struct{ *loop.Loop } // has Start, Kill, Suspend, Ready, Beat and so on as they should be
//
//	func (a adapted) Add(name string, task conformance.Task) error {
//		does := loop.Task{
//			Policy: task.Policy, Run: loop.Run(task.Body), Probe: loop.Probe(task.Probe), Suspended: task.Suspended, Held: task.Held,
//		}
//		if task.Make != nil {
//			does.Make = func() loop.Run { return loop.Run(task.Make()) }
//		}
//		for _, need := range task.Needs {
//			does.Needs = append(does.Needs, loop.Need(need))
//		}
//		return a.Loop.Add(name, does)
//	}
//
//	func (adapted) Done(err error) error { return loop.Done(err) }
//
//	func (adapted) Fatal(err error) error { return loop.Fatal(err) }
//
//	func (adapted) Lost(err error) error { return loop.Lost(err) }
//
//	func (adapted) After(err error, delay core.Duration) error { return loop.After(err, delay) }
//
//	func (a adapted) Status(name string) (conformance.Status, error) {
//		status, last, err := a.Loop.Status(name)
//		told := conformance.Status{TaskStatus: status, Ending: conformance.Ending{Err: last}}
//		if not := (*loop.NotReturned)(nil); errors.As(last, &not) {
//			told.Ending.Value, told.Ending.Stack = not.Value, not.Stack
//		}
//		return told, err
//	}
//
//	func (a adapted) Report() conformance.Report {
//		counts, left := a.Loop.Report()
//		report := conformance.Report{Started: counts.Started, Ended: counts.Ended, Abandoned: counts.Abandoned}
//		for _, l := range left {
//			report.Left = append(report.Left, conformance.LeftRun(l))
//		}
//		return report
//	}
//
//	func (adapted) Refusal(err error) core.Refusal {
//		refusal := loop.Refusal(core.RefusalNone)
//		errors.As(err, &refusal)
//		return core.Refusal(refusal)
//	}
//
//	func (adapted) Reason(err error) core.Reason {
//		reason := loop.Reason(core.ReasonNone)
//		errors.As(err, &reason)
//		return core.Reason(reason)
//	}
//
//	func (adapted) Culprit(err error) (task string, run core.Run) {
//		if halt := (*loop.Halt)(nil); errors.As(err, &halt) {
//			return halt.Task, halt.Run
//		}
//		return "", 0
//	}
//
// docs/embedding.md walks through that loop.
//
// # What a runtime needs
//
//   - A recording. The machine is stepped through a scenario.Recorder that writes to Env.Recording. Without it the suite
//     could not tell an event that was never sent from one that changed nothing.
//   - A recording of each supervisor. Those that are tasks of others (DutyTree) are opened like all others, each with a recording of its own,
//     and are started by the runtime: the heads in the recording say where another life begins.
//   - Runs that can be stood in for. A [Body] is a function that behaves as its script says. If the runs are processes,
//     callbacks or something else that is no function, have the driver start a goroutine with the body in their place:
//     what is checked is the driver.
//   - Virtual time. Every scenario is played in a testing/synctest bubble, and so takes no time at all. A runtime that
//     uses package time or clock.System needs nothing else: that is BubbleClock, the default. One that takes its time
//     from a clock.Clock can be run on all kinds of it, see Suite.Clocks.
//   - Goroutines that block on timers, sync.Cond and channels made in the scenario. In a bubble, time stands still while any
//     goroutine waits for a channel that a package variable holds, for a mutex, for the network or for another process. A
//     runtime that holds a mutex while it waits for a task does not fail a subtest: it hangs. After two minutes
//     (Suite.Patience) the test ends with the name of the scenario and the stacks of all goroutines.
//
// A runtime that does not take on one of the duties, for instance because it has no observers or no probes, says so in
// Suite.Waived. Methods that go with such a duty can be empty, or come from [Unsupported]. What was not tried for that is said on
// the standard error, and by a subtest that is skipped.
//
// # What is checked
//
// The constants of type [Duty] say what each subtest checks. Besides them there is one for each invariant of the machine,
// by the checkers of package sim/checkers, in the recordings: they find what a driver does to the machine that must
// not be done.
//
// The scripted scenarios are: calls before the start; runs that end in every way; backoff, with and without health checks,
// and delays that runs ask for; good ends that are too quick; operators at work in every status; tasks that are removed
// while something of them is alive, and names that are used again; callers that wait; runs of which each has a copy of its
// own; supervisors that are started again, with all that was said before and meanwhile, and with runs that were left
// behind; runs that ignore their stop for a while or for ever, waited for, replaced or escalated; shutdowns one by one,
// together and against an overall deadline, by a call and by the end of the context; a supervisor that gives up and one
// that has nothing left to do; ends, deadlines and calls at the same instant; hundreds of ends
// while a call is decided; observers that hang and panic; readiness that
// comes soon, late or never, and is taken back; beats and promises, kept and broken; probes answered in every way; runs
// that are done, runs that cannot go on, and runs that are lost with what carried them; restarts that are too many or have to wait for each other; tasks that need
// others, that are suspended or held, and whose policy changes; groups under each strategy, in which one task fails, several do,
// operators meddle or runs ignore their stop; a tree of three runtimes, each in a run of another; and supervisors
// that are tasks of others, or are made anew for each run of one, ready with their tasks, restarted, given up, removed and replaced, with
// all that was said inside, and with runs that were left behind. In the random ones
// several operators call anything at any time, while runs do what they like.
//
// Of each scenario in which a duty was broken the recording is written to a new temporary folder, which the log
// names and which stays, in the format of core/scenario. Run the test with -race too: the suite calls from many
// goroutines.
package conformance
