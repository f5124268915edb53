package reference

import (
	"errors"
	"maps"
)

// supervisor is what a scenario is played to: the model of the crate, or the core. It acts on the world through the
// stage it was made for, and reads the time there.
type supervisor interface {
	start()
	// ended reports that a run has ended: ok, error or panic.
	ended(task, how string)
	// obey carries out a command of an operator and returns its answer.
	obey(c command) string
	// look returns the statuses of all tasks, or why they cannot be had.
	look() (statuses map[string]string, failure string)
	// restartAt returns the instant of the next restart, never if there is none.
	restartAt() uint64
	// wake carries out what is due now: restarts, then the health check. It is called at each instant at which anything
	// happens, and at each health check.
	wake()
	// result returns how the supervisor ended, once it has.
	result() (end final, ended bool)
	// fault returns what went wrong that never should.
	fault() error
}

var (
	errEndlessInstant = errors.New("the tasks are restarted for ever at one instant")
	errTooLong        = errors.New("the scenario is too long: more happens than can be compared")
)

const (
	roundsMax   = 10_000     // rounds of starts and ends within one instant
	instantsMax = 50_000_000 // instants of one scenario
	entriesMax  = 1_000_000  // of a trace
)

// stage is a world of virtual time in which scripted runs are played. Within one instant things happen in the order
// that the crate's event loop has: ends of runs, commands, due restarts, health check; and then those runs begin that
// were started meanwhile.
//
// But timers of one instant go off in the order in which they were set. So a run whose end was set after the timer that
// wakes the supervisor ends behind the supervisor's work of that instant. And an operator waits for the answers to all
// commands before taking a sample that is due.
type stage struct {
	scenario scenario
	now      uint64
	actors   []*actor // in the order in which they were enlisted
	named    map[string]*actor
	spawned  []*run // started by the supervisor, and not begun
	sent     int    // commands sent so far
	sampleAt uint64
	trace    trace

	timersSet  uint64 // counts them
	checkSet   uint64 // the count at which the timer of the next health check was set
	restartSet uint64 // and that of the next restart, which is set anew whenever the supervisor has done something
	checked    bool   // the health check of this instant, if there is one, is over
	called     bool   // the supervisor was given something since it was last woken
}

// actor plays the runs of one task.
type actor struct {
	name  string
	steps []step
	begun uint32 // runs that have begun
	run   *run   // the latest
}

type run struct {
	actor  *actor
	number uint32 // 0 until it begins
	endsAt uint64
	set    uint64 // when the timer of its end was set
	how    string
	over   bool
}

func newStage(s scenario) *stage {
	created := &stage{scenario: s, named: map[string]*actor{}, sampleAt: never}
	if s.sampling != nil {
		created.sampleAt = s.sampling.offset
	}
	return created
}

// play plays the scenario to its end.
func (s *stage) play(to supervisor) (trace, error) {
	to.start()
	for instants := 0; s.now < s.scenario.end; instants++ {
		if instants == instantsMax || len(s.trace.events)+len(s.trace.samples) > entriesMax {
			return trace{}, errTooLong
		}
		if err := s.playInstant(to); err != nil {
			return trace{}, err
		}
		s.now = max(s.next(to), s.now+1)
	}
	s.now = s.scenario.end
	if end, ended := to.result(); ended {
		s.trace.final = end
		return s.trace, nil
	}
	s.sampleAt = s.now
	s.trace.final = final{at: s.now, result: finalRunning}
	err := s.playInstant(to)
	return s.trace, err
}

// next returns the instant at which something happens next.
func (s *stage) next(to supervisor) uint64 {
	at := min(to.restartAt(), s.sampleAt)
	if _, ended := to.result(); !ended {
		at = min(at, s.nextCheck())
	}
	if s.sent < len(s.scenario.commands) {
		at = min(at, s.scenario.commands[s.sent].at)
	}
	for _, a := range s.actors {
		if a.run != nil && !a.run.over {
			at = min(at, a.run.endsAt)
		}
	}
	return at
}

func (s *stage) playInstant(to supervisor) error {
	s.checked = false
	s.finish(to, s.wakeUpSet(to))
	if !s.sendCommands(to) {
		s.samplePeriodically(to)
	}
	for rounds := 0; ; rounds++ {
		s.wake(to)
		if err := to.fault(); err != nil {
			return err
		}
		if !s.finish(to, never) && len(s.spawned) == 0 && !s.samplePeriodically(to) {
			return nil
		}
		if rounds == roundsMax {
			return errEndlessInstant
		}
		s.begin()
		s.finish(to, never)
	}
}

