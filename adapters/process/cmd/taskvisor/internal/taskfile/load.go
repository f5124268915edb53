// Package taskfile reads the files that say what taskvisor runs: tasks.toml, and Procfiles.
//
// [Load] returns the model of a file, or an [*Error] with everything that is wrong, each with its line and column. A [File] is
// plain data. As it comes from Load it is complete: defaults are merged into the tasks, instances are tasks of their own,
// environment files are read, and paths are absolute. [Parse] leaves all of this as it is written.
package taskfile

import (
	"bytes"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"unicode/utf8"
)

// Options say how a file is read.
type Options struct {
	Procfile ProcfileOptions // if it is one
}

// Load reads a file and completes it. The error is an [*Error], or one of the file system.
func Load(path string, options Options) (*File, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	file, err := Parse(path, text, options)
	if err != nil {
		return nil, err
	}
	return file.Complete()
}

// Parse reads the text of a file. The path says where relative paths begin, and what it is: TOML if its name ends in .toml, else a
// Procfile. The error is an [*Error].
func Parse(path string, text []byte, options Options) (*File, error) {
	file := &File{Path: path, source: newSource(text)}
	var problems problems
	file.Keys = Positions{}
	switch dir, err := filepath.Abs(filepath.Dir(path)); {
	case err != nil:
		problems.add(Position{}, "", "%s", err)
	default:
		file.Dir = dir
	}
	if at := bytes.IndexByte(text, 0); at >= 0 {
		problems.add(file.source.position(at), "", "has a NUL character, which no program can be given")
		return nil, file.failed(&problems)
	}
	if at := invalidUTF8(text); at >= 0 {
		problems.add(file.source.position(at), "", "is not UTF-8 text: the byte is %#02x", text[at])
		return nil, file.failed(&problems)
	}
	if IsTOML(path) {
		root, whole := document(file.source, &problems)
		d := decoder{problems: &problems}
		d.table(root, reflect.ValueOf(&file.Group).Elem(), "", file.Keys, "")
		root.nul(&problems, "")
		if !whole {
			return nil, file.failed(&problems)
		}
	} else {
		file.Procfile = true
		file.readProcfile(options.Procfile, &problems)
	}
	file.validate(&problems)
	if len(problems.list) == 0 && !file.Procfile {
		unread(file.source, &problems)
	}
	if len(problems.list) > 0 {
		return nil, file.failed(&problems)
	}
	return file, nil
}

// IsTOML reports whether a path is that of a TOML file, and not of a Procfile.
func IsTOML(path string) bool { return strings.EqualFold(filepath.Ext(path), ".toml") }

func (f *File) failed(problems *problems) *Error {
	return &Error{Path: f.Path, Problems: problems.sorted(), source: f.source}
}

// invalidUTF8 returns the offset of the first byte that is not of a character, or -1.
func invalidUTF8(text []byte) int {
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRune(text[i:])
		if r == utf8.RuneError && size == 1 {
			return i
		}
		i += size
	}
	return -1
}
