package conformance

import (
	"context"

	"github.com/tasksupervisor/tasksupervisor/core"
)

// body returns a task's body, whose runs do what the scripts say.
func (s *stage) body(task string, scripts scripts) Body {
	runs := 0
	return func(ctx context.Context, run core.Run) error {
		s.mu.Lock()
		script := scripts(runs)
		runs++
		s.mu.Unlock()

		l := s.born(ctx, task, run)
		how := s.live(ctx, l, script)
		s.death(l, s.now(), how)
		return s.perform(how, l.failure)
	}
}

// born takes note of the start of a run.
func (s *stage) born(ctx context.Context, task string, run core.Run) *life {
	l := &life{
		task: task, run: run, orders: make(chan core.ExitKind, 1), failure: &runError{task},
		started: s.now(), asked: core.Never, ended: core.Never,
	}
	s.birth(ctx, l)
	return l
}

// live does what the script says until the run is to end, and returns how that is.
func (s *stage) live(ctx context.Context, l *life, script script) core.ExitKind {
	timer := s.world.clock.NewSource()
	defer timer.Arm(core.Never, false)
	began := timer.Now()
	end, how, says, stop := later(began, script.lasts), script.ends, script.says, ctx.Done()
	for {
		next := end
		if len(says) > 0 {
			next = min(next, later(began, says[0].after))
		}
		timer.Arm(next, true)
		select {
		case <-timer.Wake():
			switch now := timer.Now(); {
			case len(says) > 0 && later(began, says[0].after) <= now:
				s.say(ctx, l, says[0])
				says = says[1:]
			case end <= now:
				return how
			}
		case how = <-l.orders:
			return how
		case <-s.release:
			return core.ExitOK
		case <-stop:
			stop, how = nil, script.gives
			cause := context.Cause(ctx)
			s.stop(l, s.now(), cause, s.reason(cause))
			if script.lingers == 0 {
				return how
			}
			end = later(timer.Now(), script.lingers)
		}
	}
}

// say has a run say something of itself.
func (s *stage) say(ctx context.Context, l *life, what saying) {
	op, duty := "beat", DutyBeats
	if what.ready {
		op, duty = "ready", DutyReady
	}
	if !s.can(duty) {
		return
	}
	s.mu.Lock()
	l.said = append(l.said, said{what, s.now(), s.next()})
	s.mu.Unlock()
	_ = s.call(call{op: op, task: l.task}, func() error {
		if what.ready {
			s.runtime.Ready(ctx)
		} else {
			s.runtime.Beat(ctx, what.within)
		}
		return nil
	})
}

// probe returns a task's probe, which answers what the list says, one after the other, the last for ever.
func (s *stage) probe(task string, list []answer) Probe {
	asked := 0
	return func(_ context.Context, run core.Run) error {
		a := &asking{task: task, run: run, at: s.now(), answered: core.Never}
		s.mu.Lock()
		next := list[min(asked, len(list)-1)]
		asked++
		s.askings = append(s.askings, a)
		s.mu.Unlock()

		timer := s.world.clock.NewSource()
		defer timer.Arm(core.Never, false)
		timer.Arm(later(timer.Now(), next.after), true)
		select {
		case <-timer.Wake():
		case <-s.release:
		}
		s.mu.Lock()
		a.answered, a.how = s.now(), next.how
		s.mu.Unlock()
		return s.perform(next.how, &runError{task})
	}
}

// later is the instant at which a time has passed.
func later(now core.Instant, d core.Duration) core.Instant {
	if now == core.Never || d == core.Forever {
		return core.Never
	}
	return now + core.Instant(d)
}
