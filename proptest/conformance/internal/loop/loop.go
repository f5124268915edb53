// Package loop is a small runtime: an event loop around the state machine of package core. It is what a runtime of
// one's own looks like, complete, with nothing in it that is not needed.
package loop

import (
	"context"
	"errors"
	"io"
	"sync/atomic"

	"github.com/tasksupervisor/tasksupervisor/clock"
	"github.com/tasksupervisor/tasksupervisor/core"
	"github.com/tasksupervisor/tasksupervisor/core/scenario"
)

// Task is what is added.
type Task struct {
	Policy    core.Policy
	Run       Run
	Make      func() Run // makes it anew for each run, if Run is nil
	Probe     Probe      // asked whether a run is well, if Policy.Probe says so
	Needs     []Need
	Suspended bool // it waits for Resume
	Held      bool // it waits for Release
}

// Run is what a run does. Its context ends when it is asked to stop, and a Reason is the cause of that.
type Run func(ctx context.Context, number core.Run) error

// Probe asks whether a run is well. Its context is the run's.
type Probe func(ctx context.Context, number core.Run) error

// Need is a task that another one needs.
type Need struct {
	Task  string
	Bound bool // the one that needs it is stopped when it goes down, and started again behind it
}

// Refusal is the error of a call that the machine rejected.
type Refusal core.Refusal

func (r Refusal) Error() string { return core.Refusal(r).String() }

// Reason is the cause with which a run's context ends, and why the loop halted.
type Reason core.Reason

func (r Reason) Error() string { return core.Reason(r).String() }

// Errors of calls that the machine is not asked about.
var (
	ErrName   = errors.New("the name is taken")
	ErrClosed = errors.New("the loop is closed")
	ErrLeft   = errors.New("a run of the task ignores its stop, and is waited for no longer")
)

// Loop supervises tasks. One goroutine, the loop, owns everything; all others hand it functions.
type Loop struct {
	source    clock.Source
	machine   *scenario.Recorder // steps the machine, and writes down what passes
	recording io.Writer
	actions   []core.Action
	inbox     chan func()
	closed    chan struct{}
	parent    context.Context
	names     map[string]*task
	tasks     map[core.TaskID]*task
	counts    Counts
	waits     []*wait
	outcome   atomic.Pointer[outcome]
}

// task is one task and its live runs: the machine knows neither its name nor what it does.
type task struct {
	Task
	name   string
	id     core.TaskID
	live   map[core.Run]*run
	latest *run // the latest of these; nil if it has ended
	last   *run // the latest that ended in its turn; nil if none has
}

// New makes a loop, which goes on until it is closed.
func New(config core.Config, c clock.Clock, recording io.Writer) (*Loop, error) {
	machine, err := core.New(config)
	if err != nil {
		return nil, err
	}
	l := &Loop{
		source:  c.NewSource(),
		machine: scenario.NewRecorder(recording, machine), recording: recording,
		inbox:  make(chan func()),
		closed: make(chan struct{}),
		parent: context.Background(),
		names:  make(map[string]*task),
		tasks:  make(map[core.TaskID]*task),
	}
	l.outcome.Store(&outcome{over: make(chan struct{})})
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
			l.catchUp()
		case <-l.closed:
			return
		}
		l.answerWaits()
	}
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

// catchUp fires the timers that are due, each when all beats are known that move it. It returns the instant up to which
// all is done.
func (l *Loop) catchUp() (now core.Instant) {
	now = l.source.Now()
	for {
		due, ok := l.machine.Machine().NextDeadline()
		if !ok || due > now {
			return now
		}
		for _, beat := range l.pull(due) {
			_ = l.step(beat, nil)
		}
		_ = l.step(core.Event{Kind: core.EventTick, At: due}, nil)
	}
}

// pull returns the beats that the machine does not know of, of the tasks whose watchdogs are due.
func (l *Loop) pull(due core.Instant) (beats []core.Event) {
	m := l.machine.Machine()
	for id := range m.Due(due) {
		status, _ := m.Status(id)
		if status.Status != core.StatusHealthy {
			continue
		}
		policy, _ := m.Policy(status.Policy)
		if beat, ok := l.tasks[id].latest.pull(due, m.Now(), policy.Watchdog); ok {
			beats = append(beats, beat)
		}
	}
	return beats
}

// tell gives the machine an event that happens now.
func (l *Loop) tell(ev core.Event, added *task) error {
	ev.At = l.catchUp()
	return l.step(ev, added)
}

// step gives the machine an event and carries out what follows. The error is a Reason if the event was rejected.
func (l *Loop) step(ev core.Event, added *task) (err error) {
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
		case core.ActionProbe:
			l.probe(t.live[a.Run])
		case core.ActionForget:
			delete(l.names, t.name)
			delete(l.tasks, a.Task)
		case core.ActionReject:
			err = Refusal(a.Refusal)
		case core.ActionHalt:
			outcome := l.outcome.Load()
			outcome.halt = haltOf(t, a)
			close(outcome.over)
		case core.ActionTransition:
			if a.Why == core.ReasonWatchdog {
				l.listen(t.live[a.Run])
			}
		}
	}
	return err
}
