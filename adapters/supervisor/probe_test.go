package supervisor_test

import (
	"context"
	"errors"
	"log/slog"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
	"github.com/tasksupervisor/tasksupervisor/clock"
)

var everyTenSeconds = supervisor.Probe{Interval: 10 * time.Second, Timeout: 2 * time.Second, Failures: 2}

// probes is a probe that does as the next entry says, the last over and over, and remembers what became of it.
type probes struct {
	answers []func(ctx context.Context) error

	mu     sync.Mutex
	runs   []supervisor.RunNumber
	causes []error // of the end of its context
}

func (p *probes) check(ctx context.Context) error {
	info, _ := supervisor.Current(ctx)
	p.mu.Lock()
	answer := p.answers[min(len(p.runs), len(p.answers)-1)]
	p.runs = append(p.runs, info.Run)
	p.mu.Unlock()
	defer func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.causes = append(p.causes, context.Cause(ctx))
	}()
	return answer(ctx)
}

// called returns of which runs it was asked.
func (p *probes) called() []supervisor.RunNumber {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.runs)
}

// ended returns why the contexts of the calls that have returned had ended, or nil if they had not.
func (p *probes) ended() []error {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.causes)
}

func well(context.Context) error { return nil }

func TestProbesThatFailInARowAreAFailure(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		p := &probes{answers: []func(context.Context) error{well, fail, well, fail, fail, well}}
		var causes []error
		var events events
		sup := newSupervisor(t, events.of(supervisor.ReasonProbeFailed, supervisor.ReasonWatchdog))
		addFunc(t, sup, "task", func(ctx context.Context) error {
			<-ctx.Done()
			causes = append(causes, context.Cause(ctx))
			return nil
		}, supervisor.WithProbe(p.check, everyTenSeconds))
		start(t, sup)
		wait(40 * time.Second)
		require.Equal(t, uint8(1), status(t, sup, "task").Misses)
		require.Contains(t, status(t, sup, "task").String(), "failed probes in a row: 1")
		wait(10 * time.Second)

		var failed *supervisor.ProbeError
		require.Len(t, causes, 1)
		require.ErrorAs(t, causes[0], &failed)
		require.ErrorIs(t, failed, errFailed)
		require.EqualError(t, failed, "the run failed 2 probes in a row: it failed")
		s := status(t, sup, "task")
		requireWord(t, supervisor.StatusFailed, s.Status)
		requireWord(t, supervisor.ExitWatchdog, s.LastExit)
		require.Equal(t, causes[0], s.LastError)
		failures := events.all(t, sup)
		require.Len(t, failures, 3)
		require.Equal(t, errFailed, failures[0].Err)
		require.Equal(t, causes[0], failures[2].Err)

		wait(12 * time.Second)
		require.Equal(t, []supervisor.RunNumber{1, 1, 1, 1, 1, 2}, p.called())
		require.Empty(t, sup.Report().Probes)
	})
}

// A probe ends in more ways than by returning, and all but a nil are failures.
func TestProbesThatDoNotReturn(t *testing.T) {
	for name, test := range map[string]struct {
		end  func(ctx context.Context) error
		says func(err error) bool
	}{
		"panic":  {func(context.Context) error { panic("boom") }, func(err error) bool { return errors.As(err, new(*supervisor.PanicError)) }},
		"goexit": {func(context.Context) error { runtime.Goexit(); return nil }, func(err error) bool { return errors.As(err, new(*supervisor.GoexitError)) }},
		"late":   {untilStopped, func(err error) bool { return errors.Is(err, supervisor.ErrProbeTimeout) }},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T) {
				p := &probes{answers: []func(context.Context) error{test.end}}
				sup := newSupervisor(t)
				addFunc(t, sup, "task", untilStopped, supervisor.WithProbe(p.check, everyTenSeconds))
				start(t, sup)
				wait(24 * time.Second)
				s := status(t, sup, "task")
				requireWord(t, supervisor.ExitWatchdog, s.LastExit)
				require.True(t, test.says(s.LastError), s.LastError)
				require.Len(t, p.called(), 2)
				require.Empty(t, sup.Report().Probes)
			})
		})
	}
}

