package httptask

import (
	"context"
	"net"
	"net/http"
	"sync"
	"time"
)

// connections knows which handlers are going, and which connections may bring another.
//
// A server that is shut down drops the requests that it reads from then on, also those on connections that it has accepted before. So
// a run shuts its server down only when no request is about to be read. And the server does not wait for handlers that have taken
// over their connection, nor for any if it is closed. A run waits for all.
type connections struct {
	handler http.Handler

	mu       sync.Mutex
	awaited  map[net.Conn]time.Time // their next request is being read; until when it is waited for, or zero for ever
	open     int                    // handlers that are going
	over     bool                   // no more are called
	returned chan struct{}          // closed when it is over and none is going
	changed  chan struct{}          // takes a value when fewer are awaited
}

// connectionKey is the key of a connection in the contexts of its requests.
type connectionKey struct{}

// watch has a server tell of its connections and requests.
func watch(server *http.Server) *connections {
	c := &connections{
		handler:  server.Handler,
		awaited:  make(map[net.Conn]time.Time),
		returned: make(chan struct{}),
		changed:  make(chan struct{}, 1),
	}
	if c.handler == nil {
		c.handler = http.DefaultServeMux
	}
	server.Handler = c
	onState, connContext := server.ConnState, server.ConnContext
	server.ConnState = func(conn net.Conn, state http.ConnState) {
		c.note(conn, state)
		if onState != nil {
			onState(conn, state)
		}
	}
	server.ConnContext = func(ctx context.Context, conn net.Conn) context.Context {
		ctx = context.WithValue(ctx, connectionKey{}, conn)
		if connContext != nil {
			ctx = connContext(ctx, conn)
		}
		return ctx
	}
	return c
}

// note notes the state of a connection.
func (c *connections) note(conn net.Conn, state http.ConnState) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch state {
	case http.StateNew: // a client that connects without need sends nothing
		c.awaited[conn] = time.Now().Add(patience)
	case http.StateActive: // the beginning of a request has arrived
		c.awaited[conn] = time.Time{}
	case http.StateIdle, http.StateHijacked, http.StateClosed:
		c.arrived(conn)
	}
}

// arrived says that a connection is not awaited any more. It is called with mu held.
func (c *connections) arrived(conn net.Conn) {
	delete(c.awaited, conn)
	select {
	case c.changed <- struct{}{}:
	default:
	}
}

// ServeHTTP implements http.Handler.
func (c *connections) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !c.begin(r) {
		panic(http.ErrAbortHandler) // its connection is closed
	}
	defer c.end()
	c.handler.ServeHTTP(w, r)
}

func (c *connections) begin(r *http.Request) (ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if conn, ok := r.Context().Value(connectionKey{}).(net.Conn); ok {
		c.arrived(conn)
	}
	if !c.over {
		c.open++
	}
	return !c.over
}

func (c *connections) end() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.open--; c.over && c.open == 0 {
		close(c.returned)
	}
}

// patience is how long a connection may take until its first request arrives, if the server is to stop. It is that of net/http.
const patience = 5 * time.Second

// arrive waits until the requests that are about to be read have arrived, and closes connections on which none does.
func (c *connections) arrive(ctx context.Context) {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		next, any := c.closeSilent(time.Now())
		if !any {
			return
		}
		timer.Reset(next)
		select {
		case <-c.changed:
		case <-timer.C:
		case <-ctx.Done():
			return
		}
	}
}

// closeSilent closes the connections that were silent for too long. It returns when to look again, if any are awaited.
func (c *connections) closeSilent(now time.Time) (next time.Duration, any bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	next = patience
	for conn, until := range c.awaited {
		left := until.Sub(now)
		switch {
		case until.IsZero():
			any = true
		case left > 0:
			next, any = min(next, left), true
		default:
			delete(c.awaited, conn)
			_ = conn.Close()
		}
	}
	return next, any
}

// handlers returns how many handlers are going.
func (c *connections) handlers() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.open
}

// wait waits until the handlers that are going have returned. No other is called then.
func (c *connections) wait() {
	c.mu.Lock()
	if !c.over {
		if c.over = true; c.open == 0 {
			close(c.returned)
		}
	}
	c.mu.Unlock()
	<-c.returned
}
