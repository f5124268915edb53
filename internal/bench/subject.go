package main

import (
	"context"
	"time"
)

// task is what all subjects run. It returns when ctx has ended, or earlier with an error to be started again.
type task func(ctx context.Context) error

// subject keeps tasks running, in its own way. Its methods are called by one goroutine, status and statuses by any.
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

// lister is a subject that can list all tasks. It returns how many run, as far as it knows.
type lister interface{ statuses() int }

// subjects are all of them, the floor first: ratios are to the first that can do what a case needs.
var subjects = []struct {
	name string
	make func() subject
}{
	{"raw-ctx", newRaw},
	{"hand-loop", newHandLoop},
	{"suture", newSuture},
	{"ours", newOurs},
}
