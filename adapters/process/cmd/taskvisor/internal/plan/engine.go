package plan

import (
	"slices"
	"time"

	"github.com/tasksupervisor/tasksupervisor/core"
)

// engine runs a tree of supervisors on a clock of its own.
type engine struct {
	behaviour
	now    core.Instant
	queue  []report
	next   uint64 // report.order of the next
	root   *node
	nodes  []*node // that run
	halted core.Reason
	began  []moment
	asked  []moment // to stop
	gaveUp []moment // groups that stopped by themselves
}

// behaviour is what tasks do.
type behaviour struct {
	fails  *Member       // always; nil: none does
	lasts  time.Duration // how long each of its runs does
	ready  time.Duration // how long a task takes to be ready, or to end if it is one that ends
	stops  time.Duration // how long a task takes to stop
	seed   uint64        // of jitter
	jitter bool          // else delays are the longest possible
}

// moment is when something happened to a task or a group.
type moment struct {
	at     core.Instant
	member *Member
	why    core.Reason
	delay  time.Duration // of a start, since the end of the run before it
	used   uint32        // of a start, how many attempts
}

// report is what a run is going to report.
type report struct {
	at    core.Instant
	order uint64 // among those of the same instant
	to    *node
	event core.Event
}

// node is one run of a supervisor.
type node struct {
	of      *Supervisor
	machine *core.Machine
	ids     []core.TaskID // of the members
	runs    []run
	above   *node // whose task it is; nil for the root
	self    core.TaskID
	number  core.Run // of its run there
	saidUp  bool
}

type run struct {
	number core.Run
	inside *node
	ended  core.Instant // when the run before ended
}

func newEngine(s *Supervisor, b behaviour) (*engine, error) {
	e := &engine{behaviour: b}
	var err error
	e.root, err = e.start(s, nil, 0, 0)
	return e, err
}

// start begins a run of a supervisor.
func (e *engine) start(s *Supervisor, above *node, self core.TaskID, number core.Run) (*node, error) {
	n := &node{of: s, above: above, self: self, number: number, runs: make([]run, len(s.Members))}
	config := s.Config
	config.Seed = e.seed
	for _, m := range s.Members {
		policy := m.Policy
		policy.Watchdog, policy.Probe = 0, core.Probe{} // nothing hangs here
		if !e.jitter {
			policy.Jitter = core.Fraction{}
		}
		config.Policies = append(config.Policies, policy)
	}
	var err error
	if n.machine, err = core.New(config); err != nil {
		return nil, err
	}
	e.nodes = append(e.nodes, n)
	for i, m := range s.Members {
		e.add(n, i, m)
	}
	e.feed(n, core.Event{Kind: core.EventStart})
	return n, nil
}

// add adds a task as a supervisor does: one that needs others is suspended until it has been told which.
func (e *engine) add(n *node, i int, m *Member) {
	actions := n.machine.Step(nil, core.Event{
		At: e.now, Kind: core.EventAdd, Policy: core.PolicyID(i), Key: m.key(), Suspended: m.Suspended || len(m.Needs) > 0,
	})
	id := actions[0].Task
	n.ids = append(n.ids, id)
	for _, need := range m.Needs {
		other := slices.IndexFunc(n.of.Members, func(m *Member) bool { return m.Name == need.Task })
		e.feed(n, core.Event{Kind: core.EventNeed, Task: id, Other: n.ids[other], Bound: need.Bound})
	}
	if len(m.Needs) > 0 && !m.Suspended {
		e.feed(n, core.Event{Kind: core.EventResume, Task: id})
	}
}

// feed tells a supervisor what happened, and carries out what it decides.
func (e *engine) feed(n *node, event core.Event) {
	event.At = e.now
	for _, action := range n.machine.Step(nil, event) {
		e.carryOut(n, action)
	}
	e.tellReady(n)
}

func (e *engine) carryOut(n *node, a core.Action) {
	switch a.Kind {
	case core.ActionStart:
		e.begin(n, a)
	case core.ActionStop:
		i := slices.Index(n.ids, a.Task)
		e.asked = append(e.asked, moment{at: e.now, member: n.of.Members[i], why: a.Why})
		if inside := n.runs[i].inside; inside != nil {
			e.report(0, inside, core.Event{Kind: core.EventShutdown})
			return
		}
		e.end(n, a.Task, a.Run, e.stops, core.ExitOK)
	case core.ActionHalt:
		e.halt(n, a)
	case core.ActionTransition, core.ActionAdd, core.ActionAbandon, core.ActionProbe, core.ActionForget, core.ActionReject:
	}
}

