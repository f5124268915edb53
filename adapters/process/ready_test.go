//go:build unix

package process

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
	"github.com/tasksupervisor/tasksupervisor/internal/bubble"
)

// asked is a check that asks a function.
type asked func(of *process) error

func asks(check func(of *process) error) Check {
	if check == nil {
		check = func(*process) error { return nil }
	}
	return asked(check)
}

func (asked) String() string { return "a function" }

func (asked) valid() error { return nil }

func (a asked) ask(_ context.Context, of *process) error { return a(of) }

func TestReadyWithoutACheck(t *testing.T) {
	play(t, Command{}, stubborn, func(s *scene) {
		require.Equal(t, supervisor.StatusHealthy, s.status().Status)
	})
}

func TestReadyByAsking(t *testing.T) {
	ready := time.Time{}
	play(t, Command{Ready: asks(func(of *process) error {
		if ready.IsZero() {
			ready = of.since.Add(1350 * time.Millisecond)
		}
		if time.Now().Before(ready) {
			return errors.New("not yet")
		}
		return nil
	})}, stubborn, func(s *scene) {
		s.at(1400*time.Millisecond - 1)
		require.Equal(t, supervisor.StatusStarting, s.status().Status)
		s.at(1400 * time.Millisecond)
		require.Equal(t, supervisor.StatusHealthy, s.status().Status)
	})
}

func TestNeverReady(t *testing.T) {
	play(t, Command{StartTimeout: 3 * time.Second, Ready: asks(func(*process) error { return errors.New("the port is closed") })}, obedient(0), func(s *scene) {
		s.at(4 * time.Second)
		require.ErrorIs(t, s.status().LastError, supervisor.ErrStartTimeout)
		require.ErrorContains(t, s.status().LastError, "the port is closed")
	})
}

// A line says that the run is ready: also one without an end, in colours, in the midst of others, or one that is dropped.
func TestReadyByLine(t *testing.T) {
	for _, text := range []string{"ready\n", "a\nb\nready now\nc\n", "\x1b[32mready\x1b[0m\n", "ready"} {
		play(t, Command{Ready: Prints("^ready"), Output: Output{Buffer: 1, Lines: func(Line) {}}}, func(p *fakeProcess) exitState {
			time.Sleep(time.Second)
			_, _ = io.WriteString(p.stderr, text)
			return stubborn(p)
		}, func(s *scene) {
			s.at(time.Second - 1)
			require.Equal(t, supervisor.StatusStarting, s.status().Status, text)
			s.at(time.Second + flushAfter)
			require.Equal(t, supervisor.StatusHealthy, s.status().Status, text)
		})
	}
	play(t, Command{Ready: Prints("^ready$"), StartTimeout: time.Minute}, func(p *fakeProcess) exitState {
		_, _ = io.WriteString(p.stdout, "already\nready for more\n")
		return stubborn(p)
	}, func(s *scene) {
		s.at(50 * time.Second)
		require.Equal(t, supervisor.StatusStarting, s.status().Status)
	})
}

// Each run has to be ready for itself.
func TestReadyAnewInEachRun(t *testing.T) {
	runs := 0
	play(t, Command{Ready: Prints("ready")}, func(p *fakeProcess) exitState {
		if runs++; runs == 1 {
			_, _ = io.WriteString(p.stdout, "ready\n")
		}
		return obedient(0)(p)
	}, func(s *scene) {
		bubble.Pass(time.Second)
		require.Equal(t, supervisor.StatusHealthy, s.status().Status)
		require.NoError(t, s.sup.Restart("task"))
		bubble.Pass(time.Second)
		require.Equal(t, supervisor.StatusStarting, s.status().Status)
	})
}

func TestProbes(t *testing.T) {
	var ill atomic.Bool
	play(t, Command{Probe: asks(func(*process) error {
		if ill.Load() {
			return errors.New("it does not answer")
		}
		return nil
	}), ProbeInterval: time.Second, ProbeFailures: 2}, obedient(0), func(s *scene) {
		s.at(time.Minute)
		require.Equal(t, supervisor.StatusHealthy, s.status().Status)
		ill.Store(true)
		s.at(time.Minute + time.Second)
		require.Equal(t, supervisor.StatusHealthy, s.status().Status)
		s.at(time.Minute + 2*time.Second)
		require.Equal(t, supervisor.StatusDead, s.status().Status)
		require.ErrorAs(t, s.status().LastError, new(*supervisor.ProbeError))
	})
}

