package loop

import (
	"context"
	"math"

	"github.com/tasksupervisor/tasksupervisor/core"
)

// Ready says that a run is ready, by its context.
func (l *Loop) Ready(ctx context.Context) {
	r := runOf(ctx)
	_ = l.do(func() error {
		return l.tell(core.Event{Kind: core.EventReady, Task: r.task.id, Run: r.number}, nil)
	})
}

// NotReady takes that back, by the context of the run.
func (l *Loop) NotReady(ctx context.Context) {
	r := runOf(ctx)
	_ = l.do(func() error {
		return l.tell(core.Event{Kind: core.EventUnready, Task: r.task.id, Run: r.number}, nil)
	})
}

// Beat says that a run is alive, by its context, and how soon it will say so again: core.Forever for not at all, 0 for
// as its policy says.
//
// A plain beat only leaves its instant behind. The loop has a look at it when the watchdog is due. A promise has to be
// kept sooner than that, perhaps, or later; so it is told at once, and so is the beat that ends it.
func (l *Loop) Beat(ctx context.Context, within core.Duration) {
	r := runOf(ctx)
	r.beat.Store(int64(l.source.Now()))
	if told := r.tell.Swap(within != 0); within == 0 && !told {
		return
	}
	_ = l.do(func() error {
		now := l.catchUp()
		r.beat.Store(noBeat)
		return l.step(core.Event{Kind: core.EventBeat, At: now, Task: r.task.id, Run: r.number, Within: within}, nil)
	})
}

// listen has the next beat reported at once: the watchdog is not due any more, because it has reported a miss.
func (l *Loop) listen(r *run) {
	r.tell.Store(true)
	if r.beat.Load() != noBeat { // it came just now, and may have found that it need not be told
		go l.Beat(r.ctx, 0)
	}
}

const noBeat = math.MinInt64

func runOf(ctx context.Context) *run { return ctx.Value(runKey{}).(*run) }

// pull returns the beat of a run whose watchdog is due, if there was one that the machine does not know of, with what is
// left of the time that it is good for.
func (r *run) pull(due, now core.Instant, watchdog core.Duration) (ev core.Event, ok bool) {
	beat := r.beat.Swap(noBeat)
	until := core.Instant(beat + int64(watchdog))
	ev = core.Event{
		Kind: core.EventBeat, At: now, Task: r.task.id, Run: r.number, Within: core.Duration(until - now),
	}
	return ev, beat != noBeat && until > due
}

// probe asks a run whether it is well. If it has been asked before, and has not answered, its answer to that will do.
func (l *Loop) probe(r *run) {
	if r.asked {
		return
	}
	r.asked = true
	go func() {
		exit := core.ExitError
		defer func() {
			_ = recover() // then it is not well
			_ = l.do(func() error { return l.answered(r, exit) })
		}()
		if r.task.Probe(r.ctx, r.number) == nil {
			exit = core.ExitOK
		}
	}()
}

// answered reports the answer to a probe. If it comes too late, the machine rejects it.
func (l *Loop) answered(r *run, exit core.ExitKind) error {
	r.asked = false
	return l.tell(core.Event{Kind: core.EventProbe, Task: r.task.id, Run: r.number, Exit: exit}, nil)
}
