package checkers

import (
	"math/bits"

	"github.com/tasksupervisor/tasksupervisor/core"
)

// group follows all that decides when tasks stop and start for each other's sake: what they do, which are to be stopped,
// and which need which.
type group struct {
	strategy core.Strategy
	reverse  bool // tasks that are stopped for one cause are stopped one by one
	phase    core.Phase
	policies policies
	edges    edges
	tasks    perTask[member]

	counts [8]int // how many tasks there are of each kind

	taken []core.TaskID // marked in this step without an action that tells
	need  bool          // this step's event makes a task need another, and it is not sure before which action
}

// begin takes everything from the state of a machine.
func (g *group) begin(m *core.Machine) {
	cfg := m.Config()
	*g = group{strategy: cfg.Strategy, phase: m.Phase(), policies: g.policies, edges: g.edges, tasks: g.tasks, taken: g.taken[:0]}
	g.reverse = cfg.StopOrder == core.StopReverse || cfg.StopOrder == core.StopByStrategy && g.ordered()
	g.policies.begin(m)
	g.edges.begin(m)
	g.tasks.reset()
	for s := range m.Tasks() {
		t := g.tasks.of(s.Task)
		t.begins(s)
		t.status, t.held = s.Status, s.Wait == core.WaitOthersStopped
		g.count(0, t.kinds())
	}
}

// ordered tells whether tasks depend on each other by their order.
func (g *group) ordered() bool { return g.strategy != core.OneForOne }

// idle tells whether nobody waits for anybody, so that it need not be followed what they do: see wake.
func (g *group) idle() bool {
	halting := g.phase == core.PhaseHalting || g.phase == core.PhaseHalted
	return !g.ordered() && !g.reverse && g.edges.count == 0 && !halting
}

// wake begins anew at the end of a step, while it is idle, if that step makes an end of that. It tells whether it does.
func (g *group) wake(m *core.Machine, ev core.Event, actions []core.Action) bool {
	if m.Phase() != core.PhaseHalting && !heeded(core.EventNeed, ev, actions) {
		return false
	}
	g.begin(m)
	return true
}

// hear takes note of a step's event, as far as no action tells of it.
func (g *group) hear(m *core.Machine, ev core.Event, actions []core.Action) {
	g.taken, g.need = g.taken[:0], false
	switch {
	case heeded(core.EventStart, ev, actions):
		g.phase = core.PhaseRunning
	case heeded(core.EventNeed, ev, actions):
		for _, a := range actions {
			g.need = g.need || fires(a) || a.Kind == core.ActionAbandon
		}
		if !g.need {
			g.connect(ev)
		}
	}
}

// sure tells whether an action was decided with the needs as they are known.
func (g *group) sure(m *core.Machine, a core.Action) bool { return !g.need || a.At < m.Now() }

func (g *group) connect(ev core.Event) {
	g.edges.connect(ev.Task, ev.Other, ev.Bound)
	g.takeDown(ev.Other)
}

// meet takes note of what an action shows to have been decided before it.
func (g *group) meet(a core.Action) {
	if halts(a) {
		g.halt()
	}
}

// decided takes note of an action that is not a rejection.
func (g *group) decided(m *core.Machine, ev core.Event, a core.Action) {
	if a.Kind == core.ActionHalt {
		g.phase = core.PhaseHalted
		return
	}
	g.policies.decided(m, ev, a)
	t := g.tasks.of(a.Task)
	before := t.kinds()
	t.intent.decided(ev, a)
	t.status = a.To
	t.held = t.held && a.From == a.To && a.Why != core.ReasonDelayBegins
	g.count(before, t.kinds())
	switch {
	case a.Kind == core.ActionForget:
		g.edges.forget(a.Task)
		g.tasks.forget(a.Task)
		return
	case a.To == core.StatusFailed && a.From != a.To:
		g.takeSiblings(a.Task)
		t.held = !g.quiet(a.Task)
		g.count(failed, t.kinds())
	}
	g.takeDown(a.Task)
}

// end takes note of the end of a step.
func (g *group) end(m *core.Machine, ev core.Event) {
	if g.need {
		g.connect(ev)
	}
	if m.Phase() == core.PhaseHalting {
		g.halt()
	}
}

// count takes note that a task became of other kinds.
func (g *group) count(before, after kinds) {
	for changed := before ^ after; changed != 0; changed &= changed - 1 {
		if bit := bits.TrailingZeros8(uint8(changed)); after>>bit&1 != 0 {
			g.counts[bit]++
		} else {
			g.counts[bit]--
		}
	}
}

// of returns how many tasks are of a kind.
func (g *group) of(k kinds) int { return g.counts[bits.TrailingZeros8(uint8(k))] }

// mark takes note that a task is to be stopped.
func (g *group) mark(id core.TaskID, t *member, word core.Intent) {
	before := t.kinds()
	t.word, t.suspended = word, t.suspended && word == core.IntentSuspend
	g.count(before, t.kinds())
	g.taken = append(g.taken, id)
}

// takeSiblings marks those that are to be restarted with a task that failed.
func (g *group) takeSiblings(id core.TaskID) {
	if g.phase != core.PhaseRunning || !g.ordered() {
		return
	}
	from := len(g.taken)
	for other, t := range g.tasks.all() {
		if !t.running() || t.word != core.IntentNone || g.strategy == core.RestForOne && other < id {
			continue
		}
		if g.policies.of(other).Restart == core.RestartNever {
			g.mark(other, t, core.IntentRetire)
		} else {
			g.mark(other, t, core.IntentStartAgain)
		}
	}
	for _, sibling := range g.taken[from:] {
		g.takeDown(sibling)
	}
}

// takeDown marks those that are bound to a task, if it is down.
func (g *group) takeDown(id core.TaskID) {
	if g.edges.count == 0 || g.phase != core.PhaseRunning || g.isUp(id) {
		return
	}
	for _, s := range g.edges.of(id).dependents {
		if t := g.tasks.of(s.task); s.bound && t.running() && t.word == core.IntentNone {
			g.mark(s.task, t, core.IntentStartAgain)
			g.takeDown(s.task)
		}
	}
}

// halt marks all that run, when the supervisor begins to halt.
func (g *group) halt() {
	if g.phase == core.PhaseHalting || g.phase == core.PhaseHalted {
		return
	}
	g.phase = core.PhaseHalting
	for id, t := range g.tasks.all() {
		switch t.word {
		case core.IntentKill, core.IntentRemove, core.IntentHalt:
		default:
			if t.running() {
				g.mark(id, t, core.IntentHalt)
			}
		}
	}
}

func (g *group) isUp(id core.TaskID) bool {
	t, ok := g.tasks.find(id)
	return ok && t.isUp()
}
