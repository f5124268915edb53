package core

import "github.com/tasksupervisor/tasksupervisor/core/timers"

// TaskID names one task for as long as the machine lives. The low 24 bits are the slot the task occupies, the high
// 40 bits its generation, which grows with every task added. An id is never reused, zero is never issued, and
// comparing two ids compares the order in which their tasks were added.
type TaskID uint64

const (
	slotBits       = timers.SlotBits
	slotMask       = 1<<slotBits - 1
	generationsMax = 1<<(64-slotBits) - 1
)

// MaxTasks is the largest number of tasks one machine can hold at a time.
const MaxTasks = 1 << slotBits

func makeTaskID(generation uint64, slot uint32) TaskID {
	return TaskID(generation<<slotBits | uint64(slot))
}

// Generation counts the tasks added up to and including this one, over the life of the machine.
func (id TaskID) Generation() uint64 { return uint64(id) >> slotBits }

// Slot is the dense index the task occupies: a driver may keep its own record of the task in a slice at this
// index. A slot is reused once its task was removed.
func (id TaskID) Slot() int { return int(id & slotMask) }

// Run counts the starts of one task: 1 is its first run, and 0 means that it was never started. No task comes to the last
// one: at a start every nanosecond that takes 584 years.
type Run uint64

// inheritedMax is the largest number that a run of an earlier life can have. No task comes to the last number there is.
const inheritedMax Run = 1<<63 - 1
