package conformance

import (
	"errors"
	"maps"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/sim/checkers"
)

// defect is what is wrong with a crooked runtime.
type defect string

const (
	honest               defect = "none"
	otherConfig          defect = "makes the machine from another configuration"
	forgesRecording      defect = "does not record everything"
	stampsLate           defect = "gives ends an instant of its own"
	dropsCalls           defect = "accepts a call and does nothing"
	callsTwice           defect = "does for one call what two would"
	freesNamesEarly      defect = "frees the name of a task that is being removed"
	sharesNames          defect = "accepts a name that is taken"
	startsTwice          defect = "starts a run twice"
	tellsWrongNumber     defect = "tells the run a wrong number"
	startsLate           defect = "starts late"
	doesNotWait          defect = "reports an end when it asks for it"
	reusesContext        defect = "gives all runs of a task the same context"
	keepsContexts        defect = "does not cancel the context of a run that has ended"
	losesManyEnds        defect = "loses ends when many come together"
	dropsValues          defect = "drops the values of the context"
	inheritsEnd          defect = "stops all runs when the context ends"
	doesNotCancel        defect = "does not cancel"
	cancelsSiblings      defect = "stops others too"
	hidesCauses          defect = "cancels without a cause"
	stopsAllAtOnce       defect = "stops all at once"
	forgetsEnds          defect = "forgets to report an end at times"
	swallowsGoexit       defect = "swallows a Goexit"
	reportsTwice         defect = "reports ends twice"
	sendsWrongNumber     defect = "reports ends with a wrong number"
	panicIsError         defect = "reports a panic as an error"
	goexitIsPanic        defect = "reports a Goexit as a panic"
	losesPanics          defect = "loses the values of panics"
	losesStacks          defect = "loses stacks"
	losesErrors          defect = "loses errors"
	chargesLateEnd       defect = "reports the end of an abandoned run as the new one's"
	dropsLateEnds        defect = "does not report the end of an abandoned run"
	hidesRefusals        defect = "hides refusals"
	refusesWithoutReason defect = "refuses without a reason"
	haltsEarly           defect = "halts early"
	neverHalts           defect = "never tells that it has halted"
	tellsOnce            defect = "tells the reason of the halt to the first who waits"
	ignoresContext       defect = "ignores the end of the context"
	losesTicks           defect = "loses ticks"
	ticksLate            defect = "ticks late"
	waitsForTasks        defect = "has queries wait for a task"
	remembersStatus      defect = "answers with a status of its own"
	losesCount           defect = "does not count the ends of what is removed"
	hidesLeft            defect = "does not report the runs it leaves behind"
	waitsForObservers    defect = "waits for observers"
	losesObservations    defect = "does not tell observers of stops"
	leaks                defect = "leaves a goroutine running"
	ignoresPolicy        defect = "adds tasks with a policy of its own"
	readyAtStart         defect = "takes runs for ready when they start"
	deafToReady          defect = "does not tell that a run is ready"
	chargesReady         defect = "takes the latest run for the one that is ready"
	deafToUnready        defect = "does not tell that a run is not ready any more"
	readyOnce            defect = "does not tell that a run is ready again"
	chargesUnready       defect = "takes the latest run for the one that is not ready any more"
	deafToBeats          defect = "does not tell of beats"
	chargesBeats         defect = "takes the latest run for the one that beats"
	stampsBeats          defect = "tells of a beat as of the deadline that it was to meet"
	pullsFirst           defect = "looks only at the beats of the task that is due first"
	beatsItself          defect = "takes a query for a beat"
	breaksPromises       defect = "does not tell how soon the next beat is due"
	skipsProbes          defect = "answers probes itself"
	probesTwice          defect = "probes twice"
	losesAnswers         defect = "does not tell of answers"
	answersTwice         defect = "tells of answers twice"
	answersLate          defect = "tells of answers that are too late"
	mistakesPanics       defect = "takes a probe that panics for a good one"
	startsBeforeNeeds    defect = "adds a task before it tells what that needs"
	forgetsNeeds         defect = "tells only the first of a task's needs"
	ignoresBound         defect = "does not tell that a task is bound to what it needs"
	dropsSuspensions     defect = "does not suspend"
	dropsHolds           defect = "does not hold"
	suspendsToHold       defect = "suspends what is to be held"
	forgetsHolds         defect = "forgets when it is started again that tasks are held"
	suspendsTwice        defect = "suspends twice for one call"
	restartsToResume     defect = "restarts what is to be resumed"
	dropsPolicies        defect = "does not change policies"
	keepsLimits          defect = "changes limits to those it began with"
	doneIsOK             defect = "takes done for a good end"
	fatalIsError         defect = "takes fatal for an error"
	lossIsError          defect = "takes a loss for an error"
	judgesQuickEnds      defect = "takes a good end that was too quick for an error"
	losesDelays          defect = "does not tell the delay that a run asks for"
	keepsDelays          defect = "tells the delay of an earlier run"
	sharesCopies         defect = "makes one copy for all runs"
	makesAhead           defect = "makes the copy for the next run when one ends"
	keepsEndings         defect = "takes the end of an earlier task for that of the one that has its name"
	chargesAnswers       defect = "takes an answer to a probe for one of the task that has the name now"
	heedsOldContext      defect = "stops when the context of an earlier start ends"
	tellsOfRenewal       defect = "tells observers of the tasks that a new machine is given"
	forgetsKills         defect = "forgets when it is started again that tasks were killed"
	forgetsSuspensions   defect = "forgets when it is started again that tasks are suspended"
	remembersAdds        defect = "suspends again what was added suspended"
	forgetsPolicies      defect = "forgets when it is started again that policies were changed"
	forgetsLimits        defect = "forgets when it is started again that limits were changed"
	forgetsRemovals      defect = "keeps what was to be removed when its run has ended"
	losesNeeds           defect = "forgets when it is started again what tasks need"
	losesOrder           defect = "forgets when it is started again in which order tasks were added"
	remembersEnds        defect = "remembers when it is started again how runs ended"
	forgetsLeft          defect = "forgets the runs that it left behind"
	losesLeftEnds        defect = "does not tell of the ends of runs that were left behind"
	answersAtOnce        defect = "answers whoever waits for a removal at once"
	answersNextRun       defect = "answers whoever waits for a kill when no run is left"
	givesUpBesideOlder   defect = "waits no longer when a run was replaced"
	neverGivesUp         defect = "waits for abandoned runs"
	tellsOneCause        defect = "tells one cause for all"
	stopsSiblings        defect = "stops siblings all at once"
	stopsNeeded          defect = "stops what is needed together with what needs it"
	hidesCulprit         defect = "does not tell whom a halt is about"
	losesLastError       defect = "loses the error that led to the halt"
	hidesEscalation      defect = "tells of an escalation as of a shutdown"
	treeForgets          defect = "forgets when a supervisor is restarted by its parent that tasks are suspended"
	heirForgets          defect = "forgets what was said when a supervisor is made anew"
	heirForgetsLeft      defect = "forgets the runs that are left when a supervisor is made anew"
	treeReadyTooSoon     defect = "takes a supervisor for ready when it starts"
	treeReadyThoughDead  defect = "takes a supervisor for ready though a task is dead"
	treeKeepsReady       defect = "does not take back that a supervisor is ready"
	losesRemovedTree     defect = "does not count the runs of a supervisor that was removed"
	losesMadeTree        defect = "does not count the runs of a supervisor that was made anew since"
	countsTreeTwice      defect = "counts the runs of a supervisor for each of its lives"
	chargesLeft          defect = "takes a supervisor that left runs behind for one that failed"
	endsBeforeTree       defect = "ends the run of a supervisor before that has halted"
)

