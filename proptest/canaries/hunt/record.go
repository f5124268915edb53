package main

import (
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
)

// record remembers what engines found, by [key]. It is kept in a file, a line for each outcome.
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
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_APPEND, 0o666)
	if err != nil {
		return nil, err
	}
	r.file = file
	lines := bufio.NewScanner(file)
	for lines.Scan() {
		var e entry
		if json.Unmarshal(lines.Bytes(), &e) == nil { // the last line can be cut short
			r.outcomes[e.Key] = e.Outcome
		}
	}
	return r, lines.Err()
}

func (r *record) close() {
	if r.file != nil {
		_ = r.file.Close() // every line has been written
	}
}

// remember returns the outcome of that key, and computes it if it is not known. Errors are not kept.
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
func key(engine string, changed map[string]string) string {
	hash := sha256.New()
	write := func(parts ...string) {
		for _, part := range parts {
			hash.Write([]byte(part))
			hash.Write([]byte{0})
		}
	}
	write(tree(), engine)
	for _, path := range slices.Sorted(maps.Keys(changed)) {
		write(path, changed[path])
	}
	return hex.EncodeToString(hash.Sum(nil)[:16])
}

// tree returns a hash of the files on which every outcome depends.
var tree = sync.OnceValue(func() string {
	hash := sha256.New()
	for _, root := range []string{"go.mod", "core", "clock", "sim", "fuzz", "proptest"} {
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
})
