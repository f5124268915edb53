package supervisortest_test

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor/supervisortest"
)

// fake is a test of which a test can see that it fails.
type fake struct {
	testing.TB
	ctx      context.Context
	failures []string
	logs     []string
	cleanups []func()
}

func (f *fake) Helper()                  {}
func (f *fake) Context() context.Context { return f.ctx }
func (f *fake) Cleanup(c func())         { f.cleanups = append(f.cleanups, c) }
func (f *fake) Failed() bool             { return len(f.failures) > 0 }
func (f *fake) Errorf(format string, args ...any) {
	f.failures = append(f.failures, fmt.Sprintf(format, args...))
}
func (f *fake) Logf(format string, args ...any) {
	f.logs = append(f.logs, fmt.Sprintf(format, args...))
}

func (f *fake) Fatalf(format string, args ...any) {
	f.Errorf(format, args...)
	runtime.Goexit()
}

// run runs a test to its end, what it has to clean up included.
func (f *fake) run(ctx context.Context, test func(t testing.TB)) {
	var cancel context.CancelFunc
	f.ctx, cancel = context.WithCancel(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		test(f)
	}()
	<-done
	cancel()
	for _, cleanup := range slices.Backward(f.cleanups) {
		cleanup()
	}
}

// failuresOf returns how a test fails, each in its first line.
func failuresOf(t *testing.T, test func(t testing.TB)) (lines []string) {
	t.Helper()
	supervisortest.Bubble(t, func(t *testing.T) {
		f := &fake{}
		f.run(context.WithoutCancel(t.Context()), test)
		for _, failure := range f.failures {
			first, _, _ := strings.Cut(failure, "\n")
			lines = append(lines, first)
		}
	})
	return lines
}

func requireFailure(t *testing.T, pattern string, test func(t testing.TB)) {
	t.Helper()
	failures := failuresOf(t, test)
	require.Len(t, failures, 1)
	require.Regexp(t, pattern, failures[0])
}
