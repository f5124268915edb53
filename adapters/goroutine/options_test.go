package goroutine_test

import (
	"log/slog"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/adapters/goroutine"
	"github.com/tasksupervisor/tasksupervisor/clock"
	"github.com/tasksupervisor/tasksupervisor/core"
)

// beyondUint32 is the largest int, or where that is no larger than a uint32 another number that is refused.
const beyondUint32 = math.MaxInt>>32<<32 - 1

// badTaskOptions are options that neither New nor Add accepts, and what the error says.
var badTaskOptions = []struct {
	option goroutine.TaskOption
	says   string
}{
	{goroutine.WithBaseDelay(-1), "WithBaseDelay is negative"},
	{goroutine.WithBaseDelay(math.MaxInt64), "WithMaxDelay is needed: BaseDelay, Factor and MaxExponent make delays beyond 292 years"},
	{goroutine.WithMaxDelay(-time.Second), "WithMaxDelay is negative"},
	{goroutine.WithStableAfter(-time.Second), "WithStableAfter is negative"},
	{goroutine.WithStopTimeout(-time.Second), "WithStopTimeout is negative"},
	{goroutine.WithFactor(0), "WithFactor is not within 1 and 4294967294"},
	{goroutine.WithFactor(-2), "WithFactor is not within 1 and 4294967294"},
	{goroutine.WithFactor(beyondUint32), "WithFactor is not within 1 and 4294967294"},
	{goroutine.WithMaxExponent(-1), "WithMaxExponent is not within 0 and 4294967294"},
	{goroutine.WithMaxAttempts(-1), "WithMaxAttempts is not within 0 and 4294967294"},
	{goroutine.WithMaxAttempts(beyondUint32), "WithMaxAttempts is not within 0 and 4294967294"},
	{goroutine.WithJitter(-0.1), "WithJitter is -0.1, not within 0 and 1"},
	{goroutine.WithJitter(1.5), "WithJitter is 1.5, not within 0 and 1"},
	{goroutine.WithJitter(math.NaN()), "WithJitter is NaN, not within 0 and 1"},
	{goroutine.WithJitter(math.Inf(1)), "WithJitter is +Inf, not within 0 and 1"},
	{goroutine.WithRestart(77), "WithRestart is unknown"},
	{goroutine.WithOnAbandon(77), "WithOnAbandon is unknown"},
	{goroutine.WithStartTimeout(-1), "WithStartTimeout is negative"},
	{goroutine.WithWatchdog(-1), "WithWatchdog is negative"},
	{goroutine.WithOnMiss(77), "WithOnMiss is unknown"},
	{goroutine.WithOnExhausted(77), "WithOnExhausted is unknown"},
	{goroutine.WithProbe(nil, core.Probe{Interval: 1, Failures: 1}), "WithProbe has no function"},
	{goroutine.WithPolicy(core.Policy{}), "WithFactor is 0: it must be at least 1"},
	{nil, "nil is no option"},
}

var badOptions = []struct {
	option goroutine.Option
	says   string
}{
	{goroutine.WithDeadThreshold(-0.1), "WithDeadThreshold is -0.1, not within 0 and 1"},
	{goroutine.WithDeadThreshold(1.0001), "WithDeadThreshold is 1.0001, not within 0 and 1"},
	{goroutine.WithDeadThreshold(math.NaN()), "WithDeadThreshold is NaN, not within 0 and 1"},
	{goroutine.WithHealthCheckInterval(0), "WithHealthCheckInterval is zero: leave the option out for exact decisions"},
	{goroutine.WithHealthCheckInterval(-1), "WithHealthCheckInterval is negative"},
	{goroutine.WithShutdownTimeout(0), "WithShutdownTimeout is zero: leave the option out for no limit"},
	{goroutine.WithShutdownTimeout(-1), "WithShutdownTimeout is negative"},
	{goroutine.WithMaxTasks(0), "WithMaxTasks is not within 1 and 16777216"},
	{goroutine.WithMaxTasks(math.MaxInt), "WithMaxTasks is not within 1 and 16777216"},
	{goroutine.WithAutoShutdown(77), "WithAutoShutdown is unknown"},
	{goroutine.WithStopOrder(77), "WithStopOrder is unknown"},
	{goroutine.WithStrategy(77), "WithStrategy is unknown"},
	{goroutine.WithIntensity(-1, time.Second), "WithIntensity is not within 0 and 65536"},
	{goroutine.WithIntensity(65537, time.Second), "WithIntensity is not within 0 and 65536"},
	{goroutine.WithIntensity(1, -1), "WithIntensity is within no time: leave the option out for no limit"},
	{goroutine.WithBudget(0, time.Second), "WithBudget would never let a task restart: Count is 0"},
	{goroutine.WithLimits(core.Limits{ShutdownTimeout: -1}), "WithShutdownTimeout is negative"},
	{goroutine.WithClock(nil), "WithClock is nil"},
	{goroutine.WithClock(clock.Bridge{}), "WithClock is nil"},
	{goroutine.WithClock((*clock.Virtual)(nil)), "WithClock is nil"},
	{goroutine.WithLogger(nil), "WithLogger is nil"},
	{goroutine.WithObserver(nil), "WithObserver is nil"},
	{goroutine.WithObserverQueue(0), "WithObserverQueue is not within 1 and 16777216"},
	{goroutine.WithObserverQueue(math.MaxInt), "WithObserverQueue is not within 1 and 16777216"},
	{nil, "nil is no option"},
}

