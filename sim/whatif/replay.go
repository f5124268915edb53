package whatif

import (
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
// that one did. Where the recording has no run, because the task was waiting for its restart, nobody knows what it
// would have met: it is assumed to fail as the run before did, after the same time; if it is still alive when the next
// recorded run starts, it follows that one. A run that was not over when the recording ended, or that was asked to
// stop, is assumed to last.
//
// A run reports that it is ready, beats and answers probes as the recorded one did. Where the recording does not show
// that, it is well: it is ready at once, and no more beats are due.
//
// Under the recorded policy this reproduces the recording, apart from the order of what happened at the same instant. A
// recording that begins with a snapshot cannot be replayed, because the past of its tasks is unknown. Nor can one in
// which tasks need others.
func Replay(s *scenario.Scenario, cases []Case, options ...sim.Option) ([]*Outcome, error) {
	var outcomes []*Outcome
	for i := range cases {
		// Each case needs models of its own: they remember which runs have been met.
		world, err := World(s)
		if err != nil {
			return nil, err
		}
		outcome, err := Simulate(world, cases[i:i+1], options...)
		if err != nil {
			return nil, err
		}
		outcomes = append(outcomes, outcome...)
	}
	return outcomes, nil
}

// World returns a world that repeats a recording, as [Replay] describes. It can be simulated once.
func World(s *scenario.Scenario) (workload.World, error) {
	if len(s.Snapshot) > 0 {
		return workload.World{}, ErrSnapshot
	}
	h := &history{tasks: map[core.TaskID]*past{}, groups: map[string]*group{}}
	player, err := scenario.NewPlayer(s)
	if err != nil {
		return workload.World{}, err
	}
	for player.Next() {
		if statement, ok := player.Statement().(*scenario.Event); ok {
			h.observe(player, statement.Name)
		}
	}
	if err := player.Err(); err != nil {
		return workload.World{}, err
	}
	if h.needs {
		return workload.World{}, ErrNeeds
	}
	return h.world(s.Config), nil
}

// ErrNeeds says that tasks of a recording need others.
const ErrNeeds sentinel = "tasks of the recording need others, which cannot be replayed"

// ErrSnapshot says that a recording begins in mid-flight.
const ErrSnapshot sentinel = "the recording begins with a snapshot, so the pasts of its tasks are not known"

type sentinel string

func (s sentinel) Error() string { return string(s) }

// history is the content of a recording.
type history struct {
	began, started bool
	needs          bool
	begin, end     core.Instant // begin is when the supervisor was started
	order          []*group
	groups         map[string]*group
	tasks          map[core.TaskID]*past
	operators      []workload.Operator
}

// group is all tasks that had the same name, one after the other.
type group struct {
	name   string
	policy core.Policy
	later  bool // the first was added after the start
	pasts  []*past
}

// past is what is known of one task.
type past struct {
	group *group
	key   uint32
	runs  []recorded
	met   int // runs before this one are over
}

// recorded is a run as it was.
type recorded struct {
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
	h.end = max(h.end, ev.At)
	if ev.Kind == core.EventStart && !h.started {
		h.started, h.begin = true, h.end
	}
	at := core.Duration(h.end - h.begin)
	for i := range player.Actions() {
		h.action(&player.Actions()[i], &ev, player.Machine(), name)
	}
	switch ev.Kind {
	case core.EventRemove:
		h.operate(core.EventRemove, &ev, at)
	case core.EventRestart:
		h.operate(core.EventRestart, &ev, at)
	case core.EventKill:
		h.operate(core.EventKill, &ev, at)
	case core.EventShutdown:
		h.operators = append(h.operators, workload.Operator{Does: core.EventShutdown, At: at})
	case core.EventExit:
		h.exit(&ev, player.Actions())
	case core.EventReady, core.EventBeat, core.EventProbe, core.EventUnready:
		h.signal(&ev, player.Actions())
	case core.EventSuspend:
		h.operate(core.EventSuspend, &ev, at)
	case core.EventResume:
		h.operate(core.EventResume, &ev, at)
	case core.EventPolicy:
		if h.operate(core.EventPolicy, &ev, at) {
			h.operators[len(h.operators)-1].Policy, _ = player.Machine().Policy(ev.Policy)
		}
	case core.EventLimits:
		limits, _ := player.Machine().Limits(ev.Limits)
		h.operators = append(h.operators, workload.Operator{Does: core.EventLimits, At: at, Limits: limits})
	case core.EventNeed:
		h.needs = h.needs || !rejected(player.Actions())
	case core.EventTick, core.EventStart, core.EventAdd:
	}
}

func (h *history) operate(does core.EventKind, ev *core.Event, at core.Duration) bool {
	p := h.tasks[ev.Task]
	if p == nil || !h.started {
		return false
	}
	h.operators = append(h.operators, workload.Operator{Does: does, Of: p.group.name, At: at})
	return true
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
				from: a.At, to: core.Never, stopped: core.Never, starting: a.To == core.StatusStarting,
			})
		}
	case core.ActionProbe:
		if p != nil {
			p.probed(a)
		}
	case core.ActionStop:
		if p != nil {
			last := &p.runs[len(p.runs)-1]
			last.stopped, last.silent = a.At, a.Why.Hangs()
		}
	case core.ActionTransition, core.ActionAbandon, core.ActionForget, core.ActionReject, core.ActionHalt:
	}
}

