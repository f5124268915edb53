package oracle

import (
	"maps"
	"slices"

	"github.com/tasksupervisor/tasksupervisor/core"
)

// running: a run is going, and has not been asked to stop.
func (t *task) running() bool {
	return t.status == core.StatusStarting || t.status == core.StatusHealthy
}

// marked: it will be asked to stop as soon as it may be.
func (t *task) marked() bool { return t.running() && t.intent != core.IntentNone }

// leaving: it is on its way to stop.
func (t *task) leaving() bool { return t.status == core.StatusStopping || t.marked() }

// up: others that need it may run.
func (t *task) up() bool {
	return t.status == core.StatusHealthy && !t.marked() || t.status == core.StatusCompleted
}

// ended: as automatic shutdown sees it.
func (t *task) ended() bool { return t.status == core.StatusCompleted || t.status == core.StatusDead }

// returns: its intent is that it comes back.
func (t *task) returns() bool {
	switch t.intent {
	case core.IntentRestart, core.IntentRetry, core.IntentStartAgain:
		return true
	case core.IntentNone, core.IntentKill, core.IntentRemove, core.IntentHalt, core.IntentRetire:
	}
	return false
}

// ordered: tasks depend on each other by the order in which they were declared.
func (o *Oracle) ordered() bool { return o.cfg.Strategy != core.OneForOne }

// reverse: tasks are stopped one by one, the last declared first.
func (o *Oracle) reverse() bool {
	return o.cfg.StopOrder == core.StopReverse || o.cfg.StopOrder == core.StopByStrategy && o.ordered()
}

// siblings of t are those that its restart takes along.
func (o *Oracle) siblings(t *task) []*task {
	return o.those(func(s *task) bool {
		switch o.cfg.Strategy {
		case core.OneForAll:
			return s != t
		case core.RestForOne:
			return s.id > t.id
		case core.OneForOne:
		}
		return false
	})
}

// dependents of t are the tasks that need it.
func (o *Oracle) dependents(t *task) []*task {
	return o.those(func(s *task) bool {
		_, needs := s.needs[t.id]
		return needs
	})
}

// firstDown returns the first task that t needs and that is not up, or nil.
func (o *Oracle) firstDown(t *task) *task {
	for _, id := range slices.Sorted(maps.Keys(t.needs)) {
		if n := o.tasks[id]; !n.up() {
			return n
		}
	}
	return nil
}

// clear: no dependent of t is leaving, and no dependent bound to it is running.
func (o *Oracle) clear(t *task) bool {
	return !slices.ContainsFunc(o.dependents(t), func(s *task) bool {
		return s.leaving() || s.needs[t.id] && s.running()
	})
}

// quiet: all that the failure of t stopped are gone.
func (o *Oracle) quiet(t *task) bool {
	if o.ordered() {
		return !o.any((*task).leaving)
	}
	return o.clear(t)
}

// canStart: nothing keeps t from starting.
func (o *Oracle) canStart(t *task) bool {
	return o.phase == core.PhaseRunning && !t.suspended && o.firstDown(t) == nil && o.clear(t) &&
		(!o.ordered() || o.turn(t))
}

// turn: under an ordered strategy, it is t's turn to start.
func (o *Oracle) turn(t *task) bool {
	return !o.any(func(s *task) bool {
		before := s.id < t.id || s != t && o.cfg.Strategy == core.OneForAll
		return s != t && s.leaving() ||
			s.id < t.id && s.status == core.StatusStarting ||
			before && s.status == core.StatusFailed
	})
}

// mayAsk: t is marked, and nothing keeps it from being asked to stop.
func (o *Oracle) mayAsk(t *task) bool {
	if !t.marked() || !o.clear(t) {
		return false
	}
	inTurn := o.reverse() && (o.phase == core.PhaseHalting || o.ordered()) &&
		(t.intent == core.IntentStartAgain || t.intent == core.IntentRetire || t.intent == core.IntentHalt)
	return !inTurn || !o.any(func(s *task) bool { return s.id > t.id && s.leaving() })
}

// those returns the tasks for which something is true, in declared order.
func (o *Oracle) those(is func(*task) bool) []*task {
	return slices.DeleteFunc(o.declared(), func(t *task) bool { return !is(t) })
}

// any tells whether something is true for any task.
func (o *Oracle) any(is func(*task) bool) bool { return len(o.those(is)) > 0 }
