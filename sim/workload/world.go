package workload

import "github.com/tasksupervisor/tasksupervisor/core"

// World is everything that a simulation depends on, as plain data. The same World gives the same simulation, step by step,
// in any process and on any machine. Its text form is what [Parse] reads and [World.String] writes.
type World struct {
	// About says in one line what is simulated, for reports.
	About string

	// Seed decides every draw. See the function [Seed] for seeds that are words.
	Seed uint64

	// For is how long the simulation lasts, in virtual time. Zero is [DefaultFor].
	For core.Duration

	// Origin is what the supervisor's clock shows at the beginning. Default 0.
	Origin core.Instant

	// Liveness adds a second phase after For: operators, outages, probes and faults come to an end, all runs are ready and
	// well and obey their stops, and suspended tasks are resumed. All must come to rest within a bound that follows from
	// the policies; then the supervisor is shut down, and must halt within such a bound, too. Failing to is a violation.
	Liveness bool

	// MaxSteps ends the first phase early, after so many steps. Zero is no limit.
	MaxSteps uint64

	// Config configures the supervisor at the top. Its Policies are not used: each group of tasks brings its own.
	Config core.Config

	// Tasks and Outages are the workload of the supervisor at the top.
	Tasks   []Tasks
	Outages []Outage

	// Operators and Faults are what else happens. All four lists are independent of each other: each can be left out or
	// exchanged.
	Operators []Operator
	Faults    []Fault

	// Before are commands that the supervisor at the top is given before it is started, in order, behind the addition of its
	// tasks. They are about its own groups; At and Every have no effect. A description has no words for them.
	Before []Operator

	// Resumes, when it is not nil, is the state in which the supervisor at the top begins, in place of that of a new one. Its
	// tasks are those of the state, and others only if operators add them. A description has no words for it.
	Resumes *Resumption
}

// Resumption is a supervisor that goes on from a state, such as that of a snapshot. The state is taken for granted.
//
// What a world says otherwise is told to the supervisor at the beginning, as an operator would: each task is given the policy of
// its group, and the supervisor the limits of the Config. Nothing else of the Config can differ from that of the state.
type Resumption struct {
	Machine *core.Machine // the state; it is not changed. World.Origin is the latest instant it has seen
	Tasks   []Resumed     // its tasks, each once, in declared order
}

// Resumed says which task of the world a task of a state is.
type Resumed struct {
	Task core.TaskID
	Of   string // its group, whose tasks are no supervisors
}

// DefaultFor is how long a simulation lasts if its World does not say.
const DefaultFor = core.Duration(3600e9) // an hour

// Supervisor is a supervisor below another one, see [Tasks.Supervises].
type Supervisor struct {
	// Config configures it. Its Policies are not used: each group of tasks brings its own.
	Config core.Config

	// Tasks and Outages are its workload. Names of groups are unique in the whole tree.
	Tasks   []Tasks
	Outages []Outage
}

// Top returns the supervisor at the top.
func (w *World) Top() Supervisor {
	return Supervisor{Config: w.Config, Tasks: w.Tasks, Outages: w.Outages}
}
