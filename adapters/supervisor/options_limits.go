package supervisor

import (
	"math"
	"strconv"
	"time"
)

// WithLimits sets everything that the other limit options set. The zero [Limits] are no limits. Options that refine the
// limits come after it; one before it would be overwritten, which is an error.
func WithLimits(limits Limits) LimitOption {
	return limitOption{
		name:       "WithLimits",
		overwrites: func(string) (advice string) { return "give WithLimits first" },
		apply:      func(l *limitSettings) { l.Limits = limits },
	}
}

// WithIntensity stops the supervisor with an [EscalatedError] when more than this number of failures lead to a restart
// within any window of this length. Each failure counts once, however many siblings are restarted with it; requested stops,
// restarts by operators and good ends do not count. From 0, where the first failure is too many, to 65,536; the window must
// be positive. Default: no limit.
func WithIntensity(failures int, within time.Duration) LimitOption {
	return limitOption{name: "WithIntensity", apply: func(l *limitSettings) {
		l.Intensity = l.rate("WithIntensity", failures, within)
	}}
}

// WithRestartRate spreads restarts, so that tasks that fail together do not all come back in one instant: at most this
// number of restarts follow a delay within any window of this length. The others wait in order, and [TaskStatus] says
// [WaitRestartRate]. Tasks that come back with a sibling, or with a task they need, and those that an operator restarts,
// neither count nor wait. From 1 to 65,536; the window must be positive. Default: no limit.
func WithRestartRate(restarts int, within time.Duration) LimitOption {
	return limitOption{name: "WithRestartRate", apply: func(l *limitSettings) {
		l.RestartRate = l.rate("WithRestartRate", restarts, within)
	}}
}

// WithDeadThreshold stops the supervisor with a [TooManyDeadError] as soon as strictly more than this fraction of its
// tasks is dead. Killed and abandoned tasks count as dead, completed ones only in the total. From 0, where any dead task is
// too many, to 1, which is never exceeded. The fraction is taken as it is written: 0.4 is exactly 2/5. Default: no
// threshold.
func WithDeadThreshold(fraction float64) LimitOption {
	return limitOption{name: "WithDeadThreshold", apply: func(l *limitSettings) {
		l.DeadThreshold = Fraction{}
		if !(fraction >= 0 && fraction <= 1) { // NaN is neither
			l.problem("WithDeadThreshold", "is "+strconv.FormatFloat(fraction, 'g', -1, 64)+": it must be from 0 to 1")
			return
		}
		l.DeadThreshold = fractionOf(fraction)
	}}
}

// WithAutoShutdown stops the supervisor when significant tasks have ended (see [WithSignificant]): [AutoShutdownAll],
// [AutoShutdownAny] or [AutoShutdownNever], the default.
func WithAutoShutdown(when AutoShutdown) LimitOption {
	return limitOption{name: "WithAutoShutdown", apply: func(l *limitSettings) { l.AutoShutdown = when }}
}

// WithShutdownTimeout limits how long a shutdown may take as a whole. Runs that have not ended by then are abandoned. It
// must be positive. Default: no limit but the tasks' stop timeouts.
func WithShutdownTimeout(d time.Duration) LimitOption {
	return limitOption{name: "WithShutdownTimeout", apply: func(l *limitSettings) {
		if d == 0 {
			l.problem("WithShutdownTimeout", "is zero; leave the option out for no limit")
		}
		l.ShutdownTimeout = d
	}}
}

func (l *limitSettings) rate(option string, count int, per time.Duration) Rate {
	switch {
	case count < 0 || count > math.MaxUint16+1:
		l.problem(option, "is "+strconv.Itoa(count)+": it must be from 0 to 65536")
	case per <= 0:
		l.problem(option, "needs a positive window; leave the option out for no limit")
	default:
		return Rate{Count: uint32(count), Per: per}
	}
	return Rate{}
}
