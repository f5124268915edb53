package main

import (
	"context"
	"time"
)

// task is what all subjects run. It returns when ctx has ended, or earlier with an error to be started again.
type task func(ctx context.Context) error

// subject keeps tasks running, in its own way. Its methods are called by one goroutine; those of remover and reporter by any.
type subject interface {
	// add adds a task that is started again after the delay whenever it fails.
	add(name string, delay time.Duration, run task)
	// start starts the tasks added so far. Those added later start at once.
	start()
	// stop stops all tasks, and returns when all have ended.
	stop()
}

// remover is a subject that can remove a task while the others run on. It returns when the task has ended.
type remover interface{ remove(name string) }

// reporter is a subject that knows what a task does: whether it runs, and how often it was started.
type reporter interface {
	status(name string) (running bool, starts uint64)
}

// lister is a subject that can list all tasks. It returns how many there are.
type lister interface{ statuses() int }

// beater is a subject that watches for signs of life. It returns what sends one, called by a run with its context.
type beater interface {
	heart(ctx context.Context) (beat func())
}

// owner is a subject that can restart each task in a way of its own: addOwn is add without delay, with a policy that no other
// task has.
type owner interface {
	addOwn(name string, number int, run task)
}

// tuner is a subject that can give a running task another policy.
type tuner interface{ tune(name string, number int) }

// maker makes a subject.
type maker func() subject

// subjects are all of them, the floor first.
func subjects() []struct {
	name   string
	create maker
} {
	return []struct {
		name   string
		create maker
	}{
		{"raw-ctx", newRaw},
		{"hand-loop", newHandLoop},
		{"suture", newSuture},
		{"ours", newOurs},
	}
}

// ofAll enters all subjects that can do what a measurement needs.
func ofAll(measure func(at scale, create maker) []metric, able ...func(s subject) bool) []entrant {
	var entrants []entrant
	for _, s := range subjects() {
		can := true
		for _, able := range able {
			can = can && able(s.create())
		}
		if can {
			entrants = append(entrants, entrant{name: s.name, measure: func(at scale) []metric { return measure(at, s.create) }})
		}
	}
	return entrants
}

// can reports whether a subject can do what the interface asks for.
func can[T any](s subject) bool {
	_, ok := s.(T)
	return ok
}
