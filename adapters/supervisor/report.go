package supervisor

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/tasksupervisor/tasksupervisor/clock"
)

// Report accounts for every run that a supervisor has started since it was made, and for those of the supervisors that
// ran in its runs, down to the leaves. While the supervisor runs it is a snapshot, not quite of one instant where
// supervisors are nested. Once that has stopped, it changes only when a run that was left behind ends after all.
type Report struct {
	Path        string    // the names from the root supervisor down, separated by slashes; "" for a root without a name
	Phase       Phase     // whether it runs
	Err         error     // what Run returned, once it has
	Runs        RunCounts // of all its tasks, removed ones too, and of all nested supervisors
	Tasks       []TaskReport
	Cause       StopCause        // why the supervisor stopped, or is stopping
	LeftBehind  []LeftBehindRun  // the runs that were abandoned and are still alive, of nested supervisors too
	FailedStops []FailedStop     // the latest failed stop of each task, of nested supervisors too; Runs counts all
	Probes      []LateProbe      // the probes that were late and have not returned, of nested supervisors too
	Observers   []ObserverReport // loggers and observers, in the order in which they were given to New, then those of Observe
	Recording   error            // why the recording, which may be that of a supervisor above, ended early, or a flight recorder wrote nothing; nil if all is well
}

// RunCounts counts runs. Started less Ended are alive.
type RunCounts struct {
	Started     uint64 `json:"started"`
	Ended       uint64 `json:"ended"`
	Abandoned   uint64 `json:"abandoned,omitempty"`    // whether they have ended since or not
	FailedStops uint64 `json:"failed_stops,omitempty"` // of those that ended, how many failed while they were being stopped, see FailedStop
}

func (c *RunCounts) add(other RunCounts) {
	c.Started += other.Started
	c.Ended += other.Ended
	c.Abandoned += other.Abandoned
	c.FailedStops += other.FailedStops
}

func (c RunCounts) less(other RunCounts) RunCounts {
	return RunCounts{
		c.Started - other.Started, c.Ended - other.Ended, c.Abandoned - other.Abandoned, c.FailedStops - other.FailedStops,
	}
}

// TaskReport is one task's part of a [Report].
type TaskReport struct {
	Path   string     `json:"path"` // the report's path and the task's name
	Status TaskStatus `json:"status"`
	Runs   RunCounts  `json:"runs"`             // of the task, and of the supervisors that ran in its runs
	Nested []Report   `json:"nested,omitempty"` // of those supervisors: of the latest, and of those in which runs were alive when that began
}

// LeftBehindRun is a run that was abandoned and is still alive.
type LeftBehindRun struct {
	Path  string    // the names from the root supervisor down to the task
	Run   RunNumber // which run of the task
	Why   Reason    // ReasonStopTimeout or ReasonShutdownTimeout; ReasonNone after a fault
	Since Instant   // when it was abandoned
	Date  time.Time // the same by the wall clock; zero if the clock has none
	Stuck []string  // if a supervisor runs in it: the paths of the tasks there whose runs have not ended
}

// String returns the path, the run and why it was abandoned, and what in it is stuck.
func (l LeftBehindRun) String() string {
	text := fmt.Sprintf("%s run %d (%v)", l.Path, l.Run, l.Why)
	if len(l.Stuck) > 0 {
		text += ", stuck in " + few(l.Stuck)
	}
	return text
}

// few lists the first few of some paths.
func few(paths []string) string {
	const shown = 5
	text := strings.Join(paths[:min(shown, len(paths))], ", ")
	if more := len(paths) - shown; more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	return text
}

// String sums up the report in one line.
func (r Report) String() string {
	var text strings.Builder
	if r.Path != "" {
		text.WriteString(r.Path + ": ")
	}
	fmt.Fprintf(&text, "%v, %d runs started, %d ended", r.Phase, r.Runs.Started, r.Runs.Ended)
	if len(r.LeftBehind) > 0 {
		fmt.Fprintf(&text, ", %d left behind", len(r.LeftBehind))
	}
	if r.Runs.FailedStops > 0 {
		fmt.Fprintf(&text, ", %d failed while they were stopped", r.Runs.FailedStops)
	}
	if r.Err != nil {
		text.WriteString(": " + errorText(r.Err))
	}
	return text.String()
}

