package supervisor

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"strconv"
	"time"

	"github.com/tasksupervisor/tasksupervisor/clock"
	"github.com/tasksupervisor/tasksupervisor/core"
)

// Option configures a supervisor, see [New]. An option that would overwrite an earlier one of the same call is an error,
// such as one given twice. Those that add something, such as [WithTask], can be given any number of times.
type Option interface {
	applyTo(*settings)
}

// TaskOption configures how a task is supervised. Given to [New] it is the default for all tasks; given to
// [Supervisor.Add] or [WithTask] it holds for that task, whatever the default is; given to [Supervisor.SetPolicy] it holds
// from then on.
type TaskOption interface {
	Option
	applyToTask(*taskSettings)
}

// LimitOption configures the limits of a supervisor as a whole. It can be given to [New], and to [Supervisor.SetLimits]
// while the supervisor runs.
type LimitOption interface {
	Option
	applyToLimits(*limitSettings)
}

// WithName names a supervisor that is not the task of another: the paths in its transitions and reports begin with the
// name. A supervisor that is a task is called what its task is called. One that a task's own code runs has a path of its
// own below the task's, if it has a name. Names are what [Supervisor.Add] allows. Default: no name.
func WithName(name string) Option {
	return supervisorOption{name: "WithName", apply: func(s *settings) {
		if problem := (*NameError)(nil); errors.As(checkName(name), &problem) {
			s.task.problem("WithName", problem.Problem)
		}
		s.name = name
	}}
}

// WithTask adds a task, as [Supervisor.Add] does, once all options are known. Tasks given to New may need each other in
// any order: a task that others need is moved before the first of these, and the rest stay in the order given. The option
// can be given any number of times.
func WithTask(name string, task Task, options ...TaskOption) Option {
	return supervisorOption{apply: func(s *settings) { s.tasks = append(s.tasks, listed{name, task, options}) }}
}

// WithStrategy says which other tasks are restarted with a failed one: [OneForOne] (the default), no others; [OneForAll],
// all; [RestForOne], those added after it. They are stopped with [ErrSibling]. When all have stopped the restart delay
// begins, and then they start in the order in which they were added, each when the one before it is healthy (see
// [WithReadiness]).
func WithStrategy(strategy Strategy) Option {
	return supervisorOption{name: "WithStrategy", apply: func(s *settings) { s.config.Strategy = strategy }}
}

// WithStopOrder says in which order several tasks are stopped: [StopTogether], or [StopReverse], the last added first,
// each waited for. Either way a task is asked to stop only when those that need it have stopped. Default
// [StopByStrategy]: together under [OneForOne], else in reverse.
func WithStopOrder(order StopOrder) Option {
	return supervisorOption{name: "WithStopOrder", apply: func(s *settings) { s.config.StopOrder = order }}
}

// WithLogger logs every transition (see [WithObserver]) of the supervisor and of all below it that have no logger of their
// own: deaths, abandoned runs and a stop with an error at level Error, failures that are retried at Warn, operator commands at
// Info, the rest at Debug. A logger that discards everything, such as slog.New(slog.DiscardHandler), keeps a subtree out of
// the log. When the Run of a root begins, what [Supervisor.Warnings] lists is logged at Warn. The option can be given any
// number of times.
//
// The logger's levels are asked for now and then, at least once a second while something happens at a level that was
// disabled. Records that are lost because the logger is too slow, those of the lowest level first, are counted in a record
// of their own. Of a storm the first records are written and the rest summed up, see [WithLogLimit].
//
// Each record has the context of what it is about, and so the values of the context that was given to Run, such as the ids of a trace. [Current]
// finds the run in it.
func WithLogger(logger *slog.Logger) Option {
	return supervisorOption{apply: func(s *settings) {
		if logger == nil {
			s.task.problem("WithLogger", "is nil")
			return
		}
		s.observers = append(s.observers, func(queue int) *observer { return newLogger(logger, queue, s.storm) })
		s.loggers = append(s.loggers, logger)
	}}
}

