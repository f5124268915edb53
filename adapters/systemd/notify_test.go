//go:build linux

package systemd_test

import (
	"context"
	"errors"
	"net"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
	"golang.org/x/sys/unix"

	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
	"github.com/tasksupervisor/tasksupervisor/adapters/systemd"
	"github.com/tasksupervisor/tasksupervisor/internal/bubble"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// manager is the other end of the socket.
type manager struct {
	t       *testing.T
	raw     syscall.RawConn
	pending []string // what was read on the way
}

// newManager has the process believe that systemd has started it. It is called outside of bubbles.
func newManager(t *testing.T, watchdog time.Duration) *manager {
	t.Helper()
	address := filepath.Join(t.TempDir(), "notify")
	socket, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: address, Net: "unixgram"})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, socket.Close()) })
	t.Setenv("NOTIFY_SOCKET", address)
	if watchdog > 0 {
		t.Setenv("WATCHDOG_USEC", strconv.FormatInt(watchdog.Microseconds(), 10))
	}
	raw, err := socket.SyscallConn()
	require.NoError(t, err)
	return &manager{t: t, raw: raw}
}

// told returns the datagrams that have come since it was asked last. It does not wait.
func (m *manager) told() []string {
	m.read()
	told := m.pending
	m.pending = nil
	return told
}

// pass lets virtual time pass, and everything settle. It reads on the way: the kernel keeps ten datagrams, and then whoever sends
// another waits.
func (m *manager) pass(d time.Duration) {
	for d > 0 {
		step := min(d, 2*time.Second)
		d -= step
		time.Sleep(step)
		synctest.Wait()
		m.read()
	}
	synctest.Wait()
}

// read reads the datagrams that are there.
func (m *manager) read() {
	m.t.Helper()
	buffer := make([]byte, 1<<16)
	for {
		var n int
		var failed error
		require.NoError(m.t, m.raw.Read(func(fd uintptr) bool {
			n, _, failed = syscall.Recvfrom(int(fd), buffer, syscall.MSG_DONTWAIT)
			return true
		}))
		if errors.Is(failed, syscall.EAGAIN) {
			return
		}
		require.NoError(m.t, failed)
		m.pending = append(m.pending, string(buffer[:n]))
	}
}

// withManager runs a test in a bubble, as a process that systemd has started.
func withManager(t *testing.T, watchdog time.Duration, test func(t *testing.T, m *manager)) {
	t.Helper()
	m := newManager(t, watchdog)
	bubble.Run(t, func(t *testing.T) { test(t, m) })
}

// notify begins to tell about a supervisor, until the test is over.
func notify(t *testing.T, sup *supervisor.Supervisor) {
	t.Helper()
	stop, err := systemd.Notify(sup)
	require.NoError(t, err)
	t.Cleanup(stop)
	synctest.Wait()
}

func newSupervisor(t *testing.T, options ...supervisor.Option) *supervisor.Supervisor {
	t.Helper()
	sup, err := supervisor.New(append(options, supervisor.WithName("shop"))...)
	require.NoError(t, err)
	return sup
}

func start(t *testing.T, sup *supervisor.Supervisor) {
	t.Helper()
	require.NoError(t, sup.Start(context.Background()))
	t.Cleanup(func() { require.NoError(t, sup.Shutdown(context.Background())) })
	synctest.Wait()
}

// works is a task that is ready after a while, and does what it is ordered.
type works struct {
	after  time.Duration
	orders chan func() error
}

func (w works) Run(ctx context.Context) error {
	time.Sleep(w.after)
	if err := supervisor.Ready(ctx); err != nil {
		return err
	}
	select {
	case order := <-w.orders:
		return order()
	case <-ctx.Done():
		return nil
	}
}

// From the start to the end of a tree.
func TestReadyAndStopping(t *testing.T) {
	withManager(t, 0, func(t *testing.T, m *manager) {
		sup := newSupervisor(t,
			supervisor.WithTask("api", works{after: 10 * time.Second}, supervisor.WithReadiness(true)),
			supervisor.WithTask("mailer", works{}))
		notify(t, sup)
		require.Equal(t, []string{"STATUS=supervisor shop has not been started (and 2 more)"}, m.told())
		start(t, sup)
		m.pass(5 * time.Second)
		require.Equal(t, []string{"STATUS=shop/api: starting (supervisor-start), run 1"}, m.told())
		m.pass(5 * time.Second)
		require.Equal(t, []string{"READY=1\nSTATUS=all of 2 tasks are up"}, m.told())
		m.pass(time.Hour)
		require.Empty(t, m.told())
		require.NoError(t, sup.Shutdown(t.Context()))
		m.pass(time.Second)
		told := m.told()
		require.True(t, strings.HasPrefix(told[0], "STOPPING=1\nSTATUS=supervisor shop "), told[0])
		require.Contains(t, told[len(told)-1], "STATUS=supervisor shop has stopped")
		require.Equal(t, 1, strings.Count(strings.Join(told, "\n"), "STOPPING"), "once is enough")
	})
}

// It may begin when all is up already.
func TestReadyAtOnce(t *testing.T) {
	withManager(t, 0, func(t *testing.T, m *manager) {
		sup := newSupervisor(t, supervisor.WithTask("api", works{}))
		start(t, sup)
		notify(t, sup)
		require.Equal(t, []string{"READY=1\nSTATUS=1 task, which is up"}, m.told())
	})
}