// What a run says by the notify protocol, and what follows.
func TestNotifyMessages(t *testing.T) {
	play(t, Command{Ready: asks(nil), Watchdog: 2 * time.Second}, obedient(0), func(s *scene) {
		p := s.running()
		require.Equal(t, supervisor.StatusHealthy, s.status().Status)
		p.heed("STATUS=Compacting, 30%\nWATCHDOG=1")
		require.Equal(t, "Compacting, 30%", s.Info().Status)
		p.heed("RELOADING=1\nMONOTONIC_USEC=123")
		require.True(t, s.status().Unready)
		require.True(t, s.Info().Reloading)
		p.heed("READY=1")
		require.False(t, s.status().Unready)
		require.False(t, s.Info().Reloading)
		s.at(time.Second)
		p.heed("WATCHDOG=1")
		s.at(3*time.Second - 1)
		require.Equal(t, supervisor.StatusHealthy, s.status().Status)
		p.heed("EXTEND_TIMEOUT_USEC=10000000") // it shortens nothing, and here it lengthens
		s.at(13*time.Second - 2)
		require.Equal(t, supervisor.StatusHealthy, s.status().Status)
		p.heed("WATCHDOG_USEC=500000") // it is to be watched more closely from now on
		p.heed("WATCHDOG=1")
		s.at(13*time.Second + 499*time.Millisecond)
		require.Equal(t, supervisor.StatusHealthy, s.status().Status)
		s.at(13*time.Second + 501*time.Millisecond)
		require.ErrorIs(t, s.status().LastError, supervisor.ErrMissedBeat)
	})
	play(t, Command{Watchdog: time.Hour}, obedient(0), func(s *scene) {
		s.running().heed("WATCHDOG=trigger")
		bubble.Pass(1)
		require.ErrorIs(t, s.status().LastError, supervisor.ErrMissedBeat)
	})
	play(t, Command{Ready: asks(nil)}, obedient(0), func(s *scene) {
		s.running().heed("STOPPING=1")
		require.True(t, s.status().Unready)
		s.running().heed("nonsense\n\n=\nREADY=0\nWATCHDOG_USEC=-1\nEXTEND_TIMEOUT_USEC=soon\nSTATUS=" + fmt.Sprintf("%02000d", 1))
		require.Len(t, s.Info().Status, statusLength+3)
	})
}

// A run can ask for more time to be ready, and to stop, and its task has its own again afterwards.
func TestExtendedTimeouts(t *testing.T) {
	play(t, Command{Ready: asks(func(*process) error { return errors.New("not yet") }), StartTimeout: 5 * time.Second, StopTimeout: 9 * time.Second}, func(p *fakeProcess) exitState {
		return stubborn(p)
	}, func(s *scene) {
		s.at(4 * time.Second)
		s.running().heed("EXTEND_TIMEOUT_USEC=1000")
		s.at(5*time.Second - 1)
		require.Equal(t, supervisor.StatusStarting, s.status().Status)
		s.running().heed("EXTEND_TIMEOUT_USEC=60000000")
		s.at(65*time.Second - 2)
		require.Equal(t, supervisor.StatusStarting, s.status().Status)
		s.at(65 * time.Second)
		require.Equal(t, supervisor.StatusStopping, s.status().Status)
		s.at(70 * time.Second)
		s.running().heed("EXTEND_TIMEOUT_USEC=20000000")
		s.at(90*time.Second - 1)
		require.NotZero(t, s.PID())
		s.at(90 * time.Second)
		require.Zero(t, s.PID())
		policy, err := s.sup.Policy("task")
		require.NoError(t, err)
		require.Equal(t, 5*time.Second, policy.StartTimeout)
		require.Equal(t, 14*time.Second, policy.StopTimeout)
	})
}
