package supervisor_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
	"github.com/tasksupervisor/tasksupervisor/clock"
)

// A small service: the API starts when the database is ready, and is restarted with it.
func Example_service() {
	database := func(ctx context.Context) error {
		fmt.Println("the database is open")
		if err := supervisor.Ready(ctx); err != nil {
			return err
		}
		<-ctx.Done()
		return nil
	}
	api := func(ctx context.Context) error {
		fmt.Println("the API answers")
		info, _ := supervisor.Current(ctx)
		return info.Supervisor.Shutdown(ctx)
	}
	sup, err := supervisor.New(
		supervisor.WithIntensity(10, time.Minute),
		supervisor.WithTask("api", supervisor.TaskFunc(api), supervisor.WithBoundTo("database")),
		supervisor.WithTask("database", supervisor.TaskFunc(database),
			supervisor.WithReadiness(true), supervisor.WithStartTimeout(10*time.Second)),
	)
	if err != nil {
		panic(err)
	}
	fmt.Println(sup.Run(context.Background()))
	// Output:
	// the database is open
	// the API answers
	// <nil>
}

// observed is an observer that prints what becomes of tasks, and a channel that is closed when a task has died.
func observed(died chan<- struct{}) supervisor.Option {
	return supervisor.WithObserver(func(e supervisor.Transition) {
		if e.To == supervisor.StatusFailed || e.To == supervisor.StatusDead {
			fmt.Println(e.Task, e.To, e.Why, e.Err)
		}
		if e.To == supervisor.StatusDead {
			close(died)
		}
	})
}

func ExampleHeart() {
	virtual, died := new(clock.Virtual), make(chan struct{})
	sup := must(supervisor.New(supervisor.WithClock(virtual), observed(died)))
	hung := make(chan struct{})
	_ = sup.Add("worker", supervisor.TaskFunc(func(ctx context.Context) error {
		heart, err := supervisor.HeartOf(ctx)
		if err != nil {
			return err
		}
		for range 3 {
			virtual.Advance(9 * time.Second) // work
			heart.Beat()
		}
		close(hung)
		<-ctx.Done()
		return context.Cause(ctx)
	}), supervisor.WithWatchdog(10*time.Second), supervisor.WithMaxAttempts(0))
	_ = sup.Start(context.Background())
	<-hung
	fmt.Println(must(sup.Status("worker")).Status)
	virtual.Advance(10 * time.Second)
	<-died
	_ = sup.Shutdown(context.Background())
	// Output:
	// healthy
	// worker dead exhausted the run missed a heartbeat
}

func ExampleBeatWithin() {
	sup := must(supervisor.New(supervisor.WithAutoShutdown(supervisor.AutoShutdownAll)))
	_ = sup.Add("importer", supervisor.TaskFunc(func(ctx context.Context) error {
		if err := supervisor.BeatWithin(ctx, time.Hour); err != nil { // the next step takes long
			return err
		}
		info, _ := supervisor.Current(ctx)
		status := must(info.Supervisor.Status("importer"))
		fmt.Println((time.Duration(status.Until - status.At)).Round(time.Minute))
		return nil
	}), supervisor.WithWatchdog(10*time.Second))
	fmt.Println(sup.Run(context.Background()))
	// Output:
	// 1h0m0s
	// <nil>
}

func ExampleProbeError() {
	virtual, died := new(clock.Virtual), make(chan struct{})
	sup := must(supervisor.New(supervisor.WithClock(virtual), observed(died)))
	ping := func(context.Context) error { return errors.New("no answer") }
	_ = sup.Add("db", supervisor.TaskFunc(serve), supervisor.WithMaxAttempts(0), supervisor.WithProbe(ping, supervisor.Probe{
		Interval: 10 * time.Second, Timeout: time.Second, Failures: 1,
	}))
	_ = sup.Start(context.Background())
	virtual.Advance(10 * time.Second)
	<-died
	var failed *supervisor.ProbeError
	fmt.Println(errors.As(must(sup.Status("db")).LastError, &failed), failed.Err)
	_ = sup.Shutdown(context.Background())
	// Output:
	// db dead exhausted the run failed its probe: no answer
	// true no answer
}

