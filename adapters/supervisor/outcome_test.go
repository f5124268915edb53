package supervisor_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
)

// whenStopped is a task that ends in its own way when it is asked to stop.
func whenStopped(end func(ctx context.Context) error) supervisor.TaskFunc {
	return func(ctx context.Context) error {
		<-ctx.Done()
		return end(ctx)
	}
}

// returning is a task that returns an error when it is asked to stop.
func returning(err error) supervisor.TaskFunc {
	return whenStopped(func(context.Context) error { return err })
}

func panicking(context.Context) error { panic("boom") }

// loggedFrom writes the records from a level on, without times and stacks.
func loggedFrom(level slog.Level, log io.Writer) supervisor.Option {
	return supervisor.WithLogger(slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{
		Level: level,
		ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
			if a.Key == slog.TimeKey || a.Key == "stack" {
				return slog.Attr{}
			}
			return a
		},
	})))
}

// A stopping run may return nil, Done, or its context's own error, however wrapped, and nothing else.
func TestWhatAStoppingRunReturnsIsNeverSilent(t *testing.T) {
	cause := func(ctx context.Context) error { return context.Cause(ctx) }
	for name, c := range map[string]struct {
		end  func(ctx context.Context) error
		lost string // the level of its record; "": nothing was lost
	}{
		"nil":           {func(context.Context) error { return nil }, ""},
		"canceled":      {func(ctx context.Context) error { return ctx.Err() }, ""},
		"cause":         {cause, ""},
		"wrapped cause": {func(ctx context.Context) error { return fmt.Errorf("stopped: %w", cause(ctx)) }, ""},
		"joined causes": {func(ctx context.Context) error { return errors.Join(cause(ctx), ctx.Err()) }, ""},
		"own kind of": {func(context.Context) error {
			return &hostile{is: func(err error) bool { return err == context.Canceled }}
		}, ""},
		"derived context": {func(ctx context.Context) error {
			ctx, cancel := context.WithTimeout(ctx, time.Hour)
			defer cancel()
			return ctx.Err()
		}, ""},
		"done":             {func(context.Context) error { return supervisor.Done(errFailed) }, ""},
		"error":            {func(context.Context) error { return errFailed }, "WARN"},
		"joined with it":   {func(ctx context.Context) error { return errors.Join(ctx.Err(), errFailed) }, "WARN"},
		"wrapped with it":  {func(ctx context.Context) error { return fmt.Errorf("%w, %w", errFailed, cause(ctx)) }, "WARN"},
		"a deadline":       {func(context.Context) error { return context.DeadlineExceeded }, "WARN"},
		"nothing, wrapped": {func(context.Context) error { return &several{} }, "WARN"},
		"fatal":            {func(context.Context) error { return supervisor.Fatal(errFailed) }, "ERROR"},
		"panic":            {panicking, "ERROR"},
		"goexit":           {func(context.Context) error { goexit(); return nil }, "ERROR"},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T) {
				var log bytes.Buffer
				sup := newSupervisor(t, loggedFrom(slog.LevelWarn, &log), supervisor.ForService(), supervisor.WithTask("task", whenStopped(c.end)))
				require.NoError(t, sup.Start(context.Background()))
				wait(time.Second)
				require.NoError(t, sup.Shutdown(context.Background()))
				require.NoError(t, sup.Wait(), "it is not a failure")
				require.NoError(t, sup.Drain(context.Background()))
				report := sup.Report()
				if c.lost == "" {
					require.Empty(t, report.FailedStops)
					require.Zero(t, report.Runs.FailedStops)
					require.Empty(t, log.String())
					return
				}
				require.Len(t, report.FailedStops, 1)
				failed := report.FailedStops[0]
				last := status(t, sup, "task").LastError
				require.Equal(t, last, failed.Err)
				require.Equal(t, "task", failed.Path)
				require.EqualValues(t, 1, failed.Run)
				requireWord(t, supervisor.ReasonSupervisorStop, failed.Why)
				require.Equal(t, supervisor.Instant(time.Second), failed.At)
				require.Equal(t, time.Now().Round(0), failed.Date)
				require.EqualValues(t, 1, report.Runs.FailedStops)
				require.Contains(t, report.String(), ", 1 failed while they were stopped")
				require.Contains(t, log.String(), `level=`+c.lost+` msg="task failed while it stopped" task=task run=1 status=halted`)
				require.Equal(t, 1, strings.Count(log.String(), "\n"))
			})
		})
	}
}

