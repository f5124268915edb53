package supervisor

import (
	"context"
	"io"
	"log/slog"
	"strconv"
	"time"

	"github.com/tasksupervisor/tasksupervisor/clock"
	"github.com/tasksupervisor/tasksupervisor/core"
)

// Option configures a supervisor, see [New].
type Option interface {
	applyTo(*settings)
}

// TaskOption configures how a task is supervised. Given to [New] it is the default of all tasks; given to
// [Supervisor.Add] or [WithTask] it holds for that task, and given to [Supervisor.SetPolicy] from then on.
type TaskOption interface {
	Option
	applyToTask(*taskSettings)
}

type settings struct {
	config    core.Config // without policies and limits
	limits    limitSettings
	task      taskSettings
	tasks     []listed
	name      string
	clock     clock.Clock // nil: the parent's, or the system's
	observers []func(Transition)
	queue     int
	recording io.Writer // nil: none
}

type taskSettings struct {
	problems       // supervisor options put theirs here too
	policy         Policy
	stopTimeoutSet bool
	check          func(context.Context) error // the probe; nil if there is none
	needs          []need
	suspended      bool
}

type supervisorOption func(*settings)

func (o supervisorOption) applyTo(s *settings) { o(s) }

type taskOption func(*taskSettings)

func (o taskOption) applyTo(s *settings)         { o(&s.task) }
func (o taskOption) applyToTask(t *taskSettings) { o(t) }

// WithName names a supervisor that is not the task of another: the paths in its events and reports begin with the
// name. Default: none. A supervisor that runs as a task is called what its task is called.
func WithName(name string) Option {
	return supervisorOption(func(s *settings) { s.name = name })
}

// WithClock sets the clock that all times are taken from and measured with. Default: the clock of the supervisor
// whose task this one is, or clock.System.
func WithClock(c clock.Clock) Option {
	return supervisorOption(func(s *settings) {
		virtual, isVirtual := c.(*clock.Virtual)
		if c == nil || isVirtual && virtual == nil {
			s.task.problem("WithClock", "is nil")
		}
		s.clock = c
	})
}

// WithLogger logs every event, by an observer (see [WithObserver]): deaths, abandoned runs and a halt with an error at
// level Error, failures that are retried at Warn, changes asked for at Info, the rest at Debug.
func WithLogger(logger *slog.Logger) Option {
	return supervisorOption(func(s *settings) {
		if logger == nil {
			s.task.problem("WithLogger", "is nil")
			return
		}
		s.observers = append(s.observers, func(e Transition) { logTransition(logger, e) })
	})
}

// WithObserver has a function called for every [Transition], one call at a time, in order. The calls come from a goroutine
// of the observer's own: it may take its time, and may call any method of the supervisor. An observer that falls
// behind by more events than the queue holds (see [WithObserverQueue]) loses the oldest; [Transition.Lost] and
// [Report.Observers] tell how many. A panic costs the observer that event and nothing else. May be given several
// times.
func WithObserver(observe func(Transition)) Option {
	return supervisorOption(func(s *settings) {
		if observe == nil {
			s.task.problem("WithObserver", "is nil")
			return
		}
		s.observers = append(s.observers, observe)
	})
}

// WithObserverQueue sets how many events are kept for observers that are busy, at least 1. Default 1024.
func WithObserverQueue(events int) Option {
	return supervisorOption(func(s *settings) {
		if events < 1 || events > 1<<24 {
			s.task.problem("WithObserverQueue", "is not within 1 and 16777216")
			return
		}
		s.queue = events
	})
}

// WithStrategy says whom the restart of a task concerns besides itself: OneForOne (the default), nobody;
// OneForAll, all tasks; RestForOne, the tasks added after it. Those that are taken along are stopped with
// [ErrSibling]; when they are gone the restart delay begins, and then they start in the order in which they were added,
// each when the one before it is healthy (see [WithReadiness]).
func WithStrategy(strategy Strategy) Option {
	return supervisorOption(func(s *settings) { s.config.Strategy = strategy })
}

// WithStopOrder says how tasks are stopped when several are: StopTogether or StopReverse, the last added
// first, each waited for. Whatever it says, a task is asked to stop only when those that need it are gone. Default
// StopByStrategy: together under OneForOne, else in reverse.
func WithStopOrder(order StopOrder) Option {
	return supervisorOption(func(s *settings) { s.config.StopOrder = order })
}

// WithHealthCheckInterval has stability and the dead threshold decided only at the multiples of an interval, as the
// task-supervisor crate does (by default every 200 ms). Must be positive. Default: both are exact.
func WithHealthCheckInterval(d time.Duration) Option {
	return supervisorOption(func(s *settings) {
		if d == 0 {
			s.task.problem("WithHealthCheckInterval", "is zero: leave the option out for exact decisions")
		}
		s.config.HealthCheckInterval = d
	})
}

// WithMaxTasks limits how many tasks there may be at a time, at least 1. Default core.MaxTasks.
func WithMaxTasks(n int) Option {
	return supervisorOption(func(s *settings) {
		if n < 1 || n > core.MaxTasks {
			s.task.problem("WithMaxTasks", "is not within 1 and "+strconv.Itoa(core.MaxTasks))
			return
		}
		s.config.MaxTasks = uint32(n)
	})
}

// WithSeed sets what jitter is drawn from: the same seed, task name and run number always give the same draw.
// Default: a random seed, so that processes started together do not restart their tasks together.
func WithSeed(seed uint64) Option {
	return supervisorOption(func(s *settings) { s.config.Seed = seed })
}
