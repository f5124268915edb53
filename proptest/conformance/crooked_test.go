package conformance

import (
	"bytes"
	"context"
	"errors"
	"io"
	"runtime/debug"
	"sync/atomic"

	"github.com/tasksupervisor/tasksupervisor/clock"
	"github.com/tasksupervisor/tasksupervisor/core"
	"github.com/tasksupervisor/tasksupervisor/core/scenario"
)

// crooked is an event loop that is honest but for one defect.
type crooked struct {
	defect    defect
	source    clock.Source
	clock     clock.Clock
	machine   *scenario.Recorder
	inbox     chan func()
	closed    chan struct{}
	parent    context.Context
	names     map[string]*crookedTask
	tasks     map[core.TaskID]*crookedTask
	counts    Report
	ends      int
	ending    atomic.Int64 // ends that are not dealt with
	wakes     int
	halted    atomic.Pointer[chan struct{}]
	recording io.Writer
	renewing  bool
	limits    core.Limits // that it began with
	outcome   crookedHalt
	waited    int
	waits     []*crookedWait
	endings   map[string]Ending // of the tasks that had the names before
	observers []chan observation
	observe   []observer
	nest      crookedNest
}

type crookedTask struct {
	Task
	name    string
	id      core.TaskID
	live    map[core.Run]*crookedRun
	context context.Context // the one that is used again
	cancel  context.CancelCauseFunc
	last    Ending
	lastRun core.Run
	seen    core.TaskStatus // the status that is told from memory
	latest  core.Run
	gone    chan struct{}  // closed when no run is being stopped
	copy    Body           // that was made before
	unready bool           // it was once
	delay   core.Duration  // that was asked for the last time
	inside  *crooked       // the supervisor that it is, or that was made last
	said    core.EventKind // what an operator said last that outlives a life; 0: nothing
	changed *core.Policy   // that an operator gave it
}

type crookedRun struct {
	task      *crookedTask
	number    core.Run
	cancel    context.CancelCauseFunc
	abandoned bool
	legacy    bool        // it is a run of the supervisor that was made before
	asked     core.Action // the latest probe
	beaten    atomic.Bool // a beat was not told of
	machine   *scenario.Recorder
}

// crookedHalt is an error of Wait.
type crookedHalt struct {
	why  crookedReason
	task string
	run  core.Run
	last error
	left uint32 // runs that were left behind
}

func (h *crookedHalt) Error() string { return h.why.Error() }

func (h *crookedHalt) Unwrap() []error { return []error{h.why, h.last} }

// find returns a live run, or a stand-in if there is none.
func (t *crookedTask) find(run core.Run) *crookedRun {
	if r := t.live[run]; r != nil {
		return r
	}
	return &crookedRun{task: t, number: run, cancel: func(error) {}}
}

type (
	crookedReason  core.Reason
	crookedRefusal core.Refusal
)

func (r crookedReason) Error() string  { return core.Reason(r).String() }
func (r crookedRefusal) Error() string { return core.Refusal(r).String() }

var (
	errCrookedName   = errors.New("the name is taken")
	errCrookedClosed = errors.New("it is closed")
	errCrookedPanic  = errors.New("it panicked")
)

// openCrooked opens a runtime with a defect.
func openCrooked(d defect, env Env) (*crooked, error) {
	if d == otherConfig {
		env.Config.Seed++
	}
	machine, err := core.New(env.Config)
	if err != nil {
		return nil, err
	}
	if d == forgesRecording {
		env.Recording = withoutKills{env.Recording}
	}
	c := &crooked{
		defect: d, clock: env.Clock, source: env.Clock.NewSource(), machine: scenario.NewRecorder(env.Recording, machine),
		inbox: make(chan func()), closed: make(chan struct{}), recording: env.Recording, limits: env.Config.Limits, parent: context.Background(),
		names: make(map[string]*crookedTask), tasks: make(map[core.TaskID]*crookedTask), observe: env.Observers,
		endings: make(map[string]Ending),
	}
	c.live()
	for _, observe := range env.Observers {
		queue := make(chan observation, 1<<14)
		c.observers = append(c.observers, queue)
		go deliver(queue, observe)
	}
	go c.loop()
	if d == leaks {
		go func() { <-make(chan struct{}) }()
	}
	return c, nil
}

// withoutKills does not write down kills.
type withoutKills struct{ to io.Writer }

func (w withoutKills) Write(p []byte) (int, error) {
	if bytes.Contains(p, []byte(" kill ")) {
		return len(p), nil
	}
	return w.to.Write(p)
}

func deliver(queue chan observation, observe observer) {
	for o := range queue {
		func() {
			defer func() { _ = recover() }()
			observe(o.task, o.action)
		}()
	}
}

