package supervisor

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/tasksupervisor/tasksupervisor/core"
)

// StopCause says why a supervisor stopped, or is stopping. The zero StopCause means that it is not.
type StopCause struct {
	// Why is ReasonShutdown, ReasonAllEnded, ReasonAnyEnded, ReasonTooManyDead, ReasonIntensity or ReasonEscalated;
	// ReasonNone after a fault.
	Why Reason

	Task string    // the name of the task whose end or abandoned run brought it about; "" if none did
	Run  RunNumber // that task's run

	// Err is the error of that run, if it had one. Of a shutdown it is the cause with which the context given to Run
	// ended, and nil if Shutdown was called.
	Err error
}

// String returns the reason, the task and the error in one line.
func (c StopCause) String() string {
	text := c.Why.String()
	if c.Task != "" {
		text += fmt.Sprintf(", by %q, run %d", c.Task, c.Run)
	}
	if c.Err != nil {
		text += ": " + errorText(c.Err)
	}
	return text
}

// FailedStop is the end of a run that was being stopped, or was about to be, and that did not stop well: it returned something
// other than nil, an error made by [Done] or its context's own error, or it panicked, or ended its goroutine. Its context's
// own error is context.Canceled, the context's cause, or what wraps these; of errors that were joined, each has to be. A
// [*LeftBehindError] of a supervisor is accounted for elsewhere.
//
// That is not a failure of the task: it costs no attempt and counts for no limit. But something was lost, so it is logged, as a
// panic at level Error and else at Warn.
type FailedStop struct {
	Path string    // the names from the root supervisor down to the task
	Run  RunNumber // which run of the task
	Why  Reason    // why it was being stopped
	Exit ExitKind  // how it ended
	Err  error     // what it returned, or the *PanicError or *GoexitError
	At   Instant   // when that was
	Date time.Time // the same by the wall clock; zero if the clock has none

	round *round
}

// String says all of it in one line, times aside.
func (f FailedStop) String() string {
	return fmt.Sprintf("%s run %d (%v while it stopped, %v): %s", f.Path, f.Run, f.Exit, f.Why, errorText(f.Err))
}

// round is one Run of a root, with all Runs of the supervisors below it meanwhile.
type round struct{ _ byte } // not empty, so that no two are the same

// noteFailedStop notes the end of a run if an action is the first that follows from it and does not judge it. What judges it
// makes a failure of it, or a good end.
func (s *Supervisor) noteFailedStop(m *member, a *core.Action, ended *run) (failed bool) {
	if m == nil || ended == nil || ended.member != m || a.Exit == ExitNone || ended.noted {
		return false
	}
	ended.noted = true
	taken := a.Exit == ended.exit || a.Exit == ExitTooQuick // for what it was
	if !ended.fails || taken && judges(a.Why) {
		return false
	}
	why := ended.stopped
	if why == ReasonNone { // it ended before its turn to stop
		why = a.Why
	}
	if a.Exit == ExitStartTimeout || a.Exit == ExitWatchdog {
		m.lastErr = &alsoFailed{m.lastErr, ended.err}
	}
	s.keepFailedStop(m, ended, why)
	return true
}

func (s *Supervisor) keepFailedStop(m *member, r *run, why Reason) {
	at := s.now()
	m.rare().runs.FailedStops++
	m.failedStop = &FailedStop{r.path(), r.number, why, r.exit, r.err, at, r.date(at), r.session.round}
}

// judges reports whether an action for a reason takes the end of a run for what it was.
func judges(why Reason) bool {
	switch why {
	case ReasonFailure, ReasonLost, ReasonExhausted, ReasonNotRestartable, ReasonFatal, ReasonIntensity, ReasonCompleted, ReasonRepeat:
		return true
	default:
		return false
	}
}

func (m *member) appendFailedStops(dst []FailedStop) []FailedStop {
	for _, failed := range [...]*FailedStop{m.innerStop, m.failedStop} {
		if failed != nil {
			dst = append(dst, *failed)
		}
	}
	return dst
}

