package supervisor

import (
	"container/heap"
	"context"
	"slices"
	"sync"
	"time"

	"github.com/tasksupervisor/tasksupervisor/clock"
	"github.com/tasksupervisor/tasksupervisor/core"
)

// A task with a gate is held by the machine whenever it has no run: from when it is added, and again from each start on. So it cannot
// start before its gate has been asked. It is asked when the task waits for nothing but that, in a goroutine of its own, and the task is
// released when the answer is nil. If the task does not start then, because others have to stop first, and something else comes between,
// it is held again.
//
// The functions of this file are called with mu held, if nothing else is said.

// gate is a function that says whether a task can start.
type gate struct {
	check func(context.Context) error
	retry time.Duration // after which it is asked again
}

// keeper is what a task's gate has said since the latest start of the task.
type keeper struct {
	gate    *gate     // nil: the task has none, and must not overtake one that has, see askInTurn
	open    bool      // the task may start; else the machine holds it
	asking  *question // that has not been answered; nil if there is none
	again   Instant   // when the gate is to be asked again, or a question to be found unanswered; Never: at no time
	listed  bool      // among the engine's asks
	refusal error     // the latest answer; nil if there was none
	told    string    // what the observers were told of last; "": nothing
}

// question is one call of a gate.
type question struct {
	gate     *gate
	keeper   *keeper
	member   *member
	session  *session
	crash    bool // a panic ends the process
	launched sync.Once
	ctx      context.Context
	cancel   context.CancelCauseFunc
	asked    Instant

	// Guarded by the supervisor's mu.
	late  bool // it is not awaited any more
	since Instant
}

func (q *question) launch() {
	q.launched.Do(func() {
		q.ctx, q.cancel = context.WithCancelCause(q.session.values)
		go q.main()
	})
}

func (q *question) stop(cause error) { q.cancel(cause) }

// main is the goroutine of the question. It is called without mu.
func (q *question) main() {
	var err error
	returned := false
	defer func() {
		if !returned {
			value := recover()
			if value != nil && q.crash {
				panic(value)
			}
			err = unreturned(value)
		}
		q.cancel(nil)
		q.session.supervisor.answered(q, err, errorText(err))
	}()
	err = sound(q.gate.check(q.ctx))
	returned = true
}

// answered takes in the answer to a question. It is called without mu.
func (s *Supervisor) answered(q *question, err error, text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	at := s.bringUp() // with the question unanswered: it may not be awaited any more
	if s.fault == nil {
		defer s.guard()
	}
	m, k := q.member, q.keeper
	if k.asking == q {
		k.asking = nil
	}
	switch {
	case q.late:
		m.questions = slices.DeleteFunc(m.questions, func(other *question) bool { return other == q })
		s.tellLate(m, 0, ReasonHeld, err, q.ctx)
		s.registry.dropOrphans()
		if m.keeper == k {
			k.again = Never
			s.consider(m)
			s.askInTurn()
		}
	case s.fault != nil:
	case err == nil:
		s.pass(m, at)
	default:
		k.refusal = err
		s.lookAgain(m, dueAt(at, k.gate.retry))
		s.tellRefusal(m, text)
	}
}

// tellRefusal tells the observers that a gate does not let a task start, unless they know.
func (s *Supervisor) tellRefusal(m *member, text string) {
	if m.keeper.told != text {
		m.keeper.told = text
		s.tellHold(m, ReasonHeld, m.heldBy(s.now()))
	}
	m.changed.fire()
	s.changed.fire()
}

// beginGate shuts a task's gate before the task is given to a machine.
func (s *Supervisor) beginGate(m *member) {
	s.gated = s.gated || m.gate != nil
	switch k := m.keeper; {
	case k != nil && k.gate == m.gate && (m.gate != nil || s.gatesInOrder()):
		*k = keeper{gate: k.gate, asking: k.asking, again: Never}
	case m.gate != nil || s.gatesInOrder():
		m.rare().keeper = &keeper{gate: m.gate, again: Never}
	case k != nil:
		m.rare().keeper = nil
	}
}

// gatesInOrder reports whether tasks start in order, and some have gates.
func (s *Supervisor) gatesInOrder() bool { return s.gated && s.settings.config.Strategy != OneForOne }

