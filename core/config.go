package core

import "time"

// Duration is time.Duration, in nanoseconds.
type Duration = time.Duration

const second = time.Second

// Config says how the supervisor as a whole behaves. The zero Config is valid: no dead threshold, no automatic
// shutdown, all tasks stopped together, and a single policy, DefaultPolicy.
type Config struct {
	// Policies are the policies that tasks refer to, by index. Default: DefaultPolicy alone. More can be
	// defined at run time, see [Machine.Define].
	Policies []Policy

	// Seed keys the jitter: the same seed, task key and run number always give the same draw. Default zero.
	Seed uint64

	// Limits are the limits in force when the supervisor starts. More can be put into force later, see
	// [Machine.DefineLimits].
	Limits

	// Strategy says which tasks are restarted with a task that failed. Default OneForOne: none.
	Strategy Strategy

	// StopOrder says how several tasks are stopped for one cause, such as a shutdown or the failure of a sibling.
	// Whatever it says, a task is asked to stop only when those that need it have stopped. Default StopByStrategy.
	StopOrder StopOrder

	// HealthCheckInterval switches to the cadence of the task-supervisor crate: stability and the dead threshold
	// are decided only on a grid of this interval, which begins when the supervisor starts. A check sees all that
	// happened up to and including its own instant, and is decided one nanosecond after it. Default zero: both are
	// decided exactly when they become true.
	HealthCheckInterval Duration

	// MaxTasks limits the number of tasks at a time. Default zero: the constant [MaxTasks].
	MaxTasks uint32
}

// Limits are the part of a configuration that can be changed while the supervisor runs.
type Limits struct {
	// DeadThreshold halts the supervisor when strictly more than this fraction of its tasks is dead. Killed and
	// abandoned tasks count as dead, completed ones only into the total. Default zero: no threshold.
	DeadThreshold Fraction

	// Intensity halts the supervisor at the crash that is one too many: more than Count failures that lead to a
	// restart within any window of Per. Restarts of siblings, requested stops, an operator's restarts and good ends
	// do not count. Default zero: no limit.
	Intensity Rate

	// RestartRate spreads restarts: no more than Count tasks are restarted after a delay within any window of Per; the
	// others wait, in the order in which their delays passed. Those that come back with a sibling or a task they
	// need, and those an operator restarts, neither count nor wait. Default zero: no limit.
	RestartRate Rate

	// AutoShutdown shuts the supervisor down when significant tasks have ended. Default AutoShutdownNever.
	AutoShutdown AutoShutdown

	// ShutdownTimeout is how long a shutdown may take in all; when it has passed, every run that is left is
	// asked to stop and abandoned at once. Default zero: no limit but the tasks' own stop timeouts.
	ShutdownTimeout Duration
}

// LimitsID names limits of one machine: 0 are those of the configuration it was made with, the others are what
// [Machine.DefineLimits] returned. It is never used for others.
type LimitsID uint64

// Strategy says which tasks are restarted with a task that failed. These are stopped, and when all of them have stopped or
// were abandoned the restart delay begins. Then all start in declared order, each when the one before it is up (see
// Policy.Readiness).
type Strategy uint8

const (
	OneForOne  Strategy = iota // none
	OneForAll                  // all tasks
	RestForOne                 // the tasks added after it

	strategies // how many there are; keep it last
)

// Rate is Count within any window of Per. The zero Rate means no limit.
type Rate struct {
	Count uint32 // at most 65,536
	Per   Duration
}

// AutoShutdown says when the end of significant tasks (see Policy.Significant) ends the supervisor. A task has
// ended when it is Completed or Dead.
type AutoShutdown uint8

const (
	AutoShutdownNever AutoShutdown = iota // it runs on, whatever ended
	AutoShutdownAll                       // when all of them have ended, and there is at least one
	AutoShutdownAny                       // when any of them has ended

	autoShutdowns // how many there are; keep it last
)

// StopOrder says in which order tasks are stopped for the same cause.
type StopOrder uint8

const (
	StopByStrategy StopOrder = iota // together under OneForOne, in reverse where tasks depend on each other
	StopTogether                    // all are asked at once, the last added first
	StopReverse                     // one by one, the last added first, each waited for

	stopOrders // how many there are; keep it last
)