// broken says which duty each defect breaks.
var broken = map[defect]Duty{
	otherConfig:          DutyReplay,
	forgesRecording:      DutyReplay,
	stampsLate:           DutyInstants,
	dropsCalls:           DutyCalls,
	callsTwice:           DutyCalls,
	freesNamesEarly:      DutyNames,
	sharesNames:          DutyNames,
	startsTwice:          DutyStarts,
	tellsWrongNumber:     DutyStarts,
	startsLate:           DutyStartInstants,
	doesNotWait:          DutyOneRun,
	reusesContext:        DutyContexts,
	keepsContexts:        DutyContexts,
	losesManyEnds:        DutyEnds,
	dropsValues:          DutyValues,
	inheritsEnd:          DutyValues,
	doesNotCancel:        DutyStops,
	cancelsSiblings:      DutyStops,
	hidesCauses:          DutyCauses,
	stopsAllAtOnce:       DutyStopOrder,
	forgetsEnds:          DutyEnds,
	swallowsGoexit:       DutyEnds,
	reportsTwice:         DutyEnds,
	sendsWrongNumber:     DutyEnds,
	panicIsError:         DutyExits,
	goexitIsPanic:        DutyExits,
	losesPanics:          DutyEndings,
	losesStacks:          DutyEndings,
	losesErrors:          DutyEndings,
	chargesLateEnd:       DutyLateEnds,
	dropsLateEnds:        DutyLateEnds,
	hidesRefusals:        DutyRefusals,
	refusesWithoutReason: DutyRefusals,
	haltsEarly:           DutyHalt,
	neverHalts:           DutyHalt,
	tellsOnce:            DutyHalt,
	ignoresContext:       DutyShutdown,
	losesTicks:           DutyTicks,
	ticksLate:            DutyTicks,
	waitsForTasks:        DutyAnswers,
	remembersStatus:      DutyStatus,
	losesCount:           DutyReport,
	hidesLeft:            DutyReport,
	waitsForObservers:    DutyObservers,
	losesObservations:    DutyObservers,
	leaks:                DutyLeaks,
	ignoresPolicy:        DutyCalls,
	readyAtStart:         DutyStartOrder,
	deafToReady:          DutyReady,
	chargesReady:         DutyReady,
	deafToUnready:        DutyUnready,
	readyOnce:            DutyReady,
	chargesUnready:       DutyUnready,
	judgesQuickEnds:      DutyExits,
	losesDelays:          DutyDelays,
	keepsDelays:          DutyDelays,
	sharesCopies:         DutyCopies,
	makesAhead:           DutyCopies,
	keepsEndings:         DutyEndings,
	chargesAnswers:       DutyProbes,
	heedsOldContext:      DutyShutdown,
	tellsOfRenewal:       DutyObservers,
	forgetsKills:         DutyAgain,
	forgetsSuspensions:   DutyAgain,
	forgetsHolds:         DutyAgain,
	remembersAdds:        DutyAgain,
	forgetsPolicies:      DutyAgain,
	forgetsLimits:        DutyAgain,
	forgetsRemovals:      DutyAgain,
	losesNeeds:           DutyAgain,
	losesOrder:           DutyAgain,
	remembersEnds:        DutyEndings,
	forgetsLeft:          DutyLeft,
	losesLeftEnds:        DutyLeft,
	answersAtOnce:        DutyWaits,
	answersNextRun:       DutyWaits,
	givesUpBesideOlder:   DutyWaits,
	neverGivesUp:         DutyWaits,
	deafToBeats:          DutyBeats,
	chargesBeats:         DutyBeats,
	stampsBeats:          DutyBeats,
	pullsFirst:           DutyBeats,
	beatsItself:          DutyBeats,
	breaksPromises:       DutyBeats,
	skipsProbes:          DutyProbes,
	probesTwice:          DutyProbes,
	losesAnswers:         DutyProbes,
	answersTwice:         DutyProbes,
	answersLate:          DutyProbes,
	mistakesPanics:       DutyProbes,
	startsBeforeNeeds:    DutyNeeds,
	forgetsNeeds:         DutyNeeds,
	ignoresBound:         DutyNeeds,
	dropsSuspensions:     DutySuspensions,
	dropsHolds:           DutyHolds,
	suspendsToHold:       DutyHolds,
	suspendsTwice:        DutySuspensions,
	restartsToResume:     DutySuspensions,
	dropsPolicies:        DutyChanges,
	keepsLimits:          DutyChanges,
	doneIsOK:             DutyVerdicts,
	fatalIsError:         DutyVerdicts,
	lossIsError:          DutyLosses,
	tellsOneCause:        DutyCauses,
	stopsSiblings:        DutyStopOrder,
	stopsNeeded:          DutyStopOrder,
	hidesCulprit:         DutyCulprits,
	losesLastError:       DutyCulprits,
	hidesEscalation:      DutyHalt,
	treeForgets:          DutyTree,
	heirForgets:          DutyTree,
	heirForgetsLeft:      DutyTree,
	treeReadyTooSoon:     DutyTree,
	treeReadyThoughDead:  DutyTree,
	treeKeepsReady:       DutyTree,
	losesRemovedTree:     DutyTree,
	losesMadeTree:        DutyTree,
	countsTreeTwice:      DutyTree,
	chargesLeft:          DutyTree,
	endsBeforeTree:       DutyTree,
}

