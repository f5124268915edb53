// Package convert makes a tasks.toml of the files of other process managers: process-compose.yaml, supervisord.conf and Procfile.
//
// Every key of the other file is accounted for: a [Note] says with its place whether it was carried, changed, and how, or refused,
// and why. What is in no documentation of the other format is told, too.
package convert

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// Format is the format of a file that can be converted.
type Format string

const (
	ProcessCompose Format = "process-compose"
	Supervisord    Format = "supervisord"
	Procfile       Format = "procfile"
)

// Formats are the formats that can be converted.
func Formats() []Format { return []Format{ProcessCompose, Supervisord, Procfile} }

// Result is what a conversion makes.
type Result struct {
	Text  []byte // of tasks.toml
	Notes []Note // what has become of each key, in the order of the files
}

// Count returns how many keys have a verdict.
func (r *Result) Count(v Verdict) (n int) {
	for _, note := range r.Notes {
		if note.Verdict == v {
			n++
		}
	}
	return n
}

// File converts a file. Without a format it is found out. Files that it includes or extends are read, too. Variables that the
// other program would replace when it starts are replaced by what they are now. The error is an [*Error] if something in the
// file is wrong, with the notes up to there.
func File(path string, format Format) (*Result, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	if err := readable(path, text); err != nil {
		return nil, err
	}
	if format == "" {
		format = Detect(path, text)
	}
	switch format {
	case ProcessCompose:
		return convertCompose(path, text, os.LookupEnv)
	case Supervisord:
		return convertSupervisord(path, text, os.Environ())
	case Procfile:
		return convertProcfile(path, text)
	}
	return nil, fmt.Errorf("%s: it is not known what this is a file of: it must be one of %v", path, Formats())
}

// Detect returns the format of a file by its name, or else by what is in it. It is "" if neither says.
func Detect(path string, text []byte) Format {
	base := strings.ToLower(filepath.Base(path))
	switch {
	case strings.HasSuffix(base, ".yaml"), strings.HasSuffix(base, ".yml"), strings.HasSuffix(base, ".json"):
		return ProcessCompose
	case strings.HasSuffix(base, ".conf"), strings.HasSuffix(base, ".ini"):
		return Supervisord
	case strings.HasPrefix(base, "procfile"), strings.HasSuffix(base, ".procfile"):
		return Procfile
	case bytes.Contains(text, []byte("[program:")):
		return Supervisord
	case bytes.HasPrefix(text, []byte("processes:")), bytes.Contains(text, []byte("\nprocesses:")):
		return ProcessCompose
	}
	return ""
}
