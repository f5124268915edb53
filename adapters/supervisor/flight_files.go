package supervisor

import (
	"errors"
	"io/fs"
	"os"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/tasksupervisor/tasksupervisor/core/scenario"
)

// flightFiles keeps a recording in a few files. Something is written a moment after there is something to write.
type flightFiles struct {
	path  string
	most  int64 // bytes, for each file
	count int
	flush time.Duration

	planned atomic.Bool // that something is written soon

	failed atomic.Pointer[error] // why nothing is written any more

	// Whoever holds it looks at supervisors, so it is not taken while the lock of one is held.
	mu       sync.Mutex
	follower *scenario.Follower
	to       *scenario.Recording
	file     *os.File // nil before the first
	size     int64
}

// plan has written soon what has happened.
func (f *flightFiles) plan() {
	if !f.planned.Load() && f.planned.CompareAndSwap(false, true) {
		time.AfterFunc(f.flush, f.write)
	}
}

// write writes what has happened since the last time.
func (f *flightFiles) write() {
	f.planned.Store(false)
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.failure() != nil {
		return
	}
	if f.file == nil || f.size >= f.most {
		if err := f.rotate(); err != nil {
			f.failed.Store(&err)
			return
		}
	}
	if err := f.follower.WriteTo(f.to); err != nil {
		f.failed.Store(&err)
	}
}

// Write implements io.Writer, for the recording. It is called with mu held, with whole lines.
func (f *flightFiles) Write(lines []byte) (int, error) {
	n, err := f.file.Write(lines)
	f.size += int64(n)
	return n, err
}

// rotate begins another file.
func (f *flightFiles) rotate() error {
	if f.file != nil {
		if err := f.file.Close(); err != nil {
			return err
		}
	}
	for i := f.count - 1; i > 0; i-- {
		if err := os.Rename(f.name(i-1), f.name(i)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	file, err := os.Create(f.path)
	if err != nil {
		return err
	}
	f.file, f.size, f.to = file, 0, scenario.NewRecording(f)
	return nil
}

// name returns what a file is called; 0 is the current one.
func (f *flightFiles) name(i int) string {
	if i == 0 {
		return f.path
	}
	return f.path + "." + strconv.Itoa(i)
}

func (f *flightFiles) failure() error {
	if err := f.failed.Load(); err != nil {
		return *err
	}
	return nil
}