func ExampleLateProbe() {
	virtual, release, called := new(clock.Virtual), make(chan struct{}), make(chan struct{})
	missed := make(chan struct{}, 1)
	sup := must(supervisor.New(supervisor.WithClock(virtual), supervisor.WithOnMiss(supervisor.MissReport),
		supervisor.WithObserver(func(e supervisor.Transition) {
			if e.Why == supervisor.ReasonWatchdog {
				missed <- struct{}{}
			}
		})))
	_ = sup.Add("db", supervisor.TaskFunc(serve), supervisor.WithProbe(func(context.Context) error {
		close(called)
		<-release // whatever its context says
		return nil
	}, supervisor.Probe{Interval: 10 * time.Second, Timeout: time.Second, Failures: 1}))
	_ = sup.Start(context.Background())
	virtual.Advance(10 * time.Second)
	<-called
	virtual.Advance(time.Second)
	<-missed
	for _, late := range sup.Report().Probes {
		fmt.Println(late.Path, late.Run, late.Since)
	}
	close(release)
	_ = sup.Shutdown(context.Background())
	// Output: db 1 11s
}

func ExampleDone() {
	sup := must(supervisor.New(supervisor.WithAutoShutdown(supervisor.AutoShutdownAll), supervisor.WithRestart(supervisor.RestartAlways)))
	_ = sup.Add("migration", supervisor.TaskFunc(func(context.Context) error {
		return supervisor.Done(errors.New("nothing to migrate"))
	}))
	fmt.Println(sup.Run(context.Background()))
	fmt.Println(must(sup.Status("migration")))
	// Output:
	// <nil>
	// migration: completed (completed), run 1, last exit done: done: nothing to migrate
}

func ExampleDoneError() {
	err := fmt.Errorf("worker 3: %w", supervisor.Done(context.Canceled))
	var done *supervisor.DoneError
	fmt.Println(errors.As(err, &done), errors.Is(err, context.Canceled))
	// Output: true true
}

func ExampleFatal() {
	err := ends(func(context.Context) error { return supervisor.Fatal(errors.New("the disk has failed")) })
	var escalated *supervisor.EscalatedError
	fmt.Println(errors.As(err, &escalated), escalated.Why)
	fmt.Println(err)
	// Output:
	// true fatal
	// task "task", run 1, cannot continue: fatal: the disk has failed
}

func ExampleFatalError() {
	err := fmt.Errorf("worker 3: %w", supervisor.Fatal(context.Canceled))
	var fatal *supervisor.FatalError
	fmt.Println(errors.As(err, &fatal), errors.Is(err, context.Canceled))
	// Output: true true
}

func ExampleAfter() {
	busy := errors.New("429 Too Many Requests")
	fmt.Println(supervisor.After(busy, 30*time.Second))
	fmt.Println(supervisor.After(nil, 30*time.Second))
	// Output:
	// 429 Too Many Requests (try again after 30s)
	// <nil>
}

func ExampleDelayedError() {
	err := fmt.Errorf("fetch: %w", supervisor.After(context.DeadlineExceeded, time.Minute))
	var delayed *supervisor.DelayedError
	fmt.Println(errors.As(err, &delayed), delayed.Delay, errors.Is(err, context.DeadlineExceeded))
	// Output: true 1m0s true
}

func ExampleCycleError() {
	task := supervisor.TaskFunc(serve)
	_, err := supervisor.New(
		supervisor.WithTask("api", task, supervisor.WithNeeds("cache")),
		supervisor.WithTask("cache", task, supervisor.WithNeeds("db")),
		supervisor.WithTask("db", task, supervisor.WithNeeds("api")),
	)
	var cycle *supervisor.CycleError
	fmt.Println(errors.As(err, &cycle))
	fmt.Println(cycle)
	// Output:
	// true
	// tasks need each other: api -> cache -> db -> api
}

