package otel

import (
	"log/slog"
	"sync"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"

	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
)

// scope is the name of the instrumentation, under which its spans and metrics are found.
const scope = "github.com/tasksupervisor/tasksupervisor/adapters/otel"

// Tracing makes a span of every run in one tree of supervisors. [Tracing.Option] is given to the root:
//
//	tracing := otel.NewTracing()
//	sup, err := supervisor.New(
//		tracing.Option(),
//		supervisor.WithTask("mailer", tracing.Task(mailer)),
//		supervisor.WithTask("cache", cache),
//	)
//
// A task that is wrapped by [Tracing.Task] finds the span of its run in its context, so that what the run does is part of the
// trace. Its span is begun and ended by the run itself, and is never lost. The spans of all other tasks, and of nested supervisors,
// are made by the observer that the option adds, when the run has ended. An observer that is too slow loses transitions (see
// [supervisor.WithObserverQueue]). What is lost then are events of spans, and whole spans of tasks that are not wrapped:
// [Tracing.Lost] counts the transitions.
//
// Each span is the root of a trace of its own, and linked to that of the task's run before. It is never the child of the span in which
// the supervisor was started or the task was added: a run outlives both. A span is exported only when it ends, so the run that goes on
// for weeks is not seen for weeks; see [WithStartRecord].
//
// All methods can be called from anywhere.
type Tracing struct {
	tracer trace.Tracer
	log    *slog.Logger

	mu       sync.Mutex
	observed bool                 // it has an observer
	live     map[runKey]*liveSpan // of wrapped runs that have not ended
	claimed  map[runKey]struct{}  // wrapped runs whose end the observer has not been told of
	seen     map[string]*seenTask // what the observer has been told of a task, by path
	lost     uint64
}

// runKey names a run. Two with the same key are never alive at the same time.
type runKey struct {
	path string
	run  supervisor.RunNumber
}

// TracingOption is an option of [NewTracing]. A nil one changes nothing.
type TracingOption func(*Tracing)

// WithTracerProvider says where spans go. Default: the global provider, otel.GetTracerProvider.
func WithTracerProvider(provider trace.TracerProvider) TracingOption {
	return func(t *Tracing) { t.tracer = provider.Tracer(scope) }
}

// WithStartRecord has a record logged when a run of a wrapped task starts, at level Info, with the run's context: a handler
// such as the bridge otelslog adds the ids of trace and span, under which the run can be found before it ends. Default: none.
func WithStartRecord(logger *slog.Logger) TracingOption {
	return func(t *Tracing) { t.log = logger }
}

// NewTracing returns a Tracing for one tree of supervisors.
func NewTracing(options ...TracingOption) *Tracing {
	t := &Tracing{
		live:    make(map[runKey]*liveSpan),
		claimed: make(map[runKey]struct{}),
		seen:    make(map[string]*seenTask),
	}
	for _, option := range options {
		if option != nil {
			option(t)
		}
	}
	if t.tracer == nil {
		t.tracer = otel.GetTracerProvider().Tracer(scope)
	}
	return t
}

// Option returns the option for the root supervisor. It adds an observer, which is told of the whole tree.
func (t *Tracing) Option() supervisor.Option {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.observed = true
	return supervisor.WithObserver(t.observe)
}

// Lost returns how many transitions the observer was too slow for. Each of them may have been an event of a span, or the start or end
// of a run that has no span now.
func (t *Tracing) Lost() uint64 {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.lost
}

// The attributes of spans, of their events and of metrics.
const (
	keySupervisor = attribute.Key("tasksupervisor.supervisor.path")
	keyTask       = attribute.Key("tasksupervisor.task.name")
	keyRun        = attribute.Key("tasksupervisor.run.number")
	keyReason     = attribute.Key("tasksupervisor.run.reason")    // why it was started, or is stopped
	keyAttempts   = attribute.Key("tasksupervisor.task.attempts") // restarts in a row
)

// begin returns what a span begins with.
func begin(at string, task string, run supervisor.RunNumber, why supervisor.Reason, attempts uint32, before previous) []trace.SpanStartOption {
	options := []trace.SpanStartOption{
		trace.WithNewRoot(),
		trace.WithAttributes(
			keySupervisor.String(at), keyTask.String(task), keyRun.Int64(int64(run)),
			keyReason.String(why.String()), keyAttempts.Int64(int64(attempts)),
		),
	}
	if before.span.IsValid() {
		options = append(options, trace.WithLinks(trace.Link{
			SpanContext: before.span,
			Attributes:  []attribute.KeyValue{keyRun.Int64(int64(before.run))},
		}))
	}
	return options
}

// spanName is the name of the span of a run.
func spanName(task string) string { return "run " + task }

// previous is the run of a task before another.
type previous struct {
	span trace.SpanContext // not valid: there was none
	run  supervisor.RunNumber
}
