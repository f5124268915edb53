package main

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
)

// workshop makes the shop's tasks, and knows what they meet with.
type workshop struct {
	mishaps mishaps
	witness witness
}

func (w *workshop) part(startUp, cleanUp time.Duration) supervisor.Task {
	return &part{startUp: startUp, cleanUp: cleanUp, workshop: w}
}

// part is a task that stands for any other: it takes some time to start and to stop, and works in between.
type part struct {
	startUp  time.Duration
	cleanUp  time.Duration
	workshop *workshop
}

// Run works until ctx is cancelled. It reports when it is ready and, again and again, that it is alive; a supervisor
// that did not ask for either ignores it.
func (p *part) Run(ctx context.Context) error {
	info, _ := supervisor.Current(ctx)
	defer p.workshop.witness.enter(info.Path)()
	mishap := p.workshop.mishaps.of(info.Path)
	started := time.After(p.startUp)
	work := time.NewTicker(250 * time.Millisecond)
	defer work.Stop()
	for {
		select {
		case <-started:
			if err := supervisor.Ready(ctx); err != nil {
				return err
			}
		case <-work.C:
			if err := supervisor.Beat(ctx); err != nil {
				return err
			}
		case happen := <-mishap:
			return happen(ctx)
		case <-ctx.Done():
			time.Sleep(p.cleanUp)
			return nil
		}
	}
}

// mishap is what a run does from then on instead of its work.
type mishap func(ctx context.Context) error

// mishapCalled returns the mishap that a command names, or nil.
func mishapCalled(word string) mishap {
	switch word {
	case "fail":
		return func(context.Context) error { return errors.New("connection lost") }
	case "panic":
		return func(context.Context) error { panic("one too many") }
	case "hang":
		return func(ctx context.Context) error {
			<-ctx.Done()
			return nil
		}
	case "jam": // a hang in which it does not notice that it should stop
		return func(ctx context.Context) error {
			<-ctx.Done()
			time.Sleep(8 * time.Second)
			return nil
		}
	case "finish":
		return func(context.Context) error { return supervisor.Done(nil) }
	case "fatal":
		return func(context.Context) error { return supervisor.Fatal(errors.New("disk full")) }
	}
	return nil
}

// mishaps delivers mishaps to tasks, by their paths.
type mishaps struct{ inboxes sync.Map }

// of returns the channel on which the runs of a task receive mishaps.
func (m *mishaps) of(path string) chan mishap {
	inbox, _ := m.inboxes.LoadOrStore(path, make(chan mishap))
	return inbox.(chan mishap)
}

var errNotRunning = errors.New("the task is not running")

// happen hands a mishap to the current run of a task.
func (m *mishaps) happen(path string, mishap mishap) error {
	select {
	case m.of(path) <- mishap:
		return nil
	case <-time.After(100 * time.Millisecond):
		return errNotRunning
	}
}
