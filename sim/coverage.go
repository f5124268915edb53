package sim

import (
	"github.com/tasksupervisor/tasksupervisor/core"
	"github.com/tasksupervisor/tasksupervisor/sim/workload"
)

// Coverage counts how often each thing happened. The coverage of many simulations can be added up; a count that is
// still zero was never tried.
type Coverage struct {
	Events     [32]uint64                      // by core.EventKind; at 31, all unknown kinds
	Actions    [16]uint64                      // by core.ActionKind
	Reasons    [128]uint64                     // by core.Reason
	Refusals   [64]uint64                      // by core.Refusal
	Exits      [16]uint64                      // by core.ExitKind: ends that led to an action
	Strategies [4]uint64                       // by core.Strategy: supervisors that were started
	Statuses   [16]uint64                      // by core.Status: tasks that were found in it, now and then
	Intents    [16]uint64                      // by core.Intent, likewise
	Waits      [16]uint64                      // by core.Wait, likewise
	Faults     [workload.FaultKindCount]uint64 // by FaultKind: how often it was injected
	Commands   [32]uint64                      // by core.EventKind: commands that operators gave
	Checked    checked                         // by checker, see Checkers: how often it had something to check
	Rare       rare                            // see Rarities: how often it happened

	Sent    signals // what runs reported while they were alive
	Lost    signals // of these, what did not arrive
	Late    signals // what arrived late
	Doubled signals // what arrived once more
	Exact   signals // what arrived when it would be too late, give or take a nanosecond

	Unanswered   uint64 // probes that were not answered in time
	Declared     uint64 // needs that a supervisor was told of when a task was added
	Outages      uint64 // outages that began
	TakenDown    uint64 // runs that an outage or a storm ended or cut short
	Missed       uint64 // runs that ended, or failed to start, for want of the task they need
	Asked        uint64 // runs that asked for a delay when they ended
	Scripted     uint64 // runs that followed a script
	IgnoredStops uint64 // runs that would ignore their stop
	Replaced     uint64 // runs that were started beside an abandoned one
	LeftBehind   uint64 // tasks that were added while runs of theirs were alive that a former supervisor left behind
	Supervisors  uint64 // supervisors below others that were started
	Settled      uint64 // tasks that were waiting, starting or stopping when the faults were switched off, and came to rest
	Shutdowns    uint64 // supervisors that were shut down at the end, and halted
}

// signals counts what runs report, by kind: that they are ready, beats, answers to probes, and that they are
// not ready any more.
type signals [4]uint64

func (s *signals) count(kind core.EventKind) { s[kind-core.EventReady]++ }

// Add adds what another simulation covered.
func (c *Coverage) Add(other *Coverage) {
	add(c.Events[:], other.Events[:])
	add(c.Actions[:], other.Actions[:])
	add(c.Reasons[:], other.Reasons[:])
	add(c.Refusals[:], other.Refusals[:])
	add(c.Exits[:], other.Exits[:])
	add(c.Strategies[:], other.Strategies[:])
	add(c.Statuses[:], other.Statuses[:])
	add(c.Intents[:], other.Intents[:])
	add(c.Waits[:], other.Waits[:])
	add(c.Faults[:], other.Faults[:])
	add(c.Commands[:], other.Commands[:])
	add(c.Checked[:], other.Checked[:])
	add(c.Rare[:], other.Rare[:])
	add(c.Sent[:], other.Sent[:])
	add(c.Lost[:], other.Lost[:])
	add(c.Late[:], other.Late[:])
	add(c.Doubled[:], other.Doubled[:])
	add(c.Exact[:], other.Exact[:])
	c.Unanswered += other.Unanswered
	c.Declared += other.Declared
	c.Outages += other.Outages
	c.TakenDown += other.TakenDown
	c.Missed += other.Missed
	c.Asked += other.Asked
	c.Scripted += other.Scripted
	c.IgnoredStops += other.IgnoredStops
	c.Replaced += other.Replaced
	c.LeftBehind += other.LeftBehind
	c.Supervisors += other.Supervisors
	c.Settled += other.Settled
	c.Shutdowns += other.Shutdowns
}

