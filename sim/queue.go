package sim

import (
	"github.com/tasksupervisor/tasksupervisor/core"
	"github.com/tasksupervisor/tasksupervisor/core/timers"
)

// queue is what is going to happen, ordered by instant and then by tie. An entry is known by a small number of the
// caller's, and can be moved or dropped.
type queue struct {
	timers timers.Queue[core.Instant, queueKey]
}

// queueKey is an entry's tie, and below it its number.
type queueKey uint64

const numberMask = 1<<timers.SlotBits - 1

// next returns when the first entry is due, or Never.
func (q *queue) next() core.Instant { return q.timers.Next() }

// first returns the number of the first entry. There must be one.
func (q *queue) first() uint32 { return uint32(q.timers.First() & numberMask) }

// due returns when the numbered entry is due, or Never.
func (q *queue) due(number uint32) core.Instant { return q.timers.Deadline(number) }

// set queues the numbered entry, or moves it. An instant of Never drops it.
func (q *queue) set(number uint32, at core.Instant, tie uint32) {
	q.timers.Arm(queueKey(tie)<<timers.SlotBits|queueKey(number), at)
}

// drop takes the numbered entry out, if it is queued.
func (q *queue) drop(number uint32) { q.timers.Disarm(number) }
