//go:build unix

package process

import (
	"context"
	"errors"
	"testing"

	"github.com/tasksupervisor/tasksupervisor/adapters/internal/adapted"
	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
	"github.com/tasksupervisor/tasksupervisor/proptest/conformance"
)

// Runs of commands keep what runs owe, and a supervisor keeps what it owes to them, with bodies in the place of processes.
func TestConformance(t *testing.T) {
	suite := conformance.Suite{
		Open:   (&adapted.Opener{Task: func(body conformance.Body) supervisor.Task { return bodyTask(t, body) }}).Open,
		Clocks: []conformance.ClockKind{conformance.BubbleClock},
	}
	if !testing.Short() {
		suite.Clocks = append(suite.Clocks, conformance.VirtualClock)
	}
	suite.Run(t)
}

// bodyTask is a task whose processes are a body. It ignores signals, SIGKILL too, because a body looks at its context.
//
// A process does not panic, and bodies do. So the body has the goroutine of the supervisor's run, where that is looked for, and
// the task's run goes on beside it; the end of the body is the end of the process, and the run is over when both are.
func bodyTask(t *testing.T, body conformance.Body) supervisor.Task {
	t.Helper()
	task, err := newTask(&fakeKeeper{program: func(p *fakeProcess) exitState {
		run := p.ctx.Value(bodyKey{}).(*bodyRun)
		run.started <- p
		return exitState{err: <-run.ends}
	}}, Command{Args: []string{"true"}})
	if err != nil {
		t.Error(err)
	}
	return supervisor.TaskFunc(func(ctx context.Context) (err error) {
		run := &bodyRun{make(chan *fakeProcess), make(chan error), make(chan error)}
		go func() { run.over <- task.Run(context.WithValue(ctx, bodyKey{}, run)) }()
		p := <-run.started
		var returned error
		defer func() { // however the body ends
			run.ends <- returned
			if err = <-run.over; errors.As(err, new(*KilledError)) {
				err = returned
			}
		}()
		info, _ := supervisor.Current(p.ctx)
		returned = body(p.ctx, info.Run)
		return nil
	})
}

// bodyRun is a run of a body. Its context has it by the key.
type bodyRun struct {
	started chan *fakeProcess
	ends    chan error
	over    chan error
}

type bodyKey struct{}
