package supervisor_test

import (
	"context"
	"io"
	"log/slog"
	"math"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
	"github.com/tasksupervisor/tasksupervisor/clock"
	"github.com/tasksupervisor/tasksupervisor/clock/benclock"
)

// badTaskOptions are options that neither New nor Add accepts, and what the error says.
var badTaskOptions = []struct {
	option supervisor.TaskOption
	says   string
}{
	{supervisor.WithBaseDelay(-1), "WithBaseDelay is negative"},
	{supervisor.WithBaseDelay(math.MaxInt64), "WithBackoff Max is needed: Base, Factor and MaxExponent make delays beyond 292 years"},
	{supervisor.WithBackoff(supervisor.Backoff{Base: -1}), "WithBackoff Base is negative"},
	{supervisor.WithBackoff(supervisor.Backoff{Max: -time.Second}), "WithBackoff Max is negative"},
	{supervisor.WithBackoff(supervisor.Backoff{Jitter: -0.1}), "WithBackoff Jitter is -0.1: it must be from 0 to 1, or NoJitter"},
	{supervisor.WithBackoff(supervisor.Backoff{Jitter: 1.5}), "WithBackoff Jitter is 1.5: it must be from 0 to 1, or NoJitter"},
	{supervisor.WithBackoff(supervisor.Backoff{Jitter: math.NaN()}), "WithBackoff Jitter is NaN: it must be from 0 to 1, or NoJitter"},
	{supervisor.WithBackoff(supervisor.Backoff{Jitter: math.Inf(1)}), "WithBackoff Jitter is +Inf: it must be from 0 to 1, or NoJitter"},
	{supervisor.WithStableAfter(-time.Second), "WithStableAfter is negative"},
	{supervisor.WithStopTimeout(-time.Second), "WithStopTimeout is negative"},
	{supervisor.WithRestart(77), "WithRestart is unknown"},
	{supervisor.WithOnAbandon(77), "WithOnAbandon is unknown"},
	{supervisor.WithStartTimeout(-1), "WithStartTimeout is negative"},
	{supervisor.WithWatchdog(-1), "WithWatchdog is negative"},
	{supervisor.WithOnMiss(77), "WithOnMiss is unknown"},
	{supervisor.WithOnExhausted(77), "WithOnExhausted is unknown"},
	{supervisor.WithProbe(nil, supervisor.Probe{Interval: 1, Failures: 1}), "WithProbe has no function"},
	{supervisor.WithPolicy(supervisor.Policy{}), "WithPolicy Factor is 0: it must be at least 1; begin with DefaultPolicy"},
	{nil, "option 1 is nil"},
}

var badOptions = []struct {
	option supervisor.Option
	says   string
}{
	{supervisor.WithDeadThreshold(-0.1), "WithDeadThreshold is -0.1: it must be from 0 to 1"},
	{supervisor.WithDeadThreshold(1.0001), "WithDeadThreshold is 1.0001: it must be from 0 to 1"},
	{supervisor.WithDeadThreshold(math.NaN()), "WithDeadThreshold is NaN: it must be from 0 to 1"},
	{supervisor.ReferenceCadence(0), "ReferenceCadence is zero; leave the option out for exact decisions"},
	{supervisor.ReferenceCadence(-1), "ReferenceCadence is negative"},
	{supervisor.WithShutdownTimeout(0), "WithShutdownTimeout is zero; leave the option out for no limit"},
	{supervisor.WithShutdownTimeout(-1), "WithShutdownTimeout is negative"},
	{supervisor.WithMaxTasks(0), "WithMaxTasks is 0: it must be from 1 to 16777216"},
	{supervisor.WithMaxTasks(1 << 30), "WithMaxTasks is 1073741824: it must be from 1 to 16777216"},
	{supervisor.WithAutoShutdown(77), "WithAutoShutdown is unknown"},
	{supervisor.WithStopOrder(77), "WithStopOrder is unknown"},
	{supervisor.WithStrategy(77), "WithStrategy is unknown"},
	{supervisor.WithIntensity(-1, time.Second), "WithIntensity is -1: it must be from 0 to 65536"},
	{supervisor.WithIntensity(65537, time.Second), "WithIntensity is 65537: it must be from 0 to 65536"},
	{supervisor.WithIntensity(1, -1), "WithIntensity needs a positive window; leave the option out for no limit"},
	{supervisor.WithRestartRate(0, time.Second), "WithRestartRate would never let a task restart: Count is 0"},
	{supervisor.WithLimits(supervisor.Limits{ShutdownTimeout: -1}), "WithShutdownTimeout is negative"},
	{supervisor.WithClock(nil), "WithClock is nil"},
	{supervisor.WithClock(benclock.New(nil)), "WithClock is nil"},
	{supervisor.WithClock((*clock.Virtual)(nil)), "WithClock is nil"},
	{supervisor.WithLogger(nil), "WithLogger is nil"},
	{supervisor.WithObserver(nil), "WithObserver is nil"},
	{supervisor.WithObserverQueue(0), "WithObserverQueue is 0: it must be from 1 to 16777216"},
	{supervisor.WithObserverQueue(1 << 30), "WithObserverQueue is 1073741824: it must be from 1 to 16777216"},
	{nil, "option 1 is nil"},
}

