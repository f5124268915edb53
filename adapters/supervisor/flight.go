package supervisor

import (
	"io"
	"time"

	"github.com/tasksupervisor/tasksupervisor/core/scenario"
)

// FlightRecorder says what a flight recorder keeps, see [WithFlightRecorder]. The zero FlightRecorder has the defaults.
type FlightRecorder struct {
	// MinAge is how far back a recording goes at least, if MaxBytes has room for that. It is measured by the supervisor's clock;
	// for supervisors that have stopped, in real time. Default 10 minutes.
	MinAge time.Duration

	// MaxBytes is how much memory the recorder takes for the whole tree, and comes before MinAge: from 64 KiB. A restart
	// takes about 25 bytes. It takes more than that only where it must: two copies of the states of all tasks, of about 100 bytes a task
	// each, and the latest events, a few for each task. Default 8 MiB.
	MaxBytes int
}

// WithFlightRecorder has the supervisor, and all below it that have no flight recorder of their own, keep in memory what happened
// in the last minutes: all that their state machines were told, and the states they were in before. [Supervisor.DumpRecording] writes
// that as a recording (see [WithRecorder]), from which every decision can be replayed.
//
// It is made to be left on: it takes less than 5 % of the time of a restart, and allocates nothing for one.
func WithFlightRecorder(recorder FlightRecorder) Option {
	return supervisorOption{name: "WithFlightRecorder", apply: func(s *settings) {
		if recorder.MinAge < 0 {
			s.task.problem("WithFlightRecorder", "has a negative MinAge")
		}
		if recorder.MaxBytes != 0 && recorder.MaxBytes < flightBytesLeast {
			s.task.problem("WithFlightRecorder", "has a MaxBytes below 64 KiB")
		}
		s.flight = newFlight(recorder)
	}}
}

const flightBytesLeast = 64 << 10

// flight is a flight recorder. It is that of a tree, or of a part of one.
type flight struct {
	ring *scenario.Ring
}

func newFlight(recorder FlightRecorder) *flight {
	if recorder.MinAge == 0 {
		recorder.MinAge = 10 * time.Minute
	}
	return &flight{ring: scenario.NewRing(scenario.RingLimits{MinAge: recorder.MinAge, MaxBytes: recorder.MaxBytes})}
}

// DumpRecording writes what the flight recorder keeps: a recording of all supervisors that have it, those above this one
// too, and those that have stopped meanwhile. Each begins with the state in which it was then. Nothing waits for the writer, and the
// supervisors go on.
//
// The error is that of the writer, or [ErrNotRecording] if there is no flight recorder.
func (s *Supervisor) DumpRecording(w io.Writer) error {
	if err := s.made(); err != nil {
		return err
	}
	s.mu.Lock()
	flight := s.watching.flight
	s.mu.Unlock()
	if flight == nil {
		return ErrNotRecording
	}
	_, err := flight.ring.WriteTo(w)
	return err
}
