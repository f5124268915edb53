package loop

import (
	"context"

	"github.com/tasksupervisor/tasksupervisor/core"
	"github.com/tasksupervisor/tasksupervisor/core/scenario"
)

// Start starts the tasks. The end of ctx shuts the loop down; runs have its values. A loop that has halted can be started again.
func (l *Loop) Start(ctx context.Context) error {
	return l.do(func() error {
		switch l.machine.Machine().Phase() {
		case core.PhaseHalted:
			if err := l.renew(); err != nil {
				return err
			}
		case core.PhaseCreated:
		default:
			return l.tell(core.Event{Kind: core.EventStart}, nil) // which is refused
		}
		l.parent = ctx
		machine := l.machine
		context.AfterFunc(ctx, func() { l.shutdown(machine) })
		return l.tell(core.Event{Kind: core.EventStart}, nil)
	})
}

// shutdown stops everything, unless the loop has been started again since.
func (l *Loop) shutdown(machine *scenario.Recorder) {
	_ = l.do(func() error {
		if l.machine != machine {
			return nil
		}
		return l.tell(core.Event{Kind: core.EventShutdown}, nil)
	})
}

// renew gives the tasks to a new machine, because a machine halts once. The runs that are alive stay with their tasks: their ends
// are told to the new machine.
func (l *Loop) renew() error {
	halted := l.machine.Machine()
	machine, err := core.New(halted.Config())
	if err != nil {
		return err
	}
	var tasks []*task // in declared order
	for status := range halted.Tasks() {
		tasks = append(tasks, l.tasks[status.Task])
	}
	now := l.source.Now()
	l.machine = scenario.NewRecorder(l.recording, machine)
	l.tasks = make(map[core.TaskID]*task)
	l.outcome.Store(&outcome{over: make(chan struct{})})
	for ev, policy := range halted.Recreate() {
		ev.At = now
		var added *task
		if ev.Kind == core.EventAdd {
			ev.Policy, _ = l.machine.Define(policy) // the halted machine has accepted it
			added, tasks = tasks[0], tasks[1:]
			added.last = nil
		}
		_ = l.step(ev, added)
	}
	return nil
}