// Every way to be stopped: what the run returns is told once, by one transition, and costs nothing.
func TestFailedStopsAreToldHoweverARunIsStopped(t *testing.T) {
	type stopping struct {
		why     supervisor.Reason
		options []supervisor.Option
		task    []supervisor.TaskOption
		stop    func(sup *supervisor.Supervisor) error
		also    error // which LastError wraps, too
	}
	call := func(stop func(*supervisor.Supervisor, string) error) func(*supervisor.Supervisor) error {
		return func(sup *supervisor.Supervisor) error { return stop(sup, "task") }
	}
	nothing := func(*supervisor.Supervisor) error { return nil }
	for name, c := range map[string]stopping{
		"shutdown": {why: supervisor.ReasonSupervisorStop, stop: func(sup *supervisor.Supervisor) error { return sup.Shutdown(context.Background()) }},
		"kill":     {why: supervisor.ReasonKilled, stop: call((*supervisor.Supervisor).Kill)},
		"restart":  {why: supervisor.ReasonRestarted, stop: call((*supervisor.Supervisor).Restart)},
		"suspend":  {why: supervisor.ReasonSuspended, stop: call((*supervisor.Supervisor).Suspend)},
		"remove":   {why: supervisor.ReasonRemoved, stop: call((*supervisor.Supervisor).Remove)},
		"sibling": {
			why: supervisor.ReasonSibling, options: []supervisor.Option{supervisor.WithStrategy(supervisor.OneForAll)},
			stop: func(sup *supervisor.Supervisor) error {
				return sup.Add("fails", new(fails), supervisor.WithBaseDelay(time.Hour))
			},
		},
		"retired by a sibling": {
			why: supervisor.ReasonSibling, options: []supervisor.Option{supervisor.WithStrategy(supervisor.OneForAll)},
			task: []supervisor.TaskOption{supervisor.WithRestart(supervisor.RestartNever)},
			stop: func(sup *supervisor.Supervisor) error {
				return sup.Add("fails", new(fails), supervisor.WithBaseDelay(time.Hour))
			},
		},
		"start timeout": {
			why: supervisor.ReasonStartTimeout, stop: nothing, also: supervisor.ErrStartTimeout,
			task: []supervisor.TaskOption{supervisor.WithReadiness(true), supervisor.WithStartTimeout(time.Second)},
		},
		"watchdog": {
			why: supervisor.ReasonWatchdog, stop: nothing, also: supervisor.ErrMissedBeat,
			task: []supervisor.TaskOption{supervisor.WithWatchdog(time.Second)},
		},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T) {
				var told []supervisor.Transition
				sup := newSupervisor(t, append(c.options, supervisor.WithObserver(func(tr supervisor.Transition) {
					if tr.FailedStop {
						told = append(told, tr)
					}
				}))...)
				first := true
				addFunc(t, sup, "task", func(ctx context.Context) error {
					<-ctx.Done()
					if first {
						first = false
						panic(errFailed)
					}
					return ctx.Err()
				}, append(c.task, supervisor.WithBaseDelay(time.Minute))...)
				start(t, sup)
				require.NoError(t, c.stop(sup))
				wait(2 * time.Second)
				var last error
				if s, err := sup.Status("task"); err == nil {
					last = s.LastError
					require.ErrorIs(t, last, errFailed)
					if c.also != nil {
						require.ErrorIs(t, last, c.also)
						require.Equal(t, c.also.Error()+"; while it stopped: panic: it failed", last.Error())
					}
				}
				report := sup.Report()
				require.Len(t, report.FailedStops, 1, "removed tasks are not forgotten")
				requireWord(t, c.why, report.FailedStops[0].Why)
				requireWord(t, supervisor.ExitPanic, report.FailedStops[0].Exit)
				require.ErrorIs(t, report.FailedStops[0].Err, errFailed)
				require.Equal(t, "task run 1 (panic while it stopped, "+c.why.String()+"): panic: it failed", report.FailedStops[0].String())
				require.NoError(t, sup.Drain(context.Background()))
				require.Len(t, told, 1)
				require.ErrorIs(t, told[0].Err, errFailed)
			})
		})
	}
}

