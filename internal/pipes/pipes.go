// Package pipes has a network in memory for tests. It works in a bubble (see testing/synctest), where a real one does not: who waits
// for the network keeps time from passing there.
package pipes

import (
	"context"
	"errors"
	"net"
	"net/http"
	"sync"
	"testing"
)

// Listener accepts connections that are made by its own Dial. It has no deadlines; the connections have.
type Listener struct {
	conns  chan net.Conn
	once   sync.Once
	closed chan struct{}
	err    error // of every Accept, once it is closed
}

// New returns a listener.
func New() *Listener {
	return &Listener{conns: make(chan net.Conn), closed: make(chan struct{})}
}

// Accept implements net.Listener.
func (l *Listener) Accept() (net.Conn, error) {
	select {
	case conn := <-l.conns:
		return conn, nil
	case <-l.closed:
		return nil, l.err
	}
}

// Close implements net.Listener.
func (l *Listener) Close() error {
	l.Fail(net.ErrClosed)
	return nil
}

// Fail has the listener closed, and every Accept return an error from then on.
func (l *Listener) Fail(err error) {
	l.once.Do(func() {
		l.err = err
		close(l.closed)
	})
}

// Addr implements net.Listener.
func (l *Listener) Addr() net.Addr { return &net.UnixAddr{Name: "pipes", Net: "pipe"} }

// Dial connects. It waits until the connection is accepted; network and address have no meaning.
func (l *Listener) Dial(ctx context.Context, _, _ string) (net.Conn, error) {
	near, far := net.Pipe()
	select {
	case l.conns <- far:
		return near, nil
	case <-l.closed:
		return nil, errors.New("connection refused")
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// Client returns a client of HTTP with connections of its own, which end with the test.
func (l *Listener) Client(t *testing.T) *http.Client {
	transport := &http.Transport{DialContext: l.Dial}
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport}
}
