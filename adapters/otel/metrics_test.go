package otel

import (
	"context"
	"fmt"
	"io"
	"os"
	"reflect"
	"slices"
	"sort"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/attribute"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"

	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
)

// What a reader collects has the names, units and attributes of the table in the documentation, and each of them is collected.
func TestInstrumentsAreDocumented(t *testing.T) {
	guide, err := os.ReadFile("../../docs/metrics.md")
	require.NoError(t, err)
	_, table, found := strings.Cut(string(guide), "<!-- OpenTelemetry -->\n")
	require.True(t, found)
	table, _, _ = strings.Cut(table, "<!-- end of OpenTelemetry -->")

	var collected strings.Builder
	collected.WriteString("| instrument | kind | unit | attributes | what it says |\n| --- | --- | --- | --- | --- |\n")
	synctest.Test(t, func(t *testing.T) {
		sup, read := everything(t)
		rows := map[string]string{}
		for _, m := range read().Metrics {
			kind, attributes := describe(t, m)
			rows[m.Name] = fmt.Sprintf("| `%s` | %s | `%s` | %s | %s |\n", m.Name, kind, m.Unit, attributes, m.Description)
		}
		for _, made := range instruments() {
			require.Contains(t, rows, made.name, "nothing was collected")
			collected.WriteString(rows[made.name])
			delete(rows, made.name)
		}
		require.Empty(t, rows)
		require.NoError(t, sup.Shutdown(t.Context()))
	})
	require.Equal(t, collected.String(), table)
}

// Whatever the runtime counts has a value of an attribute.
func TestAttributesHaveAllValues(t *testing.T) {
	require.Equal(t, reflect.TypeFor[supervisor.EscalationCounts]().NumField(), len(escalationReasons))
	require.Equal(t, reflect.TypeFor[supervisor.Counts]().NumField()-2, len(statuses), "but for all tasks, and the runs left behind")
	require.Equal(t, reflect.TypeFor[supervisor.Usage]().NumField(), 3)
}

// The numbers are those of the tree, at the instant of the collection.
func TestMetricsAreReadFromTheTree(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sup, read := everything(t)
		got := valuesOf(read())
		for series, expected := range map[string]float64{
			"tasksupervisor.task.starts{root,fails}":                  2,
			"tasksupervisor.task.failures{root,fails}":                2,
			"tasksupervisor.task.restarts{failure,root,fails}":        1,
			"tasksupervisor.task.exits{error,root,fails}":             2,
			"tasksupervisor.task.attempts{root,fails}":                2,
			"tasksupervisor.task.next_start{root,fails}":              4*3600 - 60,
			"tasksupervisor.task.status{root,fails,failed}":           1,
			"tasksupervisor.task.status{root,fails,healthy}":          0,
			"tasksupervisor.task.count{root,failed}":                  1,
			"tasksupervisor.task.count{root/inner,healthy}":           1,
			"tasksupervisor.run.uptime{root/inner,worker}":            2*3600 + 80,
			"tasksupervisor.limit.utilization{intensity,root}":        0.2,
			"tasksupervisor.run.duration{error,root}.count":           2,
			"tasksupervisor.run.duration{error,root}.sum":             20,
			"tasksupervisor.escalations{escalated,root}":              0,
			"tasksupervisor.task.downtime{root,fails}":                2*3600 + 60,
			"tasksupervisor.task.restarts{failure,root/inner,worker}": 0,
			"tasksupervisor.run.abandonments{root}":                   0,
			"tasksupervisor.supervisor.up{root/inner}":                1,
			"tasksupervisor.recording.up{root}":                       1,
			"tasksupervisor.events.lost{root}":                        0,
		} {
			value, has := got[series]
			require.True(t, has, "%s\n%s", series, strings.Join(sortedKeys(got), "\n"))
			require.InDelta(t, expected, value, 1e-6, series)
		}
		require.NoError(t, sup.Remove("fails"))
		synctest.Wait()
		for series := range valuesOf(read()) {
			require.NotContains(t, series, "fails")
		}
		require.NoError(t, sup.Shutdown(t.Context()))
	})
}

