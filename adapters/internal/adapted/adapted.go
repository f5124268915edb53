// Package adapted makes of a supervisor what the conformance suite of runtimes tests. It is for the tests of package supervisor,
// and of those that have it run something else than goroutines.
package adapted

import (
	"context"
	"errors"

	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
	"github.com/tasksupervisor/tasksupervisor/core"
	"github.com/tasksupervisor/tasksupervisor/proptest/conformance"
)

// Opener opens supervisors for the suite. The zero Opener is for goroutines.
type Opener struct {
	// Task makes the task that does what a body does. Default: [Body].
	Task func(conformance.Body) supervisor.Task

	// Options are for all supervisors, after those that the suite calls for. Default: none.
	Options []supervisor.Option

	// Status returns the status of a task as the machine has it, with its ids, and the last error. Default: what the supervisor
	// says, without ids, which the suite then does not compare.
	Status func(s *supervisor.Supervisor, name string) (core.TaskStatus, error, error)
}

// Open opens a supervisor: it is what the suite calls.
func (o *Opener) Open(env conformance.Env) (conformance.Runtime, error) {
	options := []supervisor.Option{
		supervisor.WithClock(env.Clock),
		supervisor.WithRecorder(env.Recording),
		supervisor.WithoutParentObservers(), // the suite gives every runtime observers of its own,
		supervisor.WithDrainTimeout(0),      // some of which never return
		supervisor.WithSeed(env.Config.Seed),
		supervisor.WithStrategy(env.Config.Strategy),
		supervisor.WithStopOrder(env.Config.StopOrder),
		supervisor.WithLimits(supervisor.Limits{
			DeadThreshold:   env.Config.DeadThreshold,
			Intensity:       env.Config.Intensity,
			RestartRate:     env.Config.RestartRate,
			AutoShutdown:    env.Config.AutoShutdown,
			ShutdownTimeout: env.Config.ShutdownTimeout,
		}),
	}
	if interval := env.Config.HealthCheckInterval; interval > 0 {
		options = append(options, supervisor.ReferenceCadence(interval))
	}
	if tasks := env.Config.MaxTasks; tasks > 0 {
		options = append(options, supervisor.WithMaxTasks(int(tasks)))
	}
	for _, observe := range env.Observers {
		options = append(options, supervisor.WithObserver(func(e supervisor.Transition) {
			if e.Failures > 0 || e.LateProbe { // no decision of the machine
				return
			}
			observe(e.Task, core.Action{
				At: e.At, Until: e.Until, Run: e.Run, Attempts: e.Attempts, LeftBehind: e.LeftBehind,
				Kind: e.Kind, From: e.From, To: e.To, Why: e.Why, Exit: e.Exit,
			})
		}))
	}
	sup, err := supervisor.New(append(options, o.Options...)...)
	return adapted{sup, o}, err
}

// adapted is a supervisor as the suite wants to see it. What it already is, it inherits.
type adapted struct {
	*supervisor.Supervisor
	by *Opener
}

func (a adapted) Add(name string, task conformance.Task) error {
	does := Body
	if a.by.Task != nil {
		does = a.by.Task
	}
	var run supervisor.Task
	switch {
	case task.Body != nil:
		run = does(task.Body)
	case task.Make != nil:
		run = supervisor.Factory(func() supervisor.Task { return does(task.Make()) })
	case task.Nested != nil:
		run = task.Nested.(adapted).Supervisor
	case task.Nest != nil:
		run = supervisor.Factory(func() supervisor.Task { return task.Nest().(adapted).Supervisor })
	}
	options := []supervisor.TaskOption{supervisor.WithPolicy(task.Policy), supervisor.WithSuspended(task.Suspended)}
	if task.Held {
		options = append(options, supervisor.WithHeld("by the suite"))
	}
	if task.Probe != nil {
		options = append(options, supervisor.WithProbe(func(ctx context.Context) error {
			info, _ := supervisor.Current(ctx)
			return task.Probe(ctx, info.Run)
		}, task.Policy.Probe))
	}
	for _, need := range task.Needs {
		if need.Bound {
			options = append(options, supervisor.WithBoundTo(need.Task))
		} else {
			options = append(options, supervisor.WithNeeds(need.Task))
		}
	}
	return a.Supervisor.Add(name, run, options...)
}

// Body makes a task of a body: its runs are calls of it.
func Body(body conformance.Body) supervisor.Task {
	return supervisor.TaskFunc(func(ctx context.Context) error {
		info, _ := supervisor.Current(ctx)
		return body(ctx, info.Run)
	})
}

func (a adapted) RemoveWait(name string) error {
	return a.Supervisor.RemoveWait(context.Background(), name)
}

func (a adapted) KillWait(name string) error {
	return a.Supervisor.KillWait(context.Background(), name)
}

func (a adapted) Hold(name string) error { return a.Supervisor.Hold(name, "by the suite") }

func (a adapted) SetPolicy(name string, policy supervisor.Policy) error {
	return a.Supervisor.SetPolicy(name, supervisor.WithPolicy(policy))
}

func (a adapted) SetLimits(limits supervisor.Limits) error {
	return a.Supervisor.SetLimits(supervisor.WithLimits(limits))
}

func (adapted) Ready(ctx context.Context) { _ = supervisor.Ready(ctx) }

