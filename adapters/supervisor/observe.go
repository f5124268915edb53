package supervisor

import (
	"context"
	"log/slog"
	"time"

	"github.com/tasksupervisor/tasksupervisor/clock"
	"github.com/tasksupervisor/tasksupervisor/core"
)

// Transition is one decision of a supervisor: a change of a task's status, or the end of the supervisor.
//
// A task that has failed has recovered when it has been healthy for as long as its policy calls stable (see
// [WithStableAfter]). That changes nothing, but is told, by a transition with Failures. So is the panic of a probe whose answer
// is no longer awaited, by one with LateProbe.
//
// If transitions are lost at the very end, one more says how many: it has no Why, and only Seq and Lost mean anything.
type Transition struct {
	Seq        uint64     // counts the transitions for this observer from 1, of all supervisors and lost ones included
	Lost       uint64     // how many transitions the observer has lost just before this one
	Supervisor string     // the supervisor's path, see Report.Path
	Task       string     // the task's name; "" if it concerns the supervisor as a whole
	At         Instant    // the instant of the decision, of the supervisor's clock
	Date       time.Time  // the same by the wall clock; zero if the clock has none, or before the first Run
	Kind       ActionKind // what the supervisor did about it
	From, To   Status     // the task's status before and after
	Why        Reason     // what led to it
	Run        RunNumber  // the run it concerns
	Exit       ExitKind   // how the run ended, if it follows from an end
	Attempts   uint32     // the task's restarts in a row, after the decision
	Until      Instant    // when the status ends by itself, see TaskStatus. Failed: the exact next start. Else Never
	LeftBehind uint32     // ActionHalt: how many runs are left behind, in nested supervisors, too
	// Err is the run's error, missed beat or failed probe, or what holds the task (see TaskStatus.HeldBy); of the halt, why the supervisor stopped. Of a supervisor that is
	// abandoned it is a [*LeftBehindError] that says which of its tasks are stuck.
	Err        error
	Failures   uint32        // not 0: the task has recovered from so many failures
	Down       time.Duration // and this was the time from the first of them until it was healthy for good
	FailedStop bool          // the run ended with Err while it was being stopped, which is not a failure: see FailedStop
	LateProbe  bool          // a probe of the run panicked, or ended its goroutine, when its time was over: Err says which

	// AllWell says that with this no task of the whole tree is in trouble any more: each that had failed has recovered, has
	// completed, or was killed or removed.
	AllWell bool

	ctx      context.Context // for loggers
	ill      illness         // for loggers: what is over if AllWell
	halting  bool            // of a death: the supervisor is stopping, for that or anyway
	severe   bool            // of a failed stop: it was a panic, the end of the goroutine or what Fatal made
	declared bool            // it was added suspended until its needs were declared: no operator has resumed it
}

// Path returns the path of the task that the transition is about, or of the supervisor: the names from the root down, separated by slashes.
func (t Transition) Path() string { return join(t.Supervisor, t.Task) }

// Level returns the level at which [WithLogger] logs the transition: Error for what needs an operator, Warn for failures that
// are retried, Info for what an operator did and for ends, Debug for the rest. An observer that is too slow loses
// transitions of lower levels first.
func (t Transition) Level() slog.Level { return logLevel(&t) }

// ObserverReport counts what became of an observer's transitions.
type ObserverReport struct {
	Delivered  uint64 // transitions it has been given
	Pending    uint64 // transitions it has not been given yet, and the one that it is busy with
	Lost       uint64 // transitions it was too slow for
	LostErrors uint64 // of these, at level Error
	Late       uint64 // how often a decision went on before it had been told, see WithSyncObserver
	Panics     uint64 // of its calls that panicked or ended their goroutine
	LastPanic  error  // the *PanicError or *GoexitError of the latest of these
}

// Drain waits until every observer has been given all transitions so far and all recordings are written (see
// [WithRecorder]): those of this supervisor, which may belong to supervisors above, and of all below it. If ctx ends
// first, it returns the cause of that. [Supervisor.Run] does this before it returns, see [WithDrainTimeout].
//
// An observer cannot wait for itself: called by one, Drain returns [ErrObserving].
func (s *Supervisor) Drain(ctx context.Context) error {
	if err := s.usable(ctx); err != nil {
		return err
	}
	if isObserving() {
		return ErrObserving
	}
	for _, drained := range s.drained() {
		select {
		case <-drained:
		case <-ctx.Done():
			return soundCause(ctx)
		}
	}
	return nil
}

// publish tells the observers of a decision. It is called with mu held.
func (s *Supervisor) publish(a *core.Action, m *member, ended *run, failedStop bool) {
	ill, allWell := s.noteTrouble(a, m)
	t := Transition{
		Supervisor: s.path(),
		At:         a.At, Kind: a.Kind, From: a.From, To: a.To, Why: a.Why, Run: a.Run, Exit: a.Exit,
		Attempts: a.Attempts, Until: a.Until, LeftBehind: a.LeftBehind, FailedStop: failedStop,
		halting: a.To == StatusDead && s.engine.machine.HaltReason() != ReasonNone,
		severe:  failedStop && ended.severe,
		AllWell: allWell, ill: ill, ctx: s.contextOf(m, ended),
	}
	if m != nil {
		t.Task = m.name
		t.declared = s.declaring && a.Why == ReasonResumed
	}
	if s.session != nil {
		t.Date, _ = clock.Date(s.session.source, a.At)
	}
	switch {
	case a.Kind == ActionHalt:
		t.Err = s.session.verdict
		t.LeftBehind += s.leftBehindBelow()
	case a.Kind == ActionAbandon:
		if left := m.leftBehind(nil, s); len(left[len(left)-1].Stuck) > 0 {
			t.Err = &LeftBehindError{left[len(left)-1:]}
		}
	case m != nil:
		t.Err = errOf(a, m, ended)
	}
	s.watching.publish(&t, &s.mu)
}

// errOf returns the error that an action about a task follows from, if any.
func errOf(a *core.Action, m *member, ended *run) error {
	switch {
	case a.Exit == ExitStartTimeout, a.Exit == ExitWatchdog:
		return m.lastErr
	case a.Exit != ExitNone && ended != nil && ended.member == m:
		return ended.err
	case a.Why == ReasonWatchdog && m.current != nil:
		return m.current.missCause()
	case a.Why == ReasonProbeFailed && m.current != nil:
		return m.current.health.Load().err
	case a.Why == ReasonStartTimeout && m.current != nil:
		return m.current.startCause()
	case a.Why == ReasonHeld:
		return m.heldBy(a.At)
	}
	return nil
}
