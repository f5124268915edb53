package supervisor_test

import (
	"bytes"
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
	"github.com/tasksupervisor/tasksupervisor/clock"
)

// beating is a task that beats as it is ordered, and a channel of orders. Its cause is why it was stopped.
type beating struct {
	orders chan func(ctx context.Context)
	causes chan error
}

func newBeating() *beating {
	return &beating{make(chan func(context.Context)), make(chan error, 10)}
}

func (b *beating) Run(ctx context.Context) error {
	for {
		select {
		case order := <-b.orders:
			order(ctx)
		case <-ctx.Done():
			b.causes <- context.Cause(ctx)
			return ctx.Err()
		}
	}
}

// order has the run do something, and waits until it has.
func (b *beating) order(do func(ctx context.Context)) {
	b.orders <- do
	synctest.Wait()
}

func TestAMissedBeatIsAFailure(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		task := newBeating()
		var events events
		sup := newSupervisor(t, events.of(supervisor.ReasonFailure))
		add(t, sup, "task", task, supervisor.WithWatchdog(10*time.Second))
		start(t, sup)
		for range 5 {
			wait(9 * time.Second)
			task.order(beat)
			require.Equal(t, 10*time.Second, untilIn(status(t, sup, "task")))
		}
		wait(10*time.Second - 1)
		requireStatus(t, sup, "task", supervisor.StatusHealthy)
		wait(1)
		require.ErrorIs(t, <-task.causes, supervisor.ErrMissedBeat)
		s := status(t, sup, "task")
		requireWord(t, supervisor.StatusFailed, s.Status)
		requireWord(t, supervisor.ExitWatchdog, s.LastExit)
		require.ErrorIs(t, s.LastError, supervisor.ErrMissedBeat)
		require.EqualValues(t, 1, s.Attempts)
		failed := events.all(t, sup)[0]
		require.ErrorIs(t, failed.Err, supervisor.ErrMissedBeat)
		require.Equal(t, supervisor.Instant(55*time.Second), failed.At)
		wait(2 * time.Second)
		requireStatus(t, sup, "task", supervisor.StatusHealthy)
	})
}

// untilIn returns how long the status lasts by itself.
func untilIn(s supervisor.TaskStatus) time.Duration { return time.Duration(s.Until - s.At) }

func TestBeatsSetTheNextDeadline(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		task := newBeating()
		sup := newSupervisor(t)
		add(t, sup, "task", task, supervisor.WithWatchdog(10*time.Second))
		start(t, sup)

		task.order(func(ctx context.Context) { beatWithin(ctx, time.Minute) })
		wait(time.Minute - 1)
		requireStatus(t, sup, "task", supervisor.StatusHealthy)

		task.order(func(ctx context.Context) { beatWithin(ctx, supervisor.Forever) })
		require.Equal(t, supervisor.Never, status(t, sup, "task").Until)
		wait(24 * time.Hour)
		requireStatus(t, sup, "task", supervisor.StatusHealthy)

		task.order(func(ctx context.Context) { beatWithin(ctx, 0) })
		wait(10*time.Second - 1)
		requireStatus(t, sup, "task", supervisor.StatusHealthy)
		wait(1)
		requireStatus(t, sup, "task", supervisor.StatusFailed)
	})
}

// A beat that makes the next one due earlier reaches the supervisor at once, whatever it was told before.
func TestABeatCanShortenTheDeadline(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		task := newBeating()
		sup := newSupervisor(t)
		add(t, sup, "task", task, supervisor.WithWatchdog(time.Hour))
		start(t, sup)
		task.order(func(ctx context.Context) {
			heart := heartOf(ctx)
			heart.BeatWithin(time.Second)
			heart.BeatWithin(time.Minute)
			heart.BeatWithin(2 * time.Second)
		})
		wait(2*time.Second - 1)
		requireStatus(t, sup, "task", supervisor.StatusHealthy)
		wait(1)
		requireStatus(t, sup, "task", supervisor.StatusFailed)
	})
}

// However many beats there are, the machine is told of few.
func TestBeatsAreNotDecisions(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		task := newBeating()
		counting := &counting{Clock: clock.System{}}
		sup := newSupervisor(t, supervisor.WithClock(counting))
		add(t, sup, "task", task, supervisor.WithWatchdog(10*time.Second))
		start(t, sup)
		for range 100 {
			wait(time.Second)
			task.order(beat)
		}
		requireStatus(t, sup, "task", supervisor.StatusHealthy)
		require.LessOrEqual(t, counting.armed.Load(), int32(13), "about once every ten seconds")
	})
}

