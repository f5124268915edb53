package supervisor

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/tasksupervisor/tasksupervisor/clock"
)

// run is one start of a task, and the context it is given. It has a goroutine of its own, which ends with it: nothing
// that belongs to a goroutine, a locked thread for instance, leaks from one run into the next.
type run struct {
	ownContext
	session *session
	member  *member
	number  RunNumber
	origin  origin
	started Instant
	asked   Instant     // to stop, if it was
	is      *Supervisor // the task, if that is a supervisor; set before it runs
	health  atomic.Pointer[health]

	// How it ended. Set in the run's goroutine before the supervisor is told.
	err    error
	delay  time.Duration // that it asked for, see After
	exit   ExitKind
	fails  bool // it ended with more than its context's own error
	severe bool // it ended with a panic, the end of its goroutine or what Fatal made, in whatever wraps them
	crash  bool // a panic ends the process; set before it runs

	// Guarded by the supervisor's mu.
	over        bool
	noted       bool   // what follows from its end has been decided
	hung        bool   // its stop was asked for because it hangs
	stopped     Reason // why its context was cancelled; ReasonNone: it was not
	abandoned   bool
	why         Reason // why it was abandoned
	abandonedAt Instant
	heir        *Supervisor // is told of its end, because it has the place of the run's own; nil: none has
}

// origin is what led to a run.
type origin struct {
	why      Reason
	lastExit ExitKind // of the run before it
	attempts uint32
	lastErr  error // of the run before it
}

// runKey is the key under which a run is found in its own context.
type runKey struct{}

func runOf(ctx context.Context) *run {
	r, _ := ctx.Value(runKey{}).(*run)
	return r
}

// liveRunOf returns the run that a context belongs to. The error is ErrNilContext, ErrNoRun or ErrRunEnded.
func liveRunOf(ctx context.Context) (*run, error) {
	if ctx == nil {
		return nil, ErrNilContext
	}
	r := runOf(ctx)
	if r == nil {
		return nil, ErrNoRun
	}
	if r.ended() {
		return nil, ErrRunEnded
	}
	return r, nil
}

// Value adds the run to the values of its context.
func (r *run) Value(key any) any {
	if _, ok := key.(runKey); ok {
		return r
	}
	return r.ownContext.Value(key)
}

// path returns the names from the root supervisor down to the task.
func (r *run) path() string { return join(r.session.path, r.member.name) }

// date returns an instant by the wall clock; zero if the clock has none.
func (r *run) date(at Instant) time.Time {
	date, _ := clock.Date(r.session.source, at)
	return date
}

// join returns a path that goes on with a name. Either can be empty.
func join(path, name string) string {
	if path == "" || name == "" {
		return path + name
	}
	return path + "/" + name
}

func (r *run) launch() {
	if r.begin() {
		go r.main()
	}
}

// main is the run's goroutine.
func (r *run) main() {
	defer r.end()
	r.call()
	// A run that ends its goroutine does not come here. One that does though it seems to have done so has panicked
	// with nil, which programs set to GODEBUG=panicnil=1 can.
	if goexit, ok := r.err.(*GoexitError); ok && r.exit == ExitGoexit {
		r.exit, r.err = ExitPanic, &PanicError{Stack: goexit.Stack}
	}
}

func (r *run) call() {
	defer r.catch()
	task, err := fresh(r.member.task)
	if err == nil {
		r.is, _ = task.(*Supervisor)
		if r.is != nil {
			err = r.session.supervisor.learnThatItMakes(r.member)
		}
	}
	if err == nil {
		err = task.Run(r)
	}
	exit, err, severe := judged(err)
	r.fails, r.severe = err != nil && !isOwn(err, r.cause()), severe
	r.exit, r.err = exit, err
	if exit == ExitError {
		r.delay = delayOf(err)
	}
}

// catch notes an end other than a return. A panic during a Goexit counts as panic; a Goexit during a panic
// makes the panic vanish, so it counts as Goexit.
func (r *run) catch() {
	if r.exit != ExitNone {
		return
	}
	value := recover()
	r.fails, r.severe = true, true
	if value != nil && r.crash {
		panic(value) // the stack is still that of the first panic, with this call on top
	}
	if value != nil {
		failure := &PanicError{Value: value, Stack: callers(0)}
		r.exit, r.err = ExitPanic, failure
		failure.examine(sound) // if that ends the goroutine, all has been said
	} else {
		r.exit, r.err = ExitGoexit, &GoexitError{Stack: callers(0)}
	}
}

// end reports the end of the run. It is deferred because a run that ends its goroutine must not miss it.
func (r *run) end() {
	if r.exit == ExitNone { // it has panicked, and the process is about to end
		return
	}
	r.finish()
	r.session.supervisor.runEnded(r)
}