// The status follows what happens, and a storm is no flood of datagrams.
func TestStatus(t *testing.T) {
	withManager(t, 0, func(t *testing.T, m *manager) {
		w := works{orders: make(chan func() error)}
		sup := newSupervisor(t, supervisor.WithBaseDelay(time.Minute), supervisor.WithTask("api", w))
		start(t, sup)
		notify(t, sup)
		m.pass(time.Minute)
		m.told()
		w.orders <- func() error { return errors.New("connection\nREADY=1\x1b[31m lost" + strings.Repeat("é", 400)) }
		m.pass(time.Second)
		told := m.told()
		require.Contains(t, told[0], "STATUS=shop/api: failed (failure), run 1, restarts in a row: 1, next start in 2m0s, last exit error: connection READY=1 [31m lost")
		for _, status := range told {
			require.NotContains(t, status, "\n", "a user's text is part of one line")
			require.Less(t, len(status), 500)
		}
		require.LessOrEqual(t, len(told), 2)
		m.pass(2 * time.Minute)
		require.Contains(t, m.told(), "STATUS=1 task, which is up")

		for range 1000 {
			require.NoError(t, sup.Restart("api"))
			m.pass(time.Millisecond)
		}
		require.Less(t, len(m.told()), 5)
	})
}

// A ping at half the interval, as long as the supervisor answers.
func TestWatchdog(t *testing.T) {
	withManager(t, 10*time.Second, func(t *testing.T, m *manager) {
		var hold atomic.Bool
		let := make(chan struct{})
		w := works{orders: make(chan func() error)}
		sup := newSupervisor(t, supervisor.WithTask("api", w), supervisor.WithSyncObserver(func(supervisor.Transition) {
			if hold.Load() {
				<-let
			}
		}, time.Minute))
		start(t, sup)
		notify(t, sup)
		m.told()
		m.pass(time.Minute)
		require.Equal(t, strings.Split(strings.Repeat("WATCHDOG=1 ", 12), " ")[:12], m.told())

		hold.Store(true) // the supervisor is stuck from its next decision on
		w.orders <- func() error { return errors.New("it failed") }
		m.pass(30 * time.Second)
		require.NotContains(t, m.told(), "WATCHDOG=1")
		close(let)
		m.pass(10 * time.Second)
		require.Contains(t, m.told(), "WATCHDOG=1")
	})
}

// Nor is there one when a task is lost for good, or the supervisor has stopped; while it stops, there is.
func TestWatchdogOfWhatIsLost(t *testing.T) {
	withManager(t, 10*time.Second, func(t *testing.T, m *manager) {
		w := works{orders: make(chan func() error)}
		sup := newSupervisor(t, supervisor.WithTask("api", w, supervisor.WithRestart(supervisor.RestartNever)),
			supervisor.WithTask("slow", supervisor.TaskFunc(func(ctx context.Context) error {
				<-ctx.Done()
				time.Sleep(8 * time.Second)
				return nil
			})))
		start(t, sup)
		notify(t, sup)
		w.orders <- func() error { return errors.New("it failed") }
		m.pass(0)
		m.told()
		m.pass(time.Minute)
		require.NotContains(t, m.told(), "WATCHDOG=1")
		require.NoError(t, sup.Remove("api"))
		m.pass(time.Minute)
		require.Contains(t, m.told(), "WATCHDOG=1")
		go func() { _ = sup.Shutdown(context.Background()) }()
		m.pass(7 * time.Second)
		require.Contains(t, m.told(), "WATCHDOG=1")
		m.pass(time.Minute)
		require.NotContains(t, m.told(), "WATCHDOG=1")
	})
}

// The times are those of the clock that systemd compares them with, in the same datagram.
func TestReload(t *testing.T) {
	m := newManager(t, 0)
	failed := errors.New("it is no configuration")
	before := monotonic(t)
	err := systemd.Reload(func() error {
		told := m.told()
		require.Len(t, told, 1)
		text, ok := strings.CutPrefix(told[0], "RELOADING=1\nMONOTONIC_USEC=")
		require.True(t, ok, told[0])
		at, err := strconv.ParseInt(strings.TrimSpace(text), 10, 64)
		require.NoError(t, err)
		require.LessOrEqual(t, before, at)
		require.LessOrEqual(t, at, monotonic(t))
		return failed
	})
	require.Equal(t, failed, err)
	require.Equal(t, []string{"READY=1"}, m.told())
	require.Panics(t, func() { _ = systemd.Reload(func() error { panic("it panicked") }) })
	require.Equal(t, "READY=1", m.told()[1])
}

// monotonic returns the time in microseconds.
func monotonic(t *testing.T) int64 {
	t.Helper()
	var now unix.Timespec
	require.NoError(t, unix.ClockGettime(unix.CLOCK_MONOTONIC, &now))
	return now.Nano() / 1000
}

// Without systemd there is no one to tell.
func TestWithoutSystemd(t *testing.T) {
	t.Setenv("NOTIFY_SOCKET", "")
	bubble.Run(t, func(t *testing.T) {
		sup := newSupervisor(t, supervisor.WithTask("api", works{}))
		start(t, sup)
		notify(t, sup)
		require.NoError(t, systemd.Reload(func() error { return nil }))
	})
}

func TestMistakes(t *testing.T) {
	_, err := systemd.Notify(nil)
	require.ErrorIs(t, err, supervisor.ErrNotMade)
	t.Setenv("WATCHDOG_USEC", "soon")
	stop, err := systemd.Notify(newSupervisor(t))
	require.Error(t, err)
	stop()
}