func (c *crooked) loop() {
	for lost := false; ; {
		at, ok := c.machine.Machine().NextDeadline()
		if c.defect == ticksLate {
			at++
		}
		c.source.Arm(at, ok && !lost)
		lost = false
		select {
		case do := <-c.inbox:
			do()
		case <-c.source.Wake():
			if c.wakes++; c.defect == losesTicks && c.wakes%2 == 0 {
				lost = true
				continue
			}
			_ = c.step(c.onWake(), nil)
		case <-c.closed:
			return
		}
		c.answerWaits()
		c.tellReadiness()
	}
}

func (c *crooked) do(f func() error) error {
	answer := make(chan error, 1)
	select {
	case c.inbox <- func() { answer <- f() }:
		return <-answer
	case <-c.closed:
		return errCrookedClosed
	}
}

func (c *crooked) step(ev core.Event, added *crookedTask) (err error) {
	if ev.At == 0 {
		ev.At = c.source.Now()
	}
	if c.defect == stampsLate && ev.Kind == core.EventExit {
		ev.At++
	}
	if c.defect == haltsEarly && ev.Kind == core.EventShutdown {
		c.halt(core.Action{Why: core.ReasonShutdown})
	}
	if c.defect == stopsAllAtOnce && ev.Kind == core.EventShutdown {
		c.cancelAll(core.ReasonSupervisorStop)
	}
	var actions []core.Action
	if added != nil {
		actions = c.machine.Add(nil, added.name, ev)
	} else {
		actions = c.machine.Step(nil, ev)
	}
	for _, a := range actions {
		if a.Kind == core.ActionReject {
			err = crookedRefusal(a.Refusal)
			continue
		}
		if a.Kind == core.ActionAdd {
			added.id = a.Task
			c.names[added.name], c.tasks[a.Task] = added, added
		}
		t := c.tasks[a.Task]
		c.carryOut(t, a)
		c.publish(t, a)
	}
	return err
}

func (c *crooked) carryOut(t *crookedTask, a core.Action) {
	switch a.Kind {
	case core.ActionStart:
		c.start(t, a.Run)
		if c.defect == startsTwice && a.Run == 2 {
			go func() {
				defer func() { _ = recover() }()
				_ = t.Body(context.WithoutCancel(c.parent), a.Run)
			}()
		}
	case core.ActionStop:
		c.stop(t, a)
	case core.ActionAbandon:
		t.find(a.Run).abandoned = true
		c.counts.Abandoned++
	case core.ActionProbe:
		c.probe(t.find(a.Run), a)
	case core.ActionForget:
		if c.names[t.name] == t {
			c.endings[t.name] = t.last
			delete(c.names, t.name)
		}
		delete(c.tasks, a.Task)
	case core.ActionHalt:
		if c.defect != neverHalts {
			c.halt(a)
		}
	case core.ActionTransition, core.ActionAdd, core.ActionReject:
	}
}

func (c *crooked) halt(a core.Action) {
	select {
	case <-*c.halted.Load():
		return
	default:
	}
	c.outcome = crookedHalt{why: crookedReason(a.Why), run: a.Run, left: a.LeftBehind}
	if c.defect == hidesEscalation && a.Why == core.ReasonEscalated {
		c.outcome.why = crookedReason(core.ReasonShutdown)
	}
	if t := c.tasks[a.Task]; t != nil {
		c.outcome.task = t.name
		if t.lastRun == a.Run && c.defect != losesLastError {
			c.outcome.last = t.last.Err
		}
	}
	close(*c.halted.Load())
}

func (c *crooked) stop(t *crookedTask, a core.Action) {
	switch r := t.find(a.Run); c.defect {
	case doesNotCancel:
	case cancelsSiblings:
		c.cancelAll(a.Why)
	case stopsSiblings:
		if r.cancel(crookedReason(a.Why)); a.Why == core.ReasonSibling {
			c.cancelAll(a.Why)
		}
	case stopsNeeded:
		r.cancel(crookedReason(a.Why))
		for _, need := range t.Needs {
			for _, other := range c.names[need.Task].live {
				other.cancel(crookedReason(a.Why))
			}
		}
	case hidesCauses:
		r.cancel(nil)
	case doesNotWait:
		r.cancel(crookedReason(a.Why))
		go func() {
			_ = c.do(func() error {
				return c.step(core.Event{Kind: core.EventExit, Task: t.id, Run: a.Run, Exit: core.ExitOK}, nil)
			})
		}()
	default:
		t.gone = make(chan struct{})
		r.cancel(crookedReason(a.Why))
	}
}

func (c *crooked) cancelAll(why core.Reason) {
	for _, t := range c.tasks {
		for _, r := range t.live {
			r.cancel(crookedReason(why))
		}
	}
}

