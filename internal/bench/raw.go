package main

import (
	"context"
	"runtime"
	"sync"
	"sync/atomic"
	"time"
)

// raw is the floor: a goroutine with a context of its own for every run, and a map of tasks. It recovers panics, because a
// process that ends is no floor.
type raw struct {
	mu      sync.RWMutex
	tasks   map[string]*rawTask
	started bool
	wg      sync.WaitGroup
}

type rawTask struct {
	run    task
	delay  time.Duration
	cancel context.CancelFunc
	timer  *time.Timer
	ended  chan struct{} // closed when it is over for good
	starts uint64
	live   bool
	over   bool // it is to end
}

func newRaw() subject { return &raw{tasks: make(map[string]*rawTask)} }

func (r *raw) add(name string, delay time.Duration, run task) {
	r.mu.Lock()
	defer r.mu.Unlock()
	t := &rawTask{run: run, delay: delay, ended: make(chan struct{})}
	r.tasks[name] = t
	r.wg.Add(1)
	if r.started {
		r.launch(t)
	}
}

// addOwn has nothing to add: here every task has a delay of its own.
func (r *raw) addOwn(name string, _ int, run task) { r.add(name, 0, run) }

func (r *raw) start() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.started = true
	for _, t := range r.tasks {
		r.launch(t)
	}
}

// launch is called with mu held.
func (r *raw) launch(t *rawTask) {
	ctx, cancel := context.WithCancel(context.Background())
	t.cancel, t.live = cancel, true
	t.starts++
	go func() {
		failed := failure(ctx, t.run)
		cancel()
		r.ended(t, failed)
	}()
}

// failure runs a task and reports whether it failed.
func failure(ctx context.Context, run task) (failed bool) {
	defer func() {
		if recover() != nil {
			failed = true
		}
	}()
	return run(ctx) != nil
}

func (r *raw) ended(t *rawTask, failed bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	t.live = false
	switch {
	case t.over || !failed:
		r.finish(t)
	case t.delay > 0:
		t.timer = time.AfterFunc(t.delay, func() {
			r.mu.Lock()
			defer r.mu.Unlock()
			t.timer = nil
			if t.over {
				r.finish(t)
			} else {
				r.launch(t)
			}
		})
	default:
		r.launch(t)
	}
}

func (r *raw) finish(t *rawTask) {
	close(t.ended)
	r.wg.Done()
}

// end is called with mu held.
func (r *raw) end(t *rawTask) {
	t.over = true
	switch {
	case t.live:
		t.cancel()
	case t.timer != nil && t.timer.Stop():
		r.finish(t)
	}
}

func (r *raw) remove(name string) {
	r.mu.Lock()
	t := r.tasks[name]
	delete(r.tasks, name)
	r.end(t)
	r.mu.Unlock()
	<-t.ended
}

func (r *raw) stop() {
	r.mu.Lock()
	for _, t := range r.tasks {
		r.end(t)
	}
	r.mu.Unlock()
	r.wg.Wait()
}

func (r *raw) status(name string) (bool, uint64) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	t := r.tasks[name]
	return t.live, t.starts
}

func (r *raw) statuses() int {
	r.mu.RLock()
	defer r.mu.RUnlock()
	type row struct {
		name   string
		live   bool
		starts uint64
	}
	rows := make([]row, 0, len(r.tasks))
	for name, t := range r.tasks {
		rows = append(rows, row{name, t.live, t.starts})
	}
	runtime.KeepAlive(rows)
	return len(rows)
}

// heart stores when the task was last alive, which is the least that tells anyone.
func (r *raw) heart(context.Context) func() {
	var alive atomic.Int64
	origin := time.Now()
	return func() { alive.Store(int64(time.Since(origin))) }
}
