package prometheus

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
	"github.com/tasksupervisor/tasksupervisor/clock"
)

var errDown = errors.New("the database is down")

// A tree in which everything happens, and every series that there is of it.
func TestEverySeriesOfATree(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		mail := made(t, supervisor.WithTask("sender", waits))
		sup := made(t,
			supervisor.WithName("root"),
			supervisor.WithIntensity(4, time.Hour),
			supervisor.WithDeadThreshold(0.5),
			supervisor.WithRestartRate(10, time.Hour),
			supervisor.WithTask("api", waits, supervisor.WithReadiness(true)),
			supervisor.WithTask("mailer", failsAfter(10*time.Second), supervisor.WithBaseDelay(time.Hour), supervisor.WithMaxAttempts(supervisor.Unlimited)),
			supervisor.WithTask("once", supervisor.TaskFunc(func(context.Context) error { return nil })),
			supervisor.WithTask("mail", mail),
		)
		scrape := scraperOf(t, sup)
		runs(t, sup)
		time.Sleep(time.Minute)
		synctest.Wait()

		got := scrape()
		expected := `
tasksupervisor_up 1
tasksupervisor_tasks_folded 0
tasksupervisor_supervisors_folded 0
tasksupervisor_supervisor_up{supervisor="root"} 1
tasksupervisor_tasks{status="created",supervisor="root"} 0
tasksupervisor_tasks{status="starting",supervisor="root"} 1
tasksupervisor_tasks{status="healthy",supervisor="root"} 1
tasksupervisor_tasks{status="stopping",supervisor="root"} 0
tasksupervisor_tasks{status="failed",supervisor="root"} 1
tasksupervisor_tasks{status="completed",supervisor="root"} 1
tasksupervisor_tasks{status="dead",supervisor="root"} 0
tasksupervisor_tasks{status="halted",supervisor="root"} 0
tasksupervisor_tasks{status="abandoned",supervisor="root"} 0
tasksupervisor_limit_used_ratio{limit="dead_threshold",supervisor="root"} 0
tasksupervisor_limit_used_ratio{limit="intensity",supervisor="root"} 0.25
tasksupervisor_limit_used_ratio{limit="restart_rate",supervisor="root"} 0
tasksupervisor_runs_abandoned{supervisor="root"} 0
tasksupervisor_abandonments_total{supervisor="root"} 0
tasksupervisor_probes_abandoned{supervisor="root"} 0
tasksupervisor_escalations_total{reason="too-many-dead",supervisor="root"} 0
tasksupervisor_escalations_total{reason="intensity",supervisor="root"} 0
tasksupervisor_escalations_total{reason="escalated",supervisor="root"} 0
tasksupervisor_events_lost_total{supervisor="root"} 0
tasksupervisor_run_duration_seconds{supervisor="root"} 2 in 10s: 1 up to 0.001, 2 up to 16.384
tasksupervisor_ready_duration_seconds{supervisor="root"} 0 in 0s
tasksupervisor_stop_duration_seconds{supervisor="root"} 0 in 0s
tasksupervisor_task_up{supervisor="root",task="api"} 0
tasksupervisor_task_starts_total{supervisor="root",task="api"} 1
tasksupervisor_task_restarts_total{reason="failure",supervisor="root",task="api"} 0
tasksupervisor_task_failures_total{supervisor="root",task="api"} 0
tasksupervisor_task_downtime_seconds_total{supervisor="root",task="api"} 0
tasksupervisor_task_run_start_time_seconds{supervisor="root",task="api"} 9.466848e+08
tasksupervisor_task_attempts{supervisor="root",task="api"} 0
tasksupervisor_task_attempts_limit{supervisor="root",task="api"} 5
tasksupervisor_task_up{supervisor="root",task="mailer"} 0
tasksupervisor_task_starts_total{supervisor="root",task="mailer"} 1
tasksupervisor_task_restarts_total{reason="failure",supervisor="root",task="mailer"} 0
tasksupervisor_task_exits_total{kind="error",supervisor="root",task="mailer"} 1
tasksupervisor_task_failures_total{supervisor="root",task="mailer"} 1
tasksupervisor_task_downtime_seconds_total{supervisor="root",task="mailer"} 50
tasksupervisor_task_next_start_time_seconds{supervisor="root",task="mailer"} 9.4669201e+08
tasksupervisor_task_attempts{supervisor="root",task="mailer"} 1
tasksupervisor_task_up{supervisor="root",task="once"} 0
tasksupervisor_task_starts_total{supervisor="root",task="once"} 1
tasksupervisor_task_restarts_total{reason="failure",supervisor="root",task="once"} 0
tasksupervisor_task_exits_total{kind="ok",supervisor="root",task="once"} 1
tasksupervisor_task_failures_total{supervisor="root",task="once"} 0
tasksupervisor_task_downtime_seconds_total{supervisor="root",task="once"} 0
tasksupervisor_task_attempts{supervisor="root",task="once"} 0
tasksupervisor_task_attempts_limit{supervisor="root",task="once"} 5`
		for _, line := range strings.Split(expected, "\n")[1:] {
			require.True(t, got.take(line), "%s\nis not in\n%s", line, got)
		}
		statuses := 0
		for line := range maps.Clone(got) {
			switch {
			case strings.HasPrefix(line, "tasksupervisor_task_status{"):
				statuses++
			case strings.Contains(line, `task="mail"`), strings.Contains(line, `supervisor="root/mail"`):
			default:
				t.Error("unexpected: ", line)
			}
		}
		require.Equal(t, 9*5, statuses)
		require.True(t, got.take(`tasksupervisor_task_status{status="failed",supervisor="root",task="mailer"} 1`))
		require.True(t, got.take(`tasksupervisor_task_status{status="healthy",supervisor="root",task="mailer"} 0`))
		require.True(t, got.take(`tasksupervisor_task_up{supervisor="root/mail",task="sender"} 1`))
	})
}

