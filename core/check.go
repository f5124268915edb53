package core

import "strconv"

// CorruptError says which part of a machine's state contradicts another. Only a defect of this package leads to one.
type CorruptError struct {
	Task    TaskID // 0: not about one task
	Problem string
}

func (e *CorruptError) Error() string {
	if e.Task == 0 {
		return "corrupt machine: " + e.Problem
	}
	return "corrupt machine: task " + e.Task.String() + " " + e.Problem
}

// Check audits the whole state: that every count equals a recount, every timer belongs to a status that has one, and
// so on. The error is nil or a [*CorruptError], and then there is a defect in this package. It takes time in
// proportion to the number of tasks; tests and simulations call it after every step.
func (m *Machine) Check() error {
	for _, audit := range []func() *CorruptError{
		m.checkOrder, m.checkDefinitions, m.checkTimers, m.checkTasks, m.checkFree, m.checkGraph, m.checkTerminating, m.checkReconciled, m.checkSupervisor,
	} {
		if err := audit(); err != nil {
			return err
		}
	}
	return nil
}

// checkOrder audits the list of tasks in declared order.
func (m *Machine) checkOrder() *CorruptError {
	prev, listed := noSlot, 0
	for slot := m.first; slot != noSlot; slot = m.tasks[slot].next {
		if uint64(slot) >= uint64(len(m.tasks)) {
			return &CorruptError{0, "slot " + strconv.Itoa(int(slot)) + " is listed and does not exist"}
		}
		t := &m.tasks[slot]
		switch {
		case listed == m.total():
			return &CorruptError{t.id, "is listed though all tasks are"}
		case t.id == 0 || t.slot() != slot:
			return &CorruptError{t.id, "is listed at slot " + strconv.Itoa(int(slot))}
		case t.prev != prev:
			return &CorruptError{t.id, "does not know the task before it"}
		case prev != noSlot && m.tasks[prev].id.Generation() >= t.id.Generation():
			return &CorruptError{t.id, "is out of order"}
		case t.id.Generation() > m.generation:
			return &CorruptError{t.id, "was never added"}
		}
		prev = slot
		listed++
	}
	if m.last != prev || listed != m.total() {
		return &CorruptError{0, "not every task is listed"}
	}
	return nil
}

// checkTasks audits each task by itself, and the counts.
func (m *Machine) checkTasks() *CorruptError {
	var counts [statuses]uint32
	var left, significant, significantEnded uint32
	for slot := m.first; slot != noSlot; slot = m.tasks[slot].next {
		t := &m.tasks[slot]
		if problem := m.checkTask(t); problem != "" {
			return &CorruptError{t.id, problem}
		}
		counts[t.status]++
		left += m.runsLeftBehind(t)
		if m.policyOf(t).Significant {
			significant++
			if t.ended() {
				significantEnded++
			}
		}
	}
	switch {
	case counts != m.counts:
		return &CorruptError{0, "a status is miscounted"}
	case left != m.leftBehind:
		return &CorruptError{0, "the runs left behind are miscounted"}
	case significant != m.significant || significantEnded != m.significantEnded:
		return &CorruptError{0, "the significant tasks are miscounted"}
	}
	return nil
}

