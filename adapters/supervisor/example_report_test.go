package supervisor_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"

	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
	"github.com/tasksupervisor/tasksupervisor/clock"
)

// leavesBehind runs a supervisor with a task that ignores the end of its context, and so is left behind. The error is
// that of Run; release ends the task after all.
func leavesBehind() (sup *supervisor.Supervisor, release func(), err error) {
	started, end := make(chan struct{}), make(chan struct{})
	sup = must(supervisor.New(supervisor.WithStopTimeout(0))) // no patience at all
	_ = sup.Add("deaf", supervisor.TaskFunc(func(context.Context) error {
		close(started)
		<-end
		return nil
	}))
	_ = sup.Start(context.Background())
	<-started
	_ = sup.Shutdown(context.Background())
	return sup, func() { close(end) }, sup.Wait()
}

// ends runs one task, which is not restarted, and returns how it ended.
func ends(task supervisor.TaskFunc) error {
	sup := must(supervisor.New(supervisor.WithAutoShutdown(supervisor.AutoShutdownAll), supervisor.WithRestart(supervisor.RestartNever)))
	_ = sup.Add("task", task)
	return sup.Run(context.Background())
}

func ExampleReport() {
	sup, release, _ := leavesBehind()
	report := sup.Report()
	fmt.Println(report)
	for _, left := range report.LeftBehind {
		fmt.Println(left)
	}
	release()
	// Output:
	// halted, 1 runs started, 0 ended, 1 left behind: 1 run was left behind: deaf run 1 (stop-timeout)
	// deaf run 1 (stop-timeout)
}

func ExampleTaskReport() {
	sup, release, _ := leavesBehind()
	for _, task := range sup.Report().Tasks {
		fmt.Printf("%s is %v, %d nested supervisors\n", task.Path, task.Status.Status, len(task.Nested))
	}
	release()
	// Output: deaf is abandoned, 0 nested supervisors
}

func ExampleRunCounts() {
	sup, release, _ := leavesBehind()
	runs := sup.Report().Runs
	fmt.Println(runs.Started-runs.Ended, "alive,", runs.Abandoned, "abandoned")
	release()
	// Output: 1 alive, 1 abandoned
}

func ExampleLeftBehindRun() {
	sup, release, _ := leavesBehind()
	left := sup.Report().LeftBehind[0]
	fmt.Println(left.Path, left.Run, left.Why)
	release()
	// Output: deaf 1 stop-timeout
}

func ExampleLeftBehindError() {
	_, release, err := leavesBehind()
	var left *supervisor.LeftBehindError
	fmt.Println(errors.As(err, &left), len(left.Runs))
	fmt.Println(err)
	release()
	// Output:
	// true 1
	// 1 run was left behind: deaf run 1 (stop-timeout)
}

func ExampleObserverReport() {
	sup := must(supervisor.New(supervisor.WithObserver(func(supervisor.Transition) { panic("boom") })))
	_ = sup.Add("task", supervisor.TaskFunc(serve))
	_ = sup.Drain(context.Background())
	observer := sup.Report().Observers[0]
	fmt.Println(observer.Delivered, observer.Lost, observer.Panics, observer.LastPanic)
	// Output: 1 0 1 panic: boom
}

func ExampleTaskError() {
	sup := must(supervisor.New())
	err := sup.Kill("nobody")
	var task *supervisor.TaskError
	fmt.Println(errors.As(err, &task), task.Op, task.Task)
	fmt.Println(errors.Is(err, supervisor.ErrUnknownTask))
	fmt.Println(err)
	// Output:
	// true kill nobody
	// true
	// kill task "nobody": there is no such task
}

func ExampleNameError() {
	sup := must(supervisor.New())
	err := sup.Add("mail/sender", supervisor.TaskFunc(serve))
	var name *supervisor.NameError
	fmt.Println(errors.As(err, &name))
	fmt.Println(err)
	// Output:
	// true
	// add task "mail/sender": the name has a slash, which separates the names of a path
}

func ExampleTreeError() {
	mail := must(supervisor.New())
	shop := must(supervisor.New(supervisor.WithName("shop"), supervisor.WithTask("mail", mail)))
	err := shop.Add("post", mail)
	var tree *supervisor.TreeError
	fmt.Println(errors.As(err, &tree), tree.Has, tree.Wanted)
	fmt.Println(err)
	// Output:
	// true shop/mail shop/post
	// add task "post": the supervisor is "shop/mail" already, and cannot be "shop/post" as well
}

func ExampleConfigError() {
	_, err := supervisor.New(supervisor.WithDeadThreshold(40), supervisor.WithBaseDelay(-1))
	var config *supervisor.ConfigError
	fmt.Println(errors.As(err, &config), len(config.Options))
	fmt.Println(err)
	// Output:
	// true 2
	// invalid options: WithDeadThreshold is 40: it must be from 0 to 1; WithBaseDelay is negative
}

func ExampleOptionError() {
	_, err := supervisor.New(supervisor.WithBackoff(supervisor.Backoff{Jitter: 2}))
	var option *supervisor.OptionError
	fmt.Println(errors.As(err, &option), option.Option)
	// Output: true WithBackoff
}

