package supervisor

import (
	"bufio"
	"errors"
	"io"
	"io/fs"
	"os"
	"strconv"
	"strings"
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
	if err := f.makeRoom(); err != nil {
		f.failed.Store(&err)
		return
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

// makeRoom sees to a file that can be written to.
func (f *flightFiles) makeRoom() error {
	if f.file == nil && f.goOn() {
		return nil
	}
	if f.file == nil || f.size >= f.most || f.isShared() {
		return f.rotate()
	}
	return nil
}

// goOn goes on in the file of an earlier process, if it has room and holds a recording, and reports whether it does. A process that
// fails at every start must not push out the recording of the first failure. The earlier one may have been killed in the middle
// of a line: a reader knows that from the beginning of a scenario on the same line, so no line break is put between.
func (f *flightFiles) goOn() bool {
	file, err := os.OpenFile(f.path, os.O_RDWR|os.O_CREATE|os.O_APPEND, 0o644)
	if err != nil {
		return false
	}
	info, err := file.Stat()
	if err != nil || info.Size() >= f.most || info.Size() > 0 && !beginsAsRecording(file) {
		_ = file.Close()
		return false
	}
	f.file, f.size, f.to = file, info.Size(), scenario.NewRecording(f)
	return true
}

// beginsAsRecording reports whether the first line of a file is whole, and that of a recording.
func beginsAsRecording(file *os.File) bool {
	line, err := bufio.NewReader(io.LimitReader(file, 64<<10)).ReadString('\n')
	if err != nil {
		return false
	}
	parsed, err := scenario.ParseAll([]byte(line))
	return err == nil && strings.HasPrefix(line, "scenario ") && len(parsed.Scenarios) == 1
}

// isShared reports whether another process has written to the file, or emptied it. What two write must not be mixed.
func (f *flightFiles) isShared() bool {
	info, err := f.file.Stat()
	return err == nil && info.Mode().IsRegular() && info.Size() != f.size
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
	file, err := os.OpenFile(f.path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC|os.O_APPEND, 0o644)
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