func add(to, from []uint64) {
	for i := range to {
		to[i] += from[i]
	}
}

// Missing names what never happened, of all that a swarm of simulations must have tried.
func (c *Coverage) Missing() []string {
	var missing []string
	need := func(count uint64, what string) {
		if count == 0 {
			missing = append(missing, what)
		}
	}
	for kind := range core.ValuesFrom(core.EventTick) {
		need(c.Events[kind], "event "+kind.String())
	}
	need(c.Events[len(c.Events)-1], "event of an unknown kind")
	for kind := range core.ValuesFrom(core.ActionTransition) {
		need(c.Actions[kind], "action "+kind.String())
	}
	for why := range core.ValuesFrom(core.ReasonAdded) {
		need(c.Reasons[why], "reason "+why.String())
	}
	for refusal := range core.ValuesFrom(core.RefusalUnknownEvent) {
		need(c.Refusals[refusal], "refusal "+refusal.String())
	}
	for exit := range core.ValuesFrom(core.ExitOK) {
		need(c.Exits[exit], "exit "+exit.String())
	}
	for strategy := range core.ValuesFrom(core.OneForOne) {
		need(c.Strategies[strategy], "strategy "+strategy.String())
	}
	for status := range core.ValuesFrom(core.StatusCreated) {
		need(c.Statuses[status], "status "+status.String())
	}
	for intent := range core.ValuesFrom(core.IntentRestart) {
		need(c.Intents[intent], "intent "+intent.String())
	}
	for wait := range core.ValuesFrom(core.WaitSupervisor) {
		need(c.Waits[wait], "wait for "+wait.String())
	}
	for kind := range workload.FaultKindCount {
		need(c.Faults[kind], "fault "+kind.String())
	}
	for _, command := range workload.Commands() {
		need(c.Commands[command], "command "+command.String())
	}
	for i, name := range Checkers() {
		need(c.Checked[i], "check of "+name)
	}
	for i, name := range Rarities() {
		need(c.Rare[i], name)
	}
	for i, signal := range [...]string{"ready", "beat", "answer to a probe", "unready"} {
		need(c.Sent[i], signal)
		need(c.Lost[i], "lost "+signal)
		need(c.Late[i], "late "+signal)
		need(c.Doubled[i], "double "+signal)
		need(c.Exact[i], "exact "+signal)
	}
	need(c.Unanswered, "probe without an answer")
	need(c.Declared, "declared need")
	need(c.Outages, "outage")
	need(c.TakenDown, "run taken down")
	need(c.Missed, "run without the task it needs")
	need(c.Asked, "run that asked for a delay")
	need(c.Scripted, "scripted run")
	need(c.IgnoredStops, "run that ignores its stop")
	need(c.Replaced, "run beside an abandoned one")
	need(c.LeftBehind, "task with a run that was left behind")
	need(c.Supervisors, "supervisor below another")
	need(c.Settled, "task that came to rest")
	need(c.Shutdowns, "shutdown at the end")
	return missing
}

func (c *Coverage) event(kind core.EventKind) {
	c.Events[min(int(kind), len(c.Events)-1)]++
}

func (c *Coverage) action(a *core.Action) {
	c.Actions[min(int(a.Kind), len(c.Actions)-1)]++
	c.Reasons[min(int(a.Why), len(c.Reasons)-1)]++
	c.Refusals[min(int(a.Refusal), len(c.Refusals)-1)]++
	c.Exits[min(int(a.Exit), len(c.Exits)-1)]++
}

// status counts what there is to know of a task.
func (c *Coverage) status(s *core.TaskStatus) {
	c.Statuses[s.Status]++
	c.Intents[s.Intent]++
	c.Waits[s.Wait]++
}

func (c *Coverage) supervisor(depth int, strategy core.Strategy) {
	c.Strategies[strategy]++
	if depth > 0 {
		c.Supervisors++
	}
}
