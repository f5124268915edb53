package prometheus

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
)

// sample is the value of a series, or of all the series of a histogram.
type sample struct {
	metric    int
	labels    [3]string
	labelled  int // how many of the labels it has
	kind      prometheus.ValueType
	value     float64
	durations []float64 // of a histogram, see supervisorCounts
}

// How many series there are at most of one task or supervisor, without task_status, and of what is not about one of them: what is
// counted under _other, and the metrics of the whole.
const (
	taskSeries       = len(taskCounts{}) + 4 // up, the instant of a start, attempts and their limit
	supervisorSeries = len(statuses) + 3 + 6 + len(escalationReasons) + 3*(durations+1)
	globalSeries     = 3 + supervisorSeries + taskSeries
)

// series returns how many series the sample is of.
func (s *sample) series() int {
	if s.durations == nil {
		return 1
	}
	return durations + 1 // each bound, the infinite one, sum and count
}

func gaugeOf(metric int, value float64, labels ...string) sample {
	s := sample{metric: metric, labelled: len(labels), kind: prometheus.GaugeValue, value: value}
	copy(s.labels[:], labels)
	return s
}

func counterOf(metric int, value float64, labels ...string) sample {
	s := gaugeOf(metric, value, labels...)
	s.kind = prometheus.CounterValue
	return s
}

func bit(is bool) float64 {
	if is {
		return 1
	}
	return 0
}

// appendTask appends all samples of a task.
func appendTask(dst []sample, at string, t *taskReading, withStatus bool) []sample {
	node, name := t.node, t.node.Name
	dst = appendTaskCounts(dst, at, name, &t.counts)
	dst = append(dst,
		gaugeOf(taskUp, bit(node.Status == supervisor.StatusHealthy && !node.Unready), at, name),
		gaugeOf(taskAttempts, float64(node.Attempts), at, name))
	if policy, err := node.Supervisor.Policy(name); err == nil && policy.MaxAttempts != supervisor.Unlimited {
		dst = append(dst, gaugeOf(taskAttemptsLimit, float64(policy.MaxAttempts), at, name))
	}
	switch node.Status {
	case supervisor.StatusStarting, supervisor.StatusHealthy:
		if began, ok := node.Date(node.Since); ok {
			dst = append(dst, gaugeOf(taskRunStart, unix(began), at, name))
		}
	case supervisor.StatusFailed:
		if starts, ok := node.Date(node.Until); ok {
			dst = append(dst, gaugeOf(taskNextStart, unix(starts), at, name))
		}
	default: // it has no run that matters, and none soon
	}
	if withStatus {
		for _, status := range statuses {
			dst = append(dst, gaugeOf(taskStatus, bit(node.Status == status), at, name, status.String()))
		}
	}
	return dst
}

func unix(date time.Time) float64 { return float64(date.UnixNano()) / 1e9 }

// appendTaskCounts appends the counters of a task, or of several together.
func appendTaskCounts(dst []sample, at, name string, c *taskCounts) []sample {
	dst = append(dst,
		counterOf(taskStarts, c[countStarts], at, name),
		counterOf(taskFailures, c[countFailures], at, name),
		counterOf(taskDowntime, c[countDowntime], at, name))
	for i, kind := range exitKinds {
		if n := c[firstExit+i]; n > 0 {
			dst = append(dst, counterOf(taskExits, n, at, name, kind.String()))
		}
	}
	for i, why := range restartReasons {
		if n := c[firstRestart+i]; n > 0 || why == supervisor.ReasonFailure { // which is there from the start, so that the first counts for a rate
			dst = append(dst, counterOf(taskRestarts, n, at, name, why.String()))
		}
	}
	return dst
}

// appendSupervisor appends all samples of a supervisor but those of its tasks.
func appendSupervisor(dst []sample, s *supervisorReading) []sample {
	var f folded
	f.add(s)
	return f.appendAs(dst, s.path, &s.counts)
}

// folded is what several supervisors are like together: sums, and the worst of what has no sum.
type folded struct {
	supervisors, tasks int // how many there are

	down            bool // one of them does not run
	byStatus        [len(statuses)]float64
	used            map[string]float64 // by limit, the largest
	runsAbandoned   float64
	probesAbandoned float64
	recorded        bool // some of them are
	recordingDown   bool // of one it is
}

// add adds a supervisor.
func (f *folded) add(s *supervisorReading) {
	f.supervisors++
	f.down = f.down || s.stats.Phase != supervisor.PhaseRunning
	counts := &s.stats.Counts
	for i, n := range [len(statuses)]int{
		counts.Created, counts.Starting, counts.Healthy, counts.Stopping, counts.Failed, counts.Completed, counts.Dead, counts.Halted,
		counts.Abandoned,
	} {
		f.byStatus[i] += float64(n)
	}
	usage := &s.stats.Usage
	for _, limit := range []struct {
		name string
		used *supervisor.LimitUsage
	}{{limitDead, &usage.Dead}, {limitIntensity, &usage.Intensity}, {limitRestartRate, &usage.RestartRate}} {
		if limit.used.Limited {
			if f.used == nil {
				f.used = make(map[string]float64)
			}
			f.used[limit.name] = max(f.used[limit.name], limit.used.Ratio())
		}
	}
	f.runsAbandoned += float64(counts.LeftBehind)
	f.probesAbandoned += float64(s.stats.ProbesLate)
	f.recorded = f.recorded || s.stats.Recorded || s.stats.RecordingFailed
	f.recordingDown = f.recordingDown || s.stats.RecordingFailed
}

// appendAs appends the samples of the supervisors under one name, with what they have counted.
func (f *folded) appendAs(dst []sample, path string, c *supervisorCounts) []sample {
	dst = append(dst, gaugeOf(supervisorUp, bit(!f.down), path))
	for i, status := range statuses {
		dst = append(dst, gaugeOf(tasks, f.byStatus[i], path, status.String()))
	}
	for _, limit := range [...]string{limitDead, limitIntensity, limitRestartRate} {
		if used, limited := f.used[limit]; limited {
			dst = append(dst, gaugeOf(limitUsed, used, path, limit))
		}
	}
	for i, why := range escalationReasons {
		dst = append(dst, counterOf(escalations, c[firstEscalation+i], path, why.String()))
	}
	dst = append(dst,
		gaugeOf(runsAbandoned, f.runsAbandoned, path),
		gaugeOf(probesAbandoned, f.probesAbandoned, path),
		counterOf(abandonments, c[countAbandoned], path),
		counterOf(eventsLost, c[countLost], path))
	if f.recorded {
		dst = append(dst, gaugeOf(recordingUp, bit(!f.recordingDown), path))
	}
	for i, metric := range [...]int{runDuration, readyDuration, stopDuration} {
		dst = append(dst, sample{metric: metric, labels: [3]string{path}, labelled: 1, durations: c.durations(i)})
	}
	return dst
}
