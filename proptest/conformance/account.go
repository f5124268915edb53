package conformance

import (
	"errors"
	"fmt"
	"math"

	"github.com/tasksupervisor/tasksupervisor/core"
	"github.com/tasksupervisor/tasksupervisor/core/scenario"
)

// account is what a recording says, in the stage's instants.
type account struct {
	steps     []step
	runs      []*recordedRun // in the order of their starts
	machine   *core.Machine  // as the recording leaves it
	offset    core.Instant   // the runtime's instants less the stage's
	haltingAt core.Instant   // when the halt began; Never if it did not
	haltedAt  core.Instant   // Never if it has not
	halt      core.Action
	expected  []expectation // for each of the probes
	adds      []addition
	stops     int

	names map[core.TaskID]string // of all tasks there ever were
	taken map[string]bool        // those of tasks that are not forgotten
	live  map[runID]*recordedRun // those whose end was not reported
}

// step is one step of the recorded machine.
type step struct {
	event   core.Event
	at      core.Instant // of the event, the stage's
	task    string       // of the event
	early   bool         // before the start
	phase   core.Phase   // before the step
	actions []core.Action
	refused bool
}

type runID struct {
	task core.TaskID
	run  core.Run
}

// recordedRun is one run as the machine saw it.
type recordedRun struct {
	task      string
	run       core.Run
	policy    core.Policy
	started   core.Instant
	stopped   core.Instant // when it was asked to stop; Never if it was not
	why       core.Reason  // it was
	order     int          // of that among all stops
	abandoned core.Instant // Never if it was not
	reports   []exitReport
}

// exitReport is one EventExit.
type exitReport struct {
	at   core.Instant
	exit core.ExitKind
	late bool // the machine took it for the end of an abandoned run
}

// addition is one ActionAdd.
type addition struct {
	at    core.Instant
	task  string
	taken bool // the name was another task's
}

// expectation is what the machine says of a task that was asked about.
type expectation struct {
	status core.TaskStatus
	known  bool
}

var (
	errNoStart = errors.New("it has no accepted start event")
	errConfig  = errors.New("its configuration is not the one in Env")
)

// read replays the recording, and shows it to the checkers of the invariants.
func read(e *evidence, invariants invariants) (*account, error) {
	s, err := scenario.Parse(e.recording.bytes())
	if err != nil {
		return nil, err
	}
	if _, err := s.Play(); err != nil {
		return nil, err
	}
	player, err := scenario.NewPlayer(s)
	if err != nil {
		return nil, err
	}
	if err := sameConfig(player.Machine().Config(), e.config); err != nil {
		return nil, err
	}
	a := &account{
		machine: player.Machine(), haltingAt: core.Never, haltedAt: core.Never,
		names: make(map[core.TaskID]string), taken: make(map[string]bool), live: make(map[runID]*recordedRun),
	}
	if a.offset, err = origin(s, e); err != nil {
		return nil, err
	}
	invariants.begin(a.machine)
	for _, statement := range s.Statements {
		event, isEvent := statement.(*scenario.Event)
		if isEvent {
			a.expectUpTo(event.Line, e)
		}
		phase := a.machine.Phase()
		if !player.Next() {
			return nil, player.Err()
		}
		if isEvent {
			invariants.observe(e.scenario, a.machine, player.Event(), player.Actions())
			a.take(player.Event(), player.Actions(), event.Name, phase)
		} else {
			invariants.defined(e.scenario, a.machine)
		}
	}
	a.expectUpTo(math.MaxInt, e)
	return a, nil
}

// origin returns the instant that the runtime's clock showed when the stage's showed 0.
func origin(s *scenario.Scenario, e *evidence) (core.Instant, error) {
	for _, c := range e.calls {
		if c.op != core.EventStart.String() || c.err != nil {
			continue
		}
		for _, statement := range s.Statements {
			if event, ok := statement.(*scenario.Event); ok && event.Kind == core.EventStart {
				return event.At - c.at, nil
			}
		}
	}
	return 0, errNoStart
}

// sameConfig compares all but the policies, which come with the tasks.
func sameConfig(got, want core.Config) error {
	machine, err := core.New(want)
	if err != nil {
		return err
	}
	want = machine.Config() // with its defaults
	got.Policies, want.Policies = nil, nil
	if g, w := fmt.Sprint(got), fmt.Sprint(want); g != w {
		return fmt.Errorf("%w: %s, not %s", errConfig, g, w)
	}
	return nil
}

// expectUpTo looks up what was asked before the recording had this many lines.
func (a *account) expectUpTo(line int, e *evidence) {
	for len(a.expected) < len(e.probes) && e.probes[len(a.expected)].lines < line {
		p := e.probes[len(a.expected)]
		var found expectation
		for status := range a.machine.Tasks() {
			if a.names[status.Task] == p.task {
				found = expectation{status, true}
			}
		}
		a.expected = append(a.expected, found)
	}
}

// take takes in one step.
func (a *account) take(ev core.Event, actions []core.Action, name string, phase core.Phase) {
	s := step{event: ev, at: ev.At - a.offset, task: a.names[ev.Task], phase: phase, early: phase == core.PhaseCreated}
	s.actions = append(s.actions, actions...)
	if ev.Kind == core.EventAdd {
		s.task = name
	}
	if ev.Kind == core.EventStart {
		s.early = false
	}
	if n := len(actions); n > 0 && actions[n-1].Kind == core.ActionReject {
		s.refused = true
	}
	a.steps = append(a.steps, s)
	if ev.Kind == core.EventExit {
		a.exited(&s)
	}
	for _, action := range actions {
		if action.Kind == core.ActionAdd {
			a.adds = append(a.adds, addition{s.at, name, a.taken[name]})
			a.names[action.Task], a.taken[name] = name, true
		}
		a.decided(action)
	}
	if a.haltingAt == core.Never && a.machine.Phase() > core.PhaseRunning {
		a.haltingAt = s.at
	}
}

// exited takes note of the report of an end.
func (a *account) exited(s *step) {
	r := a.live[runID{s.event.Task, s.event.Run}]
	if r == nil {
		return // DutyEnds finds the event
	}
	late := false
	for _, action := range s.actions {
		late = late || action.Why == core.ReasonLateExit
	}
	r.reports = append(r.reports, exitReport{s.at, s.event.Exit, late})
}

func (a *account) decided(action core.Action) {
	id, at := runID{action.Task, action.Run}, action.At-a.offset
	switch action.Kind {
	case core.ActionStart:
		r := &recordedRun{
			task: a.names[action.Task], run: action.Run,
			started: at, stopped: core.Never, abandoned: core.Never,
		}
		if status, ok := a.machine.Status(action.Task); ok {
			r.policy, _ = a.machine.Policy(status.Policy)
		}
		a.runs = append(a.runs, r)
		a.live[id] = r
	case core.ActionStop:
		a.stops++
		r := a.live[id]
		r.stopped, r.why, r.order = at, action.Why, a.stops
	case core.ActionAbandon:
		a.live[id].abandoned = at
	case core.ActionHalt:
		a.haltedAt, a.halt = at, action
	case core.ActionForget:
		a.taken[a.names[action.Task]] = false
	case core.ActionNote, core.ActionAdd, core.ActionReject:
	}
}
