package supervisor_test

import (
	"bytes"
	"context"
	"log/slog"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
)

// logged runs a scenario and returns what a logger wrote of it, without dates and stacks.
func logged(t *testing.T, level slog.Level, scenario func(t *testing.T, logger *slog.Logger)) []string {
	t.Helper()
	var text bytes.Buffer
	logger := slog.New(slog.NewTextHandler(&text, &slog.HandlerOptions{
		Level: level,
		ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
			if a.Key == slog.TimeKey {
				return slog.Attr{}
			}
			if a.Key == "stack" {
				a.Value = slog.BoolValue(strings.Contains(a.Value.String(), "panicsDeepDown"))
			}
			return a
		},
	}))
	inBubble(t, func(t *testing.T) { scenario(t, logger) })
	return strings.Split(strings.TrimSpace(text.String()), "\n")
}

func TestLoggerWritesEveryDecision(t *testing.T) {
	gates := newGated(1)
	lines := logged(t, slog.LevelDebug, func(t *testing.T, logger *slog.Logger) {
		sup := newSupervisor(t, supervisor.WithLogger(logger), supervisor.WithName("root"), supervisor.WithMaxAttempts(1))
		panics := true
		addFunc(t, sup, "fails", func(context.Context) error {
			if panics {
				panics = false
				panicsDeepDown("boom")
			}
			return errFailed
		})
		start(t, sup)
		wait(2 * time.Second)
		add(t, sup, "completes", &completes{})
		require.NoError(t, sup.Drain(t.Context()))
		wait(0)
		addFunc(t, sup, "runs", untilStopped)
		require.NoError(t, sup.RemoveWait(t.Context(), "runs"))
		add(t, sup, "repeats", &completes{}, supervisor.WithRestart(supervisor.RestartAlways))
		wait(0)
		require.NoError(t, sup.Remove("repeats"))
		gates = newGated(1)
		add(t, sup, "deaf", gates, supervisor.WithStopTimeout(time.Second))
		require.NoError(t, sup.Kill("deaf"))
		wait(time.Second)
		gates.open(1)
		require.NoError(t, sup.Shutdown(t.Context()))
		require.NoError(t, sup.Drain(t.Context()))
	})
	require.Equal(t, []string{
		`level=DEBUG msg="task added" supervisor=root task=fails run=0 status=created why=added`,
		`level=DEBUG msg="task started" supervisor=root task=fails run=1 status=healthy why=supervisor-start`,
		`level=WARN msg="task failed" supervisor=root task=fails run=1 status=failed why=failure exit=panic attempts=1 restart_in=2s error="panic: boom" stack=true`,
		`level=DEBUG msg="task started" supervisor=root task=fails run=2 status=healthy why=backoff attempts=1`,
		`level=ERROR msg="task dead, and stays down until Restart: it has no restart attempts left" supervisor=root task=fails run=2 status=dead why=exhausted exit=error attempts=1 error="it failed"`,
		`level=DEBUG msg="task added" supervisor=root task=completes run=0 status=created why=added`,
		`level=DEBUG msg="task started" supervisor=root task=completes run=1 status=healthy why=added`,
		`level=INFO msg="task completed" supervisor=root task=completes run=1 status=completed why=completed exit=ok`,
		`level=DEBUG msg="task added" supervisor=root task=runs run=0 status=created why=added`,
		`level=DEBUG msg="task started" supervisor=root task=runs run=1 status=healthy why=added`,
		`level=INFO msg="task stopping" supervisor=root task=runs run=1 status=stopping why=removed`,
		`level=INFO msg="task removed" supervisor=root task=runs run=1 status=none why=removed exit=stopped error="the task is being removed"`,
		`level=DEBUG msg="task added" supervisor=root task=repeats run=0 status=created why=added`,
		`level=DEBUG msg="task started" supervisor=root task=repeats run=1 status=healthy why=added`,
		`level=DEBUG msg="task waits for its next start" supervisor=root task=repeats run=1 status=failed why=repeat exit=ok restart_in=1s`,
		`level=INFO msg="task removed" supervisor=root task=repeats run=1 status=none why=removed`,
		`level=DEBUG msg="task added" supervisor=root task=deaf run=0 status=created why=added`,
		`level=DEBUG msg="task started" supervisor=root task=deaf run=1 status=healthy why=added`,
		`level=INFO msg="task stopping" supervisor=root task=deaf run=1 status=stopping why=killed`,
		`level=ERROR msg="task abandoned, its run did not stop in time" supervisor=root task=deaf run=1 status=abandoned why=stop-timeout`,
		`level=WARN msg="abandoned run failed" supervisor=root task=deaf run=1 status=abandoned why=late-exit exit=stopped error="it failed"`,
		`level=INFO msg="task dead" supervisor=root task=deaf run=1 status=dead why=killed exit=stopped error="it failed"`,
		`level=INFO msg="supervisor stopped" supervisor=root why=shutdown`,
	}, lines)
}

