package proptest

import (
	"pgregory.net/rapid"

	"github.com/tasksupervisor/tasksupervisor/core"
	"github.com/tasksupervisor/tasksupervisor/proptest/oracle"
)

// Workload is a task and what its runs are like: the first run is like Lives[0], the next like Lives[1], and all
// after the last one like that.
type Workload struct {
	Policy core.PolicyID
	Key    uint32
	Lives  []Life
}

// Life is what one run is like.
type Life struct {
	Length core.Duration // how long the run goes by itself; Forever: until it is asked to stop
	Exit   core.ExitKind // how it ends then
	Grace  core.Duration // how long it takes to stop when it is asked to; Forever: it does not stop
}

// Workloads returns a generator of one to five tasks for a configuration.
func Workloads(cfg core.Config) *rapid.Generator[[]Workload] {
	life := rapid.Custom(func(t *rapid.T) Life {
		return Life{
			Length: Durations().Draw(t, "length"),
			Exit: rapid.SampledFrom([]core.ExitKind{
				core.ExitError, core.ExitPanic, core.ExitGoexit, core.ExitOK,
			}).Draw(t, "exit"),
			Grace: Durations().Draw(t, "grace"),
		}
	})
	return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) Workload {
		return Workload{
			Policy: core.PolicyID(rapid.IntRange(0, max(0, len(cfg.Policies)-1)).Draw(t, "policy")),
			Key:    rapid.Uint32().Draw(t, "key"),
			Lives:  rapid.SliceOfN(life, 1, 4).Draw(t, "lives"),
		}
	}), 1, 5)
}

// Play returns what happens, in the first so many events, when tasks with these workloads are added to a supervisor
// at instant 0 and it is started. Every run ends as its workload says, every tick comes on time. If all comes to
// rest, the supervisor is shut down.
func Play(cfg core.Config, workloads []Workload, limit int) Case {
	p := player{oracle: oracle.New(cfg), lives: map[core.TaskID][]Life{}}
	for _, w := range workloads {
		if actions := p.step(core.Event{Kind: core.EventAdd, Policy: w.Policy, Key: w.Key}); actions[0].Kind == core.ActionAdd {
			p.lives[actions[0].Task] = w.Lives
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
	ends   []core.Event // the exits to come, in no order
	events []core.Event
}

func (p *player) step(ev core.Event) []core.Action {
	p.events = append(p.events, ev)
	actions := p.oracle.Step(ev)
	for _, a := range actions {
		switch a.Kind {
		case core.ActionStart:
			if life := p.life(a); life.Length != core.Forever {
				p.end(a, life.Length, life.Exit)
			}
		case core.ActionStop:
			if life := p.life(a); life.Grace != core.Forever {
				p.end(a, life.Grace, core.ExitOK)
			}
		case core.ActionNote, core.ActionAdd, core.ActionAbandon, core.ActionForget, core.ActionReject, core.ActionHalt:
		}
	}
	return actions
}

// life is what the run of an action is like.
func (p *player) life(a core.Action) Life {
	lives := p.lives[a.Task]
	return lives[min(int(a.Run), len(lives))-1]
}

// end makes a run end some time after an action, unless it ends before that anyway.
func (p *player) end(a core.Action, in core.Duration, how core.ExitKind) {
	exit := core.Event{At: shifted(a.At, int64(in)), Kind: core.EventExit, Task: a.Task, Run: a.Run, Exit: how}
	for i, other := range p.ends {
		if other.Task == a.Task && other.Run == a.Run {
			if exit.At < other.At {
				p.ends[i] = exit
			}
			return
		}
	}
	p.ends = append(p.ends, exit)
}

// next returns what happens next: the earliest end of a run, or a tick if that is due before.
func (p *player) next() (ev core.Event, ok bool) {
	first := -1
	for i, exit := range p.ends {
		if first < 0 || exit.At < p.ends[first].At {
			first = i
		}
	}
	due, waits := p.oracle.NextDeadline()
	switch {
	case waits && (first < 0 || due <= p.ends[first].At):
		return core.Event{At: due, Kind: core.EventTick}, true
	case first >= 0:
		ev = p.ends[first]
		p.ends = append(p.ends[:first], p.ends[first+1:]...)
		return ev, true
	default:
		return core.Event{}, false
	}
}
