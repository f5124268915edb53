package sim

import (
	"github.com/tasksupervisor/tasksupervisor/core"
	"github.com/tasksupervisor/tasksupervisor/sim/workload"
)

// pending is something that is going to happen: in most cases, the end of a run.
type pending struct {
	seed     uint64              // of the draws of this run, or of its signals
	script   *workload.RunScript // what the run does
	began    core.Instant
	hangs    core.Instant
	task     core.TaskID
	stops    core.Duration
	within   core.Duration // of a beat that is on its way
	asks     core.Duration // the delay before its restart that the run asks for when it ends
	run      core.Run
	node     uint32 // the supervisor it concerns
	life     uint32 // which supervisor in that place: a place is used again after its supervisor's end
	child    uint32 // a run that is a supervisor: which one
	group    int32
	next     uint32 // the next free one
	signaler uint32 // a run: its signaler, or none; a signaler: its run
	serial   uint32 // how many signals were emitted, how often the run was probed, or which probe a message answers
	kind     pendingKind
	event    core.EventKind // the event of a message, or the next one of a signaler
	exit     core.ExitKind
	asked    bool // the run was asked to stop
	ready    bool // the run is ready, whether or not its supervisor has heard of it
	begun    bool // the supervisor that the run is has begun
	resumed  bool // the run was alive when the simulation began
}

type pendingKind uint8

const (
	pendingFree       pendingKind = iota
	pendingRun                    // a run is alive, and ends then
	pendingSupervisor             // a run that is a supervisor is alive, and begins or is asked to stop then
	pendingHalt                   // a run that is a supervisor ends then
	pendingReport                 // a run has ended, and its end is reported then
	pendingSignaler               // a run that is alive emits a signal then
	pendingMessage                // the supervisor is given an event then
	pendingRecurring              // run is the index of a recurring one
)

const none = ^uint32(0)

func (s *Simulation) newPending() (uint32, *pending) {
	if number := s.freePending; number != none {
		s.freePending = s.pending[number].next
		return number, &s.pending[number]
	}
	if len(s.pending) > numberMask {
		panic("sim: more things are pending than a simulation can hold")
	}
	s.pending = append(s.pending, pending{})
	return uint32(len(s.pending) - 1), &s.pending[len(s.pending)-1]
}

func (s *Simulation) release(number uint32) {
	s.queue.drop(number)
	s.pending[number].kind = pendingFree
	s.pending[number].next = s.freePending
	s.freePending = number
}

// dispatch carries out the pending entry that is due.
func (s *Simulation) dispatch(number uint32) {
	it := &s.pending[number]
	switch it.kind {
	case pendingRun, pendingHalt:
		if s.delayReport(number) {
			return
		}
		s.report(number)
	case pendingReport:
		s.report(number)
	case pendingSupervisor:
		s.steerChild(number)
	case pendingSignaler:
		s.emit(number)
	case pendingMessage:
		message := *it
		s.release(number)
		if s.nodes[message.node].life == message.life && !s.outdated(&message) {
			s.feed(message.node, message.message(), "")
		}
	case pendingRecurring:
		s.fire(int(it.run), number)
	case pendingFree:
		panic("sim: a free place is due")
	}
}

// message returns the event of a message.
func (it *pending) message() core.Event {
	return core.Event{Kind: it.event, Task: it.task, Run: it.run, Exit: it.exit, Within: it.within, Delay: it.asks}
}

// steerChild begins the supervisor that a run is, or shuts it down.
func (s *Simulation) steerChild(number uint32) {
	it := &s.pending[number]
	s.queue.drop(number)
	if it.begun {
		s.feed(it.child, core.Event{Kind: core.EventShutdown}, "")
		return
	}
	it.begun = true
	if it.asked {
		s.queue.set(number, s.now, s.tie()) // it was asked to stop before it could begin
	}
	s.begin(it.child)
}

// delayReport has the end of a run reported later, if that fault is injected.
func (s *Simulation) delayReport(number uint32) bool {
	f := s.inject(workload.LateExit)
	if f == nil {
		return false
	}
	s.pending[number].kind = pendingReport
	s.stopSignals(number)
	s.queue.set(number, s.later(f.By.Draw(&f.random)), s.tie())
	return true
}

// report tells the supervisor that a run has ended.
func (s *Simulation) report(number uint32) {
	s.stopSignals(number)
	ended := s.pending[number]
	if ended.child != 0 {
		s.nodes[ended.child].ended = true
		s.reap(ended.child)
	}
	if f := s.inject(workload.DoubleExit); f != nil {
		s.post(&pending{event: core.EventExit, node: ended.node, task: ended.task, run: ended.run, exit: ended.exit, asks: ended.asks},
			s.later(f.By.Draw(&f.random)))
	}
	if ended.asks > 0 {
		s.result.Coverage.Asked++
	}
	dependents := s.dependentsOf(&ended)
	// Timers that are due fire before the supervisor sees the end: until then the run counts as alive.
	s.reporting = number
	s.feed(ended.node, core.Event{Kind: core.EventExit, Task: ended.task, Run: ended.run, Exit: ended.exit, Delay: ended.asks}, "")
	s.reporting = none
	s.reportToHeirs(&ended)
	s.failDependents(&ended, dependents)
	if task := &s.nodes[ended.node].tasks[ended.task.Slot()]; task.current == number {
		task.current = none
	}
	s.release(number)
	if s.nodes[ended.node].ended {
		s.reap(ended.node)
	}
}

// reportToHeirs tells the supervisors that came after the one of a run, and were told that they have to wait for it, that it has
// ended. Others may have a run of that number themselves.
func (s *Simulation) reportToHeirs(ended *pending) {
	index := s.nodes[ended.node].tasks[ended.task.Slot()].index
	for heir := s.nodes[ended.node].heir; s.exists(heir); heir = s.nodes[heir.node].heir {
		if id := s.nodes[heir.node].member(ended.group, index); id != 0 && s.nodes[heir.node].tasks[id.Slot()].inherits(ended.run) {
			s.feed(heir.node, core.Event{Kind: core.EventExit, Task: id, Run: ended.run, Exit: ended.exit, Delay: ended.asks}, "")
		}
		if s.nodes[heir.node].ended {
			defer s.reap(heir.node)
		}
	}
}

// reap frees the place of a supervisor whose end was reported, once the last run that it left behind has ended, too.
func (s *Simulation) reap(n uint32) {
	node := &s.nodes[n]
	if node.machine.Counts().LeftBehind > 0 {
		return
	}
	node.used, node.ended = false, false
	node.life++
	if node.suite != nil {
		s.suites.give(node.suite)
		node.suite = nil
	}
	s.wakes.drop(n)
	s.freeNodes = append(s.freeNodes, n)
}
