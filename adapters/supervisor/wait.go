package supervisor

import (
	"context"
	"reflect"
	"strconv"
	"strings"

	"github.com/tasksupervisor/tasksupervisor/core"
)

// Condition is what [Supervisor.WaitFor] and [Supervisor.WaitForAll] wait for.
type Condition uint8

// What can be waited for.
const (
	UntilHealthy Condition = iota + 1 // it is healthy: it runs, and if it has readiness it has been ready
	UntilReady                        // tasks that need it can start: it is healthy and not unready, or completed
	UntilStopped                      // no run of it is alive, not even one that was left behind
	UntilGone                         // it is removed, or was never added
)

// String returns the condition in one word.
func (c Condition) String() string {
	switch c {
	case UntilHealthy:
		return "healthy"
	case UntilReady:
		return "ready"
	case UntilStopped:
		return "stopped"
	case UntilGone:
		return "gone"
	}
	return "Condition(" + strconv.Itoa(int(c)) + ")"
}

// WaitFor waits until a condition holds for a task, and returns nil as soon as it does. The path may lead through supervisors
// that are down, or were not made yet; they are waited for as well. That somebody else brings the condition about is as good.
//
// The error is a [*TaskError]. It wraps the cause if ctx ends first; [ErrNoCondition]; and where nothing but an operator command
// could make the condition hold, at once: [ErrUnknownTask] if there is no such task, or no longer; [ErrBeingRemoved];
// [ErrAlreadyEnded] if the task is dead or, for UntilHealthy, completed; [ErrShuttingDown], [ErrStopped] or a [*FaultError] if the
// supervisor it is in will not run again by itself. A task that is suspended is waited for.
func (s *Supervisor) WaitFor(ctx context.Context, path string, condition Condition) error {
	return s.wait(ctx, path, func() (wait, error) {
		w := wait{called: s, condition: condition, holds: condition.holds}
		if condition < UntilHealthy || condition > UntilGone {
			return w, ErrNoCondition
		}
		return w, w.look(s, path)
	})
}

// WaitUntil does what [Supervisor.WaitFor] does for a condition of your own, which is asked about each status that the task has
// when it looks. It may miss one that lasts for no time. The function must not call the supervisor. A task that is dead may
// fulfill it; otherwise the errors are the same, and [ErrNoCondition] for nil.
func (s *Supervisor) WaitUntil(ctx context.Context, path string, holds func(TaskStatus) bool) error {
	return s.wait(ctx, path, func() (wait, error) {
		w := wait{called: s, holds: holds}
		if holds == nil {
			return w, ErrNoCondition
		}
		return w, w.look(s, path)
	})
}

// WaitForAll waits until a condition holds for a task and all tasks in supervisors in it; with the empty path, for all tasks of
// the whole tree, at one and the same time as far as each supervisor is concerned. It returns what WaitFor does, for the
// first task of which it is true; the path in that error is the one of that task.
func (s *Supervisor) WaitForAll(ctx context.Context, path string, condition Condition) error {
	return s.wait(ctx, path, func() (wait, error) {
		w := wait{called: s, condition: condition, holds: condition.holds}
		if condition < UntilHealthy || condition > UntilGone {
			return w, ErrNoCondition
		}
		if path == "" || path == s.Path() {
			return w, w.lookAtAll(s)
		}
		if err := w.look(s, path); err != nil || !w.held {
			return w, err
		}
		at, name := s.locate(path)
		at.mu.Lock()
		var inside []insideTask
		if m := at.registry.byName[name]; m != nil {
			inside = m.inside()
			w.on = append(w.on, at.reshaped.next())
		}
		at.mu.Unlock()
		for _, in := range inside {
			if err := w.lookAtAll(in.supervisor); err != nil || !w.held {
				return w, err
			}
		}
		return w, nil
	})
}

// signal wakes those that wait for something to happen. Its zero value has none.
type signal struct{ channel chan struct{} }

// next returns a channel that is closed when the signal fires next.
func (s *signal) next() <-chan struct{} {
	if s.channel == nil {
		s.channel = make(chan struct{})
	}
	return s.channel
}

