package leash

import (
	"errors"
	"fmt"
	"os"
	"sync/atomic"
	"syscall"
)

// Spec says what to start.
type Spec struct {
	Task  string   // what the run is of, for its token; it need not be unique
	Path  string   // the program; no PATH is searched
	Args  []string // with the program's name
	Env   []string // all of the environment but the token
	Dir   string   // empty: that of this process
	Files []*os.File
	TTY   bool  // the first file is a terminal, and becomes the controlling one
	User  *User // nil: that of this process
}

// User is whom a program runs as.
type User struct {
	UID, GID uint32
	Groups   []uint32
}

// State says how the leader of a group has ended.
type State struct {
	Code   int            // its exit code, if no signal has ended it
	Signal syscall.Signal // the signal that has ended it, or 0
	Core   bool           // there is a core dump
}

// What a call can be refused for.
var (
	ErrNotSupported = errors.New("processes are not supervised on this system")
	ErrClosed       = errors.New("the leash is closed")
	ErrRunning      = errors.New("the process has not ended")
	ErrReaped       = errors.New("the process was waited for already")
	ErrStolen       = errors.New("how the process ended is lost: something else in this program waits for all children")
)

// StartError says why a process could not be started.
type StartError struct {
	Op  string // what failed: "chdir", "exec", "fork", "open", "cgroup"
	On  string // the file or directory of it
	Err error
}

func (e *StartError) Error() string { return fmt.Sprintf("%s %s: %v", e.Op, e.On, e.Err) }

// Unwrap returns the reason.
func (e *StartError) Unwrap() error { return e.Err }

// startError makes an error of what a start of a program has returned, which says only what, not where.
func startError(spec *Spec, err error) error {
	problem := &StartError{Op: "exec", On: spec.Path, Err: err}
	switch {
	case errors.Is(err, syscall.EMFILE), errors.Is(err, syscall.ENFILE), errors.Is(err, syscall.EAGAIN), errors.Is(err, syscall.ENOMEM):
		problem.Op = "fork for"
	case spec.Dir != "":
		if _, missing := os.Stat(spec.Dir); missing != nil {
			problem.Op, problem.On = "chdir", spec.Dir
		}
	}
	return problem
}

// Config is how a [Leash] is made.
type Config struct {
	Name string // of this program, the same in each life of it: what a former life has left is known by it

	Cgroup bool // use control groups, where that is possible
}

// Leftover is a process that a former life has left behind.
type Leftover struct {
	PID     int
	Command string // its command line
	Task    string // of which it was part, if it says so
}

// runs numbers the runs of a leash.
type runs struct{ latest atomic.Uint64 }

func (r *runs) next() uint64 { return r.latest.Add(1) }

// NotSupportedError says what a system lacks. It is [ErrNotSupported].
type NotSupportedError struct {
	Lacks string
	Err   error // what the system said, or nil
}

func (e *NotSupportedError) Error() string {
	text := ErrNotSupported.Error() + ": it lacks " + e.Lacks
	if e.Err != nil {
		text += ": " + e.Err.Error()
	}
	return text
}

// Unwrap returns [ErrNotSupported] and what the system said.
func (e *NotSupportedError) Unwrap() []error { return []error{ErrNotSupported, e.Err} }
