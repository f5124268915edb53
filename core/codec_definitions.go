package core

import "github.com/tasksupervisor/tasksupervisor/core/internal/intern"

// definitions visits the policies or limits that have an id, by growing id; the pinned ones come first. Each takes at least
// so many bytes.
func definitions[V comparable](c *codec, t *intern.Table[V], bytesEach int) {
	pinned := uint64(c.length(t.Pinned(), bytesEach))
	next := t.NextID() - pinned
	number(c, &next)
	n := c.length(t.Len()-t.Pinned(), bytesEach)
	if c.mode == reading {
		readDefinitions(c, t, pinned, next, n)
		return
	}
	id := uint64(0) // the smallest that the next one can have
	for slot := t.First(); slot != intern.None; slot = t.After(slot) {
		if gap := t.ID(slot) - id; t.ID(slot) >= pinned {
			number(c, &gap)
		}
		definition(c, t.At(slot))
		id = t.ID(slot) + 1
	}
}

// readDefinitions reads what has been defined, so many of it after the pinned ones.
func readDefinitions[V comparable](c *codec, t *intern.Table[V], pinned, next uint64, n int) {
	end := pinned + next
	if end < pinned {
		c.fail()
		return
	}
	t.Begin(pinned, end)
	id := uint64(0)
	for i := range pinned + uint64(n) {
		var gap uint64
		if i >= pinned {
			number(c, &gap)
		}
		var value V
		hash := definition(c, &value)
		if c.bad || gap >= end-id {
			c.fail()
			return
		}
		id += gap
		t.Restore(id, &value, hash)
		id++
	}
}

// definition visits a policy or limits, and returns the hash of what was read.
func definition[V comparable](c *codec, value *V) (hash uint64) {
	switch value := any(value).(type) {
	case *Policy:
		if c.policy(value); c.mode == reading {
			return hashOfPolicy(value)
		}
	case *Limits:
		if c.limits(value); c.mode == reading {
			return hashOfLimits(value)
		}
	}
	return 0
}

// idleDefinitions visits the policies or limits that are idle, the oldest first.
func idleDefinitions[V comparable](c *codec, t *intern.Table[V]) {
	n := c.length(t.Idle(), 1)
	if c.mode != reading {
		for slot := t.FirstIdle(); slot != intern.None; slot = t.AfterIdle(slot) {
			id := t.ID(slot)
			number(c, &id)
		}
		return
	}
	for range n {
		var id uint64
		number(c, &id)
		if slot := t.Slot(id); c.bad || slot == intern.None || !t.RestoreIdle(slot) {
			c.fail()
			return
		}
	}
}

// limitsInForce visits which limits are in force.
func (c *codec) limitsInForce(m *Machine) {
	if c.mode != reading {
		id := m.limits.ID(m.inForce)
		number(c, &id)
		return
	}
	var id uint64
	number(c, &id)
	if m.inForce = m.limits.Slot(id); c.bad || m.inForce == intern.None {
		c.fail()
		return
	}
	m.limits.Hold(m.inForce)
	m.config.Limits = *m.limits.At(m.inForce)
}
