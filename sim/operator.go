package sim

import "github.com/tasksupervisor/tasksupervisor/core"

// Operator is somebody who gives the supervisor orders, at given times or at a given rate.
type Operator struct {
	// Does is the order.
	Does Order

	// Of names the group whose tasks are meant. Empty is any group of the supervisor at the top. OrderShutdown and
	// OrderLimits are for the supervisor at the top if it is empty, else for the one that the group belongs to.
	Of string

	// At is when the first order is given, and Every how long after it the next one follows. Zero is once.
	At    core.Duration
	Every Length

	// Count is how many tasks each order is for. Zero is one. At [All], it is for every task of the group.
	Count int

	// Policy is what OrderPolicy gives the tasks. Zero is core.DefaultPolicy.
	Policy core.Policy

	// Limits are what OrderLimits gives the supervisor. Zero is no limits.
	Limits core.Limits

	// Other names the group that OrderNeed is about: each task meant needs one of it from then on. Empty is any group
	// of the same supervisor.
	Other string

	// Bound says for OrderNeed that the tasks are to be stopped and started with what they need.
	Bound bool
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
	OrderSuspend               // suspend tasks
	OrderResume                // resume tasks, of those that are suspended
	OrderPolicy                // give tasks another policy
	OrderNeed                  // declare that tasks need others
	OrderLimits                // give the supervisor other limits
	OrderShutdown              // shut the supervisor down

	orders // how many there are; keep it last
)

// orderEvents are the events that carry out the orders.
var orderEvents = [orders]core.EventKind{
	OrderAdd:      core.EventAdd,
	OrderRemove:   core.EventRemove,
	OrderRestart:  core.EventRestart,
	OrderKill:     core.EventKill,
	OrderSuspend:  core.EventSuspend,
	OrderResume:   core.EventResume,
	OrderPolicy:   core.EventPolicy,
	OrderNeed:     core.EventNeed,
	OrderLimits:   core.EventLimits,
	OrderShutdown: core.EventShutdown,
}

// String returns the order's word, such as "restart".
func (o Order) String() string {
	if o < orders {
		return orderEvents[o].String()
	}
	return outOfRange("Order", uint8(o))
}

// event returns the event that carries out an order.
func (o Order) event() core.EventKind { return orderEvents[o] }