// That holds for promises that are shorter than the watchdog, too.
func TestShortPromisesAreNotDecisions(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		task := newBeating()
		var recording bytes.Buffer
		sup := newSupervisor(t, supervisor.WithRecorder(&recording))
		add(t, sup, "task", task, supervisor.WithWatchdog(time.Hour))
		start(t, sup)
		for range 100 {
			task.order(func(ctx context.Context) { beatWithin(ctx, 10*time.Second) })
			wait(time.Second)
		}
		requireStatus(t, sup, "task", supervisor.StatusHealthy)
		require.NoError(t, sup.Drain(t.Context()))
		told := strings.Count(recording.String(), " beat ")
		require.Positive(t, told)
		require.LessOrEqual(t, told, 13, "about once every ten seconds")
	})
}

func TestAMissCanBeReportedOnly(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		task := newBeating()
		var events events
		sup := newSupervisor(t, events.of(supervisor.ReasonWatchdog))
		add(t, sup, "task", task, supervisor.WithWatchdog(10*time.Second), supervisor.WithOnMiss(supervisor.MissReport))
		start(t, sup)
		wait(25 * time.Second)
		require.Equal(t, supervisor.Never, status(t, sup, "task").Until, "a silence is reported once")
		task.order(beat)
		wait(10 * time.Second)
		require.EqualValues(t, 1, status(t, sup, "task").Run)
		var at []time.Duration
		for _, e := range events.all(t, sup) {
			require.ErrorIs(t, e.Err, supervisor.ErrMissedBeat)
			requireWord(t, supervisor.StatusHealthy, e.To)
			at = append(at, time.Duration(e.At))
		}
		require.Equal(t, []time.Duration{10 * time.Second, 35 * time.Second}, at)
	})
}

// A heart is of one run: when that has ended, or is not watched, its beats do nothing.
func TestBeatsThatNobodyWaitsFor(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		require.ErrorIs(t, supervisor.Beat(t.Context()), supervisor.ErrNoRun)
		require.ErrorIs(t, supervisor.BeatWithin(nil, time.Second), supervisor.ErrNilContext) //nolint:staticcheck // a mistake
		none, err := supervisor.HeartOf(t.Context())
		require.ErrorIs(t, err, supervisor.ErrNoRun)
		none.Beat()
		new(supervisor.Heart).BeatWithin(time.Second)

		task := newBeating()
		sup := newSupervisor(t)
		add(t, sup, "task", task)
		start(t, sup)
		task.order(func(ctx context.Context) { beatWithin(ctx, time.Second) })
		wait(time.Hour)
		requireStatus(t, sup, "task", supervisor.StatusHealthy)

		var heart supervisor.Heart
		var first context.Context
		require.NoError(t, sup.SetPolicy("task", supervisor.WithWatchdog(time.Minute)))
		task.order(func(ctx context.Context) { heart, first = heartOf(ctx), ctx })
		heart.Beat()
		require.NoError(t, sup.Restart("task"))
		synctest.Wait()
		require.EqualValues(t, 2, status(t, sup, "task").Run)
		heart.BeatWithin(time.Second)
		heart.BeatWithin(time.Hour)
		require.ErrorIs(t, supervisor.Beat(first), supervisor.ErrRunEnded)
		wait(time.Minute - 1)
		requireStatus(t, sup, "task", supervisor.StatusHealthy)
		wait(1)
		requireStatus(t, sup, "task", supervisor.StatusFailed)
	})
}

// A watchdog begins with the run's health, and beats before that do not count.
func TestBeatsBeforeReadinessDoNotCount(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		task := newBeating()
		sup := newSupervisor(t)
		add(t, sup, "task", task, supervisor.WithWatchdog(10*time.Second), supervisor.WithReadiness(true))
		start(t, sup)
		task.order(func(ctx context.Context) { beatWithin(ctx, time.Hour) })
		wait(time.Minute)
		requireStatus(t, sup, "task", supervisor.StatusStarting)
		task.order(ready)
		require.Equal(t, 10*time.Second, untilIn(status(t, sup, "task")))
		wait(10 * time.Second)
		requireStatus(t, sup, "task", supervisor.StatusFailed)
	})
}

