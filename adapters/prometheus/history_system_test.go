//go:build system

package prometheus

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
)

// step is the time between two scrapes, and between two evaluations of the rules.
const step = 30 * time.Second

// history is what a server has scraped from a program, in time that passes by itself.
type history struct {
	began   time.Time
	scrapes []map[string]string // values by series; what a series is not in has ended, or not begun
	kinds   map[string]string   // types of metrics
}

// scene is an hour in the life of a program.
type scene struct {
	name    string
	alerts  []string // those that fire within the hour
	options []Option
	tasks   func(t *testing.T) []supervisor.Option
	minutes map[int]func(t *testing.T, sup *supervisor.Supervisor) // what happens when
}

// play plays a scene, and returns what was scraped.
func (s *scene) play(t *testing.T) *history {
	t.Helper()
	h := &history{kinds: map[string]string{}}
	synctest.Test(t, func(t *testing.T) {
		sup, err := supervisor.New(append(s.tasks(t), supervisor.WithName("shop"))...)
		require.NoError(t, err)
		registry := prometheus.NewPedanticRegistry()
		registry.MustRegister(NewCollector(sup, s.options...))
		ctx, stop := context.WithCancel(t.Context())
		require.NoError(t, sup.Start(ctx))
		h.began = time.Now()
		for range time.Hour / step {
			if at := time.Since(h.began); at%time.Minute == 0 && s.minutes[int(at/time.Minute)] != nil {
				s.minutes[int(at/time.Minute)](t, sup)
			}
			synctest.Wait()
			families, err := registry.Gather()
			require.NoError(t, err)
			h.add(families)
			time.Sleep(step)
		}
		stop()
		_ = sup.Wait()
		time.Sleep(time.Hour) // for what did not stop
	})
	return h
}

// add adds a scrape.
func (h *history) add(families []*dto.MetricFamily) {
	scrape := map[string]string{}
	for _, family := range families {
		name := family.GetName()
		h.kinds[name] = strings.ToLower(family.GetType().String())
		for _, m := range family.Metric {
			put := func(name string, value float64, with ...string) {
				text := append(make([]string, 0, 6), `instance="one"`, `job="shop"`)
				for _, label := range m.Label {
					text = append(text, label.GetName()+"="+prometheusQuote(label.GetValue()))
				}
				series := name + "{" + strings.Join(append(text, with...), ",") + "}"
				scrape[series] = strconv.FormatFloat(value, 'g', -1, 64)
			}
			switch family.GetType() {
			case dto.MetricType_COUNTER:
				put(name, m.Counter.GetValue())
			case dto.MetricType_GAUGE:
				put(name, m.Gauge.GetValue())
			case dto.MetricType_HISTOGRAM:
				for _, bucket := range m.Histogram.Bucket {
					put(name+"_bucket", float64(bucket.GetCumulativeCount()), fmt.Sprintf("le=\"%v\"", bucket.GetUpperBound()))
				}
				put(name+"_bucket", float64(m.Histogram.GetSampleCount()), `le="+Inf"`)
				put(name+"_count", float64(m.Histogram.GetSampleCount()))
				put(name+"_sum", m.Histogram.GetSampleSum())
			default:
				panic(family.GetType())
			}
		}
	}
	h.scrapes = append(h.scrapes, scrape)
}

// series returns all series there ever were.
func (h *history) series() []string {
	all := map[string]bool{}
	for _, scrape := range h.scrapes {
		for series := range scrape {
			all[series] = true
		}
	}
	return slices.Sorted(maps.Keys(all))
}

// unitTest writes the history as the input of a test of promtool, as far as the rules ask for it, with the marker that a server
// writes where a series ends.
func (h *history) unitTest(out io.Writer, rules string) {
	for _, series := range h.series() {
		if name, _, _ := strings.Cut(series, "{"); !strings.Contains(rules, name) {
			continue
		}
		fmt.Fprintf(out, "      - series: %s\n        values: '", strconv.Quote(series))
		had := false
		for _, scrape := range h.scrapes {
			switch value, has := scrape[series]; {
			case has:
				fmt.Fprint(out, value, " ")
				had = true
			case had:
				fmt.Fprint(out, "stale ")
				had = false
			default:
				fmt.Fprint(out, "_ ")
			}
		}
		fmt.Fprintln(out, "'")
	}
}

