package conformance

import (
	"errors"
	"fmt"
	"math"

	"github.com/tasksupervisor/tasksupervisor/core"
	"github.com/tasksupervisor/tasksupervisor/core/scenario"
)

// account is what a recording says, in the harness's instants.
type account struct {
	steps     []step
	runs      []*recordedRun // in the order of their starts
	machine   *core.Machine  // as the recording leaves it
	offset    core.Instant   // the runtime's instants less the harness's
	haltingAt core.Instant   // when the halt began; Never if it did not
	haltedAt  core.Instant   // Never if it has not
	halt      core.Action
	expected  []expectation // for each of the queries
	adds      []*addition
	strays    []*step        // what was reported of runs that never were
	began     core.Instant   // when it was started
	before    []beginning    // what it knew then of each task
	limits    string         // and its limits
	inherited []*recordedRun // of earlier lives

	names     map[core.TaskID]string // of all tasks there ever were
	forgotten map[core.TaskID]bool
	taken     map[string]bool        // those of tasks that are not forgotten
	live      map[runID]*recordedRun // those whose end was not reported
}

// step is one step of the recorded machine.
type step struct {
	event   core.Event
	at      core.Instant // of the event, the harness's
	seen    core.Instant // when it was taken
	task    string       // of the event
	given   string       // the policy or limits of the event
	early   bool         // before the start
	phase   core.Phase   // before the step
	actions []core.Action
	refused bool
}

// beginning is what the machine knows of a task when it is started.
type beginning struct {
	task   string
	policy string
	needs  []Need
	status core.TaskStatus
}

type runID struct {
	task core.TaskID
	run  core.Run
}

// addition is one ActionAdd.
type addition struct {
	at     core.Instant
	id     core.TaskID
	task   string
	taken  bool // the name was another task's
	early  bool // before the start
	asleep bool // the task was suspended
	needs  []need
}

// need is a task that another needs.
type need struct {
	id    core.TaskID
	bound bool
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
	wrote := e.recording.wrote
	player, err := scenario.NewPlayer(s)
	if err != nil {
		return nil, err
	}
	if err := sameConfig(player.Machine().Config(), e); err != nil {
		return nil, err
	}
	a := &account{
		machine: player.Machine(), haltingAt: core.Never, haltedAt: core.Never,
		names: make(map[core.TaskID]string), forgotten: make(map[core.TaskID]bool),
		taken: make(map[string]bool), live: make(map[runID]*recordedRun),
	}
	if a.offset, err = offset(s, e); err != nil {
		return nil, err
	}
	invariants.begin(a.machine)
	for _, statement := range s.Statements {
		event, isEvent := statement.(*scenario.Event)
		if isEvent {
			a.expectUpTo(event.Line, e)
		}
		phase := a.machine.Phase()
		if isEvent && event.Kind == core.EventStart && phase == core.PhaseCreated {
			a.begin(event.At - a.offset)
		}
		if !player.Next() {
			return nil, player.Err()
		}
		if isEvent {
			invariants.observe(e.scenario, a.machine, player.Event(), player.Actions())
			a.take(player.Event(), player.Actions(), event.Name, phase, wrote[event.Line-1])
		} else {
			invariants.defined(e.scenario, a.machine)
		}
	}
	a.expectUpTo(math.MaxInt, e)
	return a, nil
}

// offset returns the instant that the runtime's clock showed when the harness's showed 0.
func offset(s *scenario.Scenario, e *evidence) (core.Instant, error) {
	if e.inside != nil {
		if started := startOf(s); started != nil {
			return started.At - e.bornAt, nil
		}
	}
	for _, c := range e.calls {
		if c.op != core.EventStart.String() || c.err != nil {
			continue
		}
		if started := startOf(s); started != nil {
			return started.At - c.at, nil
		}
	}
	return 0, errNoStart
}

// startOf returns the first event that starts the supervisor; nil if there is none.
func startOf(s *scenario.Scenario) *scenario.Event {
	for _, statement := range s.Statements {
		if event, ok := statement.(*scenario.Event); ok && event.Kind == core.EventStart {
			return event
		}
	}
	return nil
}

// begin notes what the machine knows when it is started.
func (a *account) begin(at core.Instant) {
	a.began, a.limits = at, given(a.machine.Supervisor().Limits)
	for status := range a.machine.Tasks() {
		b := beginning{task: a.names[status.Task], policy: a.policy(status.Policy), status: status}
		for other, bound := range a.machine.Needs(status.Task) {
			b.needs = append(b.needs, Need{a.names[other], bound})
		}
		a.before = append(a.before, b)
	}
}

