package sim

import (
	"math"

	"github.com/tasksupervisor/tasksupervisor/core"
	"github.com/tasksupervisor/tasksupervisor/sim/workload"
)

// Simulation is a simulation in progress that can be inspected between its steps. Most programs need only [Run]. It is
// not safe for concurrent use.
type Simulation struct {
	world   workload.World
	options options
	plan    *plan

	now          core.Instant  // virtual time, from 0
	skew         core.Duration // what the supervisor's clock shows besides
	stalledUntil core.Instant
	phase        phase
	phaseEnd     core.Instant
	maxSteps     uint64 // what Result.Steps may come to in this phase
	looks        uint64 // how often the simulation has asked itself whether to end early
	lastStep     uint64 // no step after this one is taken at all

	nodes       []node // supervisors; 0 is the one at the top
	freeNodes   []uint32
	pending     []pending // what is going to happen
	freePending uint32
	reporting   uint32 // the pending one whose run's end is being reported, or none
	queue       queue  // of items
	wakes       queue  // of nodes
	ties        uint32
	recurrences []recurring

	suites      suites
	faults      [workload.FaultKindCount][]fault
	outages     []outage
	actions     []core.Action
	givenPolicy core.PolicyID // the policy that the current event gives a task
	copy        core.Machine  // of a supervisor that is forked
	chosen      []core.TaskID
	dependents  []uint32        // runs that lose the task they need
	draws       workload.Random // of the run that is being started
	snapshot    []byte
	unsettled   uint64 // tasks that were not at rest when the faults were switched off

	result Result
}

// phase is how far a simulation has come.
type phase uint8

const (
	phaseSafety   phase = iota // everything can happen
	phaseLiveness              // faults are off; all must come to rest
	phaseShutdown              // the supervisor was shut down; it must halt
	phaseDone
)

// New returns a simulation before its first step. The error is a [*workload.Error].
func New(world workload.World, options ...Option) (*Simulation, error) {
	return newSimulation(world, optionsOf(options))
}

func newSimulation(world workload.World, options options) (*Simulation, error) {
	plan, err := newPlan(&world)
	if err != nil {
		return nil, err
	}
	if world.For == 0 {
		world.For = workload.DefaultFor
	}
	s := &Simulation{
		world:       world,
		options:     options,
		plan:        plan,
		skew:        core.Duration(world.Origin),
		phaseEnd:    core.Instant(world.For),
		maxSteps:    world.MaxSteps,
		lastStep:    math.MaxUint64,
		freePending: none, reporting: none,
		result: Result{Seed: world.Seed},
	}
	if s.maxSteps == 0 {
		s.maxSteps = math.MaxUint64
	}
	s.scheduleRecurring()
	s.begin(s.newNode(0, "", none))
	return s, nil
}

// Run simulates a world. The error is a [*workload.Error] if the world is not valid. A violation is no error: it is in
// [Result.Violation].
func Run(world workload.World, options ...Option) (*Result, error) {
	s, err := New(world, options...)
	if err != nil {
		return nil, err
	}
	for s.Next() {
	}
	result := s.Result()
	if result.Violation != nil {
		result.Violation.explain(world, s.options)
	}
	return result, nil
}

// Next carries out the next occurrence. It returns false at the end of the simulation.
func (s *Simulation) Next() bool {
	for {
		if s.result.Violation != nil || s.interrupted() {
			s.finish()
		}
		if s.phase == phaseDone {
			return false
		}
		wake, due := s.wakes.next(), s.queue.next()
		if at := min(wake, due); at <= s.phaseEnd && at != core.Never && s.result.Steps < s.maxSteps {
			if wake < due || wake == due && s.tickGoesFirst() {
				s.moveTo(wake)
				s.tick(s.wakes.first())
			} else {
				s.moveTo(due)
				s.dispatch(s.queue.first())
			}
			return true
		}
		if s.result.Steps < s.maxSteps {
			s.moveTo(s.phaseEnd)
		}
		s.endPhase()
	}
}

// interrupted reports whether the simulation is to end early. It seldom looks.
func (s *Simulation) interrupted() bool {
	const seldom = 1 << 10
	if s.options.until == nil {
		return false
	}
	s.looks++
	if s.looks%seldom != 1 {
		return false
	}
	select {
	case <-s.options.until:
		return true
	default:
		return false
	}
}

// Now returns the virtual time since the beginning.
func (s *Simulation) Now() core.Duration { return core.Duration(s.now) }

// Machine returns the supervisor at the top. It must not be changed.
func (s *Simulation) Machine() *core.Machine { return s.nodes[0].machine }

