package supervisor

import (
	"context"
	"math/rand/v2"
	"sync/atomic"
	"time"

	"github.com/tasksupervisor/tasksupervisor/core"
	"github.com/tasksupervisor/tasksupervisor/core/scenario"
)

// Supervisor keeps tasks running, each in goroutines of its own. Make it with [New], give it tasks with
// [Supervisor.Add], and let it run with [Supervisor.Run] or [Supervisor.Start].
//
// All methods may be called from anywhere at any time: several goroutines, the tasks themselves, observers. None
// waits for a task, unless its documentation says so. Of the zero Supervisor, or a nil one, all calls return [ErrNotMade].
//
// A supervisor is a task, and so can be added to another: a tree of supervisors. It may be run again once it has
// stopped, with the tasks it then has, all of which start afresh; those that were killed or suspended stay down.
type Supervisor struct {
	settings settings
	own      *watching // the observers and the recording that were given to it

	unanswered atomic.Pointer[checkup] // that has not come back; nil if there is none

	// mu makes the machine have one owner at a time: whoever holds it. It is never held while waiting, nor while
	// anything is called that a user wrote, clocks excepted. It guards everything below.
	mu         mutex
	engine     engine
	registry   registry
	session    *session    // the latest; nil before the first
	sessions   uint64      // how many there were
	watching   *watching   // who is told of what is decided
	changed    signal      // at every decision
	reshaped   signal      // at every beginning and end of a session, and of what is in the tasks
	owner      *owner      // the task that it is; nil if it was added to no supervisor. Guarded by owners
	heir       bool        // it has taken something over from another that was not told to its machine
	place      *place      // in whose run the latest session is or was; nil if in no run
	limitsSaid bool        // the limits were set by SetLimits, here or in a supervisor that this one takes the place of
	fault      *FaultError // nil unless the supervisor itself failed; then the machine is not to be trusted
	renewing   bool        // the tasks are being given to a new machine
	stats      Stats       // what it has counted; the rest of it is unused
	revision   uint64      // changes whenever something happens to the tasks
	gated      bool        // some task has a gate, or had one
	turning    bool        // gates are being asked in the order of their tasks
	declaring  bool        // a task that was added suspended may start, now that its needs are declared
}

// New returns a supervisor with the tasks of [WithTask], if any. Task options are the defaults of all tasks. The error is
// a [*ConfigError] that names every bad option, or else what [Supervisor.Add] would say of a task.
func New(options ...Option) (*Supervisor, error) {
	s := &Supervisor{
		settings: settings{
			config: core.Config{Seed: rand.Uint64()},
			task:   taskSettings{policy: DefaultPolicy()},
			queue:  16384, drainTimeout: 5 * time.Second,
			storm: stormLimit{10, 10 * time.Second},
		},
		registry: registry{byName: make(map[string]*member)},
	}
	for i, option := range options {
		if !s.settings.task.refuseNil(i, option) {
			option.applyTo(&s.settings)
		}
	}
	s.settings.task.given = nil // a task's own options go before these
	s.settings.task.requireCheck()
	if len(s.settings.task.needs) > 0 {
		s.settings.task.problem("WithNeeds", "cannot be a default: give it to WithTask or Add")
	}
	if err := s.newMachine(); err != nil {
		return nil, err
	}
	s.own = s.ownWatching()
	s.watching = s.own
	s.record(s.own, scenario.Head{Of: s.settings.name, Run: 1})
	if err := s.addListed(s.settings.tasks); err != nil {
		return nil, err
	}
	return s, nil
}

// Run runs the tasks until the supervisor stops: because ctx is cancelled, [Supervisor.Shutdown] is called, a limit is
// exceeded, a task returns a [Fatal] error, or its tasks have ended (see [WithAutoShutdown]). It returns when every run has
// ended or was abandoned, and, if it is the root of a tree, when its loggers, observers and recorders and those below have
// been told everything. For that it waits at most 5 seconds, see [WithDrainTimeout].
//
// The tasks' contexts have the values of ctx, but do not end with it: the supervisor decides when to stop which.
//
// The result is nil for a shutdown that was asked for, and for one because the tasks ended well. [Report.Cause] says which it
// was. Otherwise it is, alone or joined in this order,
//   - a [*TooManyDeadError], an [*EscalatedError] or a [*DeadTasksError] if that is why it stopped,
//   - a [*DeadTasksError] and a [*FailedStopsError] for what was lost besides, with [WithStrictResult],
//   - a [*LeftBehindError] if runs were left behind, by this Run or an earlier one, and are alive,
//   - a [*FaultError] if the supervisor itself failed,
//   - [ErrAlreadyRunning] or a [*TreeError]; nothing was done then.
//
// Runs that an earlier Run left behind are waited for by their tasks alone: see [WaitLeftBehind].
//
// A supervisor whose tasks have all ended keeps running, because more can be added, unless WithAutoShutdown says otherwise.
func (s *Supervisor) Run(ctx context.Context) error {
	session, err := s.begin(ctx)
	if err != nil {
		return err
	}
	return s.serve(ctx, session)
}

