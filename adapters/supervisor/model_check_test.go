package supervisor_test

import (
	"context"
	"errors"
	"slices"
	"testing/synctest"
	"time"

	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
)

// check compares the tree with the model. Nothing is going on meanwhile.
func (m *model) check() {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, t := range m.tasks() {
		if !t.remade() {
			m.checkStatus(t)
		}
	}
	for _, tree := range m.trees() {
		if got := tree.sup.Limits(); got != tree.limit {
			m.wrong("the limits are %v, and were set to %v", got, tree.limit)
		}
	}
	m.checkTotals()
	m.checkWaits()
	m.checkAccount(m.root.sup.Report())
}

// checkStatus compares the status of a task with what its runs see.
func (m *model) checkStatus(t *modelTask) {
	s, err := m.root.sup.Status(t.path())
	if err != nil {
		m.wrong("there is no status of %s: %v", t.path(), err)
		return
	}
	policy, err := m.root.sup.Policy(t.path())
	made := t.tree != nil && t.tree.sup == nil // then its policy becomes that of a supervisor when it is first run
	if err != nil || policy != t.policy && !made {
		m.wrong("the policy of %s is %v (%v), and was set to %v", t.path(), policy, err, t.policy)
	}
	if t.tree != nil {
		return
	}
	if t.in.depth() >= 3 {
		tally("a task three levels down")
	}
	m.checkRuns(t, s)
	m.checkWords(t, s)
	m.checkDelay(t, s)
}

// checkTotals compares the totals of all tasks with each other, and with what they were.
func (m *model) checkTotals() {
	for _, node := range m.root.sup.Tree() {
		now := node.Totals
		var exits, restarts uint64
		for _, n := range now.Exits.All() {
			exits += n
		}
		for _, n := range now.Restarts.All() {
			restarts += n
		}
		if now.Starts > 0 && restarts != now.Starts-1 {
			m.wrong("%s has started %d times and restarted %d times", node.Path, now.Starts, restarts)
		}
		if exits > now.Starts || !node.Live && node.Fenced == 0 && node.Status != supervisor.StatusAbandoned && exits != now.Starts {
			m.wrong("%v has started %d times and ended %d times", node, now.Starts, exits)
		}
	}
}

// checkRuns compares the runs that are alive, and what they were asked, with what the status says.
func (m *model) checkRuns(t *modelTask, s supervisor.TaskStatus) {
	alive := 0
	find := func(number supervisor.RunNumber) *modelRun {
		alive++
		if i := slices.IndexFunc(t.runs, func(r *modelRun) bool { return r.number == number }); i >= 0 {
			return t.runs[i]
		}
		m.wrong("%v, and run %d is not alive", s, number)
		return nil
	}
	if s.Live {
		r := find(s.Run)
		asked := s.Status == supervisor.StatusStopping || s.Status == supervisor.StatusAbandoned
		if r != nil && (r.ctx.Err() != nil) != asked {
			m.wrong("%v, and whether run %d was asked to stop is %v", s, s.Run, r.ctx.Err() != nil)
		}
	}
	if s.Fenced != 0 {
		if r := find(s.Fenced); r != nil && r.ctx.Err() == nil {
			m.wrong("%v, and run %d was left behind without being asked to stop", s, s.Fenced)
		}
		tally("a run replaced")
	}
	if s.Status == supervisor.StatusAbandoned {
		tally("a run abandoned")
	}
	if alive != len(t.runs) && !(s.Wait == supervisor.WaitLeftBehind || s.Fenced != 0) {
		m.wrong("%v, and %d runs are alive, not %d", s, len(t.runs), alive)
	}
	switch s.Status {
	case supervisor.StatusHealthy, supervisor.StatusStarting, supervisor.StatusStopping:
		if !s.Live {
			m.wrong("%v without a run", s)
		}
	default:
		if s.Live && s.Status != supervisor.StatusAbandoned {
			m.wrong("%v with a run", s)
		}
	}
}

// checkWords compares what was said by hand with the status.
func (m *model) checkWords(t *modelTask, s supervisor.TaskStatus) {
	if m.stopped || !m.remembers(t) {
		return
	}
	if s.Suspended != t.suspended {
		m.wrong("%v, and whether it was suspended is %v", s, t.suspended)
	}
	running := s.Status == supervisor.StatusHealthy || s.Status == supervisor.StatusStarting || s.Status == supervisor.StatusFailed
	if running && (t.suspended || t.killed) {
		m.wrong("%v, and it was suspended (%v) or killed (%v)", s, t.suspended, t.killed)
	}
	if s.Status == supervisor.StatusDead {
		tally("a dead task")
		if s.Why == supervisor.ReasonKilled && !t.killed {
			m.wrong("%v, and it was not killed", s)
		}
	}
}

// checkDelay compares a restart delay with the policy: no jitter is set.
func (m *model) checkDelay(t *modelTask, s supervisor.TaskStatus) {
	if s.Status != supervisor.StatusFailed || s.Wait != supervisor.WaitDelay || s.Why != supervisor.ReasonFailure || t.in != m.root {
		return
	}
	tally("a delay checked")
	delay := t.policy.BaseDelay
	for range min(s.Attempts, t.policy.MaxExponent) {
		delay *= time.Duration(t.policy.Factor)
	}
	// A restart that was scheduled before the policy changed stays scheduled.
	if got := time.Duration(s.Until - s.Since); got != min(delay, t.policy.MaxDelay) && t.since != s.Since {
		m.wrong("%v, which is a delay of %v, and the policy says %v", s, got, delay)
	}
	t.since = s.Since
}

