package reference

import (
	"fmt"
	"math"
	"math/bits"
	"slices"
)

// model is the crate's supervisor written a second time: with strings, maps and a health check at every instant of the
// grid. Every behaviour that a rule is about can be switched off, and then the model does what this library does
// instead.
type model struct {
	stage  *stage
	crate  behaviours
	tasks  []*modelTask
	named  map[string]*modelTask
	queued []pendingRestart // in the order in which they were queued

	gone   bool
	goneAt uint64
	end    final
}

type modelTask struct {
	name         string
	status       string
	attempts     uint32
	healthySince uint64 // the health check that saw the run first, or never
	panicked     bool   // the run is over, which has not been noticed
	forgiven     uint32 // the attempts that the health check of this instant cleared
}

type pendingRestart struct {
	at   uint64
	task *modelTask
}

// playModel plays a scenario to the model, with the given behaviours of the crate on.
func playModel(s scenario, crate behaviours) (trace, error) {
	if problem := problemOf(s, crate); problem != "" {
		return trace{refusal: problem}, nil
	}
	stage := newStage(s)
	m := &model{stage: stage, crate: crate, named: map[string]*modelTask{}}
	for _, task := range s.tasks {
		m.enlist(task.name, task.steps)
	}
	return stage.play(m)
}

// problemOf returns why a scenario is refused up front, or "". The crate refuses none.
func problemOf(s scenario, crate behaviours) string {
	if !crate.has(duplicateName) {
		seen := map[string]bool{}
		for _, task := range s.tasks {
			if seen[task.name] {
				return "duplicate name"
			}
			seen[task.name] = true
		}
	}
	if crate.has(badConfiguration) {
		return ""
	}
	// A delay must be less, and the end of the recording must not be more, than this library's clock can tell.
	const clock = math.MaxInt64 / 1_000_000
	longest := uint32(math.MaxUint32)
	if s.settings.maxRestartAttempts != nil {
		longest = *s.settings.maxRestartAttempts
	}
	high, delay := bits.Mul64(s.settings.baseRestartDelay, backoffFactor(s.settings, longest))
	switch {
	case s.settings.healthCheckInterval == 0:
		return "no health check interval"
	case high > 0 || delay > clock:
		return "a delay beyond the clock"
	case s.end > clock:
		return "an end beyond the clock"
	}
	return ""
}

func backoffFactor(s settings, attempts uint32) uint64 {
	exponent := min(attempts, s.maxBackoffExponent)
	if exponent >= 32 {
		return math.MaxUint32
	}
	return 1 << exponent
}

func (m *model) enlist(name string, steps []step) *modelTask {
	m.stage.enlist(name, steps)
	if m.named[name] == nil {
		m.named[name] = &modelTask{name: name, status: statusCreated, healthySince: never}
		m.tasks = append(m.tasks, m.named[name])
	}
	return m.named[name]
}

func (m *model) start() {
	for _, t := range m.tasks {
		m.startRun(t)
	}
	if m.stage.scenario.settings.healthCheckInterval == 0 {
		m.leave(final{result: finalOK})
	}
}

func (m *model) fault() error { return nil }

func (m *model) result() (final, bool) { return m.end, m.gone }

// leave ends the supervisor, and leaves alone what is running.
func (m *model) leave(end final) {
	end.at = m.stage.now
	m.gone, m.goneAt, m.end, m.queued = true, m.stage.now, end, nil
}

func (m *model) look() (map[string]string, string) {
	switch {
	case !m.gone:
	case m.goneAt == m.stage.now:
		return nil, resultRecvError
	default:
		return nil, resultSendError
	}
	statuses := map[string]string{}
	for _, t := range m.tasks {
		statuses[t.name] = t.status
	}
	return statuses, ""
}

func (m *model) obey(c command) string {
	t := m.named[c.task]
	switch {
	case c.op == opDropHandleClone:
		if !m.gone && m.crate.has(handleClone) {
			m.shutDown()
		}
		return resultOK
	case c.op == opStatus:
		return m.status(c.task)
	case m.gone && m.goneAt == m.stage.now && m.crate.has(behindShutdown):
		return resultOK
	case m.gone:
		return resultSendError
	case c.op == opShutdown:
		m.shutDown()
		return resultOK
	case c.op == opAdd && t != nil:
		return m.unlessCrate(duplicateName, resultDuplicateName)
	case c.op == opAdd:
		m.startRun(m.enlist(c.task, c.steps))
		return resultOK
	case t == nil:
		return m.unlessCrate(unknownName, resultUnknownTask)
	case c.op == opRestart:
		return m.restart(t)
	}
	return m.kill(t)
}

// unlessCrate answers ok, as the crate does, or otherwise if that behaviour is off.
func (m *model) unlessCrate(id ruleID, otherwise string) string {
	if m.crate.has(id) {
		return resultOK
	}
	return otherwise
}

func (m *model) status(task string) string {
	statuses, failure := m.look()
	switch {
	case failure != "":
		return failure
	case m.named[task] == nil:
		return resultNull
	}
	return statuses[task]
}

func (m *model) restart(t *modelTask) string {
	if !m.crate.has(restartWithdrawsRestart) {
		m.withdraw(t)
	}
	if !m.crate.has(restartClearsAttempts) {
		t.attempts = 0
	}
	m.clean(t)
	m.startRun(t)
	return resultOK
}

