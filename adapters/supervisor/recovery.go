package supervisor

import (
	"container/heap"
	"time"

	"github.com/tasksupervisor/tasksupervisor/clock"
	"github.com/tasksupervisor/tasksupervisor/core"
)

// A task that has failed has recovered when a run of it has been healthy for as long as its policy calls stable. That is no
// decision, and the machine needs no timer for it; but observers are told. So it is remembered here, if there are any,
// which tasks to look at when.

// trouble is what a task has been through since it was last healthy for long enough.
type trouble struct {
	failures uint32
	since    Instant // of the first
	up       Instant // when it was last healthy again
	listed   bool    // among the recoveries
}

// recoveries are the tasks that are healthy again, or were, once each, by when they may have recovered.
type recoveries []recovery

type recovery struct {
	at     Instant
	member *member
}

func (r recoveries) Len() int           { return len(r) }
func (r recoveries) Less(i, j int) bool { return r[i].at < r[j].at }
func (r recoveries) Swap(i, j int)      { r[i], r[j] = r[j], r[i] }
func (r *recoveries) Push(x any)        { *r = append(*r, x.(recovery)) }

func (r *recoveries) Pop() any {
	last := len(*r) - 1
	x := (*r)[last]
	(*r)[last] = recovery{}
	*r = (*r)[:last]
	return x
}

// next returns when a task may have recovered, at the earliest.
func (r recoveries) next() Instant {
	if len(r) == 0 {
		return Never
	}
	return r[0].at
}

// noteTrouble records that a task has failed, or is healthy again. allWell reports whether it was the last of the tree that was in
// trouble, and is not any more.
func (s *Supervisor) noteTrouble(a *core.Action, m *member) (ill illness, allWell bool) {
	switch {
	case s.session == nil:
	case a.Kind == ActionHalt:
		s.forgetTroubles()
	case m == nil || a.From == a.To || s.session.over:
	case a.To == StatusCompleted, a.To == StatusNone, a.To == StatusDead && a.Why == ReasonKilled:
		return s.endTrouble(m)
	case a.Exit.Failure() && (a.To == StatusFailed || a.To == StatusDead):
		of := m.inTrouble()
		if of == nil {
			of = new(trouble)
			m.tallied().trouble = of
		}
		if of.failures == 0 {
			of.since = a.At
			s.engine.ill++
		}
		s.session.audience.fails(of.failures == 0)
		of.failures++
	case a.To == StatusHealthy:
		if of := m.inTrouble(); of != nil && of.failures > 0 {
			of.up = a.At
			s.expectRecovery(m)
		}
	}
	return illness{}, false
}

// endTrouble ends the trouble of a task, if it is in any.
func (s *Supervisor) endTrouble(m *member) (ill illness, allWell bool) {
	of := m.inTrouble()
	if of == nil || of.failures == 0 {
		return illness{}, false
	}
	*of = trouble{listed: of.listed}
	s.engine.ill--
	return s.session.audience.isWell(1)
}

// forgetTroubles forgets the troubles of all tasks, because their supervisor has stopped. That makes nothing well.
func (s *Supervisor) forgetTroubles() {
	s.session.audience.isWell(s.engine.ill)
	s.engine.recoveries, s.engine.ill = nil, 0
}

// expectRecovery has a task that is healthy looked at when it has been so for long enough.
func (s *Supervisor) expectRecovery(m *member) {
	of := m.tally.trouble
	at := dueAt(of.up, s.policyOf(m).StableAfter)
	if of.listed || at == Never {
		return
	}
	of.listed = true
	heap.Push(&s.engine.recoveries, recovery{at, m})
	s.engine.arm(s.session.source)
}

// tellRecoveries tells of the tasks that have recovered by an instant.
func (s *Supervisor) tellRecoveries(by Instant) {
	for s.engine.recoveries.next() <= by && len(s.engine.recoveries) > 0 {
		m := heap.Pop(&s.engine.recoveries).(recovery).member
		of := m.tally.trouble
		of.listed = false
		if m.id == 0 || of.failures == 0 {
			continue
		}
		status, _ := s.engine.machine.Status(m.id)
		if status.Status != StatusHealthy {
			continue // it is listed again when it is healthy again
		}
		at := dueAt(of.up, s.policyOf(m).StableAfter)
		if at > by {
			s.expectRecovery(m)
			continue
		}
		date, _ := clock.Date(s.session.source, at)
		failures, down := of.failures, time.Duration(of.up-of.since)
		ill, allWell := s.endTrouble(m)
		s.watching.publish(&Transition{
			Supervisor: s.path(), Task: m.name, At: at, Date: date, Kind: ActionTransition, From: StatusHealthy, To: StatusHealthy,
			Why: status.Why, Run: status.Run, Until: Never, Failures: failures, Down: down,
			AllWell: allWell, ill: ill, ctx: s.contextOf(m, nil),
		}, &s.mu)
	}
}
