package tasks

import (
	"context"
	"errors"
	"os"

	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
)

// Actor makes a task of a pair of functions, as github.com/oklog/run has them: execute works until interrupt is called. The function
// makes the pair for each run; the context is the run's, for [supervisor.Ready] and the like. As in oklog/run, interrupt is called
// once for each run: when the run has to stop, with the cause of that, while execute is going; or else when execute has returned,
// with its error. So it can release what both share.
//
// The run ends when both have returned. What execute returns is what the run returns; there is no group that ends with it. A panic of
// execute, or an end of its goroutine, does not keep interrupt from being called.
func Actor(create func(ctx context.Context) (execute func() error, interrupt func(cause error))) supervisor.TaskFunc {
	if create == nil {
		return nil
	}
	return func(ctx context.Context) error {
		execute, interrupt := create(ctx)
		return runUntil(ctx, interrupt, execute)
	}
}

// Signals makes a task of a function that is stopped by a signal and says through a channel that it is ready, as the Run of
// an ifrit.Runner. Like that it is called again on the same value for each run. When the run has to stop, [os.Interrupt] is
// sent, once. When the channel ready is closed, or something is sent to it, the run is ready (see [supervisor.Ready]).
func Signals(run func(signals <-chan os.Signal, ready chan<- struct{}) error) supervisor.TaskFunc {
	if run == nil {
		return nil
	}
	return func(ctx context.Context) error {
		signals, ready := make(chan os.Signal, 1), make(chan struct{})
		over := make(chan struct{})
		defer close(over)
		go func() {
			select {
			case <-ready:
				_ = supervisor.Ready(ctx)
			case <-over:
			}
		}()
		release := context.AfterFunc(ctx, func() { signals <- os.Interrupt })
		defer release()
		return run(signals, ready)
	}
}

// errNotReturned is what an interrupt is told if what it interrupts has panicked, or ended its goroutine.
var errNotReturned = errors.New("it did not return")

// runUntil calls a function that returns when it has, or when it is interrupted. The interrupt is called once, and waited for. What
// it panics with, it panics with here.
func runUntil(ctx context.Context, interrupt func(cause error), execute func() error) error {
	err := errNotReturned
	interrupted := make(chan *relayed, 1)
	release := context.AfterFunc(ctx, func() {
		relay(interrupted, func() { interrupt(context.Cause(ctx)) })
	})
	defer func() {
		if release() {
			interrupt(err)
		} else if panicked := <-interrupted; panicked != nil {
			panic(panicked)
		}
	}()
	err = execute()
	return err
}