// A run that fails while its stop waits for its turn is told, too: nothing judges it.
func TestAFailureBeforeItsTurnToStopIsTold(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		fail := make(chan struct{})
		slow := newIgnoresStop()
		sup := newSupervisor(t,
			supervisor.WithTask("first", supervisor.TaskFunc(func(context.Context) error { <-fail; return errFailed })),
			supervisor.WithTask("slow", slow, supervisor.WithNeeds("first"), supervisor.WithStopTimeout(supervisor.Forever)),
		)
		require.NoError(t, sup.Start(context.Background()))
		synctest.Wait()
		require.NoError(t, sup.Kill("first"))
		synctest.Wait()
		close(fail)
		synctest.Wait()
		requireStatus(t, sup, "first", supervisor.StatusDead)
		require.Len(t, sup.Report().FailedStops, 1)
		requireWord(t, supervisor.ReasonKilled, sup.Report().FailedStops[0].Why)
		slow.release <- struct{}{}
		require.NoError(t, sup.Shutdown(context.Background()))
	})
}

// What is judged is not told again: a failure is a failure, and no more.
func TestAFailureIsNoFailedStop(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		for _, options := range [][]supervisor.TaskOption{
			{supervisor.WithBaseDelay(time.Second)}, {supervisor.WithMaxAttempts(0)}, {supervisor.WithRestart(supervisor.RestartNever)},
			{supervisor.WithRestart(supervisor.RestartAlways), supervisor.WithMinUptime(time.Minute)},
		} {
			for _, task := range []supervisor.TaskFunc{panicking, new(fails).Run, new(completes).Run, func(context.Context) error { return context.Canceled }} {
				sup := newSupervisor(t)
				addFunc(t, sup, "task", task, options...)
				start(t, sup)
				wait(time.Hour)
				require.Empty(t, sup.Report().FailedStops)
			}
		}
	})
}

func TestFailedStopsDoNotGrowWithThePast(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		sup := newSupervisor(t, supervisor.WithTask("stays", returning(errFailed)))
		start(t, sup)
		for range 100 {
			add(t, sup, "goes", returning(errFailed))
			require.NoError(t, sup.Restart("stays"))
			synctest.Wait()
			require.NoError(t, sup.RemoveWait(context.Background(), "goes"))
		}
		report := sup.Report()
		require.EqualValues(t, 200, report.Runs.FailedStops)
		require.Len(t, report.FailedStops, 2)
		require.Equal(t, "goes", report.FailedStops[0].Path)
		require.Equal(t, "stays", report.FailedStops[1].Path)
		require.EqualValues(t, 100, report.FailedStops[1].Run)
	})
}

// A run that was left behind is told when it ends after all, whatever it did then.
func TestAbandonedRunsThatFailAreTold(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		var log bytes.Buffer
		gates := newGated(2)
		sup := abandon(t, gates, loggedFrom(slog.LevelWarn, &log), supervisor.WithOnAbandon(supervisor.AbandonReplace))
		require.EqualValues(t, 1, status(t, sup, "deaf").Fenced)
		gates.open(1)
		require.NoError(t, sup.Drain(context.Background()))
		require.Contains(t, log.String(), `level=WARN msg="abandoned run failed" task=deaf run=1`)
		require.NoError(t, status(t, sup, "deaf").LastError, "it did not end in its turn")
		require.Len(t, sup.Report().FailedStops, 1)
		gates.open(2)
		require.Len(t, sup.Report().FailedStops, 1, "that was a failure")
	})
}