// openMetrics writes the history in the format of that name, with timestamps.
func (h *history) openMetrics(out io.Writer) {
	byFamily := map[string][]string{}
	for _, series := range h.series() {
		name, _, _ := strings.Cut(series, "{")
		for _, suffix := range []string{"_bucket", "_count", "_sum"} {
			if base := strings.TrimSuffix(name, suffix); h.kinds[base] == "histogram" {
				name = base
			}
		}
		byFamily[name] = append(byFamily[name], series)
	}
	for _, family := range slices.Sorted(maps.Keys(byFamily)) {
		fmt.Fprintf(out, "# TYPE %s %s\n", strings.TrimSuffix(family, "_total"), h.kinds[family])
		for _, series := range byFamily[family] {
			for i, scrape := range h.scrapes {
				if value, has := scrape[series]; has {
					fmt.Fprintf(out, "%s %s %d\n", series, value, h.began.Add(time.Duration(i)*step).Unix())
				}
			}
		}
	}
	fmt.Fprintln(out, "# EOF")
}

// The scenes.

func scenes() []scene {
	return []scene{
		{name: "a calm hour", tasks: calm, minutes: map[int]func(*testing.T, *supervisor.Supervisor){
			12: func(t *testing.T, sup *supervisor.Supervisor) { require.NoError(t, sup.Restart("api")) },
			20: func(t *testing.T, sup *supervisor.Supervisor) { require.NoError(t, sup.Suspend("mailer")) },
			50: func(t *testing.T, sup *supervisor.Supervisor) { require.NoError(t, sup.Resume("mailer")) },
		}},
		{name: "ten minutes of backoff", alerts: []string{"TaskCrashLooping"}, tasks: backoff},
		{name: "ten minutes of backoff, without task_status", alerts: []string{"TaskCrashLooping"}, tasks: backoff, options: []Option{WithStatusUpTo(0)}},
		{name: "flapping", alerts: []string{"TaskFlapping"}, tasks: with(
			// It runs for long enough to be stable, and is down for less time than a server ever sees.
			supervisor.WithTask("flaps", failsAfter(197*time.Second), supervisor.WithBaseDelay(time.Millisecond)))},
		{name: "a dead task", alerts: []string{"TaskDead"}, tasks: with(supervisor.WithTask("dies", failsAfter(10*time.Minute), supervisor.WithMaxAttempts(0)))},
		{
			name: "a dead task, without task_status", alerts: []string{"TaskDead"}, options: []Option{WithStatusUpTo(0)},
			tasks: with(supervisor.WithTask("dies", failsAfter(10*time.Minute), supervisor.WithMaxAttempts(0))),
		},
		{name: "never ready", alerts: []string{"TaskNotReady"}, tasks: with(
			supervisor.WithTask("starts", waits, supervisor.WithReadiness(true), supervisor.WithStartTimeout(supervisor.Forever)))},
		{name: "not ready any more", alerts: []string{"TaskNotReady"}, tasks: with(
			supervisor.WithTask("unready", supervisor.TaskFunc(func(ctx context.Context) error {
				_ = supervisor.Ready(ctx)
				_ = pause(ctx, 10*time.Minute)
				_ = supervisor.NotReady(ctx)
				<-ctx.Done()
				return nil
			}), supervisor.WithReadiness(true)))},
		{name: "a storm", alerts: []string{"RestartStorm", "TaskFlapping"}, tasks: storm},
		{name: "near a limit", alerts: []string{"LimitNear", "TaskDead"}, tasks: func(t *testing.T) []supervisor.Option {
			options := calm(t)
			for i := range 4 { // of nine tasks; with a fifth more than half of all would be dead
				options = append(options, supervisor.WithTask(fmt.Sprint("dies", i), failsAfter(10*time.Minute), supervisor.WithMaxAttempts(0)))
			}
			return options
		}},
		{name: "escalated", alerts: []string{"SupervisorEscalated"}, tasks: func(t *testing.T) []supervisor.Option {
			return append(calm(t), supervisor.WithTask("bank", made(t, supervisor.WithIntensity(0, time.Minute),
				supervisor.WithTask("line", once(10*time.Minute, errDown))),
				// Its task is dead, and starts again with it.
				supervisor.WithBackoff(supervisor.Backoff{Base: 5 * time.Minute, Factor: 1, Max: time.Hour})))
		}},
		{name: "stopped", alerts: []string{"SupervisorStopped"}, tasks: calm, minutes: map[int]func(*testing.T, *supervisor.Supervisor){
			10: func(t *testing.T, sup *supervisor.Supervisor) { require.NoError(t, sup.Shutdown(t.Context())) },
		}},
		{name: "abandoned", alerts: []string{"RunAbandoned"}, tasks: with(supervisor.WithTask("deaf", supervisor.TaskFunc(func(context.Context) error {
			time.Sleep(12 * time.Minute)
			return nil
		}), supervisor.WithStopTimeout(5*time.Second))), minutes: map[int]func(*testing.T, *supervisor.Supervisor){
			10: func(t *testing.T, sup *supervisor.Supervisor) { require.NoError(t, sup.Restart("deaf")) },
		}},
		{name: "a slow observer", alerts: []string{"EventsLost"}, tasks: func(t *testing.T) []supervisor.Option {
			return append(calm(t), supervisor.WithObserverQueue(1), supervisor.WithObserver(func(tr supervisor.Transition) {
				if tr.Task == "mailer" {
					time.Sleep(time.Second)
				}
			}))
		}, minutes: map[int]func(*testing.T, *supervisor.Supervisor){
			12: func(t *testing.T, sup *supervisor.Supervisor) {
				for range 3 { // each is carried out: several at once may be one
					require.NoError(t, sup.Restart("mailer"))
					synctest.Wait()
				}
			},
		}},
		{name: "a recording that ends", alerts: []string{"RecordingDown"}, tasks: func(t *testing.T) []supervisor.Option {
			return append(unrecorded(t), supervisor.WithRecorder(&full{room: 4096}))
		}},
		{name: "many tasks", alerts: []string{"TasksFolded"}, options: []Option{WithSeriesLimit(700)}, tasks: func(t *testing.T) []supervisor.Option {
			options := calm(t)
			for i := range 100 {
				options = append(options, supervisor.WithTask(fmt.Sprint("task", i), waits))
			}
			return options
		}},
	}
}

