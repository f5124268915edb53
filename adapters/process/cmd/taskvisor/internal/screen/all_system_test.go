//go:build system

package screen

import (
	"bytes"
	"fmt"
	"strconv"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/adapters/process"
)

// counting counts the lines of each task, and fails at the first that is not whole, or not the task's next.
type counting struct {
	next []int
	rest []byte
	bad  error
}

func (c *counting) Write(p []byte) (int, error) {
	c.rest = append(c.rest, p...)
	for {
		line, rest, whole := bytes.Cut(c.rest, []byte("\n"))
		if !whole {
			c.rest = append(c.rest[:0], c.rest...)
			return len(p), nil
		}
		c.take(line)
		c.rest = rest
	}
}

// take takes a line such as "task-7  | line 13 of 7".
func (c *counting) take(line []byte) {
	name, text, _ := bytes.Cut(line, []byte("| "))
	task, err := strconv.Atoi(string(bytes.TrimSpace(bytes.TrimPrefix(name, []byte("task-")))))
	if err != nil || task >= len(c.next) || string(text) != fmt.Sprintf("line %d of %d", c.next[task], task) {
		if c.bad == nil {
			c.bad = fmt.Errorf("%q", line)
		}
		return
	}
	c.next[task]++
}

// A hundred thousand lines of each of a hundred tasks that write at once.
func TestSystemTenMillionLinesAreNotMixed(t *testing.T) {
	const tasks, lines = 100, 100_000
	out := &counting{next: make([]int, tasks)}
	p := NewPrinter(out, Settings{})
	var all sync.WaitGroup
	for i := range tasks {
		s := p.Source(fmt.Sprint("task-", i), true)
		all.Go(func() {
			for j := range lines {
				s.Print(process.Line{Text: fmt.Sprintf("line %d of %d", j, i)})
			}
		})
	}
	all.Wait()
	closed(t, p)
	require.NoError(t, out.bad)
	for _, n := range out.next {
		require.Equal(t, lines, n)
	}
	require.Empty(t, out.rest)
}
