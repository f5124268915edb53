//go:build unix

package process

import (
	"context"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
	"github.com/tasksupervisor/tasksupervisor/internal/bubble"
)

// scene is a task of a supervisor in a bubble, with functions in place of processes.
type scene struct {
	*Task
	t      *testing.T
	keeper *fakeKeeper
	sup    *supervisor.Supervisor
	began  time.Time

	mu    sync.Mutex
	lines []timedLine
}

// timedLine is a line, and when it was handed over since the scene began.
type timedLine struct {
	at time.Duration
	Line
}

// play plays a scene: a task of a command whose processes are a program.
func play(t *testing.T, c Command, program func(p *fakeProcess) exitState, test func(s *scene)) {
	t.Helper()
	bubble.Run(t, func(t *testing.T) {
		s := &scene{t: t, keeper: &fakeKeeper{program: program}, began: time.Now()}
		if c.Args == nil {
			c.Args = []string{"true"}
		}
		if c.Output.Lines == nil {
			c.Output.Lines = s.line
		}
		var err error
		s.Task, err = newTask(s.keeper, c)
		require.NoError(t, err)
		s.sup, err = supervisor.New(supervisor.WithTask("task", s.Task, append(s.Options(), supervisor.WithMaxAttempts(0))...))
		require.NoError(t, err)
		require.NoError(t, s.sup.Start(t.Context()))
		bubble.Pass(0)
		test(s)
		_ = s.sup.Shutdown(context.Background())
		for _, group := range s.keeper.groups {
			require.Equal(t, 1, group.reaped)
		}
	})
}

func (s *scene) line(l Line) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lines = append(s.lines, timedLine{time.Since(s.began), l})
}

// told returns the lines so far.
func (s *scene) told() []timedLine {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]timedLine(nil), s.lines...)
}

func (s *scene) status() supervisor.TaskStatus {
	s.t.Helper()
	status, err := s.sup.Status("task")
	require.NoError(s.t, err)
	return status
}

// at lets time pass until so long after the scene began.
func (s *scene) at(d time.Duration) {
	s.t.Helper()
	left := d - time.Since(s.began)
	require.GreaterOrEqual(s.t, left, time.Duration(0))
	bubble.Pass(left)
}

// obedient ends when it gets SIGTERM, in so long.
func obedient(takes time.Duration) func(p *fakeProcess) exitState {
	return func(p *fakeProcess) exitState {
		if p.until(syscall.SIGTERM) == syscall.SIGKILL {
			return by(syscall.SIGKILL)
		}
		select {
		case <-time.After(takes):
			return by(syscall.SIGTERM)
		case <-p.killed:
			return by(syscall.SIGKILL)
		}
	}
}

// stubborn ends by SIGKILL only.
func stubborn(p *fakeProcess) exitState {
	<-p.killed
	return by(syscall.SIGKILL)
}
