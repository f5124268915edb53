package conformance

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync/atomic"
	"testing/synctest"
	"time"

	"github.com/tasksupervisor/tasksupervisor/clock"
	"github.com/tasksupervisor/tasksupervisor/core"
)

// harness is where a scenario is played: a runtime, the clock, and what is seen of both. Its methods are called by the
// scenario's own goroutine, but for those that say otherwise.
type harness struct {
	*evidence
	results *results
	suite   *Suite
	world   world
	source  clock.Source
	runtime Runtime
	cancel  context.CancelCauseFunc
	parent  context.Context
	names   []string
	release chan struct{} // closed when everything that is stuck is to go on
	inner   []*harness    // that were nested in it
	moment  *int          // numbers when everything had settled, in the whole tree
}

// far is a time that no scenario comes to the end of.
const far = 1_000_000 * time.Hour

var (
	errScenarioOver = errors.New("the scenario is over")
	errParentEnded  = errors.New("the parent's context ended, as the scenario says")
	errNoAnswer     = errors.New("the call has not returned")
)

// newHarness opens a runtime. It must be called in a bubble.
func newHarness(test testCase, kind ClockKind, suite *Suite, results *results) (*harness, error) {
	world := newWorld(kind)
	source := world.clock.NewSource()
	world.move(time.Second) // so that not all origins are the same by chance
	h := &harness{results: results, suite: suite, world: world, source: source, release: make(chan struct{}), moment: new(int)}
	return h, h.open(context.Background(), test)
}

// open opens the harness's runtime.
func (h *harness) open(ctx context.Context, test testCase) (err error) {
	h.evidence = &evidence{
		scenario: test.name, config: test.config, doneSeen: make(map[<-chan struct{}]bool), order: new(atomic.Int64),
	}
	h.recording.now = h.now
	h.conceive(ctx)
	return h.openRuntime(test)
}

func (h *harness) openRuntime(test testCase) (err error) {
	env := Env{Config: test.config, Clock: h.world.clock, Recording: &h.recording}
	if h.can(DutyObservers) {
		env.Observers = append(env.Observers, h.observe)
		if test.observers != nil {
			h.disturbed = true
			env.Observers = append(env.Observers, test.observers(h)...)
		}
	}
	h.runtime, err = h.suite.Open(env)
	return err
}

// conceive makes the context for the next Start.
func (h *harness) conceive(ctx context.Context) {
	h.evidence.parent, h.life = &origin{h.current}, life{shutdownAt: core.Never}
	parent, end := context.WithCancelCause(context.WithValue(ctx, parentKey{}, h.evidence.parent))
	parent, drop := context.WithTimeout(parent, far)
	h.parent, h.cancel = parent, func(cause error) {
		end(cause)
		drop()
	}
	h.doneSeen[h.parent.Done()] = true
}

// again starts the runtime, which has halted, with another context. It returns what ends the one before.
func (h *harness) again() (cancel context.CancelCauseFunc) {
	cancel = h.cancel
	h.mu.Lock()
	h.life.over = h.now()
	h.earlier = append(h.earlier, h.life)
	h.current++
	h.conceive(context.Background())
	h.mu.Unlock()
	_ = h.start()
	return cancel
}

// now is the current instant. It may be called by any goroutine.
func (h *harness) now() core.Instant { return h.source.Now() }

// can reports whether the runtime has taken on a duty.
func (h *harness) can(duty Duty) bool { return !h.suite.waives(duty) }

// check records that a duty was looked at, and whether it was kept.
func (h *harness) check(duty Duty, kept bool, format string, args ...any) {
	h.results.check(duty, kept, h.scenario, h.now(), format, args...)
}

// advance lets all settle, time pass, and all settle again.
func (h *harness) advance(d core.Duration) {
	synctest.Wait()
	h.world.move(d)
	h.settle()
}

// settle waits until no goroutine has anything to do before time passes, and then asks for all statuses.
func (h *harness) settle() {
	synctest.Wait()
	*h.moment++
	h.queryAll()
}

// queryAll asks for the statuses of the tasks, and of those in the supervisors that are tasks. It looks at the contexts of runs that
// have ended, too.
func (h *harness) queryAll() {
	h.lookAtContexts()
	for _, name := range h.names {
		h.query(name)
	}
	for _, s := range h.subtrees {
		if inner := s.latest(); inner != nil {
			inner.queryAll()
		}
	}
}

