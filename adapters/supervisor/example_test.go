package supervisor_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"time"

	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
	"github.com/tasksupervisor/tasksupervisor/clock"
)

// A worker that fails twice before it gets its work done.
func Example() {
	attempt := 0
	worker := func(ctx context.Context) error {
		if attempt++; attempt < 3 {
			return errors.New("not yet")
		}
		fmt.Println("done at attempt", attempt)
		return nil
	}

	sup, err := supervisor.New(supervisor.WithAutoShutdown(supervisor.AutoShutdownAll)) // or until the context ends
	if err != nil {
		panic(err)
	}
	if err := sup.Add("worker", supervisor.TaskFunc(worker), supervisor.WithBaseDelay(0)); err != nil {
		panic(err)
	}
	err = sup.Run(context.Background())
	fmt.Println(sup.Report(), err)
	// Output:
	// done at attempt 3
	// halted, 3 runs started, 3 ended <nil>
}

// must is for examples: programs handle their errors.
func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}

// serve is a task that does as it is told.
func serve(ctx context.Context) error {
	<-ctx.Done()
	return nil
}

func ExampleSupervisor() {
	sup := must(supervisor.New())
	_ = sup.Add("server", supervisor.TaskFunc(serve))
	_ = sup.Start(context.Background())

	fmt.Println(must(sup.Status("server")))
	fmt.Println(sup.KillWait(context.Background(), "server"))
	fmt.Println(must(sup.Status("server")))

	_ = sup.Shutdown(context.Background())
	fmt.Println(sup.Wait())
	// Output:
	// server: healthy (supervisor-start), run 1
	// <nil>
	// server: dead (killed), run 1, last exit stopped
	// <nil>
}

// Supervisors are tasks, so they make trees.
func ExampleSupervisor_tree() {
	mail := must(supervisor.New())
	_ = mail.Add("sender", supervisor.TaskFunc(func(ctx context.Context) error {
		info, _ := supervisor.Current(ctx)
		fmt.Println("this is", info.Path)
		return info.Supervisor.Shutdown(ctx)
	}))

	root := must(supervisor.New(supervisor.WithName("root"), supervisor.WithAutoShutdown(supervisor.AutoShutdownAll)))
	_ = root.Add("mail", mail)
	fmt.Println(root.Run(context.Background()))
	fmt.Println(root.Report())
	// Output:
	// this is root/mail/sender
	// <nil>
	// root: halted, 2 runs started, 2 ended
}

// poller is a task with a configuration.
type poller struct{ url string }

func (p *poller) Run(ctx context.Context) error {
	fmt.Println("polling", p.url)
	return nil
}

func ExampleTask() {
	var task supervisor.Task = &poller{"https://example.org"}
	sup := must(supervisor.New(supervisor.WithAutoShutdown(supervisor.AutoShutdownAll)))
	_ = sup.Add("poller", task)
	_ = sup.Run(context.Background())
	// Output: polling https://example.org
}

func ExampleTaskFunc() {
	sup := must(supervisor.New(supervisor.WithAutoShutdown(supervisor.AutoShutdownAll)))
	_ = sup.Add("hello", supervisor.TaskFunc(func(context.Context) error {
		fmt.Println("hello")
		return nil
	}))
	_ = sup.Run(context.Background())
	// Output: hello
}

// counter is a task with state, of which every run is to begin with a fresh copy.
type counter struct{ n int }

func (c *counter) Clone() supervisor.Task {
	clone := *c
	return &clone
}

func (c *counter) Run(context.Context) error {
	c.n++
	fmt.Println("n is", c.n)
	return errors.New("failed")
}

func ExampleCloner() {
	var task supervisor.Cloner = &counter{n: 41}
	sup := must(supervisor.New(supervisor.WithBaseDelay(0), supervisor.WithMaxAttempts(1), supervisor.WithDeadThreshold(0)))
	_ = sup.Add("counter", task)
	_ = sup.Run(context.Background())
	// Output:
	// n is 42
	// n is 42
}

func ExampleFactory() {
	sup := must(supervisor.New(supervisor.WithBaseDelay(0), supervisor.WithMaxAttempts(1), supervisor.WithDeadThreshold(0)))
	_ = sup.Add("counter", supervisor.Factory(func() supervisor.Task { return &counter{n: 1} }))
	_ = sup.Run(context.Background())
	// Output:
	// n is 2
	// n is 2
}