// A run that is left behind, and goes on beside the one that replaces it, has no duration yet.
func TestAnAbandonedRunHasNotEnded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		reader := sdkmetric.NewManualReader()
		deaf := supervisor.TaskFunc(func(context.Context) error {
			time.Sleep(time.Hour)
			return nil
		})
		sup, err := supervisor.New(supervisor.WithTask("task", deaf, supervisor.WithStopTimeout(time.Second), supervisor.WithOnAbandon(supervisor.AbandonReplace)))
		require.NoError(t, err)
		_, err = RegisterMetrics(sup, WithMeterProvider(sdkmetric.NewMeterProvider(sdkmetric.WithReader(reader))))
		require.NoError(t, err)
		ctx, stop := context.WithCancel(t.Context())
		require.NoError(t, sup.Start(ctx))
		synctest.Wait()
		require.NoError(t, sup.Restart("task"))
		time.Sleep(time.Minute)
		got := valuesOf(readerOf(t, reader)())
		require.Equal(t, 1.0, got["tasksupervisor.run.abandoned{}"])
		for series := range got {
			require.NotContains(t, series, "run.duration")
		}
		time.Sleep(2 * time.Hour)
		require.Equal(t, 3600.0, valuesOf(readerOf(t, reader)())["tasksupervisor.run.duration{ok,}.sum"], "of the second alone")
		stop()
		_ = sup.Wait()
	})
}

// A run whose start or end was lost is missing. It is not taken for a part of another.
func TestDurationsThatAreLost(t *testing.T) {
	reader := sdkmetric.NewManualReader()
	sup, err := supervisor.New()
	require.NoError(t, err)
	metrics, err := RegisterMetrics(sup, WithMeterProvider(sdkmetric.NewMeterProvider(sdkmetric.WithReader(reader))))
	require.NoError(t, err)
	start := supervisor.Transition{Task: "task", Kind: supervisor.ActionStart, To: supervisor.StatusHealthy}
	end := supervisor.Transition{Task: "task", From: supervisor.StatusHealthy, To: supervisor.StatusFailed, Exit: supervisor.ExitError}
	for _, seconds := range []int{1, 10, 100} {
		now := supervisor.Instant(seconds) * supervisor.Instant(time.Second)
		start.At, end.At = now, now+supervisor.Instant(time.Second)
		metrics.observe(start)
		if seconds == 10 { // its end is lost, and the start of the next
			end.At, end.Lost = now+80*supervisor.Instant(time.Second), 2
		}
		metrics.observe(end)
		end.Lost = 0
	}
	got := valuesOf(readerOf(t, reader)())
	require.Equal(t, 2.0, got["tasksupervisor.run.duration{error,}.count"])
	require.Equal(t, 2.0, got["tasksupervisor.run.duration{error,}.sum"])
	require.NoError(t, metrics.Unregister())
}

// Once they are unregistered nothing is collected, and no observer is left.
func TestUnregister(t *testing.T) {
	reader := sdkmetric.NewManualReader()
	provider := sdkmetric.NewMeterProvider(sdkmetric.WithReader(reader))
	sup, err := supervisor.New(supervisor.WithTask("waits", supervisor.TaskFunc(waits)))
	require.NoError(t, err)
	metrics, err := RegisterMetrics(sup, WithMeterProvider(provider), WithStatusUpTo(0))
	require.NoError(t, err)
	require.Len(t, sup.Report().Observers, 1)
	require.NotContains(t, fmt.Sprint(sortedKeys(valuesOf(readerOf(t, reader)()))), "task.status")
	require.NoError(t, metrics.Unregister())
	require.Empty(t, sup.Report().Observers)
	require.Empty(t, valuesOf(readerOf(t, reader)()))

	metrics, err = RegisterMetrics(sup, WithMeterProvider(provider), WithoutRunDuration())
	require.NoError(t, err)
	require.Empty(t, sup.Report().Observers)
	require.NoError(t, metrics.Unregister())

	_, err = RegisterMetrics(new(supervisor.Supervisor), WithMeterProvider(provider))
	require.ErrorIs(t, err, supervisor.ErrNotMade)
}

// everything runs a tree in which each instrument has something to say, for two hours and 80 s. A task has failed in it twice, after 10 s
// each, the second time 60 s ago.
func everything(t *testing.T) (*supervisor.Supervisor, func() metricdata.ScopeMetrics) {
	t.Helper()
	inner, err := supervisor.New(supervisor.WithTask("worker", supervisor.TaskFunc(waits)))
	require.NoError(t, err)
	fails := supervisor.TaskFunc(func(ctx context.Context) error {
		time.Sleep(10 * time.Second)
		return errDown
	})
	sup, err := supervisor.New(supervisor.WithName("root"), supervisor.WithIntensity(10, 24*time.Hour), supervisor.WithRecorder(io.MultiWriter()),
		supervisor.WithTask("fails", fails, supervisor.WithBaseDelay(time.Hour)),
		supervisor.WithTask("inner", inner))
	require.NoError(t, err)
	reader := sdkmetric.NewManualReader()
	metrics, err := RegisterMetrics(sup, WithMeterProvider(sdkmetric.NewMeterProvider(sdkmetric.WithReader(reader))))
	require.NoError(t, err)
	t.Cleanup(func() { _ = metrics.Unregister() })
	require.NoError(t, sup.Start(t.Context()))
	time.Sleep(2*time.Hour + 80*time.Second)
	synctest.Wait()
	return sup, readerOf(t, reader)
}