func TestAProbesContextEndsWithItsTime(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		p := &probes{answers: []func(context.Context) error{untilStopped, well, untilStopped, untilStopped}}
		sup := newSupervisor(t)
		addFunc(t, sup, "task", untilStopped, supervisor.WithProbe(p.check, everyTenSeconds))
		start(t, sup)
		wait(12*time.Second - 1)
		require.Empty(t, p.ended())
		require.True(t, status(t, sup, "task").Probing)
		wait(1)
		require.ErrorIs(t, p.ended()[0], supervisor.ErrProbeTimeout)

		wait(20 * time.Second) // the next one is well, and the one after that is under way
		require.NoError(t, p.ended()[1])
		require.NoError(t, sup.SetPolicy("task", supervisor.WithOnMiss(supervisor.MissReport)))
		synctest.Wait()
		require.ErrorIs(t, p.ended()[2], context.Canceled, "a new policy begins anew")

		wait(10 * time.Second)
		require.True(t, status(t, sup, "task").Probing)
		require.NoError(t, sup.KillWait(t.Context(), "task"))
		synctest.Wait()
		require.ErrorIs(t, p.ended()[3], supervisor.ErrKilled)
	})
}

// A late answer is dropped: it is neither the failed probe's nor the next one's.
func TestALateAnswerIsDropped(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		ignoreEnd := func(d time.Duration, err error) func(context.Context) error {
			return func(context.Context) error { time.Sleep(d); return err }
		}
		p := &probes{answers: []func(context.Context) error{ignoreEnd(5*time.Second, nil), ignoreEnd(time.Second, errFailed), well}}
		sup := newSupervisor(t)
		addFunc(t, sup, "task", untilStopped, supervisor.WithProbe(p.check, everyTenSeconds))
		start(t, sup)
		wait(12 * time.Second)
		require.Equal(t, uint8(1), status(t, sup, "task").Misses)
		require.Equal(t, []supervisor.LateProbe{{Path: "task", Run: 1, Since: supervisor.Instant(12 * time.Second)}}, lateProbes(sup))
		wait(3 * time.Second)
		require.Equal(t, uint8(1), status(t, sup, "task").Misses, "the answer was no")
		require.Empty(t, sup.Report().Probes)
		wait(8 * time.Second)
		requireWord(t, supervisor.ExitWatchdog, status(t, sup, "task").LastExit)
	})
}

// A call that returns while the next probe is due is no answer to that.
func TestALateAnswerIsNotTheNextProbes(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		p := &probes{answers: []func(context.Context) error{func(context.Context) error { time.Sleep(13 * time.Second); return nil }}}
		sup := newSupervisor(t)
		addFunc(t, sup, "task", untilStopped, supervisor.WithProbe(p.check, everyTenSeconds))
		start(t, sup)
		wait(23 * time.Second) // it was called at 10 s, and is due again since 22 s
		s := status(t, sup, "task")
		require.EqualValues(t, 1, s.Misses)
		require.True(t, s.Probing)
		require.Empty(t, sup.Report().Probes, "it has returned")
		wait(time.Second)
		requireWord(t, supervisor.ExitWatchdog, status(t, sup, "task").LastExit)
	})
}

// A call about an earlier run that returns while a newer one is probed says nothing of that.
func TestAnAnswerAboutAnEarlierRun(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		release := make(chan struct{})
		p := &probes{answers: []func(context.Context) error{
			func(context.Context) error { <-release; return errFailed },
			func(context.Context) error { time.Sleep(1500 * time.Millisecond); return nil },
		}}
		sup := newSupervisor(t)
		addFunc(t, sup, "task", untilStopped, supervisor.WithProbe(p.check, supervisor.Probe{Interval: 10 * time.Second, Timeout: 2 * time.Second, Failures: 1}))
		start(t, sup)
		wait(11 * time.Second)
		require.NoError(t, sup.Restart("task"))
		wait(11 * time.Second)
		require.True(t, status(t, sup, "task").Probing)
		close(release)
		synctest.Wait()
		s := status(t, sup, "task")
		requireWord(t, supervisor.StatusHealthy, s.Status)
		require.EqualValues(t, 2, s.Run)
		require.True(t, s.Probing, "its own probe has not returned")
		wait(time.Second)
		s = status(t, sup, "task")
		requireWord(t, supervisor.StatusHealthy, s.Status)
		require.False(t, s.Probing)
	})
}