func (adapted) NotReady(ctx context.Context) { _ = supervisor.NotReady(ctx) }

func (adapted) Beat(ctx context.Context, within core.Duration) {
	_ = supervisor.BeatWithin(ctx, within)
}

func (adapted) Done(err error) error { return supervisor.Done(err) }

func (adapted) Fatal(err error) error { return supervisor.Fatal(err) }

func (adapted) Lost(err error) error { return supervisor.Lost(err) }

func (adapted) After(err error, delay core.Duration) error { return supervisor.After(err, delay) }

func (adapted) Culprit(err error) (task string, run supervisor.RunNumber) {
	var escalated *supervisor.EscalatedError
	if errors.As(err, &escalated) {
		return escalated.Task, escalated.Run
	}
	return "", 0
}

func (a adapted) Status(name string) (conformance.Status, error) {
	status, lastErr, err := a.status(name)
	told := conformance.Status{TaskStatus: status, Ending: conformance.Ending{Err: lastErr}}
	if panicked := (*supervisor.PanicError)(nil); errors.As(lastErr, &panicked) {
		told.Ending.Value, told.Ending.Stack = panicked.Value, panicked.Stack.String()
	}
	if goexit := (*supervisor.GoexitError)(nil); errors.As(lastErr, &goexit) {
		told.Ending.Stack = goexit.Stack.String()
	}
	return told, err
}

func (a adapted) status(name string) (status core.TaskStatus, lastErr, err error) {
	if a.by.Status != nil {
		return a.by.Status(a.Supervisor, name)
	}
	s, err := a.Supervisor.Status(name)
	return core.TaskStatus{
		Status: s.Status, Why: s.Why, Intent: s.Intent, Run: s.Run, Live: s.Live, Fenced: s.Fenced, LastExit: s.LastExit,
		Attempts: s.Attempts, Misses: s.Misses, Suspended: s.Suspended, Held: s.Held, Probing: s.Probing, Silent: s.Silent,
		Unready: s.Unready, Hung: s.Hung, Since: s.Since, Until: s.Until, ClearsAt: s.ClearsAt, Wait: s.Wait,
	}, s.LastError, err
}

func (a adapted) Shutdown() {
	over, cancel := context.WithCancel(context.Background())
	cancel()
	_ = a.Supervisor.Shutdown(over) // does not wait, then
}

func (a adapted) Report() conformance.Report {
	report := a.Supervisor.Report()
	told := conformance.Report{Started: report.Runs.Started, Ended: report.Runs.Ended, Abandoned: report.Runs.Abandoned}
	for _, left := range report.LeftBehind {
		told.Left = append(told.Left, conformance.LeftRun{Task: left.Path, Run: left.Run})
	}
	return told
}

func (adapted) Refusal(err error) core.Refusal {
	for _, known := range []struct {
		is      error
		refusal core.Refusal
	}{
		{supervisor.ErrUnknownTask, core.RefusalUnknownTask},
		{supervisor.ErrAlreadyRunning, core.RefusalAlreadyStarted},
		{supervisor.ErrAlreadyEnded, core.RefusalAlreadyEnded},
		{supervisor.ErrNotSuspended, core.RefusalNotSuspended},
		{supervisor.ErrBeingRemoved, core.RefusalBeingRemoved},
		{supervisor.ErrTooManyTasks, core.RefusalTooManyTasks},
		{supervisor.ErrShuttingDown, core.RefusalShuttingDown},
		{supervisor.ErrStopped, core.RefusalSupervisorDone},
	} {
		if errors.Is(err, known.is) {
			return known.refusal
		}
	}
	switch {
	case errors.As(err, new(*supervisor.NeededError)):
		return core.RefusalNeeded
	case errors.As(err, new(*supervisor.UnknownNeedError)):
		return core.RefusalUnknownTask
	}
	return core.RefusalNone
}

func (adapted) Reason(err error) supervisor.Reason {
	var escalated *supervisor.EscalatedError
	switch { // first the errors that wrap what brought them about
	case errors.Is(err, supervisor.ErrShutdown):
		return supervisor.ReasonSupervisorStop
	case errors.As(err, new(*supervisor.TooManyDeadError)):
		return supervisor.ReasonTooManyDead
	case errors.As(err, &escalated) && escalated.Why == supervisor.ReasonIntensity:
		return supervisor.ReasonIntensity
	case escalated != nil:
		return supervisor.ReasonEscalated
	case errors.As(err, new(*supervisor.ProbeError)):
		return supervisor.ReasonWatchdog
	}
	for _, known := range []struct {
		is  error
		why supervisor.Reason
	}{
		{supervisor.ErrRemoved, supervisor.ReasonRemoved},
		{supervisor.ErrKilled, supervisor.ReasonKilled},
		{supervisor.ErrRestarted, supervisor.ReasonRestarted},
		{supervisor.ErrSuspended, supervisor.ReasonSuspended},
		{supervisor.ErrSibling, supervisor.ReasonSibling},
		{supervisor.ErrDependency, supervisor.ReasonDependency},
		{supervisor.ErrStartTimeout, supervisor.ReasonStartTimeout},
		{supervisor.ErrMissedBeat, supervisor.ReasonWatchdog},
	} {
		if errors.Is(err, known.is) {
			return known.why
		}
	}
	return supervisor.ReasonNone
}
