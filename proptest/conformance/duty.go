package conformance

// Duty is one thing a runtime owes, and the name of the subtest that checks it. The numbers are those of the duties in
// the documentation of package core.
type Duty string

// What every runtime owes.
const (
	// DutyReplay (1, 3): the recording replays through a bare machine of the same configuration to the same actions.
	// So there is one machine, it has one owner at a time, and it is told nothing that is not recorded.
	DutyReplay Duty = "the recording replays"

	// DutyInstants (2): an event has the instant at which it happened.
	DutyInstants Duty = "events have their instants"

	// DutyCalls (2, 3): for each accepted call there is one accepted event, and for each accepted event one call.
	DutyCalls Duty = "accepted calls are accepted events"

	// DutyNames (4, 9): a task goes by its name from its ActionAdd to its ActionForget, and the name is taken as long.
	DutyNames Duty = "names live as long as their tasks"

	// DutyStarts (5): each ActionStart is carried out once, with the number of the run, and nothing else is started.
	DutyStarts Duty = "starts are carried out once"

	// DutyStartInstants (5, 10): runs start at the instants of their ActionStart.
	DutyStartInstants Duty = "runs start at their instants"

	// DutyOneRun (5): a task has one live run at a time, but for an abandoned one that its policy has replaced.
	DutyOneRun Duty = "a task has one live run"

	// DutyContexts: each run has a context of its own.
	DutyContexts Duty = "every run has a fresh context"

	// DutyValues: contexts have the values of the one that was given to Start, and neither its end nor its deadline.
	DutyValues Duty = "contexts inherit values but not the end"

	// DutyStops (6): each ActionStop reaches its run at its instant, and no other run is asked to stop.
	DutyStops Duty = "stops reach their runs"

	// DutyCauses (6): a run that is asked to stop can see why.
	DutyCauses Duty = "the cause of a stop says why"

	// DutyStopOrder (6): with core.StopReverse, a run is asked to stop when the one before it is gone.
	DutyStopOrder Duty = "stops are in order"

	// DutyEnds (5, 6): each end of a run is reported to the machine, once.
	DutyEnds Duty = "ends are reported once"

	// DutyExits (5): an end is reported as what it was: good, an error, a panic or a Goexit.
	DutyExits Duty = "ends are reported as what they were"

	// DutyEndings: the error that a run returned is kept; so are value and stack of a panic and the stack of a Goexit.
	DutyEndings Duty = "errors, panics and stacks are kept"

	// DutyLateEnds (7): the end of an abandoned run is reported as that run's, whatever runs there are since.
	DutyLateEnds Duty = "late ends are reported as such"

	// DutyRefusals (8): a refused call has an error, which says why, before the start, during a shutdown and after it.
	DutyRefusals Duty = "refused calls say why"

	// DutyHalt (9): whoever waits is told when ActionHalt says so, not before, each time the same.
	DutyHalt Duty = "the halt is told when it happens"

	// DutyShutdown: the end of the context and a call of Shutdown shut down, at once.
	DutyShutdown Duty = "shutdowns begin at once"

	// DutyTicks (10): timers fire at their deadlines.
	DutyTicks Duty = "deadlines are met"

	// DutyAnswers: calls and queries return before any time passes, also while runs ignore their stop.
	DutyAnswers Duty = "calls never wait for a task"

	// DutyStatus: a status is what the machine says.
	DutyStatus Duty = "a status is the machine's"

	// DutyReport: when the supervisor has halted, every run has ended or is reported as left behind, and when all have
	// ended, the report says so.
	DutyReport Duty = "the report accounts for every run"

	// DutyObservers: observers are told of all actions in order, and one that is slow or panics delays and breaks nothing.
	DutyObservers Duty = "observers disturb nothing"

	// DutyLeaks: nothing is left running.
	DutyLeaks Duty = "nothing is left running"
)

// Duties returns all duties, in the order of their subtests.
func Duties() []Duty {
	return []Duty{
		DutyReplay, DutyInstants, DutyCalls, DutyNames, DutyStarts, DutyStartInstants, DutyOneRun, DutyContexts, DutyValues,
		DutyStops, DutyCauses, DutyStopOrder, DutyEnds, DutyExits, DutyEndings, DutyLateEnds, DutyRefusals, DutyHalt,
		DutyShutdown, DutyTicks, DutyAnswers, DutyStatus, DutyReport, DutyObservers, DutyLeaks,
	}
}
