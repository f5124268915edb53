package supervisor_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
)

// hostile is an error all of whose methods do what they are told. Nil methods do nothing bad.
type hostile struct {
	text   func() string
	unwrap func() error
	is     func(error) bool
	as     func(any) bool
}

func (h *hostile) Error() string {
	if h.text != nil {
		return h.text()
	}
	return "hostile"
}

func (h *hostile) Unwrap() error {
	if h.unwrap != nil {
		return h.unwrap()
	}
	return nil
}

func (h *hostile) Is(target error) bool { return h.is != nil && h.is(target) }

func (h *hostile) As(target any) bool { return h.as != nil && h.as(target) }

// several unwraps to as many errors as it has.
type several struct{ parts []error }

func (s *several) Error() string   { return "several" }
func (s *several) Unwrap() []error { return s.parts }

// uncomparable cannot be a key, nor be compared with its like.
type uncomparable []string

func (u uncomparable) Error() string { return strings.Join(u, ", ") }

// explosive panics when it is printed, which fmt cannot stop if that happens while a panic is printed.
type explosive struct{}

func (explosive) String() string { panic(explosive{}) }

// recursive prints what it wraps, which is itself.
type recursive struct{ err error }

func (r *recursive) Error() string { return "recursive: " + r.err.Error() }
func (r *recursive) Unwrap() error { return r.err }

// zoo returns errors that should never be written.
func zoo() map[string]error {
	var self, one, other hostile
	self.unwrap = func() error { return &self }
	one.unwrap = func() error { return &other }
	other.unwrap = func() error { return &one }
	var endless func() error
	endless = func() error { return &hostile{unwrap: endless} }
	branching := new(several)
	branching.parts = []error{branching, errFailed, branching}
	wide := new(several)
	for range 10_000 {
		wide.parts = append(wide.parts, errFailed)
	}
	fatal, done, loop := &supervisor.FatalError{}, &supervisor.DoneError{}, &recursive{}
	fatal.Err, done.Err, loop.err = fatal, done, loop
	escalated := &supervisor.EscalatedError{Task: "x"}
	escalated.Err = escalated
	return map[string]error{
		"typed nil":            (*hostile)(nil),
		"own typed nil":        (*supervisor.FatalError)(nil),
		"panics printed":       &hostile{text: func() string { panic("while printed") }},
		"panics badly printed": &hostile{text: func() string { panic(explosive{}) }},
		"ends its goroutine":   &hostile{text: func() string { runtime.Goexit(); return "" }},
		"unwraps to itself":    &self,
		"unwraps in a cycle":   &one,
		"unwraps for ever":     endless(),
		"unwraps to branches":  branching,
		"is wide":              wide,
		"prints what it is":    loop,
		"fatal and itself":     fatal,
		"done and itself":      done,
		"escalated and itself": escalated,
		"panics unwrapped":     &hostile{unwrap: func() error { panic("while unwrapped") }},
		"ends when unwrapped":  &hostile{unwrap: func() error { runtime.Goexit(); return nil }},
		"panics compared":      &hostile{is: func(error) bool { panic("while compared") }},
		"panics converted":     &hostile{as: func(any) bool { panic("while converted") }},
		"claims to be all":     &hostile{is: func(error) bool { return true }},
		"is enormous":          errors.New(strings.Repeat("long ", 1<<20)),
		"is uncomparable":      uncomparable{"a", "b"},
		"has nil in it":        &several{parts: []error{nil, errFailed, nil}},
	}
}

// wraps are what well-meaning code does with an error.
func wraps() map[string]func(error) error {
	return map[string]func(error) error{
		"as it is":  func(err error) error { return err },
		"joined":    func(err error) error { return errors.Join(errFailed, err) },
		"held":      func(err error) error { return &hostile{unwrap: func() error { return err }} },
		"fatal":     supervisor.Fatal,
		"task's":    func(err error) error { return &supervisor.TaskError{Op: "run", Task: "x", Err: err} },
		"escalated": func(err error) error { return &supervisor.EscalatedError{Task: "x", Err: err} },
	}
}

// values are what code should not panic with.
func values() map[string]any {
	table := map[string]any{}
	table["table"] = table
	list := []any{nil}
	list[0] = list
	type node struct{ next any }
	ring := &node{}
	ring.next = ring
	values := map[string]any{
		"a map in itself": table, "a slice in itself": list, "a ring": ring, "an explosive": explosive{},
		"a large slice": make([]int, 1<<20), "a long string": strings.Repeat("long ", 1<<20), "a function": func() {},
		"nothing": nil, "a deep array": [1][1][1]any{{{list}}}, "a nil map": map[string]int(nil),
	}
	for name, err := range zoo() {
		values[name] = err
	}
	return values
}

