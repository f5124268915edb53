package supervisor

import (
	"context"
	"sync"
	"sync/atomic"
	"time"
)

// ownContext is the context of a run. Behind it is one of package context, which is made when that is needed: when the run is
// asked to stop, or something waits for the end of the context, derives another from it or looks for a value. A run that does
// none of this costs only what it is made of itself, and for the others the price is the same.
type ownContext struct {
	mu     sync.Mutex              // to make the one behind it
	behind context.Context         // its parent, until it is made
	cancel context.CancelCauseFunc // nil until it is made
	state  atomic.Uint32
}

// scope is the context that goes with what is told of a run. It has the values of the run's context, and is not the run's: to ask it
// makes nothing, and it does not end.
type scope run

// Deadline implements context.Context.
func (s *scope) Deadline() (deadline time.Time, ok bool) { return time.Time{}, false }

// Done implements context.Context.
func (s *scope) Done() <-chan struct{} { return nil }

// Err implements context.Context.
func (s *scope) Err() error { return nil }

// Value implements context.Context.
func (s *scope) Value(key any) any {
	if _, ok := key.(runKey); ok {
		return (*run)(s)
	}
	return s.session.values.Value(key)
}

// contextOf returns the context that goes with what is told of a task, or of the supervisor.
func (s *Supervisor) contextOf(m *member, ended *run) context.Context {
	switch {
	case ended != nil && ended.member == m:
		return (*scope)(ended)
	case m != nil && m.current != nil:
		return (*scope)(m.current)
	case s.session != nil:
		return s.session.values
	}
	return nil
}

// What the state of an ownContext says.
const (
	contextMade  = 1 << iota // the one behind it is made
	contextBegun             // the run has been launched
	contextEnded             // the run has ended
)

// Deadline implements context.Context: the parent has none.
func (c *ownContext) Deadline() (deadline time.Time, ok bool) { return time.Time{}, false }

// Done implements context.Context.
func (c *ownContext) Done() <-chan struct{} { return c.made().Done() }

// Err implements context.Context.
func (c *ownContext) Err() error {
	switch state := c.state.Load(); {
	case state&contextMade != 0:
		return c.behind.Err()
	case state&contextEnded != 0:
		return context.Canceled
	}
	return nil
}

// Value implements context.Context. Package context, too, finds what it needs to derive another context by a value.
func (c *ownContext) Value(key any) any { return c.made().Value(key) }

// cause returns what context.Cause does.
func (c *ownContext) cause() error {
	switch state := c.state.Load(); {
	case state&contextMade != 0:
		return context.Cause(c.behind)
	case state&contextEnded != 0:
		return ErrRunEnded
	}
	return nil
}

// stop cancels the context.
func (c *ownContext) stop(cause error) {
	c.made()
	c.cancel(cause)
}

// begin records that the run is launched. It fails if it was before.
func (c *ownContext) begin() (ok bool) { return c.state.Or(contextBegun)&contextBegun == 0 }

// finish cancels the context because the run has ended.
func (c *ownContext) finish() {
	c.mu.Lock()
	was := c.state.Or(contextEnded)
	c.mu.Unlock()
	if was&contextMade != 0 {
		c.cancel(ErrRunEnded)
	}
}

// ended reports whether the run has ended.
func (c *ownContext) ended() bool { return c.state.Load()&contextEnded != 0 }

// made returns the context behind this one.
func (c *ownContext) made() context.Context {
	if c.state.Load()&contextMade != 0 {
		return c.behind
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if was := c.state.Load(); was&contextMade == 0 {
		c.behind, c.cancel = context.WithCancelCause(c.behind)
		if was&contextEnded != 0 {
			c.cancel(ErrRunEnded)
		}
		c.state.Or(contextMade)
	}
	return c.behind
}
