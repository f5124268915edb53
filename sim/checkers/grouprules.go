package checkers

import "github.com/tasksupervisor/tasksupervisor/core"

// missing returns the first task in declared order which a task needs and that is down.
func (g *group) missing(id core.TaskID) (other core.TaskID, ok bool) {
	for _, need := range g.edges.of(id).needs {
		if !g.isUp(need.task) && (!ok || need.task < other) {
			other, ok = need.task, true
		}
	}
	return other, ok
}

// inTheWay returns a task that needs another and has to go before that one is stopped or started.
func (g *group) inTheWay(id core.TaskID) (dependent core.TaskID, ok bool) {
	for _, s := range g.edges.of(id).dependents {
		if t := g.tasks.of(s.task); t.is(leaving) || s.bound && t.running() {
			return s.task, true
		}
	}
	return 0, false
}

// quiet tells whether all are gone that went down with a failed task.
func (g *group) quiet(id core.TaskID) bool {
	if g.ordered() {
		return g.of(leaving) == 0
	}
	_, blocked := g.inTheWay(id)
	return !blocked
}

// mayStart tells whether nothing is in the way of the start of a task that waits for it.
func (g *group) mayStart(id core.TaskID, t *member) bool {
	if t.status != core.StatusCreated || t.suspended || g.phase != core.PhaseRunning {
		return false
	}
	_, missing := g.missing(id)
	_, blocked := g.inTheWay(id)
	_, early := g.early(id)
	return !missing && !blocked && !early
}

// early returns a task that has to be gone, or up, before another starts, because of the strategy.
func (g *group) early(id core.TaskID) (other core.TaskID, ok bool) {
	if !g.ordered() || g.of(leaving) == 0 && g.of(starting) == 0 && g.of(failed) == 0 {
		return 0, false
	}
	for other, t := range g.tasks.all() {
		switch {
		case other == id:
		case t.is(leaving), t.status == core.StatusStarting && other < id,
			t.status == core.StatusFailed && (other < id || g.strategy == core.OneForAll):
			return other, true
		}
	}
	return 0, false
}

// mayStop tells whether a task is to be asked to stop, and nothing is in the way of that.
func (g *group) mayStop(id core.TaskID, t *member) bool {
	if !t.is(marked) {
		return false
	}
	_, blocked := g.inTheWay(id)
	_, later := g.later(id, t)
	return !blocked && !later
}

// later returns a task behind another that has to be gone before that one is asked to stop, because of the stop order. An
// operator's word about one task heeds no order.
func (g *group) later(id core.TaskID, t *member) (other core.TaskID, ok bool) {
	inOrder := g.reverse && (g.ordered() || g.phase != core.PhaseRunning)
	if !inOrder || g.of(leaving) == 0 || !t.together() {
		return 0, false
	}
	for other, t := range g.tasks.all() {
		if other > id && t.is(leaving) {
			return other, true
		}
	}
	return 0, false
}

// together tells whether the task is stopped with others.
func (t *intent) together() bool {
	return t.word == core.IntentStartAgain || t.word == core.IntentRetire || t.word == core.IntentHalt
}
