package supervisor

import (
	"strconv"
	"strings"

	"github.com/tasksupervisor/tasksupervisor/core"
)

// Warning is about an option that is valid but has no effect, such as a cap that no delay ever reaches.
type Warning struct {
	Option  string   // the option's function, such as "WithBackoff"
	Problem string   // what is odd about it
	Tasks   []string // whose option it is, in the order in which they were added; nil for the supervisor's own
}

// String returns the option, the problem and the tasks in one line.
func (w Warning) String() string {
	text := w.Option + " " + w.Problem
	if len(w.Tasks) > 0 {
		text += " (" + strings.Join(w.Tasks, ", ") + ")"
	}
	return text
}

// Warnings lists the options of the supervisor and of its tasks that have no effect. They are not errors: everything works
// as configured, but perhaps not as intended. It looks at every task.
func (s *Supervisor) Warnings() []Warning {
	if s.made() != nil {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	config := s.engine.machine.Config()
	var ids []core.PolicyID
	config.Policies = nil
	for id, policy := range s.engine.machine.Policies() {
		config.Policies, ids = append(config.Policies, policy), append(ids, id)
	}
	var warnings []Warning
	for _, found := range config.Warnings() {
		option, problem := optionOf(found.Field, found.Problem)
		policy, _, ofPolicy := strings.Cut(found.Field, "].")
		if !ofPolicy {
			warnings = append(warnings, Warning{Option: option, Problem: problem})
			continue
		}
		index, _ := strconv.Atoi(strings.TrimPrefix(policy, "Policies["))
		// A policy that no task has, such as defaults that every task overrides, is no problem.
		if tasks := s.tasksUnder(ids[index]); len(tasks) > 0 {
			warnings = append(warnings, Warning{Option: option, Problem: problem, Tasks: tasks})
		}
	}
	return warnings
}

// tasksUnder returns the names of the tasks with a policy.
func (s *Supervisor) tasksUnder(policy core.PolicyID) []string {
	var names []string
	for status := range s.engine.machine.Tasks() {
		if m := s.registry.of(status.Task); m != nil && status.Policy == policy {
			names = append(names, m.name)
		}
	}
	return names
}