func (s *signal) fire() {
	if s.channel != nil {
		close(s.channel)
		s.channel = nil
	}
}

// wait is one look at what is waited for, and what to wait for before the next look.
type wait struct {
	called    *Supervisor
	condition Condition // 0: one of the caller's own
	holds     func(TaskStatus) bool
	held      bool
	on        []<-chan struct{}
}

// wait looks until the condition holds, there is an error, or ctx ends.
func (s *Supervisor) wait(ctx context.Context, path string, look func() (wait, error)) error {
	err := s.usable(ctx)
	for err == nil {
		var w wait
		if w, err = look(); err != nil || w.held {
			break
		}
		if !w.sleep(ctx) {
			err = soundCause(ctx)
		}
	}
	if _, named := err.(*TaskError); named || err == nil {
		return err
	}
	return &TaskError{"wait for", path, err}
}

// sleep waits until something has happened. It reports whether that came before the end of ctx.
func (w *wait) sleep(ctx context.Context) bool {
	cases := []reflect.SelectCase{{Dir: reflect.SelectRecv, Chan: reflect.ValueOf(ctx.Done())}}
	for _, on := range w.on {
		cases = append(cases, reflect.SelectCase{Dir: reflect.SelectRecv, Chan: reflect.ValueOf(on)})
	}
	chosen, _, _ := reflect.Select(cases)
	return chosen != 0
}

func (c Condition) holds(status TaskStatus) bool {
	switch c {
	case UntilHealthy:
		return status.Status == StatusHealthy
	case UntilReady:
		return status.Status == StatusHealthy && !status.Unready || status.Status == StatusCompleted
	case UntilStopped:
		return !status.Live && status.Fenced == 0
	case UntilGone:
	}
	return false
}

// look looks at one task.
func (w *wait) look(s *Supervisor, path string) error {
	at, name, err := w.descend(s, path)
	if at == nil || err != nil {
		return err
	}
	at.mu.Lock()
	w.on = append(w.on, at.reshaped.next())
	m := at.registry.byName[name]
	if m == nil {
		at.mu.Unlock()
		return w.absent(ErrUnknownTask)
	}
	w.on = append(w.on, m.changed.next())
	status := at.status(m)
	at.mu.Unlock()
	if w.held = w.holds(status); w.held {
		return nil
	}
	return w.never(at, &status)
}

// descend follows a path to the supervisor at its end. If that does not exist yet, it is nil.
func (w *wait) descend(s *Supervisor, path string) (at *Supervisor, name string, err error) {
	if rest, ok := strings.CutPrefix(path, s.Path()+"/"); ok {
		if first, _, _ := strings.Cut(path, "/"); !s.has(first) {
			path = rest
		}
	}
	for {
		first, rest, deeper := strings.Cut(path, "/")
		if !deeper {
			return s, path, nil
		}
		s.mu.Lock()
		w.on = append(w.on, s.reshaped.next())
		m := s.registry.byName[first]
		if m == nil {
			s.mu.Unlock()
			return nil, "", w.absent(ErrUnknownTask)
		}
		w.on = append(w.on, m.changed.next())
		status := s.status(m)
		s.mu.Unlock()
		child, below := s.enter(first, rest)
		if child == nil {
			if err := w.never(s, &status); err != nil {
				return nil, "", w.absent(err)
			}
			return nil, "", w.absent(nil)
		}
		s, path = child, below
	}
}

// absent is what follows from there being no such task, which may have a reason.
func (w *wait) absent(why error) error {
	if w.condition == UntilStopped || w.condition == UntilGone {
		w.held = true
		return nil
	}
	return why
}

// never says why the condition will not hold without an operator command.
func (w *wait) never(at *Supervisor, status *TaskStatus) error {
	if w.condition == UntilStopped || w.condition == UntilGone {
		return nil
	}
	if status.Intent == IntentRemove {
		return ErrBeingRemoved
	}
	over := at.Phase() > PhaseRunning
	if over {
		if err := w.neverAgain(at); err != nil {
			return err
		}
	}
	ended := status.Status == StatusDead || status.Status == StatusCompleted
	if w.condition != 0 && ended && (!over || status.Why == ReasonKilled) {
		return ErrAlreadyEnded
	}
	return nil
}

