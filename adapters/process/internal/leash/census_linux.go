package leash

import (
	"slices"
	"sync"
)

// census looks at all processes, for as many groups at once as ask for it meanwhile.
type census struct {
	proc directory
	mu   sync.Mutex
	busy bool
	next *count // what those wait for who have asked since the present one has begun; nil if there are none
}

// count is one look at all processes.
type count struct {
	proc  directory
	done  chan struct{}
	procs []proc // ascending
	err   error

	mu     sync.Mutex
	tokens map[int]string // of those that were asked for
}

func newCensus() (*census, error) {
	all, err := openProc()
	return &census{proc: all}, err
}

func (c *census) close() { _ = c.proc.close() }

// take returns a look at all processes that has begun after the call.
func (c *census) take() (*count, error) {
	c.mu.Lock()
	if c.busy {
		if c.next == nil {
			c.next = c.newCount()
		}
		mine := c.next
		c.mu.Unlock()
		<-mine.done
		return mine, mine.err
	}
	c.busy = true
	c.mu.Unlock()
	mine := c.newCount()
	mine.look()
	c.mu.Lock()
	waited := c.next
	c.next = nil
	c.busy = waited != nil
	c.mu.Unlock()
	if waited != nil {
		go c.serve(waited)
	}
	return mine, mine.err
}

// serve looks for those who wait, as long as there are some.
func (c *census) serve(waited *count) {
	for waited != nil {
		waited.look()
		c.mu.Lock()
		waited = c.next
		c.next = nil
		c.busy = waited != nil
		c.mu.Unlock()
	}
}

func (c *census) newCount() *count {
	return &count{proc: c.proc, done: make(chan struct{}), tokens: map[int]string{}}
}

func (c *count) look() {
	defer close(c.done)
	pids, err := c.proc.pids()
	if err != nil {
		c.err = err
		return
	}
	c.procs = make([]proc, 0, len(pids))
	for _, pid := range pids {
		if p, err := c.proc.stat(pid); err == nil { // or it has ended meanwhile
			c.procs = append(c.procs, p)
		}
	}
}

// find returns what there is of a process.
func (c *count) find(pid int) (*proc, bool) {
	at, found := slices.BinarySearchFunc(c.procs, pid, func(p proc, pid int) int { return p.pid - pid })
	if !found {
		return nil, false
	}
	return &c.procs[at], true
}

func (c *count) tokensOf(pid int) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	value, known := c.tokens[pid]
	if !known {
		value = c.proc.tokens(pid)
		c.tokens[pid] = value
	}
	return value
}