// inspect does to an error what anybody may do.
func inspect(t *testing.T, err error) {
	t.Helper()
	if err == nil {
		return
	}
	require.Less(t, len(err.Error()), 200_000)
	require.Less(t, len(fmt.Sprintf("%v %+v %s", err, err, err)), 600_000)
	errors.Is(err, context.Canceled)
	errors.Is(err, io.EOF)
	var panicked *supervisor.PanicError
	errors.As(err, &panicked)
	var timeout interface{ Timeout() bool }
	errors.As(err, &timeout)
	for depth, inner := 0, err; inner != nil; inner = errors.Unwrap(inner) {
		depth++
		require.Less(t, depth, 2000)
	}
}

// inspectAll does to a supervisor and all that it says what anybody may do.
func inspectAll(t *testing.T, sup *supervisor.Supervisor) {
	t.Helper()
	report := sup.Report()
	require.NotEmpty(t, report.String())
	inspect(t, report.Err)
	inspect(t, report.Recording)
	for _, observer := range report.Observers {
		inspect(t, observer.LastPanic)
	}
	_, err := json.Marshal(report)
	require.NoError(t, err)
	for _, node := range sup.Tree() {
		_, err := json.Marshal(node)
		require.NoError(t, err)
		require.Less(t, len(node.String()), 200_000)
		inspect(t, node.LastError)
	}
}

// anyLog is a log that several loggers write at once.
type anyLog struct {
	mu    sync.Mutex
	bytes int
}

func (l *anyLog) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.bytes += len(p)
	return len(p), nil
}

// watched are options with which everything that happens is inspected by an observer, and written by two loggers.
func watched(t *testing.T, log io.Writer) []supervisor.Option {
	return []supervisor.Option{
		supervisor.WithObserver(func(tr supervisor.Transition) {
			inspect(t, tr.Err)
			_, err := json.Marshal(tr)
			require.NoError(t, err)
		}),
		supervisor.WithLogger(slog.New(slog.NewJSONHandler(log, nil))),
		supervisor.WithLogger(slog.New(slog.NewTextHandler(log, nil))),
	}
}

// playHostile runs a task with hostile ends beside a healthy sibling, below a parent, under limits that spread the word as far
// as possible.
func playHostile(t *testing.T, run supervisor.TaskFunc, options ...supervisor.TaskOption) {
	t.Helper()
	var log anyLog
	told := make(chan error, 1)
	bystander := func(ctx context.Context) error {
		<-ctx.Done()
		select {
		case told <- context.Cause(ctx):
		default:
		}
		inspect(t, context.Cause(ctx))
		return fmt.Errorf("stopped: %w", context.Cause(ctx))
	}
	bank := newSupervisor(t, append(watched(t, &log),
		supervisor.WithTask("bystander", supervisor.TaskFunc(bystander)),
		supervisor.WithTask("hostile", run, append(options,
			supervisor.WithMaxAttempts(0), supervisor.WithOnExhausted(supervisor.ExhaustedEscalate))...))...)
	root := newSupervisor(t, append(watched(t, &log), supervisor.WithAutoShutdown(supervisor.AutoShutdownAll),
		supervisor.WithTask("bank", bank, supervisor.WithRestart(supervisor.RestartNever)))...)
	require.NoError(t, root.Start(context.Background()))
	synctest.Wait()
	inspectAll(t, root)
	wait(time.Hour)
	inspectAll(t, root)
	require.NoError(t, root.Shutdown(context.Background()))
	require.NoError(t, root.Drain(context.Background()))
	inspect(t, root.Wait())
	require.ErrorIs(t, <-told, supervisor.ErrShutdown)
	for _, s := range []*supervisor.Supervisor{root, bank} {
		for _, observer := range s.Report().Observers {
			require.NoError(t, observer.LastPanic)
		}
	}
	require.Positive(t, log.bytes)
}

func TestNothingThatAUserReturnsBreaksAnything(t *testing.T) {
	for how, wrap := range wraps() {
		for name, err := range zoo() {
			t.Run(how+"/"+name, func(t *testing.T) {
				inBubble(t, func(t *testing.T) {
					playHostile(t, func(context.Context) error { return wrap(err) })
				})
				inBubble(t, func(t *testing.T) {
					playHostile(t, func(ctx context.Context) error {
						<-ctx.Done() // asked to stop by its parent
						return wrap(err)
					}, supervisor.WithReadiness(true), supervisor.WithStartTimeout(time.Second))
				})
			})
		}
	}
}

func TestNothingThatAUserPanicsWithBreaksAnything(t *testing.T) {
	for name, value := range values() {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T) {
				playHostile(t, func(context.Context) error { panic(value) })
			})
		})
	}
}

func TestNoAnswerOfAProbeBreaksAnything(t *testing.T) {
	probe := supervisor.Probe{Interval: time.Second, Timeout: time.Minute, Failures: 2}
	for name, value := range values() {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T) {
				playHostile(t, untilStopped, supervisor.WithProbe(func(context.Context) error { panic(value) }, probe))
			})
			err, isError := value.(error)
			if !isError {
				return
			}
			inBubble(t, func(t *testing.T) {
				playHostile(t, untilStopped, supervisor.WithProbe(func(context.Context) error { return err }, probe))
			})
		})
	}
}

