package goroutine_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/tasksupervisor/tasksupervisor/adapters/goroutine"
	"github.com/tasksupervisor/tasksupervisor/clock"
	"github.com/tasksupervisor/tasksupervisor/core"
)

// A small service: the API starts when the database is ready, and is restarted with it.
func Example_service() {
	database := func(ctx context.Context) error {
		fmt.Println("the database is open")
		goroutine.Ready(ctx)
		<-ctx.Done()
		return nil
	}
	api := func(ctx context.Context) error {
		fmt.Println("the API answers")
		info, _ := goroutine.Current(ctx)
		return info.Supervisor.Shutdown(ctx)
	}
	sup, err := goroutine.New(
		goroutine.WithIntensity(10, time.Minute),
		goroutine.WithTask("api", goroutine.TaskFunc(api), goroutine.WithBoundTo("database")),
		goroutine.WithTask("database", goroutine.TaskFunc(database),
			goroutine.WithReadiness(true), goroutine.WithStartTimeout(10*time.Second)),
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
func observed(died chan<- struct{}) goroutine.Option {
	return goroutine.WithObserver(func(e goroutine.Event) {
		if e.To == core.StatusFailed || e.To == core.StatusDead {
			fmt.Println(e.Task, e.To, e.Why, e.Err)
		}
		if e.To == core.StatusDead {
			close(died)
		}
	})
}

func ExampleHeart() {
	virtual, died := new(clock.Virtual), make(chan struct{})
	sup := must(goroutine.New(goroutine.WithClock(virtual), observed(died)))
	hung := make(chan struct{})
	_ = sup.Add("worker", goroutine.TaskFunc(func(ctx context.Context) error {
		heart := goroutine.HeartOf(ctx)
		for range 3 {
			virtual.Advance(9 * time.Second) // work
			heart.Beat()
		}
		close(hung)
		<-ctx.Done()
		return context.Cause(ctx)
	}), goroutine.WithWatchdog(10*time.Second), goroutine.WithMaxAttempts(0))
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
	sup := must(goroutine.New(goroutine.WithAutoShutdown(core.AutoShutdownAll)))
	_ = sup.Add("importer", goroutine.TaskFunc(func(ctx context.Context) error {
		goroutine.BeatWithin(ctx, time.Hour) // the next step takes long
		info, _ := goroutine.Current(ctx)
		status := must(info.Supervisor.Status("importer"))
		fmt.Println((time.Duration(status.Until - status.At)).Round(time.Minute))
		return nil
	}), goroutine.WithWatchdog(10*time.Second))
	fmt.Println(sup.Run(context.Background()))
	// Output:
	// 1h0m0s
	// <nil>
}

func ExampleProbeError() {
	virtual, died := new(clock.Virtual), make(chan struct{})
	sup := must(goroutine.New(goroutine.WithClock(virtual), observed(died)))
	ping := func(context.Context) error { return errors.New("no answer") }
	_ = sup.Add("db", goroutine.TaskFunc(serve), goroutine.WithMaxAttempts(0), goroutine.WithProbe(ping, core.Probe{
		Interval: 10 * time.Second, Timeout: time.Second, Failures: 1,
	}))
	_ = sup.Start(context.Background())
	virtual.Advance(10 * time.Second)
	<-died
	var failed *goroutine.ProbeError
	fmt.Println(errors.As(must(sup.Status("db")).LastError, &failed), failed.Err)
	_ = sup.Shutdown(context.Background())
	// Output:
	// db dead exhausted the run failed its probe: no answer
	// true no answer
}

func ExampleLateProbe() {
	virtual, release, called := new(clock.Virtual), make(chan struct{}), make(chan struct{})
	missed := make(chan struct{}, 1)
	sup := must(goroutine.New(goroutine.WithClock(virtual), goroutine.WithOnMiss(core.MissReport),
		goroutine.WithObserver(func(e goroutine.Event) {
			if e.Why == core.ReasonWatchdog {
				missed <- struct{}{}
			}
		})))
	_ = sup.Add("db", goroutine.TaskFunc(serve), goroutine.WithProbe(func(context.Context) error {
		close(called)
		<-release // whatever its context says
		return nil
	}, core.Probe{Interval: 10 * time.Second, Timeout: time.Second, Failures: 1}))
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
	sup := must(goroutine.New(goroutine.WithAutoShutdown(core.AutoShutdownAll), goroutine.WithRestart(core.RestartAlways)))
	_ = sup.Add("migration", goroutine.TaskFunc(func(context.Context) error {
		return goroutine.Done(errors.New("nothing to migrate"))
	}))
	fmt.Println(sup.Run(context.Background()))
	fmt.Println(must(sup.Status("migration")))
	// Output:
	// <nil>
	// migration: completed (completed), run 1, last exit done: done: nothing to migrate
}

func ExampleDoneError() {
	err := fmt.Errorf("worker 3: %w", goroutine.Done(context.Canceled))
	var done *goroutine.DoneError
	fmt.Println(errors.As(err, &done), errors.Is(err, context.Canceled))
	// Output: true true
}

func ExampleFatal() {
	err := ends(func(context.Context) error { return goroutine.Fatal(errors.New("the disk is gone")) })
	var escalated *goroutine.EscalatedError
	fmt.Println(errors.As(err, &escalated), escalated.Why)
	fmt.Println(err)
	// Output:
	// true fatal
	// task "task", run 1, can not go on: fatal: the disk is gone
}

func ExampleFatalError() {
	err := fmt.Errorf("worker 3: %w", goroutine.Fatal(context.Canceled))
	var fatal *goroutine.FatalError
	fmt.Println(errors.As(err, &fatal), errors.Is(err, context.Canceled))
	// Output: true true
}

func ExampleCycleError() {
	task := goroutine.TaskFunc(serve)
	_, err := goroutine.New(
		goroutine.WithTask("api", task, goroutine.WithNeeds("cache")),
		goroutine.WithTask("cache", task, goroutine.WithNeeds("db")),
		goroutine.WithTask("db", task, goroutine.WithNeeds("api")),
	)
	var cycle *goroutine.CycleError
	fmt.Println(errors.As(err, &cycle))
	fmt.Println(cycle)
	// Output:
	// true
	// tasks need each other: api -> cache -> db -> api
}

func ExampleUnknownNeedError() {
	sup := must(goroutine.New())
	err := sup.Add("api", goroutine.TaskFunc(serve), goroutine.WithNeeds("db"))
	var unknown *goroutine.UnknownNeedError
	fmt.Println(errors.As(err, &unknown), unknown.Need)
	// Output: true db
}

func ExampleNeededError() {
	task := goroutine.TaskFunc(serve)
	sup := must(goroutine.New(goroutine.WithTask("db", task), goroutine.WithTask("api", task, goroutine.WithNeeds("db"))))
	err := sup.Remove("db")
	var needed *goroutine.NeededError
	fmt.Println(errors.As(err, &needed), needed.By)
	fmt.Println(err)
	// Output:
	// true api
	// remove task "db": it is needed by "api"
}

func ExampleLimitOption() {
	sup := must(goroutine.New(goroutine.WithIntensity(5, time.Minute), goroutine.WithDeadThreshold(0.5)))
	busy := []goroutine.LimitOption{goroutine.WithIntensity(50, time.Minute), goroutine.WithBudget(10, time.Second)}
	_ = sup.SetLimits(busy...)
	limits := sup.Limits()
	fmt.Println(limits.Intensity, limits.Budget, limits.DeadThreshold)
	// Output: 50/1m0s 10/1s 1/2
}

func ExampleTreeNode() {
	task := goroutine.TaskFunc(serve)
	jobs := must(goroutine.New(goroutine.WithTask("worker", task)))
	root := must(goroutine.New(goroutine.WithName("root"), goroutine.WithTask("web", task), goroutine.WithTask("jobs", jobs)))
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
	sup := must(goroutine.New(goroutine.WithTask("worker", goroutine.TaskFunc(serve))))
	_ = sup.SetPolicy("worker", goroutine.WithBaseDelay(time.Minute), goroutine.WithUnlimitedAttempts())
	fmt.Println(must(sup.Policy("worker")).BaseDelay)
	// Output: 1m0s
}
