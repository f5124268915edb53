package supervisor_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
)

// deafOnce is a task whose first run ignores its stop for five minutes. It counts its runs, and how many there are at a time.
type deafOnce struct {
	mu               sync.Mutex
	runs, live, most int
}

func (d *deafOnce) Run(ctx context.Context) error {
	first := d.begin()
	defer d.end()
	<-ctx.Done()
	if first {
		time.Sleep(5 * time.Minute)
	}
	return nil
}

func (d *deafOnce) begin() (first bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.runs++
	d.live++
	d.most = max(d.most, d.live)
	return d.runs == 1
}

func (d *deafOnce) end() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.live--
}

// stubbornBank returns a tree whose bank has a task that is deaf once, and one that is not.
//
//	root
//	  bank
//	    deaf
//	    line
func stubbornBank(t *testing.T, deaf supervisor.Task, options ...supervisor.Option) (root, bank *supervisor.Supervisor) {
	t.Helper()
	bank = newSupervisor(t, supervisor.WithTask("deaf", deaf), supervisor.WithTask("line", idle))
	root = newSupervisor(t, append(options, supervisor.WithName("root"), supervisor.WithTask("bank", bank))...)
	return root, bank
}

// A run that was left behind is waited for by its task alone, and charged to none: whatever made the supervisor start anew.
func TestARunLeftBehindIsWaitedForAndChargedToNone(t *testing.T) {
	for name, again := range map[string]func(t *testing.T, root, bank *supervisor.Supervisor){
		"restart": func(t *testing.T, root, _ *supervisor.Supervisor) {
			require.NoError(t, root.Restart("bank"))
			wait(10 * time.Second)
		},
		"suspend and resume": func(t *testing.T, root, _ *supervisor.Supervisor) {
			require.NoError(t, root.Suspend("bank"))
			wait(10 * time.Second)
			require.NoError(t, root.Resume("bank"))
		},
		"kill and restart": func(t *testing.T, root, _ *supervisor.Supervisor) {
			require.NoError(t, root.KillWait(t.Context(), "bank"))
			require.NoError(t, root.Restart("bank"))
		},
		"remove and add": func(t *testing.T, root, bank *supervisor.Supervisor) {
			require.NoError(t, root.RemoveWait(t.Context(), "bank"))
			add(t, root, "bank", bank)
		},
		"a sibling": func(t *testing.T, root, _ *supervisor.Supervisor) {
			fatal := true
			addFunc(t, root, "fails", func(ctx context.Context) error {
				if fatal {
					fatal = false
					return errFailed
				}
				return untilStopped(ctx)
			}, supervisor.WithBaseDelay(0))
			wait(10 * time.Second)
		},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T) {
				deaf := new(deafOnce)
				root, bank := stubbornBank(t, deaf, supervisor.WithStrategy(supervisor.OneForAll), supervisor.WithIntensity(1, time.Hour))
				start(t, root)
				began := time.Now()
				again(t, root, bank)
				synctest.Wait()
				require.Equal(t, 10*time.Second, time.Since(began))
				requireStatus(t, root, "bank", supervisor.StatusHealthy)
				require.Zero(t, status(t, root, "bank").Attempts)
				requireStatus(t, root, "bank/line", supervisor.StatusHealthy)
				s := status(t, root, "bank/deaf")
				requireWord(t, supervisor.StatusCreated, s.Status)
				requireWord(t, supervisor.WaitLeftBehind, s.Wait)
				require.EqualValues(t, 1, s.Fenced)
				require.Contains(t, s.String(), "run 1 left behind 0s ago")
				require.Len(t, root.Report().LeftBehind, 1)

				wait(5*time.Minute - 10*time.Second)
				s = status(t, root, "bank/deaf")
				requireWord(t, supervisor.StatusHealthy, s.Status)
				require.EqualValues(t, 2, s.Run)
				require.Zero(t, s.Attempts)
				require.Equal(t, 1, deaf.most)
				require.Empty(t, root.Report().LeftBehind)
			})
		})
	}
}

// The leaf's own policy says whether it is replaced: in one life at most one run is left beside the latest, and over all lives
// at most two.
func TestARunLeftBehindCanBeReplaced(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		gates := newGated(9)
		root, bank := stubbornBank(t, gates)
		require.NoError(t, bank.SetPolicy("deaf", supervisor.WithOnAbandon(supervisor.AbandonReplace), supervisor.WithStopTimeout(time.Second)))
		start(t, root)
		again := func() supervisor.TaskStatus {
			t.Helper()
			require.NoError(t, root.Restart("bank"))
			wait(time.Second)
			return status(t, root, "bank/deaf")
		}
		s := again()
		requireWord(t, supervisor.StatusHealthy, s.Status)
		require.EqualValues(t, 2, s.Run)
		require.EqualValues(t, 1, s.Fenced)
		for range 3 {
			s = again()
			requireWord(t, supervisor.WaitLeftBehind, s.Wait)
			require.EqualValues(t, 2, s.Run)
			require.Len(t, root.Report().LeftBehind, 2)
		}
		gates.open(1)
		requireStatus(t, root, "bank/deaf", supervisor.StatusHealthy)
		s = status(t, root, "bank/deaf")
		require.EqualValues(t, 3, s.Run)
		require.EqualValues(t, 2, s.Fenced)
		gates.open(2)
		require.Zero(t, status(t, root, "bank/deaf").Fenced)
		gates.open(3)
		requireStatus(t, root, "bank/deaf", supervisor.StatusFailed)
	})
}

