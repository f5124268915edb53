package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// record remembers what became of mutants. It is kept in a file, a line for each.
type record struct {
	source string // a hash of what is mutated
	tests  string // a hash of all that tests it

	entries map[string]entry
	file    *os.File // nil: nothing is kept
}

type entry struct {
	Source  string  `json:"source"`
	Tests   string  `json:"tests"`
	Mutant  string  `json:"mutant"`
	Outcome outcome `json:"outcome"`
}

func openRecord(path string, packages []*listed) (*record, error) {
	r := &record{entries: map[string]entry{}}
	hash := sha256.New()
	for _, p := range packages {
		for _, f := range p.files {
			hash.Write([]byte(f.name + "\x00"))
			hash.Write(f.text)
		}
	}
	r.source = hex.EncodeToString(hash.Sum(nil)[:8])
	if path == "" {
		return r, nil
	}
	var err error
	if r.tests, err = hashTree(packages[0].module); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		return nil, err
	}
	if r.file, err = os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_APPEND, 0o666); err != nil {
		return nil, err
	}
	text, err := io.ReadAll(r.file)
	if err != nil {
		return nil, err
	}
	for line := range bytes.Lines(text) {
		var e entry
		if json.Unmarshal(line, &e) == nil && e.Source == r.source {
			r.entries[e.Mutant] = e
		}
	}
	if len(text) > 0 && text[len(text)-1] != '\n' { // it was interrupted while it wrote
		_, err = r.file.WriteString("\n")
	}
	return r, err
}

// hashTree returns a hash of the files that say which mutants are killed.
func hashTree(module string) (string, error) {
	hash := sha256.New()
	for _, root := range []string{"go.mod", "core", "sim", "proptest"} {
		err := filepath.WalkDir(filepath.Join(module, root), func(path string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() {
				return err
			}
			text, err := os.ReadFile(path)
			sum := sha256.Sum256(text)
			hash.Write([]byte(path))
			hash.Write(sum[:])
			return err
		})
		if err != nil && !os.IsNotExist(err) {
			return "", err
		}
	}
	return hex.EncodeToString(hash.Sum(nil)[:8]), nil
}

func (r *record) close() {
	if r.file != nil {
		_ = r.file.Close() // what was kept is written
	}
}

// recall returns what became of a mutant. What survived other tests may not survive these.
func (r *record) recall(m mutant) (outcome, bool) {
	e, ok := r.entries[m.String()]
	return e.Outcome, ok && (e.Outcome.By != "" || e.Tests == r.tests)
}

func (r *record) keep(m mutant, found outcome) error {
	if r.file == nil {
		return nil
	}
	line, err := json.Marshal(entry{r.source, r.tests, m.String(), found})
	if err != nil {
		return err
	}
	_, err = r.file.Write(append(line, '\n'))
	return err
}