// sameConfig compares all but the policies, which come with the tasks, and in a later life the limits, which may have changed.
func sameConfig(got core.Config, e *evidence) error {
	machine, err := core.New(e.config)
	if err != nil {
		return err
	}
	want := machine.Config() // with its defaults
	if e.current > 0 {
		want.Limits = got.Limits
	}
	got.Policies, want.Policies = nil, nil
	if g, w := fmt.Sprint(got), fmt.Sprint(want); g != w {
		return fmt.Errorf("%w: %s, not %s", errConfig, g, w)
	}
	return nil
}

// expectUpTo looks up what was asked before the recording had this many lines.
func (a *account) expectUpTo(line int, e *evidence) {
	for len(a.expected) < len(e.queries) && e.queries[len(a.expected)].lines < line {
		q := e.queries[len(a.expected)]
		var found expectation
		for status := range a.machine.Tasks() {
			if a.names[status.Task] == q.task {
				found = expectation{status, true}
			}
		}
		a.expected = append(a.expected, found)
	}
}

// take takes in one step.
func (a *account) take(ev core.Event, actions []core.Action, name string, phase core.Phase, seen core.Instant) {
	s := step{
		event: ev, at: ev.At - a.offset, seen: seen, task: a.names[ev.Task],
		phase: phase, early: phase == core.PhaseCreated && ev.Kind != core.EventStart,
	}
	s.actions = append(s.actions, actions...)
	if n := len(actions); n > 0 && actions[n-1].Kind == core.ActionReject {
		s.refused = true
	}
	switch ev.Kind {
	case core.EventAdd:
		s.task, s.given = name, a.policy(ev.Policy)
	case core.EventPolicy:
		s.given = a.policy(ev.Policy)
	case core.EventLimits:
		limits, _ := a.machine.Limits(ev.Limits)
		s.task, s.given = "", given(limits)
	case core.EventExit, core.EventReady, core.EventBeat, core.EventProbe, core.EventUnready:
		a.reported(&s)
	default:
	}
	a.steps = append(a.steps, s)
	for _, action := range actions {
		if action.Kind == core.ActionAdd {
			a.added(&s, action.Task)
		}
		a.decided(action)
	}
	a.need(&s)
	if a.haltingAt == core.Never && a.machine.Phase() > core.PhaseRunning {
		a.haltingAt = s.at
	}
}

func (a *account) policy(id core.PolicyID) string {
	policy, _ := a.machine.Policy(id)
	return given(policy)
}

func (a *account) added(s *step, id core.TaskID) {
	a.adds = append(a.adds, &addition{
		at: s.at, id: id, task: s.task, taken: a.taken[s.task], early: s.early, asleep: s.event.Suspended,
	})
	a.names[id], a.taken[s.task] = s.task, true
	for _, run := range []core.Run{s.event.Run, s.event.Fenced} {
		if run != 0 {
			r := &recordedRun{id: id, task: s.task, run: run, startStep: noStep, stopStep: noStep, started: core.Never, abandoned: s.at}
			a.inherited, a.live[runID{id, run}] = append(a.inherited, r), r
		}
	}
}

// need notes what a task needs that was added in this instant.
func (a *account) need(s *step) {
	if s.event.Kind != core.EventNeed || s.refused {
		return
	}
	for _, add := range a.adds {
		if add.id == s.event.Task && (add.early || add.at == s.at) {
			add.needs = append(add.needs, need{s.event.Other, s.event.Bound})
		}
	}
}

func (a *account) decided(action core.Action) {
	id, at := runID{action.Task, action.Run}, action.At-a.offset
	switch action.Kind {
	case core.ActionStart:
		a.started(id, at)
	case core.ActionStop:
		r := a.live[id]
		r.stopped, r.why, r.stopStep = at, action.Why, len(a.steps)
	case core.ActionAbandon:
		a.live[id].abandoned = at
	case core.ActionProbe:
		r := a.live[id]
		r.probes = append(r.probes, &recordedProbe{at: at, until: a.until(action), void: core.Never})
	case core.ActionHalt:
		a.haltedAt, a.halt = at, action
	case core.ActionForget:
		a.forgotten[action.Task], a.taken[a.names[action.Task]] = true, false
	case core.ActionTransition, core.ActionAdd, core.ActionReject:
	}
	if r := a.live[id]; r != nil {
		r.change(a, action, at)
	}
}

func (a *account) until(action core.Action) core.Instant {
	if action.Until == core.Never {
		return core.Never
	}
	return action.Until - a.offset
}

func (a *account) started(id runID, at core.Instant) {
	r := &recordedRun{
		id: id.task, task: a.names[id.task], run: id.run, startStep: len(a.steps), stopStep: noStep,
		started: at, stopped: core.Never, abandoned: core.Never, healthy: core.Never,
	}
	if status, ok := a.machine.Status(id.task); ok {
		r.policy, _ = a.machine.Policy(status.Policy)
	}
	r.readiness, r.replaceable = r.policy.Readiness, r.policy.OnAbandon == core.AbandonReplace
	a.runs = append(a.runs, r)
	a.live[id] = r
}
