package core

import "iter"

// Recreate iterates over the events that give a new machine the tasks of one that has halted, so that its supervisor can be
// started again: in declared order, with their keys, policies and needs, and with all that an operator has said of them.
// Suspended tasks stay suspended, held ones held, killed ones dead, and those that are to be removed wait for their last run. The runs that
// were left behind and are alive are waited for. All other tasks start afresh, completed and exhausted ones too.
//
// The new machine, for instance one made with [Machine.Config], must not have been given anything before. The events name its
// tasks by the ids that it is going to issue, the n-th task by the n-th id. The driver stamps At and, for each EventAdd, defines
// the policy that comes with it. The halted machine must not change meanwhile.
//
//	next, err := core.New(halted.Config())
//	for ev, policy := range halted.Recreate() {
//		if ev.Kind == core.EventAdd {
//			ev.Policy, err = next.Define(policy)
//		}
//		ev.At = now
//		actions = next.Step(actions[:0], ev)
//	}
func (m *Machine) Recreate() iter.Seq2[Event, Policy] {
	return func(yield func(Event, Policy) bool) {
		ids := make([]TaskID, len(m.tasks)) // of the new machine, by slot of this one
		var issued uint64
		for slot := m.first; slot != noSlot; slot = m.tasks[slot].next {
			issued++
			ids[slot] = makeTaskID(issued, uint32(issued-1))
			for ev, policy := range m.recreate(&m.tasks[slot], ids) {
				if !yield(ev, policy) {
					return
				}
			}
		}
	}
}

// recreate iterates over the events that give a new machine one task, by the ids that it issues.
func (m *Machine) recreate(t *task, ids []TaskID) iter.Seq2[Event, Policy] {
	return func(yield func(Event, Policy) bool) {
		id, policy := ids[t.slot()], *m.policyOf(t)
		add := Event{Kind: EventAdd, Key: t.key, Suspended: t.suspended(), Held: t.is(flagHeld), Fenced: m.fencedRun(t)}
		if t.is(flagLive) {
			add.Run = t.run
		}
		if !yield(add, policy) {
			return
		}
		for e := m.graph.FirstNeed(t.slot()); e != nil; e = m.graph.NextNeed(e) {
			if !yield(Event{Kind: EventNeed, Task: id, Other: ids[e.Other&slotMask], Bound: e.Bound}, policy) {
				return
			}
		}
		switch {
		case t.killed():
			yield(Event{Kind: EventKill, Task: id}, policy)
		case t.intent == IntentRemove:
			yield(Event{Kind: EventRemove, Task: id}, policy)
		}
	}
}
