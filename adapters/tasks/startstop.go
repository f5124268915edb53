package tasks

import (
	"context"
	"errors"
	"fmt"

	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
)

// StartStopper is what is started and stopped: Start returns when it works, and Stop when it does not any more.
//
// If it can stop by itself, it has to say so, or else its run goes on and no one learns of it. It does by a method Done() <-chan
// struct{} whose channel is closed then. A method Err() error says why; nil is a good end. One that has no such method is checked
// by a probe, see [supervisor.WithProbe].
type StartStopper interface {
	Start(ctx context.Context) error
	Stop(ctx context.Context) error
}

// ErrStoppedByItself is the failure of a run whose [StartStopper] was done without being stopped, and has no Err to say why.
var ErrStoppedByItself = errors.New("it stopped by itself")

// StartStop makes a task of what is started and stopped. The function makes it for each run; the context is the run's.
//
// The run is ready (see [supervisor.Ready]) when Start has returned nil. The context that Start gets has the values of the run's. It
// ends when the run has to stop while Start is going, and otherwise not before Stop has returned: so it can be the context
// of what is started, too. Stop is called once if Start has succeeded, and gets what is left of the stop timeout, see
// [supervisor.GracePeriod]. An error of Stop is the run's, unless the run has failed before; then it is both.
func StartStop[S StartStopper](create func(ctx context.Context) (S, error)) supervisor.TaskFunc {
	if create == nil {
		return nil
	}
	return func(ctx context.Context) error {
		s, err := create(ctx)
		if err != nil {
			return err
		}
		life, end := context.WithCancelCause(context.WithoutCancel(ctx))
		defer end(nil)
		release := context.AfterFunc(ctx, func() { end(context.Cause(ctx)) })
		err = s.Start(life)
		release()
		if err != nil {
			return err
		}
		_ = supervisor.Ready(ctx)
		err = untilDone(ctx, s)
		return both(err, stop(ctx, s.Stop))
	}
}

// untilDone waits until a run has to stop, or what it has started has stopped by itself, and returns why that was.
func untilDone(ctx context.Context, started any) error {
	var done <-chan struct{} // never, if it cannot say
	if can, ok := started.(interface{ Done() <-chan struct{} }); ok {
		done = can.Done()
	}
	select {
	case <-ctx.Done():
		return nil
	case <-done:
	}
	if can, ok := started.(interface{ Err() error }); ok {
		return can.Err()
	}
	return ErrStoppedByItself
}

// stop calls a function that stops something with what is left of the run's stop timeout.
func stop(ctx context.Context, stop func(context.Context) error) error {
	grace, cancel := supervisor.GracePeriod(ctx)
	defer cancel()
	err := stop(grace)
	if over := context.Cause(grace); err != nil && over != nil {
		return fmt.Errorf("%w: %w", over, err) // else it looks as if it had ended with the context of the run
	}
	return err
}

// RunCloser is what runs until it is closed: Run returns then, or when it has failed.
type RunCloser interface {
	Run(ctx context.Context) error
	Close() error
}

// RunClose makes a task of what runs until it is closed. The function makes it for each run; the context is the run's. Close is
// called once for each run: when the run has to stop, or else when Run has returned. The context that Run gets has the values of
// the run's, and ends when the run has nearly used up its stop timeout, see [supervisor.GracePeriod]. The errors of both are the
// run's.
//
// It does not say when it is ready: that is up to [supervisor.Ready], called with the context that Run gets, or to
// [supervisor.WithReadinessProbe]. What ends when its context does needs no Close to be stopped, and is a task already.
func RunClose[R RunCloser](create func(ctx context.Context) (R, error)) supervisor.TaskFunc {
	if create == nil {
		return nil
	}
	return func(ctx context.Context) error {
		r, err := create(ctx)
		if err != nil {
			return err
		}
		grace, cancel := supervisor.GracePeriod(ctx)
		defer cancel()
		var closed error
		err = runUntil(ctx, func(error) { closed = r.Close() }, func() error { return r.Run(grace) })
		return both(err, closed)
	}
}

// both returns two errors, and one alone as it is.
func both(first, second error) error {
	switch {
	case first == nil:
		return second
	case second == nil:
		return first
	}
	return errors.Join(first, second)
}
