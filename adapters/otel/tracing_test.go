package otel

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"

	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
)

var errDown = errors.New("the database is down")

// Each way in which a run can end, as a task that is wrapped and as one that is not says it.
func TestSpanOfARun(t *testing.T) {
	for _, end := range []struct {
		name    string
		run     func(ctx context.Context) error
		options []supervisor.TaskOption
		status  codes.Code
		events  string
		failure string // type and message
	}{
		{name: "ok", run: func(context.Context) error { return nil }},
		{name: "done", run: func(context.Context) error { return supervisor.Done(errDown) }},
		{
			name: "error", run: func(context.Context) error { return errDown },
			status: codes.Error, events: "exception", failure: "*errors.errorString: the database is down",
		},
		{
			name: "fatal", run: func(context.Context) error { return supervisor.Fatal(errDown) },
			status: codes.Error, events: "exception", failure: "*supervisor.FatalError: fatal: the database is down",
		},
		{
			name: "panic", run: func(context.Context) error { panic("oh no") },
			status: codes.Error, events: "exception", failure: "panic: oh no",
		},
		{
			name: "goexit", run: func(context.Context) error { runtime.Goexit(); return nil },
			status: codes.Error, events: "exception", failure: "runtime.Goexit: the run ended its goroutine",
		},
		{
			name: "done and fatal", run: func(context.Context) error { return errors.Join(supervisor.Done(nil), supervisor.Fatal(errDown)) },
			status: codes.Error, events: "exception", failure: "*errors.joinError: ",
		},
		{name: "stopped", run: waits, events: "stopping"},
		{name: "stopped, own error", run: func(ctx context.Context) error { <-ctx.Done(); return fmt.Errorf("closed: %w", ctx.Err()) }, events: "stopping"},
		{
			name: "failed stop", run: func(ctx context.Context) error { <-ctx.Done(); return errDown },
			status: codes.Error, events: "stopping, exception", failure: "*errors.errorString: the database is down",
		},
		{
			name: "ready", options: []supervisor.TaskOption{supervisor.WithReadiness(true)},
			run: func(ctx context.Context) error {
				_ = supervisor.Ready(ctx)
				time.Sleep(time.Second)
				_ = supervisor.NotReady(ctx)
				time.Sleep(time.Second)
				_ = supervisor.Ready(ctx)
				time.Sleep(time.Second)
				return nil
			},
			events: "ready, not ready, ready",
		},
		{
			name: "beat missed", options: []supervisor.TaskOption{supervisor.WithWatchdog(5 * time.Second)}, run: waits,
			status: codes.Error, events: "beat missed, stopping, exception", failure: "*errors.errorString: " + supervisor.ErrMissedBeat.Error(),
		},
		{
			name: "not ready in time", options: []supervisor.TaskOption{supervisor.WithReadiness(true), supervisor.WithStartTimeout(time.Second)}, run: waits,
			status: codes.Error, events: "not ready in time, stopping, exception", failure: "*errors.errorString: " + supervisor.ErrStartTimeout.Error(),
		},
		{
			name: "probe failed", run: waits,
			options: []supervisor.TaskOption{supervisor.WithProbe(func(context.Context) error { return errDown },
				supervisor.Probe{Interval: time.Second, Timeout: time.Second, Failures: 2})},
			status: codes.Error, events: "probe failed, too many probes failed, stopping, exception", failure: "*supervisor.ProbeError: ",
		},
	} {
		for _, wrapped := range []bool{true, false} {
			t.Run(fmt.Sprintf("%s, wrapped %v", end.name, wrapped), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					spans, tracing := recorded()
					task := supervisor.Task(supervisor.TaskFunc(end.run))
					if wrapped {
						task = tracing.Task(task)
					}
					options := append([]supervisor.TaskOption{supervisor.WithRestart(supervisor.RestartNever)}, end.options...)
					sup, err := supervisor.New(supervisor.WithName("root"), tracing.Option(), supervisor.WithTask("task", task, options...))
					require.NoError(t, err)
					began := time.Now()
					runFor(t, t.Context(), sup, time.Minute)

					require.Len(t, spans.Ended(), 1)
					span := spans.Ended()[0]
					require.Equal(t, "run task", span.Name())
					require.Equal(t, trace.SpanKindInternal, span.SpanKind())
					require.True(t, began.Equal(span.StartTime()))
					require.Equal(t, "root", attributeOf(span.Attributes(), keySupervisor))
					require.Equal(t, "task", attributeOf(span.Attributes(), keyTask))
					require.Equal(t, "1", attributeOf(span.Attributes(), keyRun))
					require.Equal(t, "supervisor-start", attributeOf(span.Attributes(), keyReason))
					require.Equal(t, end.status, span.Status().Code)
					var names []string
					for _, event := range span.Events() {
						names = append(names, event.Name)
						if event.Name == "exception" {
							require.True(t, strings.HasPrefix(attributeOf(event.Attributes, "exception.type")+": "+attributeOf(event.Attributes, "exception.message"), end.failure),
								"%v", event.Attributes)
							require.Equal(t, attributeOf(span.Attributes(), "error.type"), attributeOf(event.Attributes, "exception.type"))
						}
					}
					require.Equal(t, end.events, strings.Join(names, ", "))
					if end.name == "panic" {
						require.Contains(t, attributeOf(span.Events()[0].Attributes, "exception.stacktrace"), "TestSpanOfARun")
					}
					requireForgotten(t, tracing)
				})
			})
		}
	}
}