// latestFailedStop returns the last one in the list of the supervisor's own tasks, or nil.
func (s *Supervisor) latestFailedStop() *FailedStop {
	s.mu.Lock()
	defer s.mu.Unlock()
	failed := s.failedStops(nil)
	if len(failed) == 0 {
		return nil
	}
	return &failed[len(failed)-1]
}

// failedStops appends the failed stops of the supervisor's own tasks. It is called with mu held.
func (s *Supervisor) failedStops(dst []FailedStop) []FailedStop {
	if removed := s.registry.failedStop; removed != nil {
		dst = append(dst, *removed)
	}
	for _, m := range s.members() {
		dst = m.appendFailedStops(dst)
	}
	return dst
}

// noteHaltBegins notes why the machine begins to halt, if it did in a step, and returns the task that brought that about, if
// one did. Of that step's actions, those from the first stop on follow from the halt.
func (s *Supervisor) noteHaltBegins(actions []core.Action) *member {
	session, why := s.session, s.engine.machine.HaltReason()
	if why == ReasonNone || session.cause.Why != ReasonNone {
		return nil
	}
	follows := func(a core.Action) bool { return a.Why == ReasonSupervisorStop || a.Kind == ActionHalt }
	before := len(actions)
	if first := slices.IndexFunc(actions, follows); first >= 0 {
		before = first
	}
	if why == ReasonTooManyDead {
		session.tooMany = tooManyDead(s.engine.machine, actions[before:])
	}
	session.cause.Why = why
	s.stats.countEscalation(why)
	s.engine.stopAt = Never
	if caused, ok := session.shutdown.(*causedShutdown); ok && why == ReasonShutdown {
		session.cause.Err = caused.cause
	}
	status := s.engine.machine.Supervisor()
	id, run := status.Culprit, status.CulpritRun
	for _, a := range actions[:before] {
		if status.Culprit == 0 && brings(why, &a) {
			id, run = a.Task, a.Run
		}
	}
	if id == 0 {
		return nil
	}
	m := s.registry.of(id)
	if m != nil {
		session.cause.Task, session.cause.Run = m.name, run
	}
	return m
}

// brings reports whether an action can be what makes a supervisor halt for a reason.
func brings(why Reason, a *core.Action) bool {
	switch why {
	case ReasonAllEnded, ReasonAnyEnded:
		return a.From != a.To && (a.To == StatusCompleted || a.To == StatusDead)
	case ReasonTooManyDead:
		return countsAsDead(a.To) > countsAsDead(a.From)
	default:
		return false
	}
}

// tooManyDead returns the share of dead tasks at the moment when it became too large: before the actions that followed.
func tooManyDead(machine *core.Machine, followed []core.Action) *TooManyDeadError {
	counts := machine.Counts()
	dead, total := counts.Dead+counts.Abandoned, counts.Total
	for _, a := range followed {
		dead -= countsAsDead(a.To) - countsAsDead(a.From)
		if a.Kind == ActionForget {
			total++
		}
	}
	return &TooManyDeadError{Dead: dead, Total: total, Threshold: machine.Config().DeadThreshold}
}

func countsAsDead(status Status) int {
	if status == StatusDead || status == StatusAbandoned {
		return 1
	}
	return 0
}

// noteHalt notes that the machine has halted, and what that makes of Run. Everything that Run waits for is over.
func (s *Supervisor) noteHalt(why Reason) {
	session := s.session
	switch {
	case session.tooMany != nil:
		session.verdict = session.tooMany
	case session.escalated != nil:
		session.verdict = session.escalated
	case why == ReasonAllEnded || why == ReasonAnyEnded:
		if failed := s.failedTasks(s.endedBadly); len(failed) > 0 {
			session.verdict = &DeadTasksError{failed}
		}
	}
	session.source.Arm(Never, false)
	s.registry.allUp(s.engine.machine.Now())
	session.end()
}

