package sim

import (
	"io"

	"github.com/tasksupervisor/tasksupervisor/core"
	"github.com/tasksupervisor/tasksupervisor/sim/workload"
)

// Option says how a simulation is run and observed. No option changes what happens in it. A nil
// Option is none.
type Option func(*options)

type options struct {
	unchecked bool
	watchers  func(path string) []Watcher
	record    func(path string) io.Writer
	outages   func(Outage)
	until     <-chan struct{}
}

// Unchecked leaves out the invariants' checkers, for speed.
func Unchecked() Option { return func(o *options) { o.unchecked = true } }

// Watch adds watchers of your own. The function is called for each supervisor when it begins, with its path: "" for the one
// at the top, "pool-1#2" for the second run of its task pool-1, "pool-1#2/shard-3#1" below that. It returns the watchers
// of that supervisor, or nil. Watch can be given several times.
func Watch(watchers func(path string) []Watcher) Option {
	return func(o *options) {
		before := o.watchers
		o.watchers = func(path string) []Watcher {
			if before == nil {
				return watchers(path)
			}
			return append(before(path), watchers(path)...)
		}
	}
}

// WatchOutages shows the outages of the world to a function: each when it has ended, and those that are under way at the end
// of the simulation then. WatchOutages can be given several times.
func WatchOutages(watch func(Outage)) Option {
	return func(o *options) {
		before := o.outages
		o.outages = func(outage Outage) {
			if before != nil {
				before(outage)
			}
			watch(outage)
		}
	}
}

// Outage is one outage as it came about, or a fault that acts as one: see [workload.Outage], [workload.FlapStorm] and
// [workload.ThunderingRestart].
type Outage struct {
	Of       string             // the group of tasks that suffered; "" for every group
	Share    core.Fraction      // how many of them; the zero Fraction is all
	From, To core.Instant       // by the clock of the supervisors
	Storm    workload.FaultKind // which fault it was, or [workload.FaultKindCount] if it was none
}

// Until ends the simulation early when the channel is closed, such as that of a context. The [Result] is what it had come to.
func Until(done <-chan struct{}) Option { return func(o *options) { o.until = done } }

// Record writes the trace of each supervisor as a scenario. The function is called as that of [Watch] is, and returns
// where the trace goes; when it returns nil, that supervisor is not recorded.
func Record(to func(path string) io.Writer) Option { return func(o *options) { o.record = to } }

// Watcher looks at every step of one supervisor. When it returns an error, the simulation ends with a [*Violation].
type Watcher interface {
	Watch(step *Step) error
}

// Resumer is a [Watcher] that is told in what state a supervisor begins, if that is not the state of a new one (see
// [workload.Resumption]).
type Resumer interface {
	Watcher

	// Resume is called before the first step. The machine must not be changed, and name is what its tasks are called.
	Resume(m *core.Machine, name func(core.TaskID) string)
}

// Step is one event that a supervisor was given, and what it decided.
type Step struct {
	Path    string        // which supervisor, see [Watch]
	Machine *core.Machine // the supervisor after the step; to be looked at only
	Event   core.Event
	Name    string        // for an EventAdd, what the task is called
	Actions []core.Action // valid until Watch returns
}

func optionsOf(all []Option) options {
	var o options
	for _, option := range all {
		if option != nil {
			option(&o)
		}
	}
	return o
}
