package supervisor

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/tasksupervisor/tasksupervisor/clock"
	"github.com/tasksupervisor/tasksupervisor/core"
)

// LateProbe is a probe whose time has passed and that has not returned, or a call of a gate whose answer is not awaited any more.
type LateProbe struct {
	Path  string    // the names from the root supervisor down to the task
	Run   RunNumber // which run of the task it is about; 0: none, it is a call of the task's gate (see WithGate)
	Since Instant   // when its context was cancelled
	Date  time.Time // the same by the wall clock; zero if the clock has none
}

// probe is one call of a task's probe.
type probe struct {
	context.Context
	cancel   context.CancelCauseFunc
	launched sync.Once
	run      *run
	check    func(context.Context) error

	// Guarded by the supervisor's mu.
	late  bool
	since Instant // when it became late
}

// probe begins a probe. It is not called while the one before has not returned.
func (s *Supervisor) probe(r *run) {
	health := r.ownHealth()
	if health.going != nil {
		health.again = true
		return
	}
	p := &probe{run: r, check: r.member.check}
	health.going = p
	s.mu.launch(p)
}

func (p *probe) launch() {
	p.run.launch()
	p.launched.Do(func() {
		p.Context, p.cancel = context.WithCancelCause(p.run)
		go p.main()
	})
}

func (p *probe) stop(cause error) { p.cancel(cause) }

// main is the probe's goroutine.
func (p *probe) main() {
	var err error
	returned := false
	defer func() {
		if !returned {
			value := recover()
			if value != nil && p.run.crash {
				panic(value)
			}
			err = unreturned(value)
		}
		p.run.session.supervisor.answer(p, err)
	}()
	err = sound(p.check(p))
	returned = true
}

// answer records the answer of a probe, unless it is too late for that.
func (s *Supervisor) answer(p *probe, err error) {
	p.cancel(nil)
	s.mu.Lock()
	defer s.mu.Unlock()
	r, health := p.run, p.run.health.Load()
	at := s.now()
	if s.fault == nil {
		defer s.guard()
		s.catchUp(at) // with the probe still going: it may be late
	}
	awaited := r.awaits()
	health.going, health.again = nil, false
	r.member.dropLate(p)
	if !awaited || p.late {
		s.tellLateProbe(r, err)
	}
	if !awaited {
		return
	}
	exit := ExitOK
	if err != nil {
		exit, health.err = ExitError, err
	}
	s.feed(input{Event: core.Event{At: at, Kind: core.EventProbe, Task: r.member.id, Run: r.number, Exit: exit}})
}

// tellLateProbe tells the observers of a probe that panicked, or ended its goroutine, when its time was over or its answer was
// not awaited any more. No failure follows from it, so it would be told nowhere. It is called with mu held.
func (s *Supervisor) tellLateProbe(r *run, err error) {
	s.tellLate(r.member, r.number, ReasonProbeFailed, err, (*scope)(r))
}

// tellLate is tellLateProbe for whatever is asked about a task.
func (s *Supervisor) tellLate(m *member, number RunNumber, why Reason, err error, ctx context.Context) {
	switch err.(type) { // it is not searched: the lock is held
	case *PanicError, *GoexitError:
	default:
		return
	}
	if s.watching.unobserved() {
		return
	}
	t := Transition{
		Supervisor: s.path(), Task: m.name, At: s.now(), Kind: ActionTransition, Why: why, Run: number, Until: Never, Err: err,
		LateProbe: true, ctx: ctx,
	}
	if s.session != nil {
		t.Date, _ = clock.Date(s.session.source, t.At)
	}
	if s.fault == nil {
		status, _ := s.engine.machine.Status(m.id)
		t.From, t.To = status.Status, status.Status
	}
	s.watching.publish(&t, &s.mu)
}

// awaits reports whether the machine awaits the answer of the probe in progress. If another probe was due since then, it does
// so only if that has failed too, and any answer will do.
func (r *run) awaits() bool {
	s := r.session.supervisor
	if s.fault != nil || r.member.current != r {
		return false
	}
	status, _ := s.engine.machine.Status(r.member.id)
	return status.Probing && (!r.health.Load().again || status.Until == Never)
}

// watchProbe ends the probe that is going, if it is too late for that, as the machine has just decided.
func (r *run) watchProbe(a *core.Action) {
	health := r.health.Load()
	if health == nil || health.going == nil {
		return
	}
	p, mu := health.going, &r.session.supervisor.mu
	switch {
	case a.Why == ReasonProbeFailed, a.Why == ReasonWatchdog:
		health.err = ErrProbeTimeout
		p.drop(a.At)
		mu.stop(p, ErrProbeTimeout)
	case a.To != StatusHealthy:
		p.drop(a.At) // its context ends with the run's
	case a.Why == ReasonPolicy:
		p.drop(a.At)
		mu.stop(p, nil)
	}
}

// drop lists a probe as late until it returns.
func (p *probe) drop(at Instant) {
	if !p.late {
		p.late, p.since = true, at
		stats := &p.run.session.supervisor.stats
		stats.ProbesAbandoned++
		stats.ProbesLate++
		p.run.member.rare().late = append(p.run.member.late, p)
	}
}

// dropLate removes a probe that has returned from the late ones, if it is one.
func (m *member) dropLate(p *probe) {
	if i := slices.Index(m.late, p); i >= 0 {
		m.late = slices.Delete(m.late, i, i+1)
		p.run.session.supervisor.stats.ProbesLate--
	}
}