// query asks for the status of a task.
func (h *harness) query(name string) {
	q := query{task: name, at: h.now(), lines: h.recording.lines(), order: h.latest(), moment: *h.moment}
	var status Status
	err := h.ask(call{op: "status", task: name}, func() (err error) {
		status, err = h.runtime.Status(name)
		return err
	})
	if errors.Is(err, errNoAnswer) {
		return
	}
	q.status, q.err, q.refusal = status, err, h.refusal(err)
	h.mu.Lock()
	defer h.mu.Unlock()
	q.life = h.current
	h.queries = append(h.queries, q)
}

// knows reports whether there was a task of that name when everything had settled.
func (h *harness) knows(name string) (known bool) {
	for _, q := range h.queries {
		if q.task == name {
			known = q.err == nil
		}
	}
	return known
}

// ask makes a call that has to be answered before time passes.
func (h *harness) ask(c call, do func() error) error {
	answer := make(chan error, 1)
	go func() { answer <- h.call(c, do) }()
	synctest.Wait()
	select {
	case err := <-answer:
		return err
	default:
		return errNoAnswer
	}
}

// call makes a call and records it. It may be called by any goroutine.
func (h *harness) call(c call, do func() error) error {
	c.at, c.answered, c.lines = h.now(), core.Never, h.recording.lines()
	h.mu.Lock()
	c.early, c.stuck = !h.begun && c.op != "start", h.stuck > 0
	c.life = h.current
	h.calls = append(h.calls, &c)
	h.mu.Unlock()

	err := do()

	refusal := h.refusal(err)
	h.mu.Lock()
	defer h.mu.Unlock()
	c.err, c.refusal, c.answered = err, refusal, h.now()
	return err
}

// reason asks the runtime what an error stands for. It may be called by any goroutine.
func (h *harness) reason(err error) core.Reason {
	if err == nil {
		return core.ReasonNone
	}
	return h.runtime.Reason(err)
}

// refusal asks the runtime what the error of a call stands for. It may be called by any goroutine.
func (h *harness) refusal(err error) core.Refusal {
	if err == nil {
		return core.RefusalNone
	}
	return h.runtime.Refusal(err)
}

// start starts the runtime and has some wait for its halt.
func (h *harness) start() error {
	err := h.ask(call{op: "start"}, func() error {
		h.begin()
		return h.runtime.Start(h.parent)
	})
	for range 3 {
		h.wait()
	}
	h.settle()
	return err
}

func (h *harness) begin() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.begun = true
}

// wait has one more goroutine wait for the halt.
func (h *harness) wait() {
	w := h.waiting()
	go func() { _ = h.waitAs(w) }()
}

func (h *harness) waiting() *waiting {
	w := &waiting{at: h.now(), returned: core.Never}
	h.mu.Lock()
	defer h.mu.Unlock()
	w.life = h.current
	h.waits = append(h.waits, w)
	return w
}

