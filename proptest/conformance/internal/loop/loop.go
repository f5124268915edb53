// Package loop is a small runtime: an event loop around the state machine of package core. It is what a runtime of
// one's own looks like, complete, with nothing in it that is not needed.
package loop

import (
	"context"
	"errors"
	"io"

	"github.com/tasksupervisor/tasksupervisor/clock"
	"github.com/tasksupervisor/tasksupervisor/core"
	"github.com/tasksupervisor/tasksupervisor/core/scenario"
)

// Task is what a run does. Its context ends when it is asked to stop, and a Reason is the cause of that.
type Task func(ctx context.Context, run core.Run) error

// Reason is the error of a call that the machine rejected, and what else the machine has reasons for.
type Reason core.Reason

func (r Reason) Error() string { return core.Reason(r).String() }

// Errors of calls that the machine is not asked about.
var (
	ErrName   = errors.New("the name is taken")
	ErrClosed = errors.New("the loop is closed")
)

// Loop supervises tasks. One goroutine, the loop, owns all there is; everybody else has it do things.
type Loop struct {
	source  clock.Source
	machine *scenario.Recorder // steps the machine, and writes down what passes
	actions []core.Action
	inbox   chan func()
	closed  chan struct{}
	parent  context.Context
	names   map[string]*task
	tasks   map[core.TaskID]*task
	counts  Counts
	halted  chan struct{} // closed by ActionHalt
	why     core.Reason   // of the halt
}

// task is one task and its live runs: the machine knows neither its name nor what it does.
type task struct {
	name string
	id   core.TaskID
	run  Task
	live map[core.Run]*run
	last error // of the latest run that ended in its turn
}

type run struct {
	cancel    context.CancelCauseFunc
	abandoned bool
}

// New makes a loop, which goes on until it is closed.
func New(config core.Config, c clock.Clock, recording io.Writer) (*Loop, error) {
	machine, err := core.New(config)
	if err != nil {
		return nil, err
	}
	l := &Loop{
		source:  c.NewSource(),
		machine: scenario.NewRecorder(recording, machine),
		inbox:   make(chan func()),
		closed:  make(chan struct{}),
		parent:  context.Background(),
		names:   make(map[string]*task),
		tasks:   make(map[core.TaskID]*task),
		halted:  make(chan struct{}),
	}
	go l.loop()
	return l, nil
}

func (l *Loop) loop() {
	for {
		l.source.Arm(l.machine.Machine().NextDeadline())
		select {
		case do := <-l.inbox:
			do()
		case <-l.source.Wake():
			_ = l.step(core.Event{Kind: core.EventTick}, nil)
		case <-l.closed:
			return
		}
	}
}

// step gives the machine an event and carries out what follows. The error is a Reason if the event was rejected.
func (l *Loop) step(ev core.Event, added *task) (err error) {
	ev.At = l.source.Now()
	if added != nil {
		l.actions = l.machine.Add(l.actions[:0], added.name, ev)
	} else {
		l.actions = l.machine.Step(l.actions[:0], ev)
	}
	for _, a := range l.actions {
		t := l.tasks[a.Task]
		switch a.Kind {
		case core.ActionAdd:
			added.id = a.Task
			l.names[added.name], l.tasks[a.Task] = added, added
		case core.ActionStart:
			l.start(t, a.Run)
		case core.ActionStop:
			t.live[a.Run].cancel(Reason(a.Why))
		case core.ActionAbandon:
			t.live[a.Run].abandoned = true
			l.counts.Abandoned++
		case core.ActionForget:
			delete(l.names, t.name)
			delete(l.tasks, a.Task)
		case core.ActionReject:
			err = Reason(a.Why)
		case core.ActionHalt:
			l.why = a.Why
			close(l.halted)
		case core.ActionNote:
		}
	}
	return err
}

// start starts a run, whose end becomes an event, whatever ends it.
func (l *Loop) start(t *task, number core.Run) {
	ctx, cancel := context.WithCancelCause(context.WithoutCancel(l.parent))
	t.live[number] = &run{cancel: cancel}
	l.counts.Started++
	go func() {
		exit, err := core.ExitNone, error(nil)
		defer func() {
			if exit == core.ExitNone { // it did not return
				exit, err = notReturned(recover())
			}
			_ = l.do(func() error { return l.ended(t, number, exit, err) })
			cancel(nil)
		}()
		if err = t.run(ctx, number); err != nil {
			exit = core.ExitError
			return
		}
		exit = core.ExitOK
	}()
}

// ended reports the end of a run. The run is forgotten after the step, for some of the actions may be about it: its stop
// timeout may have been due before its end was.
func (l *Loop) ended(t *task, number core.Run, exit core.ExitKind, err error) error {
	refused := l.step(core.Event{Kind: core.EventExit, Task: t.id, Run: number, Exit: exit}, nil)
	if !t.live[number].abandoned {
		t.last = err
	}
	delete(t.live, number)
	l.counts.Ended++
	return refused
}

// do has the loop do something, and waits until it has.
func (l *Loop) do(f func() error) error {
	answer := make(chan error, 1)
	select {
	case l.inbox <- func() { answer <- f() }:
		return <-answer
	case <-l.closed:
		return ErrClosed
	}
}
