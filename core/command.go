package core

import "github.com/tasksupervisor/tasksupervisor/core/internal/intern"

// add registers a task, and starts it if the supervisor runs.
func (m *Machine) add(dst []Action, ev *Event) []Action {
	policy := m.policies.Slot(uint64(ev.Policy))
	switch {
	case policy == intern.None:
		return m.reject(dst, ev, RefusalUnknownPolicy)
	case ev.Run > inheritedMax || ev.Fenced > inheritedMax:
		return m.reject(dst, ev, RefusalUnknownRun)
	case uint32(m.total()) >= m.config.MaxTasks || m.generation == generationsMax:
		return m.reject(dst, ev, RefusalTooManyTasks)
	}
	t := m.alloc()
	t.key, t.policy = ev.Key, policy
	m.policies.Hold(policy)
	m.counts[StatusNone]++
	m.countSignificant(t, 1)
	m.inherit(t, ev.Run, ev.Fenced)
	m.leftBehind += m.runsLeftBehind(t)
	dst = m.transition(dst, t, ActionAdd, m.waiting(), ReasonAdded)
	if ev.Suspended {
		t.raise(flagSuspended)
	}
	if ev.Held {
		t.raise(flagHeld)
	}
	if m.phase == PhaseRunning && m.config.Strategy == OneForOne && m.canStart(t) {
		dst = m.startRun(dst, t, ReasonAdded)
	}
	return dst
}

// inherit gives a new task the runs that an earlier life of its supervisor left behind; 0 stands for none.
func (m *Machine) inherit(t *task, a, b Run) {
	latest, older := max(a, b), min(a, b)
	if latest == 0 {
		return
	}
	t.run = latest
	t.raise(flagLive)
	if older == 0 || older == latest {
		m.fence(t)
	} else {
		m.setFenced(t, older)
	}
}

// command carries out an operator command about one task.
func (m *Machine) command(dst []Action, ev *Event) []Action {
	t := m.task(ev.Task)
	if refusal := m.refuseAbout(ev, t); refusal != RefusalNone {
		return m.reject(dst, ev, refusal)
	}
	switch ev.Kind {
	case EventRemove:
		return m.end(dst, t, IntentRemove, ReasonRemoved)
	case EventKill:
		return m.end(dst, t, IntentKill, ReasonKilled)
	case EventSuspend:
		if t.suspended() {
			return dst
		}
		return m.end(dst, t, IntentSuspend, ReasonSuspended)
	case EventRestart:
		return m.restart(dst, t)
	case EventResume:
		return m.resume(dst, t)
	case EventPolicy:
		return m.changePolicy(dst, t, m.policies.Slot(uint64(ev.Policy)))
	case EventNeed:
		return m.addNeed(dst, ev, t)
	case EventHold:
		return m.hold(dst, t)
	case EventRelease:
		return m.unhold(dst, t)
	case EventTick, EventStart, EventAdd, EventExit, EventReady, EventBeat, EventProbe, EventUnready, EventLimits, EventShutdown, eventKinds:
	}
	panic("core: not an operator command about one task")
}

// refuseAbout returns why a command about a task is refused, or RefusalNone.
func (m *Machine) refuseAbout(ev *Event, t *task) Refusal {
	switch {
	case t == nil, ev.Kind == EventNeed && m.task(ev.Other) == nil:
		return RefusalUnknownTask
	case t.intent == IntentRemove, ev.Kind == EventNeed && m.task(ev.Other).intent == IntentRemove:
		return RefusalBeingRemoved
	case ev.Kind == EventNeed && ev.Other >= ev.Task:
		return RefusalNeedsLaterTask
	case ev.Kind == EventRemove && m.needed(t):
		return RefusalNeeded
	case (ev.Kind == EventKill || ev.Kind == EventSuspend) && m.over(t):
		return RefusalAlreadyEnded
	case ev.Kind == EventResume && !t.suspended():
		return RefusalNotSuspended
	case ev.Kind == EventPolicy && m.policies.Slot(uint64(ev.Policy)) == intern.None:
		return RefusalUnknownPolicy
	}
	return RefusalNone
}

