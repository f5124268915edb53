package proptest

import (
	"pgregory.net/rapid"

	"github.com/tasksupervisor/tasksupervisor/core"
	"github.com/tasksupervisor/tasksupervisor/proptest/oracle"
)

// Workload is a task with its runs: the first run is like Lives[0], the next like Lives[1], and all later ones are like
// the last.
type Workload struct {
	Policy core.PolicyID
	Key    uint32
	Needs  []int // the workloads before it that it needs, by their index
	Bound  bool  // it is stopped when one of these goes down, and started again after it
	Lives  []Life
}

// Life is what one run is like.
type Life struct {
	Length core.Duration // how long the run goes by itself; Forever: until it is asked to stop
	Exit   core.ExitKind // how it ends then
	Grace  core.Duration // how long it takes to stop when it is asked to; Forever: it does not stop
	Ready  core.Duration // how long it takes to get ready, if its policy asks for that; Forever: it does not
	Hangs  bool          // it neither beats nor answers probes
}

// Workloads returns a generator of one to five tasks for a configuration.
func Workloads(cfg core.Config) *rapid.Generator[[]Workload] {
	life := rapid.Custom(func(t *rapid.T) Life {
		return Life{
			Length: Durations().Draw(t, "length"),
			Exit: rapid.SampledFrom([]core.ExitKind{
				core.ExitError, core.ExitPanic, core.ExitGoexit, core.ExitOK, core.ExitDone, core.ExitLost,
			}).Draw(t, "exit"),
			Grace: Durations().Draw(t, "grace"),
			Ready: Durations().Draw(t, "ready"),
			Hangs: oneIn(t, 4, "hangs"),
		}
	})
	return rapid.Custom(func(t *rapid.T) []Workload {
		workloads := make([]Workload, 1+evenly(t, 5, "tasks"))
		for i := range workloads {
			w := Workload{
				Policy: core.PolicyID(rapid.IntRange(0, max(0, len(cfg.Policies)-1)).Draw(t, "policy")),
				Key:    rapid.Uint32().Draw(t, "key"),
				Bound:  rapid.Bool().Draw(t, "bound"),
				Lives:  rapid.SliceOfN(life, 1, 4).Draw(t, "lives"),
			}
			for other := range i {
				if oneIn(t, 4, "needs") {
					w.Needs = append(w.Needs, other)
				}
			}
			workloads[i] = w
		}
		return workloads
	})
}

// Play returns what happens, in the first so many events, when tasks with these workloads are added to a supervisor at
// instant 0 and it is started. Every run does what its workload says, and every tick comes on time. When all tasks are
// at rest, the supervisor is shut down.
func Play(cfg core.Config, workloads []Workload, limit int) Case {
	p := player{oracle: oracle.New(cfg), lives: map[core.TaskID][]Life{}}
	ids := make([]core.TaskID, len(workloads))
	for i, w := range workloads {
		issued, added := addedBy(p.step(core.Event{Kind: core.EventAdd, Policy: w.Policy, Key: w.Key}))
		if !added {
			continue // there are as many tasks as there may be
		}
		ids[i] = issued
		p.lives[issued] = w.Lives
		for _, other := range w.Needs {
			p.step(core.Event{Kind: core.EventNeed, Task: issued, Other: ids[other], Bound: w.Bound})
		}
	}
	p.step(core.Event{Kind: core.EventStart})
	for len(p.events) < limit {
		ev, ok := p.next()
		if !ok && p.oracle.Phase() != core.PhaseRunning {
			break
		}
		if !ok {
			ev = core.Event{At: p.oracle.Now(), Kind: core.EventShutdown}
		}
		p.step(ev)
	}
	return Case{Config: cfg, Events: p.events}
}

// player lets runs live and end.
type player struct {
	oracle *oracle.Oracle
	lives  map[core.TaskID][]Life
	coming []core.Event // what the live runs will do, if nothing happens before
	events []core.Event
}

// step feeds an event, and carries out what follows for the runs.
func (p *player) step(ev core.Event) []core.Action {
	p.events = append(p.events, ev)
	actions := p.oracle.Step(ev)
	for _, a := range actions {
		life := p.life(a)
		switch a.Kind {
		case core.ActionStart:
			p.will(a, life.Length, core.Event{Kind: core.EventExit, Exit: life.Exit})
			if a.To == core.StatusStarting {
				p.will(a, life.Ready, core.Event{Kind: core.EventReady})
			}
		case core.ActionStop:
			p.will(a, life.Grace, core.Event{Kind: core.EventExit, Exit: core.ExitOK})
		case core.ActionProbe:
			if !life.Hangs {
				p.will(a, 0, core.Event{Kind: core.EventProbe, Exit: core.ExitOK})
			}
		case core.ActionTransition, core.ActionAdd, core.ActionAbandon, core.ActionForget, core.ActionReject, core.ActionHalt:
		}
	}
	return actions
}

// life is what the run of an action is like.
func (p *player) life(a core.Action) Life {
	lives := p.lives[a.Task]
	if a.Run == 0 || len(lives) == 0 {
		return Life{}
	}
	return lives[min(int(a.Run), len(lives))-1]
}

// will schedules something that the run of an action does after a while, unless it does that before anyway.
func (p *player) will(a core.Action, after core.Duration, ev core.Event) {
	if after == core.Forever {
		return
	}
	ev.At, ev.Task, ev.Run = shifted(a.At, int64(after)), a.Task, a.Run
	for i, other := range p.coming {
		if other.Kind == ev.Kind && other.Task == ev.Task && other.Run == ev.Run {
			if ev.At < other.At {
				p.coming[i] = ev
			}
			return
		}
	}
	p.coming = append(p.coming, ev)
}

// next returns what happens next: the earliest of what is coming, or a beat or a tick if that is due before.
func (p *player) next() (ev core.Event, ok bool) {
	first := -1
	for i, ev := range p.coming {
		if first < 0 || ev.At < p.coming[first].At {
			first = i
		}
	}
	ev, ok = p.due()
	if ok && (first < 0 || ev.At <= p.coming[first].At) || first < 0 {
		return ev, ok
	}
	ev = p.coming[first]
	p.coming = append(p.coming[:first], p.coming[first+1:]...)
	return ev, true
}

// due returns a tick when one is due, or the beat that comes a nanosecond before a watchdog is.
func (p *player) due() (ev core.Event, ok bool) {
	id, at, ok := p.oracle.NextTimer()
	status, _ := p.oracle.Status(id)
	policy, _ := p.oracle.Policy(status.Policy)
	beats := status.Status == core.StatusHealthy && policy.Watchdog > 0 && !p.life(core.Action{Task: id, Run: status.Run}).Hangs
	if beats && at-1 > p.oracle.Now() {
		return core.Event{At: at - 1, Kind: core.EventBeat, Task: id, Run: status.Run}, true
	}
	return core.Event{At: at, Kind: core.EventTick}, ok
}
