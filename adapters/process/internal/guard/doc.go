// Package guard has a program watched by a process that sweeps up after it.
//
// The guard is the program itself, before it has done anything: [Start] executes the program again as a child, and stays behind.
// As a child subreaper it becomes the parent of whatever is below the child and loses its own parent, so that nothing can get
// away from it. It starts nothing else, so that it can wait for all children.
package guard

import "syscall"

// Variable is the variable of the environment by which a child knows its guard. A value of "off" has [Start] return at once.
const Variable = "TASKSUPERVISOR_GUARD"

// Link is a child's connection to its guard.
type Link struct {
	PID int // of the guard

	// Lost is closed when the guard has ended.
	Lost <-chan struct{}

	send func(message string) error
}

// Cgroup has the guard kill what is left in a control group in the end, and remove it. When it returns nil, the guard knows.
func (l *Link) Cgroup(dir string) error { return l.send(cgroupMessage + dir) }

// NoCgroup takes that back.
func (l *Link) NoCgroup(dir string) error { return l.send(noCgroupMessage + dir) }

// What is said over the connection: by the child that it reads, and which control groups are to be killed in the end, and are not any
// more; by the guard that it has heard this, or that a signal has arrived.
const (
	hello           = "hello"
	cgroupMessage   = "cgroup "
	noCgroupMessage = "no cgroup "
	heard           = "heard"
	signalMessage   = "signal "
)

// Relay is called by the child for each signal that the guard has got.
type Relay func(syscall.Signal)
