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
		goroutine.WithStrategy(env.Config.Strategy),
		goroutine.WithStopOrder(env.Config.StopOrder),
		goroutine.WithLimits(core.Limits{
			DeadThreshold:   env.Config.DeadThreshold,
			Intensity:       env.Config.Intensity,
			Budget:          env.Config.Budget,
			AutoShutdown:    env.Config.AutoShutdown,
			ShutdownTimeout: env.Config.ShutdownTimeout,
		}),
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

func (a adapted) Add(name string, task conformance.Task) error {
	run := goroutine.TaskFunc(func(ctx context.Context) error {
		info, _ := goroutine.Current(ctx)
		return task.Body(ctx, info.Run)
	})
	options := []goroutine.TaskOption{goroutine.WithSuspended(task.Suspended)}
	if task.Probe != nil {
		options = append(options, goroutine.WithProbe(func(ctx context.Context) error {
			info, _ := goroutine.Current(ctx)
			return task.Probe(ctx, info.Run)
		}, task.Policy.Probe))
	}
	for _, need := range task.Needs {
		if need.Bound {
			options = append(options, goroutine.WithBoundTo(need.Task))
		} else {
			options = append(options, goroutine.WithNeeds(need.Task))
		}
	}
	return a.Supervisor.Add(name, run, append(options, goroutine.WithPolicy(task.Policy))...)
}

func (a adapted) SetPolicy(name string, policy core.Policy) error {
	return a.Supervisor.SetPolicy(name, goroutine.WithPolicy(policy))
}

func (a adapted) SetLimits(limits core.Limits) error {
	return a.Supervisor.SetLimits(goroutine.WithLimits(limits))
}

func (adapted) Ready(ctx context.Context) { goroutine.Ready(ctx) }

func (adapted) Beat(ctx context.Context, within core.Duration) { goroutine.BeatWithin(ctx, within) }

func (adapted) Done(err error) error { return goroutine.Done(err) }

func (adapted) Fatal(err error) error { return goroutine.Fatal(err) }

func (adapted) Culprit(err error) (task string, run core.Run) {
	var escalated *goroutine.EscalatedError
	if errors.As(err, &escalated) {
		return escalated.Task, escalated.Run
	}
	return "", 0
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
		{goroutine.ErrShutdown, core.ReasonHalted}, // first, for it wraps what brought it about
		{goroutine.ErrUnknownTask, core.ReasonUnknownTask},
		{goroutine.ErrAlreadyRunning, core.ReasonAlreadyStarted},
		{goroutine.ErrAlreadyEnded, core.ReasonAlreadyEnded},
		{goroutine.ErrNotSuspended, core.ReasonNotSuspended},
		{goroutine.ErrBeingRemoved, core.ReasonBeingRemoved},
		{goroutine.ErrTooManyTasks, core.ReasonTooManyTasks},
		{goroutine.ErrShuttingDown, core.ReasonShuttingDown},
		{goroutine.ErrStopped, core.ReasonSupervisorDone},
		{goroutine.ErrRemoved, core.ReasonRemoved},
		{goroutine.ErrKilled, core.ReasonKilled},
		{goroutine.ErrRestarted, core.ReasonRestarted},
		{goroutine.ErrSuspended, core.ReasonSuspended},
		{goroutine.ErrSibling, core.ReasonSibling},
		{goroutine.ErrDependency, core.ReasonDependency},
		{goroutine.ErrStartTimeout, core.ReasonStartTimeout},
		{goroutine.ErrMissedBeat, core.ReasonWatchdog},
	} {
		if errors.Is(err, known.is) {
			return known.why
		}
	}
	var escalated *goroutine.EscalatedError
	switch {
	case errors.As(err, new(*goroutine.TooManyDeadError)):
		return core.ReasonTooManyDead
	case errors.As(err, &escalated) && escalated.Why == core.ReasonIntensity:
		return core.ReasonIntensity
	case escalated != nil:
		return core.ReasonEscalated
	case errors.As(err, new(*goroutine.ProbeError)):
		return core.ReasonWatchdog
	case errors.As(err, new(*goroutine.NeededError)):
		return core.ReasonNeeded
	case errors.As(err, new(*goroutine.UnknownNeedError)):
		return core.ReasonUnknownTask
	}
	return core.ReasonNone
}