// wakeUpSet returns when the first timer was set that wakes the supervisor at this instant.
func (s *stage) wakeUpSet(to supervisor) uint64 {
	set := never
	if s.checkIsDue() {
		set = s.checkSet
	}
	if to.restartAt() <= s.now {
		set = min(set, s.restartSet)
	}
	return set
}

// nextCheck returns the next health check, which is the one of this instant as long as it is not over.
func (s *stage) nextCheck() uint64 {
	interval := s.scenario.settings.healthCheckInterval
	if interval == 0 {
		return never
	}
	checks := s.now / interval
	if s.checked || s.now%interval != 0 {
		checks++
	}
	if checks > never/interval {
		return never
	}
	return checks * interval
}

func (s *stage) checkIsDue() bool { return s.nextCheck() == s.now }

func (s *stage) wake(to supervisor) {
	called := s.called || to.restartAt() <= s.now
	to.wake()
	if s.checkIsDue() {
		s.checked, s.checkSet, called = true, s.setTimer(), true
	}
	if called {
		s.restartSet = s.setTimer()
	}
	s.called = false
}

func (s *stage) setTimer() uint64 {
	s.timersSet++
	return s.timersSet
}

// begin lets the started runs begin.
func (s *stage) begin() {
	for _, started := range s.spawned {
		a := started.actor
		step := a.steps[min(uint64(a.begun), uint64(len(a.steps)-1))]
		a.begun++
		started.number, started.how, started.endsAt, started.set = a.begun, step.outcome, never, s.setTimer()
		if step.outcome != outcomeHang && step.runFor < never-s.now {
			started.endsAt = s.now + step.runFor
		}
		s.trace.events = append(s.trace.events, event{at: s.now, task: a.name, run: a.begun})
	}
	s.spawned = s.spawned[:0]
}

// finish ends the runs whose time has come, if the timer of their end was set before the given one.
func (s *stage) finish(to supervisor, set uint64) (ended bool) {
	for _, a := range s.actors {
		r := a.run
		if r == nil || r.over || r.number == 0 || r.endsAt > s.now || r.set >= set {
			continue
		}
		ended = true
		s.end(r, r.how)
		to.ended(a.name, r.how)
		s.called = s.called || r.how != outcomePanic // a panic goes unnoticed
	}
	return ended
}

func (s *stage) end(r *run, how string) {
	r.over = true
	s.trace.events = append(s.trace.events, event{at: s.now, task: r.actor.name, run: r.number, how: how})
}

// sendCommands sends the commands of this instant, and asks for the statuses right behind them.
func (s *stage) sendCommands(to supervisor) bool {
	before := s.sent
	for s.sent < len(s.scenario.commands) && s.scenario.commands[s.sent].at == s.now && s.now < s.scenario.end {
		c := s.scenario.commands[s.sent]
		s.sent++
		s.trace.commands = append(s.trace.commands, answer{s.now, c.op, c.task, to.obey(c)})
	}
	if s.sent == before {
		return false
	}
	s.sample(to, true)
	return true
}

// samplePeriodically takes the sample that is due. Where it meets commands, it waits for their answers.
func (s *stage) samplePeriodically(to supervisor) bool {
	if s.sampleAt != s.now {
		return false
	}
	s.sampleAt = never
	if _, ended := to.result(); ended {
		return false
	}
	s.sample(to, false)
	if s.now < s.scenario.end && s.scenario.sampling.period < never-s.now {
		s.sampleAt = s.now + s.scenario.sampling.period
	}
	return true
}

func (s *stage) sample(to supervisor, afterCommand bool) {
	statuses, failure := to.look()
	s.called = true
	s.trace.samples = append(s.trace.samples, sample{s.now, afterCommand, maps.Clone(statuses), failure})
}

// What a supervisor can do to the world:

// enlist adds a task. The script of a task that exists already is replaced.
func (s *stage) enlist(task string, steps []step) {
	if known := s.named[task]; known != nil {
		known.steps = steps
		return
	}
	s.named[task] = &actor{name: task, steps: steps}
	s.actors = append(s.actors, s.named[task])
}

// spawn starts a run. It begins when the supervisor has done all it has to do at this instant.
func (s *stage) spawn(task string) {
	a := s.named[task]
	a.run = &run{actor: a, endsAt: never}
	s.spawned = append(s.spawned, a.run)
}

// cancel drops the latest run of a task, if it is not over. A run that has not begun leaves no trace.
func (s *stage) cancel(task string) {
	r := s.named[task].run
	if r == nil || r.over {
		return
	}
	if r.number > 0 {
		s.end(r, cancelled)
		return
	}
	r.over = true
	for i := range s.spawned {
		if s.spawned[i] == r {
			s.spawned = append(s.spawned[:i], s.spawned[i+1:]...)
			return
		}
	}
}