// The result is a function of what happened, and not of what the supervisor heard of first.
func TestTwoEndsInOneInstantGiveOneResult(t *testing.T) {
	for seed := range uint64(60) {
		inBubble(t, func(t *testing.T) {
			random := rand.New(rand.NewPCG(seed, 1))
			end := make(chan struct{})
			task := func(err error) supervisor.TaskFunc {
				return func(context.Context) error { <-end; return err }
			}
			errs := map[string]error{"a": errors.New("a failed"), "b": nil, "c": errors.New("c failed"), "d": nil}
			sup := newSupervisor(t, supervisor.WithAutoShutdown(supervisor.AutoShutdownAny))
			for _, name := range []string{"a", "b", "c", "d"} {
				attempts := uint32(random.IntN(2)) // dead at once, or restarted: it does not matter
				addFunc(t, sup, name, task(errs[name]), supervisor.WithMaxAttempts(attempts))
			}
			addFunc(t, sup, "sidecar", task(errFailed), supervisor.WithSignificant(false))
			require.NoError(t, sup.Start(context.Background()))
			synctest.Wait()
			close(end)
			var failed *supervisor.DeadTasksError
			require.ErrorAs(t, sup.Wait(), &failed)
			require.EqualError(t, failed, `2 tasks failed: run task "a": a failed; run task "c": c failed`)
			cause := sup.Report().Cause
			requireWord(t, supervisor.ReasonAnyEnded, cause.Why)
			require.True(t, slices.Contains([]string{"a", "b", "c", "d"}, cause.Task), cause)
			require.Equal(t, errs[cause.Task], cause.Err)
		})
	}
}

// Of a fatal end and others in one instant the first that makes the supervisor stop is the cause. The error names a
// fatal one whichever that is, and what else failed is in the report.
func TestAFatalEndAmongOthersOfItsInstant(t *testing.T) {
	errs := map[string]error{"good": nil, "bad": errFailed, "fatal": supervisor.Fatal(errFailed), "worse": supervisor.Fatal(errFailed)}
	for _, test := range []struct {
		first, second string // what the supervisor hears of
		cause         supervisor.Reason
		result        string
		others        []string // that failed, by the report
	}{
		{"good", "fatal", supervisor.ReasonAnyEnded, `1 task failed: run task "fatal": fatal: it failed`, []string{"fatal"}},
		{"fatal", "good", supervisor.ReasonEscalated, `task "fatal", run 1, cannot continue: fatal: it failed`, nil},
		{"bad", "fatal", supervisor.ReasonEscalated, `task "fatal", run 1, cannot continue: fatal: it failed`, nil},
		{"fatal", "bad", supervisor.ReasonEscalated, `task "fatal", run 1, cannot continue: fatal: it failed`, []string{"bad"}},
		{"fatal", "worse", supervisor.ReasonEscalated, `task "fatal", run 1, cannot continue: fatal: it failed`, []string{"worse"}},
		{"worse", "fatal", supervisor.ReasonEscalated, `task "worse", run 1, cannot continue: fatal: it failed`, []string{"fatal"}},
	} {
		t.Run(test.first+" before "+test.second, func(t *testing.T) {
			inBubble(t, func(t *testing.T) {
				sup, ends := newSupervisor(t, supervisor.WithAutoShutdown(supervisor.AutoShutdownAny)), make(map[string]chan struct{})
				for _, name := range []string{test.first, test.second} {
					end := make(chan struct{})
					ends[name] = end
					addFunc(t, sup, name, func(context.Context) error { <-end; return errs[name] })
				}
				require.NoError(t, sup.Start(context.Background()))
				began := time.Now()
				for _, name := range []string{test.first, test.second} {
					synctest.Wait()
					close(ends[name])
				}
				require.EqualError(t, sup.Wait(), test.result)
				require.Equal(t, began, time.Now())
				requireWord(t, test.cause, sup.Report().Cause.Why)
				var others []string
				for _, failed := range sup.Report().FailedStops {
					others = append(others, failed.Path)
				}
				require.Equal(t, test.others, others)
				for _, name := range []string{test.first, test.second} {
					require.Equal(t, errs[name], status(t, sup, name).LastError)
				}
			})
		})
	}
}