// A new policy begins the watch anew; what the run promised before counts no more.
func TestANewPolicyForgetsBeats(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		task := newBeating()
		sup := newSupervisor(t)
		add(t, sup, "task", task, supervisor.WithWatchdog(time.Minute))
		start(t, sup)
		task.order(func(ctx context.Context) { beatWithin(ctx, time.Hour) })
		require.NoError(t, sup.SetPolicy("task", supervisor.WithWatchdog(10*time.Second)))
		require.Equal(t, 10*time.Second, untilIn(status(t, sup, "task")))
		wait(9 * time.Second)
		task.order(beat)
		wait(9 * time.Second)
		requireStatus(t, sup, "task", supervisor.StatusHealthy)
		wait(time.Second)
		requireStatus(t, sup, "task", supervisor.StatusFailed)
	})
}

// Others' timers that are due at the same time are not disturbed by beats, and fire at their own instants.
func TestBeatsAndOtherTimers(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		virtual := new(clock.Virtual)
		task := newBeating()
		var events events
		sup := newSupervisor(t, supervisor.WithClock(virtual), events.of(supervisor.ReasonWatchdog))
		add(t, sup, "fails", new(fails))
		add(t, sup, "beats", task, supervisor.WithWatchdog(3*time.Second))
		add(t, sup, "hangs", newBeating(), supervisor.WithWatchdog(4*time.Second))
		start(t, sup)
		virtual.Set(supervisor.Instant(time.Second))
		task.order(func(ctx context.Context) { beatWithin(ctx, time.Minute) })
		virtual.Set(supervisor.Instant(10 * time.Second)) // the supervisor is late for all of them
		synctest.Wait()
		requireStatus(t, sup, "beats", supervisor.StatusHealthy)
		require.Equal(t, supervisor.Instant(time.Minute+time.Second), status(t, sup, "beats").Until)
		missed := events.all(t, sup)
		require.Len(t, missed, 1)
		require.Equal(t, "hangs", missed[0].Task)
		require.Equal(t, supervisor.Instant(4*time.Second), missed[0].At)
		require.EqualValues(t, 2, status(t, sup, "fails").Run)
	})
}

// A fleet that started together has all its timers at one instant: each run answers for itself.
func TestBeatsOfAFleet(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		sup := newSupervisor(t, supervisor.WithWatchdog(10*time.Second))
		fleet := []*beating{newBeating(), newBeating(), newBeating(), newBeating()}
		for i, task := range fleet {
			add(t, sup, string(rune('a'+i)), task)
		}
		start(t, sup)
		wait(5 * time.Second)
		fleet[1].order(beat)
		fleet[3].order(func(ctx context.Context) { beatWithin(ctx, supervisor.Forever) })
		wait(5 * time.Second)
		for name, want := range map[string]supervisor.Status{
			"a": supervisor.StatusFailed, "b": supervisor.StatusHealthy, "c": supervisor.StatusFailed, "d": supervisor.StatusHealthy,
		} {
			requireStatus(t, sup, name, want)
		}
		require.Equal(t, 5*time.Second, untilIn(status(t, sup, "b")))
	})
}

func TestWatchdogOutsideABubble(t *testing.T) {
	virtual := new(clock.Virtual)
	observer, until := following(t)
	sup := newSupervisor(t, supervisor.WithClock(virtual), observer)
	addFunc(t, sup, "hangs", untilStopped, supervisor.WithWatchdog(time.Minute))
	require.NoError(t, sup.Start(context.Background()))
	require.Equal(t, supervisor.Instant(time.Minute), until("hangs", supervisor.StatusHealthy).Until)
	virtual.Set(supervisor.Instant(time.Hour))
	require.Equal(t, supervisor.Instant(time.Minute), until("hangs", supervisor.StatusStopping).At)
	require.NoError(t, sup.Shutdown(context.Background()))
}

func TestBeatDoesNotAllocate(t *testing.T) {
	beaten := make(chan float64)
	sup := newSupervisor(t)
	addFunc(t, sup, "task", func(ctx context.Context) error {
		heart := heartOf(ctx)
		beaten <- testing.AllocsPerRun(1000, heart.Beat) + testing.AllocsPerRun(1000, func() { beatWithin(ctx, time.Minute) })
		return untilStopped(ctx)
	}, supervisor.WithWatchdog(time.Hour))
	require.NoError(t, sup.Start(context.Background()))
	require.Zero(t, <-beaten)
	require.NoError(t, sup.Shutdown(context.Background()))
}
