package supervisor

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/internal/bubble"
)

// hooked is the parent of runs' contexts that calls a function whenever a run is launched or its context cancelled, in the
// goroutine that does that.
type hooked struct {
	context.Context
	never    chan struct{}
	launch   func()
	cancel   func()
	launches atomic.Int32
	cancels  atomic.Int32
}

func (h *hooked) Done() <-chan struct{} { return h.never }

// AfterFunc is called by package context when a context is derived, and its result when that is cancelled.
func (h *hooked) AfterFunc(func()) (stop func() bool) {
	h.launches.Add(1)
	h.launch()
	return func() bool {
		h.cancels.Add(1)
		h.cancel()
		return true
	}
}

// hook starts a supervisor without tasks, whose later runs have a hooked parent.
func hook(t *testing.T, options ...Option) (*Supervisor, *hooked) {
	t.Helper()
	s, err := New(options...)
	require.NoError(t, err)
	require.NoError(t, s.Start(context.WithoutCancel(t.Context())))
	h := &hooked{Context: context.Background(), never: make(chan struct{}), launch: func() {}, cancel: func() {}}
	s.mu.Lock()
	s.session.values = h
	s.mu.Unlock()
	return s, h
}

// takeForAMoment waits until the mutex is free. If the goroutine that calls it holds the mutex, the bubble hangs, and ends with
// its stack.
func (m *mutex) takeForAMoment() {
	m.mutex.Lock()
	defer m.mutex.Unlock()
}

func stopped(ctx context.Context) error {
	<-ctx.Done()
	return nil
}

// Whatever starts or stops a run, it does so without the lock.
func TestDeedsAreDoneWithoutTheLock(t *testing.T) {
	failed := errors.New("failed")
	for name, test := range map[string]struct {
		happen            func(s *Supervisor, fail func()) error
		launches, cancels int32 // beside those of the two runs there are
		options           []Option
	}{
		"add":      {happen: func(s *Supervisor, _ func()) error { return s.Add("new", TaskFunc(stopped)) }, launches: 1},
		"restart":  {happen: func(s *Supervisor, _ func()) error { return s.Restart("task") }, launches: 1, cancels: 1},
		"kill":     {happen: func(s *Supervisor, _ func()) error { return s.Kill("task") }, cancels: 1},
		"remove":   {happen: func(s *Supervisor, _ func()) error { return s.Remove("task") }, cancels: 1},
		"suspend":  {happen: func(s *Supervisor, _ func()) error { return s.Suspend("task") }, cancels: 1},
		"resume":   {happen: func(s *Supervisor, _ func()) error { return errors.Join(s.Suspend("task"), s.Resume("task")) }, launches: 1, cancels: 1},
		"shutdown": {happen: func(s *Supervisor, _ func()) error { return s.Shutdown(context.Background()) }, cancels: 2},
		"failure": {
			happen:   func(_ *Supervisor, fail func()) error { fail(); return nil },
			launches: 2, cancels: 2, options: []Option{WithStrategy(OneForAll), WithBaseDelay(time.Second)},
		},
		"limit": {
			happen:  func(_ *Supervisor, fail func()) error { fail(); return nil },
			cancels: 2, options: []Option{WithIntensity(0, time.Second)},
		},
		"watchdog": {
			happen:   func(*Supervisor, func()) error { time.Sleep(time.Minute); return nil },
			launches: 2, cancels: 2, options: []Option{WithWatchdog(50 * time.Second), WithBaseDelay(0)},
		},
		"fault": {
			happen:  func(s *Supervisor, _ func()) error { s.mu.Lock(); defer s.mu.Unlock(); s.fail("test"); return nil },
			cancels: 2,
		},
	} {
		t.Run(name, func(t *testing.T) {
			bubble.Run(t, func(t *testing.T) {
				s, h := hook(t, test.options...)
				h.launch, h.cancel = s.mu.takeForAMoment, s.mu.takeForAMoment
				failing := make(chan struct{}, 1)
				require.NoError(t, s.Add("task", TaskFunc(stopped)))
				require.NoError(t, s.Add("fails", TaskFunc(func(ctx context.Context) error {
					select {
					case <-failing:
						return failed
					case <-ctx.Done():
						return nil
					}
				})))
				synctest.Wait()
				h.launches.Store(0)
				require.NoError(t, test.happen(s, func() { failing <- struct{}{} }))
				time.Sleep(5 * time.Second)
				synctest.Wait()
				require.Equal(t, test.launches, h.launches.Load(), "runs that were launched")
				require.Equal(t, test.cancels, h.cancels.Load(), "contexts that were cancelled")
				require.NoError(t, s.Shutdown(context.Background()))
			})
		})
	}
}

