package sim

import (
	"github.com/tasksupervisor/tasksupervisor/core"
	"github.com/tasksupervisor/tasksupervisor/sim/internal/draw"
	"github.com/tasksupervisor/tasksupervisor/sim/workload"
)

// startSignals gives a run a signaler, if it has anything to emit of its own accord.
func (s *Simulation) startSignals(number uint32, policy *core.Policy) {
	run := &s.pending[number]
	event := core.EventBeat
	switch {
	case policy.Readiness:
		event = core.EventReady
	case s.phase != phaseSafety && policy.Watchdog == 0, s.phase == phaseSafety && !emits(run.script):
		return
	}
	signaler, it := s.newPending()
	run = &s.pending[number] // there may be new room for items
	*it = pending{
		kind: pendingSignaler, event: event, signaler: number, node: run.node, task: run.task, run: run.run, script: run.script, began: run.began,
		hangs: run.hangs, seed: draw.Mix(run.seed),
	}
	run.signaler = signaler
	s.scheduleSignal(signaler)
}

// emits reports whether a run that follows the script emits signals unasked.
func emits(script *workload.RunScript) bool { return script.Sequence != nil || script.Beats.IsSet() }

// afterwards returns what a run that follows a script emits after a signal.
func afterwards(signal core.EventKind, script *workload.RunScript) core.EventKind {
	switch {
	case !script.Wavers.IsSet(), signal == core.EventBeat:
		return core.EventBeat
	case signal == core.EventReady:
		return core.EventUnready
	}
	return core.EventReady
}

// nextInSequence moves on to the next signal of a sequence, and returns when it is due.
func (it *pending) nextInSequence() core.Instant {
	sequence := it.script.Sequence
	for int(it.serial) < len(sequence) && sequence[it.serial].Event == core.EventProbe {
		it.serial++
	}
	if int(it.serial) == len(sequence) {
		return core.Never
	}
	it.event = sequence[it.serial].Event
	return after(it.began, sequence[it.serial].After) // the queue takes what is past as now
}

// answer returns how a run answers a probe, so long after its start.
func (it *pending) answer(since core.Duration) (takes core.Duration, exit core.ExitKind) {
	if it.script.Sequence == nil {
		var r workload.Random
		r.Stream(it.seed, ^uint64(it.serial))
		takes, exit = it.script.Answers.Draw(&r), core.ExitOK
		if r.Chance(it.script.FailsProbe) {
			exit = core.ExitError
		}
		return takes, exit
	}
	exit = core.ExitOK
	for _, signal := range it.script.Sequence {
		if signal.Event == core.EventProbe && signal.After <= since {
			takes, exit = signal.Takes, signal.Exit
		}
	}
	return takes, exit
}

// scheduleSignal plans when a signaler emits its next signal.
func (s *Simulation) scheduleSignal(signaler uint32) {
	it := &s.pending[signaler]
	if s.phase != phaseSafety {
		s.queue.set(signaler, s.now, s.tie())
		return
	}
	var r workload.Random
	r.Stream(it.seed, uint64(it.serial))
	var at core.Instant
	switch {
	case it.script.Sequence != nil:
		at = it.nextInSequence()
	case it.event == core.EventReady && it.serial == 0:
		at = s.later(it.script.Ready.Draw(&r))
	case it.event == core.EventReady:
		at = s.later(it.script.Recovers.Draw(&r))
	case it.event == core.EventUnready:
		at = s.later(it.script.Wavers.Draw(&r))
	case it.script.Beats.IsSet():
		at = s.later(max(1, it.script.Beats.Draw(&r)))
	default:
		at = core.Never
	}
	at = s.atDeadline(at, it)
	if it.serial > 0 && it.script.Sequence == nil {
		at = max(at, s.now+1)
	}
	if at < it.hangs {
		s.queue.set(signaler, at, s.tie())
	} else {
		s.queue.drop(signaler)
	}
}

// atDeadline moves a signal to the deadline of the task's status, if that fault is injected.
func (s *Simulation) atDeadline(at core.Instant, it *pending) core.Instant {
	if at == core.Never {
		return at
	}
	f := s.inject(workload.ExactSignal)
	if f == nil {
		return at
	}
	status, _ := s.nodes[it.node].machine.Status(it.task)
	until := s.virtual(status.Until)
	if until == core.Never || until <= s.now {
		return at
	}
	s.result.Coverage.Exact.count(it.event)
	return s.around(until, &f.random)
}