func ExampleUnknownNeedError() {
	sup := must(supervisor.New())
	err := sup.Add("api", supervisor.TaskFunc(serve), supervisor.WithNeeds("db"))
	var unknown *supervisor.UnknownNeedError
	fmt.Println(errors.As(err, &unknown), unknown.Need)
	// Output: true db
}

func ExampleNeededError() {
	task := supervisor.TaskFunc(serve)
	sup := must(supervisor.New(supervisor.WithTask("db", task), supervisor.WithTask("api", task, supervisor.WithNeeds("db"))))
	err := sup.Remove("db")
	var needed *supervisor.NeededError
	fmt.Println(errors.As(err, &needed), needed.By)
	fmt.Println(err)
	// Output:
	// true api
	// remove task "db": it is needed by "api"
}

func ExampleLimitOption() {
	sup := must(supervisor.New(supervisor.WithIntensity(5, time.Minute), supervisor.WithDeadThreshold(0.5)))
	busy := []supervisor.LimitOption{supervisor.WithIntensity(50, time.Minute), supervisor.WithRestartRate(10, time.Second)}
	_ = sup.SetLimits(busy...)
	limits := sup.Limits()
	fmt.Println(limits.Intensity, limits.RestartRate, limits.DeadThreshold)
	// Output: 50/1m0s 10/1s 1/2
}

func ExampleTreeNode() {
	task := supervisor.TaskFunc(serve)
	jobs := must(supervisor.New(supervisor.WithTask("worker", task)))
	root := must(supervisor.New(supervisor.WithName("root"), supervisor.WithTask("web", task), supervisor.WithTask("jobs", jobs)))
	_ = root.Suspend("jobs/worker")
	for _, node := range root.Tree() {
		fmt.Println(node)
	}
	// Output:
	// web: created (added)
	// jobs: created (added) [supervisor created]
	//   worker: created (suspended), suspended
}

func ExampleSupervisor_SetPolicy() {
	sup := must(supervisor.New(supervisor.WithTask("worker", supervisor.TaskFunc(serve))))
	_ = sup.SetPolicy("worker", supervisor.WithBaseDelay(time.Minute), supervisor.WithMaxAttempts(supervisor.Unlimited))
	fmt.Println(must(sup.Policy("worker")).BaseDelay)
	// Output: 1m0s
}

// A page shows what a task needs, and what needs it.
func ExampleSupervisor_Needs() {
	task := supervisor.TaskFunc(func(ctx context.Context) error {
		<-ctx.Done()
		return nil
	})
	sup, err := supervisor.New(
		supervisor.WithTask("database", task),
		supervisor.WithTask("api", task, supervisor.WithBoundTo("database")),
		supervisor.WithTask("web", task, supervisor.WithNeeds("api")),
	)
	if err != nil {
		panic(err)
	}
	needs, neededBy, err := sup.Needs("api")
	fmt.Println(needs, neededBy, err)
	// Output: [{database true}] [{web false}] <nil>
}

func ExampleNeed() {
	need := supervisor.Need{Task: "database", Bound: true}
	fmt.Println(need.Task, need.Bound)
	// Output: database true
}

// What is given a supervisor that is made already can still watch it.
func ExampleSupervisor_Observe() {
	sup, err := supervisor.New(supervisor.WithTask("job", supervisor.TaskFunc(func(context.Context) error { return nil })),
		supervisor.WithAutoShutdown(supervisor.AutoShutdownAll))
	if err != nil {
		panic(err)
	}
	stop, err := sup.Observe(func(t supervisor.Transition) {
		if t.To == supervisor.StatusCompleted {
			fmt.Println(t.Task, t.To)
		}
	})
	if err != nil {
		panic(err)
	}
	defer stop()
	fmt.Println(sup.Run(context.Background()))
	// Output:
	// job completed
	// <nil>
}