// While the deeds of one call are done, all others are answered, and do their own.
func TestNoCallWaitsForTheDeedsOfAnother(t *testing.T) {
	const tasks = 3
	bubble.Run(t, func(t *testing.T) {
		s, h := hook(t)
		for i := range tasks {
			require.NoError(t, s.Add(strconv.Itoa(i), TaskFunc(stopped)))
		}
		// The first context that is cancelled takes its time.
		release := make(chan struct{})
		var once atomic.Bool
		h.cancel = func() {
			if once.CompareAndSwap(false, true) {
				<-release
			}
		}
		synctest.Wait()
		killed := make(chan error, 1)
		go func() { killed <- s.Kill("0") }()
		synctest.Wait()

		answered := make(chan struct{})
		go func() {
			defer close(answered)
			for i := range tasks {
				status, err := s.Status(strconv.Itoa(i))
				require.NoError(t, err)
				require.Equal(t, i > 0, status.Status == StatusHealthy)
			}
			require.NoError(t, s.KillWait(context.Background(), "1"))
			require.NoError(t, s.Add("new", TaskFunc(stopped)))
			require.Len(t, s.Statuses(), tasks+1)
			require.Equal(t, RunCounts{Started: tasks + 1, Ended: 2}, s.Report().Runs)
		}()
		<-answered
		require.Empty(t, killed, "Kill returns when what it decided is done")
		close(release)
		require.NoError(t, <-killed)
		require.NoError(t, s.Shutdown(context.Background()))
		require.NoError(t, s.Wait())
	})
}

// latch is a job that is launched as soon as it is closed.
type latch chan struct{}

func (g latch) launch() { <-g }

func (g latch) stop(error) {}

// A run can be stopped before the caller who decided to start it came to launch it. Then it is launched nevertheless, at
// once, with a context that is over.
func TestStoppedBeforeLaunched(t *testing.T) {
	for name, stop := range map[string]struct {
		call  func(s *Supervisor) error
		cause error
	}{
		"killed":   {func(s *Supervisor) error { return s.KillWait(context.Background(), "late") }, ErrKilled},
		"removed":  {func(s *Supervisor) error { return s.RemoveWait(context.Background(), "late") }, ErrRemoved},
		"shutdown": {func(s *Supervisor) error { return s.Shutdown(context.Background()) }, ErrShutdown},
	} {
		t.Run(name, func(t *testing.T) {
			bubble.Run(t, func(t *testing.T) {
				s, h := hook(t)
				var causes []error
				late, policy, err := s.newMember("late", TaskFunc(func(ctx context.Context) error {
					<-ctx.Done()
					causes = append(causes, context.Cause(ctx))
					return nil
				}), nil)
				require.NoError(t, err)
				latch, added := make(latch), make(chan struct{})
				go func() { // its first deed takes its time
					defer close(added)
					s.mu.Lock()
					defer s.mu.Unlock()
					s.mu.launch(latch)
					_ = s.register(late, policy)
				}()
				synctest.Wait()
				status, err := s.Status("late")
				require.NoError(t, err)
				require.True(t, status.Live)
				require.Zero(t, h.launches.Load())

				require.NoError(t, stop.call(s))
				require.Len(t, causes, 1)
				require.ErrorIs(t, causes[0], stop.cause)

				close(latch)
				<-added
				require.NoError(t, s.Shutdown(context.Background()))
				require.Equal(t, RunCounts{Started: 1, Ended: 1}, s.Report().Runs)
				require.Equal(t, int32(1), h.launches.Load(), "it is launched once")
			})
		})
	}
}

// Deeds are done in the order in which they were decided on, however many there are.
func TestDeedsAreDoneInOrder(t *testing.T) {
	const jobs = 3*deedsAtATime + 1
	var mu mutex
	var done []int
	mu.Lock()
	for i := range jobs {
		mu.launch(noted(func() { done = append(done, i) }))
	}
	mu.Unlock()
	require.Len(t, done, jobs)
	require.True(t, slices.IsSorted(done))
}

// The loop has no time for the contexts of others. A failure is answered while a context that it had cancelled takes its time.
func TestTheLoopDoesNotWaitForContexts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, h := hook(t, WithBaseDelay(time.Second), WithMaxAttempts(Unlimited))
		release := make(chan struct{})
		var once atomic.Bool
		h.cancel = func() {
			if once.CompareAndSwap(false, true) {
				<-release
			}
		}
		require.NoError(t, s.Add("silent", TaskFunc(stopped), WithWatchdog(time.Second)))
		time.Sleep(time.Second)
		synctest.Wait()
		require.True(t, once.Load())

		var runs atomic.Int32
		require.NoError(t, s.Add("quick", TaskFunc(func(ctx context.Context) error {
			if runs.Add(1) < 4 {
				return errors.New("failed")
			}
			return stopped(ctx)
		}), WithBackoff(Backoff{Base: time.Second, Factor: 1})))
		time.Sleep(3 * time.Second)
		synctest.Wait()
		require.Equal(t, int32(4), runs.Load(), "others are restarted in time")
		close(release)
		require.NoError(t, s.Shutdown(context.Background()))
	})
}

// noted is a job that is launched by calling it.
type noted func()

func (n noted) launch() { n() }

func (n noted) stop(error) {}
