package process

import (
	"context"
	"os"
	"syscall"
)

// keeper starts processes and keeps hold of them. It is what a task stands on; tests put bodies in the place of processes.
type keeper interface {
	start(ctx context.Context, s *spec) (group, error)

	// pipe makes a pipe from a command: an end to read from, which can be closed while it is read from, and one for the command.
	pipe() (readEnd, *os.File, error)

	// listen makes the socket of the notify protocol of a run; nil is none.
	listen(p *process) (*notifySocket, error)
}

// readEnd is the end of a pipe that this process reads.
type readEnd interface {
	Read(p []byte) (int, error)
	Close() error
}

// spec is what is started.
type spec struct {
	path  string
	args  []string
	env   []string
	dir   string
	files []*os.File // standard input, output and error
	token string     // what the processes are known by, also by a later life of this program
	tty   bool       // files are a terminal, which is to be the session's
	user  *userID    // nil: ours
}

// group is a run's processes: what a command started, and all that comes of it.
type group interface {
	PID() int
	Ended() <-chan struct{}                   // the leader has ended
	Signal(signal syscall.Signal) error       // to all
	SignalLeader(signal syscall.Signal) error // to the leader
	Kill() error                              // all
	Alive() (int, error)                      // how many are alive
	Empty(ctx context.Context) error          // waits until none is alive
	Reap() (exitState, error)                 // how the leader ended; frees everything
}

// exitState is how a leader ended.
type exitState struct {
	code       int // -1 if a signal ended it
	signal     syscall.Signal
	coreDumped bool
	err        error // of a body in place of a process
}
