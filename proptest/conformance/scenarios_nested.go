package conformance

import (
	"context"
	"time"

	"github.com/tasksupervisor/tasksupervisor/core"
)

// nestedPlots are about runtimes that run in runs of others. That takes nothing but what there is: a run starts a
// runtime, with its own context, waits for the halt, and returns the error of that.
func nestedPlots() []plot {
	return []plot{{name: "nested", config: core.Config{StopOrder: core.StopReverse}, play: playNested}}
}

// playNested has a tree of three levels. In its leaves too much fails, so that a branch gives up again and again, until
// the root is stopped.
func playNested(s *stage) {
	twig := plot{
		name:   "nested, twig",
		config: core.Config{Strategy: core.OneForAll, Limits: core.Limits{Intensity: core.Rate{Count: 1, Per: time.Minute}}},
		play: func(s *stage) {
			s.plant("leaf", usual(based(time.Second)), s.body("leaf", inTurn(lingers(time.Second))))
			s.plant("failing leaf", usual(based(time.Second)), s.body("failing leaf", inTurn(ends(core.ExitError, 5*time.Second))))
		},
	}
	branch := plot{
		name:   "nested, branch",
		config: core.Config{Strategy: core.RestForOne},
		play: func(s *stage) {
			s.plant("twig", usual(based(time.Second), attempts(1), exhausting, stopping(core.Forever)), s.nest("twig", twig))
			s.plant("leaf", usual(), s.body("leaf", inTurn(lingers(2*time.Second))))
		},
	}
	_ = s.add("sibling", usual(), lingers(3*time.Second))
	s.plant("branch", usual(based(time.Second), stopping(core.Forever)), s.nest("branch", branch))
	s.plant("another branch", usual(stopping(core.Forever)), s.nest("another branch", branch))
	_ = s.start()
	s.advance(time.Second)
	for range 40 {
		s.advance(2 * time.Second)
	}
	_ = s.restart("another branch")
	s.advance(4 * time.Second)
	s.end()
	s.advance(time.Minute)
}

// plant adds a task. It may be called by any goroutine.
func (s *stage) plant(name string, policy core.Policy, body Body) {
	task := Task{Policy: policy, Body: body}
	_ = s.call(adding(name, task), func() error { return s.runtime.Add(name, task) })
}

// nest returns the body of a task whose runs are runtimes of their own.
func (s *stage) nest(task string, plot plot) Body {
	return func(ctx context.Context, run core.Run) error {
		l := s.born(ctx, task, run)
		inner := &stage{ledger: s.ledger, suite: s.suite, world: s.world, source: s.source, release: s.release}
		if l.failure = inner.open(ctx, plot); l.failure == nil {
			l.failure = s.follow(ctx, l, inner, plot)
		}
		how := core.ExitOK
		if l.failure != nil {
			how = core.ExitError
		}
		s.death(l, s.now(), how)
		return l.failure
	}
}

// follow lets a nested runtime run until it halts. The end of its context, which is that of the run, shuts it down.
func (s *stage) follow(ctx context.Context, l *life, inner *stage, plot plot) error {
	s.mu.Lock()
	s.inner, s.nested = append(s.inner, inner), append(s.nested, inner.evidence)
	s.mu.Unlock()
	plot.play(inner)
	defer context.AfterFunc(ctx, func() {
		cause := context.Cause(ctx)
		s.stop(l, s.now(), cause, s.reason(cause))
		inner.askedToStop(true)
	})()
	_ = inner.call(call{op: "start"}, func() error {
		inner.begin()
		return inner.runtime.Start(inner.parent)
	})
	return inner.waitAs(inner.waiting())
}

// all returns what was seen of the stage's runtime and of those that were nested in it.
func (s *stage) all() []*evidence {
	seen := []*evidence{s.evidence}
	for _, inner := range s.inner {
		seen = append(seen, inner.all()...)
	}
	return seen
}
