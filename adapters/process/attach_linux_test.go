//go:build linux

package process

import (
	"context"
	"os"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
)

// handOver is a keeper of which a test learns when it has started a command, before the task knows.
type handOver struct {
	*fakeKeeper
	started func()
}

func (k handOver) start(ctx context.Context, s *spec) (group, error) {
	defer k.started()
	return k.fakeKeeper.start(ctx, s)
}

// A task that has a process number can be typed into.
func TestInputIsThereWhenTheProcessIsKnown(t *testing.T) {
	k := handOver{fakeKeeper: &fakeKeeper{program: stubborn}}
	task, err := newTask(&k, Command{Args: []string{"true"}, Stdin: true})
	require.NoError(t, err)
	k.started = task.mu.Lock // the task cannot say yet that the command runs
	over := make(chan error)
	go func() { over <- task.Run(t.Context()) }()
	attached := &Attachment{task: task}
	task.viewers.add(attached)
	require.Eventually(t, func() bool {
		_, err := task.viewers.take(attached)
		return err == nil
	}, patience, patience/10_000)
	task.mu.Unlock()
	require.Eventually(t, func() bool { return task.Kill() == nil }, patience, patience/10_000)
	require.Error(t, <-over)
}

// The size that a viewer gives is that of the terminal, also if it comes while a run is being started.
func TestResizeWhileATerminalIsMade(t *testing.T) {
	task, err := newTask(&fakeKeeper{}, Command{Args: []string{"true"}, TTY: true})
	require.NoError(t, err)
	p := &process{task: task, command: task.Command()}
	files, _, err := p.openTerminal()
	require.NoError(t, err)
	defer func() { require.NoError(t, files[0].Close()) }()
	attached := &Attachment{task: task}
	task.viewers.add(attached)
	require.NoError(t, attached.Resize(30, 100))
	task.viewers.input(p, p.input)
	defer p.release()
	require.Equal(t, [2]uint16{30, 100}, sizeOf(t, files[0]))
}

func sizeOf(t *testing.T, terminal *os.File) [2]uint16 {
	t.Helper()
	size, err := unix.IoctlGetWinsize(int(terminal.Fd()), unix.TIOCGWINSZ)
	require.NoError(t, err)
	return [2]uint16{size.Row, size.Col}
}