// Errors also come in as causes of contexts, from the writer of a recording, and from observers.
func TestNoErrorFromElsewhereBreaksAnything(t *testing.T) {
	for name, err := range zoo() {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T) {
				var cause error
				sup := newSupervisor(t,
					supervisor.WithTask("task", supervisor.TaskFunc(func(ctx context.Context) error {
						<-ctx.Done()
						cause = context.Cause(ctx)
						inspect(t, cause)
						return cause
					})),
					supervisor.WithObserver(func(supervisor.Transition) { panic(err) }),
					supervisor.WithRecorder(writerFunc(func([]byte) (int, error) { return 0, err })))
				ctx, cancel := context.WithCancelCause(context.Background())
				require.NoError(t, sup.Start(ctx))
				synctest.Wait()
				cancel(err)
				require.NoError(t, sup.Wait())
				require.NoError(t, sup.Drain(context.Background()))
				require.ErrorIs(t, cause, supervisor.ErrShutdown)
				inspect(t, sup.Drain(ctx))
				inspectAll(t, sup)
				require.Error(t, sup.Report().Recording)
				require.NoError(t, sup.Start(ctx), "a context that has ended already")
				inspect(t, sup.Wait())
				require.ErrorIs(t, cause, supervisor.ErrShutdown)
			})
		})
	}
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(p []byte) (int, error) { return f(p) }

// An error keeps its identity if nothing is wrong with it, and is found in what stands for it if something is.
func TestErrorsAreStillFound(t *testing.T) {
	last := func(t *testing.T, err error) (last error) {
		inBubble(t, func(t *testing.T) {
			sup := newSupervisor(t, supervisor.WithTask("task", supervisor.TaskFunc(func(context.Context) error { return err })))
			start(t, sup)
			last = status(t, sup, "task").LastError
		})
		return last
	}
	sane := fmt.Errorf("sane: %w", errFailed)
	require.Same(t, sane, last(t, sane))

	unsound := last(t, errors.Join((*hostile)(nil), sane, context.Canceled))
	require.ErrorIs(t, unsound, errFailed)
	require.ErrorIs(t, unsound, context.Canceled)
	require.NotErrorIs(t, unsound, io.EOF)
	require.Equal(t, "an error of type *errors.joinError, which panics when it is searched", unsound.Error())

	cycle := &several{}
	cycle.parts = []error{cycle, uncomparable{"text"}, &hostile{is: func(error) bool { panic("no") }}, errFailed}
	unsound = last(t, cycle)
	require.Equal(t, "an error of type *supervisor_test.several, which unwraps without end", unsound.Error())
	require.NotErrorIs(t, unsound, io.EOF)
	var found uncomparable
	require.ErrorAs(t, unsound, &found)
	require.Equal(t, uncomparable{"text"}, found)
	var panicked *supervisor.PanicError
	require.NotErrorAs(t, unsound, &panicked)

	long := last(t, errors.New(strings.Repeat("é", 10_000)))
	require.Equal(t, strings.Repeat("é", 8192)+"... (3616 bytes more)", long.Error())
}

// An error that blocks holds up its own run and nothing else.
func TestAnErrorThatBlocksHoldsUpItsOwnRunOnly(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		release := make(chan struct{})
		blocking := &hostile{text: func() string { <-release; return "at last" }}
		sup := newSupervisor(t,
			supervisor.WithTask("blocking", supervisor.TaskFunc(func(context.Context) error { return blocking })),
			supervisor.WithTask("panicking", supervisor.TaskFunc(func(context.Context) error { panic(blocking) })),
			supervisor.WithTask("other", supervisor.TaskFunc(untilStopped)))
		ctx, cancel := context.WithCancelCause(context.Background())
		require.NoError(t, sup.Start(ctx))
		wait(time.Minute)
		require.NoError(t, sup.Restart("other"))
		synctest.Wait()
		require.EqualValues(t, 2, status(t, sup, "other").Run)
		requireStatus(t, sup, "panicking", supervisor.StatusHealthy)
		requireStatus(t, sup, "blocking", supervisor.StatusHealthy)
		cancelled := time.Now()
		cancel(blocking)
		var left *supervisor.LeftBehindError
		require.ErrorAs(t, sup.Wait(), &left)
		require.Equal(t, 11*time.Second, time.Since(cancelled), "a second for the cause, ten for the two that block")
		require.Len(t, left.Runs, 2)
		require.Equal(t, "blocking", left.Runs[0].Path)
		require.Equal(t, "panicking", left.Runs[1].Path)
		close(release)
		synctest.Wait()
		require.EqualError(t, status(t, sup, "blocking").LastError, "at last")
		require.EqualError(t, status(t, sup, "panicking").LastError, "panic: at last")
	})
}
