package supervisor_test

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
)

// held is an observer that is held up at its first transition until it is let go.
type held struct {
	events
	gate chan struct{}
	once sync.Once
}

func newHeld() *held { return &held{gate: make(chan struct{})} }

func (h *held) observer() supervisor.Option {
	return supervisor.WithObserver(func(e supervisor.Transition) {
		h.once.Do(func() { <-h.gate })
		h.mu.Lock()
		defer h.mu.Unlock()
		h.kept = append(h.kept, e)
	})
}

// A queue that is exactly full has lost nothing. One transition more, and it has lost one: the oldest of the least level.
func TestAQueueThatIsExactlyFull(t *testing.T) {
	const queue = 4
	for beyond := range 3 {
		t.Run(fmt.Sprint(beyond, " beyond"), func(t *testing.T) {
			inBubble(t, func(t *testing.T) {
				seen := newHeld()
				sup := newSupervisor(t, supervisor.WithObserverQueue(queue), seen.observer())
				for i := range 1 + queue + beyond { // the first is being told
					addFunc(t, sup, fmt.Sprint(i), untilStopped)
					synctest.Wait()
				}
				require.Equal(t, supervisor.ObserverReport{Pending: 1 + queue, Lost: uint64(beyond)}, sup.Report().Observers[0])
				close(seen.gate)
				kept := seen.all(t, sup)
				require.Len(t, kept, 1+queue)
				require.Equal(t, "0", kept[0].Task)
				for i, e := range kept[1:] {
					require.Equal(t, fmt.Sprint(1+beyond+i), e.Task)
					require.EqualValues(t, 2+beyond+i, e.Seq)
					if i == 0 {
						require.EqualValues(t, beyond, e.Lost)
					} else {
						require.Zero(t, e.Lost)
					}
				}
				require.Equal(t, supervisor.ObserverReport{Delivered: 1 + queue, Lost: uint64(beyond)}, sup.Report().Observers[0])
			})
		})
	}
}

// Drain waits for the call that is going, and for nothing that comes after Drain was called.
func TestDrainDuringADelivery(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		var told atomic.Int64
		sup := newSupervisor(t, slowly(&told))
		drain := func() *pendingCall { return await(func() error { return sup.Drain(t.Context()) }) }
		require.NoError(t, drain().returned(t, 0), "there is nothing to tell")
		addFunc(t, sup, "one", untilStopped)
		wait(500 * time.Millisecond)
		first := drain() // its only transition is being told
		first.waits(t)
		addFunc(t, sup, "two", untilStopped)
		second := drain()
		for i := range 100 { // there is always something to tell
			addFunc(t, sup, fmt.Sprint(i), untilStopped)
		}
		wait(500 * time.Millisecond)
		require.EqualValues(t, 1, told.Load())
		require.NoError(t, first.returned(t, 500*time.Millisecond))
		second.waits(t)
		wait(time.Second)
		require.NoError(t, second.returned(t, 1500*time.Millisecond))
		last := drain()
		wait(99 * time.Second)
		last.waits(t)
		wait(time.Second)
		require.NoError(t, last.returned(t, 100*time.Second))
		require.EqualValues(t, 102, told.Load())
	})
}

// levelled is a handler whose level can be changed, and that counts how often it is asked what it wants.
type levelled struct {
	slog.Handler
	level  slog.LevelVar
	asked  atomic.Int64
	panics int64 // so often at first
	lines  journal
}

func (l *levelled) Enabled(_ context.Context, level slog.Level) bool {
	if l.asked.Add(1) <= l.panics {
		panic("no")
	}
	return level >= l.level.Level()
}

func (l *levelled) Handle(_ context.Context, r slog.Record) error {
	l.lines.write(r.Level.String() + " " + r.Message)
	return nil
}

// A level that is enabled at run time is logged within a second, and one that is disabled no more.
func TestALevelThatIsEnabledAtRunTime(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		handler := new(levelled)
		handler.level.Set(slog.LevelWarn)
		sup := newSupervisor(t, supervisor.WithLogger(slog.New(handler)), supervisor.ForService())
		start(t, sup)
		addFunc(t, sup, "first", untilStopped)
		require.NoError(t, sup.Drain(t.Context()))
		require.Empty(t, handler.lines.take())

		handler.level.Set(slog.LevelDebug)
		wait(time.Second)
		addFunc(t, sup, "second", untilStopped)
		require.NoError(t, sup.Drain(t.Context()))
		require.Equal(t, []string{"DEBUG task added", "DEBUG task started"}, handler.lines.take())

		handler.level.Set(slog.LevelError)
		addFunc(t, sup, "third", untilStopped)
		require.NoError(t, sup.Drain(t.Context()))
		require.Empty(t, handler.lines.take())
	})
}

