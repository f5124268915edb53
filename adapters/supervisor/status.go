package supervisor

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/tasksupervisor/tasksupervisor/core"
)

// TaskStatus tells what a task does and why, at one instant. All of its instants have the origin of the supervisor's
// clock; the differences mean something.
type TaskStatus struct {
	// Name is the task's name in its supervisor.
	Name string

	// TaskStatus is what the state machine knows. Attempts and ClearsAt are as of At.
	core.TaskStatus

	// WaitsFor is the name of the task that it waits for: the first it needs that is not up. "" unless Wait is
	// WaitNeed.
	WaitsFor string

	// LastError is what the latest run that ended returned, its [*PanicError] or [*GoexitError], or what it was stopped
	// for, if that was its failure: ErrStartTimeout, ErrMissedBeat or a [*ProbeError].
	LastError error

	// At is when this was.
	At Instant
}

// RestartIn returns how long the task still waits for its next start, jitter included; ok is false if it does not.
func (t TaskStatus) RestartIn() (d time.Duration, ok bool) {
	if t.Status != StatusFailed || t.Until == Never {
		return 0, false
	}
	return max(0, time.Duration(t.Until-t.At)), true
}

// ClearsIn returns how long the run must go on to clear the restarts counted so far; ok is false if there are none, or
// nothing clears them.
func (t TaskStatus) ClearsIn() (d time.Duration, ok bool) {
	if t.ClearsAt == Never {
		return 0, false
	}
	return max(0, time.Duration(t.ClearsAt-t.At)), true
}

// String explains the status in one line, for people.
func (t TaskStatus) String() string {
	var text strings.Builder
	fmt.Fprintf(&text, "%s: %v (%v)", t.Name, t.Status, t.Why)
	if t.Run > 0 {
		fmt.Fprintf(&text, ", run %d", t.Run)
	}
	switch t.Wait {
	case WaitNeed:
		fmt.Fprintf(&text, ", waits for %q", t.WaitsFor)
	case WaitTurn:
		text.WriteString(", waits for its turn")
	case WaitOthersStopped:
		text.WriteString(", waits for others to stop")
	case WaitRestartRate:
		text.WriteString(", waits for the restart rate")
	case WaitNone, WaitSupervisor, WaitSuspended, WaitDelay:
	}
	if t.Suspended {
		text.WriteString(", suspended")
	}
	if t.Attempts > 0 {
		fmt.Fprintf(&text, ", restarts in a row: %d", t.Attempts)
	}
	if d, ok := t.RestartIn(); ok {
		fmt.Fprintf(&text, ", next start in %v", d)
	}
	if t.Misses > 0 {
		fmt.Fprintf(&text, ", failed probes in a row: %d", t.Misses)
	}
	if d, ok := t.ClearsIn(); ok {
		fmt.Fprintf(&text, ", cleared in %v", d)
	}
	if t.Intent != IntentNone {
		fmt.Fprintf(&text, ", then %v", t.Intent)
	}
	if t.Fenced != 0 {
		fmt.Fprintf(&text, ", run %d left behind", t.Fenced)
	}
	if t.LastExit != ExitNone {
		fmt.Fprintf(&text, ", last exit %v", t.LastExit)
	}
	if t.LastError != nil {
		fmt.Fprintf(&text, ": %v", t.LastError)
	}
	return text.String()
}

// Status returns the status of a task. The error is a [*TaskError] that wraps [ErrUnknownTask]. It never waits for a
// task.
func (s *Supervisor) Status(path string) (status TaskStatus, err error) {
	at, name := s.locate(path)
	at.mu.Lock()
	m := at.registry.byName[name]
	if m == nil {
		at.mu.Unlock()
		return TaskStatus{}, &TaskError{"status", path, ErrUnknownTask}
	}
	defer at.mu.Unlock()
	return at.status(m), nil
}

// Statuses returns the status of every task, in the order in which they were added, all of the same instant. It never
// waits for a task; calls that change something wait for it while it looks at them all.
func (s *Supervisor) Statuses() []TaskStatus { return s.AppendStatuses(nil) }

// AppendStatuses is Statuses for those who ask often: it appends to dst, which they can use again.
func (s *Supervisor) AppendStatuses(dst []TaskStatus) []TaskStatus {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.appendStatuses(dst)
}

func (s *Supervisor) appendStatuses(dst []TaskStatus) []TaskStatus {
	now := s.now()
	dst = slices.Grow(dst, len(s.registry.byName))
	for status := range s.engine.machine.Tasks() {
		if m := s.registry.of(status.Task); m != nil {
			dst = append(dst, TaskStatus{TaskStatus: status})
			s.complete(&dst[len(dst)-1], m, now)
		}
	}
	return dst
}

// Phase returns whether the supervisor runs.
func (s *Supervisor) Phase() Phase {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.phase()
}

// Counts returns how many tasks there are, in all and by status. It takes the same short time for any number of tasks.
func (s *Supervisor) Counts() Counts {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.engine.machine.Counts()
}

// status is Status with mu held.
func (s *Supervisor) status(m *member) (status TaskStatus) {
	status.TaskStatus, _ = s.engine.machine.Status(m.id)
	s.complete(&status, m, s.now())
	return status
}

// complete adds what the machine cannot know. The machine is up to date as of its latest event; since then nothing can
// have changed but that a run has become stable, or has beaten.
func (s *Supervisor) complete(t *TaskStatus, m *member, now Instant) {
	t.Name, t.LastError, t.At = m.name, m.lastErr, now
	if now >= t.ClearsAt && t.ClearsAt != Never {
		t.Attempts, t.ClearsAt = 0, Never
	}
	if t.Wait == WaitNeed {
		t.WaitsFor = s.registry.of(t.Need).name
	}
	if r := m.current; r != nil && r.beats() {
		t.Until = max(t.Until, Instant(r.health.Load().due.Load())) // of an earlier one the machine has been told
	}
}

// now is the current instant; 0 before the first session.
func (s *Supervisor) now() Instant {
	if s.session == nil {
		return 0
	}
	return s.session.source.Now()
}

func (s *Supervisor) phase() Phase {
	if s.fault != nil {
		return PhaseHalted
	}
	return s.engine.machine.Phase()
}
