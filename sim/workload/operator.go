package workload

import "github.com/tasksupervisor/tasksupervisor/core"

// Operator gives a supervisor commands, at given times or at a given rate.
type Operator struct {
	// Does is the command, as the event that carries it out: one of [Commands]. EventHold and EventRelease are a driver's, and
	// given here in its place.
	Does core.EventKind

	// Of names the group whose tasks are meant. Empty is any group of the supervisor at the top. EventShutdown and
	// EventLimits go to the supervisor at the top if it is empty, else to the one that the group belongs to.
	// EventAdd adds tasks like those of the group, named on from the last one, and needs a group.
	Of string

	// At is when the first command is given, and Every how long after it the next one follows. Zero is once.
	At    core.Duration
	Every Length

	// Count is how many tasks each command is about, drawn each time. Zero is one. [All] means every task of the group.
	// EventResume draws from those that are suspended, EventRelease from those that are held.
	Count int

	// Policy is what EventPolicy gives the tasks. Zero is core.DefaultPolicy. EventAdd gives it to those it adds, in place of
	// the group's, unless it is zero.
	Policy core.Policy

	// Limits are what EventLimits gives the supervisor. Zero is no limits.
	Limits core.Limits

	// Other names the group that EventNeed is about: each task meant needs one of it from then on. Empty is any group
	// of the same supervisor.
	Other string

	// Bound says for EventNeed that the tasks are to be stopped and started with what they need.
	Bound bool

	// Suspended says for EventAdd that the tasks are added suspended: they wait for an EventResume.
	Suspended bool

	// Held says for EventAdd that the tasks are added held: they wait for an EventRelease.
	Held bool
}

// All as Operator.Count means every task there is.
const All = -1

// Commands returns the events that an operator can give.
func Commands() []core.EventKind {
	return []core.EventKind{
		core.EventAdd, core.EventRemove, core.EventRestart, core.EventKill, core.EventSuspend, core.EventResume,
		core.EventPolicy, core.EventNeed, core.EventLimits, core.EventShutdown, core.EventHold, core.EventRelease,
	}
}
