package whatif

import (
	"cmp"
	"slices"

	"github.com/tasksupervisor/tasksupervisor/core"
	"github.com/tasksupervisor/tasksupervisor/core/scenario"
	"github.com/tasksupervisor/tasksupervisor/sim"
	"github.com/tasksupervisor/tasksupervisor/sim/workload"
)

// Replay has the tasks of a recording meet, under each case, what they met then. The error is that of playing the
// scenario, or that of [Simulate].
//
// What operators did is done again at the same instants. What a run does is taken from the recorded runs of the same
// task, by the time at which it starts. While a recorded run was alive, so is the new one, and it ends when and how
// that one did. Where the recording has no run, because the task was waiting for its restart, it is not known what it
// would have met: it is assumed to fail as the run before did, after the same time; if it is still alive when the next
// recorded run starts, it follows that one. A run that was not over when the recording ended, or that was asked to
// stop, is assumed to last.
//
// A run reports that it is ready, beats and answers probes as the recorded one did. Where the recording does not show
// that, it is well: it is ready at once, and no more beats are due.
//
// What the supervisor decides is decided anew: when each run starts, and with that whether it waits for the tasks it needs,
// for its group or for the restart rate; what is stopped along with others, what dies, and whether the supervisor gives up.
// A run that is stopped where the recording has none that was takes as long to end as the task's latest recorded stop, or
// no time. A run of a nested supervisor is a run like any other: what goes on in it is not replayed.
//
// That one task depends on another is known to the replay only as far as the supervisor was told (core.EventNeed).
// A run that failed because the task it needs was down fails at that instant in every case, even if that task is up then.
// Such assumptions are named in [Outcome.Notes].
//
// A hold counts from when the recorded task waited for its release and for nothing else, until that. One for which it did not wait counts
// for nothing: the driver of a task with a gate holds it while it runs, to ask the gate before the next start.
//
// A recording that begins with a snapshot is replayed from there: the state is taken for granted in every case, with the delays
// that were scheduled and the restarts that were counted under the recorded policies. A case's policies and limits count from there
// on, as if an operator had given them at that instant. What cannot be changed in mid-flight, such as the strategy, is an error.
//
// Under the recorded policy this reproduces the recording, apart from the order of what happened at the same instant, and
// of runs that an earlier life of the supervisor has left behind, which are taken to have ended unless a snapshot has them.
func Replay(s *scenario.Scenario, cases []Case, options ...sim.Option) ([]*Outcome, error) {
	var outcomes []*Outcome
	for i := range cases {
		// Each case needs models of its own: they remember which runs have been met.
		h, err := read(s)
		if err != nil {
			return nil, err
		}
		outcome, err := Simulate(h.world(), cases[i:i+1], options...)
		if err != nil {
			return nil, err
		}
		outcome[0].Notes = h.notes()
		outcomes = append(outcomes, outcome...)
	}
	return outcomes, nil
}

// World returns a world that repeats a recording, as [Replay] describes. It can be simulated once.
func World(s *scenario.Scenario) (workload.World, error) {
	h, err := read(s)
	if err != nil {
		return workload.World{}, err
	}
	return h.world(), nil
}

// read plays a recording and keeps what happened in it.
func read(s *scenario.Scenario) (*history, error) {
	h := &history{tasks: map[core.TaskID]*past{}, groups: map[string]*group{}, config: s.Config}
	player, err := scenario.NewPlayer(s)
	if err != nil {
		return nil, err
	}
	if len(s.Snapshot) > 0 {
		h.resume(player.Machine(), namesIn(s))
	}
	for player.Next() {
		if statement, ok := player.Statement().(*scenario.Event); ok {
			h.observe(player, statement.Name)
		}
	}
	h.settleHolds()
	return h, player.Err()
}

// history is the content of a recording.
type history struct {
	config         core.Config
	resumes        *workload.Resumption // nil unless it begins with a snapshot
	began, started bool
	needs          bool         // a task was told that it needs another
	left           []string     // tasks that waited for runs that an earlier life had left behind
	begin, end     core.Instant // begin is when the supervisor was started
	order          []*group
	groups         map[string]*group
	tasks          map[core.TaskID]*past
	holdings       []*holding
	before         []workload.Operator // what was said before the start
	operators      []workload.Operator // and after it
}

// group is all tasks that had the same name, one after the other.
type group struct {
	name    string
	policy  core.Policy
	pasts   []*past
	begun   int // runs that began in the replay
	assumed int // those of which the recording does not say how they went on
}

// past is what is known of one task.
type past struct {
	group *group
	key   uint32
	left  recorded // a run that was left behind before the recording began; zero if none was
	runs  []recorded
	stops core.Duration // how long the latest stop took
	met   int           // runs before this one are over
	held  *holding      // nil: it is not held
}

