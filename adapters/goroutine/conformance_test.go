package goroutine_test

import (
	"context"
	"errors"
	"testing"

	"github.com/tasksupervisor/tasksupervisor/adapters/goroutine"
	"github.com/tasksupervisor/tasksupervisor/core"
	"github.com/tasksupervisor/tasksupervisor/proptest/conformance"
)

// All that a driver owes the state machine and its users, on every kind of clock.
func TestConformance(t *testing.T) {
	conformance.Suite{
		Open:   open,
		Clocks: []conformance.ClockKind{conformance.BubbleClock, conformance.MockClock, conformance.VirtualClock},
	}.Run(t)
}

func open(env conformance.Env) (conformance.Runtime, error) {
	options := []goroutine.Option{
		goroutine.WithClock(env.Clock),
		goroutine.WithRecorder(env.Recording),
		goroutine.WithSeed(env.Config.Seed),
		goroutine.WithAutoShutdown(env.Config.AutoShutdown),
		goroutine.WithStopOrder(env.Config.StopOrder),
	}
	if threshold := env.Config.DeadThreshold; threshold.Den > 0 {
		options = append(options, goroutine.WithDeadThreshold(float64(threshold.Num)/float64(threshold.Den)))
	}
	if timeout := env.Config.ShutdownTimeout; timeout > 0 {
		options = append(options, goroutine.WithShutdownTimeout(timeout))
	}
	if interval := env.Config.HealthCheckInterval; interval > 0 {
		options = append(options, goroutine.WithHealthCheckInterval(interval))
	}
	if tasks := env.Config.MaxTasks; tasks > 0 {
		options = append(options, goroutine.WithMaxTasks(int(tasks)))
	}
	for _, observe := range env.Observers {
		options = append(options, goroutine.WithObserver(func(e goroutine.Event) {
			observe(e.Task, core.Action{
				At: e.At, Until: e.Until, Run: e.Run, Attempts: e.Attempts, Left: e.Left,
				Kind: e.Kind, From: e.From, To: e.To, Why: e.Why, Exit: e.Exit,
			})
		}))
	}
	sup, err := goroutine.New(options...)
	return adapted{sup}, err
}

// adapted is a supervisor as the suite wants to see it. What it already is, it inherits.
type adapted struct{ *goroutine.Supervisor }

func (a adapted) Add(name string, policy core.Policy, body conformance.Body) error {
	return a.Supervisor.Add(name, goroutine.TaskFunc(func(ctx context.Context) error {
		info, _ := goroutine.Current(ctx)
		return body(ctx, info.Run)
	}), goroutine.WithPolicy(policy))
}

func (a adapted) Status(name string) (conformance.Status, error) {
	status, err := a.Supervisor.Status(name)
	told := conformance.Status{TaskStatus: status.TaskStatus, Ending: conformance.Ending{Err: status.LastError}}
	if panicked := (*goroutine.PanicError)(nil); errors.As(status.LastError, &panicked) {
		told.Ending.Value, told.Ending.Stack = panicked.Value, panicked.Stack.String()
	}
	if goexit := (*goroutine.GoexitError)(nil); errors.As(status.LastError, &goexit) {
		told.Ending.Stack = goexit.Stack.String()
	}
	return told, err
}

func (a adapted) Shutdown() {
	over, cancel := context.WithCancel(context.Background())
	cancel()
	_ = a.Supervisor.Shutdown(over) // does not wait, then
}

func (a adapted) Report() conformance.Report {
	report := a.Supervisor.Report()
	told := conformance.Report{Started: report.Runs.Started, Ended: report.Runs.Ended, Abandoned: report.Runs.Abandoned}
	for _, left := range report.Left {
		told.Left = append(told.Left, conformance.LeftRun{Task: left.Path, Run: left.Run})
	}
	return told
}

func (adapted) Reason(err error) core.Reason {
	for _, known := range []struct {
		is  error
		why core.Reason
	}{
		{goroutine.ErrUnknownTask, core.ReasonUnknownTask},
		{goroutine.ErrAlreadyRunning, core.ReasonAlreadyStarted},
		{goroutine.ErrAlreadyEnded, core.ReasonAlreadyEnded},
		{goroutine.ErrBeingRemoved, core.ReasonBeingRemoved},
		{goroutine.ErrTooManyTasks, core.ReasonTooManyTasks},
		{goroutine.ErrShuttingDown, core.ReasonShuttingDown},
		{goroutine.ErrStopped, core.ReasonSupervisorDone},
		{goroutine.ErrRemoved, core.ReasonRemoved},
		{goroutine.ErrKilled, core.ReasonKilled},
		{goroutine.ErrRestarted, core.ReasonRestarted},
		{goroutine.ErrShutdown, core.ReasonHalted},
	} {
		if errors.Is(err, known.is) {
			return known.why
		}
	}
	switch {
	case errors.As(err, new(*goroutine.TooManyDeadError)):
		return core.ReasonTooManyDead
	case errors.As(err, new(*goroutine.EscalatedError)):
		return core.ReasonEscalated
	}
	return core.ReasonNone
}