func suiteOf(d defect) *Suite {
	return &Suite{
		Open:   func(env Env) (Runtime, error) { return openCrooked(d, env) },
		Stress: 2,
	}
}

func TestHonestRuntimeKeepsEveryDuty(t *testing.T) {
	for _, kind := range []ClockKind{BubbleClock, VirtualClock, MockClock} {
		found := suiteOf(honest).examine(t, kind)
		require.Empty(t, found.broken)
		for _, duty := range Duties() {
			require.True(t, found.of(duty).kept(), "%v: %s: %s", kind, duty, found.of(duty))
		}
		for checker, entry := range found.invariants.entries {
			require.True(t, entry.kept(), "%v: %s: %s", kind, checker.Name(), entry)
		}
	}
}

func TestDutyThatWasNeverLookedAtIsNotKept(t *testing.T) {
	results := newResults()
	require.False(t, results.of(DutyStarts).kept())
	require.Contains(t, results.of(DutyStarts).String(), "nothing to check")
	results.check(DutyStarts, true, "scenario", 0, "")
	require.True(t, results.of(DutyStarts).kept())
	for range 2 * show {
		results.check(DutyStarts, false, "scenario", 0, "broken")
	}
	require.False(t, results.of(DutyStarts).kept())
	require.Contains(t, results.of(DutyStarts).String(), "scenario, 0s: broken\nand 5 more\n")
}