// emit emits the signal that is due. With the faults off, it emits all that the run has left at once: that it is ready,
// and that no more beats are due.
func (s *Simulation) emit(signaler uint32) {
	it := &s.pending[signaler]
	message := pending{kind: pendingMessage, event: it.event, node: it.node, task: it.task, run: it.run}
	if run := &s.pending[it.signaler]; it.event == core.EventReady {
		run.ready = true
	} else if it.event == core.EventUnready {
		run.ready = false
	}
	if s.phase != phaseSafety {
		s.queue.drop(signaler)
		message.event = core.EventReady
		s.feed(message.node, message.message(), "")
		message.event, message.within = core.EventBeat, core.Forever
		s.feed(message.node, message.message(), "")
		return
	}
	if it.script.Sequence != nil {
		message.within = it.script.Sequence[it.serial].Within
	} else if it.event == core.EventBeat && it.script.Within.IsSet() {
		var r workload.Random
		r.Stream(it.seed, ^uint64(it.serial))
		message.within = it.script.Within.Draw(&r)
	}
	it.event = afterwards(it.event, it.script)
	it.serial++
	s.scheduleSignal(signaler)
	if at := s.deliveryTime(&message, s.now); at == s.now {
		s.feed(message.node, message.message(), "")
	} else {
		s.post(&message, at)
	}
}

// stopSignals ends a run's signaler.
func (s *Simulation) stopSignals(number uint32) {
	if signaler := s.pending[number].signaler; signaler != none {
		s.pending[number].signaler = none
		s.release(signaler)
	}
}

// probe schedules a run's answer to a probe.
func (s *Simulation) probe(n uint32, a *core.Action) {
	number := s.nodes[n].tasks[a.Task.Slot()].current
	if number == none || s.pending[number].run != a.Run {
		s.fail(n, "world", errNoRun)
		return
	}
	it := &s.pending[number]
	if number == s.reporting || it.kind != pendingRun && it.kind != pendingSupervisor || s.now >= it.hangs {
		return
	}
	it.serial++
	answer := pending{event: core.EventProbe, exit: core.ExitOK, node: n, task: a.Task, run: a.Run, serial: it.serial}
	if s.phase != phaseSafety {
		s.post(&answer, s.now)
		return
	}
	takes, exit := it.answer(core.Duration(s.now - it.began))
	answer.exit = exit
	at := s.later(takes)
	if a.Until != core.Never && at >= s.virtual(a.Until) {
		s.result.Coverage.Unanswered++
	}
	s.post(&answer, s.deliveryTime(&answer, s.atDeadline(at, &answer)))
}

// deliveryTime returns when a signal arrives, which faults may delay, repeat or prevent.
func (s *Simulation) deliveryTime(signal *pending, at core.Instant) core.Instant {
	if at == core.Never {
		return at
	}
	coverage := &s.result.Coverage
	coverage.Sent.count(signal.event)
	if s.inject(workload.LostSignal) != nil {
		coverage.Lost.count(signal.event)
		return core.Never
	}
	if f := s.inject(workload.LateSignal); f != nil {
		coverage.Late.count(signal.event)
		at = after(at, f.By.Draw(&f.random))
	}
	if f := s.inject(workload.DoubleSignal); f != nil {
		coverage.Doubled.count(signal.event)
		echo := *signal
		echo.serial = 0
		by := f.By.Draw(&f.random)
		s.post(&echo, after(at, by))
		if signal.event == core.EventReady && by > 1 { // it comes again because the run was not ready meanwhile
			echo.event = core.EventUnready
			s.post(&echo, after(at, by/2))
		}
	}
	return at
}

// outdated reports whether a message answers a probe of a run that has been probed again since: a driver drops it.
func (s *Simulation) outdated(message *pending) bool {
	if message.event != core.EventProbe || message.serial == 0 {
		return false
	}
	number := s.nodes[message.node].tasks[message.task.Slot()].current
	return number != none && s.pending[number].run == message.run && s.pending[number].serial != message.serial
}

// post schedules the arrival of a message.
func (s *Simulation) post(message *pending, at core.Instant) {
	if at == core.Never {
		return
	}
	number, it := s.newPending()
	*it = *message
	it.kind, it.life = pendingMessage, s.nodes[message.node].life
	s.queue.set(number, at, s.tie())
}
