package supervisor_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
)

// backoff is WithBackoff in short.
func backoff(b supervisor.Backoff) supervisor.TaskOption { return supervisor.WithBackoff(b) }

// warned returns the warnings of a supervisor with these options, as text.
func warned(t *testing.T, options ...supervisor.Option) []string {
	t.Helper()
	texts := []string{}
	for _, warning := range newSupervisor(t, options...).Warnings() {
		require.NotEmpty(t, warning.Option)
		texts = append(texts, warning.String())
	}
	return texts
}

// withIdle adds a task that does what its options say.
func withIdle(options ...supervisor.TaskOption) supervisor.Option {
	return supervisor.WithTask("idle", supervisor.TaskFunc(untilStopped), options...)
}

// The one warning that the defaults give is about what they do to a service.
func TestDefaultsWarnOfTheDeathThatNothingNotices(t *testing.T) {
	const died = "WithMaxAttempts is 5 by default: a task that cannot work for 1m2s, and the time that its runs take, is dead. " +
		"It stays down until Restart, and nothing else stops. ForService sets no end; WithMaxAttempts says that this is meant (idle)"
	require.Equal(t, []string{died}, warned(t, withIdle()))
	require.Equal(t, []string{died}, warned(t, withIdle(supervisor.WithStableAfter(time.Minute))))
	require.Equal(t, []string{died}, warned(t, withIdle(), supervisor.WithIntensity(5, time.Minute), supervisor.WithTask("other",
		supervisor.TaskFunc(untilStopped), supervisor.ForService())), "the failures of one task stop nothing")
	for name, options := range map[string][]supervisor.Option{
		"for a service":     {withIdle(supervisor.ForService())},
		"all for a service": {withIdle(), supervisor.ForService()},
		"said to be meant":  {withIdle(supervisor.WithMaxAttempts(5))},
		"a policy":          {withIdle(supervisor.WithPolicy(supervisor.DefaultPolicy()))},
		"escalated":         {withIdle(), supervisor.WithOnExhausted(supervisor.ExhaustedEscalate)},
		"never restarted":   {withIdle(supervisor.WithRestart(supervisor.RestartNever))},
		"never exhausted":   {withIdle(supervisor.WithStableAfter(0), supervisor.WithMaxAttempts(supervisor.Unlimited))},
		"a threshold":       {withIdle(), supervisor.WithDeadThreshold(0.5)},
		"all ends are ends": {withIdle(), supervisor.WithAutoShutdown(supervisor.AutoShutdownAll)},
		"any end is an end": {withIdle(), supervisor.WithAutoShutdown(supervisor.AutoShutdownAny)},
		"an intensity":      {withIdle(), supervisor.WithIntensity(3, time.Minute)},
		"no task":           {},
	} {
		require.Empty(t, warned(t, options...), name)
	}
	changed := newSupervisor(t, withIdle())
	require.NoError(t, changed.SetPolicy("idle", supervisor.WithStopTimeout(time.Second)))
	require.Len(t, changed.Warnings(), 1)
	require.NoError(t, changed.SetPolicy("idle", supervisor.ForService()))
	require.Empty(t, changed.Warnings())
}

