package leash

import (
	"slices"
	"sync"

	"github.com/tasksupervisor/tasksupervisor/adapters/process/internal/procfs"
)

// census looks at all processes, once for as many as ask for it meanwhile.
type census struct {
	proc procfs.FS
	mu   sync.Mutex
	busy bool
	next *count // what those wait for who have asked since the present look has begun; nil if there are none
}

// count is one look at all processes.
type count struct {
	proc  procfs.FS
	done  chan struct{}
	procs []procfs.Process // ascending
	err   error

	mu     sync.Mutex
	tokens map[int]string // of those that were asked for
}

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
	if waited := c.waited(); waited != nil {
		go c.serve(waited)
	}
	return mine, mine.err
}

// serve looks for those who wait, as long as there are some.
func (c *census) serve(waited *count) {
	for ; waited != nil; waited = c.waited() {
		waited.look()
	}
}

// waited returns what others wait for, and is no longer busy if there is nothing.
func (c *census) waited() *count {
	c.mu.Lock()
	defer c.mu.Unlock()
	waited := c.next
	c.next = nil
	c.busy = waited != nil
	return waited
}

func (c *census) newCount() *count {
	return &count{proc: c.proc, done: make(chan struct{}), tokens: map[int]string{}}
}

// rounds is how often a look is taken up again because processes have ended while it was taken. One that starts another and ends, and
// so on, could be missed.
const rounds = 10

// young is how old a process is at most, in ticks, that may end while others are looked at.
const young = 100

func (c *count) look() {
	defer close(c.done)
	for range rounds {
		ended, err := c.add()
		if err != nil || ended == 0 {
			c.err = err
			return
		}
	}
}

// add adds the processes that are not known yet, and returns how many of them may have ended meanwhile, and have left others.
func (c *count) add() (ended int, err error) {
	pids, err := c.proc.PIDs()
	if err != nil {
		return 0, err
	}
	known := c.procs
	youth := procfs.Now() - young
	for _, pid := range pids {
		if _, is := find(known, pid); is {
			continue
		}
		switch p, err := c.proc.Stat(pid); {
		case err == nil:
			c.procs = append(c.procs, p)
			if !p.Alive() {
				ended++ // perhaps a moment ago
			}
			if p.Start >= youth && !p.Kernel() { // before it can end
				_, _ = c.tokensOf(pid)
			}
		case procfs.Ended(err):
			ended++
		default:
			return 0, err
		}
	}
	if len(known) > 0 {
		slices.SortFunc(c.procs, func(a, b procfs.Process) int { return a.PID - b.PID })
	}
	return ended, nil
}

// find returns what there is of a process.
func (c *count) find(pid int) (*procfs.Process, bool) { return find(c.procs, pid) }

func find(ascending []procfs.Process, pid int) (*procfs.Process, bool) {
	at, found := slices.BinarySearchFunc(ascending, pid, func(p procfs.Process, pid int) int { return p.PID - pid })
	if !found {
		return nil, false
	}
	return &ascending[at], true
}

func (c *count) tokensOf(pid int) (value string, known bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	value, asked := c.tokens[pid]
	if asked {
		return value, true
	}
	value, known = c.proc.Variable(pid, Variable)
	if known {
		c.tokens[pid] = value
	}
	return value, known
}
