package supervisor

import (
	"reflect"
	"time"

	"github.com/tasksupervisor/tasksupervisor/core"
)

// MachineStatus returns what Status does as the machine would say it: with the task's ids and keys, and otherwise with
// what the supervisor says.
func (s *Supervisor) MachineStatus(name string) (status core.TaskStatus, lastError error, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	m := s.registry.byName[name]
	if m == nil {
		return core.TaskStatus{}, nil, &TaskError{"status", name, ErrUnknownTask}
	}
	told := reflect.ValueOf(s.status(m))
	status, _ = s.engine.machine.Status(m.id)
	fields := reflect.ValueOf(&status).Elem()
	for i := range fields.NumField() {
		if field := told.FieldByName(fields.Type().Field(i).Name); field.IsValid() {
			fields.Field(i).Set(field)
		}
	}
	return status, m.lastErr, nil
}

// HealthWithin does what Health does, and Ready if ready is true, with another limit.
func HealthWithin(s *Supervisor, ready bool, limit time.Duration) Health {
	return s.checkUp(ready, limit)
}

// CountIn counts durations in a histogram.
func CountIn(h *Histogram, durations ...time.Duration) {
	for _, d := range durations {
		h.add(Instant(d))
	}
}

// HasTally reports whether a task has an account of its own.
func HasTally(s *Supervisor, name string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.registry.byName[name].tally != nil
}

// Hold calls a function with the supervisor's lock held.
func Hold(s *Supervisor, f func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f()
}

// SharedAreUntouched reports whether what tasks share that have nothing of their own is as it was.
func SharedAreUntouched() bool {
	return reflect.DeepEqual(*none, rarities{}) && reflect.DeepEqual(plain[0], beside{})
}

// WaitingBehind counts the tasks with gates that wait for tasks that they need.
func WaitingBehind(s *Supervisor) (n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, members := range s.engine.behind {
		n += len(members)
	}
	return n
}
