package conformance

import (
	"context"
	"errors"
	"fmt"
	"io"
	"testing/synctest"
	"time"

	"github.com/tasksupervisor/tasksupervisor/clock"
	"github.com/tasksupervisor/tasksupervisor/core"
)

// stage is where a scenario is played: a runtime, the clock, and what is seen of both. Its methods are called by the
// scenario's own goroutine, but for those that say otherwise.
type stage struct {
	*evidence
	ledger  *ledger
	suite   *Suite
	world   world
	source  clock.Source
	runtime Runtime
	cancel  context.CancelCauseFunc
	parent  context.Context
	names   []string
	release chan struct{} // closed when everything that is stuck is to go on
	inner   []*stage      // that were nested in it
}

// far is a time that no scenario comes to the end of.
const far = 1_000_000 * time.Hour

var (
	errScenarioOver = errors.New("the scenario is over")
	errParentEnded  = errors.New("the parent's context ended, as the scenario says")
	errNoAnswer     = errors.New("the call has not returned")
)

// newStage opens a runtime. It must be called in a bubble.
func newStage(plot plot, kind ClockKind, suite *Suite, ledger *ledger) (*stage, error) {
	world := newWorld(kind)
	source := world.clock.NewSource()
	world.move(time.Second) // so that not everybody's origin is the same by chance
	s := &stage{ledger: ledger, suite: suite, world: world, source: source, release: make(chan struct{})}
	return s, s.open(context.Background(), plot)
}

// open opens the stage's runtime.
func (s *stage) open(ctx context.Context, plot plot) (err error) {
	s.evidence = &evidence{
		scenario: plot.name, config: plot.config,
		doneSeen: make(map[<-chan struct{}]bool), shutdownAt: core.Never,
	}
	s.recording.now = s.now
	parent, end := context.WithCancelCause(context.WithValue(ctx, parentKey{}, s.evidence))
	parent, drop := context.WithTimeout(parent, far)
	s.parent, s.cancel = parent, func(cause error) {
		end(cause)
		drop()
	}
	s.doneSeen[s.parent.Done()] = true

	env := Env{Config: plot.config, Clock: s.world.clock, Recording: &s.recording}
	if s.can(DutyObservers) {
		env.Observers = append(env.Observers, s.observe)
		if plot.observers != nil {
			s.disturbed = true
			env.Observers = append(env.Observers, plot.observers(s)...)
		}
	}
	s.runtime, err = s.suite.Open(env)
	return err
}

// now is the current instant. It may be called by any goroutine.
func (s *stage) now() core.Instant { return s.source.Now() }

// can tells whether the runtime has taken on a duty.
func (s *stage) can(duty Duty) bool { return !s.suite.waives(duty) }

// check notes that a duty was looked at, and whether it was kept.
func (s *stage) check(duty Duty, kept bool, format string, args ...any) {
	s.ledger.check(duty, kept, s.scenario, s.now(), format, args...)
}

// advance lets all settle, time pass, and all settle again.
func (s *stage) advance(d core.Duration) {
	synctest.Wait()
	s.world.move(d)
	s.settle()
}

// settle waits until nobody has anything to do before time passes, and then looks at all statuses.
func (s *stage) settle() {
	synctest.Wait()
	for _, name := range s.names {
		s.query(name)
	}
}

// query asks for the status of a task.
func (s *stage) query(name string) {
	q := query{task: name, at: s.now(), lines: s.recording.lines(), order: s.latest()}
	var status Status
	err := s.ask(call{op: "status", task: name}, func() (err error) {
		status, err = s.runtime.Status(name)
		return err
	})
	if errors.Is(err, errNoAnswer) {
		return
	}
	q.status, q.err, q.refusal = status, err, s.refusal(err)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.queries = append(s.queries, q)
}

// knows tells whether there was a task of that name when everything had settled.
func (s *stage) knows(name string) (known bool) {
	for _, q := range s.queries {
		if q.task == name {
			known = q.err == nil
		}
	}
	return known
}

// ask makes a call that has to be answered before time passes.
func (s *stage) ask(c call, do func() error) error {
	answer := make(chan error, 1)
	go func() { answer <- s.call(c, do) }()
	synctest.Wait()
	select {
	case err := <-answer:
		return err
	default:
		return errNoAnswer
	}
}

// call makes a call and takes note of it. It may be called by any goroutine.
func (s *stage) call(c call, do func() error) error {
	c.at, c.answered = s.now(), core.Never
	s.mu.Lock()
	c.early, c.stuck = !s.begun && c.op != "start", s.stuck > 0
	s.calls = append(s.calls, &c)
	s.mu.Unlock()

	err := do()

	refusal := s.refusal(err)
	s.mu.Lock()
	defer s.mu.Unlock()
	c.err, c.refusal, c.answered = err, refusal, s.now()
	return err
}

// reason asks the runtime what an error stands for. It may be called by any goroutine.
func (s *stage) reason(err error) core.Reason {
	if err == nil {
		return core.ReasonNone
	}
	return s.runtime.Reason(err)
}

// refusal asks the runtime what the error of a call stands for. It may be called by any goroutine.
func (s *stage) refusal(err error) core.Refusal {
	if err == nil {
		return core.RefusalNone
	}
	return s.runtime.Refusal(err)
}

