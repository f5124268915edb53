package tasks_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
	"github.com/tasksupervisor/tasksupervisor/adapters/tasks"
	"github.com/tasksupervisor/tasksupervisor/internal/bubble"
)

// Why these take constructors: the same thing, handed out again, fails in its second run and in all that follow. What is made
// anew works, which TestRestart shows.
func TestTheSameThingCannotRunTwice(t *testing.T) {
	for name, make := range map[string]func(x *thing) supervisor.Task{
		"Actor": func(x *thing) supervisor.Task {
			ctx, cancel := context.WithCancel(context.Background())
			execute := func() error {
				x.runs.Add(1)
				if err := x.work(ctx.Done()); err != nil {
					return err
				}
				return ctx.Err()
			}
			return tasks.Actor(func(context.Context) (func() error, func(error)) { return execute, func(error) { cancel() } })
		},
		"StartStop": func(x *thing) supervisor.Task {
			same := newStartable(x)
			return tasks.StartStop(func(context.Context) (*startable, error) { return same, nil })
		},
		"RunClose": func(x *thing) supervisor.Task {
			same := closable{x, newStopper()}
			return tasks.RunClose(func(context.Context) (closable, error) { return same, nil })
		},
		"Lifecycle": func(x *thing) supervisor.Task {
			same := newAsync(x)
			return tasks.Lifecycle(func(context.Context) (*async, error) { return same, nil })
		},
	} {
		t.Run(name, func(t *testing.T) {
			bubble.Run(t, func(t *testing.T) {
				x := newThing()
				sup := supervise(t, make(x), supervisor.WithMaxAttempts(3))
				requireStatus(t, sup, supervisor.StatusHealthy)
				x.orders <- func() error { return errFailed }
				bubble.Pass(time.Hour)
				requireStatus(t, sup, supervisor.StatusDead)
				require.EqualValues(t, 4, status(t, sup).Run, "no run after the first has worked")
				require.NotEqual(t, errFailed, status(t, sup).LastError)
			})
		})
	}
}

func TestANilFunctionIsRefusedWhenItIsAdded(t *testing.T) {
	for name, task := range map[string]supervisor.Task{
		"Func":      tasks.Func(nil),
		"Actor":     tasks.Actor(nil),
		"Signals":   tasks.Signals(nil),
		"StartStop": tasks.StartStop[*startable](nil),
		"RunClose":  tasks.RunClose[closable](nil),
		"Lifecycle": tasks.Lifecycle[*async](nil),
		"Every":     tasks.Every(time.Second, nil),
	} {
		_, err := supervisor.New(supervisor.WithTask(name, task))
		require.ErrorIs(t, err, supervisor.ErrNilTask, name)
	}
	require.Len(t, dropIns(), 7, "these are all")
}

// A constructor that fails, fails the run.
func TestAConstructorThatFails(t *testing.T) {
	for name, task := range map[string]supervisor.Task{
		"StartStop": tasks.StartStop(func(context.Context) (*startable, error) { return nil, errFailed }),
		"RunClose":  tasks.RunClose(func(context.Context) (closable, error) { return closable{}, errFailed }),
		"Lifecycle": tasks.Lifecycle(func(context.Context) (*async, error) { return nil, errFailed }),
	} {
		require.Equal(t, errFailed, task.Run(t.Context()), name)
	}
}
