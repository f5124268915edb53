package supervisor

import (
	"slices"
	"sync/atomic"
)

// Observe does what [WithObserver] does, from now on, whether the supervisor runs or not: observe is called for every
// [Transition] of the supervisor and of all below it. It is for whatever is given a supervisor that is made already, such as a page
// that shows it. Unless it is called before the first Run, the observer does not learn how things came to be as they are; ask
// [Supervisor.Tree] for that.
//
// stop ends it: when stop has returned, at most the call that is under way is made. It can be called any number of times. What the
// observer has not been told by then, it is never told.
//
// The error is [ErrNotMade], or a [*ConfigError] if observe is nil.
func (s *Supervisor) Observe(observe func(Transition)) (stop func(), err error) {
	if err := s.made(); err != nil {
		return func() {}, err
	}
	if observe == nil {
		return func() {}, &ConfigError{[]OptionError{{"Observe", "is nil"}}}
	}
	var stopped atomic.Bool
	o := newObserver(s.settings.queue, plainly(func(t Transition) {
		if !stopped.Load() {
			observe(t)
		}
	}))
	s.mu.Lock()
	defer s.mu.Unlock()
	s.own.late[0].change(func(all []*observer) []*observer { return append(slices.Clone(all), o) })
	if s.running() && !s.session.audience.has(s.session) {
		s.session.audience.add(s.session, s.own)
	}
	return func() {
		stopped.Store(true)
		s.mu.Lock()
		defer s.mu.Unlock()
		s.own.late[0].change(func(all []*observer) []*observer {
			if i := slices.Index(all, o); i >= 0 {
				s.stats.TransitionsLost += o.report().Lost // which is counted with it no longer
				return slices.Delete(slices.Clone(all), i, i+1)
			}
			return all
		})
	}, nil
}

// latecomers are the observers that a supervisor was given after it was made. Those below it read them while it changes them.
type latecomers struct{ all atomic.Pointer[[]*observer] }

// change is called with the mu of their supervisor held.
func (l *latecomers) change(change func([]*observer) []*observer) {
	if all := change(l.now()); len(all) > 0 {
		l.all.Store(&all)
	} else {
		l.all.Store(nil)
	}
}

// now returns them, not to be written.
func (l *latecomers) now() []*observer {
	if all := l.all.Load(); all != nil {
		return *all
	}
	return nil
}
