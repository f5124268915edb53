package otel

import (
	"context"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"

	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
)

// The events of a span.
const (
	eventReady       = "ready"
	eventNotReady    = "not ready"
	eventNotInTime   = "not ready in time"
	eventBeatMissed  = "beat missed"
	eventProbeFailed = "probe failed"
	eventUnhealthy   = "too many probes failed"
	eventStopping    = "stopping"
	eventAbandoned   = "abandoned"
)

// seenTask is what the observer has been told of a task.
type seenTask struct {
	before  previous // its latest run that has a span made here
	current *seenRun // nil: it has none
}

// seenRun is a run that the observer has been told of, and not its end.
type seenRun struct {
	start  supervisor.Transition
	events []spanEvent
}

type spanEvent struct {
	name       string
	date       time.Time
	attributes []attribute.KeyValue
}

// observe is told of every decision in the tree, one at a time.
func (t *Tracing) observe(now supervisor.Transition) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.lost += now.Lost
	if now.Task == "" {
		return
	}
	path := now.Path()
	task := t.seen[path]
	if task == nil {
		task = new(seenTask)
		t.seen[path] = task
	}
	if name, attributes := eventOf(&now); name != "" {
		t.addEvent(path, task, &now, spanEvent{name, now.Date, attributes})
	}
	if now.Kind == supervisor.ActionStop {
		t.addEvent(path, task, &now, spanEvent{eventStopping, now.Date, []attribute.KeyValue{keyReason.String(now.Why.String())}})
	}
	if task.current != nil && (now.Kind == supervisor.ActionStart || !hasRun(now.To)) {
		t.endSeen(path, task, &now)
	}
	if now.Kind == supervisor.ActionStart {
		task.current = &seenRun{start: now}
	}
	if now.Kind == supervisor.ActionForget {
		delete(t.seen, path)
	}
}

// hasRun reports whether a task of a status has a run.
func hasRun(status supervisor.Status) bool {
	switch status {
	case supervisor.StatusStarting, supervisor.StatusHealthy, supervisor.StatusStopping, supervisor.StatusAbandoned:
		return true
	case supervisor.StatusNone, supervisor.StatusCreated, supervisor.StatusFailed, supervisor.StatusCompleted,
		supervisor.StatusDead, supervisor.StatusHalted:
	}
	return false
}

// eventOf returns what a transition means for the span of the run that it concerns, or "".
func eventOf(now *supervisor.Transition) (name string, attributes []attribute.KeyValue) {
	switch {
	case now.Run == 0 || now.LateProbe:
		return "", nil
	case now.Kind == supervisor.ActionAbandon:
		name = eventAbandoned
	case now.Why == supervisor.ReasonReady && hasRun(now.From):
		name = eventReady
	case now.Why == supervisor.ReasonUnready:
		name = eventNotReady
	case now.Why == supervisor.ReasonProbeFailed:
		name = eventProbeFailed
	case now.Why == supervisor.ReasonStartTimeout && hasRun(now.To), now.Why == supervisor.ReasonWatchdog && hasRun(now.To):
		name = hangEvent(now.Err)
	default:
		return "", nil
	}
	if now.Err != nil {
		attributes = append(attributes, attribute.String("exception.message", text(now.Err)))
	}
	return name, attributes
}

// hangEvent returns the event that a run hangs, or "" if it is not stopped for that.
func hangEvent(cause error) string {
	switch {
	case searched(cause, func(err error) bool { return err == supervisor.ErrMissedBeat }):
		return eventBeatMissed
	case searched(cause, func(err error) bool { return err == supervisor.ErrStartTimeout }):
		return eventNotInTime
	case hangs(cause):
		return eventUnhealthy
	}
	return ""
}

// addEvent adds an event to the span of the run that a transition concerns: of a wrapped task to the span itself.
func (t *Tracing) addEvent(path string, task *seenTask, now *supervisor.Transition, event spanEvent) {
	if live := t.live[runKey{path, now.Run}]; live != nil {
		if now.Kind != supervisor.ActionStop { // it says itself that it is stopped, and why
			live.AddEvent(event.name, trace.WithTimestamp(event.date), trace.WithAttributes(event.attributes...))
		}
		return
	}
	run := task.current
	if run == nil || run.start.Run != now.Run {
		return
	}
	run.events = append(run.events, event)
	if len(run.events) > eventsMax {
		run.events = append(run.events[:eventsMax/2], run.events[eventsMax/2+1:]...)
	}
}

// eventsMax is how many events are kept for a span, as many as the SDK keeps by default. Of more, the first and the latest are.
const eventsMax = 128

// endSeen makes the span of a run that has ended, unless the run itself has.
func (t *Tracing) endSeen(path string, task *seenTask, now *supervisor.Transition) {
	run := task.current
	task.current = nil
	key := runKey{path, run.start.Run}
	if _, claimed := t.claimed[key]; claimed {
		delete(t.claimed, key)
		return
	}
	start := &run.start
	options := begin(start.Supervisor, start.Task, start.Run, start.Why, start.Attempts, task.before)
	_, span := t.tracer.Start(context.Background(), spanName(start.Task), append(options, trace.WithTimestamp(start.Date))...)
	for _, event := range run.events {
		span.AddEvent(event.name, trace.WithTimestamp(event.date), trace.WithAttributes(event.attributes...))
	}
	task.before = previous{span.SpanContext(), start.Run}
	finish(span, seenOutcome(now), trace.WithTimestamp(now.Date))
}

// seenOutcome returns the outcome of a run that ended with a transition.
func seenOutcome(now *supervisor.Transition) outcome {
	failure, isPanic := now.Err.(*supervisor.PanicError)
	gone, isGoexit := now.Err.(*supervisor.GoexitError)
	switch {
	case isPanic:
		return panicked(failure.Value, []byte(failure.Stack.String()))
	case isGoexit:
		return goexit([]byte(gone.Stack.String()))
	case now.Exit == supervisor.ExitOK, now.Exit == supervisor.ExitDone, now.Err == nil,
		now.Exit == supervisor.ExitStopped && !now.FailedStop:
		return outcome{status: codes.Unset}
	}
	return failed(now.Err)
}
