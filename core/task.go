package core

// task is what the machine remembers of one task: 56 bytes, for there may be millions.
type task struct {
	id       TaskID // 0: the slot is free
	since    Instant
	key      uint32
	run      Run
	fenced   Run
	attempts uint32
	prev     uint32 // neighbours in declared order, as slots
	next     uint32
	needs    uint32 // the first edge to a task it needs
	hub      uint32 // what it knows of the tasks that need it
	policy   PolicyID
	status   Status
	why      Reason
	intent   Intent
	lastExit ExitKind
	flags    flags
	misses   uint8
}

// flags is a set of facts about a task.
type flags uint8

const (
	flagLive         flags = 1 << iota // its run has started and not ended
	flagSuspended                      // an operator keeps it from starting
	flagDelayPending                   // Failed: its restart delay has not begun
	flagRepeat                         // Failed: its run ended well
	flagRateWaiting                    // Failed: its restart delay has passed, and the budget has no room
	flagProbing                        // Healthy: an answer to a probe is awaited

	flagsAll = flagProbing<<1 - 1
)

func (t *task) is(f flags) bool { return t.flags&f != 0 }
func (t *task) set(f flags)     { t.flags |= f }
func (t *task) unset(f flags)   { t.flags &^= f }

func (t *task) slot() uint32 { return uint32(t.id & slotMask) }

// ended tells whether the task has come to an end, as far as automatic shutdown is concerned.
func (t *task) ended() bool { return t.status == StatusCompleted || t.status == StatusDead }

// alive tells whether any run of the task, abandoned or not, is still going.
func (t *task) alive() bool { return t.is(flagLive) || t.fenced != 0 }

// running tells whether the task has a run that was not asked to stop.
func (t *task) running() bool { return t.status == StatusHealthy || t.status == StatusStarting }

// stopPending tells whether the task's run will be asked to stop as soon as those are gone that are to go before it.
func (t *task) stopPending() bool { return t.intent != IntentNone && t.running() }

// terminating tells whether the task is on its way to stop.
func (t *task) terminating() bool { return t.status == StatusStopping || t.stopPending() }

// returning tells whether the task is stopped only to be started again.
func (t *task) returning() bool {
	return t.intent == IntentRestart || t.intent == IntentRetry || t.intent == IntentStartAgain
}

// dropSuspension lets a suspension end with the intent that stands for it.
func (t *task) dropSuspension() {
	if t.intent != IntentStartAgain {
		t.unset(flagSuspended)
	}
}

// up tells whether the task is what those that need it wait for.
func (t *task) up() bool {
	return t.status == StatusHealthy && t.intent == IntentNone || t.status == StatusCompleted
}

// change moves the task to a status, which ends the timer of the one before, and appends the action that tells of it.
// A task that stays in its status keeps its timer, and the action tells when that is due.
func (m *Machine) change(dst []Action, t *task, kind ActionKind, to Status, why Reason) []Action {
	from, until, attempts := t.status, Never, t.attempts
	if from == to {
		until, attempts = m.deadline(t), m.attemptsNow(t)
	} else {
		m.disarm(t)
		m.move(t, to, why)
	}
	dst = append(dst, Action{})
	a := &dst[len(dst)-1] // filled in place: a literal would be built elsewhere and copied
	a.At, a.Until, a.Task, a.Run, a.Attempts = m.now, until, t.id, t.run, attempts
	a.Kind, a.From, a.To, a.Why = kind, from, to, why
	return dst
}

// move sets the task's status, drops what does not outlive the one before, and tells all it concerns.
func (m *Machine) move(t *task, to Status, why Reason) {
	wasUp, wasLeaving, wasEnded := t.up(), t.terminating(), t.ended()
	m.counts[t.status]--
	m.counts[to]++
	if t.is(flagDelayPending) {
		m.delayPending--
	}
	stillMarked := t.stopPending() && (to == StatusHealthy || to == StatusStarting)
	t.status, t.since = to, m.now
	t.unset(flagDelayPending | flagRepeat | flagRateWaiting | flagProbing)
	t.misses = 0
	if !stillMarked {
		t.why = why
		if to != StatusStopping && to != StatusAbandoned {
			t.intent = IntentNone
		}
	}
	if t.ended() != wasEnded {
		m.countEnded(t)
	}
	if m.concernsNoOther(t) {
		return
	}
	m.moveNotUpHint(t)
	if t.terminating() != wasLeaving {
		m.noteTerminating(t)
	}
	if t.up() != wasUp {
		m.noteUp(t)
	}
}

// countEnded keeps count of the significant tasks that have ended.
func (m *Machine) countEnded(t *task) {
	if t.ended() {
		t.unset(flagSuspended)
	}
	switch {
	case !m.policies[t.policy].Significant:
	case t.ended():
		m.significantEnded++
	default:
		m.significantEnded--
	}
}

// startRun starts the task's next run.
func (m *Machine) startRun(dst []Action, t *task, why Reason) []Action {
	if t.run == ^Run(0) {
		return m.change(dst, t, ActionTransition, StatusDead, ReasonExhausted)
	}
	t.run++
	t.set(flagLive)
	p := &m.policies[t.policy]
	if p.Readiness {
		dst = m.change(dst, t, ActionStart, StatusStarting, why)
		return m.armUntil(dst, t, m.now.after(p.StartTimeout))
	}
	dst = m.change(dst, t, ActionStart, StatusHealthy, why)
	return m.watch(dst, t)
}

