package supervisor_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"runtime"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
	"github.com/tasksupervisor/tasksupervisor/clock"
)

// lastLines makes the test binary a program whose supervisor fails, and that exits at once.
const lastLines = "SUPERVISOR_LAST_LINES"

func exitWithLastLines() {
	inner := must(supervisor.New(
		supervisor.WithMaxAttempts(0),
		supervisor.WithAutoShutdown(supervisor.AutoShutdownAll),
		supervisor.WithTask("leaf", supervisor.TaskFunc(fail)),
	))
	sup := must(supervisor.New(
		supervisor.WithName("root"),
		supervisor.WithLogger(slog.New(slog.NewTextHandler(os.Stderr, nil))),
		supervisor.WithRecorder(os.Stdout),
		supervisor.WithMaxAttempts(0),
		supervisor.WithOnExhausted(supervisor.ExhaustedEscalate),
		supervisor.WithTask("inner", inner),
	))
	if err := sup.Run(context.Background()); err != nil {
		os.Exit(1)
	}
}

// A program that exits when Run has returned has written all its lines.
func TestTheLastLinesAreWritten(t *testing.T) {
	const processes = 50
	for range processes {
		command := exec.Command(os.Args[0])
		command.Env = append(os.Environ(), lastLines+"=1")
		var log, recording bytes.Buffer
		command.Stderr, command.Stdout = &log, &recording
		var exit *exec.ExitError
		require.ErrorAs(t, command.Run(), &exit)
		require.Equal(t, 1, exit.ExitCode(), log.String())
		for _, line := range []string{
			`msg="task dead" supervisor=root/inner task=leaf`, `msg="supervisor stopped" supervisor=root/inner`,
			`msg="task dead" supervisor=root task=inner`, `msg="supervisor stopped" supervisor=root `,
		} {
			require.Contains(t, log.String(), line)
		}
		_, machines := playAll(t, recording.String())
		require.Len(t, machines, 2)
		for _, machine := range machines {
			requireWord(t, supervisor.PhaseHalted, machine.Phase())
		}
	}
}

// slowly is an observer that takes a second for each transition, and counts them.
func slowly(count *atomic.Int64) supervisor.Option {
	return supervisor.WithObserver(func(supervisor.Transition) {
		time.Sleep(time.Second)
		count.Add(1)
	})
}

// Run, Wait and Shutdown of a root wait until everything below is told; those of a nested supervisor delay nothing.
func TestTheEndOfTheRootWaitsForEveryObserver(t *testing.T) {
	for name, nested := range nestings {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T) {
				var own, inherited atomic.Int64
				inner := newSupervisor(t, slowly(&own), supervisor.WithAutoShutdown(supervisor.AutoShutdownAll), supervisor.WithTask("leaf", new(completes)))
				sup := newSupervisor(t, slowly(&inherited), supervisor.WithDrainTimeout(time.Hour), supervisor.WithMaxAttempts(0),
					supervisor.WithTask("inner", nested(func() *supervisor.Supervisor { return inner })))
				begun := time.Now()
				require.NoError(t, sup.Start(t.Context()))
				synctest.Wait()
				requireStatus(t, sup, "inner", supervisor.StatusCompleted)
				require.Equal(t, begun, time.Now())
				require.NoError(t, inner.Wait(), "it is not the root")
				require.Equal(t, begun, time.Now())
				require.NoError(t, sup.Shutdown(t.Context()))
				require.EqualValues(t, 4, own.Load(), "added, started, completed, stopped")
				require.EqualValues(t, 7, inherited.Load(), "the same of inner, and of leaf what came after its addition")
				require.NoError(t, sup.Wait())
			})
		})
	}
}

// An observer that never returns holds up the end of Run for as long as was said, on any clock, and the report says so.
func TestAnObserverThatBlocksForEver(t *testing.T) {
	for name, test := range map[string]struct {
		options []supervisor.Option
		want    time.Duration
	}{
		"by default":      {nil, 5 * time.Second},
		"a minute":        {[]supervisor.Option{supervisor.WithDrainTimeout(time.Minute)}, time.Minute},
		"not at all":      {[]supervisor.Option{supervisor.WithDrainTimeout(0)}, 0},
		"a clock at rest": {[]supervisor.Option{supervisor.WithClock(new(clock.Virtual))}, 5 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T) {
				block := make(chan struct{})
				sup := newSupervisor(t, append(test.options, supervisor.WithObserver(func(supervisor.Transition) { <-block }))...)
				addFunc(t, sup, "task", untilStopped)
				ctx, cancel := context.WithCancel(t.Context())
				cancel()
				begun := time.Now()
				require.NoError(t, sup.Run(ctx))
				require.Equal(t, test.want, time.Since(begun))
				require.Equal(t, supervisor.ObserverReport{Pending: 3}, sup.Report().Observers[0])

				// Another Run is not held up by this one.
				require.NoError(t, sup.Start(t.Context()))
				requireWord(t, supervisor.PhaseRunning, sup.Phase())
				close(block)
				require.NoError(t, sup.Shutdown(t.Context()))
				require.NoError(t, sup.Drain(t.Context()))
				require.Zero(t, sup.Report().Observers[0].Pending)
			})
		})
	}
}

