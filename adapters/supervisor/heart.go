package supervisor

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/tasksupervisor/tasksupervisor/core"
)

// Beat says that a run is alive, see [WithWatchdog]. ctx is the context of the run, or is derived from it. For a task
// without a watchdog it does nothing and returns nil: so a task need not know how it is supervised. A loop that beats often
// uses a [Heart].
//
// The error is [ErrNoRun] with any other context, [ErrNilContext], or [ErrRunEnded] if the run has ended.
func Beat(ctx context.Context) error { return BeatWithin(ctx, 0) }

// BeatWithin says that a run is alive and will say so again within d, which may be shorter or longer than the watchdog's
// time: before a long step, for instance. With Forever the next beat is never due; zero or less is the same as [Beat]. The
// error is as for Beat.
func BeatWithin(ctx context.Context, d time.Duration) error {
	heart, err := HeartOf(ctx)
	heart.BeatWithin(d)
	return err
}

// Heart beats for one run. Copies of it are as good, and may be used by several goroutines: the latest beat counts. The
// zero Heart does nothing, and neither does that of a run that has ended.
type Heart struct{ run *run }

// HeartOf returns the heart of the run that ctx belongs to: the context of the run, or one derived from it. The error is as
// for [Beat], and the heart then the zero Heart.
func HeartOf(ctx context.Context) (Heart, error) {
	r, err := liveRunOf(ctx)
	return Heart{r}, err
}

// Beat does what the function [Beat] does. It costs little more than reading the clock, and does not allocate.
func (h Heart) Beat() { h.BeatWithin(0) }

// BeatWithin does what the function [BeatWithin] does. It is as cheap as [Heart.Beat], unless the next beat is
// due earlier than it was before.
func (h Heart) BeatWithin(d time.Duration) {
	if h.run == nil {
		return
	}
	health := h.run.health.Load()
	if health == nil {
		return
	}
	watchdog := time.Duration(health.watchdog.Load())
	if watchdog == 0 {
		return
	}
	if d <= 0 {
		d = watchdog
	}
	// The supervisor finds the beat when the machine's timer would fire, unless that is too late.
	due := dueAt(h.run.session.source.Now(), d)
	health.due.Store(int64(due))
	if due < Instant(health.armed.Load()) {
		h.run.session.supervisor.beat(h.run, d)
	}
}

// health is the state of a run's watchdog, probes and readiness probe. Runs without any of these have none.
type health struct {
	// What the run's heart and the supervisor share. The run writes due and reads the rest, the supervisor writes the
	// rest with mu held.
	watchdog atomic.Int64 // how soon a beat is due after a plain one; 0 if none is
	due      atomic.Int64 // when the next beat is due, as of the latest; 0 if there was none
	armed    atomic.Int64 // when the machine's timer fires

	// Guarded by the supervisor's mu.
	going *probe // it has not returned
	again bool   // the run was to be probed once more since
	err   error  // of the latest probe that failed

	asking   *probe // the call of its readiness probe that is going; nil if there is none
	notReady error  // what its readiness probe returned the last time
}

// beats reports whether beats of the run count. It is called with mu held.
func (r *run) beats() bool {
	health := r.health.Load()
	return health != nil && health.watchdog.Load() != 0
}

// beat reports a beat to the machine that cannot be reported later.
func (s *Supervisor) beat(r *run, within core.Duration) {
	s.mu.Lock()
	defer s.mu.UnlockInLoop()
	if r.member.current != r || !r.beats() {
		return
	}
	s.handle(input{Event: core.Event{Kind: core.EventBeat, Task: r.member.id, Run: r.number, Within: within}})
	if r.beats() { // else it has missed this very beat
		due := int64(dueAt(s.engine.machine.Now(), within))
		r.health.Load().due.Store(due)
		r.health.Load().armed.Store(due)
	}
}

// deliverBeat tells the machine of the run's latest beat, if that moves the timer that is due. If not, the run has missed it.
//
// A beat in the same moment finds the timer armed beyond all time, and waits to tell the machine itself.
func (s *Supervisor) deliverBeat(r *run, timer Instant) {
	health := r.health.Load()
	health.armed.Store(int64(Never))
	due := Instant(health.due.Load())
	if due <= timer {
		return
	}
	now := s.engine.machine.Now()
	within := Forever
	if due != Never {
		within = core.Duration(due - now)
	}
	s.feed(input{Event: core.Event{At: now, Kind: core.EventBeat, Task: r.member.id, Run: r.number, Within: within}})
	health.armed.Store(int64(due))
}

// watchBeats updates the run's heart with what the machine has just decided about the run.
func (r *run) watchBeats(a *core.Action) {
	watchdog := core.Duration(0)
	if a.To == StatusHealthy {
		watchdog = r.session.supervisor.policyOf(r.member).Watchdog
	}
	health := r.health.Load()
	if health == nil {
		if watchdog == 0 {
			return
		}
		health = r.ownHealth()
	}
	if a.Why == ReasonPolicy {
		health.due.Store(0) // the timer has begun anew
	}
	health.watchdog.Store(int64(watchdog))
	health.armed.Store(int64(a.Until))
}

// ownHealth returns the run's health, which is made when it is first needed. It is called with mu held.
func (r *run) ownHealth() *health {
	own := r.health.Load()
	if own == nil {
		own = new(health)
		r.health.Store(own)
	}
	return own
}

// dueAt returns the instant that is d after another, at most Never.
func dueAt(at Instant, d core.Duration) Instant {
	if d == Forever || at > 0 && Instant(d) > Never-at {
		return Never
	}
	return at + Instant(d)
}
