package leash

import (
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"sync"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/tasksupervisor/tasksupervisor/adapters/process/internal/procfs"
)

// life is one life of a supervisor. Its text is what its tokens begin with.
type life struct {
	name      string // of the program, the same in all its lives
	namespace uint64 // of process numbers: in any other, the number is that of a stranger
	pid       int
	start     uint64 // with the number, this is one process
	nonce     string // a process can be several lives, at once or, if it executes itself anew, one after the other
}

// here are the lives that this process is.
var here sync.Map // of nonces

// newLife returns a life of this process.
func newLife(name string, proc procfs.FS) (life, error) {
	self, err := proc.Stat(os.Getpid())
	if err != nil {
		return life{}, &NotSupportedError{"the /proc of its PID namespace", err}
	}
	namespace, err := ownNamespace()
	if err != nil {
		return life{}, &NotSupportedError{"the /proc of its PID namespace", err}
	}
	l := life{name: name, namespace: namespace, pid: self.PID, start: self.Start, nonce: rand.Text()[:8]}
	here.Store(l.nonce, true)
	return l, nil
}

func (l life) end() { here.Delete(l.nonce) }

// ownNamespace returns what identifies the PID namespace of this process, which is to be that of /proc.
func ownNamespace() (uint64, error) {
	if self, err := os.Readlink("/proc/self"); err != nil || self != strconv.Itoa(os.Getpid()) {
		return 0, fmt.Errorf("/proc/self is %q in process %d (%v)", self, os.Getpid(), err)
	}
	info, err := os.Stat("/proc/self/ns/pid")
	if err != nil {
		return 0, err
	}
	return info.Sys().(*syscall.Stat_t).Ino, nil
}

func (l life) String() string {
	return fmt.Sprintf("%s@%d-%d-%d-%s", l.name, l.namespace, l.pid, l.start, l.nonce)
}

// parseLife returns the life that a token, or its text alone, begins with.
func parseLife(token string) (life, bool) {
	text, _, _ := strings.Cut(token, "/")
	name, rest, _ := strings.Cut(text, "@")
	parts := strings.Split(rest, "-")
	if len(parts) != 4 {
		return life{}, false
	}
	namespace, err1 := strconv.ParseUint(parts[0], 10, 64)
	pid, err2 := strconv.Atoi(parts[1])
	start, err3 := strconv.ParseUint(parts[2], 10, 64)
	l := life{name: name, namespace: namespace, pid: pid, start: start, nonce: parts[3]}
	return l, err1 == nil && err2 == nil && err3 == nil
}

// over reports whether another life is known to have ended. That of a process of another namespace never is.
func (l life) over(other life, proc procfs.FS) bool {
	if other.namespace != l.namespace {
		return false
	}
	if other.pid == l.pid && other.start == l.start {
		_, is := here.Load(other.nonce)
		return !is
	}
	return over(proc, other.pid, func(start uint64) bool { return start == other.start })
}

// over reports whether a process is known to have ended, or never to have been the one that was meant. What /proc does not show may
// be hidden (hidepid): only a signal tells.
func over(proc procfs.FS, pid int, meant func(start uint64) bool) bool {
	p, err := proc.Stat(pid)
	if err != nil {
		return procfs.Ended(err) && errors.Is(unix.Kill(pid, 0), unix.ESRCH)
	}
	return !meant(p.Start) || !p.Alive()
}