func TestLoggerTellsOfLossesAndOfAnEndWithAnError(t *testing.T) {
	lines := logged(t, slog.LevelError, func(t *testing.T, logger *slog.Logger) {
		sup := newSupervisor(t, supervisor.WithLogger(logger), supervisor.WithObserverQueue(1), supervisor.WithDeadThreshold(0),
			supervisor.WithStopTimeout(time.Second))
		gates := newGated(1)
		add(t, sup, "deaf", gates)
		start(t, sup)
		require.NoError(t, sup.Kill("deaf"))
		require.Error(t, sup.Wait())
		require.NoError(t, sup.Drain(t.Context()))
		gates.open(1)
	})
	last := lines[len(lines)-1]
	require.Contains(t, last, `level=ERROR msg="supervisor stopped"`)
	require.Contains(t, last, `why=too-many-dead left_behind=1`)
	require.Contains(t, last, `error="1 of 1 tasks are dead: 100%, more than 0%"`)
}

// Groups, health and operator commands have messages of their own.
func TestLoggerTellsOfGroupsAndHealth(t *testing.T) {
	lines := logged(t, slog.LevelDebug, func(t *testing.T, logger *slog.Logger) {
		sup := newSupervisor(t, supervisor.WithLogger(logger), supervisor.WithSeed(1), supervisor.WithIntensity(1, time.Hour))
		db := newBeating()
		add(t, sup, "db", db, supervisor.WithReadiness(true), supervisor.WithWatchdog(time.Minute))
		addFunc(t, sup, "api", lingers, supervisor.WithBoundTo("db"), supervisor.WithOnMiss(supervisor.MissReport),
			supervisor.WithProbe(fail, supervisor.Probe{Interval: 50 * time.Second, Timeout: time.Second, Failures: 2}))
		require.NoError(t, sup.Start(t.Context()))
		db.order(ready)
		wait(59 * time.Second)
		db.order(beat)
		wait(41 * time.Second)
		require.NoError(t, sup.Suspend("api"))
		wait(time.Second)
		require.NoError(t, sup.Resume("api"))
		require.NoError(t, sup.SetPolicy("api", supervisor.WithProbe(nil, supervisor.Probe{})))
		wait(19 * time.Second)
		wait(3 * time.Second)
		db.order(ready)
		require.NoError(t, sup.Kill("db"))
		wait(time.Second)
		add(t, sup, "fatal", ending(supervisor.Fatal(nil)))
		require.Error(t, sup.Wait())
		require.NoError(t, sup.Drain(t.Context()))
	})
	require.Equal(t, []string{
		`DEBUG "task added" db why=added`,
		`DEBUG "task added" api why=added`,
		`DEBUG "task waits for its turn" api why=resumed`,
		`DEBUG "task starting" db why=supervisor-start`,
		`DEBUG "task ready" db why=ready`,
		`DEBUG "task started" api why=supervisor-start`,
		`DEBUG "task probed" api why=probe`,
		`WARN "task failed a probe" api why=probe-failed error="it failed"`,
		`DEBUG "task probed" api why=probe`,
		`WARN "task unhealthy" api why=watchdog error="the run failed 2 probes in a row: it failed"`,
		`INFO "task stopping" api why=suspended`,
		`INFO "task suspended" api why=suspended exit=stopped`,
		`INFO "task started" api why=resumed`,
		`INFO "task policy changed" api why=policy`,
		`WARN "task unhealthy, stopping" db why=watchdog error="the run missed a heartbeat"`,
		`INFO "task stopping" api why=dependency`,
		`WARN "task failed" db why=failure exit=watchdog attempts=1 error="the run missed a heartbeat"`,
		`DEBUG "task waits for its turn" api why=start-again exit=stopped`,
		`DEBUG "restart delay begins" db why=delay-begins attempts=1 restart_in=2s`,
		`DEBUG "task starting" db why=backoff attempts=1`,
		`DEBUG "task ready" db why=ready attempts=1`,
		`DEBUG "task started" api why=start-again`,
		`INFO "task will be killed" db why=killed attempts=1`,
		`INFO "task stopping" api why=dependency`,
		`DEBUG "task waits for its turn" api why=start-again exit=stopped`,
		`INFO "task stopping" db why=killed attempts=1`,
		`INFO "task dead" db why=killed exit=stopped attempts=1 error="context canceled"`,
		`INFO "all tasks are well again" tasks=1 failures=1`,
		`DEBUG "task added" fatal why=added`,
		`DEBUG "task started" fatal why=added`,
		`ERROR "task dead" fatal why=fatal exit=fatal error=fatal`,
		`DEBUG "task halted" api why=supervisor-stop`,
		`ERROR "supervisor stopped" fatal why=escalated error="task \"fatal\", run 1, cannot continue: fatal"`,
	}, brief(lines))
}

