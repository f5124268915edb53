package sim

import "github.com/tasksupervisor/tasksupervisor/core"

// giveVoice has a run say while it is alive what its signals are.
func (s *Simulation) giveVoice(number uint32, policy *core.Policy) {
	run := &s.items[number]
	event := core.EventBeat
	switch {
	case policy.Readiness:
		event = core.EventReady
	case s.phase != phaseSafety && policy.Watchdog == 0, s.phase == phaseSafety && !run.course.speaks():
		return
	}
	voice, it := s.newItem()
	run = &s.items[number] // there may be new room for items
	*it = item{
		kind: itemVoice, event: event, voice: number, node: run.node, task: run.task, run: run.run, course: run.course, began: run.began,
		hangs: run.hangs, seed: mix(run.seed),
	}
	run.voice = voice
	s.takeBreath(voice)
}

// speaks tells whether a run that follows the course says anything of its own accord.
func (c *Course) speaks() bool { return c.Told != nil || c.Beats.isSet() }

// nextWord takes up what the voice says next, word by word, and returns when.
func (it *item) nextWord() core.Instant {
	told := it.course.Told
	for int(it.said) < len(told) && told[it.said].Event == core.EventProbe {
		it.said++
	}
	if int(it.said) == len(told) {
		return core.Never
	}
	it.event = told[it.said].Event
	return after(it.began, told[it.said].After) // the queue takes what is past as now
}

// answer returns how a run answers a probe, so long after its start.
func (it *item) answer(since core.Duration) (takes core.Duration, exit core.ExitKind) {
	if it.course.Told == nil {
		var r Random
		r.seed(it.seed, ^uint64(it.said))
		takes, exit = it.course.Answers.draw(&r), core.ExitOK
		if r.Chance(it.course.Unwell) {
			exit = core.ExitError
		}
		return takes, exit
	}
	exit = core.ExitOK
	for _, told := range it.course.Told {
		if told.Event == core.EventProbe && told.After <= since {
			takes, exit = told.Takes, told.Exit
		}
	}
	return takes, exit
}

// takeBreath plans what a voice says next.
func (s *Simulation) takeBreath(voice uint32) {
	it := &s.items[voice]
	if s.phase != phaseSafety {
		s.queue.set(voice, s.now, s.tie())
		return
	}
	var r Random
	r.seed(it.seed, uint64(it.said))
	var at core.Instant
	switch {
	case it.course.Told != nil:
		at = it.nextWord()
	case it.event == core.EventReady:
		at = s.later(it.course.Ready.draw(&r))
	case it.course.Beats.isSet():
		at = s.later(max(1, it.course.Beats.draw(&r)))
	default:
		at = core.Never
	}
	at = s.exactly(at, it)
	if it.said > 0 && it.course.Told == nil {
		at = max(at, s.now+1)
	}
	if at < it.hangs {
		s.queue.set(voice, at, s.tie())
	} else {
		s.queue.drop(voice)
	}
}

// exactly moves a signal to the end of the task's status, if that fault strikes.
func (s *Simulation) exactly(at core.Instant, it *item) core.Instant {
	if at == core.Never {
		return at
	}
	f := s.struck(ExactSignal)
	if f == nil {
		return at
	}
	status, _ := s.nodes[it.node].machine.Status(it.task)
	until := s.virtual(status.Until)
	if until == core.Never || until <= s.now {
		return at
	}
	s.result.Coverage.Exact.count(it.event)
	return s.about(until, &f.random)
}

// speak has a voice say what it has to say. When the faults are off, that is all there is to say at once: that the run
// is ready, and that it will not beat any more.
func (s *Simulation) speak(voice uint32) {
	it := &s.items[voice]
	message := item{kind: itemMessage, event: it.event, node: it.node, task: it.task, run: it.run}
	if s.phase != phaseSafety {
		s.queue.drop(voice)
		message.event = core.EventReady
		s.feed(message.node, message.message(), "")
		message.event, message.within = core.EventBeat, core.Forever
		s.feed(message.node, message.message(), "")
		return
	}
	if it.course.Told != nil {
		message.within = it.course.Told[it.said].Within
	} else if it.event == core.EventBeat && it.course.Within.isSet() {
		var r Random
		r.seed(it.seed, ^uint64(it.said))
		message.within = it.course.Within.draw(&r)
	}
	it.event = core.EventBeat
	it.said++
	s.takeBreath(voice)
	if at := s.hindered(&message, s.now); at == s.now {
		s.feed(message.node, message.message(), "")
	} else {
		s.post(&message, at)
	}
}

// silence ends a run's voice.
func (s *Simulation) silence(number uint32) {
	if voice := s.items[number].voice; voice != noItem {
		s.items[number].voice = noItem
		s.release(voice)
	}
}

// probe has a run answer a probe.
func (s *Simulation) probe(n uint32, a *core.Action) {
	number := s.nodes[n].tasks[a.Task.Slot()].current
	if number == noItem || s.items[number].run != a.Run {
		s.fail(n, "world", errNoRun)
		return
	}
	it := &s.items[number]
	if number == s.reporting || it.kind != itemRun && it.kind != itemSupervisor || s.now >= it.hangs {
		return
	}
	it.said++
	answer := item{event: core.EventProbe, exit: core.ExitOK, node: n, task: a.Task, run: a.Run, said: it.said}
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
	s.post(&answer, s.hindered(&answer, s.exactly(at, &answer)))
}

// hindered returns when a signal arrives, after the faults had their way with it.
func (s *Simulation) hindered(signal *item, at core.Instant) core.Instant {
	if at == core.Never {
		return at
	}
	coverage := &s.result.Coverage
	coverage.Said.count(signal.event)
	if s.struck(LostSignal) != nil {
		coverage.Lost.count(signal.event)
		return core.Never
	}
	if f := s.struck(LateSignal); f != nil {
		coverage.Late.count(signal.event)
		at = after(at, f.By.draw(&f.random))
	}
	if f := s.struck(DoubleSignal); f != nil {
		coverage.Doubled.count(signal.event)
		echo := *signal
		echo.said = 0
		s.post(&echo, after(at, f.By.draw(&f.random)))
	}
	return at
}

// outdated tells whether a message is the answer to a probe of a run that has been probed again since: a driver drops it.
func (s *Simulation) outdated(message *item) bool {
	if message.event != core.EventProbe || message.said == 0 {
		return false
	}
	number := s.nodes[message.node].tasks[message.task.Slot()].current
	return number != noItem && s.items[number].run == message.run && s.items[number].said != message.said
}

// post has a message arrive then.
func (s *Simulation) post(message *item, at core.Instant) {
	if at == core.Never {
		return
	}
	number, it := s.newItem()
	*it = *message
	it.kind, it.life = itemMessage, s.nodes[message.node].life
	s.queue.set(number, at, s.tie())
}