func (h *history) add(a *core.Action, ev *core.Event, policy core.Policy, name string) {
	if name == "" {
		name = "task-" + a.Task.String()
	}
	g := h.groups[name]
	if g == nil {
		g = &group{name: name, policy: policy, later: h.started}
		h.groups[name] = g
		h.order = append(h.order, g)
	}
	if h.started {
		h.operators = append(h.operators, workload.Operator{Does: core.EventAdd, Of: name, At: core.Duration(a.At - h.begin)})
	}
	p := &past{group: g, key: ev.Key}
	g.pasts = append(g.pasts, p)
	h.tasks[a.Task] = p
}

// exit notes when and how a run ended.
func (h *history) exit(ev *core.Event, actions []core.Action) {
	if r := h.run(ev); r != nil && !rejected(actions) && r.to == core.Never {
		r.to, r.exit, r.asks = max(ev.At, r.from), ev.Exit, max(ev.Delay, 0)
	}
}

// run returns the run that an event is about, if it is known.
func (h *history) run(ev *core.Event) *recorded {
	p := h.tasks[ev.Task]
	if p == nil || ev.Run == 0 || int(ev.Run) > len(p.runs) {
		return nil
	}
	return &p.runs[ev.Run-1]
}

func rejected(actions []core.Action) bool {
	return slices.ContainsFunc(actions, func(a core.Action) bool { return a.Kind == core.ActionReject })
}

func (h *history) world(config core.Config) workload.World {
	w := workload.World{Config: config, Origin: h.begin, For: max(1, core.Duration(h.end-h.begin)), Operators: h.operators}
	for _, g := range h.order {
		t := workload.Tasks{Name: g.name, Policy: g.policy, Later: g.later, Model: g.model(h.begin)}
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
		return g.pasts[start.Index].script(begin + start.At)
	}
}

// script is what a run would have done that starts at an instant.
func (p *past) script(at core.Instant) workload.RunScript {
	for p.met < len(p.runs) && p.over(p.met, at) {
		p.met++
	}
	if p.met > 0 && (p.met == len(p.runs) || p.runs[p.met].from > at) {
		before := &p.runs[p.met-1]
		if fails := at + (before.to - before.from); before.failed() && (p.met == len(p.runs) || fails < p.runs[p.met].from) {
			return workload.RunScript{
				Lifetime: workload.Constant(core.Duration(fails - at)), Ends: before.exit, Asks: workload.Constant(before.asks), Sequence: well(),
			}
		}
	}
	if p.met == len(p.runs) {
		return workload.RunScript{Sequence: well()}
	}
	r := &p.runs[p.met]
	if r.to == at {
		p.met++ // it takes no time, and is not to be met again
	}
	return r.rest(at)
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

// rest is what a run that starts at an instant does if it ends like the recorded one.
func (r *recorded) rest(at core.Instant) workload.RunScript {
	c := workload.RunScript{Ends: r.exit, Asks: workload.Constant(r.asks), Stops: workload.Endless(), Sequence: r.sequence(at)}
	switch {
	case r.byItself():
		c.Lifetime, c.Stops = workload.Constant(core.Duration(r.to-at)), workload.Constant(0)
	case r.to != core.Never:
		c.Stops = workload.Constant(core.Duration(r.to - r.stopped))
	case r.stopped == core.Never:
		c.Stops = workload.Constant(0)
	}
	return c
}

// byItself reports whether the run ended without having been asked to stop.
func (r *recorded) byItself() bool { return r.to != core.Never && r.stopped == core.Never }

func (r *recorded) failed() bool { return r.byItself() && r.exit != core.ExitOK }