// Each warning, and beside it what is like it and not odd.
func TestWarningsSayWhatHasNoEffect(t *testing.T) {
	never := supervisor.WithRestart(supervisor.RestartNever)
	for name, c := range map[string]struct {
		odd      []supervisor.Option
		says     string
		ordinary []supervisor.Option
	}{
		"a threshold of one": {
			[]supervisor.Option{withIdle(), supervisor.WithDeadThreshold(1)}, "WithDeadThreshold is 1 and can never be exceeded",
			[]supervisor.Option{withIdle(), supervisor.WithDeadThreshold(0.99)},
		},
		"an intensity beyond the delays": {
			[]supervisor.Option{withIdle(supervisor.ForService()), supervisor.WithIntensity(6, 10*time.Second)},
			"WithIntensity is never exceeded: the tasks' delays and attempts allow at most 3 failures within 10s",
			[]supervisor.Option{withIdle(supervisor.ForService()), supervisor.WithIntensity(2, 10*time.Second)},
		},
		"an intensity beyond the attempts": {
			[]supervisor.Option{withIdle(supervisor.WithBaseDelay(0), supervisor.WithMaxAttempts(5)), supervisor.WithIntensity(5, time.Minute)},
			"WithIntensity is never exceeded: the tasks' delays and attempts allow at most 5 failures within 1m0s",
			[]supervisor.Option{withIdle(supervisor.WithBaseDelay(0), supervisor.WithMaxAttempts(6)), supervisor.WithIntensity(5, time.Minute)},
		},
		"an automatic shutdown for nothing": {
			[]supervisor.Option{withIdle(supervisor.WithMaxAttempts(1), supervisor.WithSignificant(false)), supervisor.WithAutoShutdown(supervisor.AutoShutdownAll)},
			"WithAutoShutdown has no effect: no task is significant",
			[]supervisor.Option{withIdle(), supervisor.WithAutoShutdown(supervisor.AutoShutdownAll)},
		},
		"insignificant for nothing": {
			[]supervisor.Option{withIdle(supervisor.ForService(), supervisor.WithSignificant(false))},
			"WithSignificant has no effect: there is no AutoShutdown that it could count for (idle)",
			[]supervisor.Option{withIdle(supervisor.ForService(), supervisor.WithSignificant(true))},
		},
		"a cap beyond the delays": {
			[]supervisor.Option{withIdle(supervisor.WithMaxAttempts(5), backoff(supervisor.Backoff{Max: time.Minute}))},
			"WithBackoff Max is never reached: the longest delay is 32s (idle)",
			[]supervisor.Option{withIdle(supervisor.WithMaxAttempts(5), backoff(supervisor.Backoff{Max: 20 * time.Second}))},
		},
		"a base above the cap": {
			[]supervisor.Option{withIdle(supervisor.ForService(), supervisor.WithBaseDelay(2*time.Minute))},
			"WithBaseDelay is longer than MaxDelay, which makes every delay 1m0s (idle)",
			[]supervisor.Option{withIdle(supervisor.ForService(), supervisor.WithBaseDelay(time.Minute))},
		},
		"an exponent beyond the attempts": {
			[]supervisor.Option{withIdle(supervisor.WithMaxAttempts(5), backoff(supervisor.Backoff{MaxExponent: 6}))},
			"WithBackoff MaxExponent is never reached: MaxAttempts is smaller (idle)",
			[]supervisor.Option{withIdle(supervisor.WithMaxAttempts(3))}, // the exponent was not set
		},
		"an exponent of one": {
			[]supervisor.Option{withIdle(supervisor.WithMaxAttempts(5), backoff(supervisor.Backoff{Factor: 1, MaxExponent: 4}))},
			"WithBackoff MaxExponent has no effect: with Factor 1 delays do not grow (idle)",
			[]supervisor.Option{withIdle(supervisor.WithMaxAttempts(5), backoff(supervisor.Backoff{Factor: 1}))},
		},
		"jitter of nothing": {
			[]supervisor.Option{withIdle(supervisor.WithPolicy(policyOf(func(p *supervisor.Policy) {
				p.BaseDelay, p.Jitter = 0, supervisor.Fraction{Num: 1, Den: 2}
			})))},
			"WithBackoff Jitter has no effect: there is no delay to shorten (idle)",
			[]supervisor.Option{withIdle(supervisor.ForService(), supervisor.WithBaseDelay(0))},
		},
		"attempts that are cleared": {
			[]supervisor.Option{withIdle(supervisor.WithMaxAttempts(5), supervisor.WithStableAfter(0))},
			"WithMaxAttempts is never reached: with StableAfter 0 every run clears the attempts (idle)",
			[]supervisor.Option{withIdle(supervisor.WithMaxAttempts(5), supervisor.WithStableAfter(1))},
		},
		"attempts of none":   {[]supervisor.Option{withIdle(never, supervisor.WithMaxAttempts(3))}, "WithMaxAttempts has no effect: a task with RestartNever is not restarted (idle)", []supervisor.Option{withIdle(never)}},
		"a delay of none":    {[]supervisor.Option{withIdle(never, supervisor.WithBaseDelay(1))}, "WithBaseDelay has no effect: a task with RestartNever is not restarted (idle)", nil},
		"exhaustion of none": {[]supervisor.Option{withIdle(never, supervisor.WithOnExhausted(supervisor.ExhaustedEscalate))}, "WithOnExhausted has no effect: a task with RestartNever dies without being exhausted (idle)", nil},
		"never exhausted": {
			[]supervisor.Option{withIdle(supervisor.ForService(), supervisor.WithOnExhausted(supervisor.ExhaustedEscalate))},
			"WithOnExhausted has no effect: MaxAttempts is Unlimited (idle)",
			[]supervisor.Option{withIdle(supervisor.WithOnExhausted(supervisor.ExhaustedEscalate))},
		},
		"never abandoned": {
			[]supervisor.Option{withIdle(supervisor.ForService(), supervisor.WithOnAbandon(supervisor.AbandonReplace), supervisor.WithStopTimeout(supervisor.Forever))},
			"WithOnAbandon has no effect: with StopTimeout Forever no run is abandoned (idle)",
			[]supervisor.Option{withIdle(supervisor.ForService(), supervisor.WithOnAbandon(supervisor.AbandonReplace))},
		},
		"never missed": {
			[]supervisor.Option{withIdle(supervisor.ForService(), supervisor.WithOnMiss(supervisor.MissReport))},
			"WithOnMiss has no effect: there is neither a Watchdog nor a Probe (idle)",
			[]supervisor.Option{withIdle(supervisor.ForService(), supervisor.WithOnMiss(supervisor.MissReport), supervisor.WithWatchdog(time.Second))},
		},
		"never hung": {
			[]supervisor.Option{withIdle(supervisor.ForService(), supervisor.WithHungStopTimeout(time.Second))},
			"WithHungStopTimeout has no effect: no run is found to hang without Readiness, a Watchdog or a Probe (idle)",
			[]supervisor.Option{withIdle(supervisor.ForService(), supervisor.WithHungStopTimeout(time.Second), supervisor.WithReadiness(true))},
		},
		"healthy at once": {
			[]supervisor.Option{withIdle(supervisor.ForService(), supervisor.WithStartTimeout(time.Second))},
			"WithStartTimeout has no effect: without Readiness a run is healthy at once (idle)",
			[]supervisor.Option{withIdle(supervisor.ForService(), supervisor.WithStartTimeout(time.Second), supervisor.WithReadiness(true))},
		},
		"never ready": {
			[]supervisor.Option{withIdle(supervisor.ForService(), supervisor.WithStartTimeout(0), supervisor.WithReadiness(true))},
			"WithStartTimeout is 0: no run will ever be ready in time (idle)", nil,
		},
		"a stop that is cut short": {
			[]supervisor.Option{withIdle(supervisor.ForService(), supervisor.WithStopTimeout(time.Minute)), supervisor.WithShutdownTimeout(time.Second)},
			"WithStopTimeout is longer than ShutdownTimeout, which cuts it short at shutdown (idle)",
			[]supervisor.Option{withIdle(supervisor.ForService()), supervisor.WithShutdownTimeout(time.Second)}, // the other was not set
		},
		"a rate without refill": {
			[]supervisor.Option{withIdle(supervisor.ForService()), supervisor.WithRestartRate(3, supervisor.Forever)},
			"WithRestartRate is never refilled: after 3 restarts no task is restarted",
			[]supervisor.Option{withIdle(supervisor.ForService()), supervisor.WithRestartRate(3, time.Minute)},
		},
		"needed twice": {
			[]supervisor.Option{
				supervisor.ForService(), withIdle(),
				supervisor.WithTask("web", supervisor.TaskFunc(untilStopped), supervisor.WithNeeds("idle"), supervisor.WithBoundTo("idle")),
			},
			`WithNeeds names "idle", and so does WithBoundTo, which includes it (web)`,
			[]supervisor.Option{
				supervisor.ForService(), withIdle(),
				supervisor.WithTask("web", supervisor.TaskFunc(untilStopped), supervisor.WithBoundTo("idle", "idle")),
			},
		},
		"a name of its own": {
			[]supervisor.Option{supervisor.ForService(), supervisor.WithTask("bank", newSupervisor(t, supervisor.WithName("money")))},
			`WithName has no effect: as a task it is not called "money", but what the task is called (bank)`,
			[]supervisor.Option{supervisor.ForService(), supervisor.WithName("money"), supervisor.WithTask("bank", newSupervisor(t))},
		},
	} {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, []string{c.says}, warned(t, c.odd...))
			require.Empty(t, warned(t, c.ordinary...))
		})
	}
}