// startOrWait starts the task, if nothing is in its way, or has it wait its turn. Where order matters every task waits
// its turn, if only for an instant.
func (m *Machine) startOrWait(dst []Action, t *task, why Reason) []Action {
	if m.config.Strategy == OneForOne && m.canStart(t) {
		return m.startRun(dst, t, why)
	}
	return m.change(dst, t, ActionTransition, StatusCreated, why)
}

// canStart tells whether nothing about the task itself is in the way of its start.
func (m *Machine) canStart(t *task) bool {
	return !t.is(flagSuspended) && m.noDependentTerminating(t) && m.firstUnmetNeed(t) == nil
}

// requestStop asks the task's run to stop; the task's intent says what follows when it is gone. A run that is stable by now has
// cleared the attempts.
func (m *Machine) requestStop(dst []Action, t *task, why Reason) []Action {
	if m.stable(t) {
		t.attempts = 0
	}
	dst = m.change(dst, t, ActionStop, StatusStopping, why)
	return m.armUntil(dst, t, m.now.after(m.policies[t.policy].StopTimeout))
}

// armUntil arms the timer of the status that the latest action has told of, and tells when it will fire.
func (m *Machine) armUntil(dst []Action, t *task, at Instant) []Action {
	m.timers.Arm(t.id, at)
	dst[len(dst)-1].Until = at
	return dst
}

// deadline returns when the task's timer is due, or Never.
func (m *Machine) deadline(t *task) Instant {
	if t.is(flagRateWaiting) {
		return Never
	}
	return m.timers.Deadline(t.slot())
}

// disarm drops the task's timer, or its place among those that wait for the restart budget.
func (m *Machine) disarm(t *task) {
	if t.is(flagRateWaiting) {
		m.rateQueue.Disarm(t.slot())
		return
	}
	m.timers.Disarm(t.slot())
}

// fireTask does what the timer of the task's status is for.
func (m *Machine) fireTask(dst []Action, id TaskID) []Action {
	t := &m.tasks[id&slotMask]
	switch t.status {
	case StatusFailed:
		return m.delayPassed(dst, t)
	case StatusStopping:
		return m.abandon(dst, t, ReasonStopTimeout)
	case StatusStarting:
		return m.failHungRun(dst, t, ExitStartTimeout, ReasonStartTimeout)
	case StatusHealthy:
		return m.watchFired(dst, t)
	case StatusNone, StatusCreated, StatusCompleted, StatusDead, StatusAbandoned, statuses:
	}
	panic("core: a timer fired in a status that has none")
}

// abandon gives up waiting for the task's run, and does what its policy wants then.
func (m *Machine) abandon(dst []Action, t *task, why Reason) []Action {
	m.leftBehind++
	dst = m.change(dst, t, ActionAbandon, StatusAbandoned, why)
	switch {
	case m.phase != PhaseRunning:
		return dst
	case m.policies[t.policy].OnAbandon == AbandonEscalate:
		return m.beginHalt(dst, ReasonEscalated, t)
	}
	return m.resolveAbandoned(dst, t)
}

// resolveAbandoned does what was intended for an abandoned task as soon as enough of its runs are gone.
func (m *Machine) resolveAbandoned(dst []Action, t *task) []Action {
	if t.alive() && !(t.returning() && m.replace(t)) {
		return dst
	}
	return m.carryOutIntent(dst, t)
}

// replace makes room for a run beside those of an abandoned task that are still going, if its policy allows that.
func (m *Machine) replace(t *task) bool {
	switch {
	case m.policies[t.policy].OnAbandon != AbandonReplace:
		return false
	case t.is(flagLive) && t.fenced != 0:
		return false
	case t.is(flagLive):
		t.fenced = t.run
		t.unset(flagLive)
	}
	return true
}

// carryOutIntent does what was intended for a task whose run is gone.
func (m *Machine) carryOutIntent(dst []Action, t *task) []Action {
	switch t.intent {
	case IntentRestart:
		return m.startOrWait(dst, t, ReasonRestarted)
	case IntentStartAgain:
		return m.startOrWait(dst, t, ReasonStartAgain)
	case IntentRetry:
		first := len(dst)
		dst = m.failed(dst, t, t.lastExit)
		dst[first].Exit = t.lastExit
		return dst
	case IntentRetire:
		return m.markDead(dst, t, ReasonNotRestartable)
	case IntentKill:
		return m.markDead(dst, t, ReasonKilled)
	case IntentHalt:
		return m.markDead(dst, t, ReasonSupervisorStop)
	case IntentRemove:
		return m.forget(dst, t)
	case IntentNone, intents:
	}
	panic("core: a stop without an intent")
}

// markDead leaves the task dead.
func (m *Machine) markDead(dst []Action, t *task, why Reason) []Action {
	return m.change(dst, t, ActionTransition, StatusDead, why)
}

// forget removes the task, or has it wait as abandoned for the last of its runs.
func (m *Machine) forget(dst []Action, t *task) []Action {
	if t.alive() {
		t.intent = IntentRemove
		return m.change(dst, t, ActionTransition, StatusAbandoned, ReasonRemoved)
	}
	dst = m.change(dst, t, ActionForget, StatusNone, ReasonRemoved)
	m.release(t)
	return dst
}