// start starts the runtime and has some wait for its halt.
func (s *stage) start() error {
	err := s.ask(call{op: "start"}, func() error {
		s.begin()
		return s.runtime.Start(s.parent)
	})
	for range 3 {
		s.wait()
	}
	s.settle()
	return err
}

func (s *stage) begin() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.begun = true
}

// wait has somebody wait for the halt.
func (s *stage) wait() {
	w := s.waiting()
	go func() { _ = s.waitAs(w) }()
}

func (s *stage) waiting() *waiting {
	w := &waiting{at: s.now(), returned: core.Never}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.waits = append(s.waits, w)
	return w
}

// waitAs waits for the halt. It may be called by any goroutine.
func (s *stage) waitAs(w *waiting) error {
	err := s.runtime.Wait()
	at, report, why := s.now(), s.runtime.Report(), s.reason(err)
	var about culprit
	if err != nil && s.can(DutyCulprits) {
		about.task, about.run = s.runtime.Culprit(err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	w.returned, w.err, w.why, w.culprit, w.report = at, err, why, about, report
	return err
}

// add adds a task whose runs do what the scripts say, one after the other, the last for ever.
func (s *stage) add(name string, policy core.Policy, list ...script) error {
	return s.addTask(name, Task{Policy: policy}, list...)
}

func (s *stage) addTask(name string, task Task, list ...script) error {
	s.names = append(s.names, name)
	task.Body = s.body(name, inTurn(list...))
	err := s.ask(adding(name, task), func() error { return s.runtime.Add(name, task) })
	s.settle()
	return err
}

// adding is the call that adds a task.
func adding(name string, task Task) call {
	return call{op: "add", task: name, given: given(task.Policy), needs: task.Needs, asleep: task.Suspended}
}

// given is a policy or limits, to be compared.
func given(value any) string { return fmt.Sprintf("%+v", value) }

func (s *stage) remove(name string) error { return s.operate("remove", name, s.runtime.Remove) }

func (s *stage) restart(name string) error { return s.operate("restart", name, s.runtime.Restart) }

func (s *stage) kill(name string) error { return s.operate("kill", name, s.runtime.Kill) }

func (s *stage) suspend(name string) error { return s.operate("suspend", name, s.runtime.Suspend) }

func (s *stage) resume(name string) error { return s.operate("resume", name, s.runtime.Resume) }

func (s *stage) operate(op, name string, do func(string) error) error {
	err := s.ask(call{op: op, task: name}, func() error { return do(name) })
	s.settle()
	return err
}

func (s *stage) setPolicy(name string, policy core.Policy) error {
	err := s.ask(call{op: "policy", task: name, given: given(policy)}, func() error {
		return s.runtime.SetPolicy(name, policy)
	})
	s.settle()
	return err
}

func (s *stage) setLimits(limits core.Limits) error {
	err := s.ask(call{op: "limits", given: given(limits)}, func() error { return s.runtime.SetLimits(limits) })
	s.settle()
	return err
}

// shutdown asks the runtime to stop.
func (s *stage) shutdown() {
	s.askedToStop(false)
	_ = s.ask(call{op: "shutdown"}, func() error {
		s.runtime.Shutdown()
		return nil
	})
	s.settle()
}

// end has the context given to Start end.
func (s *stage) end() {
	s.askedToStop(true)
	s.cancel(errParentEnded)
	s.settle()
}

func (s *stage) askedToStop(cancelled bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.shutdownAt == core.Never {
		s.shutdownAt, s.cancelled = s.now(), cancelled
	}
}

// order has the live runs of a task end now.
func (s *stage) order(name string, how core.ExitKind) {
	for _, l := range s.living() {
		if l.task == name {
			select {
			case l.orders <- how:
			default:
			}
		}
	}
	s.settle()
}

// after has somebody else do something when some time has passed. It may be called by any goroutine.
func (s *stage) after(d core.Duration, do func()) {
	at := s.now() + core.Instant(d)
	go func() {
		s.sleepUntil(at)
		do()
	}()
}

// sleepUntil lets somebody else than the scenario's own goroutine sleep.
func (s *stage) sleepUntil(at core.Instant) {
	source := s.world.clock.NewSource()
	source.Arm(source.Now()+(at-s.now()), true)
	<-source.Wake()
}

// observe is the observer that takes note of everything.
func (s *stage) observe(task string, a core.Action) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.observed = append(s.observed, observation{task, a})
}

// close ends the scenario: it stops the runtime, lets go of all that is stuck, and looks at what is left.
func (s *stage) close(before map[string]bool) {
	s.shutdown()
	s.advance(time.Hour)
	close(s.release)
	s.settle()
	s.advance(time.Hour)
	s.wait() // it must return at once
	s.settle()

	s.finish()
	synctest.Wait()
	s.leaked = goroutines(before)
}

// finish takes the last notes of the stage, and of those that were nested in it.
func (s *stage) finish() {
	for _, inner := range s.inner {
		inner.finish()
	}
	_ = s.ask(call{op: "report"}, func() error {
		s.last = s.runtime.Report()
		return nil
	})
	s.over = s.now()
	s.cancel(errScenarioOver)
	if closer, ok := s.runtime.(io.Closer); ok {
		_ = s.ask(call{op: "close"}, closer.Close)
	}
}