func readerOf(t *testing.T, reader *sdkmetric.ManualReader) func() metricdata.ScopeMetrics {
	return func() metricdata.ScopeMetrics {
		var all metricdata.ResourceMetrics
		require.NoError(t, reader.Collect(context.Background(), &all))
		if len(all.ScopeMetrics) == 0 {
			return metricdata.ScopeMetrics{}
		}
		require.Len(t, all.ScopeMetrics, 1)
		require.Equal(t, scope, all.ScopeMetrics[0].Scope.Name)
		return all.ScopeMetrics[0]
	}
}

// describe returns the kind of a metric, and the keys of its attributes.
func describe(t *testing.T, m metricdata.Metrics) (kind, attributes string) {
	t.Helper()
	var sets []attribute.Set
	sum := func(monotonic bool, temporality metricdata.Temporality) string {
		require.Equal(t, metricdata.CumulativeTemporality, temporality)
		if monotonic {
			return kindCounter
		}
		return kindUpDownCounter
	}
	switch data := m.Data.(type) {
	case metricdata.Sum[int64]:
		kind = sum(data.IsMonotonic, data.Temporality)
		for _, point := range data.DataPoints {
			sets = append(sets, point.Attributes)
		}
	case metricdata.Sum[float64]:
		kind = sum(data.IsMonotonic, data.Temporality)
		for _, point := range data.DataPoints {
			sets = append(sets, point.Attributes)
		}
	case metricdata.Gauge[int64]:
		kind = kindGauge
		for _, point := range data.DataPoints {
			sets = append(sets, point.Attributes)
		}
	case metricdata.Gauge[float64]:
		kind = kindGauge
		for _, point := range data.DataPoints {
			sets = append(sets, point.Attributes)
		}
	case metricdata.Histogram[float64]:
		kind = kindHistogram
		for _, point := range data.DataPoints {
			sets = append(sets, point.Attributes)
		}
	default:
		t.Fatalf("%s is a %T", m.Name, m.Data)
	}
	for i, set := range sets {
		var keys []string
		for _, a := range set.ToSlice() {
			keys = append(keys, "`"+string(a.Key)+"`")
		}
		if keys := strings.Join(keys, ", "); i == 0 {
			attributes = keys
		} else {
			require.Equal(t, attributes, keys, m.Name)
		}
	}
	return kind, attributes
}

// valuesOf returns all values by name and values of the attributes.
func valuesOf(scope metricdata.ScopeMetrics) map[string]float64 {
	all := map[string]float64{}
	for _, m := range scope.Metrics {
		put := func(set attribute.Set, value float64, suffix string) {
			var values []string
			for _, a := range set.ToSlice() {
				values = append(values, a.Value.String())
			}
			all[m.Name+"{"+strings.Join(values, ",")+"}"+suffix] = value
		}
		switch data := m.Data.(type) {
		case metricdata.Sum[int64]:
			for _, point := range data.DataPoints {
				put(point.Attributes, float64(point.Value), "")
			}
		case metricdata.Sum[float64]:
			for _, point := range data.DataPoints {
				put(point.Attributes, point.Value, "")
			}
		case metricdata.Gauge[int64]:
			for _, point := range data.DataPoints {
				put(point.Attributes, float64(point.Value), "")
			}
		case metricdata.Gauge[float64]:
			for _, point := range data.DataPoints {
				put(point.Attributes, point.Value, "")
			}
		case metricdata.Histogram[float64]:
			for _, point := range data.DataPoints {
				put(point.Attributes, float64(point.Count), ".count")
				put(point.Attributes, point.Sum, ".sum")
			}
		}
	}
	return all
}

func sortedKeys(all map[string]float64) []string {
	var keys []string
	for key := range all {
		keys = append(keys, key)
	}
	sort.Strings(keys)
	return slices.Clip(keys)
}
