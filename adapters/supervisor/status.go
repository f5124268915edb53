package supervisor

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/tasksupervisor/tasksupervisor/clock"
	"github.com/tasksupervisor/tasksupervisor/core"
)

// TaskStatus says what a task does and why, at one instant. Its instants share the origin of the supervisor's clock, so
// only their differences mean something.
type TaskStatus struct {
	Name   string // the task's name in its supervisor
	Status Status // where the task is in its life
	Why    Reason // why it has that status

	Live      bool     // its latest run has not ended
	Suspended bool     // an operator keeps it from starting
	Held      bool     // it does not start until it is released; HeldBy says why
	Wait      Wait     // created and failed: what it waits for
	Intent    Intent   // what follows when its run has stopped, if it is being stopped
	Hung      bool     // stopping: its run is stopped because it hangs, so that WithHungStopTimeout counts
	Probing   bool     // healthy: the answer to a probe is due by Until
	Unready   bool     // healthy: its run said that it is not ready for now (see NotReady)
	Silent    bool     // healthy: a miss was reported, and there has been no sign of life since (see MissReport)
	Misses    uint8    // failed probes in a row
	LastExit  ExitKind // how its latest finished run ended; with IntentRetry, how its current run did
	Attempts  uint32   // restarts since it was last stable

	Run      RunNumber // its latest run; 0 if it was never started
	Since    Instant   // when it entered its status; for a healthy task, when its run started
	Until    Instant   // when its status ends by itself, exactly, jitter included; else Never. See RestartIn
	ClearsAt Instant   // healthy with attempts: when the run will have been healthy long enough to clear them; else Never
	WaitsFor string    // WaitNeed: the name of the first task it needs that is not up; else ""

	// LastError is the error that its latest finished run returned, or the [*PanicError] or [*GoexitError] that it ended
	// with, also if it was being stopped. For a run that was stopped because it hung it is ErrStartTimeout, ErrMissedBeat or
	// a [*ProbeError], and if it then failed to stop (see [FailedStop]) an error that wraps both.
	LastError error

	// HeldBy is what holds the task: a [*HeldError] with what an operator said (see [Supervisor.Hold]), or else what its gate answered (see
	// [WithGate]). It is nil if nothing does. A gate holds a task while that waits for it and nothing else.
	HeldBy error

	// Fenced is an older run that was left behind, in this Run of the supervisor or an earlier one, and is alive; 0 if there is
	// none. It was abandoned at FencedSince.
	Fenced      RunNumber
	FencedSince Instant

	At Instant // when all of this held

	source clock.Source // that the instants are of; nil before the first Run
}

// RestartIn returns how long the task still waits for its next start, jitter included; ok is false if it does not.
func (t TaskStatus) RestartIn() (d time.Duration, ok bool) {
	if t.Status != StatusFailed || t.Until == Never {
		return 0, false
	}
	return max(0, time.Duration(t.Until-t.At)), true
}

// ClearsIn returns how long the run must stay healthy to clear the restarts counted so far; ok is false if there are none, or
// nothing clears them.
func (t TaskStatus) ClearsIn() (d time.Duration, ok bool) {
	if t.ClearsAt == Never {
		return 0, false
	}
	return max(0, time.Duration(t.ClearsAt-t.At)), true
}

// Holder returns who holds the task, "operator" or "gate", and why, which may be "". Both are "" if nothing does. See HeldBy.
func (t TaskStatus) Holder() (by, why string) {
	switch held := t.HeldBy.(type) {
	case nil:
		return "", ""
	case *HeldError:
		return "operator", cut(held.Why)
	default:
		return "gate", errorText(held)
	}
}

// held says that the task is held, and why; "" if it is not.
func (t *TaskStatus) held() string {
	if by, _ := t.Holder(); by == "gate" {
		return "held: " + errorText(t.HeldBy)
	}
	return errorText(t.HeldBy)
}

// String explains the status in one line.
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
	case WaitLeftBehind:
		text.WriteString(", waits for a run that was left behind")
	case WaitOthersStopped:
		text.WriteString(", waits for others to stop")
	case WaitRestartRate:
		text.WriteString(", waits for the restart rate")
	case WaitNone, WaitSupervisor, WaitSuspended, WaitHeld, WaitDelay:
	}
	if t.Held {
		text.WriteString(", " + t.held())
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
		fmt.Fprintf(&text, ", run %d left behind %v ago", t.Fenced, time.Duration(t.At-t.FencedSince))
	}
	if t.LastExit != ExitNone {
		fmt.Fprintf(&text, ", last exit %v", t.LastExit)
	}
	if t.LastError != nil {
		text.WriteString(": " + errorText(t.LastError))
	}
	return text.String()
}