// Report returns the account of the runs so far. It never waits for a task.
func (s *Supervisor) Report() Report {
	if err := s.made(); err != nil {
		return Report{Err: err}
	}
	report, removed, nested := s.reportHere()
	for i := range report.Tasks {
		task := &report.Tasks[i]
		for _, place := range nested[i] {
			counts, _ := place.total()
			task.Runs.add(counts)
			child, _, ok := place.stays()
			if !ok {
				continue
			}
			inner := child.Report()
			task.Nested = append(task.Nested, inner)
			report.LeftBehind = append(report.LeftBehind, inner.LeftBehind...)
			report.FailedStops = append(report.FailedStops, inner.FailedStops...)
			report.Probes = append(report.Probes, inner.Probes...)
		}
		report.Runs.add(task.Runs)
	}
	report.Tasks = report.Tasks[removed:]
	return report
}

// reportHere returns the report without what ran in nested supervisors. The first few of its tasks have been removed and
// only count. nested are the supervisors by the index of the task.
func (s *Supervisor) reportHere() (report Report, removed int, nested [][]*place) {
	s.mu.Lock()
	defer s.mu.Unlock()
	report = Report{Path: s.path(), Phase: s.phase(), Runs: s.registry.removed}
	if s.session != nil {
		report.Err, report.Cause = s.session.err, s.session.cause
	}
	for _, o := range s.own.each() {
		report.Observers = append(report.Observers, o.report())
	}
	report.Recording = s.watching.recordingFailure()
	report.FailedStops = s.failedStops(nil)
	members := s.members()
	report.Tasks = make([]TaskReport, len(members))
	nested = make([][]*place, len(members))
	now := s.now()
	for i, m := range members {
		task := &report.Tasks[i]
		task.Path, task.Runs = join(report.Path, m.name), m.counts()
		if m.id != 0 {
			s.fill(&task.Status, m, now)
		}
		nested[i] = slices.Clone(m.nested)
		report.LeftBehind = m.leftBehind(report.LeftBehind, s)
		for _, p := range m.late {
			report.Probes = append(report.Probes, LateProbe{task.Path, p.run.number, p.since, p.run.date(p.since)})
		}
		for _, q := range m.questions {
			date, _ := clock.Date(q.session.source, q.since)
			report.Probes = append(report.Probes, LateProbe{task.Path, 0, q.since, date})
		}
	}
	return report, len(s.registry.orphans), nested
}

// leftBehind returns the runs left behind here and in nested supervisors.
func (s *Supervisor) leftBehind() []LeftBehindRun {
	left, nested := s.leftBehindHere()
	for _, place := range nested {
		if child, _, ok := place.stays(); ok {
			left = append(left, child.leftBehind()...)
		}
	}
	return left
}

// leftBehindBelow counts the runs left behind in nested supervisors. It is called with mu held.
func (s *Supervisor) leftBehindBelow() (n uint32) {
	for _, m := range s.members() {
		for _, place := range m.nested {
			if child, _, ok := place.stays(); ok {
				n += uint32(len(child.leftBehind()))
			}
		}
	}
	return n
}

// leftBehindHere returns the runs left behind without those of nested supervisors, and the nested supervisors.
func (s *Supervisor) leftBehindHere() (left []LeftBehindRun, nested []*place) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, m := range s.members() {
		left = m.leftBehind(left, s)
		nested = append(nested, m.nested...)
	}
	return left, nested
}

// leftBehind appends the task's runs that were abandoned and are alive.
func (m *member) leftBehind(left []LeftBehindRun, s *Supervisor) []LeftBehindRun {
	for _, r := range m.alive() {
		if r.abandoned || s.fault != nil {
			left = append(left, LeftBehindRun{join(s.path(), m.name), r.number, r.why, r.abandonedAt, r.date(r.abandonedAt), m.stuckIn(r)})
		}
	}
	return left
}

// stuckIn returns the paths of the tasks, in supervisors that run in a run of the member, whose runs have not ended.
func (m *member) stuckIn(r *run) (paths []string) {
	for _, place := range m.nested {
		paths = append(paths, place.inside.stuck(r)...)
	}
	return paths
}

// stuck is stuckIn for a supervisor, if it runs in that run.
func (s *Supervisor) stuck(in *run) (paths []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.session == nil || s.session.parent != in {
		return nil
	}
	for _, m := range s.members() {
		for _, r := range m.alive() {
			if inside := m.stuckIn(r); len(inside) > 0 {
				paths = append(paths, inside...)
			} else {
				paths = append(paths, r.path())
			}
		}
	}
	return paths
}
