package main

import (
	"context"
	"errors"
	"runtime"
	"sync"
	"time"

	"github.com/cenkalti/backoff/v5"
)

// handLoop is what most programs have: a goroutine per task with a loop that recovers, waits and runs again, the delays
// from cenkalti/backoff, the state under a lock.
type handLoop struct {
	mu      sync.Mutex
	tasks   map[string]*handTask
	started bool
	wg      sync.WaitGroup
}

type handTask struct {
	run    task
	delay  backoff.BackOff
	ctx    context.Context
	cancel context.CancelFunc
	ended  chan struct{}

	mu     sync.Mutex
	live   bool
	starts uint64
	err    error
}

func newHandLoop() subject { return &handLoop{tasks: make(map[string]*handTask)} }

func (h *handLoop) add(name string, delay time.Duration, run task) {
	t := &handTask{run: run, delay: backoff.NewConstantBackOff(delay), ended: make(chan struct{})}
	t.ctx, t.cancel = context.WithCancel(context.Background())
	h.mu.Lock()
	defer h.mu.Unlock()
	h.tasks[name] = t
	h.wg.Add(1)
	if h.started {
		go h.loop(t)
	}
}

// addOwn has nothing to add: here every task has a backoff of its own.
func (h *handLoop) addOwn(name string, _ int, run task) { h.add(name, 0, run) }

func (h *handLoop) start() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.started = true
	for _, t := range h.tasks {
		go h.loop(t)
	}
}

func (h *handLoop) loop(t *handTask) {
	defer h.wg.Done()
	defer close(t.ended)
	for t.ctx.Err() == nil {
		t.note(true, nil)
		err := recovered(t.ctx, t.run)
		t.note(false, err)
		if err == nil {
			return
		}
		if delay := t.delay.NextBackOff(); delay > 0 {
			timer := time.NewTimer(delay)
			select {
			case <-timer.C:
			case <-t.ctx.Done():
				timer.Stop()
			}
		}
	}
}

func (t *handTask) note(live bool, err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.live, t.err = live, err; live {
		t.starts++
	}
}

var errPanicked = errors.New("panicked")

func recovered(ctx context.Context, run task) (err error) {
	defer func() {
		if recover() != nil {
			err = errPanicked
		}
	}()
	return run(ctx)
}

func (h *handLoop) remove(name string) {
	h.mu.Lock()
	t := h.tasks[name]
	delete(h.tasks, name)
	h.mu.Unlock()
	t.cancel()
	<-t.ended
}

func (h *handLoop) stop() {
	h.mu.Lock()
	for _, t := range h.tasks {
		t.cancel()
	}
	h.mu.Unlock()
	h.wg.Wait()
}

func (h *handLoop) status(name string) (bool, uint64) {
	h.mu.Lock()
	t := h.tasks[name]
	h.mu.Unlock()
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.live, t.starts
}

func (h *handLoop) statuses() int {
	type row struct {
		name   string
		live   bool
		starts uint64
		err    error
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	rows := make([]row, 0, len(h.tasks))
	for name, t := range h.tasks {
		t.mu.Lock()
		rows = append(rows, row{name, t.live, t.starts, t.err})
		t.mu.Unlock()
	}
	runtime.KeepAlive(rows)
	return len(rows)
}
