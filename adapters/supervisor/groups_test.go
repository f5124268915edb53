package supervisor_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
)

const asSibling = ": a sibling is being restarted, and the task with it"

// group returns a started supervisor with tasks a, b and c, what they write, and how to give them orders.
func group(t *testing.T, options ...supervisor.Option) (*supervisor.Supervisor, *journal, map[string]chan<- func(context.Context) error) {
	t.Helper()
	sup, journal := newSupervisor(t, append(options, supervisor.WithReadiness(true))...), new(journal)
	orders := make(map[string]chan<- func(context.Context) error)
	for _, name := range []string{"a", "b", "c"} {
		task, order := journal.task(name)
		add(t, sup, name, task)
		orders[name] = order
	}
	start(t, sup)
	return sup, journal, orders
}

// Invariant 11: the group is stopped in reverse, has stopped before the delay begins, and starts in order.
func TestOneForAllRestartsTheGroup(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		sup, journal, orders := group(t, supervisor.WithStrategy(supervisor.OneForAll))
		require.Equal(t, []string{"+a", "+b", "+c"}, journal.take())
		orders["b"] <- fail
		synctest.Wait()
		require.Equal(t, []string{"-c" + asSibling, "-a" + asSibling}, journal.take())
		requireWord(t, supervisor.WaitTurn, status(t, sup, "a").Wait)
		require.Equal(t, "b: failed (failure), run 1, restarts in a row: 1, next start in 2s, last exit error: it failed",
			status(t, sup, "b").String())
		wait(2 * time.Second)
		require.Equal(t, []string{"+a", "+b", "+c"}, journal.take())
		require.Zero(t, status(t, sup, "a").Attempts)
		require.EqualValues(t, 1, status(t, sup, "b").Attempts)
	})
}

func TestRestForOneRestartsThoseBehind(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		sup, journal, orders := group(t, supervisor.WithStrategy(supervisor.RestForOne))
		journal.take()
		orders["b"] <- fail
		wait(2 * time.Second)
		require.Equal(t, []string{"-c" + asSibling, "+b", "+c"}, journal.take())
		require.EqualValues(t, 1, status(t, sup, "a").Run)
	})
}

// The restart delay is quiet time: it begins when the slowest sibling has stopped.
func TestTheDelayBeginsWhenTheSiblingsAreGone(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		sup := newSupervisor(t, supervisor.WithStrategy(supervisor.OneForAll))
		orders := make(chan error)
		addFunc(t, sup, "culprit", func(ctx context.Context) error {
			select {
			case err := <-orders:
				return err
			case <-ctx.Done():
				return nil
			}
		})
		addFunc(t, sup, "slow", func(ctx context.Context) error {
			<-ctx.Done()
			time.Sleep(3 * time.Second)
			return nil
		})
		start(t, sup)
		orders <- errFailed
		synctest.Wait()
		s := status(t, sup, "culprit")
		requireWord(t, supervisor.WaitOthersStopped, s.Wait)
		require.Contains(t, s.String(), "waits for others to stop")
		_, ok := s.RestartIn()
		require.False(t, ok)
		wait(3 * time.Second)
		d, ok := status(t, sup, "culprit").RestartIn()
		require.True(t, ok)
		require.Equal(t, 2*time.Second, d)
	})
}

// A shutdown stops an ordered group in reverse, one by one.
func TestAGroupIsShutDownInReverse(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		sup, journal, _ := group(t, supervisor.WithStrategy(supervisor.RestForOne))
		journal.take()
		stop(t, sup)
		end := ": " + supervisor.ErrShutdown.Error()
		require.Equal(t, []string{"-c" + end, "-b" + end, "-a" + end}, journal.take())
	})
}

// A sibling that is never restarted is stopped with the others and stays down, as OTP's temporary children do.
func TestASiblingThatIsNeverRestartedStaysDown(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		sup, _, orders := group(t, supervisor.WithStrategy(supervisor.OneForAll))
		addFunc(t, sup, "once", untilStopped, supervisor.WithRestart(supervisor.RestartNever), supervisor.WithReadiness(false))
		synctest.Wait()
		requireStatus(t, sup, "once", supervisor.StatusHealthy)
		orders["a"] <- fail
		wait(2 * time.Second)
		requireStatus(t, sup, "a", supervisor.StatusHealthy)
		s := status(t, sup, "once")
		requireWord(t, supervisor.StatusDead, s.Status)
		requireWord(t, supervisor.ReasonNotRestartable, s.Why)
		requireWord(t, supervisor.ExitStopped, s.LastExit)
	})
}

// A sibling that was taken along has not failed.
func TestASiblingThatStaysDownIsNoDeadTask(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		sup := newSupervisor(t, supervisor.WithStrategy(supervisor.OneForAll), supervisor.WithAutoShutdown(supervisor.AutoShutdownAny))
		add(t, sup, "once", idle, supervisor.WithRestart(supervisor.RestartNever))
		add(t, sup, "fails", new(fails), supervisor.WithSignificant(false))
		require.NoError(t, sup.Run(t.Context()))
		requireWord(t, supervisor.ReasonNotRestartable, status(t, sup, "once").Why)
	})
}

// Tasks that fail together come back one by one.
func TestBudgetSpreadsRestarts(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		sup, _, orders := group(t, supervisor.WithRestartRate(1, 10*time.Second))
		for _, order := range orders {
			order <- fail
		}
		wait(2 * time.Second)
		requireStatus(t, sup, "a", supervisor.StatusHealthy)
		b := status(t, sup, "b")
		requireWord(t, supervisor.StatusFailed, b.Status)
		requireWord(t, supervisor.WaitRestartRate, b.Wait)
		require.Contains(t, b.String(), "waits for the restart rate")
		wait(10 * time.Second)
		requireStatus(t, sup, "b", supervisor.StatusHealthy)
		requireStatus(t, sup, "c", supervisor.StatusFailed)
		require.NoError(t, sup.SetLimits(supervisor.WithLimits(supervisor.Limits{})))
		synctest.Wait()
		requireStatus(t, sup, "c", supervisor.StatusHealthy)
	})
}
