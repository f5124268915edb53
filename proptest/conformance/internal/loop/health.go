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

// Beat says that a run is alive, by its context, and how soon it will say so again: core.Forever for not at all, 0 for
// as its policy says.
//
// A plain beat only leaves its instant behind. The loop has a look at it when the watchdog is due. A promise has to be
// kept sooner than that, perhaps, or later; so it is told at once, and so is the beat that ends it.
func (l *Loop) Beat(ctx context.Context, within core.Duration) {
	r := runOf(ctx)
	if promised := r.promised.Swap(within != 0); within == 0 && !promised {
		r.beat.Store(int64(l.source.Now()))
		return
	}
	_ = l.do(func() error {
		now := l.catchUp() // an earlier beat may be what saved the run
		r.beat.Store(noBeat)
		return l.step(core.Event{Kind: core.EventBeat, At: now, Task: r.task.id, Run: r.number, Within: within}, nil)
	})
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

// probe asks a run whether it is well, unless it has been asked and has not answered: then it has failed this one, too.
func (l *Loop) probe(r *run, asked core.Action) {
	r.asked = asked
	if r.asking {
		return
	}
	r.asking = true
	go func() {
		exit := core.ExitError
		defer func() {
			_ = recover() // then it is not well
			_ = l.do(func() error { return l.answered(r, asked, exit) })
		}()
		if r.task.Probe(r.ctx, r.number) == nil {
			exit = core.ExitOK
		}
	}()
}

// answered reports the answer to a probe, unless it comes too late: another probe may be under way by then.
func (l *Loop) answered(r *run, asked core.Action, exit core.ExitKind) error {
	now := l.catchUp()
	r.asking = false
	if now >= asked.Until || r.asked != asked {
		return nil
	}
	return l.step(core.Event{Kind: core.EventProbe, At: now, Task: r.task.id, Run: r.number, Exit: exit}, nil)
}