// brief leaves run and status out, and the names of what comes first.
func brief(lines []string) []string {
	unimportant := regexp.MustCompile(`level=|msg=|task=| run=\d+| status=\w+`)
	short := make([]string, len(lines))
	for i, line := range lines {
		short[i] = unimportant.ReplaceAllString(line, "")
	}
	return short
}

// lingers is a task that takes a while to stop.
func lingers(ctx context.Context) error {
	<-ctx.Done()
	time.Sleep(time.Millisecond)
	return nil
}

func TestLoggerTellsOfWordsThatWait(t *testing.T) {
	lines := logged(t, slog.LevelDebug, func(t *testing.T, logger *slog.Logger) {
		sup := newSupervisor(t, supervisor.WithLogger(logger), supervisor.WithStrategy(supervisor.RestForOne),
			supervisor.WithRestartRate(1, time.Hour), supervisor.WithBaseDelay(0), supervisor.WithIntensity(2, time.Hour))
		addFunc(t, sup, "slow", lingers, supervisor.WithReadiness(true), supervisor.WithStartTimeout(time.Second))
		deaf := newGated(1)
		add(t, sup, "deaf", deaf, supervisor.WithRestart(supervisor.RestartNever))
		require.NoError(t, sup.Suspend("deaf"))
		require.NoError(t, sup.Start(t.Context()))
		wait(3 * time.Second)
		require.NoError(t, sup.SetPolicy("slow", supervisor.WithReadiness(false)))
		require.NoError(t, sup.Restart("slow"))
		synctest.Wait()
		require.NoError(t, sup.Resume("deaf"))
		require.NoError(t, sup.Suspend("slow"))
		require.NoError(t, sup.Resume("slow"))
		require.NoError(t, sup.Kill("deaf"))
		require.NoError(t, sup.Suspend("deaf"))
		require.NoError(t, sup.Restart("deaf"))
		require.NoError(t, sup.Remove("deaf"))
		wait(time.Second)
		deaf.open(1)
		synctest.Wait()
		addFunc(t, sup, "last", untilStopped, supervisor.WithRestart(supervisor.RestartNever))
		synctest.Wait()
		require.NoError(t, sup.Shutdown(t.Context()))
		require.NoError(t, sup.Drain(t.Context()))
	})
	require.Equal(t, []string{
		`DEBUG "task added" slow why=added`,
		`DEBUG "task added" deaf why=added`,
		`INFO "task suspended" deaf why=suspended`,
		`DEBUG "task starting" slow why=supervisor-start`,
		`WARN "task not ready in time, stopping" slow why=start-timeout error="the run was not ready in time"`,
		`WARN "task failed" slow why=failure exit=start-timeout attempts=1 restart_in=0s error="the run was not ready in time"`,
		`DEBUG "task waits for its turn" slow why=backoff attempts=1`,
		`DEBUG "task starting" slow why=backoff attempts=1`,
		`WARN "task not ready in time, stopping" slow why=start-timeout attempts=1 error="the run was not ready in time"`,
		`WARN "task failed" slow why=failure exit=start-timeout attempts=2 restart_in=0s error="the run was not ready in time"`,
		`INFO "task waits for the restart rate" slow why=restart-rate attempts=2`,
		`INFO "task policy changed" slow why=policy attempts=2`,
		`INFO "task waits for its turn" slow why=restarted`,
		`INFO "task started" slow why=restarted`,
		`INFO "task resumed" deaf why=resumed`,
		`INFO "task started" deaf why=resumed`,
		`INFO "task stopping" slow why=suspended`,
		`INFO "task resumed" slow why=resumed`,
		`INFO "task stopping" deaf why=killed`,
		`INFO "task will be suspended" deaf why=suspended`,
		`INFO "task will be restarted" deaf why=restarted`,
		`INFO "task will be removed" deaf why=removed`,
		`DEBUG "task waits for its turn" slow why=start-again exit=stopped`,
		`WARN "task failed while it stopped" deaf why=removed exit=stopped error="it failed"`,
		`DEBUG "task started" slow why=start-again`,
		`DEBUG "task added" last why=added`,
		`DEBUG "task started" last why=added`,
		`DEBUG "task stopping" last why=supervisor-stop`,
		`DEBUG "task will be stopped" slow why=supervisor-stop`,
		`DEBUG "task halted" last why=supervisor-stop exit=stopped error="the supervisor is shutting down its tasks"`,
		`DEBUG "task stopping" slow why=supervisor-stop`,
		`DEBUG "task halted" slow why=supervisor-stop exit=stopped`,
		`INFO "supervisor stopped" why=shutdown`,
	}, brief(lines))
}