// Result returns what has happened so far.
func (s *Simulation) Result() *Result {
	result := s.result
	result.Coverage.Checked, result.Coverage.Rare = s.suites.count()
	result.Elapsed = s.Now()
	if s.phase == phaseSafety {
		result.observe(s.Machine())
	}
	return &result
}

func (s *Simulation) moveTo(at core.Instant) { s.now = max(s.now, at, s.stalledUntil) }

// finish ends the simulation where it is.
func (s *Simulation) finish() {
	if s.phase == phaseSafety {
		s.result.observe(s.Machine())
		s.endOutages()
	}
	s.phase = phaseDone
}

// reading is what the supervisor's clock shows.
func (s *Simulation) reading() core.Instant { return s.now + core.Instant(s.skew) }

// virtual is when the supervisor's clock will show an instant. It saturates.
func (s *Simulation) virtual(at core.Instant) core.Instant {
	if at == core.Never || s.skew < 0 && at > core.Never+core.Instant(s.skew) {
		return core.Never
	}
	return max(s.now, at-core.Instant(s.skew))
}

// later is the virtual time after d.
func (s *Simulation) later(d core.Duration) core.Instant { return after(s.now, d) }

// after is the instant after d. It saturates. Virtual time is not negative.
func after(at core.Instant, d core.Duration) core.Instant {
	if d >= core.Forever-core.Duration(at) {
		return core.Never
	}
	return at + core.Instant(d)
}

// tie orders what happens at the same instant: as it was planned, or at random if that fault is on.
func (s *Simulation) tie() uint32 {
	if len(s.faults[workload.ShuffledTies]) > 0 && s.phase == phaseSafety {
		return uint32(s.faults[workload.ShuffledTies][0].random.Uint64())
	}
	s.ties++
	return s.ties
}

func (s *Simulation) tickGoesFirst() bool {
	if len(s.faults[workload.ShuffledTies]) == 0 || s.phase != phaseSafety {
		return true
	}
	f := &s.faults[workload.ShuffledTies][0]
	if f.random.Uint64()&1 == 0 {
		return true
	}
	s.result.Coverage.Faults[workload.ShuffledTies]++
	return false
}

// tick wakes a supervisor up.
func (s *Simulation) tick(n uint32) {
	s.nodes[n].deadline = core.Never
	s.wakes.drop(n)
	s.feed(n, core.Event{Kind: core.EventTick}, "")
}

// feed gives a supervisor an event, and carries out its decisions.
func (s *Simulation) feed(n uint32, ev core.Event, name string) {
	if s.result.Violation != nil || s.result.Steps >= s.lastStep {
		return
	}
	node := &s.nodes[n]
	ev.At = s.reading()
	s.givenPolicy = ev.Policy
	if node.resumed && (ev.Kind == core.EventAdd || ev.Kind == core.EventPolicy) {
		ev.Policy = node.define(&s.plan.supervisors[node.plan].policies[ev.Policy])
	}
	switch {
	case node.recorder == nil:
		s.actions = node.machine.Step(s.actions[:0], ev)
	case ev.Kind == core.EventAdd:
		s.actions = node.recorder.Add(s.actions[:0], name, ev)
	default:
		s.actions = node.recorder.Step(s.actions[:0], ev)
	}
	s.result.Steps++
	s.result.Coverage.event(ev.Kind)
	s.result.Digest = digest(s.result.Digest, n, &ev, s.actions)
	for i := range s.actions {
		s.carryOut(n, &s.actions[i])
	}
	s.rearm(n)
	if s.nodes[n].watched {
		s.watch(n, &ev, name)
	}
}

// windDown ends the first phase soon after the supervisor at the top has halted, because from then on it only rejects.
func (s *Simulation) windDown() {
	const some = 20
	if s.phase == phaseSafety {
		s.maxSteps = min(s.maxSteps, s.result.Steps+some)
	}
}

// rearm plans the supervisor's next wake-up, if it has moved.
func (s *Simulation) rearm(n uint32) {
	node := &s.nodes[n]
	deadline, _ := node.machine.NextDeadline()
	if deadline == node.deadline {
		return
	}
	if deadline <= node.machine.Now() {
		s.fail(n, "wake-up", errDueTimer)
	}
	node.deadline = deadline
	wake := s.virtual(deadline)
	if wake != core.Never {
		if f := s.inject(workload.LateTick); f != nil {
			wake += core.Instant(min(f.By.Draw(&f.random), core.Duration(core.Never-wake)/2))
		}
	}
	s.wakes.set(n, wake, s.tie())
}