// checkWaits looks at the calls that wait: they return without an error, or because a run is left behind or the supervisor stops.
func (m *model) checkWaits() {
	m.waits = slices.DeleteFunc(m.waits, func(w *modelWait) bool {
		select {
		case err := <-w.ended:
			if err != nil && !errors.As(err, new(*supervisor.LeftBehindError)) {
				m.wrong("the wait to %s ends with %v", w.what, err)
			}
			return true
		default:
			return false
		}
	})
}

// checkAccount compares the report with what the tasks and the observers have counted.
func (m *model) checkAccount(report supervisor.Report) {
	if report.Runs.Started != m.starts {
		m.wrong("%d runs were started according to the report, and %d according to the observers", report.Runs.Started, m.starts)
	}
	alive := report.Runs.Started - report.Runs.Ended
	if report.Runs.Ended > report.Runs.Started || alive < uint64(len(report.LeftBehind)) {
		m.wrong("%v, and %d runs are left behind", report, len(report.LeftBehind))
	}
	for _, left := range report.LeftBehind {
		if !m.isAlive(left.Path, left.Run) {
			m.wrong("%v is listed as left behind, and is not alive", left)
		}
	}
	for _, t := range m.tasks() {
		if t.tree == nil && m.told[t.path()] != t.begun {
			m.wrong("%s has begun %d runs, and its supervisor says %d", t.path(), t.begun, m.told[t.path()])
		}
	}
}

// isAlive reports whether a run of a task is alive, as far as the model knows: it knows nothing of the runs of supervisors.
func (m *model) isAlive(path string, number supervisor.RunNumber) bool {
	for _, t := range append(m.tasks(), m.removed...) {
		if t.path() == path {
			return t.tree != nil || slices.ContainsFunc(t.runs, func(r *modelRun) bool { return r.number == number })
		}
	}
	return false
}

// living counts the runs that are alive.
func (m *model) living() (n int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, t := range append(m.tasks(), m.removed...) {
		n += len(t.runs)
	}
	return n
}

// checkLiveness requires that all runs are up that should be: whatever went down has had time to come back.
func (m *model) checkLiveness() {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, t := range m.tasks() {
		s, err := m.root.sup.Status(t.path())
		if err != nil || t.remade() || !m.isUp(t.in) {
			continue
		}
		switch {
		case s.Status == supervisor.StatusHealthy, s.Status == supervisor.StatusCompleted:
		case s.Status == supervisor.StatusStarting && t.tree != nil && m.hasDead(t.tree): // it is not ready, then
		case s.Wait == supervisor.WaitTurn && m.hasDead(t.in): // behind such a one
		case s.Status == supervisor.StatusDead && (t.killed || s.Why == supervisor.ReasonExhausted || !m.remembers(t)):
		case s.Status == supervisor.StatusCreated && (t.suspended || !m.remembers(t) && s.Suspended):
		default:
			m.wrong("after an hour %v", s)
		}
	}
	m.checkWaits()
	for _, w := range m.waits {
		m.wrong("after an hour the wait to %s has not ended", w.what)
	}
}

// hasDead reports whether a task of a supervisor is dead though it was not killed, or one of a supervisor in it.
func (m *model) hasDead(tree *modelTree) bool {
	return slices.ContainsFunc(tree.tasks, func(t *modelTask) bool {
		s, err := m.root.sup.Status(t.path())
		return err == nil && s.Status == supervisor.StatusDead && s.Why != supervisor.ReasonKilled || t.tree != nil && m.hasDead(t.tree)
	})
}

// isUp reports whether a supervisor and all those that it is in run.
func (m *model) isUp(tree *modelTree) bool {
	if tree.task == nil {
		return true
	}
	s, err := m.root.sup.Status(tree.task.path())
	return err == nil && s.Status == supervisor.StatusHealthy && m.isUp(tree.task.in)
}

// checkResult compares what the root's Run returned with the runs that are alive, when it has stopped.
func (m *model) checkResult() {
	err := m.root.sup.Wait()
	synctest.Wait()
	var left *supervisor.LeftBehindError
	living := m.living()
	m.mu.Lock()
	defer m.mu.Unlock()
	switch {
	case errors.As(err, &left) && living == 0:
		m.wrong("it is said that %v, and no run is alive", left)
	case left == nil && living > 0:
		m.wrong("%d runs are alive, and Run returned %v", living, err)
	case left == nil && err != nil:
		m.wrong("Run returned %v", err)
	}
}

// finish lets everything end, stops the root, and requires that all is accounted for.
func (m *model) finish() {
	m.comeToRest()
	if !m.stopped {
		_, _ = m.stop(0, 0)
	}
	m.check()
	report := m.root.sup.Report()
	m.mu.Lock()
	defer m.mu.Unlock()
	if report.Runs.Started != report.Runs.Ended || len(report.LeftBehind) > 0 {
		m.wrong("in the end %v, left behind: %v", report, report.LeftBehind)
	}
	for _, t := range append(m.tasks(), m.removed...) {
		if t.begun != t.ended {
			m.wrong("%s has begun %d runs and ended %d", t.path(), t.begun, t.ended)
		}
	}
}

// leave ends what a program that was broken off has left, so that the bubble can end.
func (m *model) leave() {
	for _, t := range append(m.tasks(), m.removed...) {
		m.hear(t)
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Hour)
	defer cancel()
	_ = m.root.sup.Shutdown(ctx)
	for _, t := range append(m.tasks(), m.removed...) {
		m.hear(t)
	}
	synctest.Wait()
}
