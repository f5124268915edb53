package supervisor

import (
	"encoding/json"
	"math/bits"
	"time"
)

// Stats says how a supervisor is doing and what has happened to it since it was made, without those below it: with
// [Supervisor.Tree] it is all that a scrape of metrics needs. What it counts is counted as [Totals] are, and never goes back.
type Stats struct {
	Path     string // the names from the root supervisor down, separated by slashes; "" for a root without a name
	Phase    Phase  // whether it runs
	Counts   Counts // its tasks by status; LeftBehind is how many abandoned runs are alive now
	Usage    Usage  // how much of its limits is used
	Recorded bool   // its decisions are being recorded, by a recorder or flight recorder of its own or of a supervisor above, none of which has failed

	// RecordingFailed says that they were, and that the recording has ended early: see [Report.Recording].
	RecordingFailed bool

	Escalations     EscalationCounts // how often it stopped because a limit was exceeded or a task stopped it
	RunsAbandoned   uint64           // runs that ignored their stop, whether they have ended since or not
	ProbesAbandoned uint64           // probes whose time had passed before they returned
	ProbesLate      int              // those of them that have not returned yet
	TransitionsLost uint64           // transitions that its own loggers and observers were too slow for, those of Observe too

	RunDurations   Histogram // of its tasks' runs that have ended, however they ended
	ReadyDurations Histogram // from a start until the run was ready, of tasks with readiness
	StopDurations  Histogram // from when a run was asked to stop until it had stopped, also if it was abandoned meanwhile
}

// EscalationCounts counts by [Reason] how often a supervisor stopped though it had not been asked to and its tasks had not ended.
type EscalationCounts struct {
	TooManyDead uint64 `json:"too-many-dead,omitempty"`
	Intensity   uint64 `json:"intensity,omitempty"`
	Escalated   uint64 `json:"escalated,omitempty"`
}

// Usage says how much of its limits a supervisor has used.
type Usage struct {
	Dead        LimitUsage `json:"dead,omitzero"`         // of the dead threshold: dead and abandoned tasks
	Intensity   LimitUsage `json:"intensity,omitzero"`    // of the intensity: failures in the last Per
	RestartRate LimitUsage `json:"restart_rate,omitzero"` // of the restart rate: restarts in the last Per
}

// LimitUsage is what is used of a limit, and what is allowed. The supervisor stops, or a restart waits, when more would be
// used than is allowed. Without a limit it is zero.
type LimitUsage struct {
	Used, Allowed uint64
	Per           time.Duration // the window of a rate
	Limited       bool          // there is a limit
}

// Ratio returns what is used of what is allowed: 0 if nothing is, 1 if nothing is left. It can be more where the limit has been
// exceeded, or was lowered.
func (u LimitUsage) Ratio() float64 {
	if u.Used == 0 {
		return 0
	}
	return float64(u.Used) / float64(max(u.Allowed, 1))
}

