package screen

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/tasksupervisor/tasksupervisor/adapters/process"
)

// FileSettings says how a log file is kept.
type FileSettings struct {
	MaxSize int64 // in bytes; a file that would be larger is renamed, and a new one begun. Default 10 MB; less than 0: it grows for ever
	Keep    int   // how many renamed files are kept, FILE.1 being the latest. Default 5; less than 0: none
	JSON    bool  // each line is an object, see [Record]
}

// The defaults of log files.
const (
	DefaultMaxSize = 10_000_000
	DefaultKeep    = 5
)

// Files are the log files of tasks. Several tasks may share one: then each line has its task's name. All methods can be called from
// anywhere.
type Files struct {
	problem func(text string)

	mu   sync.Mutex
	open map[string]*logFile
}

// NewFiles returns no files yet. Of each file that cannot be written to, problem is told, once until it can be written to again.
func NewFiles(problem func(text string)) *Files {
	return &Files{problem: problem, open: make(map[string]*logFile)}
}

// LogPath returns the path of a task's log file. A folder, which ends with a slash, has a file for each task in it.
func LogPath(path, task string) string {
	if !strings.HasSuffix(path, "/") {
		return path
	}
	name := strings.Map(func(r rune) rune {
		if r == '/' || r == os.PathSeparator || r < ' ' {
			return '.'
		}
		return r
	}, task)
	return filepath.Join(path, name+".log")
}

// logFile is one log file, which several tasks may write to.
type logFile struct {
	path    string
	problem func(text string)

	mu     sync.Mutex
	set    FileSettings
	names  map[string]int // the tasks that write to it, and how often each
	file   *os.File
	size   int64
	looked time.Time // when it was last found to be where it should be
	failed time.Time // when it was last found not to work; zero if it does
	lost   uint64    // lines, since then
	buffer []byte
}

// LogWriter writes the lines of one task to a log file.
type LogWriter struct {
	to       *logFile
	files    *Files
	task     string
	cleaners [streams]cleaner
}

// Open opens the log file of a task for appending, and makes the folders that it is in. Of a file that is open, the settings are
// changed.
func (f *Files) Open(path, task string, set FileSettings) (*LogWriter, error) {
	if set.MaxSize == 0 {
		set.MaxSize = DefaultMaxSize
	}
	if set.Keep == 0 {
		set.Keep = DefaultKeep
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	to := f.open[path]
	if to == nil {
		to = &logFile{path: path, problem: f.problem, names: make(map[string]int)}
		if err := to.reopen(); err != nil {
			return nil, err
		}
		f.open[path] = to
	}
	to.mu.Lock()
	defer to.mu.Unlock()
	to.set = set
	to.names[task]++
	return &LogWriter{to: to, files: f, task: task}, nil
}

// Close ends the writing. The file is closed when no task writes to it.
func (w *LogWriter) Close() error {
	w.files.mu.Lock()
	defer w.files.mu.Unlock()
	to := w.to
	to.mu.Lock()
	defer to.mu.Unlock()
	if to.names[w.task]--; to.names[w.task] == 0 {
		delete(to.names, w.task)
	}
	if len(to.names) > 0 {
		return nil
	}
	delete(w.files.open, to.path)
	if to.file == nil {
		return nil
	}
	file := to.file
	to.file = nil
	return file.Close()
}

// Print writes a line. It must not be called by several goroutines at a time.
func (w *LogWriter) Print(line process.Line) {
	to := w.to
	to.mu.Lock()
	defer to.mu.Unlock()
	more := line.Partial || line.Cut
	if to.set.JSON {
		record := recordOf(w.task, &line)
		record.Text = string(w.cleaners[line.Stream].clean(nil, line.Text, more))
		to.buffer = record.append(to.buffer[:0])
	} else {
		to.buffer = to.buffer[:0]
		if len(to.names) > 1 {
			to.buffer = append(append(to.buffer, w.task...), " | "...)
		}
		to.buffer = append(w.cleaners[line.Stream].clean(to.buffer, line.Text, more), '\n')
	}
	to.write(line.Time)
}

// tryAgainAfter is how long nothing is written to a file that does not work, and how often it is looked for where it should be.
const tryAgainAfter = time.Second

// write writes the buffer.
func (f *logFile) write(now time.Time) {
	if !f.failed.IsZero() && now.Sub(f.failed) < tryAgainAfter {
		f.lost++
		return
	}
	if err := f.ready(now); err != nil {
		f.fail(now, err)
		return
	}
	n, err := f.file.Write(f.buffer)
	f.size += int64(n)
	if err != nil {
		f.fail(now, err)
		return
	}
	if !f.failed.IsZero() {
		f.problem(fmt.Sprintf("%s can be written to again: %s lost", f.path, counted(f.lost, "line")))
		f.failed, f.lost = time.Time{}, 0
	}
}

// fail records that a line could not be written.
func (f *logFile) fail(now time.Time, err error) {
	if f.failed.IsZero() {
		f.problem("lines are lost: " + err.Error())
	}
	f.failed = now
	f.lost++
	if f.file != nil {
		_ = f.file.Close()
		f.file = nil
	}
}

// ready has the file open where it should be, with room for the buffer.
func (f *logFile) ready(now time.Time) error {
	if f.file != nil && now.Sub(f.looked) >= tryAgainAfter {
		f.looked = now
		if f.hasMoved() { // logrotate has renamed it, or it was removed
			_ = f.file.Close()
			f.file = nil
		}
	}
	if f.file == nil {
		if err := f.reopen(); err != nil {
			return err
		}
	}
	if f.set.MaxSize > 0 && f.size > 0 && f.size+int64(len(f.buffer)) > f.set.MaxSize {
		return f.rotate()
	}
	return nil
}

func (f *logFile) hasMoved() bool {
	open, err := f.file.Stat()
	if err != nil {
		return true
	}
	there, err := os.Stat(f.path)
	return err != nil || !os.SameFile(open, there)
}

func (f *logFile) reopen() error {
	if err := os.MkdirAll(filepath.Dir(f.path), 0o755); err != nil {
		return err
	}
	file, err := os.OpenFile(f.path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	about, err := file.Stat()
	if err == nil && about.IsDir() {
		err = &os.PathError{Op: "open", Path: f.path, Err: errors.New("is a folder")}
	}
	if err != nil {
		_ = file.Close()
		return err
	}
	f.file, f.size = file, about.Size()
	return nil
}

// rotate renames the file, and those that were renamed before it, and begins a new one. The oldest goes.
func (f *logFile) rotate() error {
	_ = f.file.Close()
	f.file = nil
	name := func(n int) string { return f.path + "." + strconv.Itoa(n) }
	if f.set.Keep < 0 {
		if err := os.Remove(f.path); err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
		return f.reopen()
	}
	last := 1 // up to where there is one: to keep a million costs nothing until there are a million
	for last < f.set.Keep && exists(name(last)) {
		last++
	}
	for n := last - 1; n >= 1; n-- {
		if err := os.Rename(name(n), name(n+1)); err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
	}
	if err := os.Rename(f.path, name(1)); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return f.reopen()
}

func exists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}