func policyOf(change func(p *supervisor.Policy)) supervisor.Policy {
	p := supervisor.DefaultPolicy()
	change(&p)
	return p
}

// What all tasks are given is odd only if it is of use to none.
func TestDefaultsForSomeTasksAreNotOddForOthers(t *testing.T) {
	report := supervisor.WithOnMiss(supervisor.MissReport)
	require.Empty(t, warned(t, supervisor.ForService(), report, withIdle(),
		supervisor.WithTask("beats", supervisor.TaskFunc(untilStopped), supervisor.WithWatchdog(time.Second)),
		supervisor.WithTask("bank", newSupervisor(t))))
	require.Equal(t, []string{"WithOnMiss has no effect: there is neither a Watchdog nor a Probe (idle)"},
		warned(t, supervisor.ForService(), report, withIdle(), supervisor.WithTask("bank", newSupervisor(t))))
	require.Equal(t, []string{"WithOnMiss has no effect: there is neither a Watchdog nor a Probe (idle)"},
		warned(t, supervisor.ForService(), withIdle(report),
			supervisor.WithTask("beats", supervisor.TaskFunc(untilStopped), supervisor.WithWatchdog(time.Second), report)))
	require.Empty(t, warned(t, supervisor.ForService(), supervisor.WithOnAbandon(supervisor.AbandonReplace),
		supervisor.WithTask("bank", newSupervisor(t))), "a supervisor's stop timeout is Forever")
}

