package process

import (
	"context"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
)

// What a run has said last is heeded, however soon it ends after that.
func TestNotifyInTheEnd(t *testing.T) {
	task, err := newTask(&fakeKeeper{}, Command{Args: []string{"true"}, Notify: true})
	require.NoError(t, err)
	p := &process{task: task, ctx: context.Background(), group: &fakeGroup{pid: syscall.Getpgrp()}}
	p.notify, err = listenNotify(p)
	require.NoError(t, err)
	p.notify.serves = true // but has not come to it
	for _, message := range []string{"STATUS=it begins", "STATUS=no space is left on the device"} {
		require.NoError(t, sendNotice(p.notify.address, message))
	}
	p.notify.close()
	require.Equal(t, "no space is left on the device", task.Info().Status)
	require.ErrorIs(t, sendNotice(p.notify.address, "STATUS=and more"), syscall.ECONNREFUSED)
}

// A beat that is heeded after the command has ended does not count: nothing would beat again.
func TestABeatAfterTheEnd(t *testing.T) {
	c := Command{Watchdog: time.Second, LeftoverTimeout: 10 * time.Second, Success: []int{3}}
	play(t, c, func(p *fakeProcess) exitState {
		p.fork(func(p *fakeProcess) { _ = obedient(5 * time.Second)(p) })
		p.until(syscall.SIGUSR1)
		return exitState{code: 3}
	}, func(s *scene) {
		s.at(500 * time.Millisecond)
		p := s.running()
		require.NoError(t, s.Signal(syscall.SIGUSR1))
		s.at(600 * time.Millisecond)
		require.True(t, p.hasEnded())
		for _, message := range []string{"WATCHDOG=1", "WATCHDOG_USEC=1000000", "WATCHDOG=trigger", "EXTEND_TIMEOUT_USEC=2000000"} {
			p.heed(message)
		}
		s.at(5 * time.Second)
		require.Equal(t, supervisor.StatusHealthy, s.status().Status, "what is left has still to stop")
		s.at(7 * time.Second)
		require.Equal(t, supervisor.StatusCompleted, s.status().Status)
	})
}
