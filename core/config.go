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

	// Seed keys the jitter: the same seed, task key and run number always give the same draw.
	Seed uint64

	// DeadThreshold halts the supervisor when strictly more than this fraction of its tasks is dead. Killed and
	// abandoned tasks count as dead, completed ones only into the total. Default zero: no threshold.
	DeadThreshold Fraction

	// AutoShutdown shuts the supervisor down when significant tasks have ended. Default AutoShutdownNever.
	AutoShutdown AutoShutdown

	// StopOrder says how a shutdown stops the tasks. Default StopTogether.
	StopOrder StopOrder

	// ShutdownTimeout is how long a shutdown may take in all; when it has passed, every run that is left is
	// asked to stop and abandoned at once. Default zero: no limit but the tasks' own stop timeouts.
	ShutdownTimeout Duration

	// HealthCheckInterval switches to the cadence of the task-supervisor crate: stability and the dead threshold
	// are looked at only on a grid of this interval, which begins when the supervisor starts. A check sees all
	// that happened up to and including its own instant, and is decided one nanosecond after it. Default zero:
	// both are exact.
	HealthCheckInterval Duration

	// MaxTasks limits the number of tasks at a time. Default zero: the constant MaxTasks.
	MaxTasks uint32
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

// StopOrder says in which order a shutdown stops the tasks.
type StopOrder uint8

const (
	StopTogether StopOrder = iota // all are asked at once, the last added first
	StopReverse                   // one by one, the last added first, each waited for

	stopOrders // how many there are; keep it last
)
