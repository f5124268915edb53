package supervisor_test

import (
	"context"
	"strconv"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	mockclock "github.com/benbjohnson/clock"
	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
	"github.com/tasksupervisor/tasksupervisor/clock"
	"github.com/tasksupervisor/tasksupervisor/clock/benclock"
)

// following returns an observer and a function that waits until a decision of that kind has been taken about a task.
// It needs no bubble: the tests that use it wait by channels alone.
func following(t *testing.T) (supervisor.Option, func(task string, status supervisor.Status) supervisor.Transition) {
	events := make(chan supervisor.Transition, 1000)
	return supervisor.WithObserver(func(e supervisor.Transition) { events <- e }),
		func(task string, status supervisor.Status) supervisor.Transition {
			t.Helper()
			for e := range events {
				require.Zero(t, e.Lost)
				if e.Task == task && e.To == status {
					return e
				}
			}
			return supervisor.Transition{}
		}
}

// A life on a mock clock, as a program's own test may move it: by one deadline at a time.
func TestOnAMockClock(t *testing.T) {
	mock := mockclock.NewMock()
	observer, until := following(t)
	sup := newSupervisor(t, supervisor.WithClock(benclock.New(mock)), supervisor.WithMaxAttempts(3), observer)
	task := new(fails)
	add(t, sup, "task", task)
	addFunc(t, sup, "steady", untilStopped)
	require.NoError(t, sup.Start(context.Background()))

	for attempt, delay := range []time.Duration{2 * time.Second, 4 * time.Second, 8 * time.Second} {
		failed := until("task", supervisor.StatusFailed)
		require.Equal(t, supervisor.Instant(delay), failed.Until-failed.At)
		require.EqualValues(t, attempt+1, task.runs.Load())
		mock.Add(delay - time.Nanosecond)
		require.EqualValues(t, attempt+1, status(t, sup, "task").Run)
		mock.Add(time.Nanosecond)
		require.Equal(t, failed.Until, until("task", supervisor.StatusHealthy).At)
	}
	until("task", supervisor.StatusDead)
	require.EqualValues(t, 4, task.runs.Load())
	requireStatus(t, sup, "steady", supervisor.StatusHealthy)
	require.NoError(t, sup.Shutdown(context.Background()))
	require.NoError(t, sup.Wait())
}

func TestStopTimeoutOnAMockClock(t *testing.T) {
	mock := mockclock.NewMock()
	observer, until := following(t)
	sup := newSupervisor(t, supervisor.WithClock(benclock.New(mock)), observer)
	deaf := newIgnoresStop()
	add(t, sup, "deaf", deaf)
	require.NoError(t, sup.Start(context.Background()))
	until("deaf", supervisor.StatusHealthy)
	require.NoError(t, sup.Kill("deaf"))
	until("deaf", supervisor.StatusStopping)
	mock.Add(10 * time.Second)
	until("deaf", supervisor.StatusAbandoned)
	deaf.release <- struct{}{}
	until("deaf", supervisor.StatusDead)
	require.NoError(t, sup.Shutdown(context.Background()))
}

// Decisions that are due are taken at their own instants even if one Add passes over many of them.
func TestAMockMovedFarAheadIsCaughtUpWith(t *testing.T) {
	mock := mockclock.NewMock()
	observer, until := following(t)
	sup := newSupervisor(t, supervisor.WithClock(benclock.New(mock)), observer)
	add(t, sup, "task", new(fails))
	require.NoError(t, sup.Start(context.Background()))
	until("task", supervisor.StatusFailed)
	mock.Add(24 * time.Hour)
	require.Equal(t, supervisor.Instant(2*time.Second), until("task", supervisor.StatusHealthy).At)
	require.NoError(t, sup.Shutdown(context.Background()))
}