// changeGate gives a task another gate; nil: none. One that it has had stays as it is.
func (s *Supervisor) changeGate(m *member, g *gate) {
	before := m.keeper
	if before == nil && g == nil || before != nil && before.gate == g {
		return
	}
	s.gated = s.gated || g != nil
	at := s.bringUp()
	if before != nil {
		s.withdraw(m)
	}
	if g == nil && !s.gatesInOrder() {
		m.rare().keeper = nil
		if !before.open && m.said.held == nil {
			s.feedHold(core.EventRelease, m, at, before.told == "")
		}
		return
	}
	m.rare().keeper = &keeper{gate: g, again: Never}
	s.engine.followNeeds(m)
	if before == nil || before.open {
		s.feedHold(core.EventHold, m, at, true)
	} else {
		m.keeper.told = before.told
	}
	if s.gatesInOrder() {
		for _, other := range s.registry.tasks(s.engine.machine) {
			if other.keeper == nil {
				other.rare().keeper = &keeper{again: Never}
				s.feedHold(core.EventHold, other, at, true)
			}
		}
		s.askInTurn()
		return
	}
	s.consider(m)
}

// tendGates does what follows for gates from a step that had these actions.
func (s *Supervisor) tendGates(kind core.EventKind, actions []core.Action) {
	var started, concerned []*member
	if kind == core.EventStart {
		concerned = s.registry.tasks(s.engine.machine)
	}
	for i := range actions {
		a := &actions[i]
		if a.Task == 0 || a.Kind == core.ActionReject {
			continue
		}
		m := s.registry.of(a.Task)
		if m != nil && m.keeper != nil {
			concerned = append(concerned, m)
			if a.Kind == ActionStart {
				started = append(started, m)
			}
		}
		if a.From != a.To || a.Why == ReasonReady || a.Why == ReasonUnready || a.Why == ReasonPolicy {
			concerned = append(concerned, s.engine.behind[a.Task]...)
		}
	}
	for _, m := range started {
		s.shut(m)
	}
	for _, m := range concerned {
		s.consider(m)
	}
	if len(actions) > 0 {
		s.askInTurn()
	}
}

// shut has the machine hold a task whose gate has let it start.
func (s *Supervisor) shut(m *member) {
	k := m.keeper
	k.open, k.refusal, k.told, k.again = false, nil, "", Never
	s.feedHold(core.EventHold, m, s.engine.machine.Now(), true)
}

// pass lets a task through its gate.
func (s *Supervisor) pass(m *member, at Instant) {
	k := m.keeper
	quiet := k.told == ""
	k.open, k.refusal, k.told, k.again = true, nil, "", Never
	s.feedHold(core.EventRelease, m, at, quiet)
}

// feedHold has the machine hold or release a task. It refuses that only of one that is to be removed.
func (s *Supervisor) feedHold(kind core.EventKind, m *member, at Instant, quiet bool) {
	if m.id != 0 && s.fault == nil {
		s.feed(input{Event: core.Event{At: at, Kind: kind, Task: m.id}, quiet: quiet})
	}
}

// consider asks a task's gate if the task waits for that alone, and does not await the answer if it does not.
func (s *Supervisor) consider(m *member) {
	k := m.keeper
	if k == nil || s.fault != nil {
		return
	}
	status, _ := s.engine.machine.Status(m.id)
	switch {
	case k.open:
		if status.Wait != WaitTurn && m.id != 0 {
			s.shut(m) // and it is asked again when the task waits for it again
		}
	case status.Wait != WaitHeld || m.said.held != nil:
		s.withdraw(m)
	case k.asking != nil && k.asking.late && k.again == Never && k.told == "":
		s.lookAgain(m, dueAt(s.now(), k.gate.retry)) // when that is found to be silent
	case !s.gatesInOrder() && k.asking == nil && k.again == Never:
		s.ask(m)
	}
}

// askInTurn, where tasks start in order, lets each through that has no gate, up to the first whose gate is to be asked. Otherwise tasks
// would overtake one whose gate has yet to answer: the machine passes over what is held.
func (s *Supervisor) askInTurn() {
	if !s.gatesInOrder() || s.turning || s.fault != nil || s.session == nil || s.session.over {
		return
	}
	s.turning = true
	defer func() { s.turning = false }()
	machine := s.engine.machine
	for _, m := range s.registry.tasks(machine) {
		counts := machine.Counts()
		if counts.Stopping > 0 || counts.Failed > 0 && s.settings.config.Strategy == OneForAll {
			return
		}
		status, _ := machine.Status(m.id)
		if k := m.keeper; status.Wait == WaitHeld && k != nil && m.said.held == nil {
			if k.gate != nil {
				if k.asking == nil && k.again == Never {
					s.ask(m)
				}
				return
			}
			s.pass(m, machine.Now())
			status, _ = machine.Status(m.id)
		}
		switch {
		case status.Status == StatusStarting, status.Status == StatusFailed, status.Wait == WaitTurn, status.Unready:
			return
		}
	}
}

