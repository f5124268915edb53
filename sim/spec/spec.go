// Package spec states the rules of supervision a second time: as pure functions of what can be seen of a supervisor, which
// is its configuration, its phase, the statuses of its tasks and what they need.
//
// Package core states them a first time, in the form that makes it fast: counts, queues, hints and flags. Here each rule is
// a sentence over all tasks. The oracle, the explorer, the checkers and the conformance suite ask this package, so to change
// a rule is to edit core and spec, and whatever compares the two says where they disagree.
//
// The files, in the order in which a task meets their rules:
//
//   - task.go: what one task's status says: up, stopping, ended, dead
//   - group.go: what tasks wait for: who stops first, who starts first, when a restart delay begins
//   - backoff.go: the delay before a restart, and when a run counts as stable
//   - limits.go: the dead threshold, automatic shutdown, and rates
//   - graph.go: who needs whom
//
// It shares no code with core beyond the types. Nothing here is safe for concurrent use while a [Supervisor] changes.
package spec

import (
	"sort"

	"github.com/tasksupervisor/tasksupervisor/core"
)

// Supervisor is what can be seen of a supervisor at one instant.
type Supervisor struct {
	Config core.Config       // with the limits in force
	Phase  core.Phase        // where it is in its life
	Tasks  []core.TaskStatus // in declared order; those of StatusNone are ignored
	Needs  Graph             // what these tasks need

	Defined map[core.PolicyID]*core.Policy // the policies that a task has and that are not in Config
}

// Find returns the status of a task, or nil if there is no such task.
func (s *Supervisor) Find(id core.TaskID) *core.TaskStatus {
	i := sort.Search(len(s.Tasks), func(i int) bool { return s.Tasks[i].Task >= id })
	if i == len(s.Tasks) || s.Tasks[i].Task != id || s.Tasks[i].Status == core.StatusNone {
		return nil
	}
	return &s.Tasks[i]
}

// Policy returns the policy of a task.
func (s *Supervisor) Policy(t *core.TaskStatus) *core.Policy {
	if t.Policy < core.PolicyID(len(s.Config.Policies)) {
		return &s.Config.Policies[t.Policy]
	}
	return s.Defined[t.Policy]
}

// first returns the first task in declared order for which something is true, or nil.
func (s *Supervisor) first(is func(*core.TaskStatus) bool) *core.TaskStatus {
	for i := range s.Tasks {
		if is(&s.Tasks[i]) {
			return &s.Tasks[i]
		}
	}
	return nil
}
