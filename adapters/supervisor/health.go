package supervisor

import (
	"encoding/json"
	"fmt"
	"strings"
	"sync/atomic"
	"time"
)

// Health reports whether a supervisor and all below it are well, and if not, why. [Supervisor.Health] and [Supervisor.Ready] say
// what that means.
type Health struct {
	OK       bool      // no problem counts
	Problems []Problem // in the order of the tree; also those that do not count
}

// Problem is one reason why a supervisor is not well.
type Problem struct {
	Path string      // the names from the root supervisor down, to a task or a supervisor
	Kind ProblemKind // what is the matter
	// Minor says that it does not count, because it is about a task that is not significant (see [WithSignificant]), or about
	// one in a supervisor that is not.
	Minor bool
	Task  TaskStatus // of ProblemDead and ProblemNotUp
	Err   error      // of ProblemStopped: what Run returned or is about to return, if that is an error
}

// ProblemKind says what is the matter. A word stands for each in text and in JSON.
type ProblemKind uint8

// What can be the matter.
const (
	ProblemNone       ProblemKind = iota
	ProblemStuck                  // stuck: the supervisor does not answer
	ProblemStopped                // stopped: the supervisor has stopped
	ProblemDead                   // dead: the task does not start again by itself, and no operator killed it
	ProblemNotStarted             // not-started: the supervisor has not been started
	ProblemStopping               // stopping: the supervisor is stopping, or is about to
	ProblemNotUp                  // not-up: the task does not run, or is not ready; Task says why, and until when
)

var problemNames = [...]string{
	ProblemNone: "none", ProblemStuck: "stuck", ProblemStopped: "stopped", ProblemDead: "dead", ProblemNotStarted: "not-started",
	ProblemStopping: "stopping", ProblemNotUp: "not-up",
}

// String returns the word.
func (k ProblemKind) String() string {
	if int(k) < len(problemNames) {
		return problemNames[k]
	}
	return fmt.Sprintf("ProblemKind(%d)", uint8(k))
}

// MarshalText returns the word.
func (k ProblemKind) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

// String says in one line what is the matter.
func (p Problem) String() string {
	text := ""
	switch p.Kind {
	case ProblemDead, ProblemNotUp:
		task := p.Task
		task.Name = p.Path
		text = task.String()
	case ProblemStuck:
		text = p.of() + " does not answer"
	case ProblemStopped:
		text = p.of() + " has stopped"
		if p.Err != nil {
			text += ": " + errorText(p.Err)
		}
	case ProblemNotStarted:
		text = p.of() + " has not been started"
	case ProblemStopping:
		text = p.of() + " is stopping"
	case ProblemNone:
	}
	if p.Minor {
		text += " (not significant)"
	}
	return text
}

// of names the supervisor that the problem is about.
func (p *Problem) of() string {
	if p.Path == "" {
		return "the supervisor"
	}
	return "supervisor " + p.Path
}

// String returns "ok", or the problems that count, one a line.
func (h Health) String() string {
	if h.OK {
		return "ok"
	}
	var lines []string
	for i := range h.Problems {
		if !h.Problems[i].Minor {
			lines = append(lines, h.Problems[i].String())
		}
	}
	return strings.Join(lines, "\n")
}

// MarshalJSON writes the problem as an object.
func (p Problem) MarshalJSON() ([]byte, error) {
	problem := struct {
		Path  string      `json:"path,omitempty"`
		Kind  ProblemKind `json:"kind"`
		Minor bool        `json:"minor,omitempty"`
		Text  string      `json:"text"`
		Task  *TaskStatus `json:"task,omitempty"`
		errorJSON
	}{Path: p.Path, Kind: p.Kind, Minor: p.Minor, Text: p.String(), errorJSON: jsonOf(p.Err)}
	if p.Task.Status != StatusNone {
		problem.Task = &p.Task
	}
	return json.Marshal(problem)
}

// MarshalJSON writes the health as an object.
func (h Health) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		OK       bool      `json:"ok"`
		Problems []Problem `json:"problems,omitempty"`
	}{h.OK, h.Problems})
}

// Health reports whether the supervisor can go on by itself: if not, only a restart of the process helps, which is what a
// liveness check is for. It is not well if
//   - it has stopped, or has failed itself,
//   - it is stuck: it, or a supervisor below it, does not answer within [HealthTimeout], or
//   - it has lost something significant for good: a task, here or below, is dead and no operator killed it.
//
// A task that is not significant (see [WithSignificant]) is not missed: its death is listed, and does not count. The same goes for
// all that is in a supervisor that is not significant as a task. What the supervisor deals with by itself is no
// problem here: failures, restarts, waits, runs that do not stop. In particular it does not matter whether what tasks depend on
// is there: a task that waits for its database is alive. What is below a supervisor that is not running does not matter
// either, because it starts afresh when that does. One that was never started is well.
func (s *Supervisor) Health() Health { return s.checkUp(false, HealthTimeout) }

// Ready reports whether the supervisor and all below it do what they are there for, which is what a readiness check is for. It
// is not ready if it has not been started, has stopped or does not answer, and, from the very beginning, while it is stopping.
// It is not ready either if a significant task, here or below, is not up: it has not started, is not ready, waits for its
// restart or for a task it needs, is stopping, or is dead. Tasks that have completed do not have to be up, nor those that an
// operator suspended or killed, nor those that are between two runs that end well (see [RestartAlways]).
//
// Tasks that are not significant are listed, and do not count, as for [Supervisor.Health].
func (s *Supervisor) Ready() Health { return s.checkUp(true, HealthTimeout) }

// HealthTimeout is after how long a supervisor is stuck that does not answer [Supervisor.Health] or [Supervisor.Ready]. It is
// less than the second after which most probes give up. It passes by the real clock.
const HealthTimeout = 750 * time.Millisecond