// requireRefused checks that the error names the option and says nothing else.
func requireRefused(t *testing.T, err error, says string) {
	t.Helper()
	var config *goroutine.ConfigError
	require.ErrorAs(t, err, &config)
	require.EqualError(t, config, "invalid options: "+says)
	var option *goroutine.OptionError
	require.ErrorAs(t, err, &option)
	require.Equal(t, strings.Fields(says)[0], option.Option)
}

func TestNewRefusesBadOptions(t *testing.T) {
	for _, bad := range badOptions {
		sup, err := goroutine.New(bad.option)
		require.Nil(t, sup)
		requireRefused(t, err, bad.says)
	}
	for _, bad := range badTaskOptions {
		sup, err := goroutine.New(bad.option)
		require.Nil(t, sup)
		requireRefused(t, err, bad.says)
	}
}

func TestAddRefusesBadOptions(t *testing.T) {
	sup := newSupervisor(t)
	for _, bad := range badTaskOptions {
		err := sup.Add("task", goroutine.TaskFunc(untilStopped), bad.option)
		requireRefused(t, err, bad.says)
		var task *goroutine.TaskError
		require.ErrorAs(t, err, &task)
		require.Equal(t, "task", task.Task)
	}
	require.Zero(t, sup.Counts().Total)
	addFunc(t, sup, "task", untilStopped)
}

func TestNewNamesEveryBadOption(t *testing.T) {
	_, err := goroutine.New(
		goroutine.WithJitter(2),
		goroutine.WithShutdownTimeout(-1),
		goroutine.WithBaseDelay(-1),
		goroutine.WithObserver(nil),
	)
	require.EqualError(t, err, "invalid options: WithJitter is 2, not within 0 and 1; WithObserver is nil; "+
		"WithShutdownTimeout is negative; WithBaseDelay is negative")
	var refused *core.ConfigError
	require.ErrorAs(t, err, &refused)
	require.Len(t, refused.Fields, 2)
}

func TestExtremesThatAreFine(t *testing.T) {
	_, err := goroutine.New(
		goroutine.WithDeadThreshold(0), goroutine.WithJitter(1), goroutine.WithMaxAttempts(0), goroutine.WithBaseDelay(0),
		goroutine.WithStopTimeout(0), goroutine.WithStableAfter(0), goroutine.WithMaxDelay(0), goroutine.WithFactor(1),
		goroutine.WithMaxTasks(1), goroutine.WithObserverQueue(1), goroutine.WithIntensity(0, 1), goroutine.WithBudget(1, 1),
		goroutine.WithStartTimeout(0), goroutine.WithProbe(nil, core.Probe{}), goroutine.WithWatchdog(0),
	)
	require.NoError(t, err)
	_, err = goroutine.New(
		goroutine.WithDeadThreshold(1), goroutine.WithBaseDelay(math.MaxInt64), goroutine.WithMaxDelay(time.Hour),
		goroutine.WithStopTimeout(core.Forever), goroutine.WithStableAfter(core.Forever),
		goroutine.WithShutdownTimeout(core.Forever), goroutine.WithHealthCheckInterval(core.Forever),
		goroutine.WithMaxAttempts(math.MaxInt32), goroutine.WithMaxExponent(0), goroutine.WithLogger(slog.Default()),
		goroutine.WithIntensity(65536, core.Forever), goroutine.WithBudget(65536, core.Forever),
		goroutine.WithWatchdog(core.Forever), goroutine.WithStartTimeout(core.Forever),
	)
	require.NoError(t, err)
}

