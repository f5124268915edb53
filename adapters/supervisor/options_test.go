package supervisor_test

import (
	"log/slog"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
	"github.com/tasksupervisor/tasksupervisor/clock"
	"github.com/tasksupervisor/tasksupervisor/clock/benclock"
	"github.com/tasksupervisor/tasksupervisor/core"
)

// beyondUint32 is the largest int, or where that is no larger than a uint32 another number that is refused.
const beyondUint32 = math.MaxInt>>32<<32 - 1

// badTaskOptions are options that neither New nor Add accepts, and what the error says.
var badTaskOptions = []struct {
	option supervisor.TaskOption
	says   string
}{
	{supervisor.WithBaseDelay(-1), "WithBaseDelay is negative"},
	{supervisor.WithBaseDelay(math.MaxInt64), "WithMaxDelay is needed: BaseDelay, Factor and MaxExponent make delays beyond 292 years"},
	{supervisor.WithMaxDelay(-time.Second), "WithMaxDelay is negative"},
	{supervisor.WithStableAfter(-time.Second), "WithStableAfter is negative"},
	{supervisor.WithStopTimeout(-time.Second), "WithStopTimeout is negative"},
	{supervisor.WithFactor(0), "WithFactor is not within 1 and 4294967294"},
	{supervisor.WithFactor(-2), "WithFactor is not within 1 and 4294967294"},
	{supervisor.WithFactor(beyondUint32), "WithFactor is not within 1 and 4294967294"},
	{supervisor.WithMaxExponent(-1), "WithMaxExponent is not within 0 and 4294967294"},
	{supervisor.WithMaxAttempts(-1), "WithMaxAttempts is not within 0 and 4294967294"},
	{supervisor.WithMaxAttempts(beyondUint32), "WithMaxAttempts is not within 0 and 4294967294"},
	{supervisor.WithJitter(-0.1), "WithJitter is -0.1, not within 0 and 1"},
	{supervisor.WithJitter(1.5), "WithJitter is 1.5, not within 0 and 1"},
	{supervisor.WithJitter(math.NaN()), "WithJitter is NaN, not within 0 and 1"},
	{supervisor.WithJitter(math.Inf(1)), "WithJitter is +Inf, not within 0 and 1"},
	{supervisor.WithRestart(77), "WithRestart is unknown"},
	{supervisor.WithOnAbandon(77), "WithOnAbandon is unknown"},
	{supervisor.WithStartTimeout(-1), "WithStartTimeout is negative"},
	{supervisor.WithWatchdog(-1), "WithWatchdog is negative"},
	{supervisor.WithOnMiss(77), "WithOnMiss is unknown"},
	{supervisor.WithOnExhausted(77), "WithOnExhausted is unknown"},
	{supervisor.WithProbe(nil, supervisor.Probe{Interval: 1, Failures: 1}), "WithProbe has no function"},
	{supervisor.WithPolicy(supervisor.Policy{}), "WithFactor is 0: it must be at least 1"},
	{nil, "nil is no option"},
}

var badOptions = []struct {
	option supervisor.Option
	says   string
}{
	{supervisor.WithDeadThreshold(-0.1), "WithDeadThreshold is -0.1, not within 0 and 1"},
	{supervisor.WithDeadThreshold(1.0001), "WithDeadThreshold is 1.0001, not within 0 and 1"},
	{supervisor.WithDeadThreshold(math.NaN()), "WithDeadThreshold is NaN, not within 0 and 1"},
	{supervisor.WithHealthCheckInterval(0), "WithHealthCheckInterval is zero: leave the option out for exact decisions"},
	{supervisor.WithHealthCheckInterval(-1), "WithHealthCheckInterval is negative"},
	{supervisor.WithShutdownTimeout(0), "WithShutdownTimeout is zero: leave the option out for no limit"},
	{supervisor.WithShutdownTimeout(-1), "WithShutdownTimeout is negative"},
	{supervisor.WithMaxTasks(0), "WithMaxTasks is not within 1 and 16777216"},
	{supervisor.WithMaxTasks(math.MaxInt), "WithMaxTasks is not within 1 and 16777216"},
	{supervisor.WithAutoShutdown(77), "WithAutoShutdown is unknown"},
	{supervisor.WithStopOrder(77), "WithStopOrder is unknown"},
	{supervisor.WithStrategy(77), "WithStrategy is unknown"},
	{supervisor.WithIntensity(-1, time.Second), "WithIntensity is not within 0 and 65536"},
	{supervisor.WithIntensity(65537, time.Second), "WithIntensity is not within 0 and 65536"},
	{supervisor.WithIntensity(1, -1), "WithIntensity is within no time: leave the option out for no limit"},
	{supervisor.WithRestartRate(0, time.Second), "WithRestartRate would never let a task restart: Count is 0"},
	{supervisor.WithLimits(supervisor.Limits{ShutdownTimeout: -1}), "WithShutdownTimeout is negative"},
	{supervisor.WithClock(nil), "WithClock is nil"},
	{supervisor.WithClock(benclock.New(nil)), "WithClock is nil"},
	{supervisor.WithClock((*clock.Virtual)(nil)), "WithClock is nil"},
	{supervisor.WithLogger(nil), "WithLogger is nil"},
	{supervisor.WithObserver(nil), "WithObserver is nil"},
	{supervisor.WithObserverQueue(0), "WithObserverQueue is not within 1 and 16777216"},
	{supervisor.WithObserverQueue(math.MaxInt), "WithObserverQueue is not within 1 and 16777216"},
	{nil, "nil is no option"},
}