// A recording that is not written holds up the end of Run for as long as was said.
func TestAWriterThatBlocksForEver(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		writer := &badWriter{calls: 1, fail: func(p []byte) (int, error) {
			time.Sleep(time.Hour)
			return len(p), nil
		}}
		sup := newSupervisor(t, supervisor.WithRecorder(writer))
		begun := time.Now()
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		require.NoError(t, sup.Run(ctx))
		require.Equal(t, 5*time.Second, time.Since(begun))
		require.NoError(t, sup.Drain(t.Context()))
	})
}

// Shutdown returns when its context ends, even while the last lines are being written.
func TestShutdownWaitsForObserversAsLongAsItsContext(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		var count atomic.Int64
		sup := newSupervisor(t, slowly(&count), supervisor.WithDrainTimeout(time.Hour))
		addFunc(t, sup, "task", untilStopped)
		require.NoError(t, sup.Start(t.Context()))
		ctx, cancel := context.WithTimeout(t.Context(), 1500*time.Millisecond)
		defer cancel()
		require.NoError(t, sup.Shutdown(ctx), "it has stopped")
		require.EqualValues(t, 1, count.Load())
		require.NoError(t, sup.Wait())
		require.EqualValues(t, 5, count.Load())
	})
}

// An observer that waits for the end of the supervisor, in whichever way, does not wait for itself.
func TestAnObserverMayWaitForTheEnd(t *testing.T) {
	for name, wait := range map[string]func(t *testing.T, sup *supervisor.Supervisor) error{
		"Wait":     func(_ *testing.T, sup *supervisor.Supervisor) error { return sup.Wait() },
		"Shutdown": func(t *testing.T, sup *supervisor.Supervisor) error { return sup.Shutdown(t.Context()) },
		"deeper": func(_ *testing.T, sup *supervisor.Supervisor) error {
			var call func(depth int) error
			call = func(depth int) error {
				if depth > 0 {
					return call(depth - 1)
				}
				return sup.Wait()
			}
			return call(1000)
		},
		"Run": func(t *testing.T, sup *supervisor.Supervisor) error {
			ctx, cancel := context.WithCancel(t.Context())
			cancel()
			_ = sup.Wait()
			return sup.Run(ctx)
		},
		"Drain": func(t *testing.T, sup *supervisor.Supervisor) error {
			require.ErrorIs(t, sup.Drain(t.Context()), supervisor.ErrObserving)
			return nil
		},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T) {
				var sup *supervisor.Supervisor
				calls := 0
				sup = newSupervisor(t, supervisor.WithObserver(func(e supervisor.Transition) {
					if calls == 0 && e.Why == supervisor.ReasonShutdown {
						calls++
						require.NoError(t, wait(t, sup))
					}
				}))
				require.NoError(t, sup.Start(t.Context()))
				begun := time.Now()
				require.NoError(t, sup.Shutdown(t.Context()))
				require.Equal(t, begun, time.Now())
				require.Equal(t, 1, calls)
				require.Zero(t, sup.Report().Observers[0].Panics)
			})
		})
	}
}

// One that panics or ends its goroutine at the very end is waited for as well.
func TestAnObserverThatFailsAtTheEnd(t *testing.T) {
	for name, failing := range map[string]func(){"panics": func() { panic("at the end") }, "ends its goroutine": runtime.Goexit} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T) {
				sup := newSupervisor(t, supervisor.WithObserver(func(supervisor.Transition) { failing() }))
				addFunc(t, sup, "task", untilStopped)
				ctx, cancel := context.WithCancel(t.Context())
				cancel()
				begun := time.Now()
				require.NoError(t, sup.Run(ctx))
				require.Equal(t, begun, time.Now())
				report := sup.Report().Observers[0]
				require.EqualValues(t, 3, report.Delivered)
				require.EqualValues(t, 3, report.Panics)
				require.Zero(t, report.Pending)
			})
		})
	}
}