// neverAgain says why a supervisor that is stopping or has stopped will not run again by itself.
func (w *wait) neverAgain(s *Supervisor) error {
	s.mu.Lock()
	phase, session, fault := s.phase(), s.session, s.fault
	w.on = append(w.on, s.reshaped.next())
	s.mu.Unlock()
	if phase <= PhaseRunning || session == nil {
		return nil
	}
	if !session.isTask() {
		switch {
		case fault != nil:
			return fault
		case phase == PhaseHalting:
			return ErrShuttingDown
		}
		return ErrStopped
	}
	parent, m := session.parent.session.supervisor, session.parent.member
	parent.mu.Lock()
	w.on = append(w.on, m.changed.next(), parent.reshaped.next())
	removed, replaced := m.id == 0, m.clone != nil && m.clone != s
	var status TaskStatus
	if !removed {
		status = parent.status(m)
	}
	over := parent.phase() > PhaseRunning
	parent.mu.Unlock()
	if replaced && s != w.called {
		return nil // the path is about to lead to another
	}
	ended := status.Status == StatusDead || status.Status == StatusCompleted
	if removed || replaced || status.Intent == IntentRemove || status.Intent == IntentKill || ended && (!over || status.Why == ReasonKilled) {
		return ErrStopped
	}
	return w.neverAgain(parent)
}

// lookAtAll looks at all tasks of a supervisor and of those in them. held says whether the condition holds for all.
func (w *wait) lookAtAll(s *Supervisor) error {
	s.mu.Lock()
	w.on = append(w.on, s.changed.next(), s.reshaped.next())
	counts, alive, over := s.engine.machine.Counts(), s.registry.alive, s.phase() > PhaseRunning
	held := w.condition.holdsForAll(&counts, alive) && !(w.condition == UntilReady && anyUnready(s.engine.machine))
	s.mu.Unlock()
	if w.held = held; !w.held {
		if over {
			if err := w.someEnded(s); err != nil {
				return err
			}
		} else if counts.Dead > 0 || counts.Completed > 0 {
			return w.someEnded(s)
		}
		return nil
	}
	for _, child := range s.below() {
		if err := w.lookAtAll(child); err != nil || !w.held {
			return err
		}
	}
	return nil
}

// someEnded names the first task for which the condition will not hold.
func (w *wait) someEnded(s *Supervisor) error {
	for _, status := range s.Statuses() {
		if w.holds(status) {
			continue
		}
		if err := w.never(s, &status); err != nil {
			return &TaskError{"wait for", join(s.Path(), status.Name), err}
		}
	}
	return nil
}

// anyUnready reports whether the run of any task has taken its readiness back.
func anyUnready(machine *core.Machine) bool {
	for status := range machine.Tasks() {
		if status.Unready {
			return true
		}
	}
	return false
}

func (c Condition) holdsForAll(counts *Counts, alive int) bool {
	switch c {
	case UntilHealthy:
		return counts.Healthy == counts.Total
	case UntilReady:
		return counts.Healthy+counts.Completed == counts.Total
	case UntilStopped:
		return alive == 0
	case UntilGone:
		return counts.Total == 0
	}
	return false
}

// await waits until something has come about for a task that a command was about, or its run is abandoned. The function is
// called with mu held.
func (s *Supervisor) await(ctx context.Context, m *member, come func() bool) error {
	for {
		s.mu.Lock()
		if come() {
			s.mu.Unlock()
			return nil
		}
		var err error
		switch left := m.leftBehind(nil, s); {
		case s.fault != nil:
			err = s.fault
		case len(left) > 0 && (m.current == nil || m.current.abandoned):
			err = &LeftBehindError{left}
		}
		changed := m.changed.next()
		s.mu.Unlock()
		if err != nil {
			return err
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return soundCause(ctx)
		}
	}
}