// recorded is a run as it was.
type recorded struct {
	number   core.Run
	from, to core.Instant // to is Never if its end is not known
	stopped  core.Instant // when it was asked to stop, or Never
	exit     core.ExitKind
	asks     core.Duration // the delay that it asked for
	silent   bool          // it was stopped for being silent
	starting bool          // it had to say that it is ready
	signals  []workload.Signal
}

func (h *history) observe(player *scenario.Player, name string) {
	ev := player.Event()
	if !h.began {
		h.began, h.begin, h.end = true, ev.At, ev.At
	}
	h.passTo(ev.At)
	h.end = max(h.end, ev.At)
	if ev.Kind == core.EventStart && !h.started {
		h.started, h.begin = true, h.end
	}
	for i := range player.Actions() {
		h.action(&player.Actions()[i], &ev, player.Machine(), name)
	}
	switch ev.Kind {
	case core.EventRemove, core.EventRestart, core.EventKill, core.EventSuspend, core.EventResume, core.EventHold, core.EventRelease:
		h.command(&ev, workload.Operator{})
		if (ev.Kind == core.EventHold || ev.Kind == core.EventRelease) && !rejected(player.Actions()) {
			h.hold(h.tasks[ev.Task], ev.Kind == core.EventHold, false)
		}
	case core.EventShutdown:
		h.operate(workload.Operator{Does: core.EventShutdown})
	case core.EventExit:
		h.exit(&ev, player.Actions())
	case core.EventReady, core.EventBeat, core.EventProbe, core.EventUnready:
		h.signal(&ev, player.Actions())
	case core.EventPolicy:
		policy, _ := player.Machine().Policy(ev.Policy)
		h.command(&ev, workload.Operator{Policy: policy})
	case core.EventLimits:
		limits, _ := player.Machine().Limits(ev.Limits)
		h.operate(workload.Operator{Does: core.EventLimits, Limits: limits})
	case core.EventNeed:
		if other := h.tasks[ev.Other]; other != nil {
			h.needs = h.needs || !rejected(player.Actions())
			h.command(&ev, workload.Operator{Other: other.group.name, Bound: ev.Bound})
		}
	case core.EventTick, core.EventStart, core.EventAdd:
	}
	if len(h.holdings) > 0 {
		h.lookAtHolds(player.Machine())
	}
}

// command keeps a command about a task, if that is known.
func (h *history) command(ev *core.Event, o workload.Operator) {
	if p := h.tasks[ev.Task]; p != nil {
		o.Does, o.Of = ev.Kind, p.group.name
		h.operate(o)
	}
}

// operate keeps a command.
func (h *history) operate(o workload.Operator) {
	if !h.started {
		h.before = append(h.before, o)
		return
	}
	o.At = core.Duration(h.end - h.begin)
	h.operators = append(h.operators, o)
}

func (h *history) action(a *core.Action, ev *core.Event, m *core.Machine, name string) {
	p := h.tasks[a.Task]
	switch a.Kind {
	case core.ActionAdd:
		policy, _ := m.Policy(ev.Policy)
		h.add(a, ev, policy, name)
	case core.ActionStart:
		if p != nil {
			p.runs = append(p.runs, recorded{
				number: a.Run, from: a.At, to: core.Never, stopped: core.Never, starting: a.To == core.StatusStarting,
			})
		}
	case core.ActionProbe:
		if p != nil {
			p.probed(a)
		}
	case core.ActionStop:
		if p != nil {
			if r := p.run(a.Run); r != nil {
				r.stopped, r.silent = a.At, a.Why.Hangs()
			}
		}
	case core.ActionTransition, core.ActionAbandon, core.ActionForget, core.ActionReject, core.ActionHalt:
	}
}

func (h *history) add(a *core.Action, ev *core.Event, policy core.Policy, name string) {
	g := h.group(name, a.Task, policy)
	name = g.name
	if ev.Run+ev.Fenced > 0 && !slices.Contains(h.left, name) {
		h.left = append(h.left, name)
	}
	h.operate(workload.Operator{Does: core.EventAdd, Of: name, Policy: policy, Suspended: ev.Suspended, Held: ev.Held})
	p := &past{group: g, key: ev.Key}
	g.pasts = append(g.pasts, p)
	h.tasks[a.Task] = p
	h.hold(p, ev.Held, true)
}

// group returns the group of a task.
func (h *history) group(name string, id core.TaskID, policy core.Policy) *group {
	if name == "" {
		name = "task-" + id.String()
	}
	g := h.groups[name]
	if g == nil {
		g = &group{name: name, policy: policy}
		h.groups[name] = g
		h.order = append(h.order, g)
	}
	return g
}

