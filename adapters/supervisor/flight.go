package supervisor

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"time"

	"github.com/tasksupervisor/tasksupervisor/core/scenario"
)

// FlightRecorder says what a flight recorder keeps and where it writes it, see [WithFlightRecorder]. The zero FlightRecorder keeps
// the last ten minutes in memory.
type FlightRecorder struct {
	// MinAge is how far back a recording goes at least, if MaxBytes has room for that. Default 10 minutes.
	MinAge time.Duration

	// MaxBytes is how much memory the recorder takes for the whole tree, and comes before MinAge: from 64 KiB. A restart
	// takes about 25 bytes. It takes more than that only where it must: two copies of the states of all tasks, of about 100 bytes a task
	// each, and the latest events, a few for each task. Default 8 MiB.
	MaxBytes int

	// Dumps is a folder, which has to exist. A recording of the last minutes is written there when a supervisor stops because a limit
	// is exceeded, a task has escalated or there was a fault (see [FaultError]); and at the Signal. The file has a name such as
	// shop-20261128T035134.500Z-intensity.recording. Those of supervisors below the one with the recorder are written once a minute at
	// most. Default: none are written.
	Dumps string

	// MaxDumps is how many recordings of the supervisor there may be in the folder; the oldest are removed. Default 16.
	MaxDumps int

	// Signal has a recording written to Dumps whenever the process gets it, such as syscall.SIGUSR1. SIGQUIT is not for this: it
	// ends a Go program with the stacks of its goroutines. It is listened for while the supervisor runs. Default: no signal.
	Signal os.Signal

	// File is a file to which everything is written, a moment later, as a recording: what is in it can be read even if the process is
	// killed. When it is full it is renamed, to File.1 and so on, and another begins, with the states that the supervisors have
	// then: each file can be replayed alone. A process goes on in the file that an earlier one left, unless that is full or is not a recording:
	// then it is renamed, too. So starting again and again pushes nothing out. If another process writes to the file meanwhile, this
	// one renames it and begins its own. Default: none.
	File string

	// FileBytes is how long a file becomes, about: from 64 KiB. A restart takes about 300 bytes of text. Default 64 MiB.
	FileBytes int64

	// Files is how many files there are at most, the current one included. Default 4.
	Files int

	// Flush is how long something may wait before it is written to the file. A process that is killed loses that much. Default 1 second.
	Flush time.Duration
}

// WithFlightRecorder has the supervisor, and all below it that have no flight recorder of their own, keep in memory what happened
// in the last minutes: all that their state machines were told, and the states they were in before. [Supervisor.DumpRecording] writes
// that as a recording (see [WithRecorder]), from which every decision can be replayed. It can also be written by itself, see
// [FlightRecorder].
//
// It is made to be left on: it takes less than 5 % of the time of a restart, and allocates nothing for one. Writing to a file works out
// every decision again, in a goroutine of its own that nothing waits for; that takes two to three times the processor time of the
// recorder of WithRecorder (see BenchmarkFlightRecorder).
//
// A fault in writing ends no supervisor: [Report.Recording] says so.
func WithFlightRecorder(recorder FlightRecorder) Option {
	return supervisorOption{name: "WithFlightRecorder", apply: func(s *settings) {
		if problem := recorder.problem(); problem != "" {
			s.task.problem("WithFlightRecorder", problem)
		}
		s.flight = newFlight(recorder.withDefaults())
	}}
}

// problem says what is wrong.
func (f *FlightRecorder) problem() string {
	const least = 64 << 10
	switch {
	case f.MinAge < 0:
		return "has a negative MinAge"
	case f.MaxBytes != 0 && f.MaxBytes < least:
		return "has a MaxBytes below 64 KiB"
	case f.MaxDumps < 0:
		return "has a negative MaxDumps"
	case f.Signal != nil && f.Dumps == "":
		return "has a Signal, and no Dumps to write to"
	case f.FileBytes != 0 && f.FileBytes < least:
		return "has a FileBytes below 64 KiB"
	case f.Files < 0:
		return "has a negative number of Files"
	case f.Flush < 0:
		return "has a negative Flush"
	}
	if f.Dumps != "" {
		if info, err := os.Stat(f.Dumps); err != nil {
			return "cannot write Dumps: " + errorText(err)
		} else if !info.IsDir() {
			return "cannot write Dumps: " + f.Dumps + " is no folder"
		}
	}
	if f.File != "" {
		if err := tryToWrite(f.File); err != nil {
			return "cannot write File: " + errorText(err)
		}
	}
	return ""
}

// tryToWrite opens a file as if to append to it, and leaves nothing behind.
func tryToWrite(path string) error {
	const how = os.O_WRONLY | os.O_CREATE | os.O_APPEND
	file, err := os.OpenFile(path, how|os.O_EXCL, 0o644)
	if err == nil {
		return errors.Join(file.Close(), os.Remove(path))
	}
	if !errors.Is(err, fs.ErrExist) {
		return err
	}
	if file, err = os.OpenFile(path, how, 0o644); err != nil {
		return err
	}
	return file.Close()
}

func (f FlightRecorder) withDefaults() FlightRecorder {
	defaultTo(&f.MinAge, 10*time.Minute)
	defaultTo(&f.MaxBytes, 8<<20)
	defaultTo(&f.MaxDumps, 16)
	defaultTo(&f.FileBytes, 64<<20)
	defaultTo(&f.Files, 4)
	defaultTo(&f.Flush, time.Second)
	return f
}

func defaultTo[T comparable](value *T, usual T) {
	var zero T
	if *value == zero {
		*value = usual
	}
}

// flight is a flight recorder. It is that of a tree, or of a part of one.
type flight struct {
	ring  *scenario.Ring
	files *flightFiles // nil: there is no file
	dumps *flightDumps // nil: none are written
}

func newFlight(f FlightRecorder) *flight {
	flight := &flight{ring: scenario.NewRing(scenario.RingLimits{MinAge: f.MinAge, MaxBytes: f.MaxBytes})}
	if f.File != "" {
		flight.files = &flightFiles{path: f.File, most: f.FileBytes, count: f.Files, flush: f.Flush, follower: flight.ring.Follow()}
	}
	if f.Dumps != "" {
		flight.dumps = &flightDumps{ring: flight.ring, folder: f.Dumps, most: f.MaxDumps, signal: f.Signal}
	}
	return flight
}

// written returns channels that are closed when all so far is written.
func (f *flight) written() (written []<-chan struct{}) {
	if f.files != nil {
		written = append(written, inBackground(f.files.write))
	}
	if f.dumps != nil {
		written = append(written, f.dumps.written()...)
	}
	return written
}

// isIdle reports whether all is written.
func (f *flight) isIdle() bool {
	return (f.files == nil || !f.files.planned.Load()) && (f.dumps == nil || len(f.dumps.written()) == 0)
}

func inBackground(do func()) <-chan struct{} {
	done := make(chan struct{})
	go func() {
		defer close(done)
		do()
	}()
	return done
}

// failure returns why something could not be written, or nil.
func (f *flight) failure() error {
	if f.files != nil {
		if err := f.files.failure(); err != nil {
			return err
		}
	}
	if f.dumps != nil {
		return f.dumps.failure()
	}
	return nil
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