func (m *Machine) checkTask(t *task) (problem string) {
	live, fenced := t.is(flagLive), m.fencedRun(t)
	running := t.running() || t.status == StatusStopping
	stopped := t.status == StatusStopping || t.status == StatusAbandoned
	switch {
	case t.status == StatusNone:
		return "has no status"
	case t.intent == IntentRemove && m.needed(t):
		return "is being removed though another task needs it"
	case t.since > m.now:
		return "has a status from the future"
	case live && t.run == 0:
		return "is live and was never started"
	case fenced > t.run || fenced == t.run && live:
		return "has a fenced run that is not an older one"
	case running && !live:
		return "is " + t.status.String() + " without a live run"
	case live && !t.attended() && (fenced == 0 || t.status == StatusFailed || t.status == StatusCompleted):
		return "is " + t.status.String() + " with a live run"
	case t.status == StatusAbandoned && !m.alive(t):
		return "is abandoned without a live run"
	case stopped && t.intent == IntentNone, !stopped && !t.running() && t.intent != IntentNone, t.running() && t.intent == IntentRetry:
		return "is " + t.status.String() + " with intent " + t.intent.String()
	case m.phase >= PhaseHalting && (t.intent == IntentRetry || t.running() && (t.intent == IntentNone || t.intent == IntentRetire)):
		return "runs on, or retries, though the supervisor stops"
	case t.is(flagSuspended) && t.status != StatusCreated && t.status != StatusHalted:
		return "is suspended though it is " + t.status.String()
	case m.keptDelay(t) < 0 || m.keptDelay(t) > 0 && !t.is(flagDelayPending):
		return "remembers a delay that has begun"
	case t.is(flagDelayPending|flagRateWaiting) && t.status != StatusFailed, t.is(flagDelayPending) && t.is(flagRateWaiting):
		return "remembers a restart though it is " + t.status.String()
	case t.is(flagRateWaiting) && m.rateQueue.Deadline(t.slot()) == Never:
		return "waits for the restart rate and is not in its queue"
	case t.is(flagUnready) && (t.status != StatusHealthy || !m.policyOf(t).Readiness):
		return "is unready and cannot be"
	case t.is(flagHung) && t.status != StatusStopping:
		return "hangs though it is " + t.status.String()
	case t.misses > 0 && t.status != StatusHealthy:
		return "remembers probes though it is " + t.status.String()
	}
	return m.checkTimer(t)
}

// checkTimer audits that the task has the timer of its status.
func (m *Machine) checkTimer(t *task) (problem string) {
	deadline, p := m.deadline(t), m.policyOf(t)
	watched := p.Watchdog > 0 || p.Probe.Interval > 0
	probing := t.is(flagProbing)
	switch {
	case deadline <= m.now && deadline != Never:
		return "has a timer that should have fired"
	case probing && (t.status != StatusHealthy || p.Probe.Interval == 0):
		return "is being probed for nothing"
	case t.is(flagSilent) && (t.status != StatusHealthy || p.OnMiss != MissReport || p.Watchdog == 0 && !probing || deadline != Never):
		return "is silent and should not be"
	}
	expected := false // a timer is
	switch t.status {
	case StatusFailed:
		if t.is(flagDelayPending) && deadline != Never {
			return "has a restart instant though its delay has not begun"
		}
		expected = !t.is(flagDelayPending|flagRateWaiting) && !m.delayBeyondTime()
	case StatusStopping:
		expected = m.stopUntil(t) != Never
	case StatusStarting:
		expected = m.now.after(p.StartTimeout) != Never
	case StatusHealthy:
		if !watched && deadline != Never {
			return "is watched for nothing"
		}
		if probing {
			expected = !t.is(flagSilent) && m.now.after(p.Probe.Timeout) != Never
		} else {
			expected = p.Probe.Interval > 0 && m.now.after(p.Probe.Interval) != Never
		}
	case StatusNone, StatusCreated, StatusCompleted, StatusDead, StatusHalted, StatusAbandoned, statuses:
		if deadline != Never {
			return "has a timer though it is " + t.status.String()
		}
	}
	if expected && deadline == Never {
		return "is " + t.status.String() + " without a timer"
	}
	return ""
}

// delayBeyondTime reports whether a restart delay can reach beyond the last instant, so that there is no timer for it.
// A task can have more attempts than its policy allows: another one may have allowed them.
func (m *Machine) delayBeyondTime() bool {
	for _, p := range m.Policies() {
		if m.now.after(p.delay(Unlimited, m.config.factorMax())) == Never {
			return true
		}
	}
	return false
}

