package conformance

import (
	"context"
	"slices"

	"github.com/tasksupervisor/tasksupervisor/core"
	"github.com/tasksupervisor/tasksupervisor/core/scenario"
)

// crookedNest is what a crooked runtime has of those below it, and of the one above.
type crookedNest struct {
	children []crookedChild       // all that there ever were
	says     chan core.EventKind  // tells the one above of readiness; nil if there is none
	heir     *crooked             // was made to go on with what this one leaves
	limits   *core.Limits         // that an operator gave it
	told     core.EventKind       // what was said last of readiness
	reached  bool                 // all its tasks were up
	withheld map[core.TaskID]bool // tasks that took their readiness back and are not up again
}

type crookedChild struct {
	task  *crookedTask
	inner *crooked
}

// nested returns what a run does whose task is a supervisor.
func (c *crooked) nested(t *crookedTask, r *crookedRun) Body {
	return func(ctx context.Context, _ core.Run) error {
		inner, _ := t.Nested.(*crooked)
		if t.Nest != nil {
			inner = t.Nest().(*crooked)
		}
		var older *crooked
		_ = c.do(func() error {
			older, t.inside = t.inside, inner
			known := slices.ContainsFunc(c.nest.children, func(child crookedChild) bool { return child.inner == inner })
			if !known || c.defect == countsTreeTwice {
				c.nest.children = append(c.nest.children, crookedChild{t, inner})
			}
			return nil
		})
		if older != nil && older != inner && c.defect != heirForgets {
			inner.takeOver(older)
		}
		return c.host(ctx, t, r, inner)
	}
}

// host runs a supervisor in a run.
func (c *crooked) host(ctx context.Context, t *crookedTask, r *crookedRun, inner *crooked) error {
	says := make(chan core.EventKind, 1<<10)
	_ = inner.do(func() error {
		inner.nest.says, inner.nest.told, inner.nest.reached = says, core.EventUnready, false
		inner.nest.withheld = make(map[core.TaskID]bool)
		return nil
	})
	if err := inner.Start(ctx); err != nil {
		return err
	}
	early := (<-chan struct{})(nil)
	if c.defect == endsBeforeTree {
		early = ctx.Done()
	}
	halted := *inner.halted.Load()
	for {
		select {
		case kind := <-says:
			if t.Policy.Readiness {
				c.says(r, core.Event{Kind: kind})
			}
		case <-early:
			return nil
		case <-halted:
			return inner.failure()
		}
	}
}

// failure returns the error of a supervisor that gave up.
func (c *crooked) failure() (err error) {
	_ = c.do(func() error {
		outcome := c.outcome
		switch core.Reason(outcome.why) {
		case core.ReasonTooManyDead, core.ReasonEscalated, core.ReasonIntensity:
			err = &outcome
		default:
			if c.defect == chargesLeft && outcome.left > 0 {
				err = &outcome
			}
		}
		return nil
	})
	return err
}

// takeOver goes on with what another supervisor leaves, by name.
func (c *crooked) takeOver(older *crooked) {
	left := make(map[string]*crookedTask)
	var limits *core.Limits
	_ = older.do(func() error {
		for name, t := range older.names {
			left[name] = &crookedTask{said: t.said, changed: t.changed, live: make(map[core.Run]*crookedRun)}
			for number := range t.live {
				left[name].live[number] = &crookedRun{number: number, abandoned: true, legacy: true, cancel: func(error) {}}
			}
		}
		limits, older.nest.heir = older.nest.limits, c
		return nil
	})
	_ = c.do(func() error { return c.rebuild(left, limits) })
}

func (c *crooked) rebuild(left map[string]*crookedTask, limits *core.Limits) error {
	config := c.machine.Machine().Config()
	if limits != nil {
		config.Limits, c.nest.limits = *limits, limits
	}
	machine, err := core.New(config)
	if err != nil {
		return err
	}
	var tasks []*crookedTask
	for status := range c.machine.Machine().Tasks() {
		tasks = append(tasks, c.tasks[status.Task])
	}
	c.machine = scenario.NewRecorder(c.recording, machine)
	c.tasks = make(map[core.TaskID]*crookedTask)
	c.renewing = true
	for _, t := range tasks {
		if err := c.inherit(t, left[t.name]); err != nil {
			return err
		}
	}
	c.renewing = false
	return nil
}