// over reports whether a kill or a suspension has nothing to keep from starting. A task that has ended starts again with its
// supervisor, unless it was killed: of one that stops or has stopped it is not over.
func (m *Machine) over(t *task) bool {
	if m.phase >= PhaseHalting {
		return t.status == StatusDead && t.killed()
	}
	return t.ended()
}

// end has the task's run end, if it has one, and carries out the intent then.
func (m *Machine) end(dst []Action, t *task, intent Intent, why Reason) []Action {
	switch t.status {
	case StatusStarting, StatusHealthy, StatusStopping, StatusAbandoned:
		return m.intend(dst, t, intent, why)
	case StatusNone, StatusCreated, StatusFailed, StatusCompleted, StatusDead, StatusHalted, statuses:
	}
	return m.carryOut(dst, t, intent)
}

// intend sets what follows when the task's run has stopped. A run that was not asked to stop is asked at once, or when
// those that need it have stopped.
func (m *Machine) intend(dst []Action, t *task, intent Intent, why Reason) []Action {
	if t.intent == intent {
		return dst
	}
	m.set(t, t.status, intent, why)
	if t.stopPending() && m.noDependentTerminating(t) {
		return m.requestStop(dst, t, why)
	}
	return m.transition(dst, t, ActionTransition, t.status, why)
}

// restart has the task run afresh, with all its attempts. A task that waits for its start goes on waiting.
func (m *Machine) restart(dst []Action, t *task) []Action {
	t.attempts = 0
	switch {
	case t.status == m.waiting() && !t.suspended():
		return dst
	case t.status == StatusAbandoned && m.phase == PhaseRunning && m.replace(t):
		return m.carryOut(dst, t, IntentRestart)
	}
	t.drop(flagSuspended)
	return m.end(dst, t, IntentRestart, ReasonRestarted)
}

// resume lets a suspended task start again.
func (m *Machine) resume(dst []Action, t *task) []Action {
	if t.is(flagSuspended) {
		t.drop(flagSuspended)
		return m.startOrWait(dst, t, ReasonResumed)
	}
	return m.intend(dst, t, IntentStartAgain, ReasonResumed)
}

// hold keeps the task from starting for as long as its driver says so. Its status, its run and its timer stay as they are.
func (m *Machine) hold(dst []Action, t *task) []Action {
	if t.is(flagHeld) {
		return dst
	}
	t.raise(flagHeld)
	return m.transition(dst, t, ActionTransition, t.status, ReasonHeld)
}

// unhold lets the task start as it would have.
func (m *Machine) unhold(dst []Action, t *task) []Action {
	if !t.is(flagHeld) {
		return dst
	}
	t.drop(flagHeld)
	m.enqueue(t)
	return m.transition(dst, t, ActionTransition, t.status, ReasonReleased)
}

// changePolicy gives the task another policy. The timer of its status begins anew, except that of a scheduled restart.
func (m *Machine) changePolicy(dst []Action, t *task, policy uint32) []Action {
	if m.stable(t) {
		t.attempts = 0 // by the policy it had until now
	}
	m.countSignificant(t, minusOne)
	m.policies.Hold(policy)
	m.policies.Release(t.policy)
	t.policy = policy
	m.countSignificant(t, 1)
	after := m.policyOf(t)
	switch t.status {
	case StatusStarting:
		if !after.Readiness {
			return m.becomeHealthy(dst, t, ReasonPolicy)
		}
		return m.rearm(dst, t, ActionTransition, ReasonPolicy, m.now.after(after.StartTimeout))
	case StatusHealthy:
		t.misses = 0
		t.drop(flagProbing | flagSilent)
		if t.is(flagUnready) && !after.Readiness {
			m.setUnready(t, false)
		}
		return m.rearm(dst, t, ActionTransition, ReasonPolicy, m.watchUntil(t))
	case StatusStopping:
		return m.rearm(dst, t, ActionTransition, ReasonPolicy, m.stopUntil(t))
	case StatusAbandoned:
		dst = m.transition(dst, t, ActionTransition, t.status, ReasonPolicy)
		return m.resolveAbandoned(dst, t)
	case StatusCreated, StatusFailed, StatusCompleted, StatusDead, StatusHalted:
		m.enqueue(t)
		return m.transition(dst, t, ActionTransition, t.status, ReasonPolicy)
	case StatusNone, statuses:
	}
	panic("core: a task without a status")
}
