package whatif

import (
	"cmp"
	"slices"

	"github.com/tasksupervisor/tasksupervisor/core"
	"github.com/tasksupervisor/tasksupervisor/sim/workload"
)

// A driver can hold a task long before that is to start, so that it is asked first: one whose tasks have gates holds each while it
// runs, and releases it when it starts again. Under another policy the task starts at another time, and what was said beforehand
// would keep it from that until it started in the recording. So a hold counts from when the task waited for nothing else, and one for
// which the task did not wait counts for nothing.

// holding is a hold, from when it was said until it was taken back.
type holding struct {
	said, released place
	added          bool         // it was said when the task was added
	pending        core.Instant // since when the task waits for nothing else, as of the latest event; Never: it does not
	waits          core.Instant // since when it did, for the first time and for some time; Never: at no time
}

// place is where an operator command is kept.
type place struct {
	list  *[]workload.Operator
	index int
}

// latest returns the place of the command that was kept last.
func (h *history) latest() place {
	list := &h.operators
	if !h.started {
		list = &h.before
	}
	return place{list, len(*list) - 1}
}

// hold notes what was said about the holding of a task, when the command has been kept.
func (h *history) hold(p *past, holds, added bool) {
	switch {
	case p == nil || holds == (p.held != nil):
	case holds:
		p.held = &holding{said: h.latest(), added: added, pending: core.Never, waits: core.Never}
		h.holdings = append(h.holdings, p.held)
	default:
		p.held.released, p.held = h.latest(), nil
	}
}

// passTo notes that time has passed since the latest event.
func (h *history) passTo(at core.Instant) {
	if at <= h.end {
		return
	}
	for _, p := range h.tasks {
		if p.held != nil {
			p.held.waits = min(p.held.waits, p.held.pending)
		}
	}
}

// lookAtHolds notes which tasks wait for nothing but their release, after an event.
func (h *history) lookAtHolds(m *core.Machine) {
	for id, p := range h.tasks {
		if p.held == nil {
			continue
		}
		switch status, _ := m.Status(id); {
		case status.Wait != core.WaitHeld:
			p.held.pending = core.Never
		case p.held.pending == core.Never:
			p.held.pending = h.end
		}
	}
}

// settleHolds has each hold count from when a task waited for it.
func (h *history) settleHolds() {
	var dropped []place
	for _, held := range h.holdings {
		if held.released.list == nil {
			held.waits = min(held.waits, held.pending) // the recording ends, and not the wait
		}
		o := &(*held.said.list)[held.said.index]
		switch {
		case held.waits == core.Never && held.added:
			o.Held = false
		case held.waits == core.Never:
			dropped = append(dropped, held.said)
		case !held.added && held.said.list == &h.operators:
			o.At = max(o.At, core.Duration(held.waits-h.begin)-1) // a timer that is due when the hold is said fires first
		}
		if held.waits == core.Never && held.released.list != nil {
			dropped = append(dropped, held.released)
		}
	}
	slices.SortFunc(dropped, func(a, b place) int { return cmp.Compare(b.index, a.index) })
	for _, at := range dropped {
		*at.list = slices.Delete(*at.list, at.index, at.index+1)
	}
	slices.SortStableFunc(h.operators, func(a, b workload.Operator) int { return cmp.Compare(a.At, b.At) })
}
