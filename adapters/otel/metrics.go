package otel

import (
	"context"
	"strings"
	"sync"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"

	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
)

// Metrics are the metrics of one tree of supervisors.
//
// They are read from the tree when they are collected, and nothing is done in between, with one exception: the API has no
// histogram that could be read, so an observer records tasksupervisor.run.duration. What an observer is too slow for is missing there,
// and there alone: all else is counted by the supervisors where they decide. See [WithoutRunDuration].
//
// How many series there are is bounded by the SDK, for each instrument (its cardinality limit).
type Metrics struct {
	root        *supervisor.Supervisor
	meter       metric.Meter
	statusUpTo  int
	noDurations bool

	counters map[int]metric.Int64Observable
	floats   map[int]metric.Float64Observable
	duration metric.Float64Histogram

	registration metric.Registration
	stopObserver func()
	mu           sync.Mutex
	alive        map[string]supervisor.Instant // when runs that have not ended began, by path
}

// MetricsOption is an option of [RegisterMetrics]. A nil one changes nothing.
type MetricsOption func(*Metrics)

// WithMeterProvider says where metrics go. Default: the global provider, otel.GetMeterProvider.
func WithMeterProvider(provider metric.MeterProvider) MetricsOption {
	return func(m *Metrics) { m.meter = provider.Meter(scope) }
}

// WithStatusUpTo says up to how many tasks tasksupervisor.task.status is there, which has nine series a task. 0: it is never
// there. Default: 500.
func WithStatusUpTo(tasks int) MetricsOption { return func(m *Metrics) { m.statusUpTo = tasks } }

// WithoutRunDuration leaves out tasksupervisor.run.duration, and with it the observer.
func WithoutRunDuration() MetricsOption { return func(m *Metrics) { m.noDurations = true } }

// RegisterMetrics has the metrics of a supervisor, and of all below it, collected, whether it runs or not, until
// [Metrics.Unregister]. The error is one of the meter, or [supervisor.ErrNotMade].
func RegisterMetrics(root *supervisor.Supervisor, options ...MetricsOption) (*Metrics, error) {
	m := &Metrics{
		root: root, statusUpTo: 500, stopObserver: func() {},
		counters: make(map[int]metric.Int64Observable), floats: make(map[int]metric.Float64Observable),
		alive: make(map[string]supervisor.Instant),
	}
	for _, option := range options {
		if option != nil {
			option(m)
		}
	}
	if m.meter == nil {
		m.meter = otel.GetMeterProvider().Meter(scope)
	}
	observed, err := m.make()
	if err != nil {
		return nil, err
	}
	if !m.noDurations {
		if m.stopObserver, err = root.Observe(m.observe); err != nil {
			return nil, err
		}
	}
	if m.registration, err = m.meter.RegisterCallback(m.collect, observed...); err != nil {
		m.stopObserver()
		return nil, err
	}
	return m, nil
}

// Unregister ends the collection.
func (m *Metrics) Unregister() error {
	m.stopObserver()
	return m.registration.Unregister()
}

// make makes the instruments, and returns those that can be observed.
func (m *Metrics) make() (observed []metric.Observable, err error) {
	for i, made := range instruments() {
		unit, description := metric.WithUnit(made.unit), metric.WithDescription(made.description)
		switch seconds := made.unit == "s" || i == limitUtilization; {
		case made.kind == kindHistogram:
			if m.noDurations {
				continue
			}
			var bounds []float64
			for _, bound := range supervisor.HistogramBounds() {
				bounds = append(bounds, bound.Seconds())
			}
			m.duration, err = m.meter.Float64Histogram(made.name, unit, description, metric.WithExplicitBucketBoundaries(bounds...))
			if err != nil {
				return nil, err
			}
			continue
		case made.kind == kindCounter && seconds:
			m.floats[i], err = m.meter.Float64ObservableCounter(made.name, unit, description)
		case made.kind == kindCounter:
			m.counters[i], err = m.meter.Int64ObservableCounter(made.name, unit, description)
		case made.kind == kindUpDownCounter:
			m.counters[i], err = m.meter.Int64ObservableUpDownCounter(made.name, unit, description)
		case made.kind == kindGauge && seconds:
			m.floats[i], err = m.meter.Float64ObservableGauge(made.name, unit, description)
		case made.kind == kindGauge:
			m.counters[i], err = m.meter.Int64ObservableGauge(made.name, unit, description)
		}
		if err != nil {
			return nil, err
		}
	}
	for _, counter := range m.counters {
		observed = append(observed, counter)
	}
	for _, float := range m.floats {
		observed = append(observed, float)
	}
	return observed, nil
}

// collect reads the tree.
func (m *Metrics) collect(_ context.Context, o metric.Observer) error {
	c := collection{m, o, make(map[*supervisor.Supervisor]string)}
	nodes := m.root.Tree()
	c.supervisor(m.root, m.root.Path())
	for i := range nodes {
		node := &nodes[i]
		at := strings.TrimSuffix(strings.TrimSuffix(node.Path, node.Name), "/")
		c.supervisor(node.Supervisor, at)
		if hasTasks := i+1 < len(nodes) && nodes[i+1].Depth > node.Depth; node.Inside != nil && !hasTasks {
			c.supervisor(node.Inside, node.Path)
		}
		c.task(node, at, len(nodes) <= m.statusUpTo)
	}
	return nil
}

