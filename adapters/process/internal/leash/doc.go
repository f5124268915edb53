// Package leash keeps hold of processes: it starts them, notices that they end, and reaches all that they have started.
//
// A [Group] is what one start has led to. Its leader is a child of this process, in a session of its own. Its members are the leader,
// what is in its session or process group, what has its token in the environment, and what is below any of these; with a control
// group, whatever is in that.
//
// Numbers of processes are used again, so a number alone never gets a signal. The leader stays a zombie until [Group.Reap], and
// for so long its number, and that of its process group, belongs to nothing else. Any other member is held by a pidfd, and looked
// at again while it is held, before it gets a signal through that.
//
// A process that runs costs no thread and no wake-up: its pidfd waits in the poller of Go's runtime.
package leash
