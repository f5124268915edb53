package goroutine_test

import (
	"context"
	"sync"

	"github.com/tasksupervisor/tasksupervisor/adapters/goroutine"
)

// journal is what several tasks write down, in order.
type journal struct {
	mu    sync.Mutex
	lines []string
}

func (j *journal) write(line string) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.lines = append(j.lines, line)
}

// take returns the lines since the last time.
func (j *journal) take() []string {
	j.mu.Lock()
	defer j.mu.Unlock()
	lines := j.lines
	j.lines = nil
	return lines
}

// task writes "+name" when it starts, and is ready then, and "-name" and why when it is asked to stop. In between it does
// what it is ordered to, by orders that return the run's result.
func (j *journal) task(name string) (goroutine.TaskFunc, chan<- func(ctx context.Context) error) {
	orders := make(chan func(ctx context.Context) error)
	return func(ctx context.Context) error {
		j.write("+" + name)
		goroutine.Ready(ctx)
		select {
		case order := <-orders:
			return order(ctx)
		case <-ctx.Done():
			j.write("-" + name + ": " + context.Cause(ctx).Error())
			return nil
		}
	}, orders
}

// fail is an order.
func fail(context.Context) error { return errFailed }