// A probe that answers while the supervisor is late for its end has taken too long all the same.
func TestAnAnswerThatOvertakesItsTimeout(t *testing.T) {
	for range 20 { // either can be first
		inBubble(t, func(t *testing.T) {
			virtual, answer := new(clock.Virtual), make(chan struct{})
			sup := newSupervisor(t, supervisor.WithClock(virtual))
			addFunc(t, sup, "task", untilStopped, supervisor.WithProbe(func(context.Context) error {
				<-answer
				return nil
			}, supervisor.Probe{Interval: time.Second, Timeout: time.Second, Failures: 1}))
			start(t, sup)
			virtual.Advance(time.Second)
			synctest.Wait()
			virtual.Advance(time.Second)
			close(answer)
			synctest.Wait()
			s := status(t, sup, "task")
			require.EqualError(t, s.LastError, "the run failed its probe: the probe took too long")
			require.Empty(t, sup.Report().Probes)
		})
	}
}

// Where a miss is only reported, the silence is over when the one call that goes on returns, whichever probe it was for.
func TestALateAnswerEndsAReportedSilence(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		release := make(chan error)
		var calls atomic.Int32
		var events events
		sup := newSupervisor(t, events.of(supervisor.ReasonProbeFailed, supervisor.ReasonWatchdog))
		addFunc(t, sup, "task", untilStopped, supervisor.WithOnMiss(supervisor.MissReport), supervisor.WithProbe(func(context.Context) error {
			calls.Add(1)
			return <-release
		}, everyTenSeconds))
		start(t, sup)
		wait(time.Hour)
		require.Len(t, events.all(t, sup), 2, "two probes have failed, and that was reported once")
		require.True(t, status(t, sup, "task").Probing)
		release <- nil
		synctest.Wait()
		s := status(t, sup, "task")
		require.False(t, s.Probing)
		require.Equal(t, 10*time.Second, untilIn(s))
		wait(10 * time.Second)
		require.EqualValues(t, 2, calls.Load())
		release <- errFailed
		synctest.Wait()
		require.Equal(t, errFailed, events.all(t, sup)[2].Err)
		stop(t, sup)
	})
}

// A probe that never returns takes one goroutine, and its run's later probes fail without being called.
func TestAProbeThatNeverReturnsIsReported(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		release := make(chan struct{})
		var calls atomic.Int32
		root, sup := newSupervisor(t, supervisor.WithName("root")), newSupervisor(t)
		addFunc(t, sup, "task", untilStopped, supervisor.WithOnMiss(supervisor.MissReport), supervisor.WithProbe(func(context.Context) error {
			calls.Add(1)
			<-release
			return nil
		}, everyTenSeconds))
		add(t, root, "sup", sup)
		start(t, root)
		wait(time.Hour)
		require.EqualValues(t, 1, calls.Load())
		require.NoError(t, sup.Restart("task"))
		wait(time.Hour)
		require.EqualValues(t, 2, calls.Load(), "one a run")
		late := []supervisor.LateProbe{
			{Path: "root/sup/task", Run: 1, Since: supervisor.Instant(12 * time.Second)},
			{Path: "root/sup/task", Run: 2, Since: supervisor.Instant(time.Hour + 12*time.Second)},
		}
		require.Equal(t, late, lateProbes(root))
		require.NoError(t, sup.RemoveWait(t.Context(), "task"))
		require.Equal(t, late, lateProbes(root))
		close(release)
		synctest.Wait()
		require.Empty(t, root.Report().Probes)
	})
}

