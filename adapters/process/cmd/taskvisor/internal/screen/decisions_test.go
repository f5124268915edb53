package screen

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
	"github.com/tasksupervisor/tasksupervisor/internal/bubble"
)

// decided runs a supervisor for a while, and returns what is printed of its decisions.
func decided(t *testing.T, least slog.Level, length time.Duration, options ...supervisor.Option) string {
	t.Helper()
	out := new(output)
	bubble.Run(t, func(t *testing.T) {
		p := NewPrinter(out, Settings{})
		d := p.Decisions("shop", least)
		sup, err := supervisor.New(append(options, supervisor.WithName("shop"), supervisor.WithObserver(d.Observe))...)
		require.NoError(t, err)
		ctx, cancel := context.WithTimeout(t.Context(), length)
		defer cancel()
		_ = sup.Run(ctx)
		d.Flush()
		time.Sleep(2 * stormWindow) // its timers end
		closed(t, p)
	})
	return out.String()
}

var untilStopped = supervisor.TaskFunc(func(ctx context.Context) error {
	<-ctx.Done()
	return context.Cause(ctx)
})

var errExit = errors.New("exit code 1")

// failing is a task that fails after a while.
func failing(after time.Duration) supervisor.Task {
	return supervisor.TaskFunc(func(ctx context.Context) error {
		select {
		case <-time.After(after):
			return errExit
		case <-ctx.Done():
			return nil
		}
	})
}

func TestDecisionsAreSentences(t *testing.T) {
	workers, err := supervisor.New(supervisor.WithStrategy(supervisor.OneForAll), supervisor.WithTask("mail", failing(3500*time.Millisecond)),
		supervisor.WithTask("invoices", untilStopped))
	require.NoError(t, err)
	text := decided(t, slog.LevelDebug, 6*time.Second,
		supervisor.WithTask("redis", failing(time.Second), supervisor.WithMaxAttempts(1), supervisor.WithStableAfter(time.Hour)),
		supervisor.WithTask("workers", workers, supervisor.WithNeeds("redis")))
	require.Equal(t, strings.TrimPrefix(`
 * redis has started
 * workers has started
 * workers/mail has started
 * workers/invoices has started
 * redis failed (exit code 1); restarts in 2 s
 * redis has started again (restart 1 in a row)
 * workers/mail failed (exit code 1); restarts when those that stop with it have stopped
 * workers/invoices stops, because another task of its group failed
 * workers/mail restarts in 2 s
 * redis failed once too often in a row (exit code 1); it stays down
 * workers/mail has started again (restart 1 in a row)
 * workers/invoices has started
 * workers stops
 * workers/invoices stops
 * workers/invoices has stopped
 * workers/mail stops
 * workers/mail has stopped
 * workers has stopped
`, "\n"), text)
	require.NotContains(t, text, "shop")
	for line := range strings.Lines(text) {
		require.NotContains(t, line, "  ")
	}
}

// By the level that a log usually has, what tasks do is printed, and not what they wait for.
func TestUsually(t *testing.T) {
	text := decided(t, slog.LevelInfo, 3500*time.Millisecond,
		supervisor.WithTask("redis", failing(time.Second), supervisor.WithStableAfter(time.Hour)),
		supervisor.WithTask("web", untilStopped, supervisor.WithBoundTo("redis")))
	require.Equal(t, strings.TrimPrefix(`
 * redis has started
 * web has started
 * redis failed (exit code 1); restarts when those that stop with it have stopped
 * web stops, because a task that it is bound to went down
 * redis restarts in 2 s
 * redis has started again (restart 1 in a row)
 * web has started
 * web has stopped
 * redis has stopped
`, "\n"), text)
}

// With a level above, only what it asks for.
func TestQuietly(t *testing.T) {
	text := decided(t, slog.LevelWarn, 10*time.Second, supervisor.WithTask("redis", failing(time.Second), supervisor.WithMaxAttempts(1)))
	require.Equal(t, " * redis failed (exit code 1); restarts in 2 s\n * redis failed once too often in a row (exit code 1); it stays down\n", text)
}

// A task that ends all of a group is why the group stops, and not what stops.
func TestAGroupThatStops(t *testing.T) {
	inner, err := supervisor.New(supervisor.WithTask("mail", failing(time.Second), supervisor.WithMaxAttempts(0),
		supervisor.WithOnExhausted(supervisor.ExhaustedEscalate)))
	require.NoError(t, err)
	text := decided(t, slog.LevelError, 10*time.Second, supervisor.WithTask("workers", inner, supervisor.WithRestart(supervisor.RestartNever)))
	require.Contains(t, text, " * workers has stopped as a whole: ")
	require.NotContains(t, text, "mail has stopped as a whole")
}