// An option given to Add goes before the one given to New, which goes before the default.
func TestTaskOptionsOverrideDefaults(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		sup := newSupervisor(t, goroutine.WithBaseDelay(time.Minute), goroutine.WithMaxExponent(0))
		add(t, sup, "default", new(fails))
		add(t, sup, "own", new(fails), goroutine.WithBaseDelay(time.Second))
		add(t, sup, "policy", new(fails), goroutine.WithPolicy(core.DefaultPolicy()))
		start(t, sup)
		for name, want := range map[string]time.Duration{"default": time.Minute, "own": time.Second, "policy": 2 * time.Second} {
			d, ok := status(t, sup, name).RestartIn()
			require.True(t, ok)
			require.Equal(t, want, d, name)
		}
	})
}

func TestEveryTaskOptionReachesThePolicy(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		seen := make(map[string]bool)
		for name, option := range map[string]goroutine.TaskOption{
			"always":    goroutine.WithRestart(core.RestartAlways),
			"never":     goroutine.WithRestart(core.RestartNever),
			"none left": goroutine.WithMaxAttempts(0),
		} {
			sup := newSupervisor(t, option)
			add(t, sup, "fails", new(fails))
			add(t, sup, "completes", &completes{})
			start(t, sup)
			seen[name+": "+status(t, sup, "fails").Why.String()] = true
			seen[name+": "+status(t, sup, "completes").Why.String()] = true
		}
		require.Equal(t, map[string]bool{
			"always: failure": true, "always: repeat": true,
			"never: not-restartable": true, "never: completed": true,
			"none left: exhausted": true, "none left: completed": true,
		}, seen)
	})
}

func TestBackoffOptions(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		sup := newSupervisor(t, goroutine.WithBaseDelay(time.Second), goroutine.WithFactor(3), goroutine.WithMaxExponent(4),
			goroutine.WithMaxDelay(30*time.Second), goroutine.WithUnlimitedAttempts())
		add(t, sup, "task", new(fails))
		start(t, sup)
		var delays []time.Duration
		for range 5 {
			d, ok := status(t, sup, "task").RestartIn()
			require.True(t, ok)
			delays = append(delays, d)
			wait(d)
		}
		require.Equal(t, []time.Duration{3 * time.Second, 9 * time.Second, 27 * time.Second, 30 * time.Second, 30 * time.Second}, delays)
	})
}

// Invariant 4: jitter only shortens. The same seed and name draw the same.
func TestJitterAndSeed(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		draw := func(seed uint64, name string) time.Duration {
			sup := newSupervisor(t, goroutine.WithSeed(seed), goroutine.WithJitter(0.5), goroutine.WithBaseDelay(time.Minute))
			add(t, sup, name, new(fails))
			start(t, sup)
			d, ok := status(t, sup, name).RestartIn()
			require.True(t, ok)
			require.LessOrEqual(t, d, 2*time.Minute)
			require.GreaterOrEqual(t, d, time.Minute)
			return d
		}
		require.Equal(t, draw(1, "task"), draw(1, "task"))
		require.NotEqual(t, draw(1, "task"), draw(2, "task"))
		require.NotEqual(t, draw(1, "task"), draw(1, "other"))
	})
}

// Processes that are started together are not to restart their tasks together.
func TestSeedIsRandomByDefault(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		drawn := make(map[time.Duration]bool)
		for range 8 {
			sup := newSupervisor(t, goroutine.WithJitter(1), goroutine.WithBaseDelay(time.Hour))
			add(t, sup, "task", new(fails))
			start(t, sup)
			d, _ := status(t, sup, "task").RestartIn()
			drawn[d] = true
		}
		require.Greater(t, len(drawn), 1)
	})
}

func TestMaxTasks(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		sup := newSupervisor(t, goroutine.WithMaxTasks(2))
		addFunc(t, sup, "a", untilStopped)
		addFunc(t, sup, "b", untilStopped)
		require.ErrorIs(t, sup.Add("c", goroutine.TaskFunc(untilStopped)), goroutine.ErrTooManyTasks)
		start(t, sup)
		require.ErrorIs(t, sup.Add("c", goroutine.TaskFunc(untilStopped)), goroutine.ErrTooManyTasks)
		require.NoError(t, sup.RemoveWait(t.Context(), "a"))
		addFunc(t, sup, "c", untilStopped)
		require.Equal(t, 2, sup.Counts().Total)
	})
}
