// Command demo is a small service under supervision, shown live in the terminal: a web server and a visitor that uses
// it, a worker that panics now and then, a task that fails until it has no attempts left, one that takes its time to
// stop, and a supervisor with workers of its own.
//
// It prints one line for every change of a task's status, and a table of all tasks at intervals or when Enter is
// pressed; "restart stubborn" and the like do what they say. Ctrl-C shuts it down in order and prints the report; a second Ctrl-C ends it at once.
//
// This is also an example to copy from: main.go is the tree, tasks.go the tasks, screen.go what is printed.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/tasksupervisor/tasksupervisor/adapters/goroutine"
	"github.com/tasksupervisor/tasksupervisor/core"
)

func main() {
	os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

type settings struct {
	listen   string
	length   time.Duration
	table    time.Duration
	stubborn time.Duration // how long a task ignores its stop
}

func run(args []string, stdin io.Reader, stdout, stderr io.Writer) (exitCode int) {
	set := settings{stubborn: 1500 * time.Millisecond}
	flags := flag.NewFlagSet("demo", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.StringVar(&set.listen, "listen", "127.0.0.1:0", "the web server's `address`; port 0 takes any free one")
	flags.DurationVar(&set.length, "for", 0, "shut down after this `duration`; 0 runs until Ctrl-C")
	flags.DurationVar(&set.table, "table", 15*time.Second, "print the table at this `interval`; 0 only when Enter is pressed")
	if err := flags.Parse(args); err == flag.ErrHelp {
		return 0
	} else if err != nil {
		return 2
	}
	if flags.NArg() > 0 {
		fmt.Fprintf(stderr, "demo takes no arguments, but got %q\n", flags.Args())
		return 2
	}
	if set.length < 0 || set.table < 0 {
		fmt.Fprintln(stderr, "demo: -for and -table must not be negative")
		return 2
	}

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // from then on a second Ctrl-C has its usual effect
	if set.length > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, set.length)
		defer cancel()
	}
	if err := supervise(ctx, set, stdin, &screen{out: stdout}); err != nil {
		fmt.Fprintln(stderr, "demo:", err)
		return 1
	}
	return 0
}

// supervise builds the tree, runs it until ctx is cancelled, and prints the report.
func supervise(ctx context.Context, set settings, stdin io.Reader, screen *screen) error {
	jobs, err := goroutine.New(
		goroutine.WithObserver(screen.event),
		goroutine.WithBaseDelay(200*time.Millisecond),
		goroutine.WithStableAfter(5*time.Second),
		goroutine.WithJitter(0.2),
	)
	if err != nil {
		return err
	}
	service, err := goroutine.New(
		goroutine.WithName("service"),
		goroutine.WithObserver(screen.event),
		goroutine.WithDeadThreshold(0.5),
		goroutine.WithStopOrder(core.StopReverse),
		goroutine.WithBaseDelay(250*time.Millisecond),
		goroutine.WithStableAfter(10*time.Second),
		goroutine.WithStopTimeout(3*time.Second),
	)
	if err != nil {
		return err
	}

	var address atomic.Value
	address.Store("http://" + set.listen)
	site := &website{listen: set.listen, ready: func(at string) {
		address.Store(at)
		screen.print("the web server answers at %s", at)
	}}
	add := func(to *goroutine.Supervisor, name string, task goroutine.Task, options ...goroutine.TaskOption) {
		if err == nil {
			err = to.Add(name, task, options...)
		}
	}
	add(service, "web", site)
	guest := &visitor{address: func() string { return address.Load().(string) }}
	add(service, "visitor", guest, goroutine.WithUnlimitedAttempts())
	add(service, "clumsy", goroutine.TaskFunc(clumsy), goroutine.WithUnlimitedAttempts())
	add(service, "hopeless", goroutine.TaskFunc(hopeless), goroutine.WithMaxAttempts(3))
	add(service, "stubborn", stubborn(set.stubborn))
	add(service, "jobs", jobs)
	add(jobs, "worker-1", goroutine.TaskFunc(worker))
	add(jobs, "worker-2", goroutine.TaskFunc(worker))
	if err != nil {
		return err
	}

	screen.print("Enter prints a table; restart, kill or remove a task by its name; Ctrl-C stops")
	go screen.commands(stdin, service, jobs)
	stopTables := screen.every(set.table, service, jobs)
	defer stopTables()

	err = service.Run(ctx)
	drained, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	_ = service.Drain(drained) // a terminal that takes nothing in must not keep the program from ending
	screen.report(service.Report())
	screen.print("%d pages served, %d fetched", site.served.Load(), guest.pages.Load())
	return err
}
