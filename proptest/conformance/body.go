package conformance

import (
	"context"

	"github.com/tasksupervisor/tasksupervisor/core"
)

// body returns a task's body, whose runs do what the scripts say.
func (h *harness) body(task string, scripts scripts) Body {
	return h.bodies(task, scripts)(nil)
}

// makes returns a function that makes what a run of a task does anew for each run.
func (h *harness) makes(task string, scripts scripts) func() Body {
	bodies := h.bodies(task, scripts)
	return func() Body {
		m := &made{task, h.now()}
		h.mu.Lock()
		h.made = append(h.made, m)
		h.mu.Unlock()
		return bodies(m)
	}
}

// bodies returns the bodies of a task, each made for one run or, with nil, for all.
func (h *harness) bodies(task string, scripts scripts) func(*made) Body {
	runs := 0
	return func(copy *made) Body { return h.bodyOf(task, copy, scripts, &runs) }
}

func (h *harness) bodyOf(task string, copy *made, scripts scripts, runs *int) Body {
	return func(ctx context.Context, run core.Run) error {
		h.mu.Lock()
		script := scripts(*runs)
		*runs++
		h.mu.Unlock()

		l := h.born(ctx, task, run, copy)
		how := h.live(ctx, l, script)
		if how == core.ExitError && h.can(DutyDelays) {
			l.delay = script.delay
		}
		h.death(ctx, l, h.now(), how)
		return h.perform(how, l.failure, l.delay)
	}
}

// born records the start of a run.
func (h *harness) born(ctx context.Context, task string, run core.Run, copy *made) *observedRun {
	l := &observedRun{
		task: task, run: run, copy: copy, orders: make(chan core.ExitKind, 1), failure: &runError{task},
		started: h.now(), asked: core.Never, ended: core.Never,
	}
	h.birth(ctx, l)
	return l
}

// live does what the script says until the run is to end, and returns how that is.
func (h *harness) live(ctx context.Context, l *observedRun, script script) core.ExitKind {
	timer := h.world.clock.NewSource()
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
				h.say(ctx, l, says[0])
				says = says[1:]
			case end <= now:
				return how
			}
		case how = <-l.orders:
			return how
		case <-h.release:
			return core.ExitOK
		case <-stop:
			stop, how = nil, script.gives
			cause := context.Cause(ctx)
			h.stop(l, h.now(), cause, h.reason(cause))
			if script.lingers == 0 {
				return how
			}
			end = later(timer.Now(), script.lingers)
		}
	}
}

// say has a run say something of itself.
func (h *harness) say(ctx context.Context, l *observedRun, what saying) {
	if !h.can(what.word.duty()) {
		return
	}
	h.mu.Lock()
	l.said = append(l.said, said{what, h.now(), h.next()})
	h.mu.Unlock()
	_ = h.call(call{op: what.word.op(), task: l.task}, func() error {
		switch what.word {
		case wordReady:
			h.runtime.Ready(ctx)
		case wordUnready:
			h.runtime.NotReady(ctx)
		case wordAlive:
			h.runtime.Beat(ctx, what.within)
		}
		return nil
	})
}

// probe returns a task's probe, which answers what the list says, one after the other, the last for ever.
func (h *harness) probe(task string, list []answer) Probe {
	asked := 0
	return func(_ context.Context, run core.Run) error {
		a := &probeCall{task: task, run: run, at: h.now(), answered: core.Never}
		h.mu.Lock()
		next := list[min(asked, len(list)-1)]
		asked++
		a.life = h.current
		h.probeCalls = append(h.probeCalls, a)
		h.mu.Unlock()

		timer := h.world.clock.NewSource()
		defer timer.Arm(core.Never, false)
		timer.Arm(later(timer.Now(), next.after), true)
		select {
		case <-timer.Wake():
		case <-h.release:
		}
		h.mu.Lock()
		a.answered, a.how = h.now(), next.how
		h.mu.Unlock()
		return h.perform(next.how, &runError{task}, 0)
	}
}

// later is the instant at which a time has passed.
func later(now core.Instant, d core.Duration) core.Instant {
	if now == core.Never || d == core.Forever {
		return core.Never
	}
	return now + core.Instant(d)
}