// exit notes when and how a run ended.
func (h *history) exit(ev *core.Event, actions []core.Action) {
	if r := h.run(ev); r != nil && !rejected(actions) && r.to == core.Never {
		r.to, r.exit, r.asks = max(ev.At, r.from), ev.Exit, max(ev.Delay, 0)
		if r.stopped != core.Never {
			h.tasks[ev.Task].stops = core.Duration(r.to - r.stopped)
		}
	}
}

// run returns the run that an event is about, if it is known.
func (h *history) run(ev *core.Event) *recorded {
	p := h.tasks[ev.Task]
	if p == nil {
		return nil
	}
	return p.run(ev.Run)
}

// run returns the run of that number, if it began in the recording.
func (p *past) run(number core.Run) *recorded {
	if number != 0 && number == p.left.number {
		return &p.left
	}
	i, known := slices.BinarySearchFunc(p.runs, number, func(r recorded, number core.Run) int { return cmp.Compare(r.number, number) })
	if !known {
		return nil
	}
	return &p.runs[i]
}

func rejected(actions []core.Action) bool {
	return slices.ContainsFunc(actions, func(a core.Action) bool { return a.Kind == core.ActionReject })
}

func (h *history) world() workload.World {
	w := workload.World{Config: h.config, Resumes: h.resumes, Origin: h.begin, For: max(1, core.Duration(h.end-h.begin)), Before: h.before, Operators: h.operators}
	for _, g := range h.order {
		t := workload.Tasks{Name: g.name, Policy: g.policy, Later: true, Model: g.model(h.begin)}
		for _, p := range g.pasts {
			t.Keys = append(t.Keys, p.key)
		}
		w.Tasks = append(w.Tasks, t)
	}
	return w
}

// model has each run do what a run would have done in the recording.
func (g *group) model(begin core.Instant) func(workload.Start) workload.RunScript {
	return func(start workload.Start) workload.RunScript {
		if start.Index >= len(g.pasts) {
			return workload.RunScript{Sequence: well()}
		}
		p := g.pasts[start.Index]
		if start.Resumed {
			return p.resumed(start.Run, begin)
		}
		script, known := p.script(begin + start.At)
		g.begun++
		if !known {
			g.assumed++
		}
		return script
	}
}

// script is what a run would have done that starts at an instant, and whether the recording says so: there is a run that
// was alive then or began later.
func (p *past) script(at core.Instant) (script workload.RunScript, known bool) {
	for p.met < len(p.runs) && p.over(p.met, at) {
		p.met++
	}
	if p.met > 0 && (p.met == len(p.runs) || p.runs[p.met].from > at) {
		before := &p.runs[p.met-1]
		if fails := at + (before.to - before.from); before.failed() && (p.met == len(p.runs) || fails < p.runs[p.met].from) {
			return workload.RunScript{
				Lifetime: workload.Constant(core.Duration(fails - at)), Ends: before.exit, Asks: workload.Constant(before.asks), Sequence: well(),
				Stops: workload.Constant(p.stops),
			}, false
		}
	}
	if p.met == len(p.runs) {
		return workload.RunScript{Stops: workload.Constant(p.stops), Sequence: well()}, false
	}
	r := &p.runs[p.met]
	if r.to == at {
		p.met++ // it takes no time, and is not to be met again
	}
	return r.rest(at, p.stops), true
}

// over reports whether a recorded run has nothing to do with what starts at an instant: it has ended, or the next one has
// begun beside it.
func (p *past) over(i int, at core.Instant) bool {
	r := &p.runs[i]
	if next := i + 1; next < len(p.runs) && p.runs[next].from <= at && p.runs[next].from > r.from {
		return true
	}
	return r.to < at || r.to == at && r.from < at
}

// rest is what a run that starts at an instant does if it ends like the recorded one. It takes so long to stop, if it is
// asked to and that one was not.
func (r *recorded) rest(at core.Instant, stops core.Duration) workload.RunScript {
	c := workload.RunScript{Ends: r.exit, Asks: workload.Constant(r.asks), Stops: workload.Endless(), Sequence: r.sequence(at)}
	switch {
	case r.byItself():
		c.Lifetime, c.Stops = workload.Constant(core.Duration(r.to-at)), workload.Constant(stops)
	case r.to != core.Never:
		c.Stops = workload.Constant(core.Duration(r.to - r.stopped))
	case r.stopped == core.Never:
		c.Stops = workload.Constant(stops)
	}
	return c
}

// byItself reports whether the run ended without having been asked to stop.
func (r *recorded) byItself() bool { return r.to != core.Never && r.stopped == core.Never }

func (r *recorded) failed() bool { return r.byItself() && r.exit != core.ExitOK }