// requireRefused checks that the error names the option and says nothing else.
func requireRefused(t *testing.T, err error, says string) {
	t.Helper()
	var config *supervisor.ConfigError
	require.ErrorAs(t, err, &config)
	require.EqualError(t, config, "invalid options: "+says)
	var option *supervisor.OptionError
	require.ErrorAs(t, err, &option)
	require.True(t, strings.HasPrefix(says, option.Option+" "), option.Option)
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
		supervisor.WithDeadThreshold(2),
		supervisor.WithShutdownTimeout(-1),
		supervisor.WithBaseDelay(-1),
		supervisor.WithObserver(nil),
	)
	require.EqualError(t, err, "invalid options: WithDeadThreshold is 2: it must be from 0 to 1; WithObserver is nil; "+
		"WithShutdownTimeout is negative; WithBaseDelay is negative")
	var refused *supervisor.ConfigError
	require.ErrorAs(t, err, &refused)
	require.Len(t, refused.Options, 4)
}

// Nothing of the options of one task, refused or not, is among those of the next.
func TestEachTaskHasOnlyTheOptionsItWasGiven(t *testing.T) {
	sup := newSupervisor(t)
	task := supervisor.TaskFunc(untilStopped)
	refused := sup.Add("bad", task, supervisor.WithStopTimeout(-1), supervisor.WithWatchdog(time.Second), supervisor.WithSuspended(true))
	require.ErrorContains(t, refused, "WithStopTimeout is negative")
	require.NoError(t, sup.Add("needed", task, supervisor.WithStopTimeout(time.Second)))
	require.NoError(t, sup.Add("needy", task, supervisor.WithStopTimeout(time.Minute), supervisor.WithNeeds("needed")))
	require.NoError(t, sup.Add("last", task, supervisor.WithBaseDelay(time.Hour)))
	require.NoError(t, sup.Remove("last"))
	require.NoError(t, sup.Add("last", task, supervisor.WithBaseDelay(time.Minute)))
	require.ErrorContains(t, refused, "WithStopTimeout is negative")

	for name, change := range map[string]func(*supervisor.Policy){
		"needed": func(p *supervisor.Policy) { p.StopTimeout = time.Second },
		"needy":  func(p *supervisor.Policy) { p.StopTimeout = time.Minute },
		"last":   func(p *supervisor.Policy) { p.BaseDelay = time.Minute },
	} {
		want := supervisor.DefaultPolicy()
		change(&want)
		policy, err := sup.Policy(name)
		require.NoError(t, err)
		require.Equal(t, want, policy, name)
		status, err := sup.Status(name)
		require.NoError(t, err)
		require.False(t, status.Suspended, name)
	}
	require.ErrorContains(t, sup.Remove("needed"), `needed by "needy"`)
}

func TestExtremesThatAreFine(t *testing.T) {
	_, err := supervisor.New(
		supervisor.WithDeadThreshold(0), supervisor.WithBackoff(supervisor.Backoff{Max: 1, Jitter: 1}), supervisor.WithMaxAttempts(0),
		supervisor.WithStopTimeout(0), supervisor.WithStableAfter(0),
		supervisor.WithMaxTasks(1), supervisor.WithObserverQueue(1), supervisor.WithIntensity(0, 1), supervisor.WithRestartRate(1, 1),
		supervisor.WithStartTimeout(0), supervisor.WithProbe(nil, supervisor.Probe{}), supervisor.WithWatchdog(0),
	)
	require.NoError(t, err)
	_, err = supervisor.New(
		supervisor.WithDeadThreshold(1), supervisor.WithBackoff(supervisor.Backoff{Base: math.MaxInt64, Max: time.Hour}),
		supervisor.WithStopTimeout(supervisor.Forever), supervisor.WithStableAfter(supervisor.Forever),
		supervisor.WithShutdownTimeout(supervisor.Forever), supervisor.ReferenceCadence(supervisor.Forever),
		supervisor.WithMaxAttempts(supervisor.Unlimited), supervisor.WithLogger(slog.Default()),
		supervisor.WithIntensity(65536, supervisor.Forever), supervisor.WithRestartRate(65536, supervisor.Forever),
		supervisor.WithWatchdog(supervisor.Forever), supervisor.WithStartTimeout(supervisor.Forever),
	)
	require.NoError(t, err)
}