// checkup is one look at a tree. It is taken in a goroutine of its own, because what is stuck holds up whoever looks.
type checkup struct {
	ready  bool // it is about readiness
	health Health
	at     atomic.Value // string: the path of the supervisor that is looked at
	state  atomic.Int32
}

// What becomes of a checkup.
const (
	checkupRuns = iota
	checkupDone
	checkupLeft // whoever asked for it has given up
)

// checkUp looks at the tree. As long as an earlier look does not come back, there is no other.
func (s *Supervisor) checkUp(ready bool, limit time.Duration) Health {
	if err := s.made(); err != nil {
		return Health{Problems: []Problem{{Kind: ProblemNotStarted, Err: err}}}
	}
	if left := s.unanswered.Load(); left != nil {
		return left.stuck()
	}
	c := &checkup{ready: ready, health: Health{OK: true}}
	c.at.Store("")
	done := make(chan struct{})
	go func() {
		c.lookAt(s, s.settings.name, false, false)
		if !c.state.CompareAndSwap(checkupRuns, checkupDone) {
			s.unanswered.CompareAndSwap(c, nil)
		}
		close(done)
	}()
	timer := time.NewTimer(limit)
	defer timer.Stop()
	select {
	case <-done:
		return c.health
	case <-timer.C:
	}
	s.unanswered.Store(c)
	if !c.state.CompareAndSwap(checkupRuns, checkupLeft) {
		s.unanswered.CompareAndSwap(c, nil)
		return c.health
	}
	return c.stuck()
}

// stuck returns the health of a tree in which a supervisor does not answer.
func (c *checkup) stuck() Health {
	return Health{Problems: []Problem{{Path: c.at.Load().(string), Kind: ProblemStuck}}}
}

func (c *checkup) found(p Problem) {
	c.health.Problems = append(c.health.Problems, p)
	c.health.OK = c.health.OK && p.Minor
}

// lookAt looks at a supervisor and at all below it.
func (c *checkup) lookAt(s *Supervisor, path string, nested, minor bool) {
	c.at.Store(path)
	seen := s.look(c.ready, nested)
	if !nested {
		path = seen.path
		c.at.Store(path)
	}
	if seen.session != nil {
		seen.session.answer()
	}
	if seen.problem != ProblemNone {
		c.found(Problem{Path: path, Kind: seen.problem, Minor: minor, Err: seen.err})
	}
	for _, task := range seen.tasks {
		at, minor := join(path, task.status.Name), minor || task.minor
		if task.problem != ProblemNone {
			c.found(Problem{Path: at, Kind: task.problem, Minor: minor, Task: task.status})
		}
		for _, in := range task.inside {
			c.lookAt(in.supervisor, join(at, in.name), true, minor)
		}
	}
}

// seen is what a checkup sees of one supervisor.
type seen struct {
	path    string
	problem ProblemKind
	err     error
	session *session // whose loop is to answer; nil if there is none
	tasks   []seenTask
}

// seenTask is a task that has a problem, or supervisors in it that may have.
type seenTask struct {
	status  TaskStatus
	problem ProblemKind
	minor   bool
	inside  []insideTask
}

// look returns what there is to see of the supervisor itself. Of a nested one that is nothing, unless it runs: whether it should
// is to be seen of the task that it is, or runs in.
func (s *Supervisor) look(ready, nested bool) (seen seen) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if nested && s.phase() != PhaseRunning {
		return seen
	}
	seen.path = s.path()
	if s.running() {
		seen.session = s.session
	}
	switch phase := s.phase(); {
	case phase == PhaseHalted:
		seen.problem, seen.err = ProblemStopped, s.verdict()
		return seen
	case ready && phase == PhaseCreated:
		seen.problem = ProblemNotStarted
	case ready && (phase == PhaseHalting || s.engine.stopAt != Never):
		seen.problem = ProblemStopping
	}
	now := s.now()
	for status := range s.engine.machine.Tasks() {
		m := s.registry.of(status.Task)
		if m == nil {
			continue
		}
		task := seenTask{minor: !s.policyOf(m).Significant}
		s.complete(&task.status, &status, m, now)
		switch {
		case task.status.isLost():
			task.problem = ProblemDead
		case ready && !task.status.isUp():
			task.problem = ProblemNotUp
		}
		if status.Live && task.status.Status != StatusAbandoned {
			task.inside = m.inside()
		}
		if task.problem != ProblemNone || task.inside != nil {
			seen.tasks = append(seen.tasks, task)
		}
	}
	return seen
}

// verdict returns why the supervisor has stopped.
func (s *Supervisor) verdict() error {
	switch {
	case s.fault != nil:
		return s.fault
	case s.session == nil:
		return nil
	case s.session.finished:
		return s.session.err
	default:
		return s.session.verdict
	}
}

// isLost reports whether the task is dead for good.
func (t *TaskStatus) isLost() bool { return t.Status == StatusDead && t.Why != ReasonKilled }

// isUp reports whether the task is up, as far as it has to be.
func (t *TaskStatus) isUp() bool {
	switch t.Status {
	case StatusHealthy:
		return !t.Unready
	case StatusCreated:
		return t.Suspended
	case StatusFailed:
		return t.Why == ReasonRepeat
	case StatusStopping, StatusAbandoned:
		return t.Intent == IntentKill || t.Intent == IntentRemove || t.Intent == IntentSuspend
	case StatusStarting:
		return false
	case StatusCompleted, StatusDead, StatusHalted, StatusNone: // dead by an operator's command
		return true
	}
	panic("supervisor: a task without a status")
}

// answer returns when the session's loop has answered, or is over.
func (s *session) answer() {
	select {
	case s.asked <- struct{}{}:
	case <-s.done:
	}
}
