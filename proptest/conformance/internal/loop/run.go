package loop

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"sync/atomic"

	"github.com/tasksupervisor/tasksupervisor/core"
)

// run is a run that has not ended, and the value of its context under runKey.
type run struct {
	task      *task
	number    core.Run
	ctx       context.Context
	cancel    context.CancelCauseFunc
	abandoned bool
	err       error        // how it ended
	asked     bool         // a probe has not returned
	beat      atomic.Int64 // the instant of its latest beat, or noBeat if the machine knows of that
	tell      atomic.Bool  // its next beat is to be told at once
}

type runKey struct{}

// start starts a run, whose end becomes an event, whatever ends it.
func (l *Loop) start(t *task, number core.Run) {
	r := &run{task: t, number: number}
	r.beat.Store(noBeat)
	r.ctx, r.cancel = context.WithCancelCause(context.WithValue(context.WithoutCancel(l.parent), runKey{}, r))
	t.live[number], t.latest = r, r
	l.counts.Started++
	go func() {
		exit := core.ExitNone
		defer func() {
			if exit == core.ExitNone { // it did not return
				exit, r.err = notReturned(recover())
			}
			_ = l.do(func() error { return l.ended(r, exit) })
			r.cancel(nil)
		}()
		does := t.Run
		if does == nil {
			does = t.Make() // here, where a panic is one of the run
		}
		r.err = does(r.ctx, number)
		exit = exitOf(r.err)
	}()
}

// ended reports the end of a run. Timers that were due before it come first, and may be about the run: its stop
// timeout, for instance.
func (l *Loop) ended(r *run, exit core.ExitKind) error {
	now := l.catchUp()
	if !r.abandoned {
		r.task.last = r
	}
	delete(r.task.live, r.number)
	if r.task.latest == r {
		r.task.latest = nil
	}
	l.counts.Ended++
	ev := core.Event{Kind: core.EventExit, At: now, Task: r.task.id, Run: r.number, Exit: exit}
	if asks := (*delayed)(nil); exit == core.ExitError && errors.As(r.err, &asks) {
		ev.Delay = asks.delay
	}
	return l.step(ev, nil)
}

// NotReturned is the error of a run that panicked or ended its goroutine.
type NotReturned struct {
	Value any    // what it panicked with; nil if it ended its goroutine
	Stack string // where
}

func (e *NotReturned) Error() string { return fmt.Sprintf("did not return: %v", e.Value) }

func notReturned(recovered any) (core.ExitKind, error) {
	err := &NotReturned{recovered, string(debug.Stack())}
	if recovered == nil {
		return core.ExitGoexit, err
	}
	return core.ExitPanic, err
}

// verdict is an error by which a run says how it ended.
type verdict struct {
	exit core.ExitKind
	err  error
}

// Done returns what a run returns that is not to be restarted, whatever its policy.
func Done(err error) error { return &verdict{core.ExitDone, err} }

// Fatal returns the error of a run that cannot go on, nor can the loop.
func Fatal(err error) error { return &verdict{core.ExitFatal, err} }

// Lost returns the error of a run that is over because what carried it is: the task has not failed.
func Lost(err error) error { return &verdict{core.ExitLost, err} }

func (v *verdict) Error() string { return fmt.Sprintf("%v: %v", v.exit, v.err) }

func (v *verdict) Unwrap() error { return v.err }

// delayed is an error by which a run says how long to wait before the next.
type delayed struct {
	err   error
	delay core.Duration
}

// After returns the error of a run whose task is to be restarted after a delay, and not after that of its policy.
func After(err error, delay core.Duration) error { return &delayed{err, delay} }

func (d *delayed) Error() string { return d.err.Error() }

func (d *delayed) Unwrap() error { return d.err }

// exitOf tells how a run ended that returned. What led to the halt of another loop, which ran in it, is that one's.
func exitOf(err error) core.ExitKind {
	switch v := (*verdict)(nil); {
	case err == nil:
		return core.ExitOK
	case errors.As(err, new(*Halt)), !errors.As(err, &v):
		return core.ExitError
	default:
		return v.exit
	}
}
