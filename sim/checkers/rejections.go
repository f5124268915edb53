package checkers

import (
	"errors"

	"github.com/tasksupervisor/tasksupervisor/core"
)

// Rejections checks the other half of invariant 14: a rejected event changes nothing. See [Acceptance] for the first.
type Rejections struct {
	// Every says that only every n-th step is looked at. Zero means every step.
	Every int

	steps   int
	taken   bool // the digest below is the one before the current step
	digest  uint64
	now     core.Instant
	defined int // policies and limits that are known: defining some changes the digest, too, and is no step
	checked int
}

// Name implements Checker.
func (c *Rejections) Name() string { return "invariant 14: a rejected event changes nothing" }

// Checked counts the rejections at an instant that the machine had reached before.
func (c *Rejections) Checked() int { return c.checked }

// Concerns implements [Selective].
func (c *Rejections) Concerns() (check, end Scope) {
	return Scope{}, everything
}

// Begin implements Checker.
func (c *Rejections) Begin(_ *Trace, m *core.Machine) { c.take(m) }

// Check implements Checker.
func (c *Rejections) Check(*Trace, *Step, int) error { return nil }

// End implements Checker.
func (c *Rejections) End(_ *Trace, s *Step) error {
	m, actions := s.Machine, s.Actions
	taken, before, now, defined := c.taken, c.digest, c.now, c.defined
	c.take(m)
	if !taken || now != m.Now() || defined != c.defined || definedAgain(m, &s.Event) || len(actions) == 0 || actions[0].Kind != core.ActionReject {
		return nil
	}
	c.checked++
	if m.Digest() != before {
		return errors.New("the event was rejected, and yet the digest is another")
	}
	return nil
}

// take keeps the digest if the next step is to be looked at.
func (c *Rejections) take(m *core.Machine) {
	c.steps++
	if c.taken = c.Every <= 1 || c.steps%c.Every == 0; c.taken {
		c.digest, c.now, c.defined = m.Digest(), m.Now(), definitions(m)
	}
}

// definitions returns how many policies and limits have been defined, as far as can be seen.
func definitions(m *core.Machine) (defined int) {
	for id := range m.Policies() {
		defined += int(id)
	}
	for id := range m.AllLimits() {
		defined += int(id)
	}
	return defined
}

// definedAgain reports whether an event refers to what is idle. It may have been defined again for this event, which
// changes the digest.
func definedAgain(m *core.Machine, ev *core.Event) bool {
	switch ev.Kind {
	case core.EventAdd, core.EventPolicy:
		return !m.PolicyInUse(ev.Policy)
	case core.EventLimits:
		return !m.LimitsInUse(ev.Limits)
	default:
		return false
	}
}