// calm returns a program in which only happens what has to: an operator restarts a task and suspends another, a job is repeated every
// minute, a task fails once and recovers, and once there is a failure in a nested supervisor.
func calm(t *testing.T) []supervisor.Option {
	return append(unrecorded(t), supervisor.WithRecorder(io.MultiWriter())) // io.Discard would be none
}

func unrecorded(t *testing.T) []supervisor.Option {
	job := supervisor.TaskFunc(func(ctx context.Context) error { return pause(ctx, 20*time.Second) })
	return []supervisor.Option{
		supervisor.ForService(), supervisor.WithIntensity(100, time.Hour), supervisor.WithDeadThreshold(0.5),
		supervisor.WithRestartRate(2, time.Minute),
		supervisor.WithTask("api", supervisor.TaskFunc(func(ctx context.Context) error {
			_ = pause(ctx, 3*time.Second)
			_ = supervisor.Ready(ctx)
			return waits(ctx)
		}), supervisor.WithReadiness(true)),
		supervisor.WithTask("mailer", once(30*time.Minute, errDown)),
		supervisor.WithTask("job", job, supervisor.WithRestart(supervisor.RestartAlways), supervisor.WithBaseDelay(time.Minute)),
		supervisor.WithTask("migration", supervisor.TaskFunc(func(context.Context) error { return nil })),
		supervisor.WithTask("payments", made(t, supervisor.ForService(), supervisor.WithTask("bank", once(10*time.Minute, errors.New("no money"))),
			supervisor.WithTask("card", waits))),
	}
}

// with returns a calm program with some more.
func with(more ...supervisor.Option) func(t *testing.T) []supervisor.Option {
	return func(t *testing.T) []supervisor.Option { return append(calm(t), more...) }
}

// backoff returns a calm program with a task that fails at once, and is restarted after ten minutes each time.
func backoff(t *testing.T) []supervisor.Option {
	return append(calm(t), supervisor.WithTask("crashes", failsAfter(0),
		supervisor.WithBackoff(supervisor.Backoff{Base: 10 * time.Minute, Factor: 1, Max: time.Hour})))
}

// storm returns a program in which a hundred tasks fail for five minutes.
func storm(t *testing.T) []supervisor.Option {
	options := []supervisor.Option{supervisor.ForService()}
	for i := range 100 {
		began := time.Time{}
		options = append(options, supervisor.WithTask(fmt.Sprint("task", i), supervisor.TaskFunc(func(ctx context.Context) error {
			if began.IsZero() {
				began = time.Now()
			}
			switch since := time.Since(began); {
			case since < 30*time.Minute:
				return failsAfter(30*time.Minute - since).Run(ctx)
			case since < 35*time.Minute:
				return errDown
			}
			return waits(ctx)
		}), supervisor.WithBackoff(supervisor.Backoff{Base: 10 * time.Second, Factor: 1})))
	}
	return options
}

// pause waits for a while, or until ctx ends.
func pause(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
	return nil
}

// once returns a task that fails once, after its first run has lasted so long.
func once(after time.Duration, failure error) supervisor.Task {
	failed := false
	return supervisor.TaskFunc(func(ctx context.Context) error {
		if failed {
			return waits(ctx)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(after):
			failed = true
			return failure
		}
	})
}

// full is a disk that becomes full.
type full struct {
	bytes.Buffer
	room int
}

func (f *full) Write(b []byte) (int, error) {
	if f.Len()+len(b) > f.room {
		return 0, errors.New("no space left on device")
	}
	return f.Buffer.Write(b)
}
