package oracle

import (
	"math"

	"github.com/tasksupervisor/tasksupervisor/core"
)

const maxRun core.Run = math.MaxUint32

func (o *Oracle) apply(ev core.Event) {
	switch ev.Kind {
	case core.EventTick:
		// Time has passed, and that is all.
	case core.EventStart:
		o.startSupervisor(ev)
	case core.EventAdd:
		o.add(ev)
	case core.EventRemove, core.EventRestart, core.EventKill:
		o.operate(ev)
	case core.EventExit:
		o.exit(ev)
	case core.EventShutdown:
		o.shutdown(ev)
	default:
		o.reject(ev, core.ReasonUnknownEvent)
	}
}

// reject refuses an event: this one action is all that follows from it.
func (o *Oracle) reject(ev core.Event, why core.Reason) {
	refusal := core.Action{
		At:    o.now,
		Until: core.Never,
		Task:  ev.Task,
		Run:   ev.Run,
		Kind:  core.ActionReject,
		Why:   why,
	}
	if t := o.tasks[ev.Task]; t != nil {
		refusal.From = t.status
		refusal.To = t.status
		refusal.Attempts = o.attemptsNow(t)
	}
	o.actions = append(o.actions, refusal)
}

func (o *Oracle) startSupervisor(ev core.Event) {
	switch o.phase {
	case core.PhaseCreated:
		o.phase = core.PhaseRunning
		o.startedAt = o.now
		for _, t := range o.declared() {
			if t.status == core.StatusCreated {
				o.start(t, core.ReasonSupervisorStart, core.ExitNone)
			}
		}
	case core.PhaseRunning:
		o.reject(ev, core.ReasonAlreadyStarted)
	case core.PhaseHalting, core.PhaseHalted:
		o.reject(ev, o.whyClosed())
	}
}

func (o *Oracle) shutdown(ev core.Event) {
	if o.closed() {
		o.reject(ev, o.whyClosed())
		return
	}
	o.beginHalting(core.ReasonShutdown, 0)
}

// closed tells whether operators are heard no more.
func (o *Oracle) closed() bool { return o.phase == core.PhaseHalting || o.phase == core.PhaseHalted }

func (o *Oracle) whyClosed() core.Reason {
	if o.phase == core.PhaseHalted {
		return core.ReasonSupervisorDone
	}
	return core.ReasonShuttingDown
}

func (o *Oracle) add(ev core.Event) {
	switch {
	case o.closed():
		o.reject(ev, o.whyClosed())
		return
	case int(ev.Policy) >= len(o.policies):
		o.reject(ev, core.ReasonUnknownPolicy)
		return
	case len(o.tasks) >= int(o.cfg.MaxTasks):
		o.reject(ev, core.ReasonTooManyTasks)
		return
	}
	t := &task{
		id:       o.nextID(),
		key:      ev.Key,
		policyID: ev.Policy,
		policy:   o.policies[ev.Policy],
	}
	o.tasks[t.id] = t
	o.change(t, core.StatusCreated, core.ReasonAdded)
	o.tell(core.ActionAdd, t, core.StatusNone, core.ReasonAdded, core.ExitNone)
	if o.phase == core.PhaseRunning {
		o.start(t, core.ReasonAdded, core.ExitNone)
	}
}

// nextID issues the next generation, in the slot that was freed last or else in a new one.
func (o *Oracle) nextID() core.TaskID {
	o.generations++
	slot := o.slots
	if last := len(o.freed) - 1; last >= 0 {
		slot = o.freed[last]
		o.freed = o.freed[:last]
	} else {
		o.slots++
	}
	const slotBits = 24
	return core.TaskID(o.generations<<slotBits | uint64(slot))
}

// operate applies an operator's word on one task.
func (o *Oracle) operate(ev core.Event) {
	t := o.tasks[ev.Task]
	switch {
	case o.closed():
		o.reject(ev, o.whyClosed())
	case t == nil:
		o.reject(ev, core.ReasonUnknownTask)
	case t.intent == core.IntentRemove:
		o.reject(ev, core.ReasonBeingRemoved)
	case ev.Kind == core.EventRemove:
		o.remove(t)
	case ev.Kind == core.EventRestart:
		o.restart(t)
	default:
		o.kill(ev, t)
	}
}

func (o *Oracle) remove(t *task) {
	switch t.status {
	case core.StatusHealthy:
		o.stop(t, core.IntentRemove, core.ReasonRemoved)
	case core.StatusStopping, core.StatusAbandoned:
		o.intend(t, core.IntentRemove, core.ReasonRemoved)
	default:
		if t.fenced == 0 {
			o.forget(t, core.ExitNone)
			return
		}
		t.intent = core.IntentRemove
		o.note(t, core.StatusAbandoned, core.ReasonRemoved, core.ExitNone)
	}
}

func (o *Oracle) restart(t *task) {
	t.attempts = 0
	switch t.status {
	case core.StatusHealthy:
		o.stop(t, core.IntentRestart, core.ReasonRestarted)
	case core.StatusStopping:
		if t.intent != core.IntentRestart {
			o.intend(t, core.IntentRestart, core.ReasonRestarted)
		}
	case core.StatusAbandoned:
		changed := t.intent != core.IntentRestart
		t.intent = core.IntentRestart
		if !o.startBesideAbandoned(t, core.ExitNone) && changed {
			o.intend(t, core.IntentRestart, core.ReasonRestarted)
		}
	case core.StatusCreated:
		// It will start with the supervisor as it is.
	default:
		if o.phase == core.PhaseCreated {
			o.note(t, core.StatusCreated, core.ReasonRestarted, core.ExitNone)
			return
		}
		o.start(t, core.ReasonRestarted, core.ExitNone)
	}
}

// startBesideAbandoned starts an Abandoned task whose intent is to restart, if it may: when its run is gone and no
// other is fenced, or when its policy replaces an abandoned run and no more than one run is left alive.
func (o *Oracle) startBesideAbandoned(t *task, exit core.ExitKind) bool {
	replace := t.policy.OnAbandon == core.AbandonReplace
	switch {
	case t.intent != core.IntentRestart || o.phase != core.PhaseRunning:
		return false
	case !t.live && (t.fenced == 0 || replace):
		// Nothing is in the way.
	case t.live && t.fenced == 0 && replace:
		t.fenced = t.run
		t.live = false
	default:
		return false
	}
	o.start(t, core.ReasonRestarted, exit)
	return true
}

func (o *Oracle) kill(ev core.Event, t *task) {
	switch t.status {
	case core.StatusCompleted, core.StatusDead:
		o.reject(ev, core.ReasonAlreadyEnded)
	case core.StatusHealthy:
		o.stop(t, core.IntentKill, core.ReasonKilled)
	case core.StatusStopping, core.StatusAbandoned:
		if t.intent != core.IntentKill {
			o.intend(t, core.IntentKill, core.ReasonKilled)
		}
	default:
		o.note(t, core.StatusDead, core.ReasonKilled, core.ExitNone)
	}
}
