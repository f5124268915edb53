package conformance

import (
	"github.com/tasksupervisor/tasksupervisor/core"
)

// judgeSubtree looks at the lives of supervisors that are a task, which are in the lives of the one above. It returns what it found of
// them together.
func (f *findings) judgeSubtree(s *subtree, above []*verdict) *verdict {
	whole := &verdict{evidence: &evidence{scenario: s.task, inside: s}, results: f.results}
	parts, err := s.lives()
	if whole.check(DutyReplay, err == nil, 0, "%v", err); err != nil {
		return whole
	}
	hosts := s.runsIn(above)
	var lives []*verdict
	for i, part := range parts {
		whole.scenario, whole.subtrees = part.scenario, part.subtrees
		if i < len(hosts) {
			part.shutdownAt, part.cancelled = hosts[i].stopped, hosts[i].stopped != core.Never
		}
		life := &verdict{evidence: part, results: f.results}
		life.account, err = read(part, f.invariants)
		if whole.check(DutyReplay, err == nil, part.bornAt, "%v", err); err != nil {
			return whole
		}
		life.answers()
		life.match()
		if len(lives) > 0 {
			life.again(lives)
		}
		life.judge()
		lives = append(lives, life)
		whole.pairs, whole.hosts = append(whole.pairs, life.pairs...), append(whole.hosts, life.hosts...)
	}
	whole.oneRun()
	whole.hosted(hosts, lives)
	for _, deeper := range whole.subtrees {
		whole.children = append(whole.children, f.judgeSubtree(deeper, lives))
	}
	if s.ready {
		whole.readyAs(above, lives)
	}
	return whole
}

// hosted compares the lives with the runs of the task that they are.
func (j *verdict) hosted(hosts []*recordedRun, lives []*verdict) {
	for i, r := range hosts {
		if i >= len(lives) {
			j.check(DutyTree, false, r.started, "run %d of %s began no life of the supervisor", r.run, r.task)
			continue
		}
		life := lives[i]
		j.check(DutyTree, life.account.began == r.started, r.started, "run %d of %s began a life at %v", r.run, r.task, life.account.began)
		if len(r.exits) != 1 {
			j.check(DutyTree, len(r.exits) == 0 && life.haltedAt == core.Never, life.haltedAt, "the end of run %d of %s, whose supervisor halted, was reported %d times",
				r.run, r.task, len(r.exits))
			continue
		}
		told := r.exits[0]
		j.check(DutyTree, told.at == life.haltedAt, told.at, "run %d of %s ended, and its supervisor halted at %v", r.run, r.task, life.haltedAt)
		if r.stopped == core.Never {
			failed := life.failedHalt()
			j.check(DutyTree, told.event.Exit.Failure() == failed, told.at, "run %d of %s ended by %v, and its supervisor for %v, with %d runs left behind",
				r.run, r.task, told.event.Exit, life.halt.Why, life.halt.LeftBehind)
		}
	}
	j.check(DutyTree, len(lives) <= len(hosts), 0, "%s has had %d lives in %d runs", j.scenario, len(lives), len(hosts))
}

// failedHalt reports whether the supervisor gave up.
func (j *verdict) failedHalt() bool {
	switch j.halt.Why {
	case core.ReasonTooManyDead, core.ReasonEscalated, core.ReasonIntensity:
		return true
	default:
		return false
	}
}

// readyAs compares what the machine above says of the task's readiness with what that inside says of its tasks, whenever everything
// had settled.
func (j *verdict) readyAs(above, lives []*verdict) {
	inside := make(map[int][]expectation) // by moment
	for _, life := range lives {
		for i, q := range life.queries {
			if life.expected[i].known {
				inside[q.moment] = append(inside[q.moment], life.expected[i])
			}
		}
	}
	var host core.Run
	reached, withheld := false, make(map[core.TaskID]bool)
	for _, life := range above {
		for i, q := range life.queries {
			status := life.expected[i].status
			if q.task != j.inside.task || status.Status != core.StatusStarting && status.Status != core.StatusHealthy {
				continue
			}
			if status.Run != host {
				host, reached = status.Run, false
				clear(withheld)
			}
			up, back := true, false
			for _, t := range inside[q.moment] {
				is := isUp(t.status)
				withheld[t.status.Task] = !is && (withheld[t.status.Task] || t.status.Unready)
				up, back = up && is, back || withheld[t.status.Task]
			}
			reached = reached || up
			j.check(DutyTree, (status.Status == core.StatusHealthy) == reached, q.at, "%s is %v; its tasks were all up: %t", q.task, status.Status, reached)
			j.check(DutyTree, status.Unready == (reached && back), q.at, "%s is not ready for now: %t, and one of its tasks: %t", q.task, status.Unready, back)
		}
	}
}

// isUp reports whether nothing waits for a task: it is ready, has completed, or is kept from that by hand.
func isUp(t core.TaskStatus) bool {
	switch t.Status {
	case core.StatusHealthy:
		return !t.Unready
	case core.StatusCompleted:
		return true
	case core.StatusCreated:
		return t.Suspended
	case core.StatusDead:
		return t.Killed()
	case core.StatusNone, core.StatusStarting, core.StatusStopping, core.StatusFailed, core.StatusAbandoned, core.StatusHalted:
	}
	return false
}
