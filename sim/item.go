package sim

import "github.com/tasksupervisor/tasksupervisor/core"

// item is something that is going to happen: in most cases, the end of a run.
type item struct {
	seed   uint64  // of the draws of this run, or of its voice
	course *Course // what the run says
	began  core.Instant
	hangs  core.Instant
	task   core.TaskID
	stops  core.Duration
	within core.Duration // of a beat that is on its way
	run    core.Run
	node   uint32 // the supervisor it concerns
	life   uint32 // which life of it: a supervisor's place is used again when it is gone
	below  uint32 // a run that is a supervisor: which one
	group  int32
	next   uint32 // the next free item
	voice  uint32 // a run: its voice, or noItem; a voice: its run
	said   uint32 // how often the voice spoke or the run was probed, or which probe a message answers
	kind   itemKind
	event  core.EventKind // what a message tells, or the voice says next
	exit   core.ExitKind
	asked  bool // the run was asked to stop
	begun  bool // the supervisor that the run is has begun
}

type itemKind uint8

const (
	itemFree        itemKind = iota
	itemRun                  // a run is alive, and ends then
	itemSupervisor           // a run that is a supervisor is alive, and begins or is asked to stop then
	itemEnding               // a run that is a supervisor ends then
	itemReport               // a run has ended, and its end is reported then
	itemVoice                // a run that is alive says something then
	itemMessage              // the supervisor is told something then
	itemAppointment          // run is the index of an appointment
)

const noItem = ^uint32(0)

func (s *Simulation) newItem() (uint32, *item) {
	if number := s.freeItem; number != noItem {
		s.freeItem = s.items[number].next
		return number, &s.items[number]
	}
	s.items = append(s.items, item{})
	s.queue.room(len(s.items))
	return uint32(len(s.items) - 1), &s.items[len(s.items)-1]
}

func (s *Simulation) release(number uint32) {
	s.queue.drop(number)
	s.items[number].kind = itemFree
	s.items[number].next = s.freeItem
	s.freeItem = number
}

// happen lets an item happen.
func (s *Simulation) happen(number uint32) {
	it := &s.items[number]
	switch it.kind {
	case itemRun, itemEnding:
		if s.mayStrike(LateExit) && s.delayReport(number) {
			return
		}
		s.report(number)
	case itemReport:
		s.report(number)
	case itemSupervisor:
		s.direct(number)
	case itemVoice:
		s.speak(number)
	case itemMessage:
		message := *it
		s.release(number)
		if s.nodes[message.node].life == message.life && !s.outdated(&message) {
			s.feed(message.node, message.message(), "")
		}
	case itemAppointment:
		s.keep(int(it.run), number)
	case itemFree:
		panic("sim: nothing was due")
	}
}

// message is the event that a message is.
func (it *item) message() core.Event {
	return core.Event{Kind: it.event, Task: it.task, Run: it.run, Exit: it.exit, Within: it.within}
}

// direct begins the supervisor that a run is, or shuts it down.
func (s *Simulation) direct(number uint32) {
	it := &s.items[number]
	s.queue.drop(number)
	if it.begun {
		s.feed(it.below, core.Event{Kind: core.EventShutdown}, "")
		return
	}
	it.begun = true
	if it.asked {
		s.queue.set(number, s.now, s.tie()) // it was asked to stop before it could begin
	}
	s.begin(it.below)
}

// delayReport has the end of a run reported later, if that fault strikes.
func (s *Simulation) delayReport(number uint32) bool {
	f := s.strike(LateExit)
	if f == nil {
		return false
	}
	s.items[number].kind = itemReport
	s.silence(number)
	s.queue.set(number, s.later(f.By.draw(&f.random)), s.tie())
	return true
}

// report tells the supervisor that a run has ended.
func (s *Simulation) report(number uint32) {
	s.silence(number)
	ended := s.items[number]
	if ended.below != 0 {
		s.nodes[ended.below].over = true
		s.bury(ended.below)
	}
	if s.mayStrike(DoubleExit) {
		if f := s.strike(DoubleExit); f != nil {
			s.post(&item{event: core.EventExit, node: ended.node, task: ended.task, run: ended.run, exit: ended.exit},
				s.later(f.By.draw(&f.random)))
		}
	}
	if s.phase == phaseSafety && len(s.plan.groups[ended.group].neededBy) > 0 {
		s.lose(&ended)
	}
	// Timers that are due may fire before the end is taken note of: until then it counts as alive.
	s.reporting = number
	s.feed(ended.node, core.Event{Kind: core.EventExit, Task: ended.task, Run: ended.run, Exit: ended.exit}, "")
	s.reporting = noItem
	if book := &s.nodes[ended.node].tasks[ended.task.Slot()]; book.current == number {
		book.current = noItem
	}
	s.release(number)
	if s.nodes[ended.node].over {
		s.bury(ended.node)
	}
}

// bury frees the place of a supervisor whose end was reported, when the last run it left behind is gone, too.
func (s *Simulation) bury(n uint32) {
	node := &s.nodes[n]
	if node.machine.Counts().LeftBehind > 0 {
		return
	}
	node.used, node.over = false, false
	node.life++
	if node.suite != nil {
		s.suites.give(node.suite)
		node.suite = nil
	}
	s.wakes.drop(n)
	s.freeNodes = append(s.freeNodes, n)
}