// An intensity is called out of reach only if no run of failures reaches it.
func TestAnIntensityThatIsReachedIsNotCalledOutOfReach(t *testing.T) {
	for _, options := range [][]supervisor.TaskOption{
		{supervisor.ForService()},
		{supervisor.WithMaxAttempts(5)},
		{supervisor.WithMaxAttempts(5), supervisor.WithBaseDelay(0)},
		{supervisor.ForService(), supervisor.WithBackoff(supervisor.Backoff{Base: time.Millisecond, Jitter: 1})},
		{supervisor.ForService(), supervisor.WithBackoff(supervisor.Backoff{Factor: 1, MaxExponent: 1, Jitter: supervisor.NoJitter})},
		{supervisor.ForService(), supervisor.WithStableAfter(0), supervisor.WithBaseDelay(time.Second)},
		{supervisor.ForService(), supervisor.WithBackoff(supervisor.Backoff{Max: 3 * time.Second})},
	} {
		for failures := range 12 {
			for _, within := range []time.Duration{time.Second, 10 * time.Second, time.Minute, time.Hour} {
				inBubble(t, func(t *testing.T) {
					sup := newSupervisor(t, append([]supervisor.Option{supervisor.WithIntensity(failures, within)},
						supervisor.WithTask("fails", new(fails), options...))...)
					outOfReach := strings.Contains(fmt.Sprint(sup.Warnings()), "WithIntensity")
					require.NoError(t, sup.Start(context.Background()))
					wait(within + 5*time.Minute)
					if sup.Phase() == supervisor.PhaseHalted {
						require.False(t, outOfReach, "%d within %v", failures, within)
					}
					require.NoError(t, sup.Shutdown(context.Background()))
				})
			}
		}
	}
}