// Each run is linked to the one before it, and is the root of a trace, whatever the supervisor was started in.
func TestRunsAreLinked(t *testing.T) {
	for _, wrapped := range []bool{true, false} {
		synctest.Test(t, func(t *testing.T) {
			spans, tracing := recorded()
			task := supervisor.Task(supervisor.TaskFunc(func(context.Context) error { return errDown }))
			if wrapped {
				task = tracing.Task(supervisor.Factory(func() supervisor.Task {
					return supervisor.TaskFunc(func(context.Context) error { return errDown })
				}))
			}
			sup, err := supervisor.New(tracing.Option(), supervisor.WithTask("task", task))
			require.NoError(t, err)
			ctx, request := tracing.tracer.Start(t.Context(), "request")
			runFor(t, ctx, sup, 10*time.Minute)
			request.End()
			runs := spans.Ended()
			require.Len(t, runs, 7) // and the request
			require.Equal(t, "request", runs[6].Name())
			seen := map[trace.TraceID]bool{runs[6].SpanContext().TraceID(): true}
			for i, run := range runs[:6] {
				require.False(t, run.Parent().IsValid())
				require.False(t, seen[run.SpanContext().TraceID()])
				seen[run.SpanContext().TraceID()] = true
				require.Equal(t, fmt.Sprint(i+1), attributeOf(run.Attributes(), keyRun))
				require.Equal(t, fmt.Sprint(i), attributeOf(run.Attributes(), keyAttempts))
				if i == 0 {
					require.Empty(t, run.Links())
					continue
				}
				require.Equal(t, "backoff", attributeOf(run.Attributes(), keyReason))
				require.Len(t, run.Links(), 1)
				require.Equal(t, runs[i-1].SpanContext(), run.Links()[0].SpanContext)
				require.Equal(t, fmt.Sprint(i), attributeOf(run.Links()[0].Attributes, keyRun))
			}
			requireForgotten(t, tracing)
		})
	}
}

// What a wrapped run does is part of its trace; with the start record, the trace can be found before the run has ended.
func TestTheContextCarriesTheSpan(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		spans, tracing := recorded()
		var log spanLog
		WithStartRecord(slog.New(&log))(tracing)
		task := tracing.Task(supervisor.TaskFunc(func(ctx context.Context) error {
			_, info := supervisor.Current(ctx)
			require.True(t, info)
			_, query := tracing.tracer.Start(ctx, "query")
			query.End()
			return waits(ctx)
		}))
		sup, err := supervisor.New(supervisor.WithName("root"), supervisor.WithTask("task", task))
		require.NoError(t, err)
		ctx, stop := context.WithCancel(t.Context())
		require.NoError(t, sup.Start(ctx))
		synctest.Wait()
		require.Len(t, spans.Ended(), 1)
		query := spans.Ended()[0]
		require.Equal(t, []string{`run started supervisor=root task=task run=1 why=supervisor-start trace=` + query.SpanContext().TraceID().String()}, log.lines)
		stop()
		require.NoError(t, sup.Wait())
		require.Len(t, spans.Ended(), 2)
		require.Equal(t, spans.Ended()[1].SpanContext().SpanID(), query.Parent().SpanID())
		requireForgotten(t, tracing)
	})
}

