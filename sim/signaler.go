package sim

import (
	"github.com/tasksupervisor/tasksupervisor/core"
	"github.com/tasksupervisor/tasksupervisor/sim/internal/draw"
	"github.com/tasksupervisor/tasksupervisor/sim/workload"
)

// startSignals has a run say while it is alive what its signals are.
func (s *Simulation) startSignals(number uint32, policy *core.Policy) {
	run := &s.pending[number]
	event := core.EventBeat
	switch {
	case policy.Readiness:
		event = core.EventReady
	case s.phase != phaseSafety && policy.Watchdog == 0, s.phase == phaseSafety && !emits(run.script):
		return
	}
	voice, it := s.newPending()
	run = &s.pending[number] // there may be new room for items
	*it = pending{
		kind: pendingSignaler, event: event, signaler: number, node: run.node, task: run.task, run: run.run, script: run.script, began: run.began,
		hangs: run.hangs, seed: draw.Mix(run.seed),
	}
	run.signaler = voice
	s.scheduleSignal(voice)
}

// emits tells whether a run that follows the course says anything of its own accord.
func emits(script *workload.RunScript) bool { return script.Sequence != nil || script.Beats.IsSet() }

// nextInSequence takes up what the voice says next, word by word, and returns when.
func (it *pending) nextInSequence() core.Instant {
	told := it.script.Sequence
	for int(it.serial) < len(told) && told[it.serial].Event == core.EventProbe {
		it.serial++
	}
	if int(it.serial) == len(told) {
		return core.Never
	}
	it.event = told[it.serial].Event
	return after(it.began, told[it.serial].After) // the queue takes what is past as now
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
	for _, told := range it.script.Sequence {
		if told.Event == core.EventProbe && told.After <= since {
			takes, exit = told.Takes, told.Exit
		}
	}
	return takes, exit
}

// scheduleSignal plans what a voice says next.
func (s *Simulation) scheduleSignal(voice uint32) {
	it := &s.pending[voice]
	if s.phase != phaseSafety {
		s.queue.set(voice, s.now, s.tie())
		return
	}
	var r workload.Random
	r.Stream(it.seed, uint64(it.serial))
	var at core.Instant
	switch {
	case it.script.Sequence != nil:
		at = it.nextInSequence()
	case it.event == core.EventReady:
		at = s.later(it.script.Ready.Draw(&r))
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
		s.queue.set(voice, at, s.tie())
	} else {
		s.queue.drop(voice)
	}
}

// atDeadline moves a signal to the end of the task's status, if that fault strikes.
func (s *Simulation) atDeadline(at core.Instant, it *pending) core.Instant {
	if at == core.Never {
		return at
	}
	f := s.injected(workload.ExactSignal)
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

// emit has a voice say what it has to say. When the faults are off, that is all there is to say at once: that the run
// is ready, and that it will not beat any more.
func (s *Simulation) emit(voice uint32) {
	it := &s.pending[voice]
	message := pending{kind: pendingMessage, event: it.event, node: it.node, task: it.task, run: it.run}
	if s.phase != phaseSafety {
		s.queue.drop(voice)
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
	it.event = core.EventBeat
	it.serial++
	s.scheduleSignal(voice)
	if at := s.deliveryTime(&message, s.now); at == s.now {
		s.feed(message.node, message.message(), "")
	} else {
		s.post(&message, at)
	}
}

// stopSignals ends a run's voice.
func (s *Simulation) stopSignals(number uint32) {
	if voice := s.pending[number].signaler; voice != none {
		s.pending[number].signaler = none
		s.release(voice)
	}
}

// probe has a run answer a probe.
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

// deliveryTime returns when a signal arrives, after the faults had their way with it.
func (s *Simulation) deliveryTime(signal *pending, at core.Instant) core.Instant {
	if at == core.Never {
		return at
	}
	coverage := &s.result.Coverage
	coverage.Sent.count(signal.event)
	if s.injected(workload.LostSignal) != nil {
		coverage.Lost.count(signal.event)
		return core.Never
	}
	if f := s.injected(workload.LateSignal); f != nil {
		coverage.Late.count(signal.event)
		at = after(at, f.By.Draw(&f.random))
	}
	if f := s.injected(workload.DoubleSignal); f != nil {
		coverage.Doubled.count(signal.event)
		echo := *signal
		echo.serial = 0
		s.post(&echo, after(at, f.By.Draw(&f.random)))
	}
	return at
}

// outdated tells whether a message is the answer to a probe of a run that has been probed again since: a driver drops it.
func (s *Simulation) outdated(message *pending) bool {
	if message.event != core.EventProbe || message.serial == 0 {
		return false
	}
	number := s.nodes[message.node].tasks[message.task.Slot()].current
	return number != none && s.pending[number].run == message.run && s.pending[number].serial != message.serial
}

// post has a message arrive then.
func (s *Simulation) post(message *pending, at core.Instant) {
	if at == core.Never {
		return
	}
	number, it := s.newPending()
	*it = *message
	it.kind, it.life = pendingMessage, s.nodes[message.node].life
	s.queue.set(number, at, s.tie())
}
