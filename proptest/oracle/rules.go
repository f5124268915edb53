package oracle

import (
	"slices"

	"github.com/tasksupervisor/tasksupervisor/core"
	"github.com/tasksupervisor/tasksupervisor/sim/spec"
)

// seen returns the supervisor as package spec looks at it, until anything changes.
func (o *Oracle) seen() *spec.Supervisor {
	o.listed = o.listed[:0]
	for _, t := range o.tasks {
		o.listed = append(o.listed, *t.seen())
	}
	s := &spec.Supervisor{Config: o.Config(), Phase: o.phase, Tasks: o.listed, Needs: o.needs}
	s.Defined = map[core.PolicyID]*core.Policy{}
	for _, t := range o.tasks {
		p := o.policyOf(t)
		s.Defined[t.policy] = &p
	}
	return s
}

// seen returns as much of the status of t as the rules look at.
func (t *task) seen() *core.TaskStatus {
	s := &core.TaskStatus{
		Task: t.id, Status: t.status, Why: t.why, Intent: t.intent, Policy: t.policy, Suspended: t.suspended, Run: t.run, Live: t.live,
		Unready: t.unready, Held: t.held,
	}
	if len(t.left) > 0 {
		s.Fenced = t.left[0]
	}
	s.Live = s.Live || len(t.left) == 2 // then the newer one is the latest
	return s
}

// alive returns how many runs of t have not ended.
func (t *task) alive() int {
	if t.live {
		return 1 + len(t.left)
	}
	return len(t.left)
}

func (t *task) running() bool { return spec.Running(t.seen()) }

func (t *task) stopPending() bool { return spec.StopPending(t.seen()) }

// delayBlocked reports whether others have to stop before the restart delay of t begins.
func (o *Oracle) delayBlocked(t *task) bool { return o.seen().DelayBlocker(t.seen()) != nil }

// dependentBlocks reports whether a task that needs t has to stop before t is stopped.
func (o *Oracle) dependentBlocks(t *task) bool { return o.seen().BlockingDependent(t.seen()) != nil }

// canStart reports whether t could start at once if it waited for its start.
func (o *Oracle) canStart(t *task) bool {
	waiting := t.seen()
	waiting.Status = core.StatusCreated
	return o.seen().CanStart(waiting)
}

// those returns the tasks for which something is true, in declared order.
func (o *Oracle) those(is func(*task) bool) []*task {
	return slices.DeleteFunc(slices.Clone(o.tasks), func(t *task) bool { return !is(t) })
}
