package supervisor

import (
	"math"
	"time"
)

// LimitOption configures the limits of a supervisor. It can be given to [New], and to [Supervisor.SetLimits] while the
// supervisor runs.
type LimitOption interface {
	Option
	applyToLimits(*limitSettings)
}

type limitSettings struct {
	problems
	Limits
}

type limitOption func(*limitSettings)

func (o limitOption) applyToLimits(l *limitSettings) { o(l) }

func (o limitOption) applyTo(s *settings) {
	o(&s.limits)
	s.task.problems = append(s.task.problems, s.limits.problems...) // in the order in which the options were given
	s.limits.problems = nil
}

// WithLimits sets all that the other limit options set. The zero Limits are no limits.
func WithLimits(limits Limits) LimitOption {
	return limitOption(func(l *limitSettings) { l.Limits = limits })
}

// WithIntensity ends the supervisor with an [EscalatedError] at the failure that is one too many: more than so many
// that lead to a restart within any window of that length. Each crash counts once, however many siblings are restarted
// with it; requested stops, an operator's restarts and good ends do not count. Zero failures allow none. At most
// 65,536. Default: no limit.
func WithIntensity(failures int, within time.Duration) LimitOption {
	return limitOption(func(l *limitSettings) { l.Intensity = l.rate("WithIntensity", failures, within) })
}

// WithRestartRate spreads restarts, so that tasks that fail together do not all come back in one instant: no more than so
// many restarts begin after a delay within any window of that length. The others wait in order, and
// [TaskStatus] tells WaitRestartRate. Tasks that come back with a sibling, or with a task they need, and those that an
// operator restarts, neither count nor wait. From 1 to 65,536. Default: no limit.
func WithRestartRate(restarts int, within time.Duration) LimitOption {
	return limitOption(func(l *limitSettings) { l.RestartRate = l.rate("WithRestartRate", restarts, within) })
}

// WithDeadThreshold ends the supervisor with a [TooManyDeadError] as soon as strictly more than this fraction of its
// tasks is dead. Killed and abandoned tasks count as dead, completed ones only into the total. From 0, where any dead
// task is too many, to 1, where none ever is. The fraction is taken as it is written: 0.4 is exactly 2/5. Default: no
// threshold.
func WithDeadThreshold(fraction float64) LimitOption {
	return limitOption(func(l *limitSettings) {
		l.DeadThreshold = l.fraction("WithDeadThreshold", fraction)
	})
}

// WithAutoShutdown ends the supervisor when significant tasks have ended, see [WithSignificant]. Default
// AutoShutdownNever.
func WithAutoShutdown(when AutoShutdown) LimitOption {
	return limitOption(func(l *limitSettings) { l.AutoShutdown = when })
}

// WithShutdownTimeout limits how long a shutdown may take in all. Runs that are left then are given up on. Must be
// positive. Default: no limit but the tasks' stop timeouts.
func WithShutdownTimeout(d time.Duration) LimitOption {
	return limitOption(func(l *limitSettings) {
		if d == 0 {
			l.problem("WithShutdownTimeout", "is zero: leave the option out for no limit")
		}
		l.ShutdownTimeout = d
	})
}

func (l *limitSettings) rate(option string, count int, per time.Duration) Rate {
	if count < 0 || count > math.MaxUint16+1 {
		l.problem(option, "is not within 0 and 65536")
		return Rate{}
	}
	if per <= 0 {
		l.problem(option, "is within no time: leave the option out for no limit")
		return Rate{}
	}
	return Rate{Count: uint32(count), Per: per}
}