// What is wrapped is what it was: supervisors, cloners, what is refused, errors and panics.
func TestWrappingChangesNothing(t *testing.T) {
	_, tracing := recorded()
	nested, err := supervisor.New()
	require.NoError(t, err)
	require.Same(t, nested, tracing.Task(nested))
	require.Nil(t, tracing.Task(nil))
	for _, refused := range []supervisor.Task{supervisor.TaskFunc(nil), supervisor.Factory(nil), tracing.Task(nil)} {
		_, err := supervisor.New(supervisor.WithTask("task", tracing.Task(refused)))
		require.ErrorIs(t, err, supervisor.ErrNilTask)
	}
	factory := tracing.Task(supervisor.Factory(func() supervisor.Task { return nested })).(supervisor.Cloner)
	require.Same(t, nested, factory.Clone())
	none := tracing.Task(supervisor.Factory(func() supervisor.Task { return nil })).(supervisor.Cloner)
	require.Nil(t, none.Clone())
	require.ErrorIs(t, tracing.Task(supervisor.TaskFunc(func(context.Context) error { return errDown })).Run(t.Context()), errDown, "outside of a supervisor")

	synctest.Test(t, func(t *testing.T) {
		sup, err := supervisor.New(supervisor.WithTask("task", tracing.Task(supervisor.TaskFunc(panics)), supervisor.WithRestart(supervisor.RestartNever)))
		require.NoError(t, err)
		runFor(t, t.Context(), sup, time.Minute)
		status, err := sup.Status("task")
		require.NoError(t, err)
		var failure *supervisor.PanicError
		require.ErrorAs(t, status.LastError, &failure)
		require.Equal(t, errDown, failure.Value)
		require.Contains(t, failure.Stack.String(), "otel.panics")
	})
}

func panics(context.Context) error { panic(errDown) }

// Errors that cannot be printed, or unwrap to themselves, break no run.
func TestForeignErrors(t *testing.T) {
	for _, foreign := range []error{&hostile{}, &hostile{text: true}, &hostile{loops: true, text: true}} {
		for _, wrapped := range []bool{true, false} {
			synctest.Test(t, func(t *testing.T) {
				spans, tracing := recorded()
				task := supervisor.Task(supervisor.TaskFunc(func(context.Context) error { return foreign }))
				if wrapped {
					task = tracing.Task(task)
				}
				sup, err := supervisor.New(tracing.Option(), supervisor.WithTask("task", task, supervisor.WithRestart(supervisor.RestartNever)))
				require.NoError(t, err)
				runFor(t, t.Context(), sup, time.Minute)
				require.Len(t, spans.Ended(), 1)
				require.Equal(t, codes.Error, spans.Ended()[0].Status().Code)
				status, err := sup.Status("task")
				require.NoError(t, err)
				require.Equal(t, supervisor.ExitError, status.LastExit)
			})
		}
	}
}

type hostile struct{ text, loops bool }

func (h *hostile) Error() string {
	if h.text {
		return "text"
	}
	panic("cannot be printed")
}

func (h *hostile) Unwrap() error {
	if h.loops {
		return h
	}
	panic("cannot be unwrapped")
}

// An observer that is too slow loses events, and says so; the span of a wrapped run is never lost.
func TestWhatIsLost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		spans, tracing := recorded()
		blocked, release := make(chan struct{}), make(chan struct{})
		var options []supervisor.Option
		for i := range 20 {
			task := tracing.Task(supervisor.TaskFunc(func(context.Context) error { return nil }))
			options = append(options, supervisor.WithTask(fmt.Sprint("task", i), task))
		}
		sup, err := supervisor.New(append(options, tracing.Option(), supervisor.WithObserverQueue(4))...)
		require.NoError(t, err)
		tracing.mu.Lock()
		go func() {
			defer close(blocked)
			<-release
			tracing.mu.Unlock()
		}()
		// The runs wait for the lock, too; so only the transitions before them are lost here.
		ctx, stop := context.WithCancel(t.Context())
		require.NoError(t, sup.Start(ctx))
		close(release)
		<-blocked
		synctest.Wait()
		stop()
		require.NoError(t, sup.Wait())
		require.Len(t, spans.Ended(), 20)
		require.Equal(t, sup.Report().Observers[0].Lost, tracing.Lost())
		require.Positive(t, tracing.Lost())
	})
}

// Of a run in which very much happens, the first and the latest events are kept.
func TestEventsAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		spans, tracing := recorded()
		flickers := supervisor.TaskFunc(func(ctx context.Context) error {
			for range 500 {
				_ = supervisor.Ready(ctx)
				time.Sleep(time.Second)
				_ = supervisor.NotReady(ctx)
				time.Sleep(time.Second)
				require.LessOrEqual(t, tracing.eventsOf("task"), eventsMax)
			}
			return errDown
		})
		sup, err := supervisor.New(tracing.Option(), supervisor.WithTask("task", flickers, supervisor.WithReadiness(true), supervisor.WithRestart(supervisor.RestartNever)))
		require.NoError(t, err)
		began := time.Now()
		runFor(t, t.Context(), sup, time.Hour)
		events := spans.Ended()[0].Events()
		require.Len(t, events, eventsMax) // the SDK keeps as many, and drops the oldest of more
		require.Less(t, events[0].Time.Sub(began), 5*time.Second)
		require.Equal(t, "exception", events[len(events)-1].Name)
		require.Equal(t, "not ready", events[len(events)-2].Name)
	})
}