// ask asks a task's gate.
func (s *Supervisor) ask(m *member) {
	k, now := m.keeper, s.now()
	k.asking = &question{gate: k.gate, keeper: k, member: m, session: s.session, crash: m.crash, asked: now}
	s.lookAgain(m, dueAt(now, k.gate.retry))
	s.mu.launch(k.asking)
}

// withdraw has no answer of a task's gate awaited. What was asked is listed as late until it returns.
func (s *Supervisor) withdraw(m *member) {
	k := m.keeper
	k.again = Never
	if q := k.asking; q != nil && !q.late {
		q.late, q.since = true, s.now()
		m.rare().questions = append(m.questions, q)
		s.mu.stop(q, ErrNotAwaited)
	}
}

// leaveGate forgets what a task that is removed has to do with gates.
func (s *Supervisor) leaveGate(m *member) {
	delete(s.engine.behind, m.id)
	if m.keeper == nil {
		return
	}
	s.withdraw(m)
	for _, need := range m.needs {
		if other := s.registry.byName[need.name]; other != nil {
			behind := s.engine.behind[other.id]
			if i := slices.Index(behind, m); i >= 0 {
				s.engine.behind[other.id] = slices.Delete(behind, i, i+1)
			}
		}
	}
}

// followNeeds has a task's gate considered when something happens to a task that it needs.
func (e *engine) followNeeds(m *member) {
	if m.keeper == nil {
		return
	}
	for need := range e.machine.Needs(m.id) {
		if e.behind == nil {
			e.behind = make(map[core.TaskID][]*member)
		}
		if !slices.Contains(e.behind[need], m) {
			e.behind[need] = append(e.behind[need], m)
		}
	}
}

// lookAgain has a task's gate looked at again at an instant.
func (s *Supervisor) lookAgain(m *member, at Instant) {
	k := m.keeper
	k.again = at
	if at == Never || k.listed {
		return
	}
	k.listed = true
	heap.Push(&s.engine.asks, look{at, m, k})
	s.engine.arm(s.session.source)
}

// lookAtGates asks the gates that are to be asked again by an instant, and finds questions that are not answered by then.
func (s *Supervisor) lookAtGates(by Instant) {
	for s.engine.asks.next() <= by && len(s.engine.asks) > 0 {
		look := heap.Pop(&s.engine.asks).(look)
		m, k := look.member, look.keeper
		k.listed = false
		switch {
		case m.keeper != k || k.again == Never:
		case k.again > by:
			s.lookAgain(m, k.again)
		case k.asking != nil:
			k.again = Never
			s.tellRefusal(m, errorText(ErrGateSilent))
		default:
			k.again = Never
			s.consider(m)
			s.askInTurn()
		}
	}
}

// looks are the gates to be looked at again, once each, by when.
type looks []look

type look struct {
	at     Instant
	member *member
	keeper *keeper
}

func (l looks) Len() int           { return len(l) }
func (l looks) Less(i, j int) bool { return l[i].at < l[j].at }
func (l looks) Swap(i, j int)      { l[i], l[j] = l[j], l[i] }
func (l *looks) Push(x any)        { *l = append(*l, x.(look)) }

func (l *looks) Pop() any {
	last := len(*l) - 1
	x := (*l)[last]
	(*l)[last] = look{}
	*l = (*l)[:last]
	return x
}

// next returns when a gate is to be looked at, at the earliest.
func (l looks) next() Instant {
	if len(l) == 0 {
		return Never
	}
	return l[0].at
}

// tellHold tells the observers that a task is held, or is not any more, where the machine has nothing to say because it was, or still is.
func (s *Supervisor) tellHold(m *member, why Reason, by error) {
	if s.watching.unobserved() {
		return
	}
	status, _ := s.engine.machine.Status(m.id)
	t := Transition{
		Supervisor: s.path(), Task: m.name, At: s.now(), Kind: ActionTransition, From: status.Status, To: status.Status,
		Why: why, Run: status.Run, Attempts: status.Attempts, Until: status.Until, Err: by, ctx: s.contextOf(m, nil),
	}
	if s.session != nil {
		t.Date, _ = clock.Date(s.session.source, t.At)
	}
	s.watching.publish(&t, &s.mu)
}
