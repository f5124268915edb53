package prometheus

import (
	"sync"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
)

// Collector reads the metrics of a tree of supervisors from its root when it is scraped. It is a [prometheus.Collector], and can be
// scraped by several at a time.
type Collector struct {
	root    *supervisor.Supervisor
	options options
	descs   [metricsEnd]*prometheus.Desc
	bounds  []float64 // of histograms, in seconds

	mu     sync.Mutex
	ledger ledger
}

// NewCollector returns a collector for a supervisor and all below it, whether it runs or not.
func NewCollector(root *supervisor.Supervisor, with ...Option) *Collector {
	c := &Collector{root: root, options: defaults(), descs: describe(), ledger: newLedger()}
	for _, option := range with {
		if option != nil {
			option(&c.options)
		}
	}
	for _, bound := range supervisor.HistogramBounds() {
		c.bounds = append(c.bounds, bound.Seconds())
	}
	return c
}

// Describe implements prometheus.Collector.
func (c *Collector) Describe(descs chan<- *prometheus.Desc) {
	for _, desc := range c.descs {
		descs <- desc
	}
}

// Collect implements prometheus.Collector.
func (c *Collector) Collect(metrics chan<- prometheus.Metric) {
	for _, s := range c.scrape() {
		metrics <- c.metric(&s)
	}
}

// scrape returns the samples of all series.
func (c *Collector) scrape() []sample {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.ledger.enter(readTree(c.root), c.options)
}

// metric makes a metric of a sample.
func (c *Collector) metric(s *sample) prometheus.Metric {
	desc, labels := c.descs[s.metric], s.labels[:s.labelled]
	if s.durations == nil {
		return prometheus.MustNewConstMetric(desc, s.kind, s.value, labels...)
	}
	below, buckets := 0.0, make(map[float64]uint64, len(c.bounds))
	for i, bound := range c.bounds {
		below += s.durations[i]
		buckets[bound] = uint64(below)
	}
	count := below + s.durations[len(c.bounds)]
	return prometheus.MustNewConstHistogram(desc, uint64(count), s.durations[len(c.bounds)+1], buckets, labels...)
}
