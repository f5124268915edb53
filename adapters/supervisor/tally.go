package supervisor

import (
	"math"
	"time"

	"github.com/tasksupervisor/tasksupervisor/core"
)

// Totals are counted where a decision is carried out. A task that was started once needs no tally for that: what there is to
// count follows from how its run ended. So tens of thousands of tasks that fail in one instant take no more memory for it.

// tally is what a task's totals are made of, from its second start on at the latest, and its trouble.
type tally struct {
	Totals           // less the starts of this member, and the downtime that is not over
	trouble *trouble // nil: none
}

// tallied returns the task's tally for writing.
func (m *member) tallied() *tally {
	if m.tally == nil {
		m.tally = new(tally)
		if m.lastExit != ExitNone {
			m.tally.exited(m.lastExit)
		}
	}
	return m.tally
}

// inTrouble returns the task's trouble; nil if it has none.
func (m *member) inTrouble() *trouble {
	if m.tally == nil {
		return nil
	}
	return m.tally.trouble
}

// totals returns what has happened to the task by an instant.
func (m *member) totals(now Instant) (t Totals) {
	switch {
	case m.tally != nil:
		t = m.tally.Totals
	case m.lastExit != ExitNone:
		once := tally{}
		once.exited(m.lastExit)
		t = once.Totals
	}
	t.Starts += m.started
	if m.isDown {
		t.Downtime = longer(t.Downtime, now-m.downSince)
	}
	return t
}

// countStart counts a start that is about to happen.
func (m *member) countStart(why Reason) {
	if m.started == 0 && m.tally == nil {
		return // it is no restart
	}
	t := m.tallied()
	if m.started == 0 && t.Starts == 0 {
		return
	}
	if why == ReasonBackoff { // which says only that a delay has passed
		switch {
		case m.repeats:
			why = ReasonRepeat
		case m.lastExit == ExitLost:
			why = ReasonLost
		default:
			why = ReasonFailure
		}
	}
	*t.Restarts.of(why)++
}

// countExit counts the end of the task's current run, before it becomes its latest exit.
func (m *member) countExit(exit ExitKind) {
	if m.tally != nil || m.lastExit != ExitNone {
		m.tallied().exited(exit)
	}
}

// countLateExit counts the end of a run that was left behind.
func (m *member) countLateExit(r *run) {
	*m.tallied().Exits.of(r.lateExit())++
}

// lateExit returns how a run ended that was left behind.
func (r *run) lateExit() ExitKind {
	switch {
	case r.hung && r.stopped == ReasonStartTimeout:
		return ExitStartTimeout
	case r.hung:
		return ExitWatchdog
	default:
		return ExitStopped
	}
}

// exited counts the end of a run. That a run hangs is counted when it is found out.
func (t *tally) exited(exit ExitKind) {
	*t.Exits.of(exit)++
	if exit == ExitFatal || exit.Failure() && exit != ExitStartTimeout && exit != ExitWatchdog {
		t.Failures++
	}
}

// follow keeps the account of whether the task is down.
func (s *Supervisor) follow(m *member, a *core.Action) {
	switch {
	case s.session == nil || s.session.over:
		return
	case a.Why == ReasonKilled, a.Why == ReasonSuspended, a.Why == ReasonRemoved, a.Why == ReasonSupervisorStop:
		m.goUp(a.At)
		return
	case a.From == a.To:
		return
	}
	switch a.To {
	case StatusFailed:
		m.repeats = a.Why == ReasonRepeat
		if m.repeats {
			m.goUp(a.At)
		} else {
			m.goDown(a.At)
		}
	case StatusDead:
		m.goDown(a.At)
	case StatusStopping:
		switch {
		case a.Why == ReasonSibling, a.Why == ReasonDependency:
			m.goDown(a.At)
		case a.Why.Hangs() && s.intentOf(m) == IntentRetry:
			m.tallied().Failures++
			m.goDown(a.At)
		}
	case StatusAbandoned:
		switch s.intentOf(m) {
		case IntentRestart, IntentRetry, IntentStartAgain:
			m.goDown(a.At)
		default: // it is not to start again
		}
	case StatusHealthy, StatusCompleted, StatusHalted, StatusNone:
		m.goUp(a.At)
	case StatusCreated, StatusStarting: // as it was
	default:
		panic("supervisor: a task without a status")
	}
}

func (s *Supervisor) intentOf(m *member) Intent {
	status, _ := s.engine.machine.Status(m.id)
	return status.Intent
}

func (m *member) goDown(at Instant) {
	if !m.isDown {
		m.isDown, m.downSince = true, at
	}
}

func (m *member) goUp(at Instant) {
	if m.isDown {
		m.isDown = false
		t := m.tallied()
		t.Downtime = longer(t.Downtime, at-m.downSince)
	}
}

// allUp ends the downtime of all tasks, because their supervisor has stopped.
func (r *registry) allUp(at Instant) {
	for _, m := range r.slots {
		if m != nil {
			m.goUp(at)
		}
	}
}

// longer adds a time to a duration.
func longer(d time.Duration, by Instant) time.Duration {
	if by > math.MaxInt64-Instant(d) {
		return math.MaxInt64
	}
	return d + time.Duration(max(by, 0))
}

// inheritTotals gives a task what has happened to the one whose place it takes.
func (m *member) inheritTotals(from *Totals) {
	totals := m.totals(m.downSince)
	totals.atLeast(from)
	totals.Starts -= m.started
	if totals != (Totals{}) {
		m.tallied().Totals = totals
	}
}

// inheritStats gives the supervisor what has happened to the one whose place it takes.
func (s *Supervisor) inheritStats(from *Stats) {
	own := s.counted().TransitionsLost - s.stats.TransitionsLost
	s.stats.TransitionsLost += own
	s.stats.atLeast(from)
	s.stats.TransitionsLost -= own
}