// lateProbes lists the late probes without their dates.
func lateProbes(sup *supervisor.Supervisor) []supervisor.LateProbe {
	late := sup.Report().Probes
	for i := range late {
		late[i].Date = time.Time{}
	}
	return late
}

// The panic of a probe whose time is over is told, with its stack, whatever has become of its run; nothing follows from it.
func TestALatePanicOfAProbeIsTold(t *testing.T) {
	late := func(end func()) func(context.Context) error {
		return func(context.Context) error { time.Sleep(3 * time.Second); end(); return nil }
	}
	health := func(check func(context.Context) error) supervisor.TaskOption {
		return supervisor.WithProbe(check, everyTenSeconds)
	}
	readiness := func(check func(context.Context) error) supervisor.TaskOption {
		return supervisor.WithReadinessProbe(check, time.Second)
	}
	boom := func() { panic("boom") }
	for name, c := range map[string]struct {
		probe  func(check func(context.Context) error) supervisor.TaskOption
		end    func()
		before func(t *testing.T, sup *supervisor.Supervisor)
		status supervisor.Status
		says   string
	}{
		"of a run that goes on": {health, boom, nil, supervisor.StatusHealthy, "late probe panicked"},
		"goexit":                {health, runtime.Goexit, nil, supervisor.StatusHealthy, "late probe ended its goroutine"},
		"of a removed task": {health, boom, func(t *testing.T, sup *supervisor.Supervisor) {
			require.NoError(t, sup.RemoveWait(t.Context(), "task"))
		}, supervisor.StatusNone, "late probe panicked"},
		"of a task that runs again": {health, boom, func(t *testing.T, sup *supervisor.Supervisor) {
			require.NoError(t, sup.Restart("task"))
		}, supervisor.StatusHealthy, "late probe panicked"},
		"for readiness": {readiness, boom, func(t *testing.T, sup *supervisor.Supervisor) {
			require.NoError(t, sup.Kill("task"))
		}, supervisor.StatusDead, "late probe panicked"},
		"of a supervisor that has stopped": {health, boom, func(t *testing.T, sup *supervisor.Supervisor) {
			stop(t, sup)
		}, supervisor.StatusHalted, "late probe panicked"},
		"that ends a silence": {func(func(context.Context) error) supervisor.TaskOption {
			return supervisor.WithProbe(func(context.Context) error { time.Sleep(5 * time.Second); panic("boom") },
				supervisor.Probe{Interval: 10 * time.Second, Timeout: time.Second, Failures: 1})
		}, nil, nil, supervisor.StatusHealthy, "late probe panicked"},
		"in time": {func(func(context.Context) error) supervisor.TaskOption {
			return health(func(context.Context) error { panic("boom") })
		}, nil, nil, supervisor.StatusHealthy, ""},
		"an error": {func(func(context.Context) error) supervisor.TaskOption {
			return health(func(context.Context) error { time.Sleep(3 * time.Second); return errFailed })
		}, nil, nil, supervisor.StatusHealthy, ""},
	} {
		t.Run(name, func(t *testing.T) {
			var told []supervisor.Transition
			lines := logged(t, slog.LevelWarn, func(t *testing.T, logger *slog.Logger) {
				observer := supervisor.WithObserver(func(tr supervisor.Transition) {
					if tr.LateProbe {
						told = append(told, tr)
					}
				})
				sup := newSupervisor(t, supervisor.WithLogger(logger), observer)
				addFunc(t, sup, "task", untilStopped, c.probe(late(c.end)), supervisor.WithOnMiss(supervisor.MissReport))
				start(t, sup)
				wait(10500 * time.Millisecond)
				if c.before != nil {
					c.before(t, sup)
				}
				wait(6 * time.Second)
				require.NoError(t, sup.Drain(t.Context()))
			})
			if c.says == "" {
				require.Empty(t, told)
				return
			}
			require.Len(t, told, 1)
			requireWord(t, c.status, told[0].To)
			requireWord(t, supervisor.ReasonProbeFailed, told[0].Why)
			require.Equal(t, c.status, told[0].From)
			require.EqualValues(t, 1, told[0].Run)
			require.NotEmpty(t, told[0].Date)
			require.Equal(t, slog.LevelWarn, told[0].Level())
			line := lines[slices.IndexFunc(lines, func(line string) bool { return strings.Contains(line, c.says) })]
			require.Contains(t, line, "level=WARN")
			if panicked := (*supervisor.PanicError)(nil); errors.As(told[0].Err, &panicked) {
				require.Contains(t, line, `error="panic: boom" stack=`)
				require.Contains(t, panicked.Stack.String(), "probe_test.go")
			}
		})
	}
}

