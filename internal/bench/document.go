package main

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
)

// What is written into a document stands between these two lines, and takes the place of what stood there.
const (
	begins = "<!-- written by the benchmarks -->"
	ends   = "<!-- end of what the benchmarks write -->"
)

// document writes the tables into a document, and the pictures beside it.
func document(path string, r *results, p plan) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	replaced, err := between(string(text), report(r, p))
	if err != nil {
		return err
	}
	for _, picture := range pictures() {
		if svg := picture.draw(r); svg != "" {
			if err := os.WriteFile(filepath.Join(filepath.Dir(path), picture.file), []byte(svg), 0o644); err != nil {
				return err
			}
		}
	}
	return os.WriteFile(path, []byte(replaced), 0o644)
}

func between(text, table string) (string, error) {
	before, rest, found := strings.Cut(text, begins+"\n")
	_, after, closed := strings.Cut(rest, ends)
	if !found || !closed {
		return "", errors.New("the document has no place for a table")
	}
	return before + begins + "\n\n" + table + "\n" + ends + after, nil
}
