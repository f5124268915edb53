package goroutine

import (
	"errors"
	"io"
	"log/slog"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/tasksupervisor/tasksupervisor/clock"
	"github.com/tasksupervisor/tasksupervisor/core"
)

// Option configures a supervisor, see [New].
type Option interface {
	applyTo(*settings)
}

// TaskOption configures how a task is supervised. Given to [New] it is the default of all tasks; given to
// [Supervisor.Add] it holds for that task.
type TaskOption interface {
	Option
	applyToTask(*taskSettings)
}

type settings struct {
	config    core.Config // without policies
	task      taskSettings
	name      string
	clock     clock.Clock // nil: the parent's, or the system's
	observers []func(Event)
	queue     int
	recording io.Writer // nil: none
}

type taskSettings struct {
	policy         core.Policy
	stopTimeoutSet bool
	problems       []OptionError // supervisor options put theirs here too
}

func (t *taskSettings) problem(option, problem string) {
	t.problems = append(t.problems, OptionError{Option: option, Problem: problem})
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
		bridge, isBridge := c.(clock.Bridge)
		if c == nil || isVirtual && virtual == nil || isBridge && bridge.Clock == nil {
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
		s.observers = append(s.observers, func(e Event) { logEvent(logger, e) })
	})
}

// WithObserver has a function called for every [Event], one call at a time, in order. The calls come from a goroutine
// of the observer's own: it may take its time, and may call any method of the supervisor. An observer that falls
// behind by more events than the queue holds (see [WithObserverQueue]) loses the oldest; [Event.Lost] and
// [Report.Observers] tell how many. A panic costs the observer that event and nothing else. May be given several
// times.
func WithObserver(observe func(Event)) Option {
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

// WithDeadThreshold ends the supervisor with a [TooManyDeadError] as soon as strictly more than this fraction of its
// tasks is dead. Killed and abandoned tasks count as dead, completed ones only into the total. From 0, where any dead
// task is too many, to 1, where none ever is. The fraction is taken as it is written: 0.4 is exactly 2/5. Default: no
// threshold.
func WithDeadThreshold(fraction float64) Option {
	return supervisorOption(func(s *settings) {
		s.config.DeadThreshold = s.task.fraction("WithDeadThreshold", fraction)
	})
}

// WithAutoShutdown ends the supervisor when significant tasks have ended, see [WithSignificant]. Default
// core.AutoShutdownNever.
func WithAutoShutdown(when core.AutoShutdown) Option {
	return supervisorOption(func(s *settings) { s.config.AutoShutdown = when })
}

// WithStopOrder says how a shutdown stops the tasks: core.StopTogether, the default, or core.StopReverse.
func WithStopOrder(order core.StopOrder) Option {
	return supervisorOption(func(s *settings) { s.config.StopOrder = order })
}

// WithShutdownTimeout limits how long a shutdown may take in all. Runs that are left then are given up on. Must be
// positive. Default: no limit but the tasks' stop timeouts.
func WithShutdownTimeout(d time.Duration) Option {
	return supervisorOption(func(s *settings) {
		if d == 0 {
			s.task.problem("WithShutdownTimeout", "is zero: leave the option out for no limit")
		}
		s.config.ShutdownTimeout = d
	})
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

// WithPolicy sets all that the other task options set. Begin with core.DefaultPolicy.
func WithPolicy(p core.Policy) TaskOption {
	return taskOption(func(t *taskSettings) {
		t.policy = p
		t.stopTimeoutSet = true
	})
}

// WithRestart says after which ends a task is restarted: core.RestartOnFailure (the default), core.RestartAlways or
// core.RestartNever.
func WithRestart(r core.Restart) TaskOption {
	return taskOption(func(t *taskSettings) { t.policy.Restart = r })
}

// WithBaseDelay sets the delay that backoff starts from: the n-th restart in a row waits BaseDelay *
// Factor^min(n, MaxExponent), n = 1 for the first. Zero restarts at once. Default 1 s.
func WithBaseDelay(d time.Duration) TaskOption {
	return taskOption(func(t *taskSettings) { t.policy.BaseDelay = d })
}

// WithFactor sets by how much the delay grows from one restart to the next, at least 1. Default 2.
func WithFactor(factor int) TaskOption {
	return taskOption(func(t *taskSettings) { t.policy.Factor = t.number("WithFactor", factor, 1) })
}

// WithMaxExponent sets after how many restarts in a row the delay grows no more. Zero keeps it at the base delay.
// Default 5.
func WithMaxExponent(n int) TaskOption {
	return taskOption(func(t *taskSettings) { t.policy.MaxExponent = t.number("WithMaxExponent", n, 0) })
}

// WithMaxDelay caps the delay. Default core.Forever: no cap.
func WithMaxDelay(d time.Duration) TaskOption {
	return taskOption(func(t *taskSettings) { t.policy.MaxDelay = d })
}

// WithJitter shortens each delay by a random part of it, up to this fraction, from 0 to 1. Default 0.
func WithJitter(fraction float64) TaskOption {
	return taskOption(func(t *taskSettings) { t.policy.Jitter = t.fraction("WithJitter", fraction) })
}

// WithMaxAttempts sets how many restarts in a row a task has: a failure beyond them makes it dead. Zero allows none.
// Default 5.
func WithMaxAttempts(n int) TaskOption {
	return taskOption(func(t *taskSettings) { t.policy.MaxAttempts = t.number("WithMaxAttempts", n, 0) })
}

// WithUnlimitedAttempts lets a task fail as often as it likes.
func WithUnlimitedAttempts() TaskOption {
	return taskOption(func(t *taskSettings) { t.policy.MaxAttempts = core.Unlimited })
}

// WithStableAfter sets how long a run must last to clear the restarts counted so far. core.Forever: none does.
// Default 80 s.
func WithStableAfter(d time.Duration) TaskOption {
	return taskOption(func(t *taskSettings) { t.policy.StableAfter = d })
}

// WithStopTimeout sets how long a run may take to stop once its context is cancelled, before it is given up on.
// core.Forever: as long as it likes. Default 10 s; for a task that is a [*Supervisor], core.Forever, for it keeps
// the stop timeouts of its own tasks.
func WithStopTimeout(d time.Duration) TaskOption {
	return taskOption(func(t *taskSettings) {
		t.policy.StopTimeout = d
		t.stopTimeoutSet = true
	})
}

// WithOnAbandon says what follows when a run is given up on: core.AbandonWait (the default), core.AbandonReplace or
// core.AbandonEscalate.
func WithOnAbandon(o core.OnAbandon) TaskOption {
	return taskOption(func(t *taskSettings) { t.policy.OnAbandon = o })
}

// WithSignificant says whether [WithAutoShutdown] looks at a task. Default true.
func WithSignificant(significant bool) TaskOption {
	return taskOption(func(t *taskSettings) { t.policy.Significant = significant })
}

func (t *taskSettings) number(option string, n, least int) uint32 {
	if n < least || uint64(n) >= math.MaxUint32 {
		t.problem(option, "is not within "+strconv.Itoa(least)+" and 4294967294")
		return uint32(least)
	}
	return uint32(n)
}

func (t *taskSettings) fraction(option string, x float64) core.Fraction {
	if !(x >= 0 && x <= 1) { // NaN is neither
		t.problem(option, "is "+strconv.FormatFloat(x, 'g', -1, 64)+", not within 0 and 1")
		return core.Fraction{}
	}
	return fractionOf(x)
}

// refusal returns what is wrong with the options, and what the state machine found wrong, as a *ConfigError, or nil.
func (t *taskSettings) refusal(err error) error {
	problems := &ConfigError{Options: t.problems}
	switch {
	case errors.As(err, &problems.Core):
		for _, field := range problems.Core.Fields {
			name := field.Field[strings.LastIndexByte(field.Field, '.')+1:]
			problems.Options = append(problems.Options, OptionError{"With" + name, field.Problem})
		}
	case err != nil:
		return err
	case len(t.problems) == 0:
		return nil
	}
	return problems
}
