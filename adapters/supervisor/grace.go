package supervisor

import (
	"context"
	"time"

	"github.com/tasksupervisor/tasksupervisor/core"
)

// GracePeriod returns a context for what a run does when it has to stop: answer the requests that it has accepted, write what
// it holds. It has the values of ctx, which is the context of the run or derived from it, but does not end with it. It ends
// with [ErrGraceOver] shortly before the run would be abandoned: a tenth of its stop timeout before, or a second if that is
// less. So what is still open can be closed in time.
//
//	<-ctx.Done()
//	grace, cancel := supervisor.GracePeriod(ctx)
//	defer cancel()
//	if server.Shutdown(grace) != nil {
//		server.Close()
//	}
//
// It can be called before the run has to stop as well. Stop timeouts and policies that change meanwhile count, and so does
// [WithShutdownTimeout]. Where there is no limit to the time, or ctx belongs to no run, the context ends only by cancel, which
// is to be called in any case. When the run ends before, so does the context, with [ErrRunEnded].
func GracePeriod(ctx context.Context) (grace context.Context, cancel context.CancelFunc) {
	grace, end := context.WithCancelCause(context.WithoutCancel(ctx))
	r := runOf(ctx)
	if r == nil {
		return grace, func() { end(nil) }
	}
	release := context.AfterFunc(r, func() { end(r.awaitEndOfGrace(grace)) })
	return grace, func() {
		release()
		end(nil)
	}
}

// awaitEndOfGrace waits until a run that has to stop should hurry, and returns why. Somebody else can end the wait.
func (r *run) awaitEndOfGrace(grace context.Context) error {
	source := r.session.clock.NewSource()
	defer source.Arm(Never, false)
	for {
		now := source.Now() // before the rest is looked at: a wake-up that is too early does no harm
		left, changed, over := r.graceLeft()
		if over != nil {
			return over
		}
		source.Arm(dueAt(now, left), left != Forever)
		select {
		case <-source.Wake():
		case <-changed:
		case <-grace.Done():
			return nil
		}
	}
}

// graceLeft returns how long a run that has to stop may take for it, less what it takes to close what is open then. The channel
// is closed when that may have changed. If no time is left, over says why.
func (r *run) graceLeft() (left time.Duration, changed <-chan struct{}, over error) {
	s := r.session.supervisor
	s.mu.Lock()
	defer s.mu.Unlock()
	if r.over {
		return 0, nil, ErrRunEnded
	}
	if s.fault != nil || r.member.current != r {
		return 0, nil, ErrGraceOver
	}
	status, _ := s.engine.machine.Status(r.member.id)
	if status.Status != StatusStopping {
		return 0, nil, ErrGraceOver
	}
	changed = r.member.changed.next()
	until := min(status.Until, s.engine.machine.Supervisor().ShutdownUntil)
	if until == Never {
		return Forever, changed, nil
	}
	left = core.Duration(until - s.now() - closingTime(core.Duration(until-status.Since)))
	if left <= 0 {
		return 0, nil, ErrGraceOver
	}
	return left, changed, nil
}

// closingTime returns how much of a stop timeout is kept for what has to be closed in the end.
func closingTime(timeout time.Duration) Instant { return Instant(min(timeout/10, time.Second)) }