// requireRefused checks that the error names the option and says nothing else.
func requireRefused(t *testing.T, err error, says string) {
	t.Helper()
	var config *supervisor.ConfigError
	require.ErrorAs(t, err, &config)
	require.EqualError(t, config, "invalid options: "+says)
	var option *supervisor.OptionError
	require.ErrorAs(t, err, &option)
	require.Equal(t, strings.Fields(says)[0], option.Option)
}

func TestNewRefusesBadOptions(t *testing.T) {
	for _, bad := range badOptions {
		sup, err := supervisor.New(bad.option)
		require.Nil(t, sup)
		requireRefused(t, err, bad.says)
	}
	for _, bad := range badTaskOptions {
		sup, err := supervisor.New(bad.option)
		require.Nil(t, sup)
		requireRefused(t, err, bad.says)
	}
}

func TestAddRefusesBadOptions(t *testing.T) {
	sup := newSupervisor(t)
	for _, bad := range badTaskOptions {
		err := sup.Add("task", supervisor.TaskFunc(untilStopped), bad.option)
		requireRefused(t, err, bad.says)
		var task *supervisor.TaskError
		require.ErrorAs(t, err, &task)
		require.Equal(t, "task", task.Task)
	}
	require.Zero(t, sup.Counts().Total)
	addFunc(t, sup, "task", untilStopped)
}

func TestNewNamesEveryBadOption(t *testing.T) {
	_, err := supervisor.New(
		supervisor.WithJitter(2),
		supervisor.WithShutdownTimeout(-1),
		supervisor.WithBaseDelay(-1),
		supervisor.WithObserver(nil),
	)
	require.EqualError(t, err, "invalid options: WithJitter is 2, not within 0 and 1; WithObserver is nil; "+
		"WithShutdownTimeout is negative; WithBaseDelay is negative")
	var refused *core.ConfigError
	require.ErrorAs(t, err, &refused)
	require.Len(t, refused.Fields, 2)
}

func TestExtremesThatAreFine(t *testing.T) {
	_, err := supervisor.New(
		supervisor.WithDeadThreshold(0), supervisor.WithJitter(1), supervisor.WithMaxAttempts(0), supervisor.WithBaseDelay(0),
		supervisor.WithStopTimeout(0), supervisor.WithStableAfter(0), supervisor.WithMaxDelay(0), supervisor.WithFactor(1),
		supervisor.WithMaxTasks(1), supervisor.WithObserverQueue(1), supervisor.WithIntensity(0, 1), supervisor.WithRestartRate(1, 1),
		supervisor.WithStartTimeout(0), supervisor.WithProbe(nil, supervisor.Probe{}), supervisor.WithWatchdog(0),
	)
	require.NoError(t, err)
	_, err = supervisor.New(
		supervisor.WithDeadThreshold(1), supervisor.WithBaseDelay(math.MaxInt64), supervisor.WithMaxDelay(time.Hour),
		supervisor.WithStopTimeout(supervisor.Forever), supervisor.WithStableAfter(supervisor.Forever),
		supervisor.WithShutdownTimeout(supervisor.Forever), supervisor.WithHealthCheckInterval(supervisor.Forever),
		supervisor.WithMaxAttempts(math.MaxInt32), supervisor.WithMaxExponent(0), supervisor.WithLogger(slog.Default()),
		supervisor.WithIntensity(65536, supervisor.Forever), supervisor.WithRestartRate(65536, supervisor.Forever),
		supervisor.WithWatchdog(supervisor.Forever), supervisor.WithStartTimeout(supervisor.Forever),
	)
	require.NoError(t, err)
}

// An option given to Add goes before the one given to New, which goes before the default.
func TestTaskOptionsOverrideDefaults(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		sup := newSupervisor(t, supervisor.WithBaseDelay(time.Minute), supervisor.WithMaxExponent(0))
		add(t, sup, "default", new(fails))
		add(t, sup, "own", new(fails), supervisor.WithBaseDelay(time.Second))
		add(t, sup, "policy", new(fails), supervisor.WithPolicy(supervisor.DefaultPolicy()))
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
		for name, option := range map[string]supervisor.TaskOption{
			"always":    supervisor.WithRestart(supervisor.RestartAlways),
			"never":     supervisor.WithRestart(supervisor.RestartNever),
			"none left": supervisor.WithMaxAttempts(0),
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
		sup := newSupervisor(t, supervisor.WithBaseDelay(time.Second), supervisor.WithFactor(3), supervisor.WithMaxExponent(4),
			supervisor.WithMaxDelay(30*time.Second), supervisor.WithUnlimitedAttempts())
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
			sup := newSupervisor(t, supervisor.WithSeed(seed), supervisor.WithJitter(0.5), supervisor.WithBaseDelay(time.Minute))
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
			sup := newSupervisor(t, supervisor.WithJitter(1), supervisor.WithBaseDelay(time.Hour))
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
		sup := newSupervisor(t, supervisor.WithMaxTasks(2))
		addFunc(t, sup, "a", untilStopped)
		addFunc(t, sup, "b", untilStopped)
		require.ErrorIs(t, sup.Add("c", supervisor.TaskFunc(untilStopped)), supervisor.ErrTooManyTasks)
		start(t, sup)
		require.ErrorIs(t, sup.Add("c", supervisor.TaskFunc(untilStopped)), supervisor.ErrTooManyTasks)
		require.NoError(t, sup.RemoveWait(t.Context(), "a"))
		addFunc(t, sup, "c", untilStopped)
		require.Equal(t, 2, sup.Counts().Total)
	})
}
