package supervisor

import "time"

// ReferenceCadence makes a supervisor decide when the task-supervisor crate would, to compare the two; a service has no use
// for it. Stability and the dead threshold are then decided only at multiples of the interval, which must be positive; the
// crate's default is 200 ms. Without the option both are exact.
func ReferenceCadence(interval time.Duration) Option {
	return supervisorOption{name: "ReferenceCadence", apply: func(s *settings) {
		if interval == 0 {
			s.task.problem("ReferenceCadence", "is zero; leave the option out for exact decisions")
		}
		s.config.HealthCheckInterval = interval
	}}
}
