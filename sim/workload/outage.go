package workload

import "github.com/tasksupervisor/tasksupervisor/core"

// Outage takes many tasks down together, for as long as something that they depend on in the world is missing.
type Outage struct {
	// Of names the group that suffers. Empty is every group.
	Of string

	// At is when it begins, and Every how long after its end the next one begins. Zero is once.
	At    core.Duration
	Every Length

	// Lasts is how long it lasts. It must be given.
	Lasts Length

	// Share is how many of the group's tasks suffer; which ones is drawn each time. Zero is all.
	Share core.Fraction

	// Notice is how long a live run lives on when the outage begins. Zero is no time; Endless spares the live runs.
	Notice Length

	// Fails is how long a run lives that was started in the outage, unless the outage is over by then. Zero is no time.
	Fails Length

	// Ends says how the outage ends these runs. Zero is always an error.
	Ends Ends

	// Asks is the delay before their restart that the runs ask for which fail so, see core.Event: what is overloaded says when
	// to come back. Zero leaves that to their policies.
	Asks Length
}
