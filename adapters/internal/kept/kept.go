// Package kept lends a listener to the runs of a server, one after the other. A server closes its listener when it stops;
// what it closes here is only what it was lent. Connections that arrive while no run has the listener wait in the kernel's queue,
// and the next run accepts them.
package kept

import (
	"net"
	"sync"
	"time"
)

// Listener is one to lend.
type Listener struct {
	listener net.Listener
	limited  interface{ SetDeadline(t time.Time) error } // the same; nil if it has no deadlines

	// Without deadlines nothing breaks off an Accept. Then it is left for the next run.
	mu        sync.Mutex
	accepting bool
	accepted  chan accepted
}

// accepted is what an Accept returned.
type accepted struct {
	conn net.Conn
	err  error
}

// New keeps a listener. It closes it never: that is up to whoever made it.
func New(listener net.Listener) *Listener {
	l := &Listener{listener: listener, accepted: make(chan accepted, 1)}
	l.limited, _ = listener.(interface{ SetDeadline(t time.Time) error })
	return l
}

// Lend returns the listener for one run, which closes it when it stops to accept.
func (l *Listener) Lend() net.Listener {
	l.unlimit()
	return &lent{kept: l, closed: make(chan struct{})}
}

// unlimit takes the deadline back with which an Accept was broken off: whoever has the listener next finds it as it was. A listener
// that is closed says so when it is to accept.
func (l *Listener) unlimit() {
	if l.limited != nil {
		_ = l.limited.SetDeadline(time.Time{})
	}
}

// accept begins an Accept, unless one is left.
func (l *Listener) accept() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.accepting {
		return
	}
	l.accepting = true
	go func() {
		conn, err := l.listener.Accept()
		l.accepted <- accepted{conn, err}
	}()
}

// taken says that the result of the Accept is taken.
func (l *Listener) taken() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.accepting = false
}

// lent is a listener that a run was lent.
type lent struct {
	kept   *Listener
	once   sync.Once
	closed chan struct{}
}

// Accept implements net.Listener.
func (l *lent) Accept() (net.Conn, error) {
	if l.isClosed() {
		l.kept.unlimit()
		return nil, net.ErrClosed
	}
	if l.kept.limited != nil {
		conn, err := l.kept.listener.Accept()
		if err != nil && l.isClosed() {
			l.kept.unlimit()
			err = net.ErrClosed
		}
		return conn, err
	}
	l.kept.accept()
	select {
	case a := <-l.kept.accepted:
		l.kept.taken()
		return a.conn, a.err
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

// Close implements net.Listener.
func (l *lent) Close() error {
	l.once.Do(func() {
		close(l.closed)
		if l.kept.limited != nil {
			_ = l.kept.limited.SetDeadline(time.Unix(1, 0)) // it breaks off the Accept
		}
	})
	return nil
}

// Addr implements net.Listener.
func (l *lent) Addr() net.Addr { return l.kept.listener.Addr() }

func (l *lent) isClosed() bool {
	select {
	case <-l.closed:
		return true
	default:
		return false
	}
}
