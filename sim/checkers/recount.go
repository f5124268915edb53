package checkers

import (
	"fmt"
	"slices"

	"github.com/tasksupervisor/tasksupervisor/core"
	"github.com/tasksupervisor/tasksupervisor/sim/spec"
)

// Recount checks invariant 15: the machine's counts agree with the statuses of its tasks and with the actions, its
// self-audit finds nothing, and a copy and a restored snapshot of it have its digest and answer like it.
type Recount struct {
	// Every says that only every n-th step is looked at. Zero means every step.
	Every int

	steps    int
	copy     core.Machine
	restored core.Machine
	snapshot []byte
	needs    []spec.Need // of a task,
	itsNeeds []spec.Need // and of the same task of a twin
	checked  int
}

// Name implements Checker.
func (c *Recount) Name() string { return "invariant 15: counts, digest and audit agree with a recount" }

// Checked counts the steps looked at.
func (c *Recount) Checked() int { return c.checked }

// Concerns implements [Selective].
func (c *Recount) Concerns() (check, end Scope) {
	return Scope{}, everything
}

// Begin implements Checker.
func (c *Recount) Begin(*Trace, *core.Machine) {}

// Check implements Checker.
func (c *Recount) Check(*Trace, *Step, int) error { return nil }

// End implements Checker.
func (c *Recount) End(t *Trace, s *Step) error {
	m := s.Machine
	c.steps++
	if c.Every > 1 && c.steps%c.Every != 0 {
		return nil
	}
	c.checked++
	if err := m.Check(); err != nil {
		return err
	}
	if err := c.count(t, m); err != nil {
		return err
	}
	return c.twins(m)
}

// count recounts the tasks, and compares the result, and what the actions tell, with the counts of the machine.
func (c *Recount) count(t *Trace, m *core.Machine) error {
	var recount core.Counts
	for s := range m.Tasks() {
		recount.Total++
		*field(&recount, s.Status)++
		if s.Live && !spec.Waited(&s) {
			recount.LeftBehind++
		}
		if s.Fenced != 0 {
			recount.LeftBehind++
		}
	}
	counts := m.Counts()
	if counts != recount {
		return fmt.Errorf("the machine counts %+v, and a recount gives %+v", counts, recount)
	}
	for status := range core.ValuesFrom(core.StatusCreated) {
		if n := *field(&counts, status); n != t.statuses[status] {
			return fmt.Errorf("the machine counts %d tasks as %v, and going by the actions they are %d", n, status, t.statuses[status])
		}
	}
	return nil
}

// field returns the field that counts the tasks in a status.
func field(counts *core.Counts, status core.Status) *int {
	switch status {
	case core.StatusCreated:
		return &counts.Created
	case core.StatusStarting:
		return &counts.Starting
	case core.StatusHealthy:
		return &counts.Healthy
	case core.StatusStopping:
		return &counts.Stopping
	case core.StatusFailed:
		return &counts.Failed
	case core.StatusCompleted:
		return &counts.Completed
	case core.StatusDead:
		return &counts.Dead
	case core.StatusHalted:
		return &counts.Halted
	case core.StatusAbandoned:
		return &counts.Abandoned
	default:
		return new(int)
	}
}

// twins compares a copy and a restored snapshot with the machine.
func (c *Recount) twins(m *core.Machine) error {
	digest := m.Digest()
	c.copy.CopyFrom(m)
	if err := c.compare(m, digest, &c.copy); err != nil {
		return fmt.Errorf("copy: %w", err)
	}
	var err error
	if c.snapshot, err = m.AppendBinary(c.snapshot[:0]); err != nil {
		return fmt.Errorf("snapshot: %w", err)
	}
	if err := c.restored.UnmarshalBinary(c.snapshot); err != nil {
		return fmt.Errorf("restore: %w", err)
	}
	if err := c.compare(m, digest, &c.restored); err != nil {
		return fmt.Errorf("restored snapshot: %w", err)
	}
	return nil
}

// compare returns what the machine, of that digest, and its twin answer differently.
func (c *Recount) compare(m *core.Machine, digest uint64, twin *core.Machine) error {
	if its := twin.Digest(); its != digest {
		return fmt.Errorf("the digest is %x, not %x", its, digest)
	}
	if mine, its := m.Counts(), twin.Counts(); mine != its {
		return fmt.Errorf("the counts are %+v, not %+v", its, mine)
	}
	myDue, mine := m.NextDeadline()
	itsDue, its := twin.NextDeadline()
	if mine != its || mine && myDue != itsDue {
		return fmt.Errorf("the next deadline is %v (%v), not %v (%v)", itsDue, its, myDue, mine)
	}
	for mine := range m.Tasks() {
		if its, _ := twin.Status(mine.Task); its != mine {
			return fmt.Errorf("a task is %+v, not %+v", its, mine)
		}
		if c.needs, c.itsNeeds = needsOf(c.needs[:0], m, mine.Task), needsOf(c.itsNeeds[:0], twin, mine.Task); !slices.Equal(c.itsNeeds, c.needs) {
			return fmt.Errorf("a task needs %v, not %v", c.itsNeeds, c.needs)
		}
	}
	return nil
}

// needsOf appends what a task needs.
func needsOf(needs []spec.Need, m *core.Machine, id core.TaskID) []spec.Need {
	for other, bound := range m.Needs(id) {
		needs = append(needs, spec.Need{Task: other, Bound: bound})
	}
	return needs
}