func TestWarningsReachThroughTheTree(t *testing.T) {
	odd := backoff(supervisor.Backoff{Max: time.Hour})
	line := newSupervisor(t, supervisor.WithMaxAttempts(5), supervisor.WithDeadThreshold(1), withIdle(odd))
	bank := newSupervisor(t, supervisor.ForService(), supervisor.WithTask("line", line))
	root := newSupervisor(t, supervisor.ForService(), supervisor.WithName("root"), supervisor.WithTask("bank", bank))
	warnings := root.Warnings()
	require.Len(t, warnings, 2)
	require.Equal(t, "root/bank/line", warnings[0].Supervisor)
	require.Nil(t, warnings[0].Tasks)
	require.Equal(t, "WithDeadThreshold is 1 and can never be exceeded (root/bank/line)", warnings[0].String())
	require.Equal(t, []string{"root/bank/line/idle"}, warnings[1].Tasks)
	require.Empty(t, new(supervisor.Supervisor).Warnings())
}

// They are logged once, at the start, by the nearest logger.
func TestWarningsAreLoggedOnce(t *testing.T) {
	const line = `level=WARN msg="option to reconsider" supervisor=%s option=WithDeadThreshold problem="is 1 and can never be exceeded"`
	count := func(log *bytes.Buffer, path string) int {
		return strings.Count(log.String(), fmt.Sprintf(line, path)+"\n")
	}
	for _, rootLogs := range []bool{true, false} {
		for _, bankLogs := range []bool{true, false} {
			inBubble(t, func(t *testing.T) {
				var above, below bytes.Buffer
				options := []supervisor.Option{supervisor.ForService(), supervisor.WithName("root"), supervisor.WithDeadThreshold(1)}
				ofBank := []supervisor.Option{supervisor.ForService(), supervisor.WithDeadThreshold(1)}
				at := map[string]*bytes.Buffer{}
				if rootLogs {
					options = append(options, loggedFrom(slog.LevelWarn, &above))
					at["root"], at["root/bank"] = &above, &above
				}
				if bankLogs {
					ofBank = append(ofBank, loggedFrom(slog.LevelWarn, &below))
					at["root/bank"] = &below
				}
				root := newSupervisor(t, options...)
				add(t, root, "bank", newSupervisor(t, ofBank...))
				require.NoError(t, root.Start(context.Background()))
				synctest.Wait()
				require.NoError(t, root.Restart("bank"))
				synctest.Wait()
				require.NoError(t, root.Shutdown(context.Background()))
				for path, log := range at {
					require.Equal(t, 1, count(log, path))
				}
				total := count(&above, "root") + count(&above, "root/bank") + count(&below, "root") + count(&below, "root/bank")
				require.Equal(t, len(at), total)
			})
		}
	}
}

func TestWarningsOfManyTasksAreOneShortLine(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		var log bytes.Buffer
		sup := newSupervisor(t, loggedFrom(slog.LevelWarn, &log))
		for i := range 100 {
			addFunc(t, sup, fmt.Sprint("task", i), untilStopped)
		}
		require.Len(t, sup.Warnings(), 1)
		require.Len(t, sup.Warnings()[0].Tasks, 100)
		start(t, sup)
		require.NoError(t, sup.Drain(context.Background()))
		require.Equal(t, 1, strings.Count(log.String(), "\n"))
		require.Contains(t, log.String(), `tasks="task0, task1, task2, task3, task4, task5, task6, task7, task8, task9" more_tasks=90`)
	})
}

func ExampleWarning() {
	sup, err := supervisor.New(
		supervisor.ForService(),
		supervisor.WithTask("mailer", supervisor.TaskFunc(serve), supervisor.WithStartTimeout(time.Second)),
	)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, warning := range sup.Warnings() {
		fmt.Println(warning)
	}
	// Output:
	// WithStartTimeout has no effect: without Readiness a run is healthy at once (mailer)
}