// Start does what [Supervisor.Run] does, in a goroutine of its own. It returns as soon as the tasks are being started;
// the error is one for which Run would not have begun. [Supervisor.Wait] returns what Run would have.
func (s *Supervisor) Start(ctx context.Context) error {
	session, err := s.begin(ctx)
	if err != nil {
		return err
	}
	go func() { _ = s.serve(ctx, session) }() // the session keeps the error for Wait
	return nil
}

// Wait waits until the supervisor has stopped, and returns what Run returned. It may be called any number of times. It
// returns [ErrNotStarted] at once before the first Run or Start; after that it reports on the latest. A task must not
// wait for its own supervisor: it would block until its stop timeout. Called by an observer it does not wait for the observers.
func (s *Supervisor) Wait() error {
	if err := s.made(); err != nil {
		return err
	}
	s.mu.Lock()
	session := s.session
	s.mu.Unlock()
	if session == nil {
		return ErrNotStarted
	}
	session.wait()
	return session.err
}

// Shutdown asks the supervisor to stop and waits as Wait does, or until ctx is over. It returns nil if it has stopped,
// whatever Wait then returns, and otherwise the cause of ctx's end; the shutdown continues nevertheless. A task that
// shuts down its own supervisor passes the context of its run, which is cancelled by that.
//
// It returns [ErrNotStarted] before the first Run or Start, and does nothing then. With [WithShutdownDelay] the tasks are stopped
// after the delay.
func (s *Supervisor) Shutdown(ctx context.Context) error {
	if err := s.usable(ctx); err != nil {
		return err
	}
	s.mu.Lock()
	session := s.session
	if session != nil {
		s.askToStop(session, ErrShutdown)
	}
	s.mu.Unlock()
	if session == nil {
		return ErrNotStarted
	}
	return session.waitFor(ctx)
}

// Strategy returns which other tasks are restarted with a failed one, see [WithStrategy].
func (s *Supervisor) Strategy() Strategy {
	if s.made() != nil {
		return OneForOne
	}
	return s.settings.config.Strategy
}

// StopOrder returns in which order several tasks are stopped, see [WithStopOrder].
func (s *Supervisor) StopOrder() StopOrder {
	if s.made() != nil {
		return StopByStrategy
	}
	return s.settings.config.StopOrder
}

// Path returns the names of the supervisors from the root down to this one, separated by slashes, as of its latest
// Run.
func (s *Supervisor) Path() string {
	if s.made() != nil {
		return ""
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.path()
}

// made returns ErrNotMade if the supervisor was not made by New, and nil otherwise.
func (s *Supervisor) made() error {
	if s == nil || s.registry.byName == nil {
		return ErrNotMade
	}
	return nil
}

// usable says why a call of the supervisor with a context cannot do anything.
func (s *Supervisor) usable(ctx context.Context) error {
	if ctx == nil {
		return ErrNilContext
	}
	return s.made()
}

func (s *Supervisor) path() string {
	if s.session == nil {
		return s.settings.name
	}
	return s.session.path
}

// members returns the removed tasks of which something may be alive, and then the tasks in the order in which they were
// added.
func (s *Supervisor) members() []*member { return s.registry.all(s.trusted()) }

// trusted returns the machine; nil if it has failed.
func (s *Supervisor) trusted() *core.Machine {
	if s.fault != nil {
		return nil
	}
	return s.engine.machine
}

// newMachine makes the machine that the settings describe. The error is a *ConfigError.
func (s *Supervisor) newMachine() error {
	config, limits := s.settings.config, s.settings.limits
	config.Policies = []Policy{s.settings.task.policy}
	config.DeadThreshold, config.Intensity, config.RestartRate = limits.DeadThreshold, limits.Intensity, limits.RestartRate
	config.AutoShutdown, config.ShutdownTimeout = limits.AutoShutdown, limits.ShutdownTimeout
	machine, err := core.New(config)
	if err := s.settings.task.refusal(err); err != nil {
		return err
	}
	s.engine.reset(machine)
	return nil
}

var _ Task = (*Supervisor)(nil)