func (m *model) kill(t *modelTask) string {
	switch {
	case t.status == statusDead:
		return m.unlessCrate(killOfDead, resultAlreadyEnded)
	case t.status == statusCompleted && !m.crate.has(killOfCompleted):
		return resultAlreadyEnded
	case !m.crate.has(killWithdrawsRestart):
		m.withdraw(t)
	}
	t.status = statusDead
	m.clean(t)
	return resultOK
}

func (m *model) shutDown() {
	m.stopAll()
	m.leave(final{result: finalOK})
}

func (m *model) stopAll() {
	for _, t := range m.tasks {
		if t.status != statusDead && t.status != statusCompleted {
			m.clean(t)
			t.status = statusDead
		}
	}
}

func (m *model) startRun(t *modelTask) {
	t.status = statusHealthy
	m.stage.spawn(t.name)
}

// clean drops the run of a task, if there is one.
func (m *model) clean(t *modelTask) {
	m.stage.cancel(t.name)
	t.healthySince, t.panicked = never, false
}

func (m *model) ended(task, how string) {
	t := m.named[task]
	if m.gone {
		return
	}
	if how == outcomePanic {
		t.panicked = true
		return
	}
	if m.stage.checked && !m.crate.has(checkSeesInstant) {
		t.attempts, t.forgiven = t.attempts+t.forgiven, 0
	}
	m.clean(t)
	if how == outcomeOK {
		t.status = statusCompleted
	} else {
		m.fail(t)
	}
	if !m.crate.has(timersFirst) {
		m.restartAll()
	}
}

func (m *model) fail(t *modelTask) {
	limit := m.stage.scenario.settings.maxRestartAttempts
	if limit != nil && t.attempts >= *limit {
		t.status = statusDead
		m.clean(t)
		return
	}
	t.status = statusFailed
	if t.attempts < math.MaxUint32 {
		t.attempts++
	}
	settings := m.stage.scenario.settings
	high, delay := bits.Mul64(settings.baseRestartDelay, backoffFactor(settings, t.attempts))
	at := never
	if high == 0 && delay < never-m.stage.now {
		at = m.stage.now + delay
	}
	m.queued = append(m.queued, pendingRestart{at, t})
}

func (m *model) withdraw(t *modelTask) {
	m.queued = slices.DeleteFunc(m.queued, func(queued pendingRestart) bool { return queued.task == t })
}

func (m *model) restartAt() uint64 {
	at := never
	for _, queued := range m.queued {
		at = min(at, queued.at)
	}
	return at
}

func (m *model) wake() {
	m.restartAll()
	m.setTimers()
	switch {
	case m.gone:
	case m.stage.checkIsDue():
		m.check()
		m.restartAll()
		m.lookAgain()
		m.setTimers()
	case m.stage.checked:
		m.lookAgain()
	}
}

// setTimers ends the supervisor if it has to wait for an instant that its clock cannot represent: there it panics.
func (m *model) setTimers() {
	interval := m.stage.scenario.settings.healthCheckInterval
	check := m.stage.checkIsDue() && interval >= never-m.stage.now
	restart := len(m.queued) > 0 && m.restartAt() == never
	if m.crate.has(badConfiguration) && (check || restart) {
		m.leave(final{result: finalOK})
	}
}

// lookAgain makes a health check see what happened behind it at its instant.
func (m *model) lookAgain() {
	if !m.crate.has(checkSeesInstant) {
		m.observe()
		m.enforceThreshold()
	}
}

// restartAll starts the tasks whose restart is due, whatever has become of them in the meantime.
func (m *model) restartAll() {
	for i := 0; i < len(m.queued); {
		queued := m.queued[i]
		if queued.at > m.stage.now {
			i++
			continue
		}
		m.queued = slices.Delete(m.queued, i, i+1)
		m.clean(queued.task)
		m.startRun(queued.task)
	}
}

// check is the periodic health check.
func (m *model) check() {
	now, stableAfter := m.stage.now, m.stage.scenario.settings.stableAfter
	for _, t := range m.tasks {
		t.forgiven = 0
		switch {
		case t.status != statusHealthy:
		case t.panicked:
			m.fail(t)
		case t.healthySince != never && now-t.healthySince > stableAfter:
			t.forgiven, t.attempts = t.attempts, 0
		}
	}
	m.observe()
	m.enforceThreshold()
}

// observe notes which runs a health check has seen.
func (m *model) observe() {
	for _, t := range m.tasks {
		if t.status == statusHealthy && t.healthySince == never {
			t.healthySince = m.stage.now
		}
	}
}

func (m *model) enforceThreshold() {
	threshold := m.stage.scenario.settings.deadThreshold
	if m.gone || threshold == nil || len(m.tasks) == 0 {
		return
	}
	dead := 0
	for _, t := range m.tasks {
		if t.status == statusDead {
			dead++
		}
	}
	share := float64(dead) / float64(len(m.tasks))
	if share <= *threshold {
		return
	}
	m.stopAll()
	m.leave(final{
		result:    finalTooManyDead,
		current:   share,
		threshold: *threshold,
		message:   m.tooManyDead(share, *threshold),
	})
}

func (m *model) tooManyDead(share, threshold float64) string {
	if !m.crate.has(percentages) {
		return tooManyDeadMessage(share, threshold)
	}
	return fmt.Sprintf("Too many tasks are dead (threshold exceeded: %.2f%% > %.2f%%), supervisor shutting down.", share, threshold)
}