func TestOnAVirtualClock(t *testing.T) {
	virtual := new(clock.Virtual)
	observer, until := following(t)
	sup := newSupervisor(t, supervisor.WithClock(virtual), supervisor.WithMaxAttempts(2), observer)
	add(t, sup, "task", new(fails))
	require.NoError(t, sup.Start(context.Background()))
	for range 2 {
		failed := until("task", supervisor.StatusFailed)
		at, ok := virtual.Next()
		require.True(t, ok)
		require.Equal(t, failed.Until, at)
	}
	until("task", supervisor.StatusDead)
	require.NoError(t, sup.Shutdown(context.Background()))
	_, ok := virtual.Deadline()
	require.False(t, ok, "a supervisor that has stopped leaves no timer behind")
}

// One virtual clock moves several supervisors, from deadline to deadline.
func TestSupervisorsShareAVirtualClock(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		virtual := new(clock.Virtual)
		var sups []*supervisor.Supervisor
		for _, delay := range []time.Duration{3 * time.Second, 5 * time.Second} {
			sup := newSupervisor(t, supervisor.WithClock(virtual), supervisor.WithBackoff(supervisor.Backoff{Base: delay, Factor: 1}))
			add(t, sup, "task", new(fails))
			start(t, sup)
			sups = append(sups, sup)
		}
		var instants []supervisor.Instant
		for range 6 {
			at, ok := virtual.Next()
			require.True(t, ok)
			instants = append(instants, at/supervisor.Instant(time.Second))
			synctest.Wait()
		}
		require.Equal(t, []supervisor.Instant{3, 5, 6, 9, 10, 12}, instants)
		require.EqualValues(t, 5, status(t, sups[0], "task").Run)
		require.EqualValues(t, 3, status(t, sups[1], "task").Run)
	})
}

// D2: time that is set back is as if it stood still.
func TestAClockThatIsSetBack(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		virtual := new(clock.Virtual)
		sup := newSupervisor(t, supervisor.WithClock(virtual))
		virtual.Set(supervisor.Instant(time.Hour))
		add(t, sup, "task", new(fails))
		start(t, sup)
		virtual.Set(0)
		require.NoError(t, sup.Restart("task"))
		synctest.Wait()
		s := status(t, sup, "task")
		require.Equal(t, supervisor.Instant(time.Hour+2*time.Second), s.Until)
		virtual.Set(s.Until)
		synctest.Wait()
		require.EqualValues(t, 3, status(t, sup, "task").Run)
	})
}

// counting is a clock whose sources count how often they are armed.
type counting struct {
	clock.Clock
	armed atomic.Int32
}

func (c *counting) NewSource() clock.Source { return &countingSource{c.Clock.NewSource(), c} }

type countingSource struct {
	clock.Source
	counting *counting
}

func (s *countingSource) Arm(at supervisor.Instant, ok bool) {
	s.counting.armed.Add(1)
	s.Source.Arm(at, ok)
}

// The clock is armed again only for a deadline that is earlier than the one it is armed with.
func TestTheClockIsSeldomArmed(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		clock := &counting{Clock: clock.System{}}
		sup := newSupervisor(t, supervisor.WithClock(clock), supervisor.WithBackoff(supervisor.Backoff{Base: time.Minute, Factor: 1}))
		for i := range 100 {
			add(t, sup, strconv.Itoa(i), new(fails))
		}
		start(t, sup)
		require.EqualValues(t, 1, clock.armed.Load(), "all of them wait for the same instant")
		wait(time.Minute)
		require.EqualValues(t, 2, clock.armed.Load())
		addFunc(t, sup, "healthy", untilStopped)
		synctest.Wait()
		require.EqualValues(t, 2, clock.armed.Load())
	})
}

func TestAHealthyFleetArmsNoTimer(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		virtual := new(clock.Virtual)
		sup := newSupervisor(t, supervisor.WithClock(virtual))
		for i := range 100 {
			addFunc(t, sup, strconv.Itoa(i), untilStopped)
		}
		start(t, sup)
		_, ok := virtual.Deadline()
		require.False(t, ok)
	})
}
