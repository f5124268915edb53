package oracle

import (
	"github.com/tasksupervisor/tasksupervisor/core"
)

func (o *Oracle) apply(ev core.Event) {
	switch ev.Kind {
	case core.EventTick:
		// Time has passed, and that is all.
	case core.EventStart:
		o.startSupervisor(ev)
	case core.EventAdd:
		o.add(ev)
	case core.EventExit:
		o.exit(ev)
	case core.EventReady, core.EventBeat, core.EventProbe, core.EventUnready:
		o.report(ev)
	case core.EventRemove, core.EventRestart, core.EventKill, core.EventNeed, core.EventSuspend, core.EventResume, core.EventPolicy,
		core.EventHold, core.EventRelease:
		o.operate(ev)
	case core.EventLimits:
		o.changeLimits(ev)
	case core.EventShutdown:
		o.shutdown(ev)
	default:
		o.reject(ev, core.RefusalUnknownEvent)
	}
}

// reject refuses an event: this one action is all that follows from it.
func (o *Oracle) reject(ev core.Event, refusal core.Refusal) {
	rejection := core.Action{
		At:      o.now,
		Until:   core.Never,
		Task:    ev.Task,
		Run:     ev.Run,
		Kind:    core.ActionReject,
		Refusal: refusal,
	}
	if t := o.find(ev.Task); t != nil {
		rejection.From = t.status
		rejection.To = t.status
		rejection.Attempts = o.attemptsNow(t)
	}
	o.actions = append(o.actions, rejection)
}

// startSupervisor starts all tasks that can start. Where the strategy orders them, they start one after the other in reconcile.
func (o *Oracle) startSupervisor(ev core.Event) {
	switch o.phase {
	case core.PhaseRunning:
		o.reject(ev, core.RefusalAlreadyStarted)
		return
	case core.PhaseHalting, core.PhaseHalted:
		o.reject(ev, o.whyClosed())
		return
	case core.PhaseCreated:
	}
	o.phase = core.PhaseRunning
	o.startedAt = o.now
	waiting := o.those(func(t *task) bool { return t.status == core.StatusCreated })
	for _, t := range waiting {
		t.why = core.ReasonSupervisorStart
	}
	for _, t := range waiting {
		if !o.seen().Ordered() && o.canStart(t) {
			o.start(t, core.ReasonSupervisorStart, core.ExitNone)
		}
	}
}

func (o *Oracle) shutdown(ev core.Event) {
	if o.seen().Stops() {
		o.reject(ev, o.whyClosed())
		return
	}
	o.beginHalting(core.ReasonShutdown, nil)
}

// whyClosed returns why a supervisor that stops or has stopped is not started or shut down.
func (o *Oracle) whyClosed() core.Refusal {
	if o.phase == core.PhaseHalted {
		return core.RefusalSupervisorDone
	}
	return core.RefusalShuttingDown
}

func (o *Oracle) add(ev core.Event) {
	_, known := o.Policy(ev.Policy)
	switch {
	case !known:
		o.reject(ev, core.RefusalUnknownPolicy)
		return
	case ev.Run >= 1<<63 || ev.Fenced >= 1<<63:
		o.reject(ev, core.RefusalUnknownRun)
		return
	case len(o.tasks) >= int(o.cfg.MaxTasks):
		o.reject(ev, core.RefusalTooManyTasks)
		return
	}
	t := &task{
		id:        o.nextID(),
		key:       ev.Key,
		policy:    ev.Policy,
		suspended: ev.Suspended,
		held:      ev.Held,
	}
	for _, run := range []core.Run{min(ev.Run, ev.Fenced), max(ev.Run, ev.Fenced)} {
		if run > t.run { // not the same one twice
			t.run = run
			t.left = append(t.left, run)
		}
	}
	o.tasks = append(o.tasks, t)
	o.policies.review(o.policiesInUse())
	o.change(t, o.atRest(), core.ReasonAdded)
	o.tell(core.ActionAdd, t, core.StatusNone, core.ReasonAdded, core.ExitNone)
	if !o.seen().Ordered() && o.canStart(t) {
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

// changeLimits puts other limits in force. Windows keep what they counted, the newest if there is less room now.
func (o *Oracle) changeLimits(ev core.Event) {
	limits, known := o.Limits(ev.Limits)
	if !known {
		o.reject(ev, core.RefusalUnknownLimits)
		return
	}
	o.cfg.Limits, o.inForce = limits, ev.Limits
	o.limits.review(o.limitsInUse())
	o.crashes.Limit(limits.Intensity)
	o.restarts.Limit(limits.RestartRate)
}