// A run that was abandoned and replaced has a span with that event, and the next one is linked to it.
func TestAnAbandonedRun(t *testing.T) {
	for _, wrapped := range []bool{true, false} {
		synctest.Test(t, func(t *testing.T) {
			spans, tracing := recorded()
			deaf := supervisor.Task(supervisor.TaskFunc(func(context.Context) error {
				time.Sleep(time.Hour)
				return nil
			}))
			if wrapped {
				deaf = tracing.Task(deaf)
			}
			sup, err := supervisor.New(tracing.Option(), supervisor.WithTask("task", deaf,
				supervisor.WithStopTimeout(time.Second), supervisor.WithOnAbandon(supervisor.AbandonReplace)))
			require.NoError(t, err)
			ctx, stop := context.WithCancel(t.Context())
			require.NoError(t, sup.Start(ctx))
			synctest.Wait()
			require.NoError(t, sup.Restart("task"))
			time.Sleep(2 * time.Hour)
			stop()
			_ = sup.Wait()
			synctest.Wait()
			require.Len(t, spans.Ended(), 2)
			first, second := spans.Ended()[0], spans.Ended()[1]
			require.Equal(t, "stopping", first.Events()[0].Name)
			require.Equal(t, "abandoned", first.Events()[1].Name)
			require.Equal(t, first.SpanContext(), second.Links()[0].SpanContext)
			require.Empty(t, second.Events())
			requireForgotten(t, tracing)
		})
	}
}

// A supervisor that has one task at a time can go on for ever.
func TestNothingIsKeptOfRemovedTasks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, tracing := recorded()
		sup, err := supervisor.New(tracing.Option())
		require.NoError(t, err)
		ctx, stop := context.WithCancel(t.Context())
		require.NoError(t, sup.Start(ctx))
		for i := range 100 {
			name := fmt.Sprint("task", i)
			task := supervisor.Task(supervisor.TaskFunc(waits))
			if i%2 == 0 {
				task = tracing.Task(task)
			}
			require.NoError(t, sup.Add(name, task))
			synctest.Wait()
			require.NoError(t, sup.RemoveWait(t.Context(), name))
		}
		stop()
		require.NoError(t, sup.Wait())
		synctest.Wait()
		require.Empty(t, tracing.seen)
		requireForgotten(t, tracing)
	})
}

func waits(ctx context.Context) error {
	<-ctx.Done()
	return nil
}

// runFor runs a supervisor for a while, and stops it.
func runFor(t *testing.T, ctx context.Context, sup *supervisor.Supervisor, d time.Duration) {
	t.Helper()
	ctx, stop := context.WithCancel(ctx)
	require.NoError(t, sup.Start(ctx))
	time.Sleep(d)
	stop()
	_ = sup.Wait()
	synctest.Wait()
}

func recorded() (*tracetest.SpanRecorder, *Tracing) {
	spans := tracetest.NewSpanRecorder()
	return spans, NewTracing(WithTracerProvider(sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(spans))))
}

func attributeOf(all []attribute.KeyValue, key attribute.Key) string {
	for _, a := range all {
		if a.Key == key {
			return a.Value.String()
		}
	}
	return ""
}

// eventsOf returns how many events of the current run of a task are kept.
func (t *Tracing) eventsOf(path string) int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return len(t.seen[path].current.events)
}

// requireForgotten requires that no run is remembered that has ended.
func requireForgotten(t *testing.T, tracing *Tracing) {
	t.Helper()
	require.Empty(t, tracing.live)
	require.Empty(t, tracing.claimed)
	for _, task := range tracing.seen {
		require.Nil(t, task.current)
	}
}

// spanLog keeps records as a handler would write them that adds the trace.
type spanLog struct {
	slog.Handler
	lines []string
}

func (l *spanLog) Enabled(context.Context, slog.Level) bool { return true }

func (l *spanLog) Handle(ctx context.Context, r slog.Record) error {
	line := r.Message
	r.Attrs(func(a slog.Attr) bool {
		line += " " + a.String()
		return true
	})
	l.lines = append(l.lines, line+" trace="+trace.SpanContextFromContext(ctx).TraceID().String())
	return nil
}