// An option given to Add goes before the one given to New, which goes before the default.
func TestTaskOptionsOverrideDefaults(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		sup := newSupervisor(t, supervisor.WithBackoff(supervisor.Backoff{Base: time.Minute, Factor: 1}))
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
		sup := newSupervisor(t, supervisor.WithMaxAttempts(supervisor.Unlimited), supervisor.WithBackoff(supervisor.Backoff{
			Base: time.Second, Factor: 3, MaxExponent: 4, Max: 30 * time.Second,
		}))
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

// A field of Backoff that is zero stays as it is: as New said, as the task has it, or else the default.
func TestUnsetFieldsOfBackoffStay(t *testing.T) {
	backoff := func(p supervisor.Policy) supervisor.Backoff {
		jitter := float64(0)
		if p.Jitter.Den != 0 {
			jitter = float64(p.Jitter.Num) / float64(p.Jitter.Den)
		}
		return supervisor.Backoff{Base: p.BaseDelay, Factor: p.Factor, MaxExponent: p.MaxExponent, Max: p.MaxDelay, Jitter: jitter}
	}
	sup := newSupervisor(t, supervisor.WithBackoff(supervisor.Backoff{Max: time.Minute, Jitter: 0.5}))
	policy := func(name string) supervisor.Backoff {
		p, err := sup.Policy(name)
		require.NoError(t, err)
		return backoff(p)
	}

	addFunc(t, sup, "default", untilStopped)
	require.Equal(t, supervisor.Backoff{Base: time.Second, Factor: 2, MaxExponent: 5, Max: time.Minute, Jitter: 0.5}, policy("default"))

	addFunc(t, sup, "own", untilStopped, supervisor.WithBackoff(supervisor.Backoff{Base: time.Hour, Factor: 1}))
	require.Equal(t, supervisor.Backoff{Base: time.Hour, Factor: 1, MaxExponent: 5, Max: time.Minute, Jitter: 0.5}, policy("own"))

	addFunc(t, sup, "without", untilStopped, supervisor.WithBackoff(supervisor.Backoff{Max: supervisor.Forever, Jitter: supervisor.NoJitter}))
	require.Equal(t, supervisor.Backoff{Base: time.Second, Factor: 2, MaxExponent: 5, Max: supervisor.Forever}, policy("without"))

	require.NoError(t, sup.SetPolicy("own", supervisor.WithBackoff(supervisor.Backoff{MaxExponent: 3})))
	require.Equal(t, supervisor.Backoff{Base: time.Hour, Factor: 1, MaxExponent: 3, Max: time.Minute, Jitter: 0.5}, policy("own"))
}

// Every field of a policy, and of the limits, can be set by an option of its own.
func TestEverySettingHasAnOption(t *testing.T) {
	ping := func(context.Context) error { return nil }
	ofPolicy := map[string]supervisor.TaskOption{
		"Restart":         supervisor.WithRestart(supervisor.RestartAlways),
		"BaseDelay":       supervisor.WithBaseDelay(time.Minute),
		"Factor":          supervisor.WithBackoff(supervisor.Backoff{Factor: 3}),
		"MaxExponent":     supervisor.WithBackoff(supervisor.Backoff{MaxExponent: 7}),
		"MaxDelay":        supervisor.WithBackoff(supervisor.Backoff{Max: time.Minute}),
		"Jitter":          supervisor.WithBackoff(supervisor.Backoff{Jitter: 0.5}),
		"MaxAttempts":     supervisor.WithMaxAttempts(7),
		"StableAfter":     supervisor.WithStableAfter(time.Minute),
		"MinUptime":       supervisor.WithMinUptime(time.Minute),
		"StopTimeout":     supervisor.WithStopTimeout(time.Minute),
		"HungStopTimeout": supervisor.WithHungStopTimeout(time.Minute),
		"OnAbandon":       supervisor.WithOnAbandon(supervisor.AbandonReplace),
		"OnExhausted":     supervisor.WithOnExhausted(supervisor.ExhaustedEscalate),
		"Readiness":       supervisor.WithReadiness(true),
		"StartTimeout":    supervisor.WithStartTimeout(time.Minute),
		"Watchdog":        supervisor.WithWatchdog(time.Minute),
		"Probe":           supervisor.WithProbe(ping, supervisor.Probe{Interval: 1, Timeout: 1, Failures: 1}),
		"OnMiss":          supervisor.WithOnMiss(supervisor.MissReport),
		"Significant":     supervisor.WithSignificant(false),
	}
	for i := range reflect.TypeFor[supervisor.Policy]().NumField() {
		field := reflect.TypeFor[supervisor.Policy]().Field(i).Name
		require.NotNil(t, ofPolicy[field], "no option sets %s", field)
		sup := newSupervisor(t)
		addFunc(t, sup, "task", untilStopped, ofPolicy[field])
		policy, err := sup.Policy("task")
		require.NoError(t, err)
		require.Equal(t, []string{field}, changedFields(supervisor.DefaultPolicy(), policy))
	}

	ofLimits := map[string]supervisor.LimitOption{
		"Intensity":       supervisor.WithIntensity(1, time.Second),
		"RestartRate":     supervisor.WithRestartRate(1, time.Second),
		"DeadThreshold":   supervisor.WithDeadThreshold(0.5),
		"AutoShutdown":    supervisor.WithAutoShutdown(supervisor.AutoShutdownAll),
		"ShutdownTimeout": supervisor.WithShutdownTimeout(time.Minute),
	}
	for i := range reflect.TypeFor[supervisor.Limits]().NumField() {
		field := reflect.TypeFor[supervisor.Limits]().Field(i).Name
		require.NotNil(t, ofLimits[field], "no option sets %s", field)
		require.Equal(t, []string{field}, changedFields(supervisor.Limits{}, newSupervisor(t, ofLimits[field]).Limits()))
	}
}

// changedFields names the fields in which two structs differ.
func changedFields[T any](before, after T) (changed []string) {
	a, b := reflect.ValueOf(before), reflect.ValueOf(after)
	for i := range a.NumField() {
		if !a.Field(i).Equal(b.Field(i)) {
			changed = append(changed, a.Type().Field(i).Name)
		}
	}
	return changed
}

// An option that would overwrite an earlier one of the same call is an error that names both.
func TestOptionsDoNotOverwriteEachOther(t *testing.T) {
	backoff := supervisor.WithBackoff(supervisor.Backoff{Factor: 3})
	for _, bad := range []struct {
		first, second supervisor.TaskOption
		says          string
	}{
		{supervisor.WithBaseDelay(1), supervisor.WithBaseDelay(1), "WithBaseDelay is given twice"},
		{supervisor.WithBaseDelay(1), backoff, "WithBackoff would overwrite WithBaseDelay: give only one of them"},
		{backoff, supervisor.WithBaseDelay(1), "WithBaseDelay would overwrite WithBackoff: give only one of them"},
		{
			supervisor.WithReadiness(true), supervisor.WithPolicy(supervisor.DefaultPolicy()),
			"WithPolicy would overwrite WithReadiness: give WithPolicy first",
		},
		{supervisor.WithSuspended(true), supervisor.WithSuspended(false), "WithSuspended is given twice"},
	} {
		_, err := supervisor.New(bad.first, bad.second)
		requireRefused(t, err, bad.says)
		sup := newSupervisor(t)
		requireRefused(t, sup.Add("task", supervisor.TaskFunc(untilStopped), bad.first, bad.second), bad.says)
		require.Zero(t, sup.Counts().Total)
	}
	sup := newSupervisor(t)
	addFunc(t, sup, "task", untilStopped)
	requireRefused(t, sup.SetPolicy("task", backoff, backoff), "WithBackoff is given twice")
	requireRefused(t, sup.SetLimits(supervisor.WithIntensity(1, 1), supervisor.WithLimits(supervisor.Limits{})),
		"WithLimits would overwrite WithIntensity: give WithLimits first")
	for _, option := range []supervisor.Option{
		supervisor.WithName("a"), supervisor.WithStrategy(supervisor.OneForAll), supervisor.WithStopOrder(supervisor.StopReverse),
		supervisor.WithObserverQueue(1), supervisor.WithRecorder(io.Discard), supervisor.WithClock(clock.System{}),
		supervisor.WithSeed(1), supervisor.WithMaxTasks(1), supervisor.ReferenceCadence(1), supervisor.WithShutdownTimeout(1),
	} {
		_, err := supervisor.New(option, option)
		require.ErrorContains(t, err, "is given twice")
	}
}

// What refines, adds or is meant for another task overwrites nothing.
func TestOptionsThatGoTogether(t *testing.T) {
	idle := supervisor.TaskFunc(untilStopped)
	sup := newSupervisor(t,
		supervisor.WithBaseDelay(time.Minute), supervisor.WithSuspended(true),
		supervisor.WithLimits(supervisor.Limits{}), supervisor.WithIntensity(1, time.Second),
		supervisor.WithTask("a", idle, supervisor.WithBaseDelay(time.Second)),
		supervisor.WithTask("b", idle, supervisor.WithNeeds("a"), supervisor.WithNeeds("a"), supervisor.WithBoundTo("a"),
			supervisor.WithSuspended(false), supervisor.WithPolicy(supervisor.DefaultPolicy()), supervisor.WithMaxAttempts(3)),
		supervisor.WithObserver(func(supervisor.Transition) {}), supervisor.WithObserver(func(supervisor.Transition) {}),
	)
	for range 2 {
		require.NoError(t, sup.SetPolicy("a", supervisor.WithBaseDelay(time.Hour)))
		require.NoError(t, sup.SetLimits(supervisor.WithIntensity(2, time.Second)))
	}
}

// Invariant 4: jitter only shortens. The same seed and name draw the same.
func TestJitterAndSeed(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		draw := func(seed uint64, name string) time.Duration {
			sup := newSupervisor(t, supervisor.WithSeed(seed), supervisor.WithBackoff(supervisor.Backoff{Base: time.Minute, Jitter: 0.5}))
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
			sup := newSupervisor(t, supervisor.WithBackoff(supervisor.Backoff{Base: time.Hour, Jitter: 1}))
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

func TestForServiceIsWhatItSays(t *testing.T) {
	policyOf := func(options ...supervisor.TaskOption) supervisor.Policy {
		sup := newSupervisor(t)
		addFunc(t, sup, "task", untilStopped, options...)
		policy, err := sup.Policy("task")
		require.NoError(t, err)
		return policy
	}
	alike := policyOf(supervisor.WithMaxAttempts(supervisor.Unlimited), supervisor.WithStableAfter(2*time.Minute),
		supervisor.WithBackoff(supervisor.Backoff{MaxExponent: 32, Max: time.Minute, Jitter: 0.2}))
	require.Equal(t, alike, policyOf(supervisor.ForService()))

	alike.BaseDelay, alike.MaxAttempts, alike.MaxDelay = 100*time.Millisecond, 20, 10*time.Second
	require.Equal(t, alike, policyOf(supervisor.ForService(), supervisor.WithMaxAttempts(20),
		supervisor.WithBackoff(supervisor.Backoff{Base: 100 * time.Millisecond, Max: 10 * time.Second})))

	for _, earlier := range []supervisor.TaskOption{
		supervisor.WithMaxAttempts(1), supervisor.WithStableAfter(1), supervisor.WithBackoff(supervisor.Backoff{}),
	} {
		err := newSupervisor(t).Add("task", supervisor.TaskFunc(untilStopped), earlier, supervisor.ForService())
		require.ErrorContains(t, err, "give ForService first")
	}
	require.NoError(t, newSupervisor(t).Add("task", supervisor.TaskFunc(untilStopped),
		supervisor.WithPolicy(supervisor.DefaultPolicy()), supervisor.WithBaseDelay(1), supervisor.ForService()))
}

// What it is for: an outage of any length ends no task, and the delays stay short enough to come back soon after it.
func TestAServiceOutlivesAnOutage(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		database := time.Now().Add(6 * time.Hour)
		sup := newSupervisor(t, supervisor.ForService())
		addFunc(t, sup, "task", func(ctx context.Context) error {
			if time.Now().Before(database) {
				return errFailed
			}
			return untilStopped(ctx)
		})
		start(t, sup)
		wait(6*time.Hour - 1)
		requireStatus(t, sup, "task", supervisor.StatusFailed)
		d, ok := status(t, sup, "task").RestartIn()
		require.True(t, ok)
		require.LessOrEqual(t, d, time.Minute)
		wait(time.Minute)
		requireStatus(t, sup, "task", supervisor.StatusHealthy)
		wait(2 * time.Minute)
		require.Zero(t, status(t, sup, "task").Attempts)
	})
}