func ExampleTooManyDeadError() {
	sup := must(supervisor.New(supervisor.WithDeadThreshold(0.4), supervisor.WithMaxAttempts(0)))
	_ = sup.Add("failing", supervisor.TaskFunc(func(context.Context) error { return errors.New("failed") }))
	_ = sup.Add("healthy", supervisor.TaskFunc(serve))
	err := sup.Run(context.Background())
	var tooMany *supervisor.TooManyDeadError
	fmt.Println(errors.As(err, &tooMany), tooMany.Dead, tooMany.Total, tooMany.Threshold)
	fmt.Println(err)
	// Output:
	// true 1 2 2/5
	// 1 of 2 tasks are dead: 50%, more than 40%
}

func ExampleEscalatedError() {
	started, end := make(chan struct{}), make(chan struct{})
	sup := must(supervisor.New(supervisor.WithStopTimeout(0), supervisor.WithOnAbandon(supervisor.AbandonEscalate)))
	_ = sup.Add("deaf", supervisor.TaskFunc(func(context.Context) error {
		close(started)
		<-end
		return nil
	}))
	_ = sup.Start(context.Background())
	<-started
	_ = sup.Restart("deaf")
	var escalated *supervisor.EscalatedError
	fmt.Println(errors.As(sup.Wait(), &escalated))
	fmt.Println(escalated)
	close(end)
	// Output:
	// true
	// task "deaf", run 1, did not stop within 0s
}

func ExampleDeadTasksError() {
	err := ends(func(context.Context) error { return context.DeadlineExceeded })
	var dead *supervisor.DeadTasksError
	fmt.Println(errors.As(err, &dead), dead.Tasks[0].Task)
	fmt.Println(errors.Is(err, context.DeadlineExceeded))
	fmt.Println(err)
	// Output:
	// true task
	// true
	// 1 task failed: run task "task": context deadline exceeded
}

func ExamplePanicError() {
	err := ends(func(context.Context) error { panic("boom") })
	var panicked *supervisor.PanicError
	fmt.Println(errors.As(err, &panicked), panicked.Value)
	fmt.Println(strings.Contains(panicked.Stack.String(), "ExamplePanicError"))
	// Output:
	// true boom
	// true
}

func ExampleGoexitError() {
	err := ends(func(context.Context) error {
		runtime.Goexit()
		return nil
	})
	var goexit *supervisor.GoexitError
	fmt.Println(errors.As(err, &goexit))
	fmt.Println(goexit)
	// Output:
	// true
	// the run ended its goroutine by runtime.Goexit
}

func ExampleStack() {
	var panicked *supervisor.PanicError
	errors.As(ends(func(context.Context) error { panic("boom") }), &panicked)
	frames := panicked.Stack.Frames()
	for frame, more := frames.Next(); more; frame, more = frames.Next() {
		if name, ok := strings.CutPrefix(frame.Function, "github.com/tasksupervisor/tasksupervisor/adapters/"); ok {
			fmt.Println(name)
		}
	}
	// Output:
	// supervisor_test.ExampleStack.func1
	// supervisor.TaskFunc.Run
	// supervisor.(*run).call
	// supervisor.(*run).main
}

// stopped is a clock that has failed.
type stopped struct{ clock.Source }

func (stopped) NewSource() clock.Source { return stopped{clock.System{}.NewSource()} }

func (stopped) Now() supervisor.Instant { panic("out of order") }

func ExampleFaultError() {
	sup := must(supervisor.New(supervisor.WithClock(stopped{})))
	err := sup.Run(context.Background())
	var fault *supervisor.FaultError
	fmt.Println(errors.As(err, &fault))
	fmt.Println(err)
	// Output:
	// true
	// the supervisor failed: out of order
}

// flushes is a task that fails to write its last page when it is asked to stop.
func flushes(ctx context.Context) error {
	<-ctx.Done()
	return errors.Join(context.Cause(ctx), errors.New("the last page was not written"))
}

func ExampleFailedStop() {
	sup := must(supervisor.New(supervisor.WithTask("pages", supervisor.TaskFunc(flushes))))
	_ = sup.Start(context.Background())
	_ = sup.Shutdown(context.Background())
	report := sup.Report()
	failed := report.FailedStops[0]
	fmt.Println(report)
	fmt.Println(failed.Path, failed.Run, failed.Exit, failed.Why)
	// Output:
	// halted, 1 runs started, 1 ended, 1 failed while they were stopped
	// pages 1 error supervisor-stop
}

func ExampleFailedStopsError() {
	sup := must(supervisor.New(
		supervisor.WithStrictResult(),
		supervisor.WithTask("cache", supervisor.TaskFunc(func(ctx context.Context) error {
			<-ctx.Done()
			panic("closed twice")
		})),
	))
	_ = sup.Start(context.Background())
	_ = sup.Shutdown(context.Background())
	err := sup.Wait()
	var failed *supervisor.FailedStopsError
	fmt.Println(errors.As(err, &failed), len(failed.Stops))
	fmt.Println(err)
	// Output:
	// true 1
	// 1 run failed while it was stopped: cache run 1 (panic while it stopped, supervisor-stop): panic: closed twice
}

func ExampleStopCause() {
	sup := must(supervisor.New(
		supervisor.WithAutoShutdown(supervisor.AutoShutdownAny),
		supervisor.WithTask("import", supervisor.TaskFunc(func(context.Context) error { return nil })),
		supervisor.WithTask("server", supervisor.TaskFunc(serve)),
	))
	err := sup.Run(context.Background())
	fmt.Println(err)
	fmt.Println(sup.Report().Cause)
	// Output:
	// <nil>
	// any-ended, by "import", run 1
}
