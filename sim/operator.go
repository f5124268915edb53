package sim

import "github.com/tasksupervisor/tasksupervisor/core"

// Operator is somebody who gives the supervisor orders, at given times or at a given rate.
type Operator struct {
	// Does is the order.
	Does Order

	// Of names the group whose tasks are meant. Empty is any group of the supervisor at the top. OrderShutdown
	// is for the supervisor at the top if it is empty, else for the one that the group belongs to.
	Of string

	// At is when the first order is given, and Every how long after it the next one follows. Zero is once.
	At    core.Duration
	Every Length

	// Count is how many tasks each order is for. Zero is one. At [All], it is for every task of the group.
	Count int
}

// All as Operator.Count means every task there is.
const All = -1

// Order is what an operator can order.
type Order uint8

const (
	OrderAdd      Order = iota // add tasks like those of the group, named on from the last one
	OrderRemove                // remove tasks
	OrderRestart               // restart tasks
	OrderKill                  // kill tasks
	OrderShutdown              // shut the supervisor down

	orders // how many there are; keep it last
)

// String returns the order's word, such as "restart".
func (o Order) String() string {
	switch o {
	case OrderAdd:
		return "add"
	case OrderRemove:
		return "remove"
	case OrderRestart:
		return "restart"
	case OrderKill:
		return "kill"
	case OrderShutdown:
		return "shutdown"
	case orders:
	}
	return outOfRange("Order", uint8(o))
}

// event returns the event that carries out an order for a task.
func (o Order) event() core.EventKind {
	switch o {
	case OrderRemove:
		return core.EventRemove
	case OrderRestart:
		return core.EventRestart
	case OrderKill:
		return core.EventKill
	case OrderAdd:
		return core.EventAdd
	case OrderShutdown, orders:
	}
	return core.EventShutdown
}
