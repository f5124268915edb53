package supervisor_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
)

// asked is a task that does as it is ordered, and writes down why each of its runs was started.
type asked struct {
	mu     sync.Mutex
	orders chan error
	starts []string
	parent string
}

func (a *asked) Run(ctx context.Context) error {
	info, _ := supervisor.Current(ctx)
	a.note(info)
	select {
	case err := <-a.orders:
		return err
	case <-ctx.Done():
		return nil
	}
}

func (a *asked) note(info supervisor.RunInfo) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.starts = append(a.starts, describe(info))
	if parent, ok := info.Parent(); ok {
		a.parent = describe(parent)
	}
}

func describe(info supervisor.RunInfo) string {
	return fmt.Sprintf("%d: %v, attempts %d, commanded %t, after %v, %v",
		info.Run, info.Why, info.Attempts, info.Commanded(), info.LastExit, info.LastError)
}

// take returns the starts since the latest call.
func (a *asked) take() []string {
	synctest.Wait()
	a.mu.Lock()
	defer a.mu.Unlock()
	starts := a.starts
	a.starts = nil
	return starts
}

func TestARunKnowsWhyItWasStarted(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		task, late := &asked{orders: make(chan error)}, &asked{}
		sup := newSupervisor(t, supervisor.WithStrategy(supervisor.RestForOne), supervisor.WithBaseDelay(time.Second),
			supervisor.WithRestart(supervisor.RestartAlways))
		add(t, sup, "task", task, supervisor.WithReadiness(true), supervisor.WithStartTimeout(time.Hour))
		start(t, sup)
		require.Equal(t, []string{"1: supervisor-start, attempts 0, commanded false, after none, <nil>"}, task.take())

		task.orders <- errFailed
		wait(2 * time.Second)
		require.Equal(t, []string{"2: backoff, attempts 1, commanded false, after error, it failed"}, task.take())
		task.orders <- errors.New("again")
		wait(4 * time.Second)
		require.Equal(t, []string{"3: backoff, attempts 2, commanded false, after error, again"}, task.take())

		require.NoError(t, sup.Restart("task"))
		require.Equal(t, []string{"4: restarted, attempts 0, commanded true, after stopped, <nil>"}, task.take())
		require.NoError(t, sup.Suspend("task"))
		synctest.Wait()
		require.NoError(t, sup.Resume("task"))
		require.Equal(t, []string{"5: resumed, attempts 0, commanded true, after stopped, <nil>"}, task.take())
		wait(time.Hour + 2*time.Second)
		require.Equal(t, []string{"6: backoff, attempts 1, commanded false, after start-timeout, " + supervisor.ErrStartTimeout.Error()},
			task.take())
		require.NoError(t, sup.SetPolicy("task", supervisor.WithReadiness(false)))
		task.orders <- nil
		wait(time.Second)
		require.Equal(t, []string{"7: backoff, attempts 1, commanded false, after ok, <nil>"}, task.take())

		add(t, sup, "late", late)
		require.Equal(t, []string{"1: added, attempts 0, commanded false, after none, <nil>"}, late.take())
		task.orders <- errFailed
		wait(4 * time.Second)
		require.Equal(t, []string{"2: start-again, attempts 0, commanded false, after stopped, <nil>"}, late.take())
		require.Empty(t, task.parent)

		stop(t, sup)
		task.take()
		start(t, sup)
		require.Equal(t, []string{"1: supervisor-start, attempts 0, commanded false, after none, <nil>"}, task.take())
	})
}

// A command about a supervisor above is found at the run that it led to.
func TestARunKnowsWhyItsSupervisorWasStarted(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		task := &asked{}
		leaf := newSupervisor(t, supervisor.WithTask("task", task))
		middle := newSupervisor(t, supervisor.WithTask("leaf", leaf))
		root := newSupervisor(t, supervisor.WithTask("middle", middle))
		start(t, root)
		require.NoError(t, root.Restart("middle/leaf"))
		synctest.Wait()
		require.Equal(t, "2: restarted, attempts 0, commanded true, after stopped, <nil>", task.parent)
		_, ok := supervisor.RunInfo{}.Parent()
		require.False(t, ok)
	})
}