func TestProbesOutsideABubble(t *testing.T) {
	virtual := new(clock.Virtual)
	observer, until := following(t)
	sup := newSupervisor(t, supervisor.WithClock(virtual), observer)
	called := make(chan struct{})
	addFunc(t, sup, "task", untilStopped, supervisor.WithProbe(func(ctx context.Context) error {
		called <- struct{}{}
		return untilStopped(ctx)
	}, supervisor.Probe{Interval: time.Second, Timeout: time.Second, Failures: 1}))
	require.NoError(t, sup.Start(context.Background()))
	until("task", supervisor.StatusHealthy)
	virtual.Set(supervisor.Instant(time.Second))
	<-called
	virtual.Set(supervisor.Instant(2 * time.Second))
	stopping := until("task", supervisor.StatusStopping)
	require.Equal(t, supervisor.Instant(2*time.Second), stopping.At)
	require.EqualError(t, stopping.Err, "the run failed its probe: the probe took too long")
	require.NoError(t, sup.Shutdown(context.Background()))
}

func TestProbeOptions(t *testing.T) {
	sup := newSupervisor(t)
	policy := supervisor.DefaultPolicy()
	policy.Probe = everyTenSeconds
	task := supervisor.TaskFunc(untilStopped)
	requireRefused(t, sup.Add("task", task, supervisor.WithPolicy(policy)),
		"WithProbe is missing: the policy has probes, and there is no function")
	requireRefused(t, sup.Add("task", task, supervisor.WithProbe(nil, everyTenSeconds)), "WithProbe has no function")
	requireRefused(t, sup.Add("task", task, supervisor.WithProbe(well, everyTenSeconds), supervisor.WithWatchdog(1)),
		"WithProbe cannot be combined with a Watchdog")
	requireRefused(t, sup.Add("task", task, supervisor.WithProbe(well, supervisor.Probe{Interval: 1})),
		"WithProbe Failures is 0: it must be at least 1")
	require.NoError(t, sup.Add("task", task, supervisor.WithPolicy(policy), supervisor.WithProbe(well, everyTenSeconds)))
	requireRefused(t, sup.SetPolicy("task", supervisor.WithProbe(well, supervisor.Probe{Interval: -1, Failures: 1})),
		"WithProbe Interval is negative")
	require.NoError(t, sup.SetPolicy("task", supervisor.WithProbe(nil, supervisor.Probe{})))
	got, err := sup.Policy("task")
	require.NoError(t, err)
	require.Equal(t, supervisor.DefaultPolicy(), got)

	// A supervisor's defaults for its tasks are not for the supervisors among them.
	parent := newSupervisor(t, supervisor.WithWatchdog(time.Second))
	add(t, parent, "child", newSupervisor(t))
	requireRefused(t, parent.SetPolicy("child", supervisor.WithWatchdog(time.Second)), "WithWatchdog is not for a supervisor: it does not beat")
	add(t, parent, "probed", newSupervisor(t), supervisor.WithProbe(well, everyTenSeconds))
	require.NoError(t, parent.SetPolicy("probed", supervisor.WithBaseDelay(time.Minute)))
	got, err = parent.Policy("probed")
	require.NoError(t, err)
	require.Equal(t, everyTenSeconds, got.Probe, "its own stays")
	require.Equal(t, supervisor.Forever, got.StopTimeout)
	_, err = supervisor.New(supervisor.WithPolicy(policy))
	requireRefused(t, err, "WithProbe is missing: the policy has probes, and there is no function")
}
