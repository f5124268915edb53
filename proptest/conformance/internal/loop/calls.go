package loop

import (
	"context"
	"fmt"
	"hash/fnv"
	"runtime/debug"

	"github.com/tasksupervisor/tasksupervisor/core"
)

// Start starts the tasks. The end of ctx shuts the loop down; runs have its values.
func (l *Loop) Start(ctx context.Context) error {
	err := l.do(func() error {
		if l.machine.Machine().Phase() == core.PhaseCreated {
			l.parent = ctx
		}
		return l.step(core.Event{Kind: core.EventStart}, nil)
	})
	if err == nil {
		context.AfterFunc(ctx, l.Shutdown)
	}
	return err
}

// Add adds a task, which is started at once if the loop was.
func (l *Loop) Add(name string, policy core.Policy, does Task) error {
	return l.do(func() error {
		if l.names[name] != nil {
			return ErrName
		}
		id, err := l.machine.Define(policy)
		if err != nil {
			return err
		}
		key := fnv.New32a()
		_, _ = key.Write([]byte(name)) // never fails
		added := &task{name: name, run: does, live: make(map[core.Run]*run)}
		return l.step(core.Event{Kind: core.EventAdd, Key: key.Sum32(), Policy: id}, added)
	})
}

// Remove stops a task, and forgets it when its runs are gone.
func (l *Loop) Remove(name string) error { return l.operate(core.EventRemove, name) }

// Restart runs a task afresh.
func (l *Loop) Restart(name string) error { return l.operate(core.EventRestart, name) }

// Kill stops a task for good.
func (l *Loop) Kill(name string) error { return l.operate(core.EventKill, name) }

func (l *Loop) operate(kind core.EventKind, name string) error {
	return l.do(func() error {
		ev := core.Event{Kind: kind} // of task 0, which the machine rejects, if there is none of that name
		if t := l.names[name]; t != nil {
			ev.Task = t.id
		}
		return l.step(ev, nil)
	})
}

// Shutdown stops everything.
func (l *Loop) Shutdown() {
	_ = l.do(func() error { return l.step(core.Event{Kind: core.EventShutdown}, nil) })
}

// Wait waits for the halt. The error is the Reason for it, nil if it is that a shutdown was asked for.
func (l *Loop) Wait() error {
	<-l.halted
	if l.why == core.ReasonShutdown {
		return nil
	}
	return Reason(l.why)
}

// Status tells what the machine knows of a task, and the error of its latest run that ended.
func (l *Loop) Status(name string) (status core.TaskStatus, last error, err error) {
	err = l.do(func() error {
		t := l.names[name]
		if t == nil {
			return Reason(core.ReasonUnknownTask)
		}
		status, _ = l.machine.Machine().Status(t.id)
		last = t.last
		return nil
	})
	return status, last, err
}

// Counts counts runs, those of removed tasks too.
type Counts struct {
	Started, Ended, Abandoned uint64
}

// Left is a run that was abandoned and lives.
type Left struct {
	Task string
	Run  core.Run
}

// Report accounts for all runs.
func (l *Loop) Report() (counts Counts, left []Left) {
	_ = l.do(func() error {
		counts = l.counts
		for _, t := range l.tasks {
			for number, r := range t.live {
				if r.abandoned {
					left = append(left, Left{t.name, number})
				}
			}
		}
		return nil
	})
	return counts, left
}

// Close ends the loop, whatever is going on.
func (l *Loop) Close() error {
	close(l.closed)
	return nil
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