// Stats returns how the supervisor is doing. It takes the same short time for any number of tasks, and never waits for one.
func (s *Supervisor) Stats() Stats {
	if s.made() != nil {
		return Stats{}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	machine := s.engine.machine
	stats := s.counted()
	stats.Path, stats.Phase, stats.Counts = s.path(), s.phase(), machine.Counts()
	if s.watching.records() {
		stats.RecordingFailed = s.watching.recordingFailure() != nil
		stats.Recorded = !stats.RecordingFailed
	}
	now, limits := s.now(), machine.Supervisor().Limits
	stats.Usage = Usage{
		Dead:        deadUsage(limits.DeadThreshold, stats.Counts),
		Intensity:   rateUsage(limits.Intensity, machine.Crashes(), now),
		RestartRate: rateUsage(limits.RestartRate, machine.Restarts(), now),
	}
	return stats
}

// deadUsage returns how many tasks are dead, and how many may be.
func deadUsage(threshold Fraction, counts Counts) LimitUsage {
	if threshold.Den == 0 {
		return LimitUsage{}
	}
	hi, lo := bits.Mul64(uint64(counts.Total), uint64(threshold.Num))
	allowed, _ := bits.Div64(hi%uint64(threshold.Den), lo, uint64(threshold.Den))
	return LimitUsage{Used: uint64(counts.Dead + counts.Abandoned), Allowed: allowed, Limited: true}
}

// rateUsage returns how much of what a rate has counted is in its window, which is open at its beginning.
func rateUsage(rate Rate, counted func(func(Instant) bool), now Instant) LimitUsage {
	if rate.Per == 0 {
		return LimitUsage{}
	}
	usage := LimitUsage{Allowed: uint64(rate.Count), Per: rate.Per, Limited: true}
	for at := range counted {
		if rate.Per == Forever || now-at < Instant(rate.Per) {
			usage.Used++
		}
	}
	return usage
}

// MarshalJSON writes the stats as an object.
func (s Stats) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		Path            string           `json:"path,omitempty"`
		Phase           Phase            `json:"phase"`
		Counts          Counts           `json:"counts"`
		Usage           Usage            `json:"usage,omitzero"`
		Recorded        bool             `json:"recorded,omitempty"`
		RecordingFailed bool             `json:"recording_failed,omitempty"`
		Escalations     EscalationCounts `json:"escalations,omitzero"`
		RunsAbandoned   uint64           `json:"runs_abandoned,omitempty"`
		ProbesAbandoned uint64           `json:"probes_abandoned,omitempty"`
		ProbesLate      int              `json:"probes_late,omitempty"`
		TransitionsLost uint64           `json:"transitions_lost,omitempty"`
		RunDurations    Histogram        `json:"run_durations,omitzero"`
		ReadyDurations  Histogram        `json:"ready_durations,omitzero"`
		StopDurations   Histogram        `json:"stop_durations,omitzero"`
	}{
		s.Path, s.Phase, s.Counts, s.Usage, s.Recorded, s.RecordingFailed, s.Escalations, s.RunsAbandoned, s.ProbesAbandoned, s.ProbesLate,
		s.TransitionsLost, s.RunDurations, s.ReadyDurations, s.StopDurations,
	})
}

// MarshalJSON writes the usage as an object.
func (u LimitUsage) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		Used    uint64  `json:"used"`
		Allowed uint64  `json:"allowed"`
		Per     seconds `json:"per_seconds,omitempty"`
	}{u.Used, u.Allowed, seconds(u.Per)})
}

// countEscalation counts that the supervisor begins to stop.
func (s *Stats) countEscalation(why Reason) {
	switch why {
	case ReasonTooManyDead:
		s.Escalations.TooManyDead++
	case ReasonIntensity:
		s.Escalations.Intensity++
	case ReasonEscalated:
		s.Escalations.Escalated++
	default: // it was asked to, or its tasks have ended
	}
}

// countEnd counts a run that has ended.
func (s *Stats) countEnd(r *run, at Instant) {
	s.RunDurations.add(at - r.started)
	if r.stopped != ReasonNone {
		s.StopDurations.add(at - r.asked)
	}
}

// counted returns what has been counted. It is called with mu held.
func (s *Supervisor) counted() Stats {
	stats := s.stats
	for _, o := range s.own.observers {
		stats.TransitionsLost += o.report().Lost
	}
	for _, o := range s.own.late[0].now() {
		stats.TransitionsLost += o.report().Lost
	}
	return stats
}

// atLeast raises each number to that of other stats, which may have those of this in them.
func (s *Stats) atLeast(other *Stats) {
	s.Escalations.TooManyDead = max(s.Escalations.TooManyDead, other.Escalations.TooManyDead)
	s.Escalations.Intensity = max(s.Escalations.Intensity, other.Escalations.Intensity)
	s.Escalations.Escalated = max(s.Escalations.Escalated, other.Escalations.Escalated)
	s.RunsAbandoned = max(s.RunsAbandoned, other.RunsAbandoned)
	s.ProbesAbandoned = max(s.ProbesAbandoned, other.ProbesAbandoned)
	s.TransitionsLost = max(s.TransitionsLost, other.TransitionsLost)
	s.RunDurations.atLeast(&other.RunDurations)
	s.ReadyDurations.atLeast(&other.ReadyDurations)
	s.StopDurations.atLeast(&other.StopDurations)
}
