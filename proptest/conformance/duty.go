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

	// DutyCalls (2, 3): for each accepted call there is one accepted event, with the policy that was given, and for each
	// accepted event one call.
	DutyCalls Duty = "accepted calls are accepted events"

	// DutyNames (4, 9): a task goes by its name from its ActionAdd to its ActionForget, and the name is taken as long.
	DutyNames Duty = "names live as long as their tasks"

	// DutyStarts (5): each ActionStart is carried out once, with the number of the run, and nothing else is started.
	DutyStarts Duty = "starts are carried out once"

	// DutyStartInstants (5, 10): runs start at the instants of their ActionStart.
	DutyStartInstants Duty = "runs start at their instants"

	// DutyStartOrder (5): a run starts only after every end, and every readiness, of which the machine was told before it
	// decided the start. So what the machine waits for has happened.
	DutyStartOrder Duty = "starts are in order"

	// DutyOneRun (5): a task has one live run at a time, but for an abandoned one that its policy has replaced.
	DutyOneRun Duty = "a task has one live run"

	// DutyContexts: each run has a context of its own, which ends with the run.
	DutyContexts Duty = "every run has a fresh context"

	// DutyValues: contexts have the values of the one that was given to Start, and neither its end nor its deadline.
	DutyValues Duty = "contexts inherit values but not the end"

	// DutyCopies: where a task makes what a run does anew, each run has a copy of its own, made for it and no other.
	DutyCopies Duty = "every run has a copy of its own"

	// DutyStops (6): each ActionStop reaches its run at its instant, and no other run is asked to stop.
	DutyStops Duty = "stops reach their runs"

	// DutyCauses (6): a run that is asked to stop can see why.
	DutyCauses Duty = "the cause of a stop says why"

	// DutyStopOrder (6): a run is asked to stop only after every end, and every readiness, of which the machine was told before
	// it decided the stop.
	DutyStopOrder Duty = "stops are in order"

	// DutyEnds (5, 6): each end of a run is reported to the machine, once.
	DutyEnds Duty = "ends are reported once"

	// DutyExits (5): an end is reported as what it was: good, an error, a panic or a Goexit.
	DutyExits Duty = "ends are reported as what they were"

	// DutyVerdicts (5): a run that says that it is done, or that it cannot go on, is reported so.
	DutyVerdicts Duty = "done and fatal ends are reported as such"

	// DutyLosses (5): a run that is lost with what carried it, such as its machine, is reported as lost, and none else is.
	DutyLosses Duty = "losses are reported as such"

	// DutyDelays (5): the end of a run that asks for a delay of its own says so, and no other end does.
	DutyDelays Duty = "ends tell the delays they ask for"

	// DutyEndings: the error that a run returned is kept; so are value and stack of a panic and the stack of a Goexit.
	DutyEndings Duty = "errors, panics and stacks are kept"

	// DutyLateEnds (7): the end of an abandoned run is reported as that run's, whatever runs there are since.
	DutyLateEnds Duty = "late ends are reported as such"

	// DutyReady (7): that a run is ready is told when the run says so, of that run, and only then.
	DutyReady Duty = "runs are ready when they say so"

	// DutyUnready (7): that a run is not ready any more is told when the run says so, and so is that it is ready again.
	DutyUnready Duty = "runs take their readiness back when they say so"

	// DutyBeats (7): a beat that came in time counts, and a run that has not beaten in time is found: at the instant that it
	// promised, or not later than as much again as its policy says, so that beats need not be told before they matter.
	DutyBeats Duty = "beats count, and only they"

	// DutyProbes (7): each ActionProbe is one probe of its run, at its instant, but while another one has not returned.
	// The answer is told at once, but if the run was probed again since.
	DutyProbes Duty = "probes are asked and answered once"

	// DutyNeeds: a task that needs others is added suspended, and resumed when the machine knows all that it needs.
	DutyNeeds Duty = "needs are known before the start"

	// DutySuspensions: DutyCalls, of tasks that are suspended and resumed.
	DutySuspensions Duty = "tasks are suspended and resumed"

	// DutyHolds: DutyCalls, of tasks that are held and released. A driver that has no place for a run says so by itself; here it is
	// told to. That a held task does not start is up to the machine.
	DutyHolds Duty = "tasks are held and released"

	// DutyChanges: DutyCalls, of policies and limits that change.
	DutyChanges Duty = "policies and limits change as told"

	// DutyWaits: whoever removes or kills a task and waits is answered when that is done, or when only abandoned runs are left to
	// wait for: not before, and not later.
	DutyWaits Duty = "waits end when it is done"

	// DutyAgain: a supervisor that has halted can be started again, and has then, in order, the tasks that it has by what was said by
	// hand: with their policies and needs, and its limits as they were changed; the suspended ones suspended, the held ones held, the
	// killed ones dead, and those on their way out still so. Nothing else is left of the life before.
	DutyAgain Duty = "what was said outlives a halt"

	// DutyLeft (7): runs that were left behind in an earlier life are waited for in a later one, and charged to no task.
	DutyLeft Duty = "runs left behind are waited for"

	// DutyTree: a supervisor that is a task of another, or is made anew for each run of one, lives as long as the run: it is started and shut
	// down with it, and how it halts is how the run ends. Each of its lives has what was said before by hand, task by task, also
	// where the supervisor is another one. It is ready when its tasks are. The runs of all lives of all supervisors are
	// accounted for by the one at the root, and those that were left behind are waited for and charged to none.
	DutyTree Duty = "supervisors can be tasks"

	// DutyRefusals (8): a refused call has an error, which says why, before the start, during a shutdown and after it.
	DutyRefusals Duty = "refused calls say why"

	// DutyHalt (9): whoever waits is told when ActionHalt says so, not before, each time the same.
	DutyHalt Duty = "the halt is told when it happens"

	// DutyCulprits (9): the error that whoever waits is told names the task and run that it is about, and wraps what that
	// run returned.
	DutyCulprits Duty = "the halt names its culprit"

	// DutyShutdown: the end of the context and a call of Shutdown shut down, at once.
	DutyShutdown Duty = "shutdowns begin at once"

	// DutyTicks (10): timers fire at their deadlines.
	DutyTicks Duty = "deadlines are met"

	// DutyAnswers: calls and queries return before any time passes, also while runs ignore their stop.
	DutyAnswers Duty = "calls never wait for a task"

	// DutyStatus: a status is what the machine says. It may be ahead in what it says of when a beat is due.
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
		DutyReplay, DutyInstants, DutyCalls, DutyNames, DutyStarts, DutyStartInstants, DutyStartOrder, DutyOneRun,
		DutyContexts, DutyValues, DutyCopies, DutyStops, DutyCauses, DutyStopOrder, DutyEnds, DutyExits, DutyVerdicts, DutyLosses, DutyDelays,
		DutyEndings, DutyLateEnds, DutyReady, DutyUnready, DutyBeats, DutyProbes, DutyNeeds, DutySuspensions, DutyHolds, DutyChanges, DutyWaits, DutyAgain, DutyLeft, DutyTree,
		DutyRefusals, DutyHalt, DutyCulprits, DutyShutdown, DutyTicks, DutyAnswers, DutyStatus, DutyReport, DutyObservers, DutyLeaks,
	}
}
