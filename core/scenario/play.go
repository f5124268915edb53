package scenario

import (
	"github.com/tasksupervisor/tasksupervisor/core"
)

// Play runs the scenario through a fresh machine and compares what it does with what is recorded. Events and
// questions without a record are carried out and not compared.
//
// The machine is returned as the scenario left it. The error is a [*Difference], the first one, at which Play
// stops, or a [*PlayError].
func (s *Scenario) Play() (*core.Machine, error) {
	player, err := NewPlayer(s)
	if err != nil {
		return nil, err
	}
	for player.Next() {
		if err := player.compare(); err != nil {
			return player.machine, err
		}
	}
	return player.machine, player.err
}

// Rewrite runs the scenario through a fresh machine and replaces all actions and answers by what the machine gave.
// Everything else stays as it is. It accepts whatever the machine does: read the difference from the old text. The
// error is a [*PlayError]; then the scenario is rewritten up to the statement it names.
func (s *Scenario) Rewrite() error {
	player, err := NewPlayer(s)
	if err != nil {
		return err
	}
	for player.Next() {
		player.rewrite()
	}
	return player.err
}

// Player carries out a scenario one statement at a time, so that the machine can be inspected in between.
type Player struct {
	scenario *Scenario
	machine  *core.Machine
	names    *names
	index    int // of the current statement
	event    core.Event
	actions  []core.Action
	answer   string
	err      error
}

// NewPlayer returns a player before the first statement. The error is a [*PlayError].
func NewPlayer(s *Scenario) (*Player, error) {
	machine, err := s.Machine()
	if err != nil {
		return nil, &PlayError{Index: -1, Err: err}
	}
	p := &Player{scenario: s, machine: machine, names: newNames(), index: -1}
	if len(s.Snapshot) == 0 {
		for i := range s.Policies {
			p.names.bindPolicy(s.Policies[i].Name, core.PolicyID(i))
		}
	}
	return p, nil
}

// Next carries out the next statement. It returns false after the last one, and when one could not be carried out.
func (p *Player) Next() bool {
	if p.err != nil || p.index+1 >= len(p.scenario.Statements) {
		return false
	}
	p.index++
	p.event, p.actions, p.answer = core.Event{}, p.actions[:0], ""
	switch s := p.Statement().(type) {
	case *Event:
		p.step(s)
	case *Define:
		id, err := p.machine.Define(s.Policy.Policy)
		if err != nil {
			p.fail(err)
			break
		}
		p.names.bindPolicy(s.Name, id)
	case *DefineLimits:
		id, err := p.machine.DefineLimits(s.Limits)
		if err != nil {
			p.fail(err)
			break
		}
		p.names.limits[s.Name] = id
	case *Bind:
		p.names.bindTask(s.Name, s.Task)
	case *Expect:
		p.answer = s.ask(p.machine, p.names)
	}
	return p.err == nil
}

// Statement returns the latest statement that was carried out.
func (p *Player) Statement() Statement { return p.scenario.Statements[p.index] }

// Machine returns the machine. It must not be stepped.
func (p *Player) Machine() *core.Machine { return p.machine }

// Event returns, after an [*Event] statement, what was given to the machine.
func (p *Player) Event() core.Event { return p.event }

// Actions returns, after an [*Event] statement, what the machine gave. It is valid until Next is called.
func (p *Player) Actions() []core.Action { return p.actions }

// Answer returns, after an [*Expect] statement, the machine's answer.
func (p *Player) Answer() string { return p.answer }

// Task returns the task that a name stands for by now, or 0.
func (p *Player) Task(name string) core.TaskID { return p.names.tasks[name] }

// Name returns the name that a task goes by now, or "".
func (p *Player) Name(task core.TaskID) string { return p.names.taskNames[task] }

// Err returns why Next returned false: nil at the end of the scenario, else a [*PlayError].
func (p *Player) Err() error { return p.err }

func (p *Player) fail(err error) {
	p.err = &PlayError{Line: p.Statement().place().Line, Index: p.index, Err: err}
}

func (p *Player) step(e *Event) {
	p.event = e.Event
	if e.Kind != core.EventAdd {
		p.event.Task = p.names.task(e.Name, e.Task)
	}
	p.event.Other = p.names.task(e.OtherName, e.Other)
	var ok bool
	if p.event.Policy, ok = definition(p.names.policies, e.PolicyName, e.Policy); !ok {
		p.fail(ErrPolicyName)
		return
	}
	if p.event.Limits, ok = definition(p.names.limits, e.LimitsName, e.Limits); !ok {
		p.fail(ErrLimitsName)
		return
	}
	p.actions = p.machine.Step(p.actions, p.event)
	if e.Kind == core.EventAdd {
		if id, ok := added(p.actions); ok {
			p.names.bindTask(e.Name, id)
		}
	}
}

// added returns the id of the task that an EventAdd created.
func added(actions []core.Action) (core.TaskID, bool) {
	for i := range actions {
		if actions[i].Kind == core.ActionAdd {
			return actions[i].Task, true
		}
	}
	return 0, false
}

// compare returns a *Difference if the current statement did not do what is recorded.
func (p *Player) compare() error {
	switch s := p.Statement().(type) {
	case *Event:
		if s.recorded() {
			return p.compareActions(s)
		}
	case *Expect:
		if s.Answer != "" && s.Answer != p.answer {
			question := string(s.appendQuestion(nil))
			return &Difference{Line: s.Line, Index: p.index, Statement: question, Expected: s.Answer, Got: p.answer}
		}
	case *Define, *DefineLimits, *Bind:
	}
	return nil
}

func (p *Player) compareActions(e *Event) error {
	for i := range max(len(e.Actions), len(p.actions)) {
		if i < len(e.Actions) && i < len(p.actions) && p.resolve(&e.Actions[i]) == p.actions[i] {
			continue
		}
		d := &Difference{
			Line:      e.Line,
			Index:     p.index,
			Statement: string(e.appendEvent(nil)),
			Expected:  nothing,
			Got:       nothing,
		}
		if i < len(e.Actions) {
			d.Expected = e.Actions[i].String()
			if e.Line > 0 {
				d.Line += 1 + i
			}
		}
		if i < len(p.actions) {
			got := p.named(&p.actions[i])
			d.Got = got.String()
		}
		return d
	}
	return nil
}

// resolve returns the decision that a recorded action stands for.
func (p *Player) resolve(a *Action) core.Action {
	action := a.Action
	action.Task = p.names.task(a.Name, a.Task)
	return action
}

// named returns a decision as it is recorded: a task goes by its name if it has one.
func (p *Player) named(action *core.Action) Action {
	a := Action{Action: *action, Name: p.names.taskNames[action.Task]}
	if a.Name != "" {
		a.Task = 0
	}
	return a
}

func (p *Player) rewrite() {
	switch s := p.Statement().(type) {
	case *Event:
		s.Recorded, s.Actions = true, nil
		for i := range p.actions {
			s.Actions = append(s.Actions, p.named(&p.actions[i]))
		}
	case *Expect:
		s.Answer = p.answer
	case *Define, *DefineLimits, *Bind:
	}
}
