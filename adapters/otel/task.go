package otel

import (
	"context"
	"runtime/debug"
	"strings"
	"sync"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"

	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
)

// Task returns the task with a span around each of its runs, which the run finds in its context. The outcome of a run is what it was:
// its error, panic or runtime.Goexit is handed on, and the stack of a panic begins with two more calls. A task that is a
// [supervisor.Cloner] still is one. A [*supervisor.Supervisor] is returned as it is, and so is what the supervisor will refuse.
func (t *Tracing) Task(task supervisor.Task) supervisor.Task {
	switch task := task.(type) {
	case nil, *supervisor.Supervisor:
		return task
	case supervisor.TaskFunc:
		if task == nil {
			return task
		}
	case supervisor.Factory:
		if task == nil {
			return task
		}
	}
	traced := &tracedTask{tracing: t, task: task, history: new(history)}
	if cloner, ok := task.(supervisor.Cloner); ok {
		return &tracedCloner{traced, cloner}
	}
	return traced
}

// tracedTask is a task with a span around each run.
type tracedTask struct {
	tracing *Tracing
	task    supervisor.Task
	history *history
}

// tracedCloner is a tracedTask that gives each run a copy of its own.
type tracedCloner struct {
	*tracedTask
	cloner supervisor.Cloner
}

// Clone implements supervisor.Cloner. A supervisor that is made for a run stays one.
func (c *tracedCloner) Clone() supervisor.Task {
	clone := c.cloner.Clone()
	switch clone.(type) {
	case nil, *supervisor.Supervisor:
		return clone
	}
	return &tracedTask{c.tracing, clone, c.history}
}

// history is what a run knows of the one before it.
type history struct {
	mu     sync.Mutex
	latest previous
}

// next makes the latest run of another, which it returns.
func (h *history) next(now previous) (before previous) {
	h.mu.Lock()
	defer h.mu.Unlock()
	before, h.latest = h.latest, now
	return before
}

func (h *history) before() previous {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.latest
}

// Run implements supervisor.Task.
func (t *tracedTask) Run(ctx context.Context) (err error) {
	info, ok := supervisor.Current(ctx)
	if !ok { // it is run by something else
		return t.task.Run(ctx)
	}
	at := strings.TrimSuffix(strings.TrimSuffix(info.Path, info.Task), "/")
	ctx, span := t.tracing.tracer.Start(ctx, spanName(info.Task),
		begin(at, info.Task, info.Run, info.Why, info.Attempts, t.history.before())...)
	t.history.next(previous{span.SpanContext(), info.Run})
	live := &liveSpan{Span: span}
	key := runKey{info.Path, info.Run}
	t.tracing.enter(key, live)
	if t.tracing.log != nil {
		t.tracing.log.InfoContext(ctx, "run started", "supervisor", at, "task", info.Task, "run", info.Run, "why", info.Why.String())
	}
	unwatch := context.AfterFunc(ctx, func() { live.stopping(context.Cause(ctx)) })

	returned := false
	defer func() {
		var value any
		if !returned {
			value = recover()
		}
		unwatch()
		// What unwatch says is not enough: a context has ended before the functions that wait for that are called.
		cause := context.Cause(ctx)
		if cause != nil {
			live.stopping(cause)
		}
		t.tracing.leave(key, live)
		switch {
		case returned:
			live.end(outcomeOf(cause, err))
		case value != nil:
			live.end(panicked(value, debug.Stack()))
			panic(value)
		default:
			live.end(goexit(debug.Stack()))
		}
	}()
	err = t.task.Run(ctx)
	returned = true
	return err
}

// enter makes the span of a run known to the observer.
func (t *Tracing) enter(key runKey, live *liveSpan) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.live[key] = live
	if t.observed {
		t.claimed[key] = struct{}{}
	}
}

func (t *Tracing) leave(key runKey, live *liveSpan) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.live[key] == live {
		delete(t.live, key)
	}
}

// liveSpan is the span of a wrapped run that has not ended.
type liveSpan struct {
	trace.Span
	stop sync.Once
}

// stopping adds the event that the run was asked to stop, and first what for if it hangs.
func (l *liveSpan) stopping(cause error) {
	l.stop.Do(func() {
		why := trace.WithAttributes(attribute.String("exception.message", text(cause)))
		if hang := hangEvent(cause); hang != "" {
			l.AddEvent(hang, why)
		}
		l.AddEvent(eventStopping, why)
	})
}

// end ends the span, with how the run ended.
func (l *liveSpan) end(o outcome) { finish(l.Span, o) }

// finish ends a span with an outcome.
func finish(span trace.Span, o outcome, options ...trace.SpanEndOption) {
	if o.exception.kind != "" {
		attributes := []attribute.KeyValue{
			attribute.String("exception.type", o.exception.kind),
			attribute.String("exception.message", o.exception.message),
		}
		if o.exception.stack != "" {
			attributes = append(attributes, attribute.String("exception.stacktrace", o.exception.stack))
		}
		events := []trace.EventOption{trace.WithAttributes(attributes...)}
		if end := trace.NewSpanEndConfig(options...); !end.Timestamp().IsZero() {
			events = append(events, trace.WithTimestamp(end.Timestamp()))
		}
		span.AddEvent("exception", events...)
		span.SetAttributes(attribute.String("error.type", o.exception.kind))
	}
	span.SetStatus(o.status, o.exception.message)
	span.End(options...)
}