// endedBadly reports whether a significant task that is down has failed, or failed to stop. It does not matter what the
// supervisor heard of first, this or the end that made it stop: of ends in one instant, either can be first.
func (s *Supervisor) endedBadly(m *member, status *core.TaskStatus) bool {
	down := status.Status == StatusDead && status.Why != ReasonKilled ||
		status.Status == StatusHalted && !status.Suspended && status.LastExit != ExitLost
	return down && m.failed && s.policyOf(m).Significant
}

// diedQuietly reports whether a task is dead because it failed, and no limit noticed.
func (s *Supervisor) diedQuietly(m *member, status *core.TaskStatus) bool {
	return status.Status == StatusDead && m.failed && (status.Why == ReasonExhausted || status.Why == ReasonNotRestartable) &&
		!(s.session.escalated != nil && s.session.escalated.Task == m.name)
}

// failedTasks returns the tasks of which something is true, in the order in which they were added.
func (s *Supervisor) failedTasks(failed func(*member, *core.TaskStatus) bool) (tasks []TaskError) {
	for status := range s.engine.machine.Tasks() {
		if m := s.registry.of(status.Task); m != nil && failed(m, &status) {
			tasks = append(tasks, TaskError{"run", m.name, m.lastErr})
		}
	}
	return tasks
}

// losses are what a strict result adds.
type losses struct {
	dead        []TaskError
	failedStops []FailedStop
}

// result returns what Run returns: what stopped the supervisor, then what was lost, if the result is strict, then what was
// left behind.
func (s *Supervisor) result(session *session, below losses, left []LeftBehindRun) error {
	var errs []error
	verdict := session.verdict
	if s.settings.strict {
		lost := s.lossesHere(session.round)
		if _, ok := verdict.(*DeadTasksError); ok {
			lost.dead = s.failedTasks(func(m *member, status *core.TaskStatus) bool {
				return s.endedBadly(m, status) || s.diedQuietly(m, status)
			})
			verdict = nil
		}
		if dead := append(lost.dead, below.dead...); len(dead) > 0 {
			errs = append(errs, &DeadTasksError{dead})
		}
		if failed := append(lost.failedStops, below.failedStops...); len(failed) > 0 {
			errs = append(errs, &FailedStopsError{failed})
		}
	}
	if verdict != nil {
		errs = slices.Insert(errs, 0, verdict)
	}
	if len(left) > 0 {
		errs = append(errs, &LeftBehindError{left})
	}
	if len(errs) == 1 {
		return errs[0]
	}
	return errors.Join(errs...)
}

// lossesHere returns the losses of the supervisor's own tasks. It is called with mu held.
func (s *Supervisor) lossesHere(round *round) (lost losses) {
	if s.fault == nil && s.session != nil {
		lost.dead = s.failedTasks(s.diedQuietly)
	}
	for _, failed := range s.failedStops(nil) {
		if failed.round == round {
			lost.failedStops = append(lost.failedStops, failed)
		}
	}
	return lost
}

// lossesBelow returns the losses in nested supervisors, if the result is strict. Tasks are called by their paths from here.
func (s *Supervisor) lossesBelow(round *round) (lost losses) {
	if s.settings.strict {
		s.appendLossesBelow(&lost, round, s.Path())
	}
	return lost
}

func (s *Supervisor) appendLossesBelow(lost *losses, round *round, root string) {
	for _, child := range s.below() {
		child.mu.Lock()
		path, here := child.path(), child.lossesHere(round)
		child.mu.Unlock()
		for _, dead := range here.dead {
			name := strings.TrimPrefix(strings.TrimPrefix(join(path, dead.Task), root), "/")
			lost.dead = append(lost.dead, TaskError{dead.Op, name, dead.Err})
		}
		lost.failedStops = append(lost.failedStops, here.failedStops...)
		child.appendLossesBelow(lost, round, root)
	}
}