// checkTimers audits the queues of timers and of those that wait for the restart rate.
func (m *Machine) checkTimers() *CorruptError {
	for _, queue := range []*timerQueue{&m.timers, &m.rateQueue} {
		if id, problem := queue.Audit(); problem != "" {
			return &CorruptError{id, problem}
		}
		for id, at := range queue.All() {
			t := m.task(id)
			switch {
			case t == nil:
				return &CorruptError{id, "has been removed and has a timer"}
			case t.is(flagRateWaiting) != (queue == &m.rateQueue):
				return &CorruptError{id, "is in the wrong queue"}
			case t.is(flagRateWaiting) && at > m.now:
				return &CorruptError{id, "waits for the restart rate before its delay has passed"}
			}
		}
	}
	return nil
}

// checkFree audits the free slots: with the tasks listed, each slot is accounted for once.
func (m *Machine) checkFree() *CorruptError {
	seen := make([]bool, len(m.tasks))
	for _, slot := range m.free {
		if int(slot) >= len(m.tasks) || m.tasks[slot].id != 0 || seen[slot] || m.fenced.at(slot) != 0 || m.delays.at(slot) != 0 {
			return &CorruptError{0, "slot " + strconv.Itoa(int(slot)) + " is not free, or twice so"}
		}
		seen[slot] = true
	}
	return nil
}

// limitsValid reports whether the limits in force, and all that can be put in force, are valid.
func (m *Machine) limitsValid() bool {
	var check validation
	if m.config.Limits != *m.limits.At(m.inForce) {
		check.limits(m.config.Limits)
	}
	for _, l := range m.AllLimits() {
		check.limits(l)
	}
	return check.err() == nil
}

// checkBeyondTime reports whether the next health check would be later than any instant.
func (m *Machine) checkBeyondTime() bool {
	return m.config.HealthCheckInterval > 0 && m.checkFrom(m.now) == Never
}

// checkSupervisor audits what concerns the supervisor as a whole.
func (m *Machine) checkSupervisor() *CorruptError {
	waiting := m.counts[StatusStarting] + m.counts[StatusHealthy] + m.counts[StatusStopping]
	halting := m.phase == PhaseHalting || m.phase == PhaseHalted
	problem := ""
	switch {
	case !m.limitsValid():
		problem = "it has invalid limits"
	case !m.crashes.Sound(m.config.Intensity.Count, m.config.Intensity.Per, m.now),
		!m.restarts.Sound(m.config.RestartRate.Count, m.config.RestartRate.Per, m.now):
		problem = "a window of restarts is out of order"
	case uint64(m.total()) > uint64(m.config.MaxTasks):
		problem = "it has too many tasks"
	case m.checkAt != Never && (m.phase != PhaseRunning || m.checkAt <= m.now || !m.tooManyDead() || m.config.HealthCheckInterval == 0):
		problem = "a health check is due for nothing"
	case m.shutdownAt != Never && (m.phase != PhaseHalting || m.shutdownAt <= m.now):
		problem = "the shutdown timeout is set for nothing"
	case m.phase == PhaseCreated && uint64(m.counts[StatusCreated]+m.counts[StatusDead]+m.counts[StatusAbandoned]) != uint64(m.total()):
		problem = "a task runs before the supervisor does"
	case m.phase == PhaseHalted && waiting != 0 || m.phase == PhaseHalting && waiting == 0:
		problem = "it is " + m.phase.String() + " with " + strconv.Itoa(int(waiting)) + " tasks to wait for"
	case halting && m.counts[StatusCreated]+m.counts[StatusFailed] != 0:
		problem = "a task waits for a start that will not come"
	case halting != (m.haltReason != ReasonNone):
		problem = "it is " + m.phase.String() + " for reason " + m.haltReason.String()
	case m.phase == PhaseRunning && m.tooManyDead() && m.checkAt == Never && !m.checkBeyondTime():
		problem = "too many tasks are dead"
	case *m.limits.At(m.inForce) != m.config.Limits:
		problem = "other limits are in force than those it has"
	}
	if problem == "" {
		return nil
	}
	return &CorruptError{0, problem}
}