// collection is one reading of the tree.
type collection struct {
	*Metrics
	observer metric.Observer
	paths    map[*supervisor.Supervisor]string // of those that were read
}

func (c *collection) count(instrument int, n int64, with ...attribute.KeyValue) {
	c.observer.ObserveInt64(c.counters[instrument], n, metric.WithAttributes(with...))
}

func (c *collection) measure(instrument int, value float64, with ...attribute.KeyValue) {
	c.observer.ObserveFloat64(c.floats[instrument], value, metric.WithAttributes(with...))
}

// supervisor observes a supervisor without its tasks, once.
func (c *collection) supervisor(s *supervisor.Supervisor, path string) {
	if _, done := c.paths[s]; done {
		return
	}
	c.paths[s] = path
	at, stats := keySupervisor.String(path), s.Stats()
	counts := &stats.Counts
	for i, n := range [len(statuses)]int{
		counts.Created, counts.Starting, counts.Healthy, counts.Stopping, counts.Failed, counts.Completed, counts.Dead, counts.Halted,
		counts.Abandoned,
	} {
		c.count(taskCount, int64(n), at, keyState.String(statuses[i].String()))
	}
	for i, n := range [len(escalationReasons)]uint64{
		stats.Escalations.TooManyDead, stats.Escalations.Intensity, stats.Escalations.Escalated,
	} {
		c.count(escalations, int64(n), at, keyEscalation.String(escalationReasons[i].String()))
	}
	c.count(supervisorUp, bit(stats.Phase == supervisor.PhaseRunning), at)
	if stats.Recorded || stats.RecordingFailed {
		c.count(recordingUp, bit(stats.Recorded), at)
	}
	c.count(runAbandoned, int64(counts.LeftBehind), at)
	c.count(runAbandonments, int64(stats.RunsAbandoned), at)
	c.count(probeAbandoned, int64(stats.ProbesLate), at)
	c.count(eventsLost, int64(stats.TransitionsLost), at)
	for limit, used := range map[string]supervisor.LimitUsage{
		"dead_threshold": stats.Usage.Dead, "intensity": stats.Usage.Intensity, "restart_rate": stats.Usage.RestartRate,
	} {
		if used.Limited {
			c.measure(limitUtilization, used.Ratio(), at, keyLimit.String(limit))
		}
	}
}

// task observes a task.
func (c *collection) task(node *supervisor.TreeNode, path string, withStatus bool) {
	at, name, totals := keySupervisor.String(path), keyTask.String(node.Name), &node.Totals
	c.count(taskStarts, int64(totals.Starts), at, name)
	c.count(taskFailures, int64(totals.Failures), at, name)
	c.count(taskRestarts, int64(totals.Restarts.Failure), at, name, keyRestart.String(supervisor.ReasonFailure.String()))
	for why, n := range totals.Restarts.All() {
		if why != supervisor.ReasonFailure {
			c.count(taskRestarts, int64(n), at, name, keyRestart.String(why.String()))
		}
	}
	for kind, n := range totals.Exits.All() {
		c.count(taskExits, int64(n), at, name, keyExit.String(kind.String()))
	}
	c.measure(taskDowntime, totals.Downtime.Seconds(), at, name)
	c.count(taskAttempts, int64(node.Attempts), at, name)
	if until, waits := node.RestartIn(); waits {
		c.measure(taskNextStart, until.Seconds(), at, name)
	}
	if node.Status == supervisor.StatusStarting || node.Status == supervisor.StatusHealthy {
		c.measure(runUptime, float64(node.At-node.Since)/1e9, at, name)
	}
	if withStatus {
		for _, status := range statuses {
			c.count(taskStatus, bit(node.Status == status), at, name, keyState.String(status.String()))
		}
	}
}

func bit(is bool) int64 {
	if is {
		return 1
	}
	return 0
}

// observe records how long runs were. Where transitions were lost, it is no longer known which runs are going: the end of one may be
// among them, and the start of the next.
func (m *Metrics) observe(now supervisor.Transition) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if now.Lost > 0 {
		clear(m.alive)
	}
	if now.Task == "" {
		return
	}
	path := now.Path()
	if since, known := m.alive[path]; known && now.From == supervisor.StatusAbandoned && now.Kind == supervisor.ActionStart {
		delete(m.alive, path) // it goes on beside the next
	} else if known && (now.Kind == supervisor.ActionStart || !hasRun(now.To)) {
		delete(m.alive, path)
		m.duration.Record(context.Background(), float64(now.At-since)/1e9, metric.WithAttributes(
			keySupervisor.String(now.Supervisor), keyExit.String(now.Exit.String())))
	}
	if now.Kind == supervisor.ActionStart {
		m.alive[path] = now.At
	}
}