func ExampleRunInfo() {
	sup := must(supervisor.New(supervisor.WithAutoShutdown(supervisor.AutoShutdownAll)))
	_ = sup.Add("task", supervisor.TaskFunc(func(ctx context.Context) error {
		info, ok := supervisor.Current(ctx)
		fmt.Println(info.Path, info.Run, info.Supervisor == sup, ok)
		fmt.Println(info.Why, info.Attempts, info.LastExit, info.LastError)
		if info.Run == 1 {
			return errors.New("connection lost")
		}
		return nil
	}), supervisor.WithBaseDelay(0))
	_ = sup.Run(context.Background())
	// Output:
	// task 1 true true
	// supervisor-start 0 none <nil>
	// task 2 true true
	// backoff 1 error connection lost
}

func ExampleOption() {
	options := []supervisor.Option{
		supervisor.WithName("root"),
		supervisor.WithLogger(slog.Default()),
		supervisor.WithDeadThreshold(0.5),
		supervisor.WithShutdownTimeout(30 * time.Second),
	}
	sup := must(supervisor.New(options...))
	fmt.Println(sup.Path(), sup.Phase())
	// Output: root created
}

// Task options given to New are defaults, which those given to Add override.
func ExampleTaskOption() {
	var quick supervisor.TaskOption = supervisor.WithBaseDelay(time.Millisecond)
	sup := must(supervisor.New(supervisor.WithMaxAttempts(10), quick))
	fmt.Println(sup.Add("task", supervisor.TaskFunc(serve), supervisor.WithMaxAttempts(supervisor.Unlimited)))
	// Output: <nil>
}

// Fields that are not set stay as they are, here the default factor of 2.
func ExampleBackoff() {
	backoff := supervisor.Backoff{Base: 500 * time.Millisecond, Max: 5 * time.Second}
	sup := must(supervisor.New(supervisor.WithBackoff(backoff)))
	_ = sup.Add("task", supervisor.TaskFunc(serve))
	policy := must(sup.Policy("task"))
	fmt.Println(policy.BaseDelay, policy.Factor, policy.MaxDelay)
	// Output: 500ms 2 5s
}

// failing runs a supervisor on a clock that stands still, until its one task has failed and waits.
func failing() (*supervisor.Supervisor, *clock.Virtual) {
	virtual := new(clock.Virtual)
	failed := make(chan struct{}, 1)
	sup := must(supervisor.New(supervisor.WithClock(virtual), supervisor.WithObserver(func(e supervisor.Transition) {
		if e.To == supervisor.StatusFailed {
			failed <- struct{}{}
		}
	})))
	_ = sup.Add("task", supervisor.TaskFunc(func(context.Context) error { return errors.New("connection refused") }))
	_ = sup.Start(context.Background())
	<-failed
	return sup, virtual
}

func ExampleTaskStatus() {
	sup, virtual := failing()
	virtual.Advance(500 * time.Millisecond)
	status := must(sup.Status("task"))
	fmt.Println(status.Status, status.Why, status.Attempts, status.LastError)
	fmt.Println(status.RestartIn())
	fmt.Println(status)
	_ = sup.Shutdown(context.Background())
	// Output:
	// failed failure 1 connection refused
	// 1.5s true
	// task: failed (failure), run 1, restarts in a row: 1, next start in 1.5s, last exit error: connection refused
}

func ExampleTransition() {
	sup := must(supervisor.New(supervisor.WithObserver(func(e supervisor.Transition) {
		fmt.Printf("%d %q %v->%v %v\n", e.Seq, e.Task, e.From, e.To, e.Why)
	}), supervisor.WithAutoShutdown(supervisor.AutoShutdownAll)))
	_ = sup.Add("task", supervisor.TaskFunc(func(context.Context) error { return nil }))
	_ = sup.Run(context.Background())
	_ = sup.Drain(context.Background())
	// Output:
	// 1 "task" none->created added
	// 2 "task" created->healthy supervisor-start
	// 3 "task" healthy->completed completed
	// 4 "" none->none all-ended
}

func ExampleWithLogger() {
	withoutTime := func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey {
			return slog.Attr{}
		}
		return a
	}
	logger := slog.New(slog.NewTextHandler(os.Stdout, &slog.HandlerOptions{ReplaceAttr: withoutTime}))
	sup := must(supervisor.New(supervisor.WithLogger(logger), supervisor.WithAutoShutdown(supervisor.AutoShutdownAll)))
	_ = sup.Add("task", supervisor.TaskFunc(func(context.Context) error { return nil }))
	_ = sup.Run(context.Background())
	_ = sup.Drain(context.Background())
	// Output:
	// level=INFO msg="task completed" task=task run=1 status=completed why=completed exit=ok
	// level=INFO msg="supervisor stopped" why=all-ended
}