// context makes the context of a run.
func (c *crooked) context(t *crookedTask) (context.Context, context.CancelCauseFunc) {
	switch c.defect {
	case dropsValues:
		return context.WithCancelCause(context.Background())
	case inheritsEnd:
		return context.WithCancelCause(c.parent)
	case reusesContext:
		if t.context == nil {
			t.context, t.cancel = context.WithCancelCause(context.WithoutCancel(c.parent))
		}
		return t.context, t.cancel
	default:
		return context.WithCancelCause(context.WithoutCancel(c.parent))
	}
}

func (c *crooked) start(t *crookedTask, number core.Run) {
	ctx, cancel := c.context(t)
	r := &crookedRun{task: t, number: number, cancel: cancel, machine: c.machine}
	ctx = context.WithValue(ctx, crookedKey{}, r)
	t.live[number], t.latest = r, number
	c.counts.Started++
	told := number
	if c.defect == tellsWrongNumber {
		told++
	}
	go func() {
		if c.defect == startsLate {
			timer := c.clock.NewSource()
			timer.Arm(timer.Now()+1, true)
			<-timer.Wake()
		}
		exit, ending := core.ExitNone, Ending{}
		defer func() {
			if exit == core.ExitNone {
				if exit, ending = c.abnormal(recover()); exit == core.ExitNone {
					return
				}
			}
			c.ending.Add(1)
			_ = c.do(func() error { return c.ended(t, number, exit, ending) })
			c.tellHeirs(t, number, exit)
			if c.defect != keepsContexts && c.defect != reusesContext {
				cancel(nil)
			}
		}()
		ending.Err = c.bodyOf(t, r)(ctx, told)
		exit = c.exit(ending.Err)
	}()
	if c.defect == readyAtStart {
		go c.says(r, core.Event{Kind: core.EventReady})
	}
}

// abnormal returns how a run ended that did not return. No exit means that it goes unnoticed.
func (c *crooked) abnormal(value any) (core.ExitKind, Ending) {
	ending := Ending{Err: errCrookedPanic, Value: value, Stack: string(debug.Stack())}
	if c.defect == losesPanics {
		ending.Value = nil
	}
	if c.defect == losesStacks {
		ending.Stack = ""
	}
	switch {
	case value == nil && c.defect == swallowsGoexit:
		return core.ExitNone, ending
	case value == nil && c.defect != goexitIsPanic:
		return core.ExitGoexit, ending
	case c.defect == panicIsError:
		return core.ExitError, ending
	}
	return core.ExitPanic, ending
}

func (c *crooked) ended(t *crookedTask, number core.Run, exit core.ExitKind, ending Ending) error {
	r := t.find(number)
	ev := core.Event{Kind: core.EventExit, Task: t.id, Run: number, Exit: exit, Delay: c.delayOf(t, ending.Err)}
	many := c.ending.Add(-1)
	switch c.ends++; {
	case c.defect == forgetsEnds && c.ends%5 == 0,
		c.defect == losesManyEnds && many > 128,
		c.defect == dropsLateEnds && r.abandoned,
		c.defect == losesLeftEnds && r.machine != c.machine,
		c.defect == forgetsLeft && r.machine != c.machine:
		return nil
	case c.defect == reportsTwice:
		_ = c.step(ev, nil)
	case c.defect == sendsWrongNumber:
		ev.Run++
	case c.defect == chargesLateEnd && r.abandoned:
		ev.Run = t.latest
	case c.defect == judgesQuickEnds && exit == core.ExitOK && t.Policy.MinUptime > 0:
		ev.Exit = core.ExitError
	case c.defect == losesErrors && exit == core.ExitError:
		ending.Err = errCrookedPanic
	}
	if !r.abandoned {
		t.last, t.lastRun = ending, number
	}
	err := c.step(ev, nil)
	delete(t.live, number)
	if c.defect != losesCount || c.tasks[t.id] != nil {
		c.counts.Ended++
	}
	if t.gone != nil {
		close(t.gone)
		t.gone = nil
	}
	return err
}

// bodyOf returns what the next run of a task does.
func (c *crooked) bodyOf(t *crookedTask, r *crookedRun) Body {
	switch {
	case t.Nested != nil || t.Nest != nil:
		return c.nested(t, r)
	case t.Make == nil:
		return t.Body
	case c.defect == sharesCopies, c.defect == makesAhead:
		body := t.copy
		if body == nil {
			body = t.Make()
		}
		if t.copy = body; c.defect == makesAhead {
			t.copy = t.Make()
		}
		return body
	}
	return t.Make()
}

func (c *crooked) publish(t *crookedTask, a core.Action) {
	if c.defect == losesObservations && a.Kind == core.ActionStop || c.renewing && c.defect != tellsOfRenewal {
		return
	}
	o := observation{action: a}
	if t != nil {
		o.task = t.name
	}
	for i, queue := range c.observers {
		switch {
		case c.defect != waitsForObservers:
			queue <- o
		default:
			func() {
				defer func() { _ = recover() }()
				c.observe[i](o.task, o.action)
			}()
		}
	}
}
