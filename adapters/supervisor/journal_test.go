package supervisor_test

import (
	"context"
	"slices"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
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
func (j *journal) task(name string) (supervisor.TaskFunc, chan<- func(ctx context.Context) error) {
	orders := make(chan func(ctx context.Context) error)
	return func(ctx context.Context) error {
		j.write("+" + name)
		ready(ctx)
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

// events keeps what an observer is told.
type events struct {
	mu   sync.Mutex
	kept []supervisor.Transition
}

// of returns an observer that keeps the events with one of the reasons, or all if there are none.
func (e *events) of(reasons ...supervisor.Reason) supervisor.Option {
	return supervisor.WithObserver(func(event supervisor.Transition) {
		e.mu.Lock()
		defer e.mu.Unlock()
		if len(reasons) == 0 || slices.Contains(reasons, event.Why) {
			e.kept = append(e.kept, event)
		}
	})
}

// all returns the events so far.
func (e *events) all(t *testing.T, sup *supervisor.Supervisor) []supervisor.Transition {
	t.Helper()
	require.NoError(t, sup.Drain(t.Context()))
	e.mu.Lock()
	defer e.mu.Unlock()
	return slices.Clone(e.kept)
}