// What is not wanted is not even kept, and so whoever wants little is seldom asked.
func TestALevelThatIsNotWantedIsAskedForOnceASecond(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		handler := new(levelled)
		handler.level.Set(slog.LevelError)
		sup := newSupervisor(t, supervisor.WithLogger(slog.New(handler)), supervisor.ForService())
		start(t, sup)
		wait(time.Minute)
		addFunc(t, sup, "first", untilStopped)
		synctest.Wait()
		asked, told := handler.asked.Load(), sup.Report().Observers[0].Delivered
		for i := range 1000 {
			addFunc(t, sup, fmt.Sprint(i), untilStopped)
		}
		synctest.Wait()
		require.Equal(t, asked, handler.asked.Load())
		require.Equal(t, told, sup.Report().Observers[0].Delivered)
	})
}

// A handler that panics when it is asked what it wants is taken to want everything.
func TestAFilterThatPanics(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		handler := new(levelled)
		handler.level.Set(slog.LevelWarn)
		handler.panics = 4 // once for each level
		sup := newSupervisor(t, supervisor.WithLogger(slog.New(handler)), supervisor.ForService())
		addFunc(t, sup, "task", failsAfter(0))
		synctest.Wait()
		require.EqualValues(t, 4, sup.Report().Observers[0].Panics)
		start(t, sup)
		require.NoError(t, sup.Drain(t.Context()))
		require.Contains(t, handler.lines.take(), "WARN task failed")
	})
}

// Every loss is told once, and one of errors as an error.
func TestLossesAreToldOnceAtTheLevelOfTheWorst(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		const queue = 2
		gate := make(chan struct{})
		handler := &gatedHandler{gate: gate}
		sup := newSupervisor(t, supervisor.WithLogger(slog.New(handler)), supervisor.WithObserverQueue(queue), supervisor.WithMaxAttempts(0))
		require.NoError(t, sup.Start(t.Context()))
		require.NoError(t, sup.Drain(t.Context()))
		handler.lines.take()
		die := func(tasks int) {
			for range tasks {
				addFunc(t, sup, fmt.Sprint(handler.tasks.Add(1)), fail)
				synctest.Wait()
			}
		}
		for range 2 {
			handler.hold.Store(true)
			die(1 + queue + 3) // the first is being written
			handler.hold.Store(false)
			gate <- struct{}{}
			require.NoError(t, sup.Drain(t.Context()))
			var losses []string
			for _, line := range handler.lines.take() {
				if strings.Contains(line, "lost") {
					losses = append(losses, line)
				}
			}
			require.Equal(t, []string{"ERROR log records lost, the logger is too slow lost_error=3"}, losses)
		}
		require.EqualValues(t, 6, sup.Report().Observers[0].LostErrors)
		require.NoError(t, sup.Shutdown(t.Context()))
	})
}

// gatedHandler writes records at Warn and above, and waits at its gate if it is held.
type gatedHandler struct {
	slog.Handler
	gate  chan struct{}
	hold  atomic.Bool
	tasks atomic.Int64
	lines journal
}

func (h *gatedHandler) Enabled(_ context.Context, level slog.Level) bool {
	return level >= slog.LevelWarn
}

func (h *gatedHandler) Handle(_ context.Context, r slog.Record) error {
	if h.hold.Load() {
		<-h.gate
	}
	line := r.Level.String() + " " + r.Message
	r.Attrs(func(a slog.Attr) bool {
		if strings.HasPrefix(a.Key, "lost_") {
			line += " " + a.String()
		}
		return true
	})
	h.lines.write(line)
	return nil
}

// The end of the root waits for observers of supervisors that have ended long before, however many there were.
func TestTheEndOfTheRootWaitsForObserversOfEarlierLives(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		const lives = 40
		var told atomic.Int64
		made := 0
		slow := supervisor.WithObserver(func(e supervisor.Transition) {
			if e.Kind == supervisor.ActionHalt {
				time.Sleep(time.Hour)
				told.Add(1)
			}
		})
		sup := newSupervisor(t, supervisor.WithDrainTimeout(24*time.Hour), supervisor.WithTask("shop", supervisor.Factory(func() supervisor.Task {
			made++
			return newSupervisor(t, slow)
		})))
		require.NoError(t, sup.Start(t.Context()))
		synctest.Wait()
		for range lives - 1 {
			require.NoError(t, sup.Restart("shop"))
			synctest.Wait()
		}
		require.Equal(t, lives, made)
		require.Zero(t, told.Load())
		begun := time.Now()
		require.NoError(t, sup.Shutdown(t.Context()))
		require.Equal(t, time.Hour, time.Since(begun))
		require.EqualValues(t, lives, told.Load())
	})
}
