package supervisor

import (
	"bufio"
	"cmp"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/tasksupervisor/tasksupervisor/adapters/internal/signals"
	"github.com/tasksupervisor/tasksupervisor/core/scenario"
)

// flightDumps writes what a flight recorder keeps to a folder, at certain moments.
type flightDumps struct {
	ring   *scenario.Ring
	name   string // the supervisor's with the recorder
	folder string
	most   int
	signal os.Signal // nil: none

	// Whoever holds it looks at supervisors, so it is not taken while the lock of one is held.
	writing sync.Mutex

	mu      sync.Mutex
	pending []<-chan struct{} // those that are being written, or have been
	latest  time.Time         // when one was written for a supervisor below
	asked   bool              // one is to be written because of a signal, and has not been begun
	err     error             // of the latest
}

// begin has a recording written, in a goroutine of its own. why becomes a part of its name.
func (d *flightDumps) begin(why string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.start(why)
}

// beginSeldom is begin for what can happen again and again.
func (d *flightDumps) beginSeldom(why string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if now := time.Now(); d.latest.IsZero() || now.Sub(d.latest) >= time.Minute {
		d.latest = now
		d.start(why)
	}
}

// beginAtSignal is begin for the signal, which can come by the thousand: one that waits for its turn will do for all that have come by then.
func (d *flightDumps) beginAtSignal() {
	d.mu.Lock()
	defer d.mu.Unlock()
	if !d.asked {
		d.asked = true
		d.start(atSignal)
	}
}

// atSignal is the part of the name of what is written at the signal.
const atSignal = "signal"

func (d *flightDumps) start(why string) {
	d.forgetWritten()
	d.pending = append(d.pending, inBackground(func() { d.write(why) }))
}

func (d *flightDumps) forgetWritten() {
	d.pending = slices.DeleteFunc(d.pending, func(written <-chan struct{}) bool {
		select {
		case <-written:
			return true
		default:
			return false
		}
	})
}

// written returns channels that are closed when all that has begun is written.
func (d *flightDumps) written() []<-chan struct{} {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.forgetWritten()
	return slices.Clone(d.pending)
}

func (d *flightDumps) write(why string) {
	d.writing.Lock()
	defer d.writing.Unlock()
	if why == atSignal {
		d.mu.Lock()
		d.asked = false
		d.mu.Unlock()
	}
	name := strings.Map(inFileName, cmp.Or(d.name, "supervisor"))
	err := errors.Join(d.create(name, strings.Map(inFileName, why)), d.removeOld(name))
	d.mu.Lock()
	defer d.mu.Unlock()
	d.err = err
}

// create writes a file. It has its name only when it is whole.
func (d *flightDumps) create(name, why string) (err error) {
	file, err := os.CreateTemp(d.folder, name+"-*.part")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(file.Name()))
		}
	}()
	w := bufio.NewWriter(file)
	_, err = d.ring.WriteTo(w)
	if err := errors.Join(err, w.Flush(), file.Close()); err != nil {
		return err
	}
	for date := time.Now().UTC(); ; date = date.Add(time.Millisecond) {
		path := filepath.Join(d.folder, name+"-"+date.Format("20060102T150405.000Z")+"-"+why+dumpSuffix)
		if _, err := os.Lstat(path); errors.Is(err, fs.ErrNotExist) {
			return os.Rename(file.Name(), path)
		} else if err != nil {
			return err
		}
	}
}

const dumpSuffix = ".recording"

// removeOld removes the oldest files if there are too many. Their names say how old they are.
func (d *flightDumps) removeOld(name string) (err error) {
	const date = "-????????T??????.???Z-"
	old, _ := filepath.Glob(filepath.Join(escapeGlob(d.folder), name+date+"*"+dumpSuffix)) // the pattern is well formed
	slices.Sort(old)
	for _, path := range old[:max(0, len(old)-d.most)] {
		err = errors.Join(err, os.Remove(path))
	}
	return err
}

func escapeGlob(path string) string {
	return strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`, `[`, `\[`).Replace(path)
}

// inFileName replaces what cannot be in the name of a file everywhere.
func inFileName(r rune) rune {
	switch {
	case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', r == '.', r == '_', r == '-':
		return r
	}
	return '_'
}

// listen has a recording written at the signal, as long as a session lasts.
func (d *flightDumps) listen(session *session) {
	if d.signal == nil {
		return
	}
	got := make(chan os.Signal, 1)
	stop := signals.Notify(got, d.signal)
	go func() {
		defer stop()
		for {
			select {
			case <-got:
				d.beginAtSignal()
			case <-session.done:
				return
			}
		}
	}()
}

func (d *flightDumps) failure() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.err
}

// dump has a recording written if the session has ended because of something that somebody will look into. It is called with mu
// held.
func (s *session) dump() {
	flight := s.watching.flight
	if flight == nil || flight.dumps == nil {
		return
	}
	why := s.cause.Why.String()
	switch {
	case s.supervisor.fault != nil:
		why = "fault"
	case s.cause.Why != ReasonTooManyDead && s.cause.Why != ReasonIntensity && s.cause.Why != ReasonEscalated:
		return
	}
	if flight == s.supervisor.own.flight {
		flight.dumps.begin(why)
	} else {
		flight.dumps.beginSeldom(s.path + "-" + why)
	}
}