func TestCauseSaysWhyASupervisorStopped(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		ctx, cancel := context.WithCancelCause(context.Background())
		sup := newSupervisor(t, supervisor.WithTask("task", supervisor.TaskFunc(untilStopped)))
		require.Zero(t, sup.Report().Cause)
		require.NoError(t, sup.Start(ctx))
		require.Zero(t, sup.Report().Cause)
		cancel(errFailed)
		require.NoError(t, sup.Wait())
		require.Equal(t, supervisor.StopCause{Why: supervisor.ReasonShutdown, Err: errFailed}, sup.Report().Cause)
		require.Equal(t, "shutdown: it failed", sup.Report().Cause.String())

		require.NoError(t, sup.Start(context.Background()))
		require.Zero(t, sup.Report().Cause, "of the run before")
		require.NoError(t, sup.Shutdown(context.Background()))
		require.Equal(t, supervisor.StopCause{Why: supervisor.ReasonShutdown}, sup.Report().Cause)
	})
	cause := func(t *testing.T, options ...supervisor.Option) (cause supervisor.StopCause) {
		inBubble(t, func(t *testing.T) {
			sup := newSupervisor(t, append(options, supervisor.WithTask("runs", supervisor.TaskFunc(untilStopped),
				supervisor.WithSignificant(false)))...)
			_ = sup.Run(context.Background())
			cause = sup.Report().Cause
		})
		return cause
	}
	failing, ending := supervisor.WithTask("task", new(fails), supervisor.WithMaxAttempts(0)), supervisor.WithTask("task", new(completes))
	by := func(why supervisor.Reason, err error) supervisor.StopCause {
		return supervisor.StopCause{Why: why, Task: "task", Run: 1, Err: err}
	}
	require.Equal(t, by(supervisor.ReasonAllEnded, nil), cause(t, ending, supervisor.WithAutoShutdown(supervisor.AutoShutdownAll)))
	require.Equal(t, by(supervisor.ReasonAnyEnded, errFailed), cause(t, failing, supervisor.WithAutoShutdown(supervisor.AutoShutdownAny)))
	require.Equal(t, by(supervisor.ReasonTooManyDead, errFailed), cause(t, failing, supervisor.WithDeadThreshold(0.1)))
	require.Equal(t, by(supervisor.ReasonIntensity, errFailed), cause(t, supervisor.WithTask("task", new(fails)), supervisor.WithIntensity(0, time.Minute)))
	fatal := supervisor.Fatal(nil)
	require.Equal(t, by(supervisor.ReasonEscalated, fatal), cause(t, supervisor.WithTask("task", supervisor.TaskFunc(func(context.Context) error { return fatal }))))
	require.Equal(t, `any-ended, by "task", run 1: it failed`, by(supervisor.ReasonAnyEnded, errFailed).String())
}