// waitAs waits for the halt. It may be called by any goroutine.
func (h *harness) waitAs(w *waiting) error {
	err := h.runtime.Wait()
	at, report, why := h.now(), h.runtime.Report(), h.reason(err)
	var about culprit
	if err != nil && h.can(DutyCulprits) {
		about.task, about.run = h.runtime.Culprit(err)
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	w.returned, w.err, w.why, w.culprit, w.report = at, err, why, about, report
	return err
}

// add adds a task whose runs do what the scripts say, one after the other, the last for ever.
func (h *harness) add(name string, policy core.Policy, list ...script) error {
	return h.addTask(name, Task{Policy: policy}, list...)
}

func (h *harness) addTask(name string, task Task, list ...script) error {
	h.names = append(h.names, name)
	if task.Body == nil && task.Make == nil && task.Nested == nil && task.Nest == nil {
		task.Body = h.body(name, inTurn(list...))
	}
	err := h.ask(adding(name, task), func() error { return h.runtime.Add(name, task) })
	h.settle()
	return err
}

// adding is the call that adds a task.
func adding(name string, task Task) call {
	return call{op: "add", task: name, given: given(task.Policy), needs: task.Needs, asleep: task.Suspended, held: task.Held}
}

// given is a policy or limits, to be compared.
func given(value any) string { return fmt.Sprintf("%+v", value) }

func (h *harness) remove(name string) error { return h.operate("remove", name, h.runtime.Remove) }

func (h *harness) restart(name string) error { return h.operate("restart", name, h.runtime.Restart) }

func (h *harness) kill(name string) error { return h.operate("kill", name, h.runtime.Kill) }

func (h *harness) suspend(name string) error { return h.operate("suspend", name, h.runtime.Suspend) }

func (h *harness) resume(name string) error { return h.operate("resume", name, h.runtime.Resume) }

func (h *harness) hold(name string) error { return h.operate("hold", name, h.runtime.Hold) }

func (h *harness) unhold(name string) error { return h.operate("release", name, h.runtime.Release) }

func (h *harness) operate(op, name string, do func(string) error) error {
	err := h.ask(call{op: op, task: name}, func() error { return do(name) })
	h.settle()
	return err
}

// removeWait and killWait have another goroutine make a call that waits.
func (h *harness) removeWait(name string) { h.operateWait("remove", name, h.runtime.RemoveWait) }

func (h *harness) killWait(name string) { h.operateWait("kill", name, h.runtime.KillWait) }

func (h *harness) operateWait(op, name string, do func(string) error) {
	go func() { _ = h.call(call{op: op, task: name, waits: true}, func() error { return do(name) }) }()
	h.settle()
}

func (h *harness) setPolicy(name string, policy core.Policy) error {
	err := h.ask(call{op: "policy", task: name, given: given(policy)}, func() error {
		return h.runtime.SetPolicy(name, policy)
	})
	h.settle()
	return err
}

func (h *harness) setLimits(limits core.Limits) error {
	err := h.ask(call{op: "limits", given: given(limits)}, func() error { return h.runtime.SetLimits(limits) })
	h.settle()
	return err
}

// shutdown asks the runtime to stop.
func (h *harness) shutdown() {
	h.askedToStop(false)
	_ = h.ask(call{op: "shutdown"}, func() error {
		h.runtime.Shutdown()
		return nil
	})
	h.settle()
}

// end has the context given to Start end.
func (h *harness) end() {
	h.askedToStop(true)
	h.cancel(errParentEnded)
	h.settle()
}

func (h *harness) askedToStop(cancelled bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.shutdownAt == core.Never {
		h.shutdownAt, h.cancelled = h.now(), cancelled
	}
}

// order has the live runs of a task end now.
func (h *harness) order(name string, how core.ExitKind) {
	for _, l := range h.living() {
		if l.task == name {
			select {
			case l.orders <- how:
			default:
			}
		}
	}
	h.settle()
}

// after has another goroutine do something when some time has passed. It may be called by any goroutine.
func (h *harness) after(d core.Duration, do func()) {
	at := h.now() + core.Instant(d)
	go func() {
		h.sleepUntil(at)
		do()
	}()
}

// sleepUntil lets a goroutine other than the scenario's own sleep.
func (h *harness) sleepUntil(at core.Instant) {
	source := h.world.clock.NewSource()
	source.Arm(source.Now()+(at-h.now()), true)
	<-source.Wake()
}

// observe is the observer that records everything.
func (h *harness) observe(task string, a core.Action) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.observed = append(h.observed, observation{task, a, h.current})
}

// close ends the scenario: it stops the runtime, lets go of all that is stuck, and looks at what is left.
func (h *harness) close(before map[string]bool) {
	h.shutdown()
	h.advance(time.Hour)
	close(h.release)
	h.settle()
	h.advance(time.Hour)
	h.wait() // it must return at once
	h.settle()

	h.finish()
	synctest.Wait()
	h.leaked = goroutines(before)
}

// finish records the end of the harness, and of those that were nested in it.
func (h *harness) finish() {
	h.lookAtContexts()
	_ = h.ask(call{op: "report"}, func() error {
		h.last = h.runtime.Report()
		return nil
	})
	for _, inner := range h.inner {
		inner.finish()
	}
	for _, s := range h.subtrees {
		for _, inner := range s.made {
			inner.finish()
		}
	}
	h.over = h.now()
	h.cancel(errScenarioOver)
	if closer, ok := h.runtime.(io.Closer); ok {
		_ = h.ask(call{op: "close"}, closer.Close)
	}
}