// WithLogLimit says how many records with the same message the supervisor's own loggers write one by one within some time. The rest
// are counted and summed up in one record, as soon as that time is over or somebody waits for the log, as the Run of a root does
// in the end. It says how many there were, of how many tasks and which, and what errors they had. So a storm of failures does not
// fill the log, and nothing of it is lost. Records of level Debug are not limited. Both must be positive; with [Unlimited]
// records each is written. Default: 10 records within 10 seconds. The time is real time, whatever the clock.
func WithLogLimit(records uint32, within time.Duration) Option {
	return supervisorOption{name: "WithLogLimit", apply: func(s *settings) {
		if records == 0 || within <= 0 {
			s.task.problem("WithLogLimit", "must be positive")
		}
		s.storm = stormLimit{records, within}
	}}
}

// WithObserver sets a function that is called for every [Transition] of the supervisor and of all below it, one call at a
// time. Those of one supervisor come in the order in which they were decided. Observers of the supervisors above are told
// as well, unless [WithoutParentObservers] is given.
//
// The calls come from a goroutine of the observer's own: it may take its time, and may call any method of the supervisor;
// those that wait until the supervisor has stopped do not wait for observers then. An observer that falls behind by more
// transitions than its queue holds (see [WithObserverQueue]) loses the oldest of the lowest [Transition.Level];
// [Transition.Lost] and [Report.Observers] say how many. If it panics it loses that transition and nothing else. The
// option can be given any number of times.
func WithObserver(observe func(Transition)) Option {
	return supervisorOption{apply: func(s *settings) {
		if observe == nil {
			s.task.problem("WithObserver", "is nil")
			return
		}
		s.observers = append(s.observers, func(queue int) *observer {
			return newObserver(queue, plainly(observe))
		})
	}}
}

// WithSyncObserver sets an observer (see [WithObserver]) that is told of a decision before the call that made it returns, and
// before the supervisor goes on: whatever happens to the process then, it has been told. Calls such as [Supervisor.Add], and
// tasks that call [Beat] or [Ready], wait for it, but for atMost at a time, from 1 ns to a minute. If it takes longer, nothing
// waits for it any more until it has caught up; [Report.Observers] counts that. A supervisor with a slow one is slow: its
// restarts are late, and so are its stops.
//
// No lock is held while it is called. It may call the supervisor, and is told of what it decides itself when it has returned.
// It must not call what waits for others, such as [Supervisor.Wait] or [Supervisor.RemoveWait]: they wait for it, atMost.
func WithSyncObserver(observe func(Transition), atMost time.Duration) Option {
	return supervisorOption{apply: func(s *settings) {
		switch {
		case observe == nil:
			s.task.problem("WithSyncObserver", "is nil")
		case atMost <= 0 || atMost > time.Minute:
			s.task.problem("WithSyncObserver", "waits for "+atMost.String()+": it must be from 1ns to 1m0s")
		default:
			s.observers = append(s.observers, func(queue int) *observer {
				o := newObserver(queue, plainly(observe))
				o.atMost = atMost
				return o
			})
		}
	}}
}

// WithoutParentObservers keeps what happens in the supervisor, and below it, from the observers of the supervisors above.
func WithoutParentObservers() Option {
	return supervisorOption{name: "WithoutParentObservers", apply: func(s *settings) { s.apart = true }}
}

// WithObserverQueue sets how many transitions are kept for each of the supervisor's own loggers and observers while it is busy:
// from 1 to 16,777,216. Default 16,384, which take 3 MB at most.
func WithObserverQueue(transitions int) Option {
	return supervisorOption{name: "WithObserverQueue", apply: func(s *settings) {
		if transitions < 1 || transitions > 1<<24 {
			s.task.problem("WithObserverQueue", "is "+strconv.Itoa(transitions)+": it must be from 1 to 16777216")
			return
		}
		s.queue = transitions
	}}
}

// WithDrainTimeout limits for how long the Run of a root waits, when all else is over, until the loggers, observers and
// recorders of the whole tree have been told everything. So a program that exits when Run has returned has its last
// lines. It is measured in real time, whatever the clock. 0: it does not wait. Default 5 s.
//
// If the time is over, [Report.Observers] says how many transitions are pending.
func WithDrainTimeout(d time.Duration) Option {
	return supervisorOption{name: "WithDrainTimeout", apply: func(s *settings) {
		if d < 0 {
			s.task.problem("WithDrainTimeout", "is negative")
		}
		s.drainTimeout = d
	}}
}

