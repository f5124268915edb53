package conformance

import (
	"context"
	"errors"

	"github.com/tasksupervisor/tasksupervisor/core"
)

// crookedKey is the key of the run in its context.
type crookedKey struct{}

func (c *crooked) Ready(ctx context.Context) {
	if c.defect != deafToReady {
		c.says(ctx.Value(crookedKey{}).(*crookedRun), core.Event{Kind: core.EventReady})
	}
}

func (c *crooked) NotReady(ctx context.Context) {
	if c.defect != deafToUnready {
		c.says(ctx.Value(crookedKey{}).(*crookedRun), core.Event{Kind: core.EventUnready})
	}
}

func (c *crooked) Beat(ctx context.Context, within core.Duration) {
	r := ctx.Value(crookedKey{}).(*crookedRun)
	switch {
	case c.defect == deafToBeats && within == 0:
		return
	case (c.defect == stampsBeats || c.defect == pullsFirst) && within == 0:
		r.beaten.Store(true)
		return
	case c.defect == breaksPromises:
		within = 0
	}
	c.says(r, core.Event{Kind: core.EventBeat, Within: within})
}

func (c *crooked) says(r *crookedRun, ev core.Event) {
	_ = c.do(func() error {
		ev.Task, ev.Run = r.task.id, r.number
		if c.defect == readyOnce && ev.Kind == core.EventReady && r.task.unready {
			return nil
		}
		r.task.unready = ev.Kind == core.EventUnready
		if c.defect == chargesReady && ev.Kind == core.EventReady || c.defect == chargesUnready && ev.Kind == core.EventUnready ||
			c.defect == chargesBeats && ev.Kind == core.EventBeat {
			ev.Run = r.task.latest
		}
		return c.step(ev, nil)
	})
}

// onWake returns what the deadline is for: a tick, or a beat that was not told of.
func (c *crooked) onWake() core.Event {
	id, due, _ := c.machine.Machine().NextTimer()
	t := c.tasks[id]
	if t == nil || !t.find(t.latest).beaten.Swap(false) {
		return core.Event{Kind: core.EventTick}
	}
	ev := core.Event{Kind: core.EventBeat, Task: id, Run: t.latest, At: due - 1}
	if c.defect == stampsBeats {
		ev.At = due
	}
	return ev
}

func (c *crooked) probe(r *crookedRun, a core.Action) {
	r.asked = a
	times := 1
	if c.defect == probesTwice {
		times = 2
	}
	for range times {
		go func() {
			exit := core.ExitError
			defer func() {
				if recover() != nil && c.defect == mistakesPanics {
					exit = core.ExitOK
				}
				_ = c.do(func() error { return c.answered(r, a, exit) })
			}()
			if c.defect == skipsProbes || r.task.Probe(context.Background(), r.number) == nil {
				exit = core.ExitOK
			}
		}()
	}
}

func (c *crooked) answered(r *crookedRun, a core.Action, exit core.ExitKind) error {
	if late := r.asked != a; late && c.defect != answersLate || c.defect == losesAnswers {
		return nil
	}
	ev := core.Event{Kind: core.EventProbe, Task: r.task.id, Run: r.number, Exit: exit}
	if now := c.names[r.task.name]; c.defect == chargesAnswers && now != nil {
		ev.Task, ev.Run = now.id, now.latest
	}
	if c.defect == answersTwice {
		_ = c.step(ev, nil)
	}
	return c.step(ev, nil)
}

// crookedVerdict is what a run returns that says how it ended.
type crookedVerdict struct {
	exit core.ExitKind
	err  error
}

func (v *crookedVerdict) Error() string { return v.exit.String() }

func (v *crookedVerdict) Unwrap() error { return v.err }

func (c *crooked) Done(err error) error { return &crookedVerdict{core.ExitDone, err} }

func (c *crooked) Fatal(err error) error { return &crookedVerdict{core.ExitFatal, err} }

func (c *crooked) Lost(err error) error { return &crookedVerdict{core.ExitLost, err} }

// crookedDelay is what a run returns that asks for a delay.
type crookedDelay struct {
	err   error
	delay core.Duration
}

func (d *crookedDelay) Error() string { return d.err.Error() }

func (d *crookedDelay) Unwrap() error { return d.err }

func (c *crooked) After(err error, delay core.Duration) error { return &crookedDelay{err, delay} }

func (c *crooked) delayOf(t *crookedTask, err error) core.Duration {
	if asked := (*crookedDelay)(nil); errors.As(err, &asked) && c.defect != losesDelays {
		t.delay = asked.delay
	} else if c.defect != keepsDelays {
		t.delay = 0
	}
	return t.delay
}

// exit tells how a run ended that returned.
func (c *crooked) exit(err error) core.ExitKind {
	verdict := (*crookedVerdict)(nil)
	switch {
	case err == nil:
		return core.ExitOK
	case !errors.As(err, &verdict), verdict.exit == core.ExitFatal && c.defect == fatalIsError,
		verdict.exit == core.ExitLost && c.defect == lossIsError:
		return core.ExitError
	case verdict.exit == core.ExitDone && c.defect == doneIsOK:
		return core.ExitOK
	}
	return verdict.exit
}