// A death says whether anything comes of it. If the supervisor stops, the task is not the one to restart.
func TestLoggerSaysWhatADeathMeans(t *testing.T) {
	for name, c := range map[string]struct {
		options []supervisor.Option
		says    string
	}{
		"exhausted":       {[]supervisor.Option{supervisor.WithMaxAttempts(0)}, "task dead, and stays down until Restart: it has no restart attempts left"},
		"not restartable": {[]supervisor.Option{supervisor.WithRestart(supervisor.RestartNever)}, "task dead, and stays down until Restart: its policy never restarts it"},
		"escalated":       {[]supervisor.Option{supervisor.WithMaxAttempts(0), supervisor.WithOnExhausted(supervisor.ExhaustedEscalate)}, "task dead"},
		"too many":        {[]supervisor.Option{supervisor.WithMaxAttempts(0), supervisor.WithDeadThreshold(0)}, "task dead"},
		"the last":        {[]supervisor.Option{supervisor.WithMaxAttempts(0), supervisor.WithAutoShutdown(supervisor.AutoShutdownAll)}, "task dead"},
	} {
		lines := logged(t, slog.LevelError, func(t *testing.T, logger *slog.Logger) {
			sup := newSupervisor(t, append(c.options, supervisor.WithLogger(logger), supervisor.WithTask("fails", new(fails)))...)
			start(t, sup)
			require.NoError(t, sup.Shutdown(t.Context()))
			require.NoError(t, sup.Drain(t.Context()))
		})
		require.Regexp(t, `^level=ERROR msg="`+c.says+`" task=fails`, lines[0], name)
	}
}
