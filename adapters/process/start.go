package process

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
)

// StartError says why a command could not be started. Nothing of it has run then.
type StartError struct {
	Command string // the command as a line
	Reason  string // why, for people
	Err     error  // what the system said
}

func (e *StartError) Error() string {
	text := "cannot start " + e.Command + ": " + e.Reason
	if e.Err != nil && e.Err != fs.ErrNotExist { //nolint:errorlint // what was looked for here, and not found, the reason says already
		text += ": " + e.Err.Error()
	}
	return text
}

// Unwrap returns Err.
func (e *StartError) Unwrap() error { return e.Err }

// defaultPath is where programs are looked for if the environment does not say.
const defaultPath = "/usr/local/bin:/usr/bin:/bin"

const shell = "/bin/sh"

// line returns the path of the program to start, and its arguments with its name.
func (c *Command) line(env []string) (path string, args []string, err error) {
	if c.Shell != "" {
		return shell, []string{"sh", "-c", c.shellLine(env)}, nil
	}
	path, err = c.find(c.Args[0], env)
	return path, c.Args, err
}

// shellLine returns the line for the shell: with exec, if it is a plain command. Whatever a shell could take for more than words
// is not, and neither is a word that the shell itself could be meant by.
func (c *Command) shellLine(env []string) string {
	line := strings.TrimSpace(c.Shell)
	words := strings.Fields(line)
	if !plainWords(line) || slices.Contains(ownWords, words[0]) || strings.Contains(words[0], "=") {
		return c.Shell
	}
	if _, err := c.find(words[0], env); err != nil {
		return c.Shell
	}
	return "exec " + line
}

// ownWords are words that a shell takes for itself: reserved words, and commands that are built in and do not, or not only, exist
// as programs.
var ownWords = strings.Fields(`! . : [ alias bg break builtin case cd command continue coproc declare do done echo elif else esac eval
	exec exit export false fc fg fi for function getopts hash help history if in jobs kill let local newgrp printf pwd read readonly
	return select set shift shopt source suspend test then time times trap true type typeset ulimit umask unalias unset until wait while`)

// plainWords reports whether a text is nothing but words to a shell, or what it replaces words by.
func plainWords(text string) bool {
	return !strings.ContainsFunc(text, func(r rune) bool {
		return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune(" \t_-+=:,./@%", r))
	})
}

// find returns the path of a program, from the directory that the command runs in, by the PATH that it has.
func (c *Command) find(program string, env []string) (string, error) {
	if strings.Contains(program, "/") {
		path := program
		if !filepath.IsAbs(path) {
			path = filepath.Join(c.Dir, path)
			if path[0] != '/' {
				path = "./" + path
			}
		}
		return absolute(path), c.executable(path)
	}
	paths := defaultPath
	if set, ok := lookup(env, "PATH"); ok {
		paths = set
	}
	var denied error
	for _, dir := range filepath.SplitList(paths) {
		path := filepath.Join(dir, program)
		if !filepath.IsAbs(path) {
			path = filepath.Join(c.Dir, path)
		}
		switch err := c.executable(path); {
		case err == nil:
			return absolute(path), nil
		case errors.Is(err, fs.ErrPermission) && denied == nil:
			denied = err
		}
	}
	if denied != nil {
		return "", denied
	}
	const short = 60
	if len(paths) > short {
		paths = "PATH" // which would hide what the error says
	}
	return "", &StartError{Command: c.String(), Reason: "there is no program " + quoted(program) + " in " + paths, Err: fs.ErrNotExist}
}

// absolute returns a path that does not depend on where the command runs.
func absolute(path string) string {
	if abs, err := filepath.Abs(path); err == nil {
		return abs
	}
	return path
}

// executable says why a file cannot be executed, if it cannot.
func (c *Command) executable(path string) error {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return &StartError{Command: c.String(), Reason: "there is no program " + path, Err: fs.ErrNotExist}
	case err != nil:
		return &StartError{Command: c.String(), Reason: "its program cannot be used", Err: err}
	case info.IsDir():
		return &StartError{Command: c.String(), Reason: path + " is a directory", Err: syscall.EISDIR}
	case info.Mode()&0o111 == 0:
		return &StartError{Command: c.String(), Reason: path + " is not executable", Err: fs.ErrPermission}
	}
	return nil
}

// notStarted makes a [StartError] of what the system said when the command was to be started.
func (c *Command) notStarted(path string, err error) error {
	if known := (*StartError)(nil); errors.As(err, &known) || errors.Is(err, errStopsAlready) {
		return err
	}
	reason := "the system refuses it"
	switch {
	case errors.Is(err, syscall.ENOEXEC):
		reason = path + " is neither a program of this machine nor a script that begins with #!"
	case errors.Is(err, fs.ErrNotExist):
		reason = path + " needs an interpreter or a loader that does not exist" // the program itself has just been found
		if interpreter := interpreterOf(path); interpreter != "" {
			reason = path + " needs " + interpreter + ", which does not exist"
		}
	case errors.Is(err, fs.ErrPermission):
		reason = "permission is denied"
	case errors.Is(err, syscall.E2BIG):
		reason = "its arguments and environment are too long"
	case errors.Is(err, syscall.EAGAIN):
		reason = "there are too many processes"
	case errors.Is(err, syscall.ETXTBSY):
		reason = path + " is being written to"
	}
	return &StartError{Command: c.String(), Reason: reason, Err: err}
}

// interpreterOf returns what a script names in its first line, or nothing.
func interpreterOf(path string) string {
	file, err := os.Open(path)
	if err != nil {
		return ""
	}
	defer func() { _ = file.Close() }()
	start := make([]byte, 256)
	n, _ := file.Read(start)
	line, _, _ := strings.Cut(string(start[:n]), "\n")
	if words := strings.Fields(strings.TrimPrefix(line, "#!")); strings.HasPrefix(line, "#!") && len(words) > 0 {
		return words[0]
	}
	return ""
}