// Status returns the status of a task. The error is a [*TaskError] that wraps [ErrUnknownTask]. It never waits for a
// task.
func (s *Supervisor) Status(path string) (status TaskStatus, err error) {
	if err = s.made(); err == nil {
		at, name := s.locate(path)
		err = at.fillStatus(&status, name)
	}
	if err != nil {
		err = &TaskError{"status", path, err}
	}
	return status, err
}

// fillStatus fills in the status of a task. It is what is asked most often, and so calls itself what others call through about.
func (s *Supervisor) fillStatus(t *TaskStatus, name string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	m := s.registry.byName[name]
	if m == nil {
		return ErrUnknownTask
	}
	s.fill(t, m, s.now())
	return nil
}

// Statuses returns the status of every task, in the order in which they were added, all of the same instant. It never
// waits for a task; calls that change something wait for it while it looks at all tasks.
func (s *Supervisor) Statuses() []TaskStatus { return s.AppendStatuses(nil) }

// AppendStatuses does what [Supervisor.Statuses] does, and appends to dst, which a caller that asks often can reuse.
func (s *Supervisor) AppendStatuses(dst []TaskStatus) []TaskStatus {
	if s.made() != nil {
		return dst
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.appendStatuses(dst)
}

func (s *Supervisor) appendStatuses(dst []TaskStatus) []TaskStatus {
	now := s.now()
	dst = slices.Grow(dst, len(s.registry.byName))
	for status := range s.engine.machine.Tasks() {
		if m := s.registry.of(status.Task); m != nil {
			dst = dst[:len(dst)+1]
			s.complete(&dst[len(dst)-1], &status, m, now)
		}
	}
	return dst
}

// Phase returns whether the supervisor has started, runs, is stopping or has stopped.
func (s *Supervisor) Phase() Phase {
	if s.made() != nil {
		return PhaseCreated
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.phase()
}

// Counts returns how many tasks there are, in all and by status. It takes the same short time for any number of tasks.
func (s *Supervisor) Counts() Counts {
	if s.made() != nil {
		return Counts{}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.engine.machine.Counts()
}

// status is Status with mu held.
func (s *Supervisor) status(m *member) (t TaskStatus) {
	s.fill(&t, m, s.now())
	return t
}

// fill fills in the status that a task has now.
func (s *Supervisor) fill(t *TaskStatus, m *member, now Instant) {
	status, _ := s.engine.machine.Status(m.id)
	s.complete(t, &status, m, now)
}

// complete fills in what the machine says of a task, and what it cannot know. The machine is up to date as of its latest event;
// since then nothing can have changed but that a run has become stable, or has beaten.
func (s *Supervisor) complete(t *TaskStatus, machine *core.TaskStatus, m *member, now Instant) {
	t.copyFrom(machine)
	t.Name, t.LastError, t.At = m.name, m.lastErr, now
	m.completeHold(t)
	if s.session != nil {
		t.source = s.session.source
	}
	if now >= t.ClearsAt && t.ClearsAt != Never {
		t.Attempts, t.ClearsAt = 0, Never
	}
	if len(m.left) > 0 {
		t.FencedSince = m.left[0].abandonedAt
	} else if len(m.inherits) > 0 {
		t.FencedSince = m.inherits[0].at
	}
	if t.Wait == WaitNeed {
		t.WaitsFor = s.registry.of(machine.Need).name
	}
	if r := m.current; s.engine.hasHealthChecks && r != nil && r.beats() {
		t.Until = max(t.Until, Instant(r.health.Load().due.Load())) // of an earlier one the machine has been told
	}
}

// copyFrom copies what the machine says of a task, less the ids and keys that mean nothing to a user.
func (t *TaskStatus) copyFrom(machine *core.TaskStatus) {
	*t = TaskStatus{}
	t.Status, t.Why, t.Run, t.Live, t.Since, t.Until = machine.Status, machine.Why, machine.Run, machine.Live, machine.Since, machine.Until
	t.Wait, t.Suspended, t.Held, t.Attempts, t.ClearsAt = machine.Wait, machine.Suspended, machine.Held, machine.Attempts, machine.ClearsAt
	t.Intent, t.Hung, t.Fenced, t.LastExit = machine.Intent, machine.Hung, machine.Fenced, machine.LastExit
	t.Misses, t.Probing, t.Unready, t.Silent = machine.Misses, machine.Probing, machine.Unready, machine.Silent
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