func TestRuntimeThatDoesNotOpen(t *testing.T) {
	closed := errors.New("closed today")
	suite := &Suite{Open: func(Env) (Runtime, error) { return nil, closed }, Stress: 1}
	found := suite.examine(t, BubbleClock)
	require.Len(t, found.broken, len(testCases())+1)
	require.Contains(t, found.broken[0], "closed today")
	for _, duty := range Duties() {
		require.False(t, found.of(duty).kept())
	}
}

// examineUntil plays scenarios with a runtime that has a defect, until enough was found. It does without the checkers of
// the invariants, which are about the machine.
func examineUntil(t *testing.T, d defect, enough func(*findings) bool) *findings {
	suite, found := suiteOf(d), newFindings()
	found.invariants = invariantsOf(checkers.NewSuite())
	for _, test := range append(testCases(), suite.stress()...) {
		if found.examine(t, suite, test, VirtualClock); enough(found) {
			break
		}
	}
	return found
}

func TestEveryDutyBites(t *testing.T) {
	bites := make(map[Duty]bool)
	for _, d := range slices.Sorted(maps.Keys(broken)) {
		duty := broken[d]
		if testing.Short() && bites[duty] {
			t.Logf("left to a run without -short: %s", d)
			continue
		}
		bites[duty] = true
		t.Run(string(d), func(t *testing.T) {
			found := examineUntil(t, d, func(f *findings) bool { return f.of(duty).failed > 0 })
			require.NotZero(t, found.of(duty).failed, "duty %q was not found broken", duty)
		})
	}
	for _, duty := range Duties() {
		require.True(t, bites[duty], "no runtime breaks duty %q", duty)
	}
}

// entailed says which other duties are broken with that of a defect.
var entailed = map[defect][]Duty{
	forgetsNeeds: {DutyAgain}, // what the machine was never told it cannot pass on
	keepsLimits:  {DutyAgain, DutyTree},
	forgetsKills: {DutyTree}, // the lives of a supervisor that is a task begin like any other's
	losesOrder:   {DutyTree},
	hidesLeft:    {DutyTree}, // and its runs are left behind like any other's
}

// A runtime that breaks one duty is not told that it breaks others, where these do not follow from it.
func TestOnlyTheBrokenDutyBites(t *testing.T) {
	defects := []defect{
		hidesCauses, goexitIsPanic, losesStacks, remembersStatus, hidesLeft, deafToReady, pullsFirst, answersLate,
		forgetsNeeds, suspendsTwice, keepsLimits, doneIsOK, hidesCulprit, losesDelays, sharesCopies, neverGivesUp, keepsEndings,
		forgetsKills, losesOrder, tellsOfRenewal, treeKeepsReady, losesMadeTree, chargesLeft,
	}
	if testing.Short() {
		t.Logf("left to a run without -short: %v", defects[3:])
		defects = defects[:3]
	}
	for _, d := range defects {
		t.Run(string(d), func(t *testing.T) {
			found := examineUntil(t, d, func(*findings) bool { return false })
			require.Empty(t, found.broken)
			for _, duty := range Duties() {
				require.Equal(t, duty == broken[d] || slices.Contains(entailed[d], duty), found.of(duty).failed > 0, "%s: %s", duty, found.of(duty))
			}
		})
	}
}
