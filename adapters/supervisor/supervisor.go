package supervisor

import (
	"context"
	"math/rand/v2"
	"sync"
	"unique"

	"github.com/tasksupervisor/tasksupervisor/core"
	"github.com/tasksupervisor/tasksupervisor/core/scenario"
)

// Supervisor keeps tasks running, each in goroutines of its own. Make it with [New], give it tasks with
// [Supervisor.Add], and let it run with [Supervisor.Run] or [Supervisor.Start].
//
// All methods may be called from anywhere at any time: several goroutines, the tasks themselves, observers. None
// waits for a task, unless its documentation says so.
//
// A supervisor is a task, and so can be added to another: a tree of supervisors. It may be run again once it has
// stopped, with the tasks it then has, all of which start afresh.
type Supervisor struct {
	settings settings

	// mu makes the machine have one owner at a time: whoever holds it. It is never held while waiting, nor while
	// anything is called that a user wrote, clocks excepted.
	mu       sync.Mutex
	machine  *core.Machine
	recorder *scenario.Recorder // steps the machine if there is a recording, else nil
	actions  []core.Action      // room for the results of a step
	batch    []*run             // room for runs that have ended
	due      []core.TaskID      // room for tasks whose timers are due
	armed    Instant            // what the session's source is armed with
	slots    []*member          // by the slot of the task's id
	members  map[string]*member
	watched  map[*member]chan struct{} // closed at the next change of the task
	session  *session                  // the latest; nil before the first
	running  bool                      // the session is not over
	renewing bool                      // the tasks are being given to a new machine
	path     string
	fault    *FaultError               // nil unless the supervisor itself failed
	alive    int                       // runs that have not ended
	removed  RunCounts                 // of the tasks that were removed, and what ran in them
	orphans  []*member                 // removed tasks of which nested supervisors or late probes are alive
	nested   map[*member][]*Supervisor // those that ran in a task's runs

	exits           exits
	hasHealthChecks bool // a task has or had a watchdog or probes

	events    *observerQueue   // nil without observers
	recording *recordingWriter // nil without a recording
}

// member is a task of the supervisor. Its fields are guarded by the supervisor's mu, but for name and task, which do
// not change.
type member struct {
	name    string
	task    Task
	policy  unique.Handle[Policy]
	check   func(context.Context) error // its probe
	needs   []need
	id      core.TaskID // 0 if it was removed
	current *run        // its live run
	fenced  *run        // an older one that was abandoned, then replaced, and is alive
	lastErr error       // of the latest run that ended in its turn
	late    []*probe    // that have not returned
	runs    RunCounts   // of the task, and of nested supervisors that are gone

	suspended bool // it waits for Resume before its first start
}

// New returns a supervisor with the tasks of [WithTask], if any. Task options are the defaults of all tasks. The error is
// a [*ConfigError] that names every bad option, or else what [Supervisor.Add] would say of a task.
func New(options ...Option) (*Supervisor, error) {
	s := &Supervisor{
		settings: settings{
			config: core.Config{Seed: rand.Uint64()},
			task:   taskSettings{policy: DefaultPolicy()},
			queue:  1024,
		},
		armed:   Never,
		batch:   make([]*run, 0, 64),
		members: make(map[string]*member),
	}
	for _, option := range options {
		if !s.settings.task.refuseNil(option) {
			option.applyTo(&s.settings)
		}
	}
	s.settings.task.given = nil // a task's own options go before these
	s.settings.task.requireCheck()
	if len(s.settings.task.needs) > 0 {
		s.settings.task.problem("WithNeeds", "is for one task, not for all")
	}
	if s.settings.recording != nil {
		s.recording = &recordingWriter{writer: s.settings.recording, limit: recordingLimit}
	}
	if err := s.newMachine(); err != nil {
		return nil, err
	}
	s.path = s.settings.name
	if len(s.settings.observers) > 0 {
		s.events = newObserverQueue(s.settings.observers, s.settings.queue)
	}
	if err := s.addListed(s.settings.tasks); err != nil {
		return nil, err
	}
	return s, nil
}

// Run runs the tasks until the supervisor stops: because ctx is cancelled, [Supervisor.Shutdown] was called, a limit
// was exceeded, a task said so, or the end of tasks does (see [WithAutoShutdown]). It returns when every run has ended or was given
// up on.
//
// The tasks' contexts have the values of ctx, but do not end with it: the supervisor decides when to stop which.
//
// The result is nil for a shutdown that was asked for. It is, alone or joined,
//   - a [*TooManyDeadError], an [*EscalatedError] or a [*DeadTasksError] if that is why it stopped,
//   - a [*LeftBehindError] if runs were left behind,
//   - a [*FaultError] if the supervisor itself failed,
//   - [ErrAlreadyRunning], or a [*LeftBehindError] for runs of an earlier Run that are alive; nothing was done then.
//
// A supervisor whose tasks have all ended goes on, for more can be added, unless WithAutoShutdown says otherwise.
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
// returns [ErrNotStarted] at once before the first Run or Start; after that it is about the latest of these. A task that
// waits for its own supervisor waits for itself, until its stop timeout.
func (s *Supervisor) Wait() error {
	s.mu.Lock()
	session := s.session
	s.mu.Unlock()
	if session == nil {
		return ErrNotStarted
	}
	<-session.done
	return session.err
}

// Shutdown asks the supervisor to stop and waits until it has, or ctx is over. It returns nil if it has stopped,
// whatever Wait then returns, and otherwise the cause of ctx's end; the shutdown goes on nevertheless. A task that
// shuts down its own supervisor passes the context of its run, which is cancelled by that.
//
// It returns [ErrNotStarted] before the first Run or Start, and does nothing then.
func (s *Supervisor) Shutdown(ctx context.Context) error {
	if ctx == nil {
		return ErrNilContext
	}
	s.mu.Lock()
	session := s.session
	if session != nil {
		s.handle(core.Event{Kind: core.EventShutdown}, nil, nil) // refused if it is stopping already
	}
	s.mu.Unlock()
	if session == nil {
		return ErrNotStarted
	}
	select {
	case <-session.done:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// Path returns the names of the supervisors from the root down to this one, separated by slashes, as of its latest
// Run.
func (s *Supervisor) Path() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.path
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
	s.machine = machine
	if s.recording != nil {
		s.recorder = scenario.NewRecorder(s.recording, machine)
	}
	return nil
}

var _ Task = (*Supervisor)(nil)