// A strict result says all that was lost, in the whole tree.
func TestAStrictResultIsSilentAboutNothing(t *testing.T) {
	play := func(t *testing.T, options ...supervisor.Option) error {
		inner := newSupervisor(t,
			supervisor.WithTask("dies", new(fails), supervisor.WithMaxAttempts(0)),
			supervisor.WithTask("stops", returning(io.ErrShortWrite)))
		root := newSupervisor(t, append(options,
			supervisor.WithTask("quits", new(fails), supervisor.WithRestart(supervisor.RestartNever)),
			supervisor.WithTask("bank", inner),
			supervisor.WithTask("killed", returning(io.ErrNoProgress)))...)
		require.NoError(t, root.Start(context.Background()))
		synctest.Wait()
		require.NoError(t, root.Kill("killed"))
		require.NoError(t, root.Shutdown(context.Background()))
		return root.Wait()
	}
	inBubble(t, func(t *testing.T) { require.NoError(t, play(t)) })
	inBubble(t, func(t *testing.T) {
		err := play(t, supervisor.WithStrictResult())
		var dead *supervisor.DeadTasksError
		require.ErrorAs(t, err, &dead)
		require.EqualError(t, dead, `2 tasks failed: run task "quits": it failed; run task "bank/dies": it failed`)
		var stops *supervisor.FailedStopsError
		require.ErrorAs(t, err, &stops)
		require.EqualError(t, stops, "2 runs failed while they were stopped: "+
			"killed run 1 (error while it stopped, killed): "+io.ErrNoProgress.Error()+"; "+
			"bank/stops run 1 (error while it stopped, supervisor-stop): short write")
		require.ErrorIs(t, err, io.ErrShortWrite)
		require.ErrorIs(t, err, errFailed)
	})
}

// It says nothing twice, and nothing of an earlier Run, and nothing at all where all went well.
func TestAStrictResultSaysNothingTwice(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		sup := newSupervisor(t, supervisor.WithStrictResult(), supervisor.WithTask("stops", returning(errFailed)))
		require.NoError(t, sup.Start(context.Background()))
		synctest.Wait()
		require.NoError(t, sup.Shutdown(context.Background()))
		require.EqualError(t, sup.Wait(), "1 run failed while it was stopped: stops run 1 (error while it stopped, supervisor-stop): it failed")
		require.NoError(t, sup.Remove("stops"))
		require.NoError(t, sup.Start(context.Background()))
		require.NoError(t, sup.Shutdown(context.Background()))
		require.NoError(t, sup.Wait())
		require.Len(t, sup.Report().FailedStops, 1, "the account has it still")

		escalates := newSupervisor(t, supervisor.WithStrictResult(), supervisor.WithOnExhausted(supervisor.ExhaustedEscalate),
			supervisor.WithTask("task", new(fails), supervisor.WithMaxAttempts(0)))
		err := escalates.Run(context.Background())
		require.IsType(t, (*supervisor.EscalatedError)(nil), err)

		all := newSupervisor(t, supervisor.WithStrictResult(), supervisor.WithAutoShutdown(supervisor.AutoShutdownAll), supervisor.WithMaxAttempts(0),
			supervisor.WithTask("extra", new(fails), supervisor.WithSignificant(false)),
			supervisor.WithTask("task", &completes{after: time.Second}),
			supervisor.WithTask("fails", new(fails)))
		err = all.Run(context.Background())
		require.IsType(t, (*supervisor.DeadTasksError)(nil), err)
		require.EqualError(t, err, `2 tasks failed: run task "extra": it failed; run task "fails": it failed`)
	})
}

// What was lost in a supervisor that a factory made is kept when the next one takes its place.
func TestFailedStopsOutliveTheSupervisorTheyWereIn(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		made := 0
		root := newSupervisor(t, supervisor.WithStrictResult())
		add(t, root, "bank", supervisor.Factory(func() supervisor.Task {
			made++
			var end error
			if made == 2 {
				end = errFailed
			}
			return newSupervisor(t, supervisor.WithTask("line", returning(end)))
		}))
		start(t, root)
		for range 3 {
			require.NoError(t, root.Restart("bank"))
			synctest.Wait()
		}
		report := root.Report()
		require.EqualValues(t, 1, report.Runs.FailedStops)
		require.Len(t, report.FailedStops, 1)
		require.Equal(t, "bank/line", report.FailedStops[0].Path)
		require.NoError(t, root.Shutdown(context.Background()))
		require.ErrorIs(t, root.Wait(), errFailed)
	})
}