// begin begins a run of a task or a group.
func (e *engine) begin(n *node, a core.Action) {
	i := slices.Index(n.ids, a.Task)
	m, r := n.of.Members[i], &n.runs[i]
	started := moment{at: e.now, member: m, why: a.Why, used: a.Attempts}
	if r.number > 0 {
		started.delay = time.Duration(e.now - r.ended)
	}
	e.began = append(e.began, started)
	r.number, r.inside = a.Run, nil
	switch {
	case m.Inside != nil:
		r.inside, _ = e.start(m.Inside, n, a.Task, a.Run) // its configuration was tried when the tree was made
	case m == e.fails: // if it has to be ready, it never is
		e.end(n, a.Task, a.Run, e.lasts, core.ExitError)
	case m.Ends:
		e.end(n, a.Task, a.Run, e.ready, core.ExitOK)
	case m.Policy.Readiness:
		e.report(e.ready, n, core.Event{Kind: core.EventReady, Task: a.Task, Run: a.Run})
	}
}

// end has a run end after some time.
func (e *engine) end(n *node, id core.TaskID, number core.Run, after time.Duration, how core.ExitKind) {
	e.report(after, n, core.Event{Kind: core.EventExit, Task: id, Run: number, Exit: how})
}

func (e *engine) report(after time.Duration, to *node, event core.Event) {
	e.queue = append(e.queue, report{e.now + core.Instant(after), e.next, to, event})
	e.next++
}

// halt reports the end of a supervisor to the one above it.
func (e *engine) halt(n *node, a core.Action) {
	e.nodes = slices.DeleteFunc(e.nodes, func(other *node) bool { return other == n })
	if n.above == nil {
		e.halted = a.Why
		return
	}
	if a.Why != core.ReasonShutdown {
		i := slices.Index(n.above.ids, n.self)
		e.gaveUp = append(e.gaveUp, moment{at: e.now, member: n.above.of.Members[i], why: a.Why})
	}
	how := core.ExitError
	if a.Why == core.ReasonShutdown || a.Why == core.ReasonAllEnded || a.Why == core.ReasonAnyEnded {
		how = core.ExitOK
	}
	e.end(n.above, n.self, n.number, 0, how)
}

// tellReady tells the supervisor above when all tasks of one are up for the first time.
func (e *engine) tellReady(n *node) {
	counts := n.machine.Counts()
	if n.above == nil || n.saidUp || n.machine.Phase() != core.PhaseRunning ||
		counts.Starting+counts.Stopping+counts.Failed+counts.Abandoned+counts.Dead > 0 {
		return
	}
	n.saidUp = true
	e.report(0, n.above, core.Event{Kind: core.EventReady, Task: n.self, Run: n.number})
}

// step lets the next thing happen. It reports whether there was one, up to an instant.
func (e *engine) step(until core.Instant) bool {
	first := -1
	for i := range e.queue {
		if first < 0 || e.queue[i].at < e.queue[first].at || e.queue[i].at == e.queue[first].at && e.queue[i].order < e.queue[first].order {
			first = i
		}
	}
	var due *node
	at := core.Never
	for _, n := range e.nodes {
		if deadline, ok := n.machine.NextDeadline(); ok && deadline < at {
			due, at = n, deadline
		}
	}
	switch {
	case first >= 0 && e.queue[first].at <= at:
		r := e.queue[first]
		if r.at > until {
			return false
		}
		e.queue = slices.Delete(e.queue, first, first+1)
		e.now = r.at
		e.happen(r)
	case due != nil && at <= until:
		e.now = at
		e.feed(due, core.Event{Kind: core.EventTick})
	default:
		return false
	}
	return true
}

// pending reports whether anything is going to happen.
func (e *engine) pending() bool {
	return len(e.queue) > 0 || slices.ContainsFunc(e.nodes, func(n *node) bool {
		_, ok := n.machine.NextDeadline()
		return ok
	})
}

// happen tells a supervisor what a run reports. Those that have halted hear no more.
func (e *engine) happen(r report) {
	if !slices.Contains(e.nodes, r.to) {
		return
	}
	if status, _ := r.to.machine.Status(r.event.Task); r.event.Kind == core.EventExit && status.Live && status.Run == r.event.Run {
		r.to.runs[slices.Index(r.to.ids, r.event.Task)].ended = e.now
	}
	e.feed(r.to, r.event)
}