// What a supervisor has counted stays counted when it stops, runs again, or is made anew by a factory above it.
func TestCountersNeverGoBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		inner := supervisor.Factory(func() supervisor.Task {
			sup, err := supervisor.New(supervisor.ForService(), supervisor.WithIntensity(3, time.Hour),
				supervisor.WithTask("worker", failsAfter(time.Second), supervisor.WithBaseDelay(time.Second)))
			require.NoError(t, err)
			return sup
		})
		sup := made(t, supervisor.ForService(), supervisor.WithTask("pool", inner))
		scrape := scraperOf(t, sup)
		before := scrape()
		for range 3 {
			ctx, stop := context.WithCancel(t.Context())
			require.NoError(t, sup.Start(ctx))
			for range 40 {
				time.Sleep(7 * time.Second)
				now := scrape()
				requireNotBack(t, before, now)
				before = now
			}
			stop()
			require.NoError(t, sup.Wait())
		}
		require.Greater(t, before.value(`tasksupervisor_task_failures_total{supervisor="pool",task="worker"}`), 30.0)
		require.Greater(t, before.value(`tasksupervisor_escalations_total{reason="intensity",supervisor="pool"}`), 5.0)
		require.Greater(t, before.value(`tasksupervisor_task_restarts_total{reason="supervisor-start",supervisor="",task="pool"}`), 1.0)
	})
}

// A task that was removed leaves nothing, in the scrape or in memory.
func TestRemovedTasksLeaveNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sup := made(t)
		collector := NewCollector(sup, WithSeriesLimit(1000))
		scrape := scraperFor(t, collector)
		runs(t, sup)
		empty := scrape()
		for round := range 5 {
			for i := range 300 {
				require.NoError(t, sup.Add(fmt.Sprint(round, "-", i), waits))
			}
			require.Greater(t, scrape().value("tasksupervisor_tasks_folded"), 150.0)
			for i := range 300 {
				require.NoError(t, sup.Remove(fmt.Sprint(round, "-", i)))
			}
			synctest.Wait()
			now := scrape()
			for series := range now {
				if strings.Contains(series, "task=") {
					require.Contains(t, series, `task="_other"`)
				}
			}
			require.Len(t, collector.ledger.accounts, 1, "the supervisor's")
			require.Len(t, now, len(empty)+taskSeriesOf(now))
		}
	})
}

// Two supervisors that a task runs under one name, a task called as the others are, and names with all that a label must escape.
func TestNoNameBreaksAScrape(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		two := supervisor.TaskFunc(func(ctx context.Context) error {
			for range 2 {
				nested, err := supervisor.New(supervisor.WithTask("same", waits), supervisor.WithTask("worker", waits))
				require.NoError(t, err)
				require.NoError(t, nested.Start(ctx))
			}
			<-ctx.Done()
			return nil
		})
		sup := made(t,
			supervisor.WithTask("two", two),
			supervisor.WithTask("_other", waits),
			supervisor.WithTask(`quotes " and \ {}=,日本`, waits),
		)
		scrape := scraperOf(t, sup)
		runs(t, sup)
		synctest.Wait()
		got := scrape()
		require.Equal(t, 1.0, got.value(`tasksupervisor_task_up{supervisor="two",task="same"}`))
		require.Equal(t, 1.0, got.value(`tasksupervisor_tasks_folded`))
		require.Equal(t, 1.0, got.value(`tasksupervisor_task_starts_total{supervisor="",task="_other"}`))
		require.Equal(t, 1.0, got.value(`tasksupervisor_task_up{supervisor="",task="quotes \" and \\ {}=,日本"}`))
	})
}

// A task whose run says that it is not ready is not up, whatever its status.
func TestUpMeansReady(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sup := made(t, supervisor.WithTask("task", supervisor.TaskFunc(func(ctx context.Context) error {
			_ = supervisor.Ready(ctx)
			time.Sleep(time.Second)
			_ = supervisor.NotReady(ctx)
			return waits(ctx)
		}), supervisor.WithReadiness(true)))
		scrape := scraperOf(t, sup)
		runs(t, sup)
		for _, is := range []float64{1, 0} {
			synctest.Wait()
			got := scrape()
			require.Equal(t, is, got.value(`tasksupervisor_task_up{supervisor="",task="task"}`))
			require.Equal(t, 1.0, got.value(`tasksupervisor_task_status{status="healthy",supervisor="",task="task"}`))
			require.Contains(t, got, `tasksupervisor_task_run_start_time_seconds{supervisor="",task="task"}`)
			time.Sleep(time.Second)
		}
	})
}

