package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/tasksupervisor/tasksupervisor/proptest/canaries"
)

// record remembers what engines found, by [key]. It is kept in a file, a line for each outcome. A last line that was cut
// short is overwritten.
type record struct {
	mu       sync.Mutex
	outcomes map[string]outcome
	file     *os.File // nil: nothing is kept
}

type entry struct {
	Key     string  `json:"key"`
	Outcome outcome `json:"outcome"`
}

func openRecord(path string) (*record, error) {
	r := &record{outcomes: map[string]outcome{}}
	if path == "" {
		return r, nil
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		return nil, err
	}
	text, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	whole := text[:bytes.LastIndexByte(text, '\n')+1]
	for line := range bytes.Lines(whole) {
		var e entry
		if json.Unmarshal(line, &e) == nil {
			r.outcomes[e.Key] = e.Outcome
		}
	}
	if r.file, err = os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_APPEND, 0o666); err != nil {
		return nil, err
	}
	return r, r.file.Truncate(int64(len(whole)))
}

func (r *record) close() {
	if r.file != nil {
		_ = r.file.Close() // every line has been written
	}
}

// remember returns the outcome of that key, and computes it if it is not known. Errors are not kept, nor is what was found
// when the time was over: another try may have more of it.
func (r *record) remember(key string, find func() (outcome, error)) (outcome, error) {
	r.mu.Lock()
	known, ok := r.outcomes[key]
	r.mu.Unlock()
	if ok {
		return known, nil
	}
	found, err := find()
	if err != nil {
		return outcome{}, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if found.OutOfTime {
		return found, nil
	}
	r.outcomes[key] = found
	if r.file == nil {
		return found, nil
	}
	line, err := json.Marshal(entry{key, found})
	if err != nil {
		return outcome{}, err
	}
	_, err = r.file.Write(append(line, '\n'))
	return found, err
}

// key returns a hash of what decides an engine's outcome: its name, the planted defect, and the sources and fixtures of
// all that is tested or tests. The other canaries are not among them.
func key(target canaries.Target, engine string, changed map[string]string) string {
	hash := sha256.New()
	write := func(parts ...string) {
		for _, part := range parts {
			hash.Write([]byte(part))
			hash.Write([]byte{0})
		}
	}
	write(trees[target.Name](), engine)
	for _, path := range slices.Sorted(maps.Keys(changed)) {
		write(path, changed[path])
	}
	return hex.EncodeToString(hash.Sum(nil)[:16])
}

// roots are the files and folders on which the outcomes for a target depend.
var roots = map[string][]string{
	"core":    {"go.mod", "core", "sim", "fuzz", "proptest"},
	"runtime": {"go.mod", "core", "clock", "sim", "proptest", "adapters"},
}

// trees holds a hash of these for each target.
var trees = map[string]func() string{
	"core":    sync.OnceValue(func() string { return hashOf(roots["core"]) }),
	"runtime": sync.OnceValue(func() string { return hashOf(roots["runtime"]) }),
}

func hashOf(roots []string) string {
	hash := sha256.New()
	for _, root := range roots {
		err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
			switch {
			case err != nil || entry.IsDir():
				return err
			case strings.HasPrefix(filepath.ToSlash(path), "proptest/canaries/list_"):
				return nil
			}
			text, err := os.ReadFile(path)
			sum := sha256.Sum256(text)
			hash.Write([]byte(path))
			hash.Write(sum[:])
			return err
		})
		if err != nil {
			hash.Write([]byte(err.Error()))
		}
	}
	return hex.EncodeToString(hash.Sum(nil))
}