// WithShutdownDelay has a shutdown begin so long after it was asked for, by [Supervisor.Shutdown] or by the end of the context given
// to Run. Until then everything goes on, but [Supervisor.Ready] says that the supervisor is stopping: so whoever sends it work
// can stop doing so before the first task is stopped. A load balancer needs as long as it takes to notice. Nothing is decided until
// then, so observers are told nothing: whoever passes on whether the supervisor is ready has to ask again from time to time.
//
// A second shutdown neither shortens nor lengthens the delay: it waits with the first. A supervisor that stops for another
// reason, such as a limit or a [Fatal] error, does not wait for it, and a Run whose context had ended before it began has no task
// to wait for. The shutdown timeout begins after the delay. In a tree only the root waits: what is below it is stopped as a task.
// From 0 to an hour, by the supervisor's clock. Default 0.
func WithShutdownDelay(d time.Duration) Option {
	return supervisorOption{name: "WithShutdownDelay", apply: func(s *settings) {
		if d < 0 || d > time.Hour {
			s.task.problem("WithShutdownDelay", "is "+d.String()+": it must be from 0 to 1h0m0s")
		}
		s.shutdownDelay = d
	}}
}

// WithRecorder records everything that the state machines of the supervisor, and of all below it that have no recorder of
// their own, are told and decide: as a text with a scenario for each Run of each supervisor, which scenario.ParseAll
// reads (see package core/scenario). Every decision can be replayed from it: exactly, or under another policy. A recording
// holds the tasks' names and how their runs ended, and nothing of what they do.
//
// The writer is called from a goroutine of its own, one call at a time, with whole lines, which are worth keeping even if the
// process is killed. It must not be given to several supervisors. They never wait for it, but the end of the root's Run
// (see [WithDrainTimeout]) and [Supervisor.Drain] do. A write that fails or panics, or more than 64 MiB waiting to be
// written, ends the recording and nothing else; [Report.Recording] says so.
//
// Default: the recorder of the nearest supervisor above that has one. io.Discard keeps a subtree out of that recording.
func WithRecorder(w io.Writer) Option {
	return supervisorOption{name: "WithRecorder", apply: func(s *settings) {
		s.recorded = true
		switch w {
		case nil:
			s.task.problem("WithRecorder", "is nil")
		case io.Discard:
		default:
			s.recording = newRecording(w)
		}
	}}
}

// WithClock sets the clock that all times are taken from and measured with. Default: the clock of the supervisor
// whose task this one is, or clock.System.
func WithClock(c clock.Clock) Option {
	return supervisorOption{name: "WithClock", apply: func(s *settings) {
		virtual, isVirtual := c.(*clock.Virtual)
		if c == nil || isVirtual && virtual == nil {
			s.task.problem("WithClock", "is nil")
		}
		s.clock = c
	}}
}

// WithStrictResult makes [Supervisor.Run] return an error also for what it is otherwise silent about, because it did not stop the
// supervisor: a [*DeadTasksError] for tasks that died, and a [*FailedStopsError] for runs that failed while they were being
// stopped (see [FailedStop]). Both cover the supervisors below, so give the option to the root.
func WithStrictResult() Option {
	return supervisorOption{name: "WithStrictResult", apply: func(s *settings) { s.strict = true }}
}

// WithSeed sets what jitter is drawn from: the same seed, task name and run number always give the same draw.
// Default: a random seed, so that processes started together do not restart their tasks together.
func WithSeed(seed uint64) Option {
	return supervisorOption{name: "WithSeed", apply: func(s *settings) { s.config.Seed = seed }}
}

// WithMaxTasks limits how many tasks there may be at a time: from 1 to 16,777,216, which is the default.
func WithMaxTasks(n int) Option {
	return supervisorOption{name: "WithMaxTasks", apply: func(s *settings) {
		if n < 1 || n > core.MaxTasks {
			s.task.problem("WithMaxTasks", "is "+strconv.Itoa(n)+": it must be from 1 to "+strconv.Itoa(core.MaxTasks))
			return
		}
		s.config.MaxTasks = uint32(n)
	}}
}