// A clock without dates has no instants to show.
func TestNoDates(t *testing.T) {
	virtual := new(clock.Virtual)
	sup := made(t, supervisor.WithClock(virtual), supervisor.WithTask("waits", waits))
	scrape := scraperOf(t, sup)
	runs(t, sup)
	require.NoError(t, sup.WaitFor(t.Context(), "waits", supervisor.UntilHealthy))
	got := scrape()
	require.Equal(t, 1.0, got.value(`tasksupervisor_task_up{supervisor="",task="waits"}`))
	for series := range got {
		require.NotContains(t, series, "start_time")
	}
}

// The tests' tasks and helpers.

var waits = supervisor.TaskFunc(func(ctx context.Context) error {
	<-ctx.Done()
	return nil
})

func failsAfter(d time.Duration) supervisor.Task {
	return supervisor.TaskFunc(func(ctx context.Context) error {
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(d):
			return errDown
		}
	})
}

func made(t testing.TB, options ...supervisor.Option) *supervisor.Supervisor {
	t.Helper()
	sup, err := supervisor.New(options...)
	require.NoError(t, err)
	return sup
}

// runs starts a supervisor, and has it stopped when the test ends.
func runs(t testing.TB, sup *supervisor.Supervisor) {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	require.NoError(t, sup.Start(ctx))
	t.Cleanup(func() {
		stop()
		_ = sup.Wait()
	})
}

// scraped are the series of a scrape and their values, as text.
type scraped map[string]float64

func scraperOf(t testing.TB, sup *supervisor.Supervisor) func() scraped {
	return scraperFor(t, NewCollector(sup))
}

// scraperFor returns what scrapes a collector as a server would, with all the checks of a registry.
func scraperFor(t testing.TB, collector prometheus.Collector) func() scraped {
	registry := prometheus.NewPedanticRegistry()
	require.NoError(t, registry.Register(collector))
	return func() scraped {
		families, err := registry.Gather()
		require.NoError(t, err)
		all := scraped{}
		for _, family := range families {
			for _, m := range family.Metric {
				all.add(family, m)
			}
		}
		return all
	}
}

func (s scraped) add(family *dto.MetricFamily, m *dto.Metric) {
	labels := make([]string, len(m.Label))
	for i, label := range m.Label {
		labels[i] = fmt.Sprintf("%s=%s", label.GetName(), prometheusQuote(label.GetValue()))
	}
	name := family.GetName()
	if len(labels) > 0 {
		name += "{" + strings.Join(labels, ",") + "}"
	}
	switch family.GetType() {
	case dto.MetricType_COUNTER:
		s[name] = m.Counter.GetValue()
	case dto.MetricType_GAUGE:
		s[name] = m.Gauge.GetValue()
	case dto.MetricType_HISTOGRAM:
		h := m.Histogram
		text, below := fmt.Sprintf("%s %d in %vs", name, h.GetSampleCount(), h.GetSampleSum()), uint64(0)
		for _, bucket := range h.Bucket {
			if bucket.GetCumulativeCount() > below {
				below = bucket.GetCumulativeCount()
				sign := ", "
				if !strings.Contains(text, ":") {
					sign = ": "
				}
				text += fmt.Sprintf("%s%d up to %v", sign, below, bucket.GetUpperBound())
			}
		}
		s[text] = float64(h.GetSampleCount())
	default:
		panic(family.GetType())
	}
}

var labelEscapes = strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`)

func prometheusQuote(value string) string { return `"` + labelEscapes.Replace(value) + `"` }

// take removes a line "series value", or the text of a histogram, and reports whether it was there.
func (s scraped) take(line string) bool {
	for series, value := range s {
		if series == line || fmt.Sprintf("%s %v", series, value) == line {
			delete(s, series)
			return true
		}
	}
	return false
}

func (s scraped) value(series string) float64 { return s[series] }

func (s scraped) String() string {
	var text strings.Builder
	for _, series := range slices.Sorted(maps.Keys(s)) {
		fmt.Fprintf(&text, "%s %v\n", series, s[series])
	}
	return text.String()
}

// taskSeriesOf counts the series of tasks.
func taskSeriesOf(s scraped) (n int) {
	for series := range s {
		if strings.Contains(series, "task=") {
			n++
		}
	}
	return n
}

// requireNotBack requires that no counter of the one is less in the other.
func requireNotBack(t testing.TB, before, now scraped) {
	t.Helper()
	for series, value := range before {
		if strings.Contains(series, "_total") {
			require.GreaterOrEqual(t, now[series], value, series)
		}
	}
}
