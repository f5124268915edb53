package conformance

import (
	"context"
	"time"

	"github.com/tasksupervisor/tasksupervisor/core"
)

// nestedCases are about runtimes that run in runs of others. That takes nothing but what there is: a run starts a
// runtime, with its own context, waits for the halt, and returns the error of that.
func nestedCases() []testCase {
	return []testCase{{name: "nested", config: core.Config{StopOrder: core.StopReverse}, play: playNested}}
}

// playNested has a tree of three levels. In its leaves too much fails, so that a branch gives up again and again, until
// the root is stopped.
func playNested(h *harness) {
	twig := testCase{
		name:   "nested, twig",
		config: core.Config{Strategy: core.OneForAll, Limits: core.Limits{Intensity: core.Rate{Count: 1, Per: time.Minute}}},
		play: func(h *harness) {
			h.plant("leaf", usual(based(time.Second)), h.body("leaf", inTurn(lingers(time.Second))))
			h.plant("failing leaf", usual(based(time.Second)), h.body("failing leaf", inTurn(ends(core.ExitError, 5*time.Second))))
		},
	}
	branch := testCase{
		name:   "nested, branch",
		config: core.Config{Strategy: core.RestForOne},
		play: func(h *harness) {
			h.plant("twig", usual(based(time.Second), attempts(1), exhausting, stopping(core.Forever)), h.nest("twig", twig))
			h.plant("leaf", usual(), h.body("leaf", inTurn(lingers(2*time.Second))))
		},
	}
	_ = h.add("sibling", usual(), lingers(3*time.Second))
	h.plant("branch", usual(based(time.Second), stopping(core.Forever)), h.nest("branch", branch))
	h.plant("another branch", usual(stopping(core.Forever)), h.nest("another branch", branch))
	_ = h.start()
	h.advance(time.Second)
	for range 40 {
		h.advance(2 * time.Second)
	}
	_ = h.restart("another branch")
	h.advance(4 * time.Second)
	h.end()
	h.advance(time.Minute)
}

// plant adds a task. It may be called by any goroutine.
func (h *harness) plant(name string, policy core.Policy, body Body) {
	task := Task{Policy: policy, Body: body}
	_ = h.call(adding(name, task), func() error { return h.runtime.Add(name, task) })
}

// nest returns the body of a task whose runs are runtimes of their own.
func (h *harness) nest(task string, test testCase) Body {
	return func(ctx context.Context, run core.Run) error {
		l := h.born(ctx, task, run, nil)
		inner := &harness{results: h.results, suite: h.suite, world: h.world, source: h.source, release: h.release, moment: h.moment}
		if l.failure = inner.open(ctx, test); l.failure == nil {
			l.failure = h.follow(ctx, l, inner, test)
		}
		how := core.ExitOK
		if l.failure != nil {
			how = core.ExitError
		}
		h.death(ctx, l, h.now(), how)
		return l.failure
	}
}

// follow lets a nested runtime run until it halts. The end of its context, which is that of the run, shuts it down.
func (h *harness) follow(ctx context.Context, l *observedRun, inner *harness, test testCase) error {
	h.mu.Lock()
	h.inner, h.nested = append(h.inner, inner), append(h.nested, inner.evidence)
	h.mu.Unlock()
	test.play(inner)
	defer context.AfterFunc(ctx, func() {
		cause := context.Cause(ctx)
		h.stop(l, h.now(), cause, h.reason(cause))
		inner.askedToStop(true)
	})()
	_ = inner.call(call{op: "start"}, func() error {
		inner.begin()
		return inner.runtime.Start(inner.parent)
	})
	return inner.waitAs(inner.waiting())
}

// all returns what was seen of the harness's runtime and of those that were nested in it.
func (h *harness) all() []*evidence {
	seen := []*evidence{h.evidence}
	for _, inner := range h.inner {
		seen = append(seen, inner.all()...)
	}
	return seen
}
