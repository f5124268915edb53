package supervisor

import (
	"context"

	"github.com/tasksupervisor/tasksupervisor/core"
)

// Ready says that a run is ready, see [WithReadiness], or ready again after [NotReady]. ctx is the context of the run, or is
// derived from it. For a run that is ready already or is being stopped, or whose task has no readiness, it does nothing and
// returns nil: so a task need not know how it is supervised.
//
// The error is [ErrNoRun] with any other context, [ErrNilContext], or [ErrRunEnded] if the run has ended. Whoever returns it
// sees at once what would otherwise be a start timeout.
func Ready(ctx context.Context) error {
	r, err := liveRunOf(ctx)
	if err != nil {
		return err
	}
	r.session.supervisor.runReady(r)
	return nil
}

// NotReady takes back what [Ready] said, until Ready says it again: for instance while a run has lost the connection that it
// serves from. The run goes on and its task stays healthy, with TaskStatus.Unready set. All tasks that run go on, those that are
// bound to this one too. Tasks that have yet to start wait: those that need this one, and where a strategy starts tasks in order,
// those behind it. A supervisor with readiness that the task is in is not ready either, see [WithReadiness].
//
// ctx is as for Ready. For a run that is not ready yet, has taken its readiness back already or was asked to stop, and for a task
// without readiness, it does nothing and returns nil. The errors are those of Ready. It is safe for concurrent use.
func NotReady(ctx context.Context) error {
	r, err := liveRunOf(ctx)
	if err != nil {
		return err
	}
	r.session.supervisor.runNotReady(r)
	return nil
}

func (s *Supervisor) runReady(r *run) {
	s.mu.Lock()
	defer s.mu.UnlockInLoop()
	status, _ := s.engine.machine.Status(r.member.id)
	if r.member.current == r && (status.Status == StatusStarting || status.Unready) {
		s.handle(input{Event: core.Event{Kind: core.EventReady, Task: r.member.id, Run: r.number}})
	}
}

func (s *Supervisor) runNotReady(r *run) {
	s.mu.Lock()
	defer s.mu.UnlockInLoop()
	status, _ := s.engine.machine.Status(r.member.id)
	if r.member.current == r && status.Status == StatusHealthy && !status.Unready && s.policyOf(r.member).Readiness {
		s.handle(input{Event: core.Event{Kind: core.EventUnready, Task: r.member.id, Run: r.number}})
	}
}

// awaitsReadiness reports whether a run has yet to be ready.
func (s *Supervisor) awaitsReadiness(r *run) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.isStarting(r)
}

func (s *Supervisor) isStarting(r *run) bool {
	status, _ := s.engine.machine.Status(r.member.id)
	return r.member.current == r && status.Status == StatusStarting
}