// Of a storm the first sentences are printed, and the rest is summed up.
func TestStormsAreSummedUp(t *testing.T) {
	options := []supervisor.Option{supervisor.WithMaxAttempts(supervisor.Unlimited)}
	const tasks = 1000
	for i := range tasks {
		options = append(options, supervisor.WithTask(fmt.Sprint("task-", i), failing(time.Second)))
	}
	text := decided(t, slog.LevelDebug, 2*time.Second, options...)
	lines := strings.Split(strings.TrimSpace(text), "\n")
	require.Less(t, len(lines), 4*(stormSentences+1))
	require.Equal(t, stormSentences, strings.Count(text, " has started\n"))
	require.Equal(t, stormSentences, strings.Count(text, " failed (exit code 1); restarts in 2 s\n"))
	require.Contains(t, text, " * 980 times more: has started (task-20, task-21, task-22 and 977 others)\n")
	require.Regexp(t, ` \* 980 times more: failed \(task-\d+, task-\d+, task-\d+ and 977 others\)\n`, text)
}

// A storm that goes on is summed up from time to time.
func TestAStormThatGoesOn(t *testing.T) {
	text := decided(t, slog.LevelWarn, 25*time.Second,
		supervisor.WithTask("redis", failing(100*time.Millisecond), supervisor.WithMaxAttempts(supervisor.Unlimited),
			supervisor.WithBackoff(supervisor.Backoff{Base: 100 * time.Millisecond, Factor: 1})))
	require.Equal(t, 3*stormSentences, strings.Count(text, "redis failed (exit code 1); restarts in 0.1 s\n"))
	require.Equal(t, 3, strings.Count(text, " times more: failed (redis)\n"))
	require.NotContains(t, text, "redis failed (exit code 1); restarts in 0.1 s\n * 0 times more")
}

// Every change of a status that can be has a sentence, whatever its reason, but for waiting, and for the end of it.
func TestEveryChangeHasASentence(t *testing.T) {
	for to := supervisor.StatusNone; to <= supervisor.StatusAbandoned; to++ {
		for from := supervisor.StatusNone; from <= supervisor.StatusAbandoned; from++ {
			if from == to || to == supervisor.StatusCreated || from == supervisor.StatusCreated && to == supervisor.StatusHalted {
				continue
			}
			s := sentenceOf(&supervisor.Transition{From: from, To: to, Why: supervisor.ReasonSupervisorStart, Err: errExit}, "redis")
			require.True(t, strings.HasPrefix(s.text, "redis "+s.kind), "%v to %v: %q", from, to, s.text)
		}
	}
}

// What holds a task is said: its gate, or an operator.
func TestHeld(t *testing.T) {
	for text, err := range map[string]error{
		"redis is held: port 8080 is in use by nginx (pid 123)": errors.New("port 8080 is in use by nginx (pid 123)"),
		"redis is held by an operator: the disk is moved":       &supervisor.HeldError{Why: "the disk is moved"},
		"redis is held by an operator":                          &supervisor.HeldError{},
	} {
		s := sentenceOf(&supervisor.Transition{From: supervisor.StatusCreated, To: supervisor.StatusCreated, Why: supervisor.ReasonHeld, Err: err}, "redis")
		require.Equal(t, text, s.text)
	}
}

// An error that cannot be printed breaks nothing.
func TestAnErrorThatPanics(t *testing.T) {
	s := sentenceOf(&supervisor.Transition{From: supervisor.StatusHealthy, To: supervisor.StatusFailed, Why: supervisor.ReasonFailure, Err: (*bad)(nil)}, "redis")
	require.Equal(t, "redis failed (<nil>); restarts in 0 s", s.text)
}

type bad struct{ text string }

func (b *bad) Error() string { return b.text }

func TestDurations(t *testing.T) {
	for d, text := range map[time.Duration]string{
		-time.Second: "0 s", 0: "0 s", 40 * time.Millisecond: "0 s", 340 * time.Millisecond: "0.3 s", 2 * time.Second: "2 s",
		9960 * time.Millisecond: "10 s", 12400 * time.Millisecond: "12 s", 59700 * time.Millisecond: "1 min", 125 * time.Second: "2 min 5 s",
		time.Hour - time.Millisecond: "1 h", 200 * time.Minute: "3 h 20 min", 24*time.Hour - time.Second: "1 d", 50 * time.Hour: "2 d 2 h",
	} {
		require.Equal(t, text, Duration(d))
	}
}

// What an operator orders is said in the words of the commands.
func TestOrdersAreSentences(t *testing.T) {
	for want, transition := range map[string]supervisor.Transition{
		"web is stopped by hand":             {From: supervisor.StatusHealthy, To: supervisor.StatusStopping, Why: supervisor.ReasonSuspended},
		"web stays down until it is started": {From: supervisor.StatusStopping, To: supervisor.StatusCreated, Why: supervisor.ReasonSuspended},
		"web is started by hand":             {From: supervisor.StatusCreated, To: supervisor.StatusCreated, Why: supervisor.ReasonResumed},
		"web stops, and stays down":          {From: supervisor.StatusHealthy, To: supervisor.StatusStopping, Why: supervisor.ReasonKilled},
		"web stops to be restarted":          {From: supervisor.StatusHealthy, To: supervisor.StatusStopping, Why: supervisor.ReasonRestarted},
		"web stops to be removed":            {From: supervisor.StatusHealthy, To: supervisor.StatusStopping, Why: supervisor.ReasonRemoved},
	} {
		require.Equal(t, want, sentenceOf(&transition, "web").text)
	}
}