// All of 5,000 failures in one instant are logged, though the logger is slow, if all are wanted.
func TestFiveThousandFailuresAreLogged(t *testing.T) {
	const tasks = 5000
	lines := logged(t, slog.LevelWarn, func(t *testing.T, logger *slog.Logger) {
		sup := newSupervisor(t, supervisor.WithLogger(logger), supervisor.WithMaxAttempts(1),
			supervisor.WithLogLimit(supervisor.Unlimited, time.Second))
		for i := range tasks {
			addFunc(t, sup, fmt.Sprint(i), fail)
		}
		runFor(t, sup, time.Second)
	})
	require.Len(t, lines, tasks)
}

// What is lost is told, how much of which level, and at the very end, too. Errors are lost last.
func TestLossesAreTold(t *testing.T) {
	const tasks, queue = 40, 10
	var block chan struct{}
	var report supervisor.ObserverReport
	lines := logged(t, slog.LevelInfo, func(t *testing.T, logger *slog.Logger) {
		block = make(chan struct{})
		sup := newSupervisor(t, supervisor.WithLogger(slog.New(&blockingHandler{logger.Handler(), block})), supervisor.WithObserverQueue(queue),
			supervisor.WithMaxAttempts(1))
		addFunc(t, sup, "first", fail)
		require.NoError(t, sup.Start(t.Context()))
		synctest.Wait() // the logger is at its first line, and stays there
		for i := range tasks {
			dies := supervisor.WithMaxAttempts(uint32(min(i%10, 1)))
			addFunc(t, sup, fmt.Sprint(i), fail, dies)
			synctest.Wait()
		}
		add(t, sup, "last", new(completes))
		synctest.Wait()
		close(block)
		require.NoError(t, sup.Drain(t.Context()))
		report = sup.Report().Observers[0]
		require.NoError(t, sup.Shutdown(t.Context()))
	})
	require.Zero(t, report.LostErrors)
	require.EqualValues(t, 31, report.Lost, "what the logger does not want takes no room")
	failed := func(task string) string {
		return "level=WARN msg=\"task failed\" task=" + task + " run=1 status=failed why=failure exit=error attempts=1 restart_in=2s error=\"it failed\""
	}
	died := func(task string) string {
		return "level=ERROR msg=\"task dead, and stays down until Restart: it has no restart attempts left\" task=" + task + " run=1 status=dead why=exhausted exit=error error=\"it failed\""
	}
	require.Equal(t, []string{
		failed("first"),
		died("0"),
		`level=WARN msg="log records lost, the logger is too slow" lost_info=1 lost_warn=30`,
		died("10"), died("20"), died("30"),
		failed("34"), failed("35"), failed("36"), failed("37"), failed("38"), failed("39"),
		`level=INFO msg="supervisor stopped" why=shutdown`,
	}, lines)
}

// Without anything that would come after them, losses are told all the same.
func TestLossesAtTheEndAreTold(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		const queue = 3
		block := make(chan struct{})
		var seen []supervisor.Transition
		sup := newSupervisor(t, supervisor.WithObserverQueue(queue), supervisor.WithMaxAttempts(0), supervisor.WithObserver(func(e supervisor.Transition) {
			<-block
			seen = append(seen, e)
		}))
		require.NoError(t, sup.Start(t.Context()))
		for i := range 1 + queue {
			addFunc(t, sup, fmt.Sprint(i), fail)
			synctest.Wait()
		}
		addFunc(t, sup, "last", untilStopped)
		close(block)
		require.NoError(t, sup.Drain(t.Context()))
		last := len(seen) - 1
		require.Equal(t, supervisor.Transition{Seq: seen[last-1].Seq + 3, Lost: 2, Until: supervisor.Never}, seen[last])
		total := uint64(0)
		for _, e := range seen {
			total += e.Lost
		}
		report := sup.Report().Observers[0]
		require.Equal(t, total, report.Lost)
		require.EqualValues(t, 1, report.LostErrors, "the first of four, which the queue had no room for")
		require.EqualValues(t, 3*4+2, report.Lost+report.Delivered)
		require.NoError(t, sup.Shutdown(t.Context()))
		require.Zero(t, seen[len(seen)-1].Lost)
	})
}

// blockingHandler waits before each record.
type blockingHandler struct {
	slog.Handler
	block chan struct{}
}

func (h *blockingHandler) Handle(ctx context.Context, r slog.Record) error {
	<-h.block
	return h.Handler.Handle(ctx, r)
}