func (c *crooked) inherit(t, from *crookedTask) error {
	ev, policy := core.Event{Kind: core.EventAdd, Suspended: t.Suspended, Held: t.Held}, t.Policy
	var kill bool
	if from != nil {
		t.said, t.changed = from.said, from.changed
		switch from.said {
		case core.EventSuspend:
			ev.Suspended = true
		case core.EventResume, core.EventRestart:
			ev.Suspended = false
		case core.EventKill:
			ev.Suspended, kill = false, true
		default:
			t.said = 0
		}
		if from.changed != nil {
			policy = *from.changed
		}
		if c.defect != heirForgetsLeft {
			t.live = from.live
		}
		for i, number := range numbers(t.live) {
			t.live[number].task = t
			if i == 0 {
				ev.Run = number
			} else {
				ev.Fenced = number
			}
		}
	}
	var err error
	if ev.Policy, err = c.machine.Define(policy); err != nil {
		return err
	}
	if err := c.step(ev, t); err != nil || !kill {
		return err
	}
	return c.step(core.Event{Kind: core.EventKill, Task: t.id}, nil)
}

// numbers returns those of runs, the latest first.
func numbers(live map[core.Run]*crookedRun) (all []core.Run) {
	for number := range live {
		all = append(all, number)
	}
	slices.Sort(all)
	slices.Reverse(all)
	return all
}

// tellHeirs tells those of the end of a run that took over what there was.
func (c *crooked) tellHeirs(t *crookedTask, number core.Run, exit core.ExitKind) {
	for older := c; ; {
		var heir *crooked
		_ = older.do(func() error {
			heir = older.nest.heir
			return nil
		})
		if heir == nil {
			return
		}
		_ = heir.do(func() error {
			own := heir.names[t.name]
			if own == nil || own.live[number] == nil || !own.live[number].legacy {
				return nil
			}
			delete(own.live, number)
			return heir.step(core.Event{Kind: core.EventExit, Task: own.id, Run: number, Exit: exit}, nil)
		})
		older = heir
	}
}

// reportNested adds the accounts of those below.
func (c *crooked) reportNested(report *Report) {
	var children []crookedChild
	_ = c.do(func() error {
		children = slices.Clone(c.nest.children)
		children = slices.DeleteFunc(children, func(child crookedChild) bool {
			return c.defect == losesRemovedTree && c.tasks[child.task.id] == nil ||
				c.defect == losesMadeTree && child.task.inside != child.inner
		})
		return nil
	})
	for _, child := range children {
		below := child.inner.Report()
		report.Started += below.Started
		report.Ended += below.Ended
		report.Abandoned += below.Abandoned
		for _, left := range below.Left {
			report.Left = append(report.Left, LeftRun{child.task.name + "/" + left.Task, left.Run})
		}
	}
}

// tellReadiness tells the supervisor above whether this one is ready, if that has changed.
func (c *crooked) tellReadiness() {
	machine, n := c.machine.Machine(), &c.nest
	if n.says == nil || machine.Phase() != core.PhaseRunning {
		return
	}
	up, back := true, false
	for status := range machine.Tasks() {
		is := isUp(status) || c.defect == treeReadyThoughDead && status.Status == core.StatusDead
		up = up && is
		n.withheld[status.Task] = !is && (n.withheld[status.Task] || status.Unready)
		back = back || n.withheld[status.Task]
	}
	n.reached = n.reached || up || c.defect == treeReadyTooSoon
	what := core.EventUnready
	if n.reached && (!back || c.defect == treeKeepsReady) {
		what = core.EventReady
	}
	if what != n.told {
		n.told = what
		n.says <- what
	}
}
