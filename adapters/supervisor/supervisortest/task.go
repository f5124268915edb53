package supervisortest

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
)

// Task is a task that does as the test says. Of itself, a run is ready at once and runs until it is asked to stop. Make it with
// [NewTask], and give it to one supervisor.
//
// What a run is told, the run that is alive does, or if there is none the next one: each order ends one run. Calls do not wait for
// that; [Await] and [AwaitStatus] do.
type Task struct {
	// Beats is how often a run beats, for a task with a watchdog. 0: it does not. It must be set before the task is added.
	Beats time.Duration

	mu      sync.Mutex
	orders  []func() error // how runs end, one after the other
	broken  error          // how every run ends at once; nil: it does not
	deaf    bool           // runs do not stop when they are asked to
	hung    bool           // and do not beat either
	unready bool           // runs say so
	runs    int
	alive   int
	changed chan struct{} // closed when any of this changes
}

// NewTask returns a task. When the test ends its runs end, whatever they were told.
func NewTask(t testing.TB) *Task {
	k := &Task{changed: make(chan struct{})}
	t.Cleanup(func() {
		k.change(func() { k.broken, k.deaf, k.hung, k.orders = nil, false, false, nil })
	})
	return k
}

// Fail has a run return an error, such as one made by [supervisor.Fatal] or [supervisor.After].
func (k *Task) Fail(err error) { k.order(func() error { return err }) }

// Complete has a run return nil, as one that has done its work.
func (k *Task) Complete() { k.order(func() error { return nil }) }

// Panic has a run panic.
func (k *Task) Panic(value any) { k.order(func() error { panic(value) }) }

// Break has every run fail with an error at once, until [Task.Mend]: as one whose database is down.
func (k *Task) Break(err error) { k.change(func() { k.broken = err }) }

// Mend ends [Task.Break].
func (k *Task) Mend() { k.change(func() { k.broken = nil }) }

// IgnoreStop has runs go on when they are asked to stop, until [Task.Release]. They can still be told to end.
func (k *Task) IgnoreStop() { k.change(func() { k.deaf = true }) }

// Hang has runs neither stop when they are asked to nor beat, and do nothing that they are told, until [Task.Release].
func (k *Task) Hang() { k.change(func() { k.deaf, k.hung = true, true }) }

// Release ends [Task.IgnoreStop] and [Task.Hang].
func (k *Task) Release() { k.change(func() { k.deaf, k.hung = false, false }) }

// NotReady has runs say that they are not ready, see [supervisor.NotReady], until [Task.Ready]. A run that begins says nothing
// then, and so is starting for as long as its policy lets it.
func (k *Task) NotReady() { k.change(func() { k.unready = true }) }

// Ready ends [Task.NotReady].
func (k *Task) Ready() { k.change(func() { k.unready = false }) }

// Runs returns how many runs have begun. A run that has just been started has yet to do so: in a bubble, [testing/synctest.Wait] waits
// for that.
func (k *Task) Runs() int {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.runs
}

// Alive returns how many runs are alive: never more than one, unless its policy replaces runs that were abandoned.
func (k *Task) Alive() int {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.alive
}

// Run implements [supervisor.Task].
func (k *Task) Run(ctx context.Context) error {
	k.change(func() { k.runs++; k.alive++ })
	defer k.change(func() { k.alive-- })
	for told := (told{}); ; {
		now := k.look()
		switch {
		case now.hung:
		case now.broken != nil:
			return now.broken
		case now.end != nil:
			return now.end()
		case ctx.Err() != nil && !now.deaf:
			return ctx.Err()
		default:
			told.tell(ctx, now.unready)
		}
		now.wait(ctx, k.Beats)
	}
}

// told is what a run has said of itself.
type told struct{ ready, unready bool }

// tell reports whether the run is ready, if that is news.
func (t *told) tell(ctx context.Context, unready bool) {
	switch {
	case unready && t.ready && !t.unready:
		_ = supervisor.NotReady(ctx) // which fails only when the run is over
	case !unready && (!t.ready || t.unready):
		_ = supervisor.Ready(ctx)
		t.ready = true
	}
	t.unready = unready
}

// orders is what a run has to do, as of now.
type orders struct {
	broken              error
	end                 func() error // nil: go on
	deaf, hung, unready bool
	changed             <-chan struct{} // closed when that changes
}

// look takes the next order, if the run may carry it out.
func (k *Task) look() orders {
	k.mu.Lock()
	defer k.mu.Unlock()
	now := orders{broken: k.broken, deaf: k.deaf, hung: k.hung, unready: k.unready, changed: k.changed}
	if !k.hung && k.broken == nil && len(k.orders) > 0 {
		now.end = k.orders[0]
		k.orders = k.orders[1:]
	}
	return now
}

// wait waits until something changes, and beats meanwhile.
func (o *orders) wait(ctx context.Context, beats time.Duration) {
	var stopped <-chan struct{}
	if !o.deaf {
		stopped = ctx.Done()
	}
	var next <-chan time.Time
	if beats > 0 && !o.hung {
		ticker := time.NewTicker(beats)
		defer ticker.Stop()
		next = ticker.C
	}
	for {
		if next != nil {
			_ = supervisor.Beat(ctx) // which fails only when the run is over
		}
		select {
		case <-o.changed:
			return
		case <-stopped:
			return
		case <-next:
		}
	}
}

func (k *Task) order(end func() error) { k.change(func() { k.orders = append(k.orders, end) }) }

// change changes something, and has runs look.
func (k *Task) change(something func()) {
	k.mu.Lock()
	defer k.mu.Unlock()
	something()
	close(k.changed)
	k.changed = make(chan struct{})
}
