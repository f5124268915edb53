package process

import (
	"context"
	"sync"
)

// checks are the commands that are run beside a run to find out how it is. They are of the run: it is not over before they are.
type checks struct {
	mu      sync.Mutex
	over    chan struct{} // closed when they have to end; nil if there was none yet
	ended   bool
	running sync.WaitGroup
}

// begin begins one. Its context ends with the run, too. ok is false if that has ended.
func (c *checks) begin(ctx context.Context) (own context.Context, done func(), ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.ended {
		return nil, nil, false
	}
	if c.over == nil {
		c.over = make(chan struct{})
	}
	own, cancel := context.WithCancelCause(ctx)
	c.running.Go(func() {
		select {
		case <-c.over:
			cancel(ErrNotRunning)
		case <-own.Done():
		}
	})
	c.running.Add(1)
	return own, func() {
		cancel(nil)
		c.running.Done()
	}, true
}

// end ends all, and waits until nothing is left of them.
func (c *checks) end() {
	c.mu.Lock()
	c.ended = true
	if c.over != nil {
		close(c.over)
	}
	c.mu.Unlock()
	c.running.Wait()
}
