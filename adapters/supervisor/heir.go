package supervisor

import (
	"context"
	"slices"

	"github.com/tasksupervisor/tasksupervisor/core"
	"github.com/tasksupervisor/tasksupervisor/core/scenario"
)

// A supervisor that is made anew for every run takes the place of the one that was made before: it takes over what was said
// there by hand, and waits for the runs that were left behind there, task by task, by name.
// The locks of both are never held at once.

// legacy is a run of an older supervisor that a task has to wait for.
type legacy struct {
	run    *run
	number RunNumber
	at     Instant // when it was abandoned; before the heir runs, how long ago that was, as a negative number
}

// takeOver gives the supervisor what it is to have of the one that was made for the run before, if it is not the same.
func (s *Supervisor) takeOver(r *run) {
	parent := r.session.supervisor
	parent.mu.Lock()
	older := r.member.clone
	r.member.rare().clone = s
	parent.mu.Unlock()
	if older != nil && older != s {
		s.inherit(older)
	}
}

// inherit takes over from an older supervisor, and has those that are its tasks take over from the tasks there.
func (s *Supervisor) inherit(older *Supervisor) {
	left := older.leave(s)
	for name, from := range left.tasks {
		from.inherits = slices.DeleteFunc(from.inherits, func(l legacy) bool {
			alive := l.run.passOn(s)
			if !alive { // since its supervisor was left
				from.countLateExit(l.run)
			}
			return !alive
		})
		if is := s.accept(name, from); is != nil && from.clone != nil {
			is.inherit(from.clone)
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.inheritStats(&left.stats)
	if left.limitsSaid {
		s.settings.limits.Limits, s.limitsSaid, s.heir = left.limits, true, true
	}
	if s.heir && s.session == nil { // else its machine is told when it runs again
		_ = s.renew(0, s.own, scenario.Head{Of: s.settings.name, Run: 1}, nil) // is nil: these are settings that were valid
	}
}

// estate is what a supervisor leaves.
type estate struct {
	tasks      map[string]*member // as far as it is left
	limits     Limits
	limitsSaid bool
	stats      Stats
}

// leave returns what the supervisor leaves to an heir.
func (s *Supervisor) leave(heir *Supervisor) estate {
	s.mu.Lock()
	defer s.mu.Unlock()
	left := estate{map[string]*member{}, s.settings.limits.Limits, s.limitsSaid, s.counted()}
	now := Instant(0)
	if s.fault == nil {
		now = s.now()
	}
	for name, m := range s.registry.byName {
		from := &member{said: m.said, beside: m.beside, chosen: m.chosen, rarities: &rarities{clone: m.clone}}
		from.tallied().Totals = m.totals(now)
		if is, ok := m.task.(*Supervisor); ok {
			from.clone = is // even if it was not run
		}
		if from.said.policy {
			policy := s.policyOf(m)
			from.bequeathed = &policy
		}
		if from.said.state == saidRemoved { // that concerns one task of one supervisor
			from.said.state, from.said.spoken = saidNothing, false
		}
		for _, l := range m.inherits {
			from.inherits = append(from.inherits, legacy{l.run, l.number, l.at - now})
		}
		for _, r := range m.alive() {
			at := Instant(0)
			if r.abandoned {
				at = r.abandonedAt - now
			}
			from.inherits = append(from.inherits, legacy{r, r.number, at})
		}
		left.tasks[name] = from
	}
	return left
}

// accept gives a task what is left to it. It returns the supervisor that the task is, if it is one.
func (s *Supervisor) accept(name string, from *member) *Supervisor {
	s.mu.Lock()
	defer s.mu.Unlock()
	m := s.registry.byName[name]
	if m == nil {
		return nil
	}
	s.revision++
	m.inheritTotals(&from.tally.Totals)
	if from.said.spoken {
		m.said.state, m.said.spoken, s.heir = from.said.state, true, true
	}
	if from.said.placed {
		m.said.held, m.said.placed, s.heir = from.said.held, true, true
	}
	if from.said.policy {
		m.rare().bequeathed = from.bequeathed
		m.beside, m.chosen, m.said.policy, s.heir = from.beside, from.chosen, true, true
	}
	if len(from.inherits) > 0 {
		m.rare().inherits, s.heir = from.inherits, true
	}
	is, _ := m.task.(*Supervisor)
	if is == nil && m.clone != from.clone {
		m.rare().clone = from.clone
	}
	return is
}

// passOn has the end of a run told to an heir, unless it has ended. There is one at a time: the latest.
func (r *run) passOn(heir *Supervisor) (ok bool) {
	s := r.session.supervisor
	s.mu.Lock()
	defer s.mu.Unlock()
	if r.over {
		return false
	}
	r.heir = heir
	return true
}

// outlived returns the numbers of the runs that the task has to wait for when it is given to a new machine.
func (m *member) outlived() (runs []RunNumber) {
	for _, r := range m.left {
		runs = append(runs, r.number)
	}
	for _, legacy := range m.inherits {
		runs = append(runs, legacy.number)
	}
	return runs[:min(len(runs), 2)]
}

// legacyEnd is the deed of telling an heir, when the lock of the older supervisor has been released.
type legacyEnd struct {
	heir *Supervisor
	run  *run
	at   Instant // of the older supervisor's clock
}

func (l *legacyEnd) launch() { l.heir.legacyEnded(l.run, l.at) }

func (l *legacyEnd) stop(error) {}

// legacyEnded tells the machine of the end of a run that a task has waited for, which was a run of an older supervisor.
func (s *Supervisor) legacyEnded(r *run, at Instant) {
	s.mu.Lock()
	defer s.mu.Unlock()
	m := s.registry.byName[r.member.name]
	if m == nil {
		return
	}
	i := slices.IndexFunc(m.inherits, func(l legacy) bool { return l.run == r })
	if i < 0 {
		return
	}
	m.inherits = slices.Delete(m.inherits, i, i+1)
	m.countLateExit(r)
	s.stats.countEnd(r, at)
	s.revision++
	if s.session != nil && s.fault == nil {
		s.handle(input{Event: core.Event{Kind: core.EventExit, Task: m.id, Run: r.number, Exit: r.exit}})
	}
}

// awaitEarlier waits until the supervisor, which runs already, has finished, if it was abandoned in an earlier run of the same
// task. The error is ErrAlreadyRunning if it was not, or the cause of the end of the context.
func (s *Supervisor) awaitEarlier(ctx context.Context, r *run) error {
	s.mu.Lock()
	session := s.session
	s.mu.Unlock()
	if r == nil || r.is != s || session == nil || session.parent == nil || session.parent == r || session.parent.member != r.member {
		return ErrAlreadyRunning
	}
	select {
	case <-session.done:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