// settings are the result of the options of New.
type settings struct {
	given     given
	config    core.Config // without policies and limits
	limits    limitSettings
	task      taskSettings // the defaults of all tasks; the problems of all options are here
	tasks     []listed
	name      string
	clock     clock.Clock                 // nil: the parent's, or the system's
	observers []func(queue int) *observer // make them
	loggers   []*slog.Logger              // of WithLogger, which are observers too
	queue     int
	apart     bool       // observers above are not told
	strict    bool       // the result of Run has every loss
	recorded  bool       // it has a recorder, perhaps one that discards everything
	recording *recording // nil: none
	flight    *flight    // nil: none

	storm         stormLimit // of its loggers
	drainTimeout  time.Duration
	shutdownDelay time.Duration
}

// taskSettings are the result of task options.
type taskSettings struct {
	problems
	given  given
	policy core.Policy
	chosen chosen
	beside
	needs     []need
	suspended bool
	held      *HeldError // nil: it is not
}

// chosen says which options were given that have other defaults for a supervisor than for another task.
type chosen struct{ stopTimeout, startTimeout, watchdog, probe, readiness bool }

// beside are the settings of a task that are not in its policy, because the state machine has no use for them.
type beside struct {
	check      func(context.Context) error // the probe; nil if there is none
	readiness  readinessProbe              // without a function if there is none
	gate       *gate                       // nil if there is none
	crash      bool                        // a panic ends the process
	deathMeant bool                        // an option says after how many failures the task is dead, or what follows
}

// kept returns the settings for a task to keep. Most tasks have one of a few, which they share.
func (b *beside) kept() *beside {
	for i := range plain {
		shared := &plain[i]
		if b.check == nil && b.readiness.check == nil && b.gate == nil && shared.crash == b.crash && shared.deathMeant == b.deathMeant {
			return shared
		}
	}
	own := *b
	return &own
}

// plain are all settings without functions.
var plain = [...]beside{{}, {deathMeant: true}, {crash: true}, {crash: true, deathMeant: true}}

// limitSettings are the result of limit options.
type limitSettings struct {
	problems
	given given
	core.Limits
}

// listed is a task given to New.
type listed struct {
	name    string
	task    Task
	options []TaskOption
}

// supervisorOption is an Option of the supervisor itself. Without a name it can be given any number of times.
type supervisorOption struct {
	name  string
	apply func(*settings)
}

func (o supervisorOption) applyTo(s *settings) {
	s.given.note(&s.task.problems, o.name, nil)
	o.apply(s)
}

// taskOption is a TaskOption. Without a name it can be given any number of times.
type taskOption struct {
	name       string
	overwrites func(earlier string) (advice string) // "" unless it would overwrite that option; nil: it overwrites none
	apply      func(*taskSettings)
}

func (o taskOption) applyTo(s *settings) { o.applyToTask(&s.task) }

func (o taskOption) applyToTask(t *taskSettings) {
	t.given.note(&t.problems, o.name, o.overwrites)
	o.apply(t)
}

// limitOption is a LimitOption.
type limitOption struct {
	name       string
	overwrites func(earlier string) (advice string) // "" unless it would overwrite that option; nil: it overwrites none
	apply      func(*limitSettings)
}

func (o limitOption) applyTo(s *settings) {
	o.applyToLimits(&s.limits)
	s.task.problems = append(s.task.problems, s.limits.problems...) // in the order in which the options were given
	s.limits.problems = nil
}

func (o limitOption) applyToLimits(l *limitSettings) {
	l.given.note(&l.problems, o.name, o.overwrites)
	o.apply(l)
}

// given names the options of one call so far.
type given []string

// note adds an option, and reports those that it would overwrite.
func (g *given) note(problems *problems, option string, overwrites func(earlier string) (advice string)) {
	if option == "" {
		return
	}
	for _, earlier := range *g {
		if earlier == option {
			problems.problem(option, "is given twice")
		} else if overwrites != nil {
			if advice := overwrites(earlier); advice != "" {
				problems.problem(option, "would overwrite "+earlier+": "+advice)
			}
		}
	}
	*g = append(*g, option)
}
