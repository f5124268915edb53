package control

import (
	"context"
	"errors"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"time"
)

// Listener is a control socket that was claimed.
type Listener struct {
	net.Listener
	path string
	is   fs.FileInfo
	once sync.Once
}

// Path returns where the socket is.
func (l *Listener) Path() string { return l.path }

// Listen claims the first of some places where a socket can be made. A socket that a taskvisor has left which is dead is replaced.
// The error is a [*RunningError] if any of the places is one where a taskvisor answers, or else a [*NoPlaceError].
func Listen(places ...string) (*Listener, error) {
	for _, place := range places {
		if pid, alive := ask(place); alive {
			return nil, &RunningError{place, pid}
		}
	}
	var none NoPlaceError
	for _, place := range places {
		l, err := claim(place)
		if running := (*RunningError)(nil); err == nil || errors.As(err, &running) {
			return l, err
		}
		none.Errs = append(none.Errs, err)
	}
	return nil, &none
}

// Remove removes the socket from the file system, unless another has taken its place. It can still be answered on.
func (l *Listener) Remove() {
	l.once.Do(func() {
		if now, err := os.Lstat(l.path); err == nil && os.SameFile(now, l.is) {
			_ = os.Remove(l.path)
		}
	})
}

// Close removes the socket and ends it.
func (l *Listener) Close() error {
	l.Remove()
	return l.Listener.Close()
}

// claim makes a socket. It is complete, with its mode, before it has its name, and no two processes look at once whether the one that
// is there is alive.
func claim(path string) (*Listener, error) {
	if len(path) > longestSocket {
		return nil, &os.PathError{Op: "listen", Path: path, Err: errTooLong}
	}
	folder := filepath.Dir(path)
	if folder == ownFolder() {
		if err := makeOwnFolder(folder); err != nil {
			return nil, err
		}
	}
	unlock, err := lock(folder)
	if err != nil {
		return nil, err
	}
	defer unlock()
	switch there, err := os.Lstat(path); {
	case err != nil:
	case there.Mode().Type() != fs.ModeSocket:
		return nil, &os.PathError{Op: "listen", Path: path, Err: errNoSocket}
	default:
		if pid, alive := ask(path); alive {
			return nil, &RunningError{path, pid}
		}
	}
	made := filepath.Join(folder, "."+strconv.Itoa(os.Getpid())+".sock") // short, because the path of the other may be as long as can be
	_ = os.Remove(made)
	l, err := net.Listen("unix", made)
	if err != nil {
		return nil, err
	}
	l.(*net.UnixListener).SetUnlinkOnClose(false)
	is, err := settle(made, path)
	if err != nil {
		_ = l.Close()
		_ = os.Remove(made)
		return nil, err
	}
	return &Listener{Listener: l, path: path, is: is}, nil
}

// settle gives a new socket its mode and its name.
func settle(made, path string) (fs.FileInfo, error) {
	if err := os.Chmod(made, 0o600); err != nil {
		return nil, err
	}
	if err := os.Rename(made, path); err != nil {
		return nil, err
	}
	return os.Lstat(path)
}

// answerWithin is how long a taskvisor that is there may take to say who it is.
const answerWithin = 2 * time.Second

// ask returns the process number of the taskvisor that has a socket, 0 if it does not say. alive is false if there is none.
func ask(path string) (pid int, alive bool) {
	ctx, cancel := context.WithTimeout(context.Background(), answerWithin)
	defer cancel()
	client := newClient(path, nil)
	defer client.Close()
	info, err := client.Info(ctx)
	var silent *NotAnsweringError
	switch {
	case err == nil:
		return info.PID, true
	case errors.As(err, &silent):
		return silent.PID, true
	}
	return 0, !errors.As(err, new(*NotRunningError))
}