// A supervisor that has done its work is completed, whatever it left behind.
func TestFinishedWorkIsNotDoneAgainForARunLeftBehind(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		work := &completes{after: time.Second}
		batch := func() *supervisor.Supervisor {
			return newSupervisor(t, supervisor.WithAutoShutdown(supervisor.AutoShutdownAny),
				supervisor.WithTask("work", work), supervisor.WithTask("deaf", new(deafOnce), supervisor.WithSignificant(false)))
		}
		root := newSupervisor(t)
		add(t, root, "batch", batch())
		start(t, root)
		wait(11 * time.Second)
		s := status(t, root, "batch")
		requireWord(t, supervisor.StatusCompleted, s.Status)
		var left *supervisor.LeftBehindError
		require.ErrorAs(t, s.LastError, &left)
		require.EqualValues(t, 1, work.runs.Load())
		wait(time.Hour)
		require.EqualValues(t, 1, work.runs.Load())

		// The same holds where a task's code runs it and returns what it returned; not if it has another complaint.
		addFunc(t, root, "runs it", func(ctx context.Context) error { return batch().Run(ctx) })
		wait(11 * time.Second)
		requireStatus(t, root, "runs it", supervisor.StatusCompleted)
		addFunc(t, root, "complains", func(ctx context.Context) error { return errors.Join(batch().Run(ctx), errFailed) },
			supervisor.WithMaxAttempts(0))
		wait(11 * time.Second)
		requireStatus(t, root, "complains", supervisor.StatusDead)
		wait(time.Hour)
	})
}

func TestTheRootRunsAgainBesideARunLeftBehind(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		deaf := new(deafOnce)
		root, _ := stubbornBank(t, deaf)
		require.NoError(t, root.Start(t.Context()))
		synctest.Wait()
		require.NoError(t, root.Shutdown(t.Context()))
		require.ErrorAs(t, root.Wait(), new(*supervisor.LeftBehindError))
		start(t, root)
		requireStatus(t, root, "bank/line", supervisor.StatusHealthy)
		requireWord(t, supervisor.WaitLeftBehind, status(t, root, "bank/deaf").Wait)
		require.NoError(t, root.Shutdown(t.Context()))
		require.ErrorAs(t, root.Wait(), new(*supervisor.LeftBehindError), "it is still alive")
		wait(5 * time.Minute)
		require.Equal(t, 1, deaf.runs)
		require.Equal(t, root.Report().Runs.Started, root.Report().Runs.Ended)
		start(t, root)
		require.Equal(t, 2, deaf.runs)
	})
}

// An abandoned supervisor says which of its tasks are stuck, however deep they are.
func TestAnAbandonedSupervisorSaysWhichTasksAreStuck(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		var observed events
		deaf := new(deafOnce)
		_, bank := stubbornBank(t, deaf)
		require.NoError(t, bank.SetPolicy("deaf", supervisor.WithStopTimeout(time.Hour)))
		street := newSupervisor(t, supervisor.WithName("street"), observed.of(supervisor.ReasonStopTimeout))
		house := newSupervisor(t)
		addFunc(t, house, "bank", func(ctx context.Context) error { return bankOf(ctx, deaf) })
		add(t, street, "house", house, supervisor.WithStopTimeout(time.Second))
		start(t, street)
		require.NoError(t, street.Restart("house"))
		wait(time.Second)
		left := street.Report().LeftBehind
		require.Len(t, left, 1)
		require.Equal(t, []string{"street/house/bank/deaf"}, left[0].Stuck)
		require.Equal(t, "street/house run 1 (stop-timeout), stuck in street/house/bank/deaf", left[0].String())
		var logged *supervisor.LeftBehindError
		require.ErrorAs(t, observed.all(t, street)[0].Err, &logged)
		require.Equal(t, left, logged.Runs)
		wait(5 * time.Minute)
		require.Empty(t, street.Report().LeftBehind)
	})
}

// bankOf runs a bank with a deaf task as a task's own code would.
func bankOf(ctx context.Context, deaf supervisor.Task) error {
	bank, err := supervisor.New(supervisor.WithTask("deaf", deaf, supervisor.WithStopTimeout(time.Hour)), supervisor.WithTask("line", supervisor.TaskFunc(untilStopped)))
	if err != nil {
		return err
	}
	return bank.Run(ctx)
}
