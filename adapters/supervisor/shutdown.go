package supervisor

import (
	"time"

	"github.com/tasksupervisor/tasksupervisor/core"
)

// A shutdown can be asked for some time before it begins (see WithShutdownDelay). The machine knows nothing of that: it is told of
// the shutdown when the time has come, to the nanosecond, though the loop may wake up late.

// ShutdownIn returns how long it is until the shutdown begins that was asked for, see [WithShutdownDelay]; ok is false if none is
// pending.
func (s *Supervisor) ShutdownIn() (d time.Duration, ok bool) {
	if s.made() != nil {
		return 0, false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.engine.stopAt == Never || s.fault != nil {
		return 0, false
	}
	return max(0, time.Duration(s.engine.stopAt-s.now())), true
}

// askToStop has the supervisor shut down. Why is the cause with which the contexts of runs end; if it has been asked to already,
// the first cause stays. It is called with mu held.
func (s *Supervisor) askToStop(session *session, why error) {
	running := s.phase() == PhaseRunning && s.engine.stopAt == Never
	if running {
		session.shutdown = why
	}
	switch delay := s.settings.shutdownDelay; {
	case delay == 0 || session.parent != nil || s.phase() != PhaseRunning:
		s.handle(input{Event: core.Event{Kind: core.EventShutdown}}) // refused if it is stopping already
	case running:
		s.engine.stopAt = dueAt(s.now(), delay)
		s.engine.arm(session.source)
		s.changed.fire()
		s.reshaped.fire()
	}
}

// beginStop begins the shutdown that was asked for, if it is due by an instant.
func (s *Supervisor) beginStop(by core.Instant) {
	at := s.engine.stopAt
	if at > by || at == Never {
		return
	}
	s.engine.stopAt = Never
	s.catchUp(at)
	s.tellRecoveries(at)
	s.feed(input{Event: core.Event{At: at, Kind: core.EventShutdown}})
}
