package control

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"net"
	"net/http"
	"sync/atomic"
	"syscall"
	"time"
)

// Client asks and commands a taskvisor. Make it with [Dial].
//
// The errors of its calls are an [*Error] if the taskvisor refused, a [*NotRunningError] or [*NotAnsweringError] if there was none, or it
// said nothing, and otherwise what reading or writing failed with.
type Client struct {
	socket string
	places []string
	pid    atomic.Int64 // of who listens; 0: it is not known
	http   *http.Client
}

// newClient returns a client that has not asked anything yet.
func newClient(socket string, places []string) *Client {
	c := &Client{socket: socket, places: places}
	c.http = &http.Client{Transport: &http.Transport{DialContext: c.DialContext, DisableCompression: true}}
	return c
}

// Dial returns a client of the taskvisor that answers in one of some places, the first of them. The error is a [*NotRunningError] or a
// [*NotAnsweringError].
func Dial(ctx context.Context, places ...string) (*Client, error) {
	for _, place := range places {
		c := newClient(place, places)
		_, err := c.Info(ctx)
		if err == nil {
			return c, nil
		}
		c.Close()
		if !errors.As(err, new(*NotRunningError)) {
			return nil, err
		}
	}
	return nil, &NotRunningError{places}
}

// Socket returns where the taskvisor answers.
func (c *Client) Socket() string { return c.socket }

// PID returns the process number of the taskvisor as it is seen from here; 0 if it is not known.
func (c *Client) PID() int { return int(c.pid.Load()) }

// Close ends idle connections.
func (c *Client) Close() { c.http.CloseIdleConnections() }

// HTTP returns a client that reaches the taskvisor by any host, as in http://taskvisor/v1/info.
func (c *Client) HTTP() *http.Client { return c.http }

// DialContext opens a connection to the taskvisor, whatever the address.
func (c *Client) DialContext(ctx context.Context, _, _ string) (net.Conn, error) {
	var dialer net.Dialer
	conn, err := dialer.DialContext(ctx, "unix", c.socket)
	if err == nil {
		c.pid.Store(int64(peer(conn)))
	}
	return conn, err
}

// Info asks which taskvisor it is. It waits 2 seconds at most.
func (c *Client) Info(ctx context.Context) (info Info, err error) {
	ctx, cancel := context.WithTimeoutCause(ctx, answerWithin, errNotInTime)
	defer cancel()
	return info, c.Call(ctx, http.MethodGet, "info", nil, &info)
}

// Tree asks for all tasks.
func (c *Client) Tree(ctx context.Context) (tree Tree, err error) {
	return tree, c.Call(ctx, http.MethodGet, "tree", nil, &tree)
}

// Order gives a command about tasks. What became of each is in the answer.
func (c *Client) Order(ctx context.Context, action Action, order Order) (done Done, err error) {
	return done, c.Call(ctx, http.MethodPost, "tasks/"+string(action), order, &done)
}

// Apply has the file read again.
func (c *Client) Apply(ctx context.Context, order ApplyOrder) (applied Applied, err error) {
	return applied, c.Call(ctx, http.MethodPost, "apply", order, &applied)
}

// Shutdown has all stopped, and waits until the taskvisor has ended.
func (c *Client) Shutdown(ctx context.Context, order ShutdownOrder) error {
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = c.Call(ctx, http.MethodGet, "ended", nil, nil) // how it ends says nothing
	}()
	if err := c.Call(ctx, http.MethodPost, "shutdown", order, nil); err != nil {
		return err
	}
	<-ended
	return context.Cause(ctx)
}

// Call sends a request, and reads the answer into a value.
func (c *Client) Call(ctx context.Context, method, route string, body, answer any) error {
	var sent io.Reader
	if body != nil {
		text, err := json.Marshal(body)
		if err != nil {
			return err
		}
		sent = bytes.NewReader(text)
	}
	request, err := http.NewRequestWithContext(ctx, method, "http://taskvisor/v1/"+route, sent)
	if err != nil {
		return err
	}
	response, err := c.Do(request)
	if err != nil {
		return err
	}
	defer func() { _ = response.Body.Close() }()
	if answer == nil {
		return nil
	}
	if err := json.NewDecoder(response.Body).Decode(answer); err != nil {
		return c.unanswered(ctx, err)
	}
	return nil
}

// Do sends a request of any host, for answers that are not read as a whole. The errors are those of the other calls.
func (c *Client) Do(request *http.Request) (*http.Response, error) {
	response, err := c.http.Do(request)
	if err != nil {
		return nil, c.unanswered(request.Context(), err)
	}
	if response.StatusCode >= http.StatusBadRequest {
		defer func() { _ = response.Body.Close() }()
		return nil, refused(response)
	}
	return response, nil
}

// unanswered says why there is no answer.
func (c *Client) unanswered(ctx context.Context, err error) error {
	switch {
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, syscall.ECONNREFUSED):
		return &NotRunningError{c.places}
	case ctx.Err() != nil:
		err = context.Cause(ctx)
	}
	return &NotAnsweringError{c.socket, int(c.pid.Load()), err}
}

// refused reads a refusal.
func refused(response *http.Response) error {
	const atMost = 64 << 10
	text, _ := io.ReadAll(io.LimitReader(response.Body, atMost))
	refusal := &Error{Code: CodeFailed}
	if json.Unmarshal(text, refusal) != nil || refusal.Message == "" {
		refusal.Message = response.Status
	}
	return refusal
}

// patience is how long a client waits for what needs no waiting for.
const patience = 10 * time.Second

// WithPatience returns a context for calls that are answered at once.
func WithPatience(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeoutCause(ctx, patience, errNotInTime)
}
