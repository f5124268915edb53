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

		l := &life{
			task: task, run: run, orders: make(chan core.ExitKind, 1),
			started: s.now(), asked: core.Never, ended: core.Never,
		}
		l.failure = &runError{l}
		s.birth(ctx, l)
		how := s.live(ctx, l, script)
		s.death(l, s.now(), how)
		return l.perform(how)
	}
}

// live does what the script says until the run is to end, and returns how that is.
func (s *stage) live(ctx context.Context, l *life, script script) core.ExitKind {
	timer := s.world.clock.NewSource()
	defer timer.Arm(core.Never, false)
	timer.Arm(later(timer.Now(), script.lasts))
	how, stop := script.ends, ctx.Done()
	for {
		select {
		case <-timer.Wake():
			return how
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
			timer.Arm(later(timer.Now(), script.lingers))
		}
	}
}

func later(now core.Instant, d core.Duration) (at core.Instant, ok bool) {
	return now + core.Instant(d), d != core.Forever
}
